/* Rollouts: advantages against a plain definition (tests/data/task/ppo.txt) and
 * by hand, what collecting records, the statistics of episodes, and that an
 * agent goes on from its state after any update as if nothing had happened. */
#include "task/rollout.h"

#include "optim/optim.h"
#include "task/agent.h"
#include "task/agent_eval.h"
#include "task/categorical.h"
#include "task/golden_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 64 };

/* ---- advantages ---- */

static struct task_rollout make(size_t envs, size_t horizon)
{
    void *const block = calloc(1, task_rollout_size(envs, horizon));
    assert_non_null(block);
    return task_rollout_in(block, envs, horizon);
}

static void release(struct task_rollout *r)
{
    free(r->observations); /* the first array of the block */
}

static void read_flags(FILE *f, const char *word, uint8_t *out, size_t n)
{
    int32_t whole[STEPS_MAX];
    golden_whole(f, word, whole, n);
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)whole[i];
}

static void check_case(FILE *f)
{
    double c[4], want[STEPS_MAX];
    golden_find(f, "gae", c, 4);
    const size_t n = (size_t)c[0] * (size_t)c[1];
    assert_true(n <= STEPS_MAX);
    struct task_rollout r = make((size_t)c[0], (size_t)c[1]);
    golden_floats(f, "rewards", r.rewards, n);
    golden_floats(f, "values", r.values, n);
    golden_floats(f, "following", r.next_values, n);
    read_flags(f, "terminated", r.terminated, n);
    read_flags(f, "truncated", r.truncated, n);
    golden_doubles(f, "advantages", want, n);
    task_rollout_advantages(&r, c[2], c[3]);
    assert_near("advantages", r.advantages, want, n, 1e-6);
    for (size_t i = 0; i < n; i++)
        assert_close((double)r.targets[i], want[i] + (double)r.values[i], 1e-5);
    release(&r);
}

static void advantages_are_discounted_sums_of_surprises(void **state)
{
    (void)state;
    double cases[3];
    FILE *const f = golden_open("task/ppo.txt", cases, 3);
    assert_true(cases[2] >= 4);
    for (int i = 0; i < (int)cases[2]; i++)
        check_case(f);
    fclose(f);
}

/* Three steps of rewards 1 and values 2, 3, 4, gamma 0.5, lambda 0.5; what
 * follows step 1 is worth 3 or, where the episode was cut there, 10. */
static struct task_rollout by_hand(bool terminated, bool truncated)
{
    struct task_rollout r = make(1, 3);
    for (size_t i = 0; i < 3; i++) {
        r.rewards[i] = 1;
        r.values[i] = (float)(i + 2);
        r.next_values[i] = (float)(i + 3);
    }
    r.terminated[1] = terminated;
    r.truncated[1] = truncated;
    if (terminated || truncated) r.next_values[1] = 10;
    task_rollout_advantages(&r, 0.5, 0.5);
    return r;
}

/* delta_2 = 1 + 0.5 * 5 - 4 = -0.5, which step 1 gets only where the episode
 * went on. */
static void only_a_termination_is_worth_nothing(void **state)
{
    (void)state;
    struct task_rollout r = by_hand(false, false);
    assert_close((double)r.advantages[2], -0.5, 0);
    assert_close((double)r.advantages[1], 1 + 0.5 * 4 - 3 - 0.25 * 0.5, 0);
    assert_close((double)r.advantages[0], 0.5 + 0.25 * -0.125, 0);
    release(&r);
    r = by_hand(true, false);
    assert_close((double)r.advantages[1], 1 - 3, 0);
    assert_close((double)r.advantages[0], 0.5 + 0.25 * -2, 0);
    release(&r);
    r = by_hand(false, true);
    assert_close((double)r.advantages[1], 1 + 0.5 * 10 - 3, 0);
    assert_close((double)r.advantages[0], 0.5 + 0.25 * 3, 0);
    assert_close((double)r.targets[1], 1 + 0.5 * 10, 0);
    release(&r);
    /* On the step where both happen the pole has fallen. */
    r = by_hand(true, true);
    assert_close((double)r.advantages[1], 1 - 3, 0);
    release(&r);
}

/* ---- collecting ---- */

static double uniform(void *context)
{
    return data_random_uniform(context);
}

static struct nn_actor_critic *network(int rows)
{
    const struct nn_actor_critic_shape shape =
        nn_actor_critic_defaults(ENV_CARTPOLE_OBSERVATIONS,
                                 ENV_CARTPOLE_ACTIONS, rows);
    struct nn_actor_critic *a;
    assert_int_equal(nn_actor_critic_create(&shape, &a, NULL), NN_OK);
    struct data_random r = data_stream(1, "weights", 0, 0);
    nn_actor_critic_initialise(a, uniform, &r);
    return a;
}

/* A policy that pushes right where the weighted sum of what it sees is above 0,
 * and left elsewhere. */
static void make_it_push(struct nn_actor_critic *a, const float weights[4])
{
    size_t n;
    const struct nn_parameter *const p = nn_actor_critic_parameters(a, &n);
    float *const w = nn_actor_critic_weights(a);
    for (size_t i = 0; i < n && strncmp(p[i].name, "policy", 6) == 0; i++)
        memset(w + p[i].offset, 0, p[i].count * sizeof *w);
    for (size_t i = 0; i < n; i++) {
        float *const at = w + p[i].offset;
        if (strcmp(p[i].name, "policy.0.weight") == 0) {
            memcpy(at, weights, 4 * sizeof *at);
        } else if (strcmp(p[i].name, "policy.2.weight") == 0) {
            at[0] = 1;
        } else if (strcmp(p[i].name, "policy.4.weight") == 0) {
            at[p[i].dim[1]] = 1e6F; /* the second action's first weight */
        }
    }
}

/* The pole never falls within 500 steps, so every episode is truncated. */
static void make_it_stand(struct nn_actor_critic *a)
{
    static const float weights[] = {0.02F, 0.05F, 1, 0.5F};
    make_it_push(a, weights);
}

static void a_rollout_records_what_was_played(void **state)
{
    (void)state;
    enum { ENVS = 3, HORIZON = 40 };
    struct nn_actor_critic *const net = network(16);
    void *const block = malloc(env_cartpoles_size(ENVS));
    void *const again = malloc(env_cartpoles_size(ENVS));
    struct task_actor actor = {.envs =
                                   env_cartpoles_begin(block, ENVS, 7, "test"),
                               .network = net,
                               .random = data_stream(7, "actions", 0, 0),
                               .gamma = 0.9,
                               .lambda = 0.7};
    struct env_cartpoles *const envs =
        env_cartpoles_begin(again, ENVS, 7, "test");
    struct task_rollout r = make(ENVS, HORIZON);
    struct task_episodes episodes = task_episodes_begin(475);
    int64_t steps = 0, ended = 0;
    assert_true(task_rollout_collect(&r, &actor, &episodes, &steps));
    assert_int_equal(steps, ENVS * HORIZON);

    float seen[ENVS * 4], last[ENVS * 4], logits[2], value;
    uint8_t terminated[ENVS];
    for (size_t t = 0; t < HORIZON; t++) {
        env_cartpoles_observe(envs, seen);
        assert_memory_equal(r.observations + t * ENVS * 4, seen, sizeof seen);
        const struct env_transitions out = {.terminated = terminated,
                                            .last = last};
        env_cartpoles_step(envs, r.actions + t * ENVS, &out);
        for (size_t e = 0; e < ENVS; e++) {
            const size_t i = t * ENVS + e;
            assert_int_equal(nn_actor_critic_forward(net, seen + 4 * e, 1,
                                                     logits, &value),
                             NN_OK);
            const struct task_categorical c = task_categorical_of(logits, 2);
            assert_close((double)r.log_probabilities[i], c.log_p[r.actions[i]],
                         1e-7);
            assert_true(r.values[i] == value);
            assert_true(r.rewards[i] == 1);
            assert_int_equal(r.terminated[i], terminated[e]);
            ended += terminated[e];
            assert_int_equal(nn_actor_critic_forward(net, last + 4 * e, 1, NULL,
                                                     &value),
                             NN_OK);
            if (!terminated[e]) assert_true(r.next_values[i] == value);
        }
    }
    assert_true(ended > 0);
    assert_int_equal(episodes.count, ended);
    release(&r);
    free(block);
    free(again);
    nn_actor_critic_destroy(net);
}

/* A standing pole's episode is cut at 500 steps, and the last step's value is
 * that of what it led to, not of the next episode's start. */
static void a_truncated_episode_is_bootstrapped_from_its_end(void **state)
{
    (void)state;
    enum { HORIZON = 510 };
    struct nn_actor_critic *const net = network(8);
    make_it_stand(net);
    void *const block = malloc(env_cartpoles_size(1));
    void *const again = malloc(env_cartpoles_size(1));
    struct task_actor actor = {.envs = env_cartpoles_begin(block, 1, 3, "t"),
                               .network = net,
                               .random = data_stream(3, "actions", 0, 0),
                               .gamma = 0.9,
                               .lambda = 0.7};
    struct env_cartpoles *const envs = env_cartpoles_begin(again, 1, 3, "t");
    struct task_rollout r = make(1, HORIZON);
    struct task_episodes episodes = task_episodes_begin(475);
    int64_t steps = 0;
    assert_true(task_rollout_collect(&r, &actor, &episodes, &steps));
    for (size_t t = 0; t < HORIZON; t++) {
        assert_int_equal(r.terminated[t], 0);
        assert_int_equal(r.truncated[t], t == 499);
    }
    assert_int_equal(episodes.count, 1);
    assert_true(task_episodes_mean(&episodes) == 500);

    float last[4], value;
    const struct env_transitions out = {.last = last};
    for (size_t t = 0; t < 500; t++)
        env_cartpoles_step(envs, r.actions + t, &out);
    assert_int_equal(nn_actor_critic_forward(net, last, 1, NULL, &value),
                     NN_OK);
    assert_true(r.next_values[499] == value);
    assert_true(r.next_values[499] != r.values[500]);
    release(&r);
    free(block);
    free(again);
    nn_actor_critic_destroy(net);
}

/* ---- statistics ---- */

static void solved_needs_a_hundred_episodes_at_475(void **state)
{
    (void)state;
    struct task_episodes e = task_episodes_begin(475);
    assert_true(isnan(task_episodes_mean(&e)));
    for (int64_t i = 0; i < 99; i++)
        task_episodes_add(&e, 500, i);
    assert_int_equal(e.solved_at, -1);
    task_episodes_add(&e, 0, 1000);
    assert_int_equal(e.solved_at, 1000); /* 99 * 500 / 100 = 495 */
    e = task_episodes_begin(475);
    for (int64_t i = 0; i < 100; i++)
        task_episodes_add(&e, 474, i);
    assert_close(task_episodes_mean(&e), 474, 1e-9);
    for (int64_t i = 0; i < 3; i++)
        task_episodes_add(&e, 500, 2000 + i);
    assert_int_equal(e.solved_at, -1); /* 474.78 */
    task_episodes_add(&e, 500, 2003);
    assert_int_equal(e.solved_at, 2003); /* 475.04 */
    for (int64_t i = 0; i < 200; i++)
        task_episodes_add(&e, 10, 3000);
    assert_int_equal(e.solved_at, 2003);
    assert_close(task_episodes_mean(&e), 10, 1e-9);
}

/* ---- whole agents ---- */

static const struct task_agent_options small_ppo = {.seed = 5,
                                                    .envs = 4,
                                                    .hidden = 16,
                                                    .gamma = 0.98,
                                                    .entropy = 0.01,
                                                    .value_weight = 0.5,
                                                    .horizon = 11,
                                                    .epochs = 2,
                                                    .batch = 15,
                                                    .gae_lambda = 0.8,
                                                    .clip_range = 0.2};
static const struct task_agent_options small_reinforce = {
    .seed = 5, .batch = 3, .hidden = 16, .gamma = 0.98, .value_weight = 0.5};

/* An agent with plain gradient descent, which keeps nothing between updates. */
static struct task_agent *begin(const struct task_algorithm *algorithm,
                                const struct task_agent_options *o)
{
    struct task_agent *a;
    struct task_error err = {0};
    if (task_agent_create(algorithm, o, &a, &err) != TASK_OK)
        fail_msg("%s", err.message);
    return a;
}

static enum task_status step_by_options(struct task_agent *a, int64_t step,
                                        double *loss)
{
    const struct task_agent_knobs knobs = task_agent_knobs(a, step);
    return task_agent_step(a, step, &knobs, loss, NULL);
}

static void update(struct task_agent *a, int64_t step)
{
    double loss;
    float *const w = nn_actor_critic_weights(a->network);
    const float *const g = nn_actor_critic_gradients(a->network);
    assert_int_equal(step_by_options(a, step, &loss), TASK_OK);
    assert_true(isfinite(loss));
    for (size_t i = 0; i < nn_actor_critic_size(a->network); i++)
        w[i] -= 0.05F * g[i];
}

static void assert_same_agents(const struct task_agent *a,
                               const struct task_agent *b)
{
    assert_memory_equal(nn_actor_critic_weights(a->network),
                        nn_actor_critic_weights(b->network),
                        nn_actor_critic_size(a->network) * sizeof(float));
    assert_memory_equal(a->state, b->state, a->state_size);
}

static void goes_on_from_its_state(const struct task_algorithm *algorithm,
                                   const struct task_agent_options *o)
{
    enum { UPDATES = 14 };
    struct task_agent *const whole = begin(algorithm, o);
    for (int64_t t = 0; t < UPDATES; t++)
        update(whole, t);
    for (int64_t stop = 0; stop <= UPDATES; stop++) {
        struct task_agent *const first = begin(algorithm, o);
        for (int64_t t = 0; t < stop; t++)
            update(first, t);
        struct task_agent *const second = begin(algorithm, o);
        assert_int_equal(first->state_size, second->state_size);
        memcpy(second->state, first->state, first->state_size);
        memcpy(nn_actor_critic_weights(second->network),
               nn_actor_critic_weights(first->network),
               nn_actor_critic_size(first->network) * sizeof(float));
        task_agent_destroy(first);
        if (stop < UPDATES) task_agent_seek(second, stop);
        for (int64_t t = stop; t < UPDATES; t++)
            update(second, t);
        assert_same_agents(whole, second);
        task_agent_destroy(second);
    }
    task_agent_destroy(whole);
}

static void an_agent_goes_on_after_any_update(void **state)
{
    (void)state;
    struct task_agent_options o = small_reinforce;
    goes_on_from_its_state(&task_ppo, &small_ppo);
    goes_on_from_its_state(&task_reinforce, &o);
    o.baseline = TASK_BASELINE_MEAN;
    goes_on_from_its_state(&task_reinforce, &o);
    o.baseline = TASK_BASELINE_NONE;
    goes_on_from_its_state(&task_reinforce, &o);
}

static void seeds_make_other_runs(void **state)
{
    (void)state;
    struct task_agent_options o = small_ppo;
    struct task_agent *const a = begin(&task_ppo, &o);
    o.seed++;
    struct task_agent *const b = begin(&task_ppo, &o);
    update(a, 0);
    update(b, 0);
    assert_memory_not_equal(a->state, b->state, a->state_size);
    task_agent_destroy(a);
    task_agent_destroy(b);
}

/* With the same weights, so that only the episodes can differ. */
static void every_update_plays_other_episodes(void **state)
{
    (void)state;
    struct task_agent *const a = begin(&task_reinforce, &small_reinforce);
    double first, second;
    assert_int_equal(step_by_options(a, 0, &first), TASK_OK);
    assert_int_equal(step_by_options(a, 1, &second), TASK_OK);
    assert_true(first != second);
    assert_int_equal(a->counts->episodes.count, 6);
    task_agent_destroy(a);
}

/* Sets the weights of both to `factor` times those of the first. */
static void scale_both(struct task_agent *a, struct task_agent *b, float factor)
{
    const size_t n = nn_actor_critic_size(a->network);
    float *const w = nn_actor_critic_weights(a->network);
    for (size_t i = 0; i < n; i++)
        w[i] *= factor;
    memcpy(nn_actor_critic_weights(b->network), w, n * sizeof *w);
}

/* An agent learns at the clip range that its rollout has come to: half of it in
 * the third of four. The weights move alike, so that nothing else differs. */
static void the_clip_range_falls_along_a_line(void **state)
{
    (void)state;
    struct task_agent_options falling = small_ppo, constant = small_ppo;
    falling.clip_range = 0.04;
    falling.rollouts = 4;
    constant.clip_range = 0.02;
    struct task_agent *const a = begin(&task_ppo, &falling);
    struct task_agent *const b = begin(&task_ppo, &constant);
    const int64_t cycle = task_ppo.cycle(&small_ppo);
    bool same[3] = {true, true, true};
    double clipped = 0;
    scale_both(a, b, 20); /* policies that tell the actions apart */
    for (int64_t step = 0; step < 3 * cycle; step++) {
        double of_a, of_b;
        assert_int_equal(step_by_options(a, step, &of_a), TASK_OK);
        assert_int_equal(step_by_options(b, step, &of_b), TASK_OK);
        if (of_a < of_b || of_a > of_b) same[step / cycle] = false;
        if (step >= 2 * cycle) clipped += a->counts->clipped;
        scale_both(a, b, step % 2 ? 1.2F : 1 / 1.2F);
    }
    assert_false(same[0]);
    assert_false(same[1]);
    assert_true(same[2]);
    assert_true(clipped > 0);
    task_agent_destroy(a);
    task_agent_destroy(b);
}

static void set_weight(struct task_agent *a, const char *name, size_t index,
                       float value)
{
    size_t n;
    const struct nn_parameter *const p =
        nn_actor_critic_parameters(a->network, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(p[i].name, name) == 0) {
            nn_actor_critic_weights(a->network)[p[i].offset + index] = value;
            return;
        }
    fail_msg("no parameter %s", name);
}

/* A policy that never falls (a rule of four terms, through units in their
 * linear range) and a value network that says 10 of everything: step t of 500
 * returns 500 - t and 10, so the squared errors are those of 1 to 500. */
static void a_truncated_episode_returns_what_the_value_expects(void **state)
{
    (void)state;
    struct task_agent_options o = small_reinforce;
    o.gamma = 1;
    o.value_weight = 1;
    struct task_agent *const a = begin(&task_reinforce, &o);
    memset(nn_actor_critic_weights(a->network), 0,
           nn_actor_critic_size(a->network) * sizeof(float));
    static const float rule[] = {0.02F, 0.05F, 1, 0.5F}; /* by observation */
    for (size_t i = 0; i < 4; i++)
        set_weight(a, "policy.0.weight", i, rule[i]);
    set_weight(a, "policy.2.weight", 0, 1);
    set_weight(a, "policy.4.weight", 16, 1e8F); /* unit 0 to action 1 */
    set_weight(a, "value.4.bias", 0, 10);
    double loss;
    assert_int_equal(step_by_options(a, 0, &loss), TASK_OK);
    assert_int_equal(a->counts->env_steps, 3 * 500);
    assert_close(loss, 501.0 * 1001 / 6, 0.5);
    task_agent_destroy(a);
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    struct task_agent *a;
    struct task_error err;
    struct task_agent_options o = small_ppo;
    o.batch = 45;
    assert_int_equal(task_agent_create(&task_ppo, &o, &a, &err), TASK_E_USAGE);
    assert_null(a);
    assert_non_null(strstr(err.message, "--batch"));
    o = small_ppo;
    o.envs = 0;
    assert_int_equal(task_agent_create(&task_ppo, &o, &a, &err), TASK_E_USAGE);
    o = small_ppo;
    o.envs = o.horizon = (size_t)1 << 33;
    assert_int_equal(task_agent_create(&task_ppo, &o, &a, &err), TASK_E_USAGE);
    assert_non_null(strstr(err.message, "--horizon"));
    o = small_ppo;
    o.hidden = 1 << 20;
    assert_int_equal(task_agent_create(&task_ppo, &o, &a, &err), TASK_E_USAGE);
    o = small_reinforce;
    o.batch = 1 << 20;
    assert_int_equal(task_agent_create(&task_reinforce, &o, &a, &err),
                     TASK_E_USAGE);
    assert_null(task_algorithm_find("dqn"));
    assert_ptr_equal(task_algorithm_find("reinforce"), &task_reinforce);
}

/* ---- evaluation ---- */

static void an_evaluation_plays_the_same_episodes(void **state)
{
    (void)state;
    struct nn_actor_critic *const net = network(8);
    struct task_agent_eval e;
    struct task_agent_scores first, second, other;
    assert_int_equal(task_agent_eval_create(&e, net, 4, 20, NULL), TASK_OK);
    assert_int_equal(task_agent_eval_run(&e, &first, NULL), TASK_OK);
    assert_int_equal(task_agent_eval_run(&e, &second, NULL), TASK_OK);
    assert_memory_equal(&first, &second, sizeof first);
    assert_true(first.least >= 1 && first.mean < 475);
    assert_true(first.mean >= first.least && first.deviation > 0);
    make_it_stand(net);
    assert_int_equal(task_agent_eval_run(&e, &other, NULL), TASK_OK);
    assert_true(other.mean == 500 && other.deviation == 0);
    task_agent_eval_free(&e);
    nn_actor_critic_destroy(net);
}

/* Pushing towards the side that the pole leans to returns 42.1 on average, with
 * a deviation of 8.8 and all of 200,000 episodes between 24 and 72. What an
 * environment plays while others are in their first episode does not count. */
static void an_evaluation_counts_first_episodes_only(void **state)
{
    (void)state;
    static const float lean[] = {0, 0, 1, 0};
    struct nn_actor_critic *const net = network(64);
    struct task_agent_eval e;
    struct task_agent_scores s;
    make_it_push(net, lean);
    assert_int_equal(task_agent_eval_create(&e, net, 4, 400, NULL), TASK_OK);
    assert_int_equal(task_agent_eval_run(&e, &s, NULL), TASK_OK);
    assert_close(s.mean, 42.1, 4 * 8.8 / 20);
    assert_close(s.deviation, 8.8, 2);
    assert_true(s.least >= 20);
    task_agent_eval_free(&e);
    nn_actor_critic_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advantages_are_discounted_sums_of_surprises),
        cmocka_unit_test(only_a_termination_is_worth_nothing),
        cmocka_unit_test(a_rollout_records_what_was_played),
        cmocka_unit_test(a_truncated_episode_is_bootstrapped_from_its_end),
        cmocka_unit_test(solved_needs_a_hundred_episodes_at_475),
        cmocka_unit_test(an_agent_goes_on_after_any_update),
        cmocka_unit_test(seeds_make_other_runs),
        cmocka_unit_test(every_update_plays_other_episodes),
        cmocka_unit_test(the_clip_range_falls_along_a_line),
        cmocka_unit_test(a_truncated_episode_returns_what_the_value_expects),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(an_evaluation_plays_the_same_episodes),
        cmocka_unit_test(an_evaluation_counts_first_episodes_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
