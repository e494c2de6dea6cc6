/* An agent that learns to keep CartPole's pole upright, as the training loop
 * sees it: weights, gradients for each update, and a state of plain bytes.
 * The algorithms are rows of a table: ppo (agent_ppo.c) and reinforce
 * (agent_reinforce.c), its plain ancestor.
 *
 * Update `step` is a function of the weights, the state, `step` and its knobs
 * alone, and all random numbers come from streams that a seed and a count name.
 * A run can therefore be stopped and continued between any two updates. */
#ifndef TAPER_TASK_AGENT_H
#define TAPER_TASK_AGENT_H

#include "nn/actor_critic.h"
#include "task/episodes.h"
#include "task/task_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum task_baseline {
    TASK_BASELINE_VALUE, /* what the value network expects */
    TASK_BASELINE_MEAN,  /* a moving mean of the returns */
    TASK_BASELINE_NONE
};

/* Zeros are legal where nothing else is said. */
struct task_agent_options {
    uint64_t seed;
    size_t batch;        /* >= 1; ppo: samples of an update at most, and at most
                          * envs * horizon; reinforce: episodes of an update */
    int hidden;          /* units in each of the two hidden layers, >= 1 */
    double gamma;        /* discount of a step, [0, 1] */
    double entropy;      /* weight of the entropy's bonus, >= 0 */
    double value_weight; /* weight of the value loss, >= 0 */
    /* ppo */
    size_t envs;       /* environments side by side, >= 1 */
    size_t horizon;    /* steps of each in a rollout, >= 1 */
    size_t epochs;     /* passes over a rollout, >= 1 */
    double gae_lambda; /* [0, 1] */
    double clip_range; /* >= 0, in the first rollout */
    int64_t rollouts;  /* over which it decays to 0 along a line; 0: never */
    /* reinforce */
    enum task_baseline baseline;
};

/* What may change from one update to the next. */
struct task_agent_knobs {
    double clip_range; /* ppo: >= 0 */
    double entropy;    /* weight of the entropy's bonus, >= 0 */
};

/* The beginning of every agent's state. */
struct task_agent_counts {
    int64_t env_steps; /* taken in training */
    struct task_episodes episodes;
    /* What both counts were before the rollout that is learnt from. */
    int64_t env_steps_before, episodes_before;
    /* Kept here by the trainer. */
    double seconds;                /* that the run has taken */
    double solved_seconds;         /* when it was solved */
    int64_t evaluations;           /* so far */
    double return_std, return_min; /* of the last of them */
    double entropy; /* nats, the policy's mean in the last update */
    double kl;      /* ppo: how far it has moved in its rollout; else 0 */
    double clipped; /* ppo: share of samples whose ratio is held; else 0 */
};

struct task_agent {
    struct task_agent_options options;
    const struct task_algorithm *algorithm;
    struct nn_actor_critic *network;
    void *state; /* one block of bytes without pointers */
    size_t state_size;
    struct task_agent_counts *counts; /* the head of `state` */
    void *own;                        /* of the algorithm */
};

/* What an algorithm is. */
struct task_algorithm {
    const char *name; /* "ppo" */
    const char *doc;  /* one line, for --help */
    /* NULL, or one constant line that says what is wrong. */
    const char *(*wrong)(const struct task_agent_options *o);
    size_t (*rows)(const struct task_agent_options *o); /* of a network call */
    size_t (*state_size)(const struct task_agent_options *o);
    /* Makes `own`, with the state zeroed, and begins the state. */
    bool (*create)(struct task_agent *a);
    void (*destroy)(struct task_agent *a); /* `own` may be NULL */
    void (*seek)(struct task_agent *a, int64_t step);
    bool (*step)(struct task_agent *a, int64_t step,
                 const struct task_agent_knobs *knobs, double *loss);
    /* Updates that share one rollout. */
    int64_t (*cycle)(const struct task_agent_options *o);
};
extern const struct task_algorithm task_ppo, task_reinforce;

/* The algorithm of that name, or NULL; and all of them in order, NULL past the
 * last. */
const struct task_algorithm *task_algorithm_find(const char *name);
const struct task_algorithm *task_algorithm_at(size_t index);

/* *out is NULL on failure: TASK_E_USAGE for options out of range,
 * TASK_E_MEMORY. The networks begin with orthogonal weights from the stream
 * (seed, "weights"). */
enum task_status task_agent_create(const struct task_algorithm *algorithm,
                                   const struct task_agent_options *options,
                                   struct task_agent **out,
                                   struct task_error *err);
void task_agent_destroy(struct task_agent *a); /* NULL is legal */

/* Where a schedule that counts environment steps, or finished episodes, is at
 * update `step`, which is the next: what was counted before the rollout that
 * the update learns from, so that all updates of a rollout have the same. */
int64_t task_agent_env_steps(const struct task_agent *a, int64_t step);
int64_t task_agent_episodes(const struct task_agent *a, int64_t step);

/* Gets ready to continue with update `step` from the state as it is. */
void task_agent_seek(struct task_agent *a, int64_t step);

/* What the options say of update `step`: the clip range is that which its
 * rollout has come to. */
struct task_agent_knobs task_agent_knobs(const struct task_agent *a,
                                         int64_t step);

/* Plays when it is time to, and leaves the gradients of update `step` in the
 * network, and its loss. */
enum task_status task_agent_step(struct task_agent *a, int64_t step,
                                 const struct task_agent_knobs *knobs,
                                 double *loss, struct task_error *err);

#endif
