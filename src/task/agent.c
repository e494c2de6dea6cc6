/* What all algorithms share: the network, the state, the table of them. */
#include "task/agent.h"

#include "data/random.h"
#include "env/cartpole.h"

#include <stdlib.h>
#include <string.h>

/* The mean return of 100 consecutive episodes at which Gymnasium's registry
 * has CartPole-v1 solved. */
static const double solved = 475;

static const struct task_algorithm *const algorithms[] = {&task_ppo,
                                                          &task_reinforce};
enum { ALGORITHMS = sizeof algorithms / sizeof algorithms[0] };

const struct task_algorithm *task_algorithm_at(size_t index)
{
    return index < ALGORITHMS ? algorithms[index] : NULL;
}

const struct task_algorithm *task_algorithm_find(const char *name)
{
    for (size_t i = 0; i < ALGORITHMS; i++)
        if (strcmp(algorithms[i]->name, name) == 0) return algorithms[i];
    return NULL;
}

static double uniform(void *context)
{
    return data_random_uniform(context);
}

static enum task_status make_network(struct task_agent *a,
                                     struct task_error *err)
{
    const struct task_agent_options *const o = &a->options;
    struct nn_actor_critic_shape shape =
        nn_actor_critic_defaults(ENV_CARTPOLE_OBSERVATIONS,
                                 ENV_CARTPOLE_ACTIONS,
                                 (int)a->algorithm->rows(o));
    for (int i = 0; i < shape.layers; i++)
        shape.hidden[i] = o->hidden;
    struct nn_error why;
    const enum nn_status status =
        nn_actor_critic_create(&shape, &a->network, &why);
    if (status != NN_OK)
        return task_fail(err,
                         status == NN_E_NOMEM ? TASK_E_MEMORY : TASK_E_USAGE,
                         "%s", why.message);
    struct data_random r = data_stream(o->seed, "weights", 0, 0);
    nn_actor_critic_initialise(a->network, uniform, &r);
    return TASK_OK;
}

static enum task_status make_state(struct task_agent *a, struct task_error *err)
{
    a->state_size = a->algorithm->state_size(&a->options);
    a->state = calloc(1, a->state_size);
    if (!a->state)
        return task_fail(err, TASK_E_MEMORY,
                         "out of memory for the agent's state");
    a->counts = a->state;
    a->counts->episodes = task_episodes_begin(solved);
    if (!a->algorithm->create(a))
        return task_fail(err, TASK_E_MEMORY,
                         "out of memory for the agent's state");
    return TASK_OK;
}

enum task_status task_agent_create(const struct task_algorithm *algorithm,
                                   const struct task_agent_options *options,
                                   struct task_agent **out,
                                   struct task_error *err)
{
    *out = NULL;
    const char *const wrong = algorithm->wrong(options);
    if (wrong) return task_fail(err, TASK_E_USAGE, "%s", wrong);
    struct task_agent *const a = calloc(1, sizeof *a);
    if (!a) return task_fail(err, TASK_E_MEMORY, "out of memory");
    a->options = *options;
    a->algorithm = algorithm;
    enum task_status status = make_network(a, err);
    if (status == TASK_OK) status = make_state(a, err);
    if (status == TASK_OK)
        *out = a;
    else
        task_agent_destroy(a);
    return status;
}

void task_agent_destroy(struct task_agent *a)
{
    if (!a) return;
    a->algorithm->destroy(a);
    nn_actor_critic_destroy(a->network);
    free(a->state);
    free(a);
}

void task_agent_seek(struct task_agent *a, int64_t step)
{
    a->algorithm->seek(a, step);
}

/* Whether the update begins with playing. */
static bool begins(const struct task_agent *a, int64_t step)
{
    return step % a->algorithm->cycle(&a->options) == 0;
}

int64_t task_agent_env_steps(const struct task_agent *a, int64_t step)
{
    return begins(a, step) ? a->counts->env_steps : a->counts->env_steps_before;
}

int64_t task_agent_episodes(const struct task_agent *a, int64_t step)
{
    return begins(a, step) ? a->counts->episodes.count
                           : a->counts->episodes_before;
}

struct task_agent_knobs task_agent_knobs(const struct task_agent *a,
                                         int64_t step)
{
    const struct task_agent_options *const o = &a->options;
    const int64_t rollout = step / a->algorithm->cycle(o);
    const double done =
        o->rollouts > 0 ? (double)rollout / (double)o->rollouts : 0;
    return (struct task_agent_knobs){.clip_range =
                                         done < 1 ? o->clip_range * (1 - done)
                                                  : 0,
                                     .entropy = o->entropy};
}

enum task_status task_agent_step(struct task_agent *a, int64_t step,
                                 const struct task_agent_knobs *knobs,
                                 double *loss, struct task_error *err)
{
    a->counts->env_steps_before = task_agent_env_steps(a, step);
    a->counts->episodes_before = task_agent_episodes(a, step);
    if (a->algorithm->step(a, step, knobs, loss)) return TASK_OK;
    return task_fail(err, TASK_E_ENGINE, "the networks failed at step %lld",
                     (long long)step);
}
