/* PPO as an agent: a rollout, then several passes over it in minibatches, each
 * pass in an order of its own. docs/cartpole.md says which of the details that
 * are known to matter are in, and why. */
#include "task/agent.h"

#include "task/ppo.h"
#include "task/rollout.h"

#include <stdlib.h>
#include <string.h>

enum { OBSERVATIONS = ENV_CARTPOLE_OBSERVATIONS };

/* More samples than this in a rollout are a mistake. */
#define SAMPLES_MAX ((size_t)1 << 24)

struct ppo {
    struct env_cartpoles *envs; /* in the state, as is the rollout */
    struct task_rollout rollout;
    uint32_t *order; /* [samples] of the pass under way */
    /* The minibatch. */
    float *observations;                             /* [rows, 4] */
    float *logits, *logit_gradients;                 /* [rows, 2] */
    float *values, *value_gradients;                 /* [rows] */
    float *log_probabilities, *advantages, *targets; /* [rows] */
    int32_t *actions;                                /* [rows] */
    float *block; /* what all but the order point into */
};

static size_t samples_of(const struct task_agent_options *o)
{
    return o->envs * o->horizon;
}

static const char *ppo_wrong(const struct task_agent_options *o)
{
    if (o->envs < 1 || o->horizon < 1 || o->envs > SAMPLES_MAX ||
        o->horizon > SAMPLES_MAX || samples_of(o) > SAMPLES_MAX)
        return "--envs times --horizon must be 1 to 16777216 steps";
    if (o->epochs < 1) return "--update-epochs must be 1 or more";
    if (o->batch < 1 || o->batch > samples_of(o))
        return "--batch must be 1 or more, and at most --envs times --horizon";
    return NULL;
}

/* Minibatches of a pass. Where the samples are no multiple of the batch they
 * are all of nearly the same size rather than the last one small. */
static size_t parts_of(const struct task_agent_options *o)
{
    return (samples_of(o) + o->batch - 1) / o->batch;
}

/* Of a minibatch, and of a step of all environments. */
static size_t ppo_rows(const struct task_agent_options *o)
{
    return o->batch > o->envs ? o->batch : o->envs;
}

static int64_t ppo_cycle(const struct task_agent_options *o)
{
    return (int64_t)(o->epochs * parts_of(o));
}

/* ---- memory: counts, environments and rollout are the state ---- */

static size_t counts_size(void)
{
    return (sizeof(struct task_agent_counts) + 63) / 64 * 64;
}

static size_t envs_size(const struct task_agent_options *o)
{
    return (env_cartpoles_size(o->envs) + 63) / 64 * 64;
}

static size_t ppo_state_size(const struct task_agent_options *o)
{
    return counts_size() + envs_size(o) +
           task_rollout_size(o->envs, o->horizon);
}

static void lay_out(struct ppo *p, size_t rows)
{
    float *next = p->block;
    p->observations = next;
    p->logits = next += rows * OBSERVATIONS;
    p->logit_gradients = next += rows * ENV_CARTPOLE_ACTIONS;
    p->values = next += rows * ENV_CARTPOLE_ACTIONS;
    p->value_gradients = next += rows;
    p->log_probabilities = next += rows;
    p->advantages = next += rows;
    p->targets = next + rows;
}

static bool ppo_create(struct task_agent *a)
{
    const struct task_agent_options *const o = &a->options;
    const size_t rows = o->batch;
    struct ppo *const p = calloc(1, sizeof *p);
    a->own = p;
    if (!p) return false;
    p->order = calloc(samples_of(o), sizeof *p->order);
    p->actions = calloc(rows, sizeof *p->actions);
    p->block = calloc(rows * (OBSERVATIONS + 2 * ENV_CARTPOLE_ACTIONS + 5),
                      sizeof *p->block);
    if (!p->order || !p->actions || !p->block) return false;
    lay_out(p, rows);
    unsigned char *const state = a->state;
    p->envs = env_cartpoles_begin(state + counts_size(), o->envs, o->seed,
                                  "cartpole");
    p->rollout = task_rollout_in(state + counts_size() + envs_size(o), o->envs,
                                 o->horizon);
    return true;
}

static void ppo_destroy(struct task_agent *a)
{
    struct ppo *const p = a->own;
    if (!p) return;
    free(p->order);
    free(p->actions);
    free(p->block);
    free(p);
}

/* ---- updates ---- */

/* The order in which a pass takes the samples. */
static void shuffle(struct task_agent *a, uint64_t pass)
{
    struct ppo *const p = a->own;
    const size_t n = samples_of(&a->options);
    for (size_t i = 0; i < n; i++)
        p->order[i] = (uint32_t)i;
    struct data_random r = data_stream(a->options.seed, "minibatches", pass, 0);
    data_random_shuffle(&r, p->order, n);
}

static void ppo_seek(struct task_agent *a, int64_t step)
{
    shuffle(a, (uint64_t)step / parts_of(&a->options));
}

static bool collect(struct task_agent *a, int64_t rollout)
{
    const struct task_agent_options *const o = &a->options;
    struct ppo *const p = a->own;
    struct task_actor actor = {.envs = p->envs,
                               .network = a->network,
                               .random = data_stream(o->seed, "actions",
                                                     (uint64_t)rollout, 0),
                               .gamma = o->gamma,
                               .lambda = o->gae_lambda};
    return task_rollout_collect(&p->rollout, &actor, &a->counts->episodes,
                                &a->counts->env_steps);
}

/* Copies samples order[first ... first + n) together. */
static void gather(struct ppo *p, size_t first, size_t n)
{
    const struct task_rollout *const r = &p->rollout;
    for (size_t i = 0; i < n; i++) {
        const size_t from = p->order[first + i];
        memcpy(p->observations + i * OBSERVATIONS,
               r->observations + from * OBSERVATIONS,
               OBSERVATIONS * sizeof(float));
        p->actions[i] = r->actions[from];
        p->log_probabilities[i] = r->log_probabilities[from];
        p->advantages[i] = r->advantages[from];
        p->targets[i] = r->targets[from];
    }
}

/* Forward, loss and backward of the n samples gathered. */
static bool learn(struct task_agent *a, const struct task_agent_knobs *knobs,
                  size_t n, double *loss)
{
    struct ppo *const p = a->own;
    const struct task_ppo_options options = {.clip_range = knobs->clip_range,
                                             .entropy = knobs->entropy,
                                             .value_weight =
                                                 a->options.value_weight,
                                             .normalise = true};
    const struct task_ppo_batch batch = {.n = n,
                                         .actions = ENV_CARTPOLE_ACTIONS,
                                         .logits = p->logits,
                                         .values = p->values,
                                         .chosen = p->actions,
                                         .log_probabilities =
                                             p->log_probabilities,
                                         .advantages = p->advantages,
                                         .targets = p->targets};
    if (nn_actor_critic_forward(a->network, p->observations, n, p->logits,
                                p->values) != NN_OK)
        return false;
    struct task_ppo_loss l;
    task_ppo_gradient(&options, &batch, p->logit_gradients, p->value_gradients,
                      &l);
    a->counts->entropy = l.entropy;
    a->counts->kl = l.kl;
    a->counts->clipped = l.clipped;
    *loss = l.loss;
    return nn_actor_critic_backward(a->network, p->logit_gradients,
                                    p->value_gradients) == NN_OK;
}

static bool ppo_step(struct task_agent *a, int64_t step,
                     const struct task_agent_knobs *knobs, double *loss)
{
    const struct task_agent_options *const o = &a->options;
    const int64_t cycle = ppo_cycle(o);
    const size_t parts = parts_of(o), part = (size_t)step % parts;
    if (step % cycle == 0 && !collect(a, step / cycle)) return false;
    if (part == 0) shuffle(a, (uint64_t)step / parts);
    const size_t first = part * samples_of(o) / parts;
    const size_t n = (part + 1) * samples_of(o) / parts - first;
    gather(a->own, first, n);
    return learn(a, knobs, n, loss);
}

const struct task_algorithm task_ppo = {
    .name = "ppo",
    .doc = "proximal policy optimisation",
    .wrong = ppo_wrong,
    .rows = ppo_rows,
    .state_size = ppo_state_size,
    .create = ppo_create,
    .destroy = ppo_destroy,
    .seek = ppo_seek,
    .step = ppo_step,
    .cycle = ppo_cycle,
};
