/* What every task does around its loop: settle the settings, parse the
 * schedule against the real run, keep run.json, and write the results. A
 * trainer is these calls in order, with its own data and network between them:
 *
 *     task_run_open       settings of a new run or of the one to resume
 *     (open the data, settle the batch)
 *     task_run_schedule   the texts become a schedule, or a plan, and its
 *                         controller
 *     (make the network, bind the plan to its groups)
 *     task_run_record     the folder and its run.json, or check it
 *     task_run_train      the loop, then pictures, weights, summary
 *     task_run_close
 */
#ifndef TAPER_TASK_RUN_H
#define TAPER_TASK_RUN_H

#include "task/hyper.h"
#include "task/loop.h"
#include "task/progress.h"
#include "task/rundir.h"
#include "task/safetensors.h"
#include "task/settings.h"

#include <taper.h>

/* What a schedule's plain numbers are. Supervised tasks count updates. An agent
 * also meets schedules of what no update knows in advance: how many episodes
 * end, or, for some algorithms, how many steps of the environment it takes. */
enum task_unit { TASK_UNIT_UPDATE, TASK_UNIT_SAMPLE, TASK_UNIT_EPISODE };

/* "update", "sample", "episode": as run.json says it. */
const char *task_unit_name(enum task_unit unit);

/* How long a run is. */
struct task_length {
    int64_t steps;           /* updates, >= 1 */
    int64_t steps_per_epoch; /* updates, >= 1 */
    double samples, tokens;  /* an update; 0: not known */
    /* An agent's: its schedule may count these instead. 0: not known. */
    bool counts;
    int64_t all_samples, all_episodes; /* in the whole run */
};

struct task_run {
    const char *task;  /* "image" */
    enum task_for bit; /* of its settings */
    struct task_settings *settings;
    struct task_progress *progress;
    bool resume;
    bool finished; /* the run to resume has ended already */
    struct task_rundir dir;
    taper_schedule *schedule; /* of a plan, its lr */
    char *canonical;          /* its text, everything in steps */
    struct task_hyper hyper;  /* what the plan drives */
    char *plan;               /* its text, everything in steps; NULL: none */
    struct task_control control;
    char identity[17];
    int64_t steps, steps_per_epoch;
    double samples; /* an update */
    enum task_unit unit;
};

/* Reads run.json when resuming. `settings` are then those of the run, with
 * contradictions refused; otherwise they are left alone. */
enum task_status task_run_open(struct task_run *run, const char *task,
                               enum task_for bit,
                               struct task_settings *settings, bool resume,
                               struct task_progress *progress,
                               struct task_error *err);

/* The updates of so many epochs, rounded up. TASK_E_USAGE for none or more than
 * 10^12. */
enum task_status task_run_steps(double epochs, int64_t steps_per_epoch,
                                int64_t *steps, struct task_error *err);

/* Sets the length of the run and parses the settings' schedule, or their plan,
 * whose lr becomes their schedule. A resumed run parses the text with
 * everything in steps that run.json has, so that files which the first text
 * names need not be there any more.
 *
 * With `counts`, a text with the unit smp is one of samples (steps of an
 * environment) and one with ep of episodes: all its numbers count these, and
 * the job's clock must. run->unit says which it is.
 *
 * The settings' controller is for a job with these scores. */
enum task_status task_run_schedule(struct task_run *run,
                                   const struct task_length *length,
                                   const char *const *scores, size_t count,
                                   struct task_error *err);

/* Makes the folder and writes run.json, or checks that a resumed run.json
 * describes this data. Takes ownership of `data` (what the data set is, with
 * the key "fingerprint") and `model`. */
enum task_status task_run_record(struct task_run *run, cJSON *data,
                                 cJSON *model, struct task_error *err);

/* What a task adds to the files that a run leaves behind. */
struct task_extras {
    const struct task_pair *metadata; /* [pairs] of model.safetensors */
    size_t pairs;
    /* Adds keys to summary.json, or replaces some; NULL: none. `self` is the
     * job's. */
    void (*summarise)(void *self, cJSON *summary);
};

/* Trains and writes what a run leaves behind. *summary, if one was written,
 * belongs to the caller: also of a run that diverged. `plan` needs the rule and
 * the knobs; all other fields come from the run and its settings. */
enum task_status task_run_train(struct task_run *run,
                                const struct task_job *job,
                                const struct task_plan *plan,
                                const struct task_extras *extras,
                                cJSON **summary, struct task_error *err);

void task_run_close(struct task_run *run); /* zeroed is legal */

#endif
