/* taper find: the rates that a task can be trained with, from a sweep of the
 * rate from small to large. */
#include "cli/find.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/compare_exec.h"
#include "cli/complain.h"
#include "cli/find_exec.h"
#include "cli/find_result.h"
#include "study/temporary.h"
#ifdef TAPER_HAVE_TRAIN
#include "cli/find_task.h"
#include "cli/task_options.h"
#endif

struct find_options {
#ifdef TAPER_HAVE_TRAIN
    struct cli_task_texts given;
#endif
    const char *exec, *metric;
    double from, to;             /* 0: as the task has it */
    int64_t steps, sweeps, seed; /* steps, sweeps 0: as the task has it */
    bool maximize, json;
    struct cli_texts files;
};

/* A sweep may be as long as the runs below it, and its points lie in memory. */
#define STEPS_MOST 1e6

/* The first COMMON rows are of every test, the others of a command. */
static const struct cli_option options[] = {
    {.name = "from",
     .kind = CLI_NUMBER,
     .offset = offsetof(struct find_options, from),
     .value = "RATE",
     .help = "first and smallest rate [1e-5; --exec: 1e-6]",
     .min = 1e-300,
     .max = 1e300},
    {.name = "to",
     .kind = CLI_NUMBER,
     .offset = offsetof(struct find_options, to),
     .value = "RATE",
     .help = "last and largest rate, if it does not diverge before [10]",
     .min = 1e-300,
     .max = 1e300},
    {.name = "steps",
     .kind = CLI_COUNT,
     .offset = offsetof(struct find_options, steps),
     .value = "N",
     .help = "updates of a sweep [by task; --exec: 200]",
     .min = STUDY_RANGE_LEAST,
     .max = STEPS_MOST},
    {.name = "sweeps",
     .kind = CLI_COUNT,
     .offset = offsetof(struct find_options, sweeps),
     .value = "N",
     .help = "sweeps, each with the next seed [cartpole: 5; else 1]",
     .min = 1,
     .max = 1000},
    {.letter = 'o',
     .name = "output",
     .kind = CLI_TEXTS,
     .offset = offsetof(struct find_options, files),
     .value = "FILE",
     .help = "write the picture (.png, .svg, .pdf), the points (.csv), both"},
    {.name = "json",
     .offset = offsetof(struct find_options, json),
     .help = "print the result as JSON"},
    {.name = "exec",
     .kind = CLI_TEXT,
     .offset = offsetof(struct find_options, exec),
     .value = "COMMAND",
     .help = "a training of your own, in place of a task"},
    {.name = "metric",
     .kind = CLI_TEXT,
     .offset = offsetof(struct find_options, metric),
     .value = "KEY",
     .help = "of the command's JSON lines: what is looked at [loss]"},
    {.name = "maximize",
     .offset = offsetof(struct find_options, maximize),
     .help = "more of it is better, as of a return"},
    {.name = "seed",
     .kind = CLI_COUNT,
     .offset = offsetof(struct find_options, seed),
     .value = "S",
     .help = "TAPER_SEED of the first sweep [0]",
     .max = (double)TAPER_STEP_MAX},
};

enum { COMMON = 6, OPTIONS = sizeof options / sizeof options[0] };

static const char details[] =
    "Trains under a rate that rises from --from to --to, until the loss is\n"
    "four times its best, and suggests a peak for a schedule that decays:\n"
    "\n"
    "  midway  half way, in decades, between the rate at which half of the\n"
    "          fall in loss was made and the middle of the rates at which\n"
    "          95 % of it are there. This is the suggestion\n"
    "  tenth   a tenth of the rate of the lowest loss: a rule of thumb\n"
    "\n"
    "TASK is image, text or cartpole, with the options of 'taper train TASK'\n"
    "but those of its schedule and its length. Of an agent, returns are "
    "looked\n"
    "at, which should rise. Nothing is kept. It takes 100 updates of image,\n"
    "150 of text or 5 times 3000 of cartpole, seconds all of them, without\n"
    "weight decay unless that is given.\n"
    "\n"
    "A training of your own, --exec, learns its schedule as in 'taper "
    "compare'\n"
    "and prints a line such as {\"step\": 10, \"loss\": 2.1} for every step,\n"
    "without holding it back (print(..., flush=True)): it is ended as soon as\n"
    "it has diverged.\n";

static const char example[] =
    "  taper find cartpole --sweeps 2 -o range.png -o range.csv\n"
    "  taper find image --optimizer sgd --to 1\n"
    "  taper find --exec 'python3 train.py' --steps 400\n";

/* ---- what find.h promises ---- */

void find_schedule(const struct find_test *t, char out[FIND_SCHEDULE_SIZE])
{
    char from[TAPER_NUMBER_SIZE], to[TAPER_NUMBER_SIZE];
    (void)taper_format_number(t->from, from);
    (void)taper_format_number(t->to, to);
    (void)snprintf(out, FIND_SCHEDULE_SIZE, "exp(%s, %s, %" PRId64 ")", from,
                   to, t->steps - 1);
}

double find_round(double rate)
{
    char text[32];
    double rounded = rate;
    const int n = snprintf(text, sizeof text, "%.1e", rate);
    if (n > 0) (void)taper_read_number(text, (size_t)n, &rounded);
    return rounded;
}

bool find_add(struct find_test *t, size_t sweep, double rate, double value,
              double weight, int64_t step)
{
    const struct study_range_point p = {rate, value, weight, step};
    const enum study_sweep_state state = study_sweep_add(&t->all[sweep], p);
    const double share =
        ((double)sweep + (double)(step + 1) / (double)t->steps) /
        (double)t->count;
    find_progress_show(&t->progress, share, rate, value);
    return state == STUDY_SWEEP_ON;
}

/* ---- running a test ---- */

/* The sweeps of a test, by whoever trains. */
typedef int sweeps_fn(const void *context, const char *folder,
                      struct find_test *t);

/* Runs the sweeps in a folder that is gone afterwards. */
static int run_sweeps(sweeps_fn *sweeps, const void *context,
                      struct find_test *t)
{
    struct study_temporary folder;
    const int error = study_temporary_make(&folder);
    if (error)
        return cli_failed("cannot make a folder below %s: %s",
                          study_temporary_place(), strerror(error));
    find_progress_begin(&t->progress, t->value);
    const int status = sweeps(context, folder.path, t);
    t->seconds = find_progress_end(&t->progress);
    study_temporary_remove(&folder);
    return status;
}

static int show(const struct find_options *o, const struct find_test *t)
{
    struct find_result r;
    bool picture = !o->json;
    for (size_t i = 0; i < o->files.count; i++)
        picture = picture && find_is_table(o->files.items[i]);
    int status = find_result_make(t, &r) ? find_write_files(&r, &o->files)
                                         : cli_failed("out of memory");
    if (status == CLI_GO)
        status = o->json ? find_print_json(&r) : find_print(&r, picture);
    find_result_clear(&r);
    return status;
}

/* Fills in what was chosen, runs the sweeps and shows what came of them. */
static int test(const struct find_options *o, struct find_test *t,
                sweeps_fn *sweeps, const void *context)
{
    if (o->from > 0) t->from = o->from;
    if (o->to > 0) t->to = o->to;
    if (o->steps) t->steps = o->steps;
    if (o->sweeps) t->count = (size_t)o->sweeps;
    if (!(t->from < t->to))
        return cli_wrong("the rates go up, and --from %g is not below --to %g",
                         t->from, t->to);
    int status = find_check_files(&o->files);
    if (status != CLI_GO) return status;
    t->all = calloc(t->count, sizeof *t->all);
    if (!t->all) return cli_failed("out of memory");
    for (size_t i = 0; i < t->count; i++)
        t->all[i].maximize = t->maximize;
    status = run_sweeps(sweeps, context, t);
    if (status == CLI_GO) status = show(o, t);
    for (size_t i = 0; i < t->count; i++)
        study_sweep_clear(&t->all[i]);
    free(t->all);
    return status;
}

/* ---- a command ---- */

static int exec_sweeps(const void *context, const char *folder,
                       struct find_test *t)
{
    (void)context;
    return find_exec_run(folder, t);
}

static int test_exec(const struct find_options *o)
{
    struct find_test t = {.subject = o->exec,
                          .command = true,
                          .value = o->metric ? o->metric : "loss",
                          .maximize = o->maximize,
                          .from = 1e-6,
                          .to = 10,
                          .steps = 200,
                          .seed = o->seed,
                          .count = 1};
    return test(o, &t, exec_sweeps, NULL);
}

static int run_exec(int argc, char **argv)
{
    struct find_options o = {.exec = NULL};
    struct cli_words words;
    int status = cli_parse(&cli_find, argc, argv, &o, &words);
    if (status == CLI_GO && words.count > 0)
        status = cli_wrong("'%s' is too much: find takes a task or --exec",
                           words.items[0]);
    if (status == CLI_GO && !o.exec)
        status = cli_wrong("find what? e.g. taper find image; taper find "
                           "--help lists the tasks");
    if (status == CLI_GO) status = test_exec(&o);
    free(o.files.items);
    return status;
}

#ifdef TAPER_HAVE_TRAIN

/* ---- a task ---- */

struct task_context {
    const struct task_trainer *trainer;
    const struct cli_task_texts *given;
};

static int task_sweeps(const void *context, const char *folder,
                       struct find_test *t)
{
    const struct task_context *const c = context;
    return find_task_run(c->trainer, c->given, folder, t);
}

static int test_task(const struct task_trainer *trainer,
                     const struct find_options *o)
{
    const struct find_defaults d = find_task_defaults(trainer, &o->given);
    const bool agent = !(trainer->bit & TASK_FOR_DATA);
    const struct task_context context = {trainer, &o->given};
    struct find_test t = {.subject = trainer->name,
                          .value = agent ? "return" : "loss",
                          .maximize = agent,
                          .from = d.from,
                          .to = d.to,
                          .steps = d.steps,
                          .count = (size_t)d.sweeps};
    return test(o, &t, task_sweeps, &context);
}

/* `taper find TASK` as a command, with the options that the task has. */
struct task_command {
    struct cli_command command;
    char name[32];
    struct cli_option options[COMMON + TASK_SETTING_COUNT];
    struct cli_task_options tasks;
};

static void make_command(const struct task_trainer *trainer,
                         struct task_command *c)
{
    c->command = cli_find;
    (void)snprintf(c->name, sizeof c->name, "find %s", trainer->name);
    c->command.name = c->name;
    c->command.usage = "[options]";
    cli_task_options(trainer, offsetof(struct find_options, given), &c->tasks);
    memcpy(c->options, options, COMMON * sizeof *options);
    size_t n = COMMON;
    for (size_t i = 0; i < c->tasks.count; i++)
        if (find_task_takes(task_setting_find(c->tasks.rows[i].name)))
            c->options[n++] = c->tasks.rows[i];
    c->command.options = c->options;
    c->command.option_count = n;
}

/* An option of train that a sweep has no use for. */
static int refuse_ours(int argc, char **argv)
{
    char name[CLI_NAME];
    for (int i = 0; cli_next_name(argc, argv, &i, name);) {
        const struct task_setting *const row = task_setting_find(name);
        if ((row && !find_task_takes(row)) || strcmp(name, "lr") == 0)
            return cli_wrong("--%s is not for find, which sets the rate and "
                             "the length of its runs by --from, --to and "
                             "--steps, and keeps none of them",
                             name);
    }
    return CLI_GO;
}

static int run_task(const struct task_trainer *trainer, int argc, char **argv)
{
    struct task_command c;
    struct find_options o = {.exec = NULL};
    struct cli_words words;
    make_command(trainer, &c);
    int status = refuse_ours(argc, argv);
    if (status == CLI_GO)
        status = cli_refuse_foreign(&c.command, trainer, argc, argv);
    if (status == CLI_GO)
        status = cli_parse(&c.command, argc, argv, &o, &words);
    if (status == CLI_GO && words.count != 1)
        status = words.count ? cli_wrong("'%s' is too much: options begin "
                                         "with --",
                                         words.items[1])
                             : cli_wrong("find what? e.g. taper find %s",
                                         trainer->name);
    if (status == CLI_GO) status = test_task(trainer, &o);
    free(o.files.items);
    return status;
}
#endif

/* ---- the command ---- */

#ifdef TAPER_HAVE_TRAIN
static int run(int argc, char **argv)
{
    if (compare_has_exec(argc, argv)) return run_exec(argc, argv);
    const struct task_trainer *const trainer = cli_find_task(argc, argv);
    return trainer ? run_task(trainer, argc, argv)
                   : cli_no_task(&cli_find, "find image", argc, argv);
}
#else
static int run(int argc, char **argv)
{
    if (argc > 0 && argv[0][0] != '-') return compare_no_trainers(argv[0]);
    return run_exec(argc, argv);
}
#endif

const struct cli_command cli_find = {
    .name = "find",
    .summary = "find a peak rate for a task by a sweep of the rate",
    .usage = "TASK|--exec COMMAND [options]",
    .details = details,
    .example = example,
    .options = options,
    .option_count = OPTIONS,
    .run = run,
};
