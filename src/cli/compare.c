/* taper compare: which schedule is best for a task and a budget, by evidence.
 * Trials run in processes of their own and are kept in a file, so that a study
 * goes on where it stopped. */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/compare_exec.h"
#include "cli/compare_options.h"
#include "cli/compare_ranks.h"
#include "cli/compare_result.h"
#include "cli/compare_run.h"
#include "cli/compare_schedules.h"
#include "cli/compare_study.h"
#include "cli/complain.h"
#include "report/provenance.h"
#include "study/result_text.h"
#ifdef TAPER_HAVE_TRAIN
#include "cli/compare_task.h"
#include "cli/task_options.h"
#endif

static const char details[] =
    "TASK is image, text or cartpole, with the options of 'taper train TASK',\n"
    "or a training of your own:\n"
    "\n"
    "  taper compare --exec 'python3 train.py' --steps 2000 --schedule ...\n"
    "\n"
    "The command gets TAPER_SCHEDULE, TAPER_LR_TABLE (a CSV file of the rate "
    "of\n"
    "every step), TAPER_STEPS, TAPER_SEED, TAPER_PEAK, TAPER_THREADS and\n"
    "TAPER_OUT (a folder of its own) in its environment, and ends by printing "
    "a\n"
    "line such as {\"metric\": 0.31}, where lower is better unless --maximize\n"
    "says so. Lines such as {\"step\": 10, \"loss\": 2.1} on the way make "
    "curves.\n"
    "\n"
    "With --peak every schedule is multiplied by each factor of the list, "
    "tuned\n"
    "by trials of their own, and judged at the best: write schedules with the\n"
    "peak 1. --budget is in epochs (image, text), steps of the environment or\n"
    "episodes (cartpole), or steps (--exec).\n"
    "\n"
    "The study is kept in one file. The same command goes on with it, and "
    "more\n"
    "schedules, seeds, peaks or budgets add to it: what is there does not run\n"
    "again. Ctrl-C stops it. 'taper report FILE' makes a page of it. Under\n"
    "mpirun or srun its trials run in all of their processes.\n";

static const char example[] =
    "  taper compare cartpole --env-steps 4k --seeds 2 --schedule "
    "'cosine(2e-3, 0)' --schedule flat=2e-3\n"
    "  taper compare --exec 'echo {\\\"metric\\\": 0.$TAPER_SEED}' --steps 100 "
    "--schedule 1e-3 --schedule 'wsd(1e-3)'\n";

/* How this process was started. */
struct call {
    const char *told; /* the command, as a shell takes it */
    struct compare_ranks *ranks;
};

/* What the program of this kind of study offers; room for all tables. */
enum { MOST_ROWS = 128 };

struct rows {
    struct cli_option items[MOST_ROWS];
    size_t count;
};

static void add_rows(struct rows *rows, const struct cli_option *more,
                     size_t count)
{
    for (size_t k = 0; k < count && rows->count < MOST_ROWS; k++)
        rows->items[rows->count++] = more[k];
}

/* ---------------------------------------------------------------- record */

/* The command as it was given; to be freed. NULL if memory runs out. */
static char *tell(int argc, char **argv)
{
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    if (!out) return NULL;
    (void)fputs("taper compare", out);
    for (int i = 0; i < argc; i++) {
        (void)fputc(' ', out);
        report_word(out, argv[i]);
    }
    char *const told = fclose(out) == 0 ? study_legible_text(text) : NULL;
    free(text);
    return told;
}

/* ---------------------------------------------------------------- study */

/* Reads peaks and schedules. Where the run is not known before the data are, a
 * stand-in that knows every fact, and is so long that no lengths exceed it,
 * finds what is wrong with a text at once. */
static int read_schedules(const struct compare_options *o,
                          struct compare_study *s)
{
    const taper_run stand_in = {.steps = INT64_C(1) << 40,
                                .epoch = 1e6,
                                .batch = 128,
                                .tokens = 1e4};
    int status = compare_read_numbers("peak", o->peak, false, 1e300, &s->peaks);
    if (status != CLI_GO) return status;
    if (!s->knows_run)
        return compare_read_schedules(&o->schedules, o->file, &stand_in, 1,
                                      &s->schedules);
    taper_run *const runs = calloc(s->budgets.count + 1, sizeof *runs);
    if (!runs) return cli_failed("out of memory");
    for (size_t k = 0; k < s->budgets.count; k++) {
        runs[k] = s->run;
        runs[k].steps = (int64_t)s->budgets.items[k];
    }
    status = compare_read_schedules(&o->schedules, o->file, runs,
                                    s->budgets.count, &s->schedules);
    free(runs);
    return status;
}

/* The study's file holds UTF-8; what runs keeps the bytes that were given. */
static int make_legible(struct compare_study *s)
{
    char *const text = study_legible_text(s->choices);
    if (!text) return cli_failed("out of memory");
    free(s->choices);
    s->choices = text;
    return CLI_GO;
}

/* Runs the study and prints what came of it. */
static int study(struct compare_study *s, const struct compare_options *o,
                 const char *told)
{
    struct study_store *store = NULL;
    int status = make_legible(s);
    if (status != CLI_GO) return status;
    if (compare_ranks_is_worker(o->ranks))
        return compare_ranks_work(o->ranks, s, o);
    s->halving = o->halving;
    status = read_schedules(o, s);
    if (status != CLI_GO) return status;
    char *const path = o->db ? strdup(o->db) : compare_default_path(s);
    if (!path) return cli_failed("out of memory");
    status = compare_open(s, path, told, &store);
    if (status == CLI_GO) {
        status = compare_run(s, o, store);
        if (status == CLI_DONE) status = compare_print_result(store, o->json);
        study_store_close(store);
    }
    free(path);
    return status;
}

/* ---------------------------------------------------------------- kinds */

/* Reads the options of a command into *o; `most` words may be left. */
static int parse(const struct cli_command *command, int argc, char **argv,
                 size_t most, struct compare_options *o)
{
    struct cli_words words;
    const int go = cli_parse(command, argc, argv, o, &words);
    if (go != CLI_GO) return go;
    if (words.count > most)
        return cli_wrong("'%s' is too much: %s", words.items[most],
                         most ? "each schedule needs a --schedule"
                              : "--exec takes the place of a task, and the "
                                "command is one word, in quotes");
    return compare_check(o);
}

static int run_exec(const struct rows *rows, int argc, char **argv,
                    const struct call *call)
{
    struct cli_command command = cli_compare;
    struct compare_options o = compare_defaults;
    struct compare_study s = {.task = NULL};
    o.ranks = call->ranks;
    command.options = rows->items;
    command.option_count = rows->count;
    int status = parse(&command, argc, argv, 0, &o);
    if (status == CLI_GO) status = compare_exec_begin(&o, &s);
    if (status == CLI_GO) status = study(&s, &o, call->told);
    compare_study_free(&s);
    free(o.schedules.items);
    return status;
}

#ifdef TAPER_HAVE_TRAIN
/* The options of a task that a study passes on. */
static void add_task_rows(struct rows *rows,
                          const struct cli_task_options *task)
{
    for (size_t k = 0; k < task->count; k++)
        if (compare_passes(task_setting_find(task->rows[k].name)))
            add_rows(rows, &task->rows[k], 1);
}

static int run_task(const struct task_trainer *trainer, int argc, char **argv,
                    const struct call *call)
{
    struct rows rows = {.count = 0};
    struct cli_task_options options;
    char name[32];
    add_rows(&rows, compare_common, compare_common_count);
    cli_task_options(trainer, offsetof(struct compare_options, given),
                     &options);
    add_task_rows(&rows, &options);
    (void)snprintf(name, sizeof name, "compare %s", trainer->name);
    struct cli_command command = cli_compare;
    command.name = name;
    command.usage = "[options]";
    command.options = rows.items;
    command.option_count = rows.count;

    struct compare_options o = compare_defaults;
    struct compare_study s = {.task = NULL};
    struct compare_task task;
    o.ranks = call->ranks;
    int status = cli_refuse_foreign(&command, trainer, argc, argv);
    if (status == CLI_GO) status = parse(&command, argc, argv, 1, &o);
    if (status == CLI_GO) status = compare_task_begin(&o, trainer, &task, &s);
    if (status == CLI_GO) status = study(&s, &o, call->told);
    compare_study_free(&s);
    free(o.schedules.items);
    return status;
}

/* An option of a task beside --exec: its command has options of its own. */
static int refuse_task_options(const struct rows *rows, int argc, char **argv)
{
    char name[CLI_NAME];
    for (int i = 0; cli_next_name(argc, argv, &i, name);) {
        bool known = !task_setting_find(name);
        for (size_t k = 0; k < rows->count; k++)
            known = known || strcmp(rows->items[k].name, name) == 0;
        if (!known)
            return cli_wrong("--%s is an option of taper's own tasks: give "
                             "your training its options within --exec '...'",
                             name);
    }
    return CLI_GO;
}
#endif

static int dispatch(int argc, char **argv, const struct call *call)
{
    struct rows rows = {.count = 0};
    const int own = compare_refuse_own(argc, argv);
    if (own != CLI_GO) return own;
    add_rows(&rows, compare_exec_rows, compare_exec_count);
    add_rows(&rows, compare_common, compare_common_count);
#ifdef TAPER_HAVE_TRAIN
    if (!compare_has_exec(argc, argv)) {
        const struct task_trainer *const trainer = cli_find_task(argc, argv);
        if (trainer) return run_task(trainer, argc, argv, call);
        struct cli_command command = cli_compare;
        command.options = rows.items;
        command.option_count = rows.count;
        return cli_no_task(&command, "compare image", argc, argv);
    }
    const int foreign = refuse_task_options(&rows, argc, argv);
    if (foreign != CLI_GO) return foreign;
#else
    if (!compare_has_exec(argc, argv) && argc > 0 && argv[0][0] != '-')
        return compare_no_trainers(argv[0]);
#endif
    return run_exec(&rows, argc, argv, call);
}

static int run(int argc, char **argv)
{
    char *const told = tell(argc, argv);
    if (!told) return cli_failed("out of memory");
    struct compare_ranks ranks;
    int status = compare_ranks_begin(&ranks);
    if (status == CLI_GO)
        status =
            compare_ranks_end(&ranks, dispatch(argc, argv,
                                               &(struct call){told, &ranks}));
    free(told);
    return status;
}

const struct cli_command cli_compare = {
    .name = "compare",
    .summary = "find the best schedule for a task by evidence",
    .usage = "TASK|--exec COMMAND --schedule [NAME=]SPEC... [options]",
    .details = details,
    .example = example,
    .options = compare_common,
    .option_count = 0,
    .run = run,
};
