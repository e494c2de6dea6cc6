/* Collecting a rollout: see rollout.h. The policy is asked step by step, since
 * an action needs the observation before it; the values of all observations are
 * asked for afterwards in larger calls, which cost less for each row. */
#include "task/rollout.h"

#include "task/categorical.h"

#include <string.h>

enum {
    OBSERVATIONS = ENV_CARTPOLE_OBSERVATIONS,
    ACTIONS = ENV_CARTPOLE_ACTIONS
};

/* ---- memory ---- */

/* Takes `bytes` from a block, or only counts them where there is none. */
static void *take(unsigned char *block, size_t *used, size_t bytes)
{
    unsigned char *const at = block ? block + *used : NULL;
    *used += (bytes + 63) / 64 * 64;
    return at;
}

static size_t lay_out(struct task_rollout *r, unsigned char *block)
{
    const size_t row = r->envs, all = r->envs * r->horizon;
    size_t used = 0;
    r->observations =
        take(block, &used, (all + row) * OBSERVATIONS * sizeof(float));
    r->actions = take(block, &used, all * sizeof(int32_t));
    r->log_probabilities = take(block, &used, all * sizeof(float));
    r->advantages = take(block, &used, all * sizeof(float));
    r->targets = take(block, &used, all * sizeof(float));
    r->rewards = take(block, &used, all * sizeof(float));
    r->values = take(block, &used, (all + row) * sizeof(float));
    r->next_values = take(block, &used, all * sizeof(float));
    r->terminated = take(block, &used, all);
    r->truncated = take(block, &used, all);
    r->logits = take(block, &used, row * ACTIONS * sizeof(float));
    r->last = take(block, &used, row * OBSERVATIONS * sizeof(float));
    r->length = take(block, &used, row * sizeof(uint32_t));
    return used;
}

size_t task_rollout_size(size_t envs, size_t horizon)
{
    struct task_rollout r = {.envs = envs, .horizon = horizon};
    return lay_out(&r, NULL);
}

struct task_rollout task_rollout_in(void *block, size_t envs, size_t horizon)
{
    struct task_rollout r = {.envs = envs, .horizon = horizon};
    (void)lay_out(&r, block);
    return r;
}

/* ---- advantages ---- */

void task_rollout_advantages(struct task_rollout *r, double gamma,
                             double lambda)
{
    for (size_t e = 0; e < r->envs; e++) {
        double advantage = 0;
        for (size_t t = r->horizon; t-- > 0;) {
            const size_t i = t * r->envs + e;
            const double value = (double)r->values[i];
            const double next =
                r->terminated[i] ? 0 : (double)r->next_values[i];
            const bool ended = r->terminated[i] || r->truncated[i];
            const double delta = (double)r->rewards[i] + gamma * next - value;
            advantage = delta + (ended ? 0 : gamma * lambda * advantage);
            r->advantages[i] = (float)advantage;
            r->targets[i] = (float)(advantage + value);
        }
    }
}

/* ---- playing ---- */

static void choose(struct task_rollout *r, struct data_random *random, size_t t)
{
    for (size_t e = 0; e < r->envs; e++) {
        const size_t i = t * r->envs + e;
        const struct task_categorical c =
            task_categorical_of(r->logits + e * ACTIONS, ACTIONS);
        const int32_t action =
            task_categorical_choose(&c, data_random_uniform(random));
        r->actions[i] = action;
        r->log_probabilities[i] = (float)c.log_p[action];
    }
}

/* The value of what step t led to is that of the next observation, but where
 * the environment has restarted. There it matters only after a truncation. */
static bool bootstrap(struct task_rollout *r, struct nn_actor_critic *network,
                      size_t t)
{
    for (size_t e = 0; e < r->envs; e++) {
        const size_t i = t * r->envs + e;
        r->next_values[i] = 0;
        if (r->truncated[i] && !r->terminated[i] &&
            nn_actor_critic_forward(network, r->last + e * OBSERVATIONS, 1,
                                    NULL, &r->next_values[i]) != NN_OK)
            return false;
    }
    return true;
}

static void count(const struct task_rollout *r, size_t t,
                  struct task_episodes *episodes, int64_t *env_steps)
{
    *env_steps += (int64_t)r->envs;
    for (size_t e = 0; e < r->envs; e++) {
        const size_t i = t * r->envs + e;
        if (r->terminated[i] || r->truncated[i])
            task_episodes_add(episodes, (double)r->length[e], *env_steps);
    }
}

/* Values of all observations, and of what followed where an episode went on. */
static bool evaluate(struct task_rollout *r, struct nn_actor_critic *network)
{
    const size_t all = r->envs * (r->horizon + 1);
    const size_t most = (size_t)nn_actor_critic_shape(network)->batch;
    for (size_t i = 0; i < all; i += most)
        if (nn_actor_critic_forward(network, r->observations + i * OBSERVATIONS,
                                    all - i < most ? all - i : most, NULL,
                                    r->values + i) != NN_OK)
            return false;
    for (size_t i = 0; i < r->envs * r->horizon; i++)
        if (!r->terminated[i] && !r->truncated[i])
            r->next_values[i] = r->values[i + r->envs];
    return true;
}

bool task_rollout_collect(struct task_rollout *r, struct task_actor *actor,
                          struct task_episodes *episodes, int64_t *env_steps)
{
    const size_t row = r->envs;
    env_cartpoles_observe(actor->envs, r->observations);
    for (size_t t = 0; t < r->horizon; t++) {
        float *const now = r->observations + t * row * OBSERVATIONS;
        if (nn_actor_critic_forward(actor->network, now, row, r->logits,
                                    NULL) != NN_OK)
            return false;
        choose(r, &actor->random, t);
        const struct env_transitions out = {.reward = r->rewards + t * row,
                                            .terminated =
                                                r->terminated + t * row,
                                            .truncated = r->truncated + t * row,
                                            .length = r->length,
                                            .last = r->last,
                                            .next = now + row * OBSERVATIONS};
        env_cartpoles_step(actor->envs, r->actions + t * row, &out);
        if (!bootstrap(r, actor->network, t)) return false;
        count(r, t, episodes, env_steps);
    }
    if (!evaluate(r, actor->network)) return false;
    task_rollout_advantages(r, actor->gamma, actor->lambda);
    return true;
}
