/* taper study export: a study as CSV (RFC 4180), for other programs. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/file.h"
#include "cli/print.h"
#include "cli/study.h"
#include "plot/aside.h"

/* ---------------------------------------------------------------- fields */

/* What is not known is an empty field. */
static void put_number(FILE *out, double value)
{
    if (isfinite(value)) cli_print_number(out, value);
}

/* What says which trial a row is of: trial,role,name,peak,budget,seed. */
static void put_identity(FILE *out, const struct study_trial *t)
{
    (void)fprintf(out, "%" PRId64 ",%s,", t->id, study_role_name(t->role));
    cli_print_field(out, t->name);
    (void)fputc(',', out);
    put_number(out, t->peak > 0 ? t->peak : NAN);
    (void)fputc(',', out);
    put_number(out, t->budget > 0 ? t->budget : NAN);
    (void)fprintf(out, ",%" PRId64, t->seed);
}

#define IDENTITY "trial,role,name,peak,budget,seed"

/* ---------------------------------------------------------------- trials */

static void export_trials(FILE *out, const struct study_trials *trials)
{
    (void)fputs(IDENTITY ",state,metric,seconds,started,spec,schedule,machine,"
                         "error\n",
                out);
    for (size_t k = 0; k < trials->count; k++) {
        const struct study_trial *const t = &trials->items[k];
        char time[CLI_TIME];
        cli_time(t->started_at, time);
        put_identity(out, t);
        (void)fprintf(out, ",%s,", study_state_name(t->state));
        put_number(out, t->metric);
        (void)fputc(',', out);
        put_number(out, t->seconds > 0 ? t->seconds : NAN);
        const char *const texts[] = {time, t->spec, t->schedule, t->machine,
                                     t->error};
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            (void)fputc(',', out);
            cli_print_field(out, texts[i]);
        }
        (void)fputc('\n', out);
    }
}

/* ---------------------------------------------------------------- curves */

enum { COLUMNS = 64 }; /* different ones in all curves, at most */

/* The columns of all curves, in the order in which they first appear. */
struct columns {
    char *names[COLUMNS];
    size_t count;
};

static bool add_column(struct columns *c, const char *name)
{
    for (size_t k = 0; k < c->count; k++)
        if (strcmp(c->names[k], name) == 0) return true;
    if (c->count == COLUMNS) return true;
    c->names[c->count] = strdup(name);
    if (!c->names[c->count]) return false;
    c->count++;
    return true;
}

static bool find_columns(const struct study_trials *trials, struct columns *c)
{
    bool ok = add_column(c, "step");
    for (size_t k = 0; k < trials->count && ok; k++) {
        const char *const text = trials->items[k].curve;
        cJSON *const curve = text ? cJSON_Parse(text) : NULL;
        for (const cJSON *i = curve ? curve->child : NULL; i && ok; i = i->next)
            ok = !i->string || add_column(c, i->string);
        cJSON_Delete(curve);
    }
    return ok;
}

/* The rows of one trial. Each column is a list, which is followed as its
 * values are printed. */
static void export_curve(FILE *out, const struct study_trial *t,
                         const cJSON *curve, const struct columns *c)
{
    const cJSON *next[COLUMNS];
    size_t rows = 0;
    for (size_t k = 0; k < c->count; k++) {
        const cJSON *const list =
            cJSON_GetObjectItemCaseSensitive(curve, c->names[k]);
        const size_t n = (size_t)cJSON_GetArraySize(list);
        next[k] = list ? list->child : NULL;
        if (n > rows) rows = n;
    }
    for (size_t r = 0; r < rows; r++) {
        put_identity(out, t);
        for (size_t k = 0; k < c->count; k++) {
            (void)fputc(',', out);
            if (cJSON_IsNumber(next[k])) put_number(out, next[k]->valuedouble);
            if (next[k]) next[k] = next[k]->next;
        }
        (void)fputc('\n', out);
    }
}

static bool export_curves(FILE *out, const struct study_trials *trials)
{
    struct columns c = {.count = 0};
    const bool ok = find_columns(trials, &c);
    (void)fputs(IDENTITY, out);
    for (size_t k = 0; k < c.count; k++) {
        (void)fputc(',', out);
        cli_print_field(out, c.names[k]);
    }
    (void)fputc('\n', out);
    for (size_t k = 0; k < trials->count && ok; k++) {
        const char *const text = trials->items[k].curve;
        cJSON *const curve = text ? cJSON_Parse(text) : NULL;
        if (curve) export_curve(out, &trials->items[k], curve, &c);
        cJSON_Delete(curve);
    }
    for (size_t k = 0; k < c.count; k++)
        free(c.names[k]);
    return ok;
}

/* ---------------------------------------------------------------- all */

static bool write_all(FILE *out, const struct study_trials *trials, bool curves)
{
    if (curves) return export_curves(out, trials);
    export_trials(out, trials);
    return true;
}

static int write_output(const struct study_trials *trials,
                        const struct cli_study_options *o)
{
    struct plot_aside aside;
    struct plot_error err;
    if (!o->output || cli_is_standard(o->output))
        return write_all(stdout, trials, o->curves)
                   ? CLI_DONE
                   : cli_failed("out of memory");
    if (!plot_aside_open(&aside, o->output, &err))
        return cli_failed("%s", err.message);
    if (!write_all(aside.file, trials, o->curves)) {
        plot_aside_abandon(&aside);
        return cli_failed("out of memory");
    }
    return plot_aside_commit(&aside, &err) ? CLI_DONE
                                           : cli_failed("%s", err.message);
}

int cli_study_export(const struct cli_words *words,
                     const struct cli_study_options *o)
{
    struct study_store *store = NULL;
    struct study_error err = {STUDY_OK, ""};
    struct study_trials trials = {NULL, 0, 0};
    if (words->count != 1)
        return cli_wrong("export what? taper study export FILE");
    if (!cli_study_open(words->items[0], &store)) return CLI_FAILED;
    const int status =
        study_store_list(store, o->curves ? STUDY_FULL : STUDY_BRIEF, &trials,
                         &err) == STUDY_OK
            ? write_output(&trials, o)
            : cli_failed("%s", err.message);
    study_trials_clear(&trials);
    study_store_close(store);
    return status;
}
