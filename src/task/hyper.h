/* What a plan drives: which hyperparameters of a run its names are.
 *
 *     lr, momentum, beta1, ...        of the run
 *     lr[head], weight_decay[norm]    of a parameter group
 *
 * A trainer opens the plan, says which groups its parameters are in, and looks
 * all values up once before each update. A hyperparameter that the plan does
 * not name stays what the settings say. */
#ifndef TAPER_TASK_HYPER_H
#define TAPER_TASK_HYPER_H

#include "task/loop.h"
#include "task/settings.h"
#include "task/task_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taper.h>

enum task_hyper_kind {
    TASK_HYPER_LR,
    TASK_HYPER_MOMENTUM,
    TASK_HYPER_BETA1,
    TASK_HYPER_BETA2,
    TASK_HYPER_WEIGHT_DECAY,
    TASK_HYPER_LABEL_SMOOTHING,
    TASK_HYPER_CLIP,
    TASK_HYPER_CLIP_RANGE,
    TASK_HYPER_ENTROPY,
    TASK_HYPER_COUNT
};

/* A struct of zeros is a run without a plan. */
struct task_hyper {
    taper_plan *plan;            /* owned */
    double *values;              /* [names of the plan], of one step */
    double *largest;             /* [names of the plan], in the whole run */
    size_t of[TASK_HYPER_COUNT]; /* the name without a group */
    struct task_link *links;     /* [link_count], one for each member */
    size_t link_count;
};

/* Takes over a plan that was parsed for a run of so many steps, also when it
 * fails: for a name that is no hyperparameter of the task under the settings'
 * optimiser and algorithm, a value out of its range at any step (of the first
 * 2^26), or no `lr`. A new run also refuses a name that an option gives as
 * well; one that is `resumed` has all of its settings from run.json. */
enum task_status task_hyper_open(struct task_hyper *h, taper_plan *plan,
                                 enum task_for task,
                                 const struct task_settings *s, bool resumed,
                                 int64_t steps, struct task_error *err);

/* What an optim_group is to a plan. */
struct task_member {
    const char *groups[2]; /* what it is in, the most specific first; NULL: no
                              more. The texts outlive the call only. */
    bool decays;           /* a weight_decay without a group is for it too */
    bool keeps_norm;       /* no weight_decay is for it */
    double decay_over;     /* what its weight decay is divided by, > 0 */
};

/* Binds the names with a group to the members, which are in the order of the
 * optim_groups. A group that the `network` does not have is refused, and one
 * all of whose members have a more specific name. */
enum task_status task_hyper_bind(struct task_hyper *h, const char *network,
                                 const struct task_member *members,
                                 size_t count, struct task_error *err);

/* Looks up every value of update `step`; or the largest that each has in the
 * run, by which memory and ranges are settled. */
void task_hyper_at(struct task_hyper *h, int64_t step);
void task_hyper_largest(struct task_hyper *h);

/* The value looked up last; `otherwise` where the plan does not name it. */
double task_hyper_value(const struct task_hyper *h, enum task_hyper_kind kind,
                        double otherwise);

/* Sets what the plan drives; the groups are those that were bound. */
void task_hyper_set(const struct task_hyper *h, struct task_knobs *knobs);

void task_hyper_close(struct task_hyper *h); /* zeroed is legal */

/* What a schedule is in the first `steps` updates, of which 2^26 at most are
 * looked at, so that this takes no time. */
struct task_reach {
    double largest;
    int64_t outside; /* the first update beyond least ... most; -1: none */
    double value;    /* of that update */
};
struct task_reach task_reach_of(const taper_schedule *s, int64_t steps,
                                double least, double most);

#endif
