/* The CartPole trainer: an agent, handed to the common loop.
 *
 * An update is one optimiser step. What the other trainers call an epoch is one
 * rollout with all of its updates; of reinforce, one update. A schedule may
 * count updates, steps of the environment or finished episodes, by the units of
 * its text (task/run.h). */
#include "env/cartpole.h"
#include "nn/denormals.h"
#include "task/agent.h"
#include "task/agent_eval.h"
#include "task/clock.h"
#include "task/model.h"
#include "task/recipe.h"
#include "task/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENVIRONMENT "CartPole-v1"

enum { EVALUATION_EPISODES = 100 };
#define UPDATES_MAX INT64_C(1000000000000)

/* Adam's epsilon. A policy's gradients are small when it hardly changes any
 * more, and the usual 1e-8 would blow their noise up (Huang et al. 2022,
 * "The 37 implementation details of proximal policy optimization"). */
static const double adam_epsilon = 1e-5;

static const char *const scores[] = {"mean_return"};
/* The last two are PPO's alone, and called as its other programs call them. */
static const char *const series[] = {"env_steps", "episodes",  "episode_return",
                                     "entropy",   "approx_kl", "clip_fraction"};
enum {
    SCORES = sizeof scores / sizeof scores[0],
    SERIES = sizeof series / sizeof series[0],
    SERIES_OF_ALL = SERIES - 2
};
_Static_assert((int)SERIES <= (int)TASK_SERIES, "a row holds the series");

struct cartpole {
    struct task_settings *settings;
    struct task_run *run;
    const struct task_algorithm *algorithm;
    struct task_agent_options options;
    struct task_agent *agent;
    struct task_agent_knobs knobs; /* of the update under way */
    struct task_agent_eval eval;
    struct task_model model;
    double started;        /* task_seconds() when this process began */
    double seconds_before; /* of the processes before */
};

/* ---- what the loop calls ---- */

static enum task_status cartpole_seek(void *self, int64_t step,
                                      struct task_error *err)
{
    struct cartpole *const m = self;
    (void)err;
    m->started = task_seconds();
    m->seconds_before = m->agent->counts->seconds;
    task_agent_seek(m->agent, step);
    return TASK_OK;
}

static enum task_status cartpole_step(void *self, int64_t step, double *loss,
                                      struct task_error *err)
{
    struct cartpole *const m = self;
    struct task_agent_counts *const c = m->agent->counts;
    const bool solved = c->episodes.solved_at >= 0;
    const unsigned mode = nn_denormals_flush();
    const enum task_status status =
        task_agent_step(m->agent, step, &m->knobs, loss, err);
    nn_denormals_restore(mode);
    c->seconds = m->seconds_before + task_seconds() - m->started;
    if (!solved && c->episodes.solved_at >= 0) c->solved_seconds = c->seconds;
    return status;
}

static enum task_status cartpole_evaluate(void *self, bool last, double *out,
                                          struct task_error *err)
{
    struct cartpole *const m = self;
    (void)last;
    struct task_agent_counts *const c = m->agent->counts;
    struct task_agent_scores s;
    const unsigned mode = nn_denormals_flush();
    const enum task_status status = task_agent_eval_run(&m->eval, &s, err);
    nn_denormals_restore(mode);
    if (status != TASK_OK) return status;
    out[0] = s.mean;
    c->evaluations++;
    c->return_std = s.deviation;
    c->return_min = s.least;
    return TASK_OK;
}

static void cartpole_parallel(void *self, size_t n, task_slice_fn *fn,
                              void *context)
{
    (void)self;
    const unsigned mode = nn_denormals_flush();
    fn(context, 0, n);
    nn_denormals_restore(mode);
}

static int64_t cartpole_clock(void *self, int64_t step)
{
    const struct cartpole *const m = self;
    if (m->run->unit == TASK_UNIT_SAMPLE)
        return task_agent_env_steps(m->agent, step);
    return m->run->unit == TASK_UNIT_EPISODE
               ? task_agent_episodes(m->agent, step)
               : step;
}

/* A plan reads where its lr does. */
static void cartpole_prepare(void *self, int64_t step, struct task_knobs *knobs)
{
    struct cartpole *const m = self;
    struct task_hyper *const hyper = &m->run->hyper;
    task_hyper_at(hyper, cartpole_clock(self, step));
    task_hyper_set(hyper, knobs);
    m->knobs = task_agent_knobs(m->agent, step);
    m->knobs.clip_range =
        task_hyper_value(hyper, TASK_HYPER_CLIP_RANGE, m->knobs.clip_range);
    m->knobs.entropy =
        task_hyper_value(hyper, TASK_HYPER_ENTROPY, m->knobs.entropy);
}

static void cartpole_measure(void *self, double *out)
{
    const struct cartpole *const m = self;
    const struct task_agent_counts *const c = m->agent->counts;
    out[0] = (double)c->env_steps;
    out[1] = (double)c->episodes.count;
    out[2] = task_episodes_mean(&c->episodes);
    out[3] = c->entropy;
    out[4] = c->kl;
    out[5] = c->clipped;
}

/* ---- settings ---- */

/* What summary.json says of every task; here they are no options. */
static enum task_status name_itself(struct task_settings *s,
                                    struct task_error *err)
{
    const enum task_status status =
        task_settings_default(s, "data", ENVIRONMENT, err);
    if (status != TASK_OK) return status;
    return task_settings_default(s, "model", "actor-critic", err);
}

static enum task_status settle(struct task_settings *s, struct task_error *err)
{
    enum task_status status = name_itself(s, err);
    if (status == TASK_OK)
        status = task_settings_default(s, "algorithm", "ppo", err);
    if (status == TASK_OK)
        status = task_recipe_apply(s, TASK_FOR_CARTPOLE, s->algorithm, err);
    if (status != TASK_OK) return status;
    if (s->threads > 1)
        return task_fail(err, TASK_E_USAGE,
                         "--threads %lld is not for cartpole, whose networks "
                         "are too small to share: leave it out",
                         (long long)s->threads);
    s->threads = 1;
    return TASK_OK;
}

static enum task_baseline baseline_of(const char *name)
{
    if (strcmp(name, "mean") == 0) return TASK_BASELINE_MEAN;
    return strcmp(name, "none") == 0 ? TASK_BASELINE_NONE : TASK_BASELINE_VALUE;
}

static struct task_agent_options options_of(const struct task_settings *s)
{
    return (struct task_agent_options){.seed = (uint64_t)s->seed,
                                       .batch = (size_t)s->batch,
                                       .hidden = (int)s->hidden,
                                       .gamma = s->gamma,
                                       .entropy = s->entropy,
                                       .value_weight = s->value_weight,
                                       .envs = (size_t)s->envs,
                                       .horizon = (size_t)s->horizon,
                                       .epochs = (size_t)s->update_epochs,
                                       .gae_lambda = s->gae_lambda,
                                       .clip_range = s->clip_range,
                                       .baseline = baseline_of(s->baseline)};
}

/* A run is a whole number of rollouts, or of updates of whole episodes, and at
 * least as long as was asked. */
static enum task_status set_length(struct cartpole *m,
                                   struct task_length *length,
                                   struct task_error *err)
{
    const struct task_settings *const s = m->settings;
    struct task_agent_options *const o = &m->options;
    const char *const wrong = m->algorithm->wrong(o);
    if (wrong) return task_fail(err, TASK_E_USAGE, "%s", wrong);
    *length = (struct task_length){.counts = true};
    length->steps_per_epoch = m->algorithm->cycle(o);
    if (m->algorithm == &task_reinforce) {
        length->steps = (s->episodes + s->batch - 1) / s->batch;
        length->all_episodes = length->steps * s->batch;
        return TASK_OK;
    }
    const int64_t rollout = s->envs * s->horizon;
    o->rollouts = s->env_steps / rollout + (s->env_steps % rollout > 0);
    if (o->rollouts > UPDATES_MAX / length->steps_per_epoch)
        return task_fail(err, TASK_E_USAGE,
                         "--env-steps %lld makes too long a run: more than "
                         "10^12 updates",
                         (long long)s->env_steps);
    length->steps = o->rollouts * length->steps_per_epoch;
    length->samples = (double)rollout / (double)length->steps_per_epoch;
    length->all_samples = o->rollouts * rollout;
    return TASK_OK;
}

/* ---- networks ---- */

static enum task_status make_agent(struct cartpole *m, struct task_error *err)
{
    const enum task_status status =
        task_agent_create(m->algorithm, &m->options, &m->agent, err);
    if (status != TASK_OK) return status;
    struct nn_actor_critic *const network = m->agent->network;
    m->model =
        (struct task_model){.weights = nn_actor_critic_weights(network),
                            .gradients = nn_actor_critic_gradients(network),
                            .size = nn_actor_critic_size(network)};
    m->model.parameters =
        nn_actor_critic_parameters(network, &m->model.parameter_count);
    return task_model_prepare(&m->model, m->settings, err);
}

/* Each of the two networks may have a rate of its own. */
static const char *group_of(const void *self, const struct nn_parameter *p)
{
    (void)self;
    return strncmp(p->name, "value.", 6) == 0 ? "value" : "policy";
}

/* ---- records ---- */

static cJSON *describe_data(void)
{
    cJSON *const o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "name", ENVIRONMENT);
    cJSON_AddNumberToObject(o, "observations", ENV_CARTPOLE_OBSERVATIONS);
    cJSON_AddNumberToObject(o, "actions", ENV_CARTPOLE_ACTIONS);
    cJSON_AddNumberToObject(o, "longest_episode", ENV_CARTPOLE_STEPS);
    cJSON_AddStringToObject(o, "fingerprint", "cartpole-v1");
    return o;
}

static cJSON *describe_model(const struct cartpole *m)
{
    const size_t floats = 2 * m->model.size; /* weights and gradients */
    return task_model_describe(&m->model,
                               floats * sizeof(float) + m->agent->state_size);
}

static void add_number(cJSON *o, const char *key, bool known, double value)
{
    if (known)
        cJSON_AddNumberToObject(o, key, value);
    else
        cJSON_AddNullToObject(o, key);
}

/* What is a sample elsewhere is a step of the environment here. */
static void add_speed(cJSON *summary, int64_t env_steps)
{
    const cJSON *const seconds =
        cJSON_GetObjectItemCaseSensitive(summary, "train_seconds");
    const double spent = cJSON_IsNumber(seconds) ? seconds->valuedouble : 0;
    cJSON_ReplaceItemInObjectCaseSensitive(
        summary, "samples_per_second",
        cJSON_CreateNumber(spent > 0 ? (double)env_steps / spent : 0));
}

static void summarise(void *self, cJSON *summary)
{
    const struct cartpole *const m = self;
    const struct task_agent_counts *const c = m->agent->counts;
    const bool solved = c->episodes.solved_at >= 0;
    const bool scored = c->evaluations > 0;
    add_speed(summary, c->env_steps);
    cJSON_AddStringToObject(summary, "algorithm", m->algorithm->name);
    cJSON_AddNumberToObject(summary, "env_steps", (double)c->env_steps);
    cJSON_AddNumberToObject(summary, "episodes", (double)c->episodes.count);
    add_number(summary, "episode_return", c->episodes.count > 0,
               task_episodes_mean(&c->episodes));
    add_number(summary, "solved_at_step", solved,
               (double)c->episodes.solved_at);
    add_number(summary, "solved_at_seconds", solved, c->solved_seconds);
    add_number(summary, "return_std", scored, c->return_std);
    add_number(summary, "return_min", scored, c->return_min);
}

/* ---- the run ---- */

static enum task_status train(void *self, cJSON **summary,
                              struct task_error *err)
{
    struct cartpole *const m = self;
    const bool counts_updates = m->run->unit == TASK_UNIT_UPDATE;
    struct task_job job = {.self = m,
                           .columns = {.series = series,
                                       .series_count = m->algorithm == &task_ppo
                                                           ? SERIES
                                                           : SERIES_OF_ALL,
                                       .scores = scores,
                                       .score_count = SCORES,
                                       .beside = "episode_return"},
                           .state = m->agent->state,
                           .state_size = m->agent->state_size,
                           .seek = cartpole_seek,
                           .step = cartpole_step,
                           .evaluate = cartpole_evaluate,
                           .parallel = cartpole_parallel,
                           .prepare = cartpole_prepare,
                           .clock = counts_updates ? NULL : cartpole_clock,
                           .measure = cartpole_measure};
    task_model_job(&m->model, m->run, &job);
    struct task_plan plan =
        task_model_plan(&m->model, m->settings, &m->run->hyper);
    plan.knobs.options.epsilon = adam_epsilon;
    const struct task_pair metadata[] = {{"format", "pt"},
                                         {"model", "actor-critic, tanh"},
                                         {"environment", ENVIRONMENT}};
    const struct task_extras extras = {.metadata = metadata,
                                       .pairs =
                                           sizeof metadata / sizeof metadata[0],
                                       .summarise = summarise};
    return task_run_train(m->run, &job, &plan, &extras, summary, err);
}

static enum task_status set_schedule(struct cartpole *m, struct task_error *err)
{
    struct task_length length;
    enum task_status status = set_length(m, &length, err);
    if (status == TASK_OK)
        m->settings->epochs = (double)(length.steps / length.steps_per_epoch);
    return status == TASK_OK
               ? task_run_schedule(m->run, &length, scores, SCORES, err)
               : status;
}

static enum task_status prepare(void *self, struct task_run *run,
                                struct task_error *err)
{
    struct cartpole *const m = self;
    m->run = run;
    m->settings = run->settings;
    m->algorithm = task_algorithm_find(m->settings->algorithm);
    m->options = options_of(m->settings);
    enum task_status status = set_schedule(m, err);
    if (status == TASK_OK) status = make_agent(m, err);
    if (status == TASK_OK)
        status =
            task_agent_eval_create(&m->eval, m->agent->network, m->options.seed,
                                   EVALUATION_EPISODES, err);
    if (status == TASK_OK)
        status = task_model_bind(&m->model, run, group_of, m, err);
    if (status == TASK_OK)
        status = task_run_record(run, describe_data(), describe_model(m), err);
    return status;
}

static void release(void *self)
{
    struct cartpole *const m = self;
    task_agent_eval_free(&m->eval);
    task_model_free(&m->model);
    task_agent_destroy(m->agent);
}

const struct task_trainer task_cartpole = {
    .name = "cartpole",
    .about = "reinforcement learning on CartPole-v1",
    .bit = TASK_FOR_CARTPOLE,
    .score = "mean_return",
    .size = sizeof(struct cartpole),
    .settle = settle,
    .prepare = prepare,
    .train = train,
    .release = release,
};
