/* Evaluation: all episodes are played side by side, and each environment's
 * first is what counts. */
#include "task/agent_eval.h"

#include "task/categorical.h"

#include <math.h>
#include <stdlib.h>

enum {
    OBSERVATIONS = ENV_CARTPOLE_OBSERVATIONS,
    ACTIONS = ENV_CARTPOLE_ACTIONS
};

enum task_status task_agent_eval_create(struct task_agent_eval *e,
                                        struct nn_actor_critic *network,
                                        uint64_t seed, size_t count,
                                        struct task_error *err)
{
    *e = (struct task_agent_eval){.network = network,
                                  .seed = seed,
                                  .count = count};
    e->envs = malloc(env_cartpoles_size(count));
    e->block = calloc(count * (OBSERVATIONS + ACTIONS), sizeof *e->block);
    e->actions = calloc(count, sizeof *e->actions);
    e->lengths = calloc(count, sizeof *e->lengths);
    e->ended = calloc(count, 2);
    e->returns = calloc(count, sizeof *e->returns);
    if (!e->envs || !e->block || !e->actions || !e->lengths || !e->ended ||
        !e->returns) {
        task_agent_eval_free(e);
        return task_fail(err, TASK_E_MEMORY,
                         "out of memory for the evaluation of %zu episodes",
                         count);
    }
    e->now = e->block;
    e->logits = e->block + count * OBSERVATIONS;
    return TASK_OK;
}

void task_agent_eval_free(struct task_agent_eval *e)
{
    free(e->envs);
    free(e->block);
    free(e->actions);
    free(e->lengths);
    free(e->ended);
    free(e->returns);
    *e = (struct task_agent_eval){0};
}

/* What the policy thinks best, of all environments. */
static bool decide(struct task_agent_eval *e)
{
    const size_t most = (size_t)nn_actor_critic_shape(e->network)->batch;
    for (size_t i = 0; i < e->count; i += most)
        if (nn_actor_critic_forward(e->network, e->now + i * OBSERVATIONS,
                                    e->count - i < most ? e->count - i : most,
                                    e->logits + i * ACTIONS, NULL) != NN_OK)
            return false;
    for (size_t i = 0; i < e->count; i++)
        e->actions[i] = task_categorical_best(e->logits + i * ACTIONS, ACTIONS);
    return true;
}

/* Steps all environments. Those whose first episode has ended play on and do
 * not count. Returns how many have ended now. */
static size_t advance(struct task_agent_eval *e)
{
    const struct env_transitions out = {.terminated = e->ended,
                                        .truncated = e->ended + e->count,
                                        .length = e->lengths,
                                        .next = e->now};
    size_t ended = 0;
    env_cartpoles_step(e->envs, e->actions, &out);
    for (size_t i = 0; i < e->count; i++) {
        if (!(out.terminated[i] || out.truncated[i]) || e->returns[i] >= 0)
            continue;
        e->returns[i] = (double)e->lengths[i];
        ended++;
    }
    return ended;
}

static struct task_agent_scores score(const double *returns, size_t n)
{
    struct task_agent_scores s = {.least = returns[0]};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        sum += returns[i];
        s.least = fmin(s.least, returns[i]);
    }
    s.mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (returns[i] - s.mean) * (returns[i] - s.mean);
    s.deviation = n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
    return s;
}

enum task_status task_agent_eval_run(struct task_agent_eval *e,
                                     struct task_agent_scores *out,
                                     struct task_error *err)
{
    struct env_cartpoles *const envs =
        env_cartpoles_begin(e->envs, e->count, e->seed, "cartpole.evaluation");
    env_cartpoles_observe(envs, e->now);
    for (size_t i = 0; i < e->count; i++)
        e->returns[i] = -1;
    for (size_t left = e->count; left > 0; left -= advance(e))
        if (!decide(e))
            return task_fail(err, TASK_E_ENGINE,
                             "the policy failed in an evaluation");
    *out = score(e->returns, e->count);
    return TASK_OK;
}
