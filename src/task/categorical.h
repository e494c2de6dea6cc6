/* A policy over a few actions, as the logits of a network say it: logarithms
 * of probabilities, entropy, a choice, and the way back from a loss to the
 * logits. What PPO and REINFORCE share. */
#ifndef TAPER_TASK_CATEGORICAL_H
#define TAPER_TASK_CATEGORICAL_H

#include <stddef.h>
#include <stdint.h>

enum { TASK_ACTIONS = 8 }; /* the most that a policy chooses from */

struct task_categorical {
    size_t actions;             /* <= TASK_ACTIONS */
    double log_p[TASK_ACTIONS]; /* <= 0 */
    double p[TASK_ACTIONS];     /* they sum to 1 */
    double entropy;             /* nats, in [0, ln(actions)] */
};

/* The softmax of `actions` logits. */
struct task_categorical task_categorical_of(const float *logits,
                                            size_t actions);

/* The action that a uniform number in [0, 1) chooses, by inverting the
 * cumulative distribution. */
int32_t task_categorical_choose(const struct task_categorical *c,
                                double uniform);

/* The likeliest action; of several the first. */
int32_t task_categorical_best(const float *logits, size_t actions);

/* The gradient by the logits of
 *
 *     slope * ln(p[chosen]) - weight * entropy
 *
 * times `share`, which is one over the number of samples. */
void task_categorical_gradient(const struct task_categorical *c, int32_t chosen,
                               double slope, double weight, double share,
                               float *out); /* [actions] */

#endif
