/* The one training loop. It knows neither data nor networks: a task hands it a
 * job (the arrays that train and what a step and an evaluation are) and it
 * drives the rate, the optimiser, the log, the evaluations and the checkpoints.
 *
 * For each update t: rate = schedule at t under the controller, everything
 * else that a plan drives, loss and gradients of the batch, clip, optimiser,
 * Lookahead, a row of metrics.csv.
 * Everything that update t + 1 depends on is in the checkpoint, and the loop
 * allocates nothing between two updates. (oneDNN does, for products.) */
#ifndef TAPER_TASK_LOOP_H
#define TAPER_TASK_LOOP_H

#include "optim/muon.h"
#include "optim/optim.h"
#include "task/checkpoint.h"
#include "task/control.h"
#include "task/metrics.h"
#include "task/progress.h"
#include "task/task_status.h"
#include "task/watch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taper.h>

/* What an update uses besides the rate of the run. */
struct task_knobs {
    struct optim_options options;
    struct optim_group *groups; /* [group_count] */
    size_t group_count;
    double clip; /* largest norm of all gradients; 0: no limit */
};

/* Works on [begin, end); called from several threads at once. */
typedef void task_slice_fn(void *context, size_t begin, size_t end);

/* What a task provides. Everything is borrowed. */
struct task_job {
    void *self; /* first argument of the functions below */

    /* The trained values, one block each. */
    size_t size; /* floats */
    float *weights;
    const float *gradients;
    /* What belongs to the model without being trained: running statistics. */
    size_t buffer_size; /* floats, may be 0 */
    float *buffers;
    /* Both again, as named tensors: what model.safetensors holds. */
    const struct task_part *parts;
    size_t part_count;

    /* What else the next update depends on: plain bytes, restored before seek.
     * 0: nothing. */
    void *state;
    size_t state_size;

    /* What metrics.csv says besides rate and loss: series in every row, scores
     * where there was an evaluation. Progress shows the first score. */
    struct task_columns columns;

    int64_t steps, steps_per_epoch; /* both >= 1 */

    /* Gets ready to continue with update `step`. */
    enum task_status (*seek)(void *self, int64_t step, struct task_error *err);
    /* Leaves the gradients of update `step` and its mean loss. */
    enum task_status (*step)(void *self, int64_t step, double *loss,
                             struct task_error *err);
    /* Scores the weights as they are; `last` at the end of the run. May give
     * up with TASK_E_STOPPED after a signal: it is then done again when the
     * run is resumed. */
    enum task_status (*evaluate)(void *self, bool last, double *scores,
                                 struct task_error *err);
    /* Runs fn over slices of [0, n) on the job's threads. */
    void (*parallel)(void *self, size_t n, task_slice_fn *fn, void *context);
    /* Multiplies for a rule with matrices, on the threads of `parallel`. NULL:
     * such a rule is refused. */
    optim_product_fn *product;
    /* Sets what changes at update `step`, before it begins; NULL: nothing
     * does. A function of `step` alone, so that a resumed run has the same;
     * a group's own rate must be set anew each time, because the loop
     * multiplies it as the controller does the rate of the run. */
    void (*prepare)(void *self, int64_t step, struct task_knobs *knobs);
    /* Where in the schedule update `step` reads, which is the next: >= 0,
     * and never less than at the update before. A function of weights and
     * state. NULL: at `step`. A job with a clock takes no controller. */
    int64_t (*clock)(void *self, int64_t step);
    /* The series after the latest update; NaN where there is no value yet.
     * NULL without series. */
    void (*measure)(void *self, double *series);
};

/* How the loop trains it. Everything is borrowed. */
struct task_plan {
    const taper_schedule *schedule;
    struct task_control control; /* of the schedule; zeroed: none */
    const struct optim_rule *rule;
    /* Before job->prepare, which changes a copy, and the groups themselves. A
     * momentum that is 0 here is 0 in every update: moments are kept or not
     * by these options. */
    struct task_knobs knobs;
    int64_t lookahead;       /* updates between two meetings; 0: off */
    int64_t eval_every;      /* updates; 0: only after the last */
    int64_t log_every;       /* updates a row of metrics.csv, >= 1 */
    double checkpoint_every; /* seconds; one is written after an epoch as well,
                                unless the last one is younger than half a
                                second */
    const char *identity;    /* of the run, for its checkpoint */
    const char *checkpoint;  /* paths */
    const char *metrics;
    unsigned logs; /* bit k: log k of task/log.h is written as well, to */
    const char *folder;
    const struct task_watch *watch; /* NULL: nobody looks on */
};

/* Trains from the checkpoint, if there is one, to the end: job->steps updates,
 * or those until an early cool-down ends, which the controller begins or a
 * person by a signal (task/stop.h). The controller hears of each evaluation
 * but the last.
 *
 * Returns TASK_OK when all updates are done and scored, TASK_E_STOPPED after
 * a signal (with a checkpoint written) or when the plan's watch had enough
 * (without), TASK_E_DIVERGED when a loss, a gradient or a score is no finite
 * number, or what failed. `counters` says how far it came.
 */
enum task_status task_loop_run(const struct task_job *job,
                               const struct task_plan *plan,
                               struct task_progress *progress,
                               struct task_counters *counters,
                               struct task_error *err);

#endif
