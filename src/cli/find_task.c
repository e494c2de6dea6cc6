/* See find_task.h. */
#include "cli/find_task.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/spec.h"
#include "task/stop.h"
#include "task/watch.h"

/* ---- what is swept ---- */

/* An agent needs many updates to show in its return that it learns, and one
 * agent is luckier than another; a classifier's loss tells at once. All stop
 * when they have diverged, long before the last rate. */
static const struct {
    const char *task, *algorithm; /* NULL: any */
    struct find_defaults defaults;
} rows[] = {
    {"image", NULL, {1e-5, 10, 100, 1}},
    {"text", NULL, {1e-5, 10, 150, 1}},
    {"cartpole", "reinforce", {1e-5, 10, 300, 5}},
    {"cartpole", NULL, {1e-5, 10, 3000, 5}},
};

static const char *algorithm_of(const struct cli_task_texts *given)
{
    const char *const name = given->text[TASK_SETTING_algorithm];
    return name ? name : "ppo";
}

struct find_defaults find_task_defaults(const struct task_trainer *trainer,
                                        const struct cli_task_texts *given)
{
    size_t i = 0;
    while (strcmp(rows[i].task, trainer->name) != 0 ||
           (rows[i].algorithm &&
            strcmp(rows[i].algorithm, algorithm_of(given)) != 0))
        i++;
    return rows[i].defaults;
}

bool find_task_takes(const struct task_setting *row)
{
    static const char *const ours[] = {
        "schedule", "plan",       "controller",       "monitor",
        "epochs",   "env-steps",  "episodes",         "log",
        "out",      "eval-every", "checkpoint-every", "log-every"};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (strcmp(ours[i], row->name) == 0) return false;
    return true;
}

/* ---- settings ---- */

static void set(struct task_settings *s, const char *name, const char *text,
                enum task_status *status, struct task_error *err)
{
    if (*status == TASK_OK)
        *status =
            task_settings_set(s, task_setting_find(name), text, true, err);
}

/* A run that is longer than any sweep, so that nothing in it nears its end; it
 * is never evaluated, and does not decay the weights, which would be another
 * thing that grows with the rate. */
static enum task_status set_ours(const struct task_trainer *trainer,
                                 const struct cli_task_texts *given,
                                 const struct find_test *t, size_t sweep,
                                 const char *folder, struct task_settings *s,
                                 struct task_error *err)
{
    char schedule[FIND_SCHEDULE_SIZE], seed[32], out[TASK_PATH_SIZE + 32];
    enum task_status status = TASK_OK;
    find_schedule(t, schedule);
    (void)snprintf(seed, sizeof seed, "%" PRId64, t->seed + (int64_t)sweep);
    (void)snprintf(out, sizeof out, "%s/%zu", folder, sweep);
    set(s, "schedule", schedule, &status, err);
    set(s, "seed", seed, &status, err);
    set(s, "out", out, &status, err);
    set(s, "eval-every", "0", &status, err);
    set(s, "checkpoint-every", "1e9", &status, err);
    if (!given->text[TASK_SETTING_weight_decay]) {
        set(s, "weight-decay", "0", &status, err);
        /* Or it would be refused beside that, though in training it counts. */
        set(s, "decay-all", "no", &status, err);
    }
    if (trainer->bit & TASK_FOR_DATA)
        set(s, "epochs", "1e6", &status, err);
    else if (strcmp(algorithm_of(given), "reinforce") == 0)
        set(s, "episodes", "1e9", &status, err);
    else
        set(s, "env-steps", "1e9", &status, err);
    return status;
}

/* ---- looking on ---- */

struct observer {
    struct find_test *test;
    size_t sweep;
    double env_steps, episodes; /* when the last return was noted */
};

/* The value of a series, NaN if there is none of that name. */
static double series_of(const struct task_columns *columns,
                        const struct task_row *row, const char *name)
{
    for (size_t i = 0; i < columns->series_count; i++)
        if (strcmp(columns->series[i], name) == 0) return row->series[i];
    return NAN;
}

/* An agent's loss says nothing of how well it does. CartPole pays 1 a step, so
 * that the return of the episodes that have ended since the last look is the
 * steps of the environment for each of them: with those that are under way it
 * evens out, and it does not lag behind as the mean of the last hundred does.
 * Every sweep counts by its steps, lest the many short episodes of one that
 * fails outvote the few long ones of another. */
static bool add_return(struct observer *o, const struct task_columns *columns,
                       const struct task_row *row)
{
    const double steps = series_of(columns, row, "env_steps") - o->env_steps;
    const double ended = series_of(columns, row, "episodes") - o->episodes;
    if (!isfinite(row->loss))
        return find_add(o->test, o->sweep, row->lr, NAN, 1.0, row->step);
    if (!(ended > 0.0 && steps > 0.0)) return true;
    o->env_steps += steps;
    o->episodes += ended;
    return find_add(o->test, o->sweep, row->lr, steps / ended, steps,
                    row->step);
}

static bool look(void *self, const struct task_columns *columns,
                 const struct task_row *row)
{
    struct observer *const o = self;
    const bool more = o->test->maximize ? add_return(o, columns, row)
                                        : find_add(o->test, o->sweep, row->lr,
                                                   row->loss, 1.0, row->step);
    return more && row->step + 1 < o->test->steps;
}

/* ---- running ---- */

static int refuse(enum task_status status, const struct task_error *err)
{
    return status == TASK_E_USAGE ? cli_wrong("%s", err->message)
                                  : cli_failed("%s", err->message);
}

static int run_sweep(const struct task_trainer *trainer,
                     const struct cli_task_texts *given, const char *folder,
                     struct find_test *t, size_t sweep)
{
    struct observer observer = {.test = t, .sweep = sweep};
    const struct task_watch watch = {&observer, look};
    struct task_settings settings = {.files = cli_files(), .watch = &watch};
    struct task_progress silent = {.stream = NULL};
    struct task_error err = {0};
    char path[TASK_PATH_SIZE];
    cJSON *summary = NULL;
    enum task_status status =
        cli_task_set(trainer, given, NULL, &settings, &err);
    t->seed = settings.seed;
    if (status == TASK_OK)
        status = set_ours(trainer, given, t, sweep, folder, &settings, &err);
    if (status == TASK_OK)
        status = task_train(trainer, &settings, false, &silent, path, &summary,
                            &err);
    cJSON_Delete(summary);
    task_settings_free(&settings);
    if (task_stop_requested()) return cli_failed("stopped: nothing is kept");
    /* The watch ends every sweep. */
    if (status != TASK_E_STOPPED) return refuse(status, &err);
    return t->all[sweep].state == STUDY_SWEEP_NO_MEMORY
               ? cli_failed("out of memory")
               : CLI_GO;
}

int find_task_run(const struct task_trainer *trainer,
                  const struct cli_task_texts *given, const char *folder,
                  struct find_test *t)
{
    int status = CLI_GO;
    task_stop_install();
    for (size_t i = 0; i < t->count && status == CLI_GO; i++)
        status = run_sweep(trainer, given, folder, t, i);
    task_stop_remove();
    return status;
}
