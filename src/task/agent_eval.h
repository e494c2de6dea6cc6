/* How well an agent does when it only does what it thinks best: the returns of
 * episodes under the deterministic policy, each the action of the largest
 * logit. The episodes begin in the same states each time, from a stream that
 * the seed and a name of its own name. */
#ifndef TAPER_TASK_AGENT_EVAL_H
#define TAPER_TASK_AGENT_EVAL_H

#include "env/cartpole.h"
#include "nn/actor_critic.h"
#include "task/task_status.h"

#include <stddef.h>
#include <stdint.h>

struct task_agent_eval {
    struct nn_actor_critic *network; /* borrowed */
    uint64_t seed;
    size_t count;      /* episodes, all at once */
    void *envs;        /* a block of environments */
    float *block;      /* what the floats point into */
    float *now;        /* [count, 4] */
    float *logits;     /* [count, 2] */
    int32_t *actions;  /* [count] */
    uint32_t *lengths; /* [count] */
    uint8_t *ended;    /* [count, 2], terminated then truncated */
    double *returns;   /* [count], of the last evaluation */
};

struct task_agent_scores {
    double mean, deviation, least; /* of the returns; deviation over n - 1 */
};

/* A network call has `batch` rows at most, of which an evaluation makes as many
 * calls as it needs. */
enum task_status task_agent_eval_create(struct task_agent_eval *e,
                                        struct nn_actor_critic *network,
                                        uint64_t seed, size_t count,
                                        struct task_error *err);
void task_agent_eval_free(struct task_agent_eval *e); /* zeroed is legal */

/* Plays all episodes. The network's last forward is then one of these. */
enum task_status task_agent_eval_run(struct task_agent_eval *e,
                                     struct task_agent_scores *out,
                                     struct task_error *err);

#endif
