/* REINFORCE's loss and its gradient by what the networks gave: Williams,
 * "Simple statistical gradient-following algorithms for connectionist
 * reinforcement learning", 1992. Every action of a whole episode is made more
 * likely in the measure of what followed it:
 *
 *     G_t    = r_t + gamma * G_{t+1}
 *     A      = (G - baseline) / root mean square of all G - baseline
 *     policy = -mean(A * ln(pi(action)))
 *     value  = mean((v - G)^2)
 *     loss   = policy + value_weight * value - entropy * mean(H(pi))
 *
 * A baseline that knows nothing of the action leaves the expected gradient as
 * it is and makes it vary less. The division gives rewards of any size the same
 * effect. */
#ifndef TAPER_TASK_REINFORCE_H
#define TAPER_TASK_REINFORCE_H

#include <stddef.h>
#include <stdint.h>

/* G of each of an episode's n steps, from its rewards; `after` is what the
 * last step would have been followed by: 0 where the episode was terminated. */
void task_reinforce_returns(const float *rewards, size_t n, double gamma,
                            double after, float *returns);

struct task_reinforce_options {
    double entropy;      /* weight of the policy's entropy, >= 0 */
    double value_weight; /* weight of the value loss, >= 0 */
};

/* All steps of an update's episodes, n >= 1, all borrowed. */
struct task_reinforce_batch {
    size_t n, actions;     /* actions <= TASK_ACTIONS */
    const float *logits;   /* [n, actions] */
    const float *values;   /* [n], the baseline and what learns it; NULL: the
                            * baseline is `mean` and nothing learns */
    double mean;           /* of former returns; 0: no baseline */
    const int32_t *chosen; /* [n], each in [0, actions) */
    const float *returns;  /* [n] */
};

/* Means over the steps. */
struct task_reinforce_loss {
    double loss, policy, value; /* value is 0 without values */
    double entropy;             /* nats */
};

/* The loss, and its gradient by the logits and by the values (NULL where the
 * batch has none). The baseline counts as a constant. */
void task_reinforce_gradient(const struct task_reinforce_options *options,
                             const struct task_reinforce_batch *batch,
                             float *logit_gradients, /* [n, actions] */
                             float *value_gradients, /* [n] */
                             struct task_reinforce_loss *out);

#endif
