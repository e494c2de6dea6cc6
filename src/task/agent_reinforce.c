/* REINFORCE as an agent: each update plays a few whole episodes and learns from
 * all of their steps once. The simplest thing that works, to compare with.
 *
 * Episode k of a run starts where the stream (seed, "cartpole", k) says and
 * nothing of it is left when its update is done, so the state is the counts and
 * the moving mean. */
#include "task/agent.h"

#include "data/random.h"
#include "env/cartpole.h"
#include "task/categorical.h"
#include "task/reinforce.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    OBSERVATIONS = ENV_CARTPOLE_OBSERVATIONS,
    ACTIONS = ENV_CARTPOLE_ACTIONS,
    LONGEST = ENV_CARTPOLE_STEPS,
    EPISODES_MAX = 2000 /* an update's; their steps are in memory at once */
};

/* How much of the moving mean an update keeps. */
static const double mean_keep = 0.9;

struct state {
    struct task_agent_counts counts;
    double mean; /* of returns to go; meaningless before the first update */
};

struct episode {
    struct env_cartpole at;
    struct data_random random; /* draws its actions */
    size_t length;
    bool ended, truncated; /* truncated: and not terminated */
};

struct reinforce {
    struct episode *episodes; /* [batch] */
    size_t *playing;          /* [batch], those that have not ended */
    float *now;               /* [batch, 4], what they see */
    /* The update's steps; while it plays, 500 places for each episode. */
    float *observations;             /* [rows, 4] */
    float *logits, *logit_gradients; /* [rows, 2] */
    float *values, *value_gradients; /* [rows] */
    float *rewards, *returns;        /* [rows] */
    int32_t *actions;                /* [rows] */
    float *block;                    /* what the floats point into */
};

static const char *reinforce_wrong(const struct task_agent_options *o)
{
    return o->batch >= 1 && o->batch <= EPISODES_MAX
               ? NULL
               : "--batch must be 1 to 2000 episodes an update";
}

static size_t reinforce_rows(const struct task_agent_options *o)
{
    return o->batch * LONGEST;
}

static int64_t reinforce_cycle(const struct task_agent_options *o)
{
    (void)o;
    return 1;
}

static size_t reinforce_state_size(const struct task_agent_options *o)
{
    (void)o;
    return sizeof(struct state);
}

/* ---- memory ---- */

static void lay_out(struct reinforce *p, size_t rows)
{
    float *next = p->block;
    p->observations = next;
    p->logits = next += rows * OBSERVATIONS;
    p->logit_gradients = next += rows * ACTIONS;
    p->values = next += rows * ACTIONS;
    p->value_gradients = next += rows;
    p->rewards = next += rows;
    p->returns = next + rows;
}

static bool reinforce_create(struct task_agent *a)
{
    const size_t batch = a->options.batch, rows = reinforce_rows(&a->options);
    struct reinforce *const p = calloc(1, sizeof *p);
    a->own = p;
    if (!p) return false;
    p->episodes = calloc(batch, sizeof *p->episodes);
    p->playing = calloc(batch, sizeof *p->playing);
    p->now = calloc(batch * OBSERVATIONS, sizeof *p->now);
    p->actions = calloc(rows, sizeof *p->actions);
    p->block =
        calloc(rows * (OBSERVATIONS + 2 * ACTIONS + 4), sizeof *p->block);
    if (!p->episodes || !p->playing || !p->now || !p->actions || !p->block)
        return false;
    lay_out(p, rows);
    return true;
}

static void reinforce_destroy(struct task_agent *a)
{
    struct reinforce *const p = a->own;
    if (!p) return;
    free(p->episodes);
    free(p->playing);
    free(p->now);
    free(p->actions);
    free(p->block);
    free(p);
}

/* ---- playing ---- */

static void see(const struct env_cartpole *e, float out[OBSERVATIONS])
{
    out[0] = (float)e->x;
    out[1] = (float)e->x_dot;
    out[2] = (float)e->theta;
    out[3] = (float)e->theta_dot;
}

static void begin_episodes(struct task_agent *a)
{
    struct reinforce *const p = a->own;
    for (size_t i = 0; i < a->options.batch; i++) {
        const uint64_t number = (uint64_t)a->counts->episodes.count + i;
        struct data_random start =
            data_stream(a->options.seed, "cartpole", number, 0);
        p->episodes[i] =
            (struct episode){.at = env_cartpole_reset(&start),
                             .random = data_stream(a->options.seed, "actions",
                                                   number, 0)};
        p->playing[i] = i;
    }
}

/* One step of episode i, by the policy's logits. */
static void play(struct reinforce *p, size_t i, const float *logits)
{
    struct episode *const e = &p->episodes[i];
    const size_t at = i * LONGEST + e->length;
    const struct task_categorical c = task_categorical_of(logits, ACTIONS);
    see(&e->at, p->observations + at * OBSERVATIONS);
    p->actions[at] =
        task_categorical_choose(&c, data_random_uniform(&e->random));
    env_cartpole_step(&e->at, p->actions[at]);
    p->rewards[at] = 1;
    e->length++;
    const bool fallen = env_cartpole_terminated(&e->at);
    e->truncated = !fallen && e->length == LONGEST;
    e->ended = fallen || e->truncated;
}

/* Plays all episodes side by side to their ends. */
static bool play_all(struct task_agent *a)
{
    struct reinforce *const p = a->own;
    size_t playing = a->options.batch;
    while (playing > 0) {
        for (size_t k = 0; k < playing; k++)
            see(&p->episodes[p->playing[k]].at, p->now + k * OBSERVATIONS);
        if (nn_actor_critic_forward(a->network, p->now, playing, p->logits,
                                    NULL) != NN_OK)
            return false;
        size_t left = 0;
        for (size_t k = 0; k < playing; k++) {
            const size_t i = p->playing[k];
            play(p, i, p->logits + k * ACTIONS);
            if (!p->episodes[i].ended) p->playing[left++] = i;
        }
        playing = left;
    }
    return true;
}

/* ---- learning ---- */

/* What a truncated episode would have gone on to return. Only the value
 * network can say. */
static bool expected_after(struct task_agent *a, const struct episode *e,
                           double *after)
{
    *after = 0;
    if (!e->truncated || a->options.baseline != TASK_BASELINE_VALUE)
        return true;
    float seen[OBSERVATIONS], value;
    see(&e->at, seen);
    if (nn_actor_critic_forward(a->network, seen, 1, NULL, &value) != NN_OK)
        return false;
    *after = (double)value;
    return true;
}

/* Works out the returns, and moves the episodes' steps together. */
static bool settle(struct task_agent *a, size_t *steps)
{
    struct reinforce *const p = a->own;
    size_t n = 0;
    for (size_t i = 0; i < a->options.batch; i++) {
        const struct episode *const e = &p->episodes[i];
        const size_t from = i * LONGEST;
        double after;
        if (!expected_after(a, e, &after)) return false;
        task_reinforce_returns(p->rewards + from, e->length, a->options.gamma,
                               after, p->returns + n);
        memmove(p->observations + n * OBSERVATIONS,
                p->observations + from * OBSERVATIONS,
                e->length * OBSERVATIONS * sizeof(float));
        memmove(p->actions + n, p->actions + from,
                e->length * sizeof *p->actions);
        n += e->length;
        a->counts->env_steps += (int64_t)e->length;
        task_episodes_add(&a->counts->episodes, (double)e->length,
                          a->counts->env_steps);
    }
    *steps = n;
    return true;
}

/* The baseline of this update, which its own returns do not move, but in the
 * first. */
static double moving_mean(struct task_agent *a, size_t n, bool first)
{
    const struct reinforce *const p = a->own;
    struct state *const s = a->state;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)p->returns[i];
    const double mean = sum / (double)n, before = first ? mean : s->mean;
    s->mean = mean_keep * before + (1 - mean_keep) * mean;
    return before;
}

static bool learn(struct task_agent *a, const struct task_agent_knobs *knobs,
                  size_t n, double mean, double *loss)
{
    const struct task_agent_options *const o = &a->options;
    struct reinforce *const p = a->own;
    const bool values = o->baseline == TASK_BASELINE_VALUE;
    const struct task_reinforce_options options = {.entropy = knobs->entropy,
                                                   .value_weight =
                                                       o->value_weight};
    const struct task_reinforce_batch batch = {.n = n,
                                               .actions = ACTIONS,
                                               .logits = p->logits,
                                               .values =
                                                   values ? p->values : NULL,
                                               .mean = mean,
                                               .chosen = p->actions,
                                               .returns = p->returns};
    if (nn_actor_critic_forward(a->network, p->observations, n, p->logits,
                                values ? p->values : NULL) != NN_OK)
        return false;
    struct task_reinforce_loss l;
    task_reinforce_gradient(&options, &batch, p->logit_gradients,
                            p->value_gradients, &l);
    a->counts->entropy = l.entropy;
    *loss = l.loss;
    return nn_actor_critic_backward(a->network, p->logit_gradients,
                                    values ? p->value_gradients : NULL) ==
           NN_OK;
}

static void reinforce_seek(struct task_agent *a, int64_t step)
{
    (void)a;
    (void)step;
}

static bool reinforce_step(struct task_agent *a, int64_t step,
                           const struct task_agent_knobs *knobs, double *loss)
{
    size_t n;
    begin_episodes(a);
    if (!play_all(a) || !settle(a, &n)) return false;
    const bool has_mean = a->options.baseline == TASK_BASELINE_MEAN;
    return learn(a, knobs, n, has_mean ? moving_mean(a, n, step == 0) : 0,
                 loss);
}

const struct task_algorithm task_reinforce = {
    .name = "reinforce",
    .doc = "the plain policy gradient of whole episodes",
    .wrong = reinforce_wrong,
    .rows = reinforce_rows,
    .state_size = reinforce_state_size,
    .create = reinforce_create,
    .destroy = reinforce_destroy,
    .seek = reinforce_seek,
    .step = reinforce_step,
    .cycle = reinforce_cycle,
};
