/* See compare_options.h. */
#include "cli/compare_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/compare_schedules.h"
#include "cli/complain.h"

#define AT(member) offsetof(struct compare_options, member)

enum { SEEDS_MOST = 1000 }; /* higher ones are those that tune a peak */

const struct compare_options compare_defaults = {.seeds = 5, .threads = 1};

const struct cli_option compare_common[] = {
    {.name = "schedule",
     .kind = CLI_TEXTS,
     .offset = AT(schedules),
     .value = "[NAME=]SPEC",
     .help = "a schedule to compare; once for each"},
    {.name = "schedules",
     .kind = CLI_TEXT,
     .offset = AT(file),
     .value = "FILE",
     .help = "more of them, one [NAME=]SPEC a line; - is standard input"},
    {.name = "seeds",
     .kind = CLI_COUNT,
     .offset = AT(seeds),
     .value = "N",
     .help = "trials of each schedule, with the seeds 0 to N-1 [5]",
     .min = 1,
     .max = SEEDS_MOST},
    {.name = "peak",
     .kind = CLI_TEXT,
     .offset = AT(peak),
     .value = "LIST",
     .help = "factors to tune for each schedule, as in 1e-3,3e-3,1e-2"},
    {.name = "peak-seeds",
     .kind = CLI_COUNT,
     .offset = AT(peak_seeds),
     .value = "K",
     .help = "trials of each factor, with seeds of their own [up to 3]",
     .min = 1,
     .max = SEEDS_MOST},
    {.name = "budget",
     .kind = CLI_TEXT,
     .offset = AT(budget),
     .value = "LIST",
     .help = "lengths of a trial, each compared on its own, as in 5,20"},
    {.name = "metric",
     .kind = CLI_TEXT,
     .offset = AT(metric),
     .value = "KEY",
     .help = "what a trial is judged by, of the JSON it leaves"},
    {.name = "maximize",
     .kind = CLI_FLAG,
     .offset = AT(maximize),
     .help = "a larger metric is better"},
    {.name = "minimize",
     .kind = CLI_FLAG,
     .offset = AT(minimize),
     .help = "a smaller metric is better"},
    {.name = "halving",
     .kind = CLI_FLAG,
     .offset = AT(halving),
     .help = "give up schedules and peaks that are clearly worse"},
    {.letter = 'j',
     .name = "jobs",
     .kind = CLI_COUNT,
     .offset = AT(jobs),
     .value = "N",
     .help = "trials at a time [as many as find CPUs]",
     .min = 1,
     .max = 1024},
    {.name = "threads",
     .kind = CLI_COUNT,
     .offset = AT(threads),
     .value = "N",
     .help = "threads of a trial [1]",
     .min = 1,
     .max = 1024},
    {.name = "timeout",
     .kind = CLI_NUMBER,
     .offset = AT(timeout),
     .value = "S",
     .help = "seconds after which a trial is stopped and has failed",
     .min = 1e-3,
     .max = 1e9},
    {.name = "db",
     .kind = CLI_TEXT,
     .offset = AT(db),
     .value = "FILE",
     .help = "where the study is kept [studies/TASK-....db]"},
    {.name = "retry",
     .kind = CLI_FLAG,
     .offset = AT(retry),
     .help = "run failed trials again"},
    {.name = "keep",
     .kind = CLI_FLAG,
     .offset = AT(keep),
     .help = "keep the folders of all trials, below FILE.trials/"},
    {.name = "json",
     .kind = CLI_FLAG,
     .offset = AT(json),
     .help = "print the result as JSON, as taper report --json does"},
};
const size_t compare_common_count =
    sizeof compare_common / sizeof compare_common[0];

const struct cli_option compare_exec_rows[] = {
    {.name = "exec",
     .kind = CLI_TEXT,
     .offset = AT(exec),
     .value = "COMMAND",
     .help = "a training of your own: a command for the shell"},
    CLI_RUN_OPTIONS(struct compare_options),
};
const size_t compare_exec_count =
    sizeof compare_exec_rows / sizeof compare_exec_rows[0];

/* ---------------------------------------------------------------- refusals */

/* Options that a person who knows `taper train` tries. */
static const struct {
    const char *name, *why;
} own[] = {
    {"seed", "every schedule runs with the seeds 0 to N-1: say --seeds N"},
    {"plan", "a study compares learning rates: give each as --schedule SPEC, "
             "or one a line in a file as --schedules FILE"},
    {"out", "every trial has a folder of its own: --db FILE says where the "
            "study is kept, and --keep that the folders stay"},
    {"resume", "a study goes on where it stopped when the same command runs "
               "again"},
};

int compare_refuse_own(int argc, char **argv)
{
    char name[CLI_NAME];
    for (int i = 0; cli_next_name(argc, argv, &i, name);)
        for (size_t k = 0; k < sizeof own / sizeof own[0]; k++)
            if (strcmp(name, own[k].name) == 0)
                return cli_wrong("--%s is not for compare: %s", own[k].name,
                                 own[k].why);
    return CLI_GO;
}

int compare_check(const struct compare_options *o)
{
    if (!o->schedules.count && !o->file)
        return cli_wrong("compare what? give two schedules or more, e.g. "
                         "--schedule 'cosine(1e-3, 0)' --schedule "
                         "'linear(1e-3, 0)'");
    if (o->maximize && o->minimize)
        return cli_wrong("--maximize and --minimize exclude each other");
    if (o->exec && !o->exec[0])
        return cli_wrong("--exec needs a command, as in --exec 'python3 "
                         "train.py'");
    if (o->exec && o->run.steps && o->budget)
        return cli_wrong("--steps is a --budget of one length: leave one of "
                         "the two out");
    if (o->exec && !o->run.steps && !o->budget)
        return cli_wrong("say how many updates a trial has: --steps N, or "
                         "--budget N,M for several lengths");
    if (o->peak_seeds && !o->peak)
        return cli_wrong("--peak-seeds is for --peak, which is not given");
    return o->metric ? compare_check_letters("metric", o->metric) : CLI_GO;
}

/* ---------------------------------------------------------------- lists */

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int add_number(const char *option, const char *text, size_t len,
                      bool whole, double most, struct compare_numbers *out)
{
    double x = 0;
    if (taper_read_number(text, len, &x) != TAPER_OK || !(x > 0) || x > most ||
        (whole && floor(x) < x))
        return cli_wrong(
            "--%s needs %s above 0 with commas between, and '%.*s' "
            "is none",
            option, whole ? "whole numbers" : "numbers", (int)len, text);
    double *const items = realloc(out->items, (out->count + 1) * sizeof *items);
    if (!items) return cli_failed("out of memory");
    out->items = items;
    items[out->count++] = x;
    return CLI_GO;
}

int compare_read_numbers(const char *option, const char *text, bool whole,
                         double most, struct compare_numbers *out)
{
    int status = CLI_GO;
    *out = (struct compare_numbers){NULL, 0};
    for (const char *p = text; p && status == CLI_GO;) {
        const char *const end = p + strcspn(p, ",");
        const char *from = p, *to = end;
        while (from < to && *from == ' ')
            from++;
        while (to > from && to[-1] == ' ')
            to--;
        status =
            add_number(option, from, (size_t)(to - from), whole, most, out);
        p = *end ? end + 1 : NULL;
    }
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, compare_doubles);
    for (size_t k = 1; k < out->count && status == CLI_GO; k++)
        if (!(out->items[k] > out->items[k - 1]))
            status = cli_wrong("--%s has a number twice in '%s'", option, text);
    if (status == CLI_GO) return CLI_GO;
    free(out->items);
    *out = (struct compare_numbers){NULL, 0};
    return status;
}
