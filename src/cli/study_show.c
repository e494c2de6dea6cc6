/* taper study show: one study, or one of its trials. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/print.h"
#include "cli/study.h"
#include "plot/glyph.h"

/* ---------------------------------------------------------------- one trial */

/* A number, or null; the caller adds it to an object. */
static cJSON *number(double value)
{
    return isfinite(value) ? cli_json_number(value) : cJSON_CreateNull();
}

static void add_text(cJSON *object, const char *key, const char *text)
{
    if (text)
        cJSON_AddStringToObject(object, key, text);
    else
        cJSON_AddNullToObject(object, key);
}

/* JSON that the store has as text; null if there is none. */
static void add_raw(cJSON *object, const char *key, const char *text)
{
    cJSON *const item = text ? cJSON_Parse(text) : NULL;
    cJSON_AddItemToObject(object, key, item ? item : cJSON_CreateNull());
}

static cJSON *trial_json(const struct study_trial *t, bool full)
{
    char time[CLI_TIME];
    cJSON *const o = cJSON_CreateObject();
    cli_time(t->started_at, time);
    cJSON_AddNumberToObject(o, "trial", (double)t->id);
    add_text(o, "name", t->name);
    add_text(o, "role", study_role_name(t->role));
    add_text(o, "spec", t->spec);
    add_text(o, "schedule", t->schedule);
    cJSON_AddItemToObject(o, "peak", number(t->peak > 0 ? t->peak : NAN));
    cJSON_AddItemToObject(o, "budget", number(t->budget > 0 ? t->budget : NAN));
    cJSON_AddNumberToObject(o, "seed", (double)t->seed);
    add_text(o, "state", study_state_name(t->state));
    cJSON_AddItemToObject(o, "metric", number(t->metric));
    cJSON_AddItemToObject(o, "seconds", number(t->seconds));
    add_text(o, "started", time[0] ? time : NULL);
    add_text(o, "machine", t->machine);
    add_text(o, "error", t->error);
    if (full) add_raw(o, "summary", t->summary);
    if (full) add_raw(o, "curve", t->curve);
    return o;
}

/* What a trial printed, or somebody wrote into a file: its lines as they are,
 * but nothing that a terminal would obey. */
static void print_safe(const char *text)
{
    for (size_t left = strlen(text); left;) {
        const struct plot_glyph g = plot_glyph_first(text, left, false);
        (void)fputs(*text == '\n'   ? "\n"
                    : *text == '\t' ? "\t"
                                    : g.text,
                    stdout);
        text += g.bytes;
        left -= g.bytes;
    }
    (void)putchar('\n');
}

/* One "key value" line, unless there is no value. */
static void print_text(const char *key, const char *value)
{
    if (!value || !value[0]) return;
    (void)printf("%-10s ", key);
    print_safe(value);
}

static void print_number(const char *key, double value)
{
    char text[TAPER_NUMBER_SIZE];
    if (!isfinite(value)) return;
    (void)taper_format_number(value, text);
    print_text(key, text);
}

static void print_trial(const struct study_trial *t)
{
    char time[CLI_TIME];
    cli_time(t->started_at, time);
    print_number("trial", (double)t->id);
    print_text("name", t->name);
    print_text("role", study_role_name(t->role));
    print_text("spec", t->spec);
    print_text("schedule", t->schedule);
    print_number("peak", t->peak > 0 ? t->peak : NAN);
    print_number("budget", t->budget > 0 ? t->budget : NAN);
    print_number("seed", (double)t->seed);
    print_text("state", study_state_name(t->state));
    print_number("metric", t->metric);
    print_number("seconds", t->seconds > 0 ? t->seconds : NAN);
    print_text("started", time);
    print_text("machine", t->machine);
    print_text("summary", t->summary);
    if (!t->error) return;
    (void)puts("error:");
    print_safe(t->error);
}

static int show_trial(const struct study_trials *trials, const char *word,
                      const char *path, bool json)
{
    double id = 0;
    if (taper_read_number(word, strlen(word), &id) != TAPER_OK)
        return cli_wrong("'%s' is no number of a trial: 'taper study show %s' "
                         "lists them",
                         word, path);
    for (size_t k = 0; k < trials->count; k++) {
        const struct study_trial *const t = &trials->items[k];
        if ((double)t->id < id || (double)t->id > id) continue;
        if (json) return cli_print_json(trial_json(t, true));
        print_trial(t);
        return CLI_DONE;
    }
    return cli_failed("%s has no trial %s: 'taper study show %s' lists them",
                      path, word, path);
}

/* ---------------------------------------------------------------- all */

static void add_error(struct cli_grid *g, const char *error)
{
    int len;
    const char *const why = cli_study_reason(error, &len);
    cli_grid_add(g, "%.*s", len < 200 ? len : 200, why);
}

static int print_trials(const struct study_trials *trials)
{
    static const char *const heads[] = {"trial",   "name", "role",  "peak",
                                        "budget",  "seed", "state", "metric",
                                        "seconds", "error"};
    struct cli_grid g = {.columns = sizeof heads / sizeof heads[0]};
    for (size_t k = 0; k < g.columns; k++)
        cli_grid_add(&g, "%s", heads[k]);
    for (size_t k = 0; k < trials->count; k++) {
        const struct study_trial *const t = &trials->items[k];
        cli_grid_add(&g, "%" PRId64, t->id);
        cli_grid_add(&g, "%s", t->name);
        cli_grid_add(&g, "%s", study_role_name(t->role));
        cli_grid_number(&g, t->peak > 0 ? t->peak : NAN);
        cli_grid_number(&g, t->budget > 0 ? t->budget : NAN);
        cli_grid_add(&g, "%" PRId64, t->seed);
        cli_grid_add(&g, "%s", study_state_name(t->state));
        cli_grid_number(&g, t->metric);
        cli_grid_number(&g, t->seconds > 0 ? t->seconds : NAN);
        add_error(&g, t->error);
    }
    return cli_grid_print(&g);
}

static int show_all(const struct study_facts *facts,
                    const struct study_trials *trials, bool json)
{
    if (!json) {
        for (size_t k = 0; k < facts->count; k++)
            print_text(facts->items[k].key, facts->items[k].value);
        if (trials->count) (void)putchar('\n');
        return trials->count ? print_trials(trials) : CLI_DONE;
    }
    cJSON *const all = cJSON_CreateObject();
    cJSON *const study = cJSON_AddObjectToObject(all, "study");
    cJSON *const list = cJSON_AddArrayToObject(all, "trials");
    for (size_t k = 0; k < facts->count; k++)
        cJSON_AddStringToObject(study, facts->items[k].key,
                                facts->items[k].value);
    for (size_t k = 0; k < trials->count; k++)
        cJSON_AddItemToArray(list, trial_json(&trials->items[k], false));
    return cli_print_json(all);
}

int cli_study_show(const struct cli_words *words,
                   const struct cli_study_options *o)
{
    struct study_store *store = NULL;
    struct study_error err = {STUDY_OK, ""};
    struct study_facts facts = {NULL, 0};
    struct study_trials trials = {NULL, 0, 0};
    if (words->count < 1 || words->count > 2)
        return cli_wrong("show what? taper study show FILE [TRIAL]");
    const char *const path = words->items[0];
    const bool one = words->count == 2;
    if (!cli_study_open(path, &store)) return CLI_FAILED;
    enum study_status status = study_store_facts(store, &facts, &err);
    if (status == STUDY_OK)
        status = study_store_list(store, one ? STUDY_FULL : STUDY_BRIEF,
                                  &trials, &err);
    int code = CLI_FAILED;
    if (status != STUDY_OK)
        cli_complain("%s", err.message);
    else if (one)
        code = show_trial(&trials, words->items[1], path, o->json);
    else
        code = show_all(&facts, &trials, o->json);
    study_trials_clear(&trials);
    study_facts_clear(&facts);
    study_store_close(store);
    return code;
}
