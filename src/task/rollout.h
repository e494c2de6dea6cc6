/* What an agent has lived through since its last improvement: `horizon` steps
 * of `envs` environments side by side, and what each action was worth. PPO
 * learns from one rollout at a time.
 *
 * All arrays lie in one block of plain bytes, so that a run which is stopped
 * between two updates of the same rollout continues with it from a checkpoint.
 */
#ifndef TAPER_TASK_ROLLOUT_H
#define TAPER_TASK_ROLLOUT_H

#include "data/random.h"
#include "env/cartpole.h"
#include "nn/actor_critic.h"
#include "task/episodes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct task_rollout {
    size_t envs, horizon;
    /* What is learnt from, a sample for each step of each environment. */
    float *observations;      /* [horizon + 1, envs, 4]; the last row is what
                               * the next rollout begins with */
    int32_t *actions;         /* [horizon, envs] */
    float *log_probabilities; /* [horizon, envs], of the actions when taken */
    float *advantages;        /* [horizon, envs] */
    float *targets;           /* [horizon, envs], for the values */
    /* What these were made from. */
    float *rewards;      /* [horizon, envs] */
    float *values;       /* [horizon + 1, envs], of the observations */
    float *next_values;  /* [horizon, envs]: of what a step led to, before
                          * any restart */
    uint8_t *terminated; /* [horizon, envs], 0 or 1 */
    uint8_t *truncated;  /* [horizon, envs], 0 or 1 */
    /* Of one step. */
    float *logits;    /* [envs, 2] */
    float *last;      /* [envs, 4] */
    uint32_t *length; /* [envs] */
};

/* Bytes of a block; and the arrays in it, aligned as from malloc. Nothing has
 * to be released. */
size_t task_rollout_size(size_t envs, size_t horizon);
struct task_rollout task_rollout_in(void *block, size_t envs, size_t horizon);

/* Generalised advantage estimation (Schulman, Moritz, Levine, Jordan, Abbeel,
 * 2016, arXiv 1506.02438), from the last step to the first:
 *
 *     delta = reward + gamma * (terminated ? 0 : next_value) - value
 *     A     = delta + gamma * lambda * (ended ? 0 : A of the next step)
 *     target = A + value
 *
 * where an episode has ended that was terminated or truncated. Only after a
 * termination nothing follows: the clock of a truncated episode is none of the
 * agent's business, and what it would have gone on to collect is estimated. */
void task_rollout_advantages(struct task_rollout *r, double gamma,
                             double lambda);

/* What a rollout is collected with, all borrowed. */
struct task_actor {
    struct env_cartpoles *envs; /* as many as the rollout has */
    struct nn_actor_critic *network;
    struct data_random random; /* draws the actions */
    double gamma, lambda;      /* [0, 1] each */
};

/* Plays `horizon` steps by the policy as it is, and fills all arrays. Episodes
 * that end are added to `episodes`, and the steps to *env_steps. False when the
 * network refused. */
bool task_rollout_collect(struct task_rollout *r, struct task_actor *actor,
                          struct task_episodes *episodes, int64_t *env_steps);

#endif
