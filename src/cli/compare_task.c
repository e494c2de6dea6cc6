/* See compare_task.h. */
#include "cli/compare_task.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/file.h"
#include "task/rundir.h"
#include "task/settings.h"

/* ---------------------------------------------------------------- metrics */

/* The keys of summary.json that can judge a trial, and which way. */
static const struct metric {
    const char *key;
    enum task_for tasks;
    bool maximize;
} metrics[] = {
    {"test_accuracy", TASK_FOR_DATA, true},
    {"test_macro_f1", TASK_FOR_TEXT, true},
    {"test_loss", TASK_FOR_DATA, false},
    {"mean_return", TASK_FOR_CARTPOLE, true},
    {"return_min", TASK_FOR_CARTPOLE, true},
    {"episode_return", TASK_FOR_CARTPOLE, true},
    {"final_loss", TASK_FOR_ALL, false},
    {"train_seconds", TASK_FOR_ALL, false},
};
enum { METRICS = sizeof metrics / sizeof metrics[0] };

static int unknown_metric(const struct task_trainer *trainer, const char *key)
{
    const char *names[METRICS];
    char all[256] = "";
    size_t n = 0, used = 0;
    for (size_t k = 0; k < METRICS; k++) {
        if (!(metrics[k].tasks & trainer->bit)) continue;
        names[n++] = metrics[k].key;
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s",
                                 used ? ", " : "", metrics[k].key);
    }
    const char *const near = taper_suggest(key, strlen(key), names, n);
    if (near)
        return cli_wrong("%s has no metric '%s', did you mean '%s'?",
                         trainer->name, key, near);
    return cli_wrong("%s has no metric '%s': there are %s", trainer->name, key,
                     all);
}

static int choose_metric(const struct compare_options *o,
                         const struct task_trainer *trainer,
                         struct compare_study *s)
{
    s->metric = o->metric ? o->metric : trainer->score;
    for (size_t k = 0; k < METRICS; k++) {
        if (!(metrics[k].tasks & trainer->bit) ||
            strcmp(metrics[k].key, s->metric) != 0)
            continue;
        s->maximize = o->maximize || (metrics[k].maximize && !o->minimize);
        return CLI_GO;
    }
    return unknown_metric(trainer, s->metric);
}

/* ---------------------------------------------------------------- options */

bool compare_passes(const struct task_setting *row)
{
    static const size_t own[] = {TASK_SETTING_schedule, TASK_SETTING_plan,
                                 TASK_SETTING_seed,     TASK_SETTING_threads,
                                 TASK_SETTING_out,      TASK_SETTING_pictures};
    for (size_t k = 0; k < sizeof own / sizeof own[0]; k++)
        if (row == task_setting_at(own[k])) return false;
    return true;
}

/* The next row that was given, from `i` on, but the one that is the budget;
 * TASK_SETTING_COUNT if there is none. */
static size_t next_given(const struct compare_task *task, size_t i)
{
    for (; i < TASK_SETTING_COUNT; i++)
        if (task->given->text[i] &&
            strcmp(task_setting_at(i)->name, task->budget) != 0)
            break;
    return i;
}

/* Whether a trial would take what was given, whatever its schedule is, rather
 * than refuse or ignore it. */
static enum task_status check(const struct compare_task *task,
                              struct task_error *err)
{
    struct task_settings trial = {0};
    enum task_status status =
        cli_task_set(task->trainer, task->given, NULL, &trial, err);
    if (status == TASK_OK)
        status = task_settings_default(&trial, "schedule", "0", err);
    if (status == TASK_OK)
        status = task_trainer_settle(task->trainer, &trial, err);
    task_settings_free(&trial);
    return status;
}

/* Checks the values of what was given, and writes it down in the table's
 * order, numbers as taper writes them. */
static int settle(const struct compare_task *task, char **choices)
{
    struct task_settings settings = {0};
    struct task_error err = {0};
    size_t size = 0;
    FILE *const out = open_memstream(choices, &size);
    if (!out) return cli_failed("out of memory");
    enum task_status status = check(task, &err);
    if (status == TASK_OK)
        status =
            cli_task_set(task->trainer, task->given, NULL, &settings, &err);
    for (size_t i = next_given(task, 0); i < TASK_SETTING_COUNT;
         i = next_given(task, i + 1)) {
        const struct task_setting *const row = task_setting_at(i);
        char number[TASK_SETTING_TEXT];
        const char *text = task->given->text[i];
        if (row->kind != TASK_TEXT && task_setting_text(&settings, row, number))
            text = number;
        const char *const quote = text[strcspn(text, " \t")] ? "'" : "";
        (void)fprintf(out, "%s--%s %s%s%s", ftell(out) > 0 ? " " : "",
                      row->name, quote, text, quote);
    }
    const bool written = fclose(out) == 0;
    task_settings_free(&settings);
    if (status == TASK_OK && written) return CLI_GO;
    return status == TASK_E_USAGE ? cli_wrong("%s", err.message)
                                  : cli_failed("out of memory");
}

/* ---------------------------------------------------------------- budget */

/* What the length of a run is counted in, by the task and its algorithm. */
static void choose_unit(const struct task_trainer *trainer,
                        const struct cli_task_texts *given,
                        struct compare_task *task, struct compare_study *s)
{
    const char *const algorithm = given->text[TASK_SETTING_algorithm];
    task->budget = "epochs";
    s->unit = "epochs";
    if (trainer->bit != TASK_FOR_CARTPOLE) return;
    const bool episodes = algorithm && strcmp(algorithm, "reinforce") == 0;
    task->budget = episodes ? "episodes" : "env-steps";
    s->unit = episodes ? "episodes" : "environment steps";
}

/* --epochs 5 is --budget 5. */
static int choose_budgets(const struct compare_options *o,
                          const struct compare_task *task,
                          struct compare_study *s)
{
    const struct task_setting *const row = task_setting_find(task->budget);
    const char *text = NULL;
    for (size_t i = 0; i < TASK_SETTING_COUNT; i++)
        if (task_setting_at(i) == row) text = task->given->text[i];
    if (text && o->budget)
        return cli_wrong("--%s is a --budget of one length: leave one of the "
                         "two out",
                         task->budget);
    return compare_read_numbers(o->budget ? "budget" : task->budget,
                                o->budget ? o->budget : text,
                                row->kind == TASK_WHOLE, row->max, &s->budgets);
}

int compare_task_begin(const struct compare_options *o,
                       const struct task_trainer *trainer,
                       struct compare_task *task, struct compare_study *s)
{
    s->task = trainer->name;
    task->trainer = trainer;
    task->given = &o->given;
    choose_unit(trainer, &o->given, task, s);
    s->hooks = (struct study_task){.prepare = compare_task_prepare,
                                   .collect = compare_task_collect,
                                   .ctx = task};
    int status = settle(task, &s->choices);
    if (status == CLI_GO) status = choose_metric(o, trainer, s);
    if (status == CLI_GO) status = choose_budgets(o, task, s);
    s->hooks.metric_key = s->metric;
    return status;
}

/* ---------------------------------------------------------------- trial */

enum study_status compare_task_prepare(void *ctx, const struct study_trial *t,
                                       const struct study_place *place,
                                       struct study_command *out,
                                       struct study_error *err)
{
    const struct compare_task *const task = ctx;
    struct compare_list argv = {0}, environment = {0};
    /* The very program that runs, even if its file has been replaced since:
     * one study is of one build. */
    compare_list_add(&argv, "/proc/self/exe");
    compare_list_add(&argv, "train");
    compare_list_add(&argv, "%s", task->trainer->name);
    compare_list_add(&argv, "--schedule=%s", t->schedule);
    compare_list_add(&argv, "--seed=%" PRId64, t->seed);
    compare_list_add(&argv, "--threads=%d", place->threads);
    compare_list_add(&argv, "--out=%s", place->folder);
    compare_list_add(&argv, "--pictures=no");
    if (t->budget > 0) {
        char number[TAPER_NUMBER_SIZE];
        (void)taper_format_number(t->budget, number);
        compare_list_add(&argv, "--%s=%s", task->budget, number);
    }
    for (size_t i = next_given(task, 0); i < TASK_SETTING_COUNT;
         i = next_given(task, i + 1))
        compare_list_add(&argv, "--%s=%s", task_setting_at(i)->name,
                         task->given->text[i]);
    return compare_list_give(&argv, &environment, out, err);
}

/* A file of the trial's folder; NULL if it cannot be had. */
static char *load(const struct study_place *place, const char *name)
{
    struct compare_list path = {0};
    char *text = NULL;
    size_t size = 0;
    compare_list_add(&path, "%s/%s", place->folder, name);
    if (!path.no_memory) (void)cli_load_file(path.items[0], &text, &size);
    compare_list_free(&path);
    return text;
}

/* The curve of metrics.csv; a trial without one is none the worse. */
static void take_curve(struct study_trial *t, const struct study_place *place)
{
    struct study_curve curve = {.columns = 0};
    struct compare_list path = {0};
    bool empty;
    compare_list_add(&path, "%s/" TASK_METRICS_FILE, place->folder);
    if (!path.no_memory && study_curve_read(&curve, path.items[0])) {
        free(t->curve);
        t->curve = study_curve_json(&curve, &empty);
    }
    study_curve_clear(&curve);
    compare_list_free(&path);
}

/* What the trainer said, but for the folder that it was kept in: that one is
 * removed. */
static char *complaint(const char *errors)
{
    char *const text = errors[0] ? strdup(errors) : NULL;
    char *const end = text ? strstr(text, " (kept in ") : NULL;
    if (end) *end = '\0';
    return text;
}

/* Whether summary.json says that the run diverged. */
static bool says_diverged(const cJSON *summary)
{
    const char *const status = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(summary, "status"));
    return status && strcmp(status, "diverged") == 0;
}

enum study_status compare_task_collect(void *ctx, struct study_trial *t,
                                       const struct study_output *output,
                                       struct study_error *err)
{
    const struct compare_task *const task = ctx;
    (void)task;
    char *const text = load(output->place, TASK_SUMMARY_FILE);
    cJSON *const summary = text ? cJSON_Parse(text) : NULL;
    free(text);
    take_curve(t, output->place);
    /* Without a summary the run did not end: what study_collect_lines made of
     * its exit status and its errors stands. */
    if (!summary) return STUDY_OK;
    free(t->summary);
    t->summary = cJSON_PrintUnformatted(summary);
    const bool diverged = says_diverged(summary);
    cJSON_Delete(summary);
    if (!t->summary) return study_fail(err, STUDY_E_MEMORY, "out of memory");
    if (output->exit_status != 0 && !diverged) return STUDY_OK;
    const enum study_verdict verdict =
        study_read_metric(t->summary, output->lines->key, &t->metric);
    t->state =
        diverged || verdict != STUDY_NUMBER ? STUDY_DIVERGED : STUDY_DONE;
    free(t->error);
    t->error = diverged ? complaint(output->errors) : NULL;
    return STUDY_OK;
}
