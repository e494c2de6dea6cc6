/* The loss of proximal policy optimisation and its gradient by what the two
 * networks gave: Schulman, Wolski, Dhariwal, Radford, Klimov, "Proximal policy
 * optimization algorithms", 2017, arXiv 1707.06347. No network and no
 * environment in here, so that each line can be held to a formula:
 *
 *     ratio  = pi(action) / pi_old(action)
 *     policy = -mean(min(ratio * A, clamp(ratio, 1 - c, 1 + c) * A))
 *     value  = mean((v - target)^2)
 *     loss   = policy + value_weight * value - entropy * mean(H(pi))
 *
 * where A are the minibatch's advantages, normalised, and c the clip range. */
#ifndef TAPER_TASK_PPO_H
#define TAPER_TASK_PPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct task_ppo_options {
    double clip_range;   /* c, >= 0: how far a ratio may move and still gain */
    double entropy;      /* weight of the policy's entropy, >= 0 */
    double value_weight; /* weight of the value loss, >= 0 */
    bool normalise;      /* the advantages of each minibatch */
};

/* A minibatch of n >= 1 samples, all borrowed. */
struct task_ppo_batch {
    size_t n, actions;              /* actions <= TASK_ACTIONS */
    const float *logits;            /* [n, actions], of the policy as it is */
    const float *values;            /* [n], of the value network as it is */
    const int32_t *chosen;          /* [n], each in [0, actions) */
    const float *log_probabilities; /* [n], of the chosen actions under the
                                     * policy that chose them */
    const float *advantages;        /* [n] */
    const float *targets;           /* [n], what the values should be */
};

/* Means over the minibatch. */
struct task_ppo_loss {
    double loss, policy, value;
    double entropy; /* nats */
    double kl;      /* how far the policy has moved since it chose: the mean of
                     * ratio - 1 - ln(ratio), >= 0 */
    double clipped; /* share of the samples whose ratio is out of range */
};

/* The loss, and its gradient by the logits and by the values. */
void task_ppo_gradient(const struct task_ppo_options *options,
                       const struct task_ppo_batch *batch,
                       float *logit_gradients, /* [n, actions] */
                       float *value_gradients, /* [n] */
                       struct task_ppo_loss *out);

/* What takes values to mean 0 and standard deviation 1, as x -> (x - mean) *
 * scale. The deviation is the unbiased one and 1e-8 more, which is what PPO's
 * usual programs do; a value that is alone is left as it is. */
struct task_standard {
    double mean, scale;
};
struct task_standard task_standard_of(const float *values, size_t n);

#endif
