/* The table of settings and what is done with it row by row. */
#include "task/settings.h"

#include "task/readers.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taper.h>

#define WHOLE_MAX 9007199254740992.0 /* 2^53: JSON keeps it exact */

static const char *const optimizers[] = {"sgd", "adam", "adamw", "muon", NULL};
static const char *const flips[] = {"none", "random", "alternating", NULL};
static const char *const pads[] = {"zero", "reflect", NULL};
static const char *const monitors[] = {"train_loss",    "test_loss",
                                       "test_accuracy", "test_macro_f1",
                                       "mean_return",   NULL};
static const char *const precisions[] = {"f32", "bf16", NULL};
static const char *const poolings[] = {"mean", "first", NULL};
static const char *const tokenizers[] = {"bpe", "words", NULL};
static const char *const algorithms[] = {"ppo", "reinforce", NULL};
static const char *const baselines[] = {"value", "mean", "none", NULL};

#define ROW(field, name, tasks, kind, least, most, choices, free, value, doc) \
    {name,  tasks, kind,    offsetof(struct task_settings, field), \
     least, most,  choices, free, \
     value, doc},
static const struct task_setting rows[] = {TASK_SETTINGS(ROW)};
#undef ROW
#define AT(field) offsetof(struct task_settings, field)
enum { ROWS = TASK_SETTING_COUNT, CHOICES = 8 /* of a row, at most */ };
_Static_assert(TASK_SETTING_COUNT <= 64, "`given` has a bit for each row");

size_t task_setting_count(void)
{
    return ROWS;
}

const struct task_setting *task_setting_at(size_t index)
{
    return index < ROWS ? &rows[index] : NULL;
}

const struct task_setting *task_setting_find(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0) return &rows[i];
    return NULL;
}

/* ---- choices ---- */

/* Those that not every task takes which has the setting. Under muon all but the
 * filters are trained by SGD, which suits image networks only; an agent's
 * networks are too small to gain from bf16. */
static const struct {
    size_t setting;
    const char *choice;
    enum task_for tasks;
} particular[] = {
    {TASK_SETTING_optimizer, "muon", TASK_FOR_IMAGE},
    {TASK_SETTING_precision, "bf16", TASK_FOR_DATA},
    {TASK_SETTING_monitor, "test_loss", TASK_FOR_DATA},
    {TASK_SETTING_monitor, "test_accuracy", TASK_FOR_DATA},
    {TASK_SETTING_monitor, "test_macro_f1", TASK_FOR_TEXT},
    {TASK_SETTING_monitor, "mean_return", TASK_FOR_CARTPOLE},
};

bool task_setting_takes(const struct task_setting *row, enum task_for task,
                        const char *choice)
{
    for (size_t i = 0; i < sizeof particular / sizeof particular[0]; i++)
        if (row == &rows[particular[i].setting] &&
            strcmp(particular[i].choice, choice) == 0)
            return !task || (particular[i].tasks & task);
    return true;
}

/* The choices that the task takes: how many. */
static size_t list_choices(const struct task_setting *row, enum task_for task,
                           const char *names[CHOICES])
{
    size_t n = 0;
    for (size_t i = 0; row->choices && row->choices[i]; i++)
        if (task_setting_takes(row, task, row->choices[i]))
            names[n++] = row->choices[i];
    return n;
}

void task_setting_value(const struct task_setting *row, enum task_for task,
                        char out[TASK_SETTING_TEXT])
{
    const char *names[CHOICES];
    const size_t n = list_choices(row, task, names);
    size_t used = 0;
    (void)snprintf(out, TASK_SETTING_TEXT, "%s", row->value ? row->value : "");
    for (size_t i = 0; !row->value && i < n; i++)
        used += (size_t)snprintf(out + used, TASK_SETTING_TEXT - used, "%s%s",
                                 i ? "|" : "", names[i]);
}

static uint64_t bit(const struct task_setting *row)
{
    return UINT64_C(1) << (row - rows);
}

bool task_settings_given(const struct task_settings *s, const char *name)
{
    const struct task_setting *const row = task_setting_find(name);
    return row && (s->given & bit(row));
}

/* ---- one value ---- */

/* Any of the choices is legal here, whoever takes it: task_trainer_settle knows
 * the task by its name. */
static enum task_status check_choice(const struct task_setting *row,
                                     enum task_for task, const char *text,
                                     struct task_error *err)
{
    for (size_t i = 0; row->choices[i]; i++)
        if (strcmp(row->choices[i], text) == 0) return TASK_OK;
    const char *names[CHOICES];
    const size_t n = list_choices(row, task, names);
    const char *const near = taper_suggest(text, strlen(text), names, n);
    char all[TASK_SETTING_TEXT];
    task_setting_value(row, task, all);
    return task_fail(err, TASK_E_USAGE, "--%s is one of %s, not '%.80s'%s%s%s",
                     row->name, all, text, near ? ": did you mean " : "",
                     near ? near : "", near ? "?" : "");
}

static enum task_status set_text(struct task_settings *s,
                                 const struct task_setting *row,
                                 const char *text, struct task_error *err)
{
    char **const to = (char **)(void *)((char *)s + row->offset);
    if (row->choices) {
        const enum task_status status = check_choice(row, s->task, text, err);
        if (status != TASK_OK) return status;
    }
    if (!text[0])
        return task_fail(err, TASK_E_USAGE, "--%s is empty", row->name);
    char *const copy = strdup(text);
    if (!copy) return task_fail(err, TASK_E_MEMORY, "out of memory");
    free(*to);
    *to = copy;
    return TASK_OK;
}

static enum task_status range_error(const struct task_setting *row,
                                    const char *text, struct task_error *err)
{
    const char *const what =
        row->kind == TASK_WHOLE ? "a whole number" : "a number";
    char low[TAPER_NUMBER_SIZE], high[TAPER_NUMBER_SIZE];
    (void)taper_format_number(row->min, low);
    (void)taper_format_number(row->max, high);
    if (row->max >= DBL_MAX)
        return task_fail(err, TASK_E_USAGE,
                         "--%s must be %s >= %s, not '%.80s'", row->name, what,
                         low, text);
    return task_fail(err, TASK_E_USAGE,
                     "--%s must be %s from %s to %s, not '%.80s'", row->name,
                     what, low, high, text);
}

static enum task_status set_number(char *at, const struct task_setting *row,
                                   double x, const char *text,
                                   struct task_error *err)
{
    if (!(x >= row->min && x <= row->max) ||
        (row->kind == TASK_WHOLE && floor(x) < x))
        return range_error(row, text, err);
    const int64_t n = row->kind == TASK_WHOLE ? (int64_t)x : 0;
    if (row->kind == TASK_WHOLE)
        memcpy(at, &n, sizeof n);
    else
        memcpy(at, &x, sizeof x);
    return TASK_OK;
}

enum task_status task_settings_set(struct task_settings *s,
                                   const struct task_setting *row,
                                   const char *text, bool given,
                                   struct task_error *err)
{
    char *const at = (char *)s + row->offset;
    enum task_status status = TASK_OK;
    double x;
    if (row->kind == TASK_TEXT) {
        status = set_text(s, row, text, err);
    } else if (row->kind == TASK_FLAG) {
        const bool yes = strcmp(text, "yes") == 0;
        if (!yes && strcmp(text, "no") != 0)
            return task_fail(err, TASK_E_USAGE,
                             "--%s is yes or no, not '%.80s'", row->name, text);
        memcpy(at, &yes, sizeof yes);
    } else if (taper_read_number(text, strlen(text), &x) != TAPER_OK) {
        status = range_error(row, text, err);
    } else {
        status = set_number(at, row, x, text, err);
    }
    if (status == TASK_OK && given) s->given |= bit(row);
    return status;
}

enum task_status task_settings_default(struct task_settings *s,
                                       const char *name, const char *text,
                                       struct task_error *err)
{
    const struct task_setting *const row = task_setting_find(name);
    if (!row)
        return task_fail(err, TASK_E_USAGE, "there is no setting '%s'", name);
    if (s->given & bit(row)) return TASK_OK;
    return task_settings_set(s, row, text, false, err);
}

bool task_setting_text(const struct task_settings *s,
                       const struct task_setting *row,
                       char out[TASK_SETTING_TEXT])
{
    const char *const at = (const char *)s + row->offset;
    const char *text = NULL;
    char number[TAPER_NUMBER_SIZE];
    double x;
    int64_t n;
    switch (row->kind) {
    case TASK_TEXT:
        text = *(char *const *)(const void *)at;
        break;
    case TASK_FLAG:
        text = *(const bool *)at ? "yes" : "no";
        break;
    case TASK_WHOLE:
        memcpy(&n, at, sizeof n);
        (void)snprintf(number, sizeof number, "%lld", (long long)n);
        text = number;
        break;
    case TASK_REAL:
        memcpy(&x, at, sizeof x);
        (void)taper_format_number(x, number);
        text = number;
        break;
    }
    (void)snprintf(out, TASK_SETTING_TEXT, "%s", text ? text : "");
    return text != NULL;
}

bool task_setting_says_no(const struct task_settings *s,
                          const struct task_setting *row)
{
    const char *const at = (const char *)s + row->offset;
    return row->kind == TASK_FLAG && !*(const bool *)at;
}

/* ---- JSON ---- */

void task_setting_key(const struct task_setting *row, char out[32])
{
    (void)snprintf(out, 32, "%s", row->name);
    for (char *p = out; *p; p++)
        if (*p == '-') *p = '_';
}

static cJSON *value_to_json(const struct task_settings *s,
                            const struct task_setting *row)
{
    const char *const at = (const char *)s + row->offset;
    if (row->kind == TASK_TEXT) {
        const char *const text = *(char *const *)(const void *)at;
        return text ? cJSON_CreateString(text) : cJSON_CreateNull();
    }
    if (row->kind == TASK_FLAG) return cJSON_CreateBool(*(const bool *)at);
    double x;
    int64_t n;
    memcpy(&x, at, sizeof x);
    memcpy(&n, at, sizeof n);
    return cJSON_CreateNumber(row->kind == TASK_WHOLE ? (double)n : x);
}

/* Whether run.json has the row. */
static bool is_recorded(const struct task_settings *s,
                        const struct task_setting *row)
{
    if (row->offset == AT(plan)) return s->plan != NULL;
    return row->offset != AT(out) &&
           task_setting_check_read(s, row, NULL) == TASK_OK;
}

cJSON *task_settings_to_json(const struct task_settings *s, enum task_for task,
                             const cJSON *recorded)
{
    cJSON *const object = cJSON_CreateObject();
    for (size_t i = 0; object && i < ROWS; i++) {
        char name[32];
        task_setting_key(&rows[i], name);
        if (!(rows[i].tasks & task) ||
            (!is_recorded(s, &rows[i]) &&
             !cJSON_GetObjectItemCaseSensitive(recorded, name)))
            continue;
        cJSON *const value = value_to_json(s, &rows[i]);
        if (!value || !cJSON_AddItemToObject(object, name, value)) {
            cJSON_Delete(value);
            cJSON_Delete(object);
            return NULL;
        }
    }
    return object;
}

/* A JSON value as the text that the command line would have; false for a
 * value of another type. `number` lends the memory. */
static bool json_to_text(const struct task_setting *row, const cJSON *value,
                         char number[TAPER_NUMBER_SIZE], const char **text)
{
    *text = number;
    if (row->kind == TASK_TEXT) {
        *text = cJSON_GetStringValue(value);
        return *text != NULL;
    }
    if (row->kind == TASK_FLAG) {
        *text = cJSON_IsTrue(value) ? "yes" : "no";
        return cJSON_IsBool(value);
    }
    if (!cJSON_IsNumber(value)) return false;
    (void)taper_format_number(value->valuedouble, number);
    return true;
}

/* Whether the settings hold what `text` says; both were legal. */
static bool holds(const struct task_settings *s, const struct task_setting *row,
                  const char *text)
{
    struct task_settings other = {0};
    if (task_settings_set(&other, row, text, false, NULL) != TASK_OK)
        return false;
    const char *const a = (const char *)s + row->offset;
    const char *const b = (const char *)&other + row->offset;
    bool same;
    if (row->kind == TASK_TEXT)
        same = strcmp(*(char *const *)(const void *)a,
                      *(char *const *)(const void *)b) == 0;
    else
        same = memcmp(a, b, row->kind == TASK_FLAG ? sizeof(bool) : 8) == 0;
    task_settings_free(&other);
    return same;
}

/* Whether a plan that was given is that of the run, which may have none. */
static enum task_status check_plan(const struct task_settings *s,
                                   const char *text, const char *path,
                                   struct task_error *err)
{
    if (text && strcmp(s->plan, text) == 0) return TASK_OK;
    return task_fail(err, TASK_E_USAGE,
                     text ? "--plan differs from the plan in %s: leave it out "
                            "to continue, or choose another --out"
                          : "the run in %s has a schedule and no plan: leave "
                            "out --plan to continue, or choose another --out",
                     path);
}

static enum task_status refuse_unread(const struct task_setting *row,
                                      const char *path, struct task_error *err)
{
    return task_fail(err, TASK_E_USAGE,
                     "--%s is nothing that the run in %s reads: leave it out "
                     "to continue, or choose another --out",
                     row->name, path);
}

/* What reads a row comes before it in the table, and so is known by now. */
static enum task_status take(struct task_settings *s,
                             const struct task_setting *row, const cJSON *value,
                             const char *path, struct task_error *err)
{
    char number[TAPER_NUMBER_SIZE];
    const char *text;
    const bool given = (s->given & bit(row)) != 0;
    if (row->offset == AT(plan) && !value)
        return given ? check_plan(s, NULL, path, err) : TASK_OK;
    if (!value && task_setting_check_read(s, row, NULL) != TASK_OK)
        return given && !task_setting_says_no(s, row)
                   ? refuse_unread(row, path, err)
                   : TASK_OK;
    if (!json_to_text(row, value, number, &text))
        return task_fail(err, TASK_E_FORMAT,
                         "%s: the option %s is missing or of the wrong type",
                         path, row->name);
    if (given && row->offset == AT(plan)) return check_plan(s, text, path, err);
    if (given) {
        if (row->free || holds(s, row, text)) return TASK_OK;
        return task_fail(err, TASK_E_USAGE,
                         "--%s differs from the run in %s, which has %.200s: "
                         "leave it out to continue, or choose another --out",
                         row->name, path, text);
    }
    /* Its own words would blame an option that nobody gave. */
    if (task_settings_set(s, row, text, true, NULL) != TASK_OK)
        return task_fail(err, TASK_E_FORMAT,
                         "%s is damaged: its option %s is no legal value", path,
                         row->name);
    return TASK_OK;
}

enum task_status task_settings_from_json(struct task_settings *s,
                                         enum task_for task, const cJSON *json,
                                         const char *path,
                                         struct task_error *err)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (!(rows[i].tasks & task) || rows[i].offset == AT(out)) continue;
        char name[32];
        task_setting_key(&rows[i], name);
        const enum task_status status =
            take(s, &rows[i], cJSON_GetObjectItemCaseSensitive(json, name),
                 path, err);
        if (status != TASK_OK) return status;
    }
    return TASK_OK;
}

void task_settings_free(struct task_settings *s)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].kind == TASK_TEXT)
            free(*(char **)(void *)((char *)s + rows[i].offset));
    *s = (struct task_settings){0};
}
