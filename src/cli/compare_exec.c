/* See compare_exec.h. */
#include "cli/compare_exec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"

/* The longest run whose rates are written as a table: 10^8 lines are two
 * gigabytes. */
#define STEPS_MOST 1e8

/* ---------------------------------------------------------------- table */

enum { CHUNK = 4096 }; /* values that are worked out at once */

static bool write_rows(FILE *out, const taper_schedule *s, int64_t steps)
{
    double values[CHUNK];
    char text[TAPER_NUMBER_SIZE];
    bool ok = fputs("step,value\n", out) >= 0;
    for (int64_t first = 0; first < steps && ok; first += CHUNK) {
        const int64_t left = steps - first;
        const size_t n = left < CHUNK ? (size_t)left : CHUNK;
        taper_fill(s, first, 1, n, values);
        for (size_t k = 0; k < n && ok; k++) {
            (void)taper_format_number(values[k], text);
            ok = fprintf(out, "%" PRId64 ",%s\n", first + (int64_t)k, text) > 0;
        }
    }
    return ok;
}

enum study_status compare_write_table(const char *path, const char *schedule,
                                      int64_t steps, struct study_error *err)
{
    taper_schedule *s = NULL;
    taper_error why;
    if (taper_parse(schedule, strlen(schedule), NULL, NULL, &s, &why) !=
        TAPER_OK)
        return study_fail(err, STUDY_E_USAGE, "'%.300s': %s", schedule,
                          why.message);
    FILE *const out = fopen(path, "w");
    bool ok = out && write_rows(out, s, steps);
    if (out && fclose(out) != 0) ok = false;
    const int error = errno;
    taper_free(s, NULL);
    return ok ? STUDY_OK
              : study_fail(err, STUDY_E_FILE, "cannot write %s: %s", path,
                           strerror(error));
}

/* ---------------------------------------------------------------- trial */

enum study_status compare_exec_prepare(void *ctx, const struct study_trial *t,
                                       const struct study_place *place,
                                       struct study_command *out,
                                       struct study_error *err)
{
    struct compare_list argv = {0}, environment = {0}, table = {0};
    char peak[TAPER_NUMBER_SIZE] = "";
    const int64_t steps = (int64_t)t->budget;
    if (t->peak > 0) (void)taper_format_number(t->peak, peak);
    compare_list_add(&table, "%s/lr.csv", place->folder);
    if (table.no_memory)
        return study_fail(err, STUDY_E_MEMORY, "out of memory");
    const enum study_status status =
        compare_write_table(table.items[0], t->schedule, steps, err);
    compare_list_add(&argv, "/bin/sh");
    compare_list_add(&argv, "-c");
    compare_list_add(&argv, "%s", (const char *)ctx);
    compare_list_add(&environment, "TAPER_SCHEDULE=%s", t->schedule);
    compare_list_add(&environment, "TAPER_SEED=%" PRId64, t->seed);
    compare_list_add(&environment, "TAPER_STEPS=%" PRId64, steps);
    compare_list_add(&environment, "TAPER_PEAK=%s", peak);
    compare_list_add(&environment, "TAPER_LR_TABLE=%s", table.items[0]);
    compare_list_add(&environment, "TAPER_OUT=%s", place->folder);
    compare_list_add(&environment, "TAPER_THREADS=%d", place->threads);
    compare_list_free(&table);
    if (status == STUDY_OK)
        return compare_list_give(&argv, &environment, out, err);
    compare_list_free(&argv);
    compare_list_free(&environment);
    return status;
}

/* ---------------------------------------------------------------- study */

bool compare_has_exec(int argc, char **argv)
{
    char name[CLI_NAME];
    for (int i = 0; cli_next_name(argc, argv, &i, name);)
        if (strcmp(name, "exec") == 0) return true;
    return false;
}

#ifndef TAPER_HAVE_TRAIN
int compare_no_trainers(const char *task)
{
    return cli_wrong("this build has no trainers, which '%s' would need: "
                     "install " CLI_TRAIN_PACKAGES ", then build taper again; "
                     "--exec works",
                     task);
}
#endif

int compare_exec_begin(const struct compare_options *o, struct compare_study *s)
{
    if (!o->exec)
        return cli_wrong("compare what? give a task, or a training of your "
                         "own as --exec 'COMMAND'");
    s->task = "exec";
    s->metric = o->metric ? o->metric : "metric";
    s->unit = "steps";
    s->maximize = o->maximize;
    s->choices = strdup(o->exec);
    s->knows_run = true;
    s->run = o->run;
    s->hooks = (struct study_task){.prepare = compare_exec_prepare,
                                   .metric_key = s->metric,
                                   .ctx = (void *)(uintptr_t)o->exec};
    if (!s->choices) return cli_failed("out of memory");
    if (!o->run.steps)
        return compare_read_numbers("budget", o->budget, true, STEPS_MOST,
                                    &s->budgets);
    if ((double)o->run.steps > STEPS_MOST)
        return cli_wrong("--steps needs a whole number of at most 100M");
    s->run.steps = 0;
    s->budgets.items = malloc(sizeof *s->budgets.items);
    if (!s->budgets.items) return cli_failed("out of memory");
    s->budgets.items[s->budgets.count++] = (double)o->run.steps;
    return CLI_GO;
}
