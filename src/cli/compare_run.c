/* See compare_run.h. */
#include "cli/compare_run.h"

#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/compare_progress.h"
#include "cli/compare_ranks.h"
#include "cli/complain.h"
#include "cli/interrupt.h"
#include "cli/print.h"
#include "study/cores.h"
#include "study/design.h"
#include "study/store_queue.h"
#ifdef TAPER_HAVE_TRAIN
#include "task/settings.h"
#endif

/* ---------------------------------------------------------------- watching */

/* The task's functions with somebody who looks on. */
struct watched {
    const struct study_task *task;
    struct compare_progress progress;
};

static enum study_status prepare(void *ctx, const struct study_trial *t,
                                 const struct study_place *place,
                                 struct study_command *out,
                                 struct study_error *err)
{
    const struct study_task *const task = ((struct watched *)ctx)->task;
    return task->prepare(task->ctx, t, place, out, err);
}

static enum study_status collect(void *ctx, struct study_trial *t,
                                 const struct study_output *output,
                                 struct study_error *err)
{
    const struct study_task *const task = ((struct watched *)ctx)->task;
    return task->collect ? task->collect(task->ctx, t, output, err) : STUDY_OK;
}

static void progress(void *ctx, const struct study_trial *t)
{
    compare_progress_trial(&((struct watched *)ctx)->progress, t);
}

/* Asked ten times a second, which is what the line needs as well. */
static bool stopped(void *ctx)
{
    compare_progress_tick(&((struct watched *)ctx)->progress);
    return cli_interrupted();
}

/* What happens to other ranks, a line of its own. */
static void say(void *ctx, const char *line)
{
    compare_progress_end(&((struct watched *)ctx)->progress);
    cli_complain("%s", line);
}

/* ---------------------------------------------------------------- jobs */

/* As many trials at a time as find CPUs; one for each rank, as there are as
 * many ranks as CPUs. */
static int jobs_of(const struct compare_options *o)
{
    if (o->jobs) return (int)o->jobs;
    if (o->ranks->size > 1) return 1;
    long cpus = (long)study_cores_allowed().count;
    if (cpus == 0) cpus = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef TAPER_HAVE_TRAIN
    if (task_cpus() < cpus) cpus = task_cpus(); /* a container's quota */
#endif
    const long jobs = cpus / (long)o->threads;
    return jobs > 1 ? (int)jobs : 1;
}

/* ---------------------------------------------------------------- words */

static void say_start(const struct study_queue *queue, const char *path,
                      int jobs)
{
    const struct study_queue_state state = study_queue_look(queue);
    const size_t open = state.total - state.over;
    if (open == 0) {
        cli_complain("%s: all %zu trial%s are there", path, state.total,
                     cli_plural((int64_t)state.total));
        return;
    }
    cli_complain("%s: %zu trial%s there, %zu to run, %d at a time", path,
                 state.over, state.over == 1 ? " is" : "s are", open, jobs);
}

static int say_stopped(const struct study_queue *queue, const char *path)
{
    const struct study_queue_state state = study_queue_look(queue);
    return cli_failed("stopped: %zu of %zu trials are over and kept in %s; run "
                      "the same command again to go on",
                      state.over, state.total, path);
}

/* A study in which something failed is whole, but somebody should look; one in
 * which everything did shows nothing. */
static int say_failures(struct study_store *store)
{
    struct study_error err = {STUDY_OK, ""};
    struct study_totals n;
    const enum study_status status = study_store_counts(store, &n, &err);
    if (status != STUDY_OK) return cli_study_failed(status, &err);
    if (n.failed)
        cli_complain("%zu trial%s failed: 'taper study show %s' says why, and "
                     "--retry runs %s again",
                     n.failed, cli_plural((int64_t)n.failed),
                     study_store_path(store), n.failed == 1 ? "it" : "them");
    return n.failed && !n.done && !n.diverged ? CLI_FAILED : CLI_DONE;
}

/* ---------------------------------------------------------------- all */

/* Where trials have their folders; *out is to be freed. */
static int choose_folder(const struct compare_options *o, const char *path,
                         struct compare_list *out)
{
    const char *own = NULL;
    if (o->ranks->size > 1 && compare_ranks_folder(o->ranks, o, &own) != CLI_GO)
        return CLI_FAILED;
    if (own)
        compare_list_add(out, "%s", own);
    else
        compare_list_add(out, "%s.trials", path);
    return out->no_memory ? cli_failed("out of memory") : CLI_GO;
}

static int run_queue(const struct compare_study *s,
                     const struct compare_options *o,
                     const struct study_queue *queue,
                     struct study_source source, const char *path)
{
    struct study_error err = {STUDY_OK, ""};
    struct compare_list folder = {0};
    const int jobs = jobs_of(o);
    struct watched watched = {.task = &s->hooks,
                              .progress = {.stream = stderr,
                                           .terminal =
                                               isatty(STDERR_FILENO) != 0,
                                           .jobs = jobs * o->ranks->size,
                                           .queue = queue}};
    if (choose_folder(o, path, &folder) != CLI_GO) return CLI_FAILED;
    const struct study_runner runner = {
        .source = source,
        .task = {.prepare = prepare,
                 .collect = s->hooks.collect ? collect : NULL,
                 .progress = progress,
                 .metric_key = s->hooks.metric_key,
                 .ctx = &watched},
        .jobs = jobs,
        .threads = (int)o->threads,
        .timeout = o->timeout,
        .folder = folder.items[0],
        .keep = o->keep,
        .stopped = stopped,
        .ctx = &watched};
    say_start(queue, path, watched.progress.jobs);
    compare_progress_begin(&watched.progress);
    cli_interrupt_install();
    const enum study_status status =
        o->ranks->size > 1
            ? compare_ranks_serve(o->ranks, &runner, say, &watched, &err)
            : study_run(&runner, &err);
    cli_interrupt_remove();
    compare_progress_end(&watched.progress);
    compare_list_free(&folder);
    if (status == STUDY_E_STOPPED) return say_stopped(queue, path);
    return status == STUDY_OK ? CLI_DONE : cli_study_failed(status, &err);
}

int compare_run(const struct compare_study *s, const struct compare_options *o,
                struct study_store *store)
{
    struct study_entry *const entries = compare_entries(&s->schedules);
    if (!entries) return cli_failed("out of memory");
    const struct study_plan plan = {.entries = entries,
                                    .entry_count = s->schedules.count,
                                    .peaks = s->peaks.items,
                                    .peak_count = s->peaks.count,
                                    .budgets = s->budgets.items,
                                    .budget_count = s->budgets.count,
                                    .seeds = o->seeds,
                                    .peak_seeds =
                                        o->peak_seeds
                                            ? o->peak_seeds
                                            : (o->seeds < 3 ? o->seeds : 3),
                                    .maximize = s->maximize,
                                    .halving = s->halving,
                                    .run = s->knows_run ? &s->run : NULL};
    struct study_error err = {STUDY_OK, ""};
    struct study_queue *queue = NULL;
    enum study_status status = STUDY_OK;
    if (o->retry) status = study_store_retry(store, NULL, &err);
    if (status == STUDY_OK)
        status = study_queue_create(&queue, store, &plan, &err);
    const int code = status == STUDY_OK
                         ? run_queue(s, o, queue, study_queue_source(queue),
                                     study_store_path(store))
                         : cli_study_failed(status, &err);
    study_queue_free(queue);
    free(entries);
    return code == CLI_DONE ? say_failures(store) : code;
}
