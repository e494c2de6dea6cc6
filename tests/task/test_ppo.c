/* PPO's loss and gradient: against PyTorch's (tests/data/task/ppo.txt, made by
 * tools/golden/ppo.py), against finite differences, and what the bound, the
 * normalisation and the entropy are for, each said alone. */
#include "task/ppo.h"

#include "task/categorical.h"
#include "task/golden_file.h"

#include <math.h>
#include <string.h>

enum { SAMPLES = 64, ACTIONS = 5 };

struct minibatch {
    float logits[SAMPLES * ACTIONS], values[SAMPLES];
    float old[SAMPLES], advantages[SAMPLES], targets[SAMPLES];
    int32_t chosen[SAMPLES];
    float logit_gradients[SAMPLES * ACTIONS], value_gradients[SAMPLES];
    struct task_ppo_options options;
    struct task_ppo_batch batch;
    struct task_ppo_loss loss;
};

static void set_up(struct minibatch *m, size_t n, size_t actions)
{
    memset(m, 0, sizeof *m);
    m->options =
        (struct task_ppo_options){.clip_range = 0.2, .value_weight = 0.5};
    m->batch = (struct task_ppo_batch){.n = n,
                                       .actions = actions,
                                       .logits = m->logits,
                                       .values = m->values,
                                       .chosen = m->chosen,
                                       .log_probabilities = m->old,
                                       .advantages = m->advantages,
                                       .targets = m->targets};
}

static void run(struct minibatch *m)
{
    task_ppo_gradient(&m->options, &m->batch, m->logit_gradients,
                      m->value_gradients, &m->loss);
}

/* ---- PyTorch ---- */

static void check_case(FILE *f)
{
    struct minibatch m;
    double c[6], losses[6], want[SAMPLES * ACTIONS];
    golden_doubles(f, "ppo", c, 6);
    const size_t n = (size_t)c[0], actions = (size_t)c[1];
    assert_true(n <= SAMPLES && actions <= ACTIONS);
    set_up(&m, n, actions);
    m.options = (struct task_ppo_options){.clip_range = c[2],
                                          .entropy = c[3],
                                          .value_weight = c[4],
                                          .normalise = c[5] != 0};
    golden_floats(f, "logits", m.logits, n * actions);
    golden_floats(f, "values", m.values, n);
    golden_whole(f, "chosen", m.chosen, n);
    golden_floats(f, "old", m.old, n);
    golden_floats(f, "advantages", m.advantages, n);
    golden_floats(f, "targets", m.targets, n);
    golden_doubles(f, "losses", losses, 6);
    run(&m);
    const float got[] = {(float)m.loss.loss,  (float)m.loss.policy,
                         (float)m.loss.value, (float)m.loss.entropy,
                         (float)m.loss.kl,    (float)m.loss.clipped};
    for (size_t i = 0; i < 6; i++)
        assert_near("a loss", got + i, losses + i, 1, 1e-6);
    golden_doubles(f, "dlogits", want, n * actions);
    assert_near("dlogits", m.logit_gradients, want, n * actions, 1e-6);
    golden_doubles(f, "dvalues", want, n);
    assert_near("dvalues", m.value_gradients, want, n, 1e-6);
}

static void loss_and_gradient_are_those_of_pytorch(void **state)
{
    (void)state;
    double cases[3];
    FILE *const f = golden_open("task/ppo.txt", cases, 3);
    assert_true(cases[0] >= 5);
    for (int i = 0; i < (int)cases[0]; i++)
        check_case(f);
    fclose(f);
}

/* ---- finite differences ---- */

/* Nothing lies so near a bound that a small step would cross it. */
static void fill(struct minibatch *m)
{
    set_up(m, 24, 3);
    m->options.entropy = 0.03;
    m->options.normalise = true;
    for (size_t i = 0; i < m->batch.n; i++) {
        for (size_t a = 0; a < 3; a++)
            m->logits[i * 3 + a] = 0.2F * (float)((i * 7 + a * 5) % 11) - 1;
        m->values[i] = 0.3F * (float)(i % 7) - 1;
        m->targets[i] = 0.2F * (float)(i % 5);
        m->advantages[i] = (float)((i * 5) % 13) - 6;
        m->chosen[i] = (int32_t)(i % 3);
        const struct task_categorical c =
            task_categorical_of(m->logits + i * 3, 3);
        m->old[i] =
            (float)(c.log_p[m->chosen[i]] + 0.29 * ((double)(i % 4) - 1.5));
    }
}

static double slope(struct minibatch *m, float *value)
{
    const float before = *value;
    *value = before + 0x1p-8F;
    run(m);
    const double after = m->loss.loss;
    *value = before - 0x1p-8F;
    run(m);
    const double two = after - m->loss.loss;
    *value = before;
    return two / 0x1p-7;
}

static void gradient_is_the_slope_of_the_loss(void **state)
{
    (void)state;
    struct minibatch m, probe;
    fill(&m);
    fill(&probe);
    run(&m);
    assert_true(m.loss.clipped > 0.2 && m.loss.clipped < 0.8);
    for (size_t i = 0; i < m.batch.n * 3; i++) {
        const double want = slope(&probe, &probe.logits[i]);
        assert_close(m.logit_gradients[i], want, 2e-6);
    }
    for (size_t i = 0; i < m.batch.n; i++) {
        const double want = slope(&probe, &probe.values[i]);
        assert_close(m.value_gradients[i], want, 2e-6);
    }
}

/* ---- what its parts are for ---- */

/* One sample of two even actions, whose old probability makes this ratio. */
static void one_sample(struct minibatch *m, double ratio, float advantage)
{
    set_up(m, 1, 2);
    m->old[0] = (float)(log(0.5) - log(ratio));
    m->advantages[0] = advantage;
    run(m);
}

/* The bound takes away what could be gained by moving on; what could be won
 * back by returning, it leaves. */
static void a_ratio_out_of_range_gains_nothing_more(void **state)
{
    (void)state;
    struct minibatch m;
    one_sample(&m, 1.5, 2.0F);
    assert_close(m.loss.policy, -1.2 * 2, 1e-6);
    assert_true(m.logit_gradients[0] == 0 && m.logit_gradients[1] == 0);
    one_sample(&m, 0.5, -2.0F);
    assert_close(m.loss.policy, 0.8 * 2, 1e-6);
    assert_true(m.logit_gradients[0] == 0 && m.logit_gradients[1] == 0);
    one_sample(&m, 1.5, -2.0F);
    assert_close(m.loss.policy, 1.5 * 2, 1e-6);
    assert_close(m.logit_gradients[0], 1.5, 1e-6);
    one_sample(&m, 0.5, 2.0F);
    assert_close(m.loss.policy, -0.5 * 2, 1e-6);
    assert_close(m.logit_gradients[0], -0.5, 1e-6);
}

static void normalised_advantages_forget_their_size_and_mean(void **state)
{
    (void)state;
    struct minibatch m, other;
    fill(&m);
    fill(&other);
    for (size_t i = 0; i < m.batch.n; i++)
        other.advantages[i] = 40 * m.advantages[i] + 1000;
    run(&m);
    run(&other);
    for (size_t i = 0; i < 3 * m.batch.n; i++)
        assert_close(m.logit_gradients[i], other.logit_gradients[i], 1e-6);
    const float values[] = {1, 2, 3, 4, 10};
    const struct task_standard s = task_standard_of(values, 5);
    assert_close(s.mean, 4, 1e-12);
    assert_close(s.scale, 1 / sqrt(12.5), 1e-8);
}

/* Equal advantages say nothing about any action, and must not divide by 0. */
static void equal_advantages_move_nothing(void **state)
{
    (void)state;
    struct minibatch m;
    fill(&m);
    m.options.entropy = 0;
    for (size_t i = 0; i < m.batch.n; i++)
        m.advantages[i] = 7;
    run(&m);
    for (size_t i = 0; i < 3 * m.batch.n; i++)
        assert_true(m.logit_gradients[i] == 0);
}

static void the_bonus_pulls_towards_even_odds(void **state)
{
    (void)state;
    struct minibatch m;
    set_up(&m, 1, 2);
    m.options.entropy = 0.1;
    m.logits[0] = 2;
    m.old[0] = (float)-log1p(exp(-2));
    run(&m);
    assert_true(m.logit_gradients[0] > 0.001F);
    assert_close(m.logit_gradients[0], -m.logit_gradients[1], 1e-9);
    m.logits[0] = 0;
    run(&m);
    assert_close(m.loss.entropy, log(2), 1e-12);
    assert_close(m.logit_gradients[0], 0, 1e-9);
}

/* A network that has blown up ends the run by its loss. */
static void nan_logits_give_a_nan_loss(void **state)
{
    (void)state;
    struct minibatch m;
    fill(&m);
    m.logits[4] = NAN;
    run(&m);
    assert_true(isnan(m.loss.loss));
    fill(&m);
    m.logits[4] = INFINITY;
    run(&m);
    assert_true(!isfinite(m.loss.loss));
}

/* ---- the policy ---- */

static void extreme_logits_keep_probabilities(void **state)
{
    (void)state;
    const float logits[] = {1e30F, -1e30F};
    const struct task_categorical c = task_categorical_of(logits, 2);
    assert_true(c.p[0] == 1 && c.p[1] == 0 && c.entropy == 0);
    assert_int_equal(task_categorical_best(logits, 2), 0);
    assert_int_equal(task_categorical_choose(&c, 0.9999), 0);
}

static void choices_follow_the_probabilities(void **state)
{
    (void)state;
    const float logits[] = {0, (float)log(2), (float)log(5)};
    const struct task_categorical c = task_categorical_of(logits, 3);
    int counts[3] = {0};
    for (int i = 0; i < 8000; i++)
        counts[task_categorical_choose(&c, ((double)i + 0.5) / 8000)]++;
    assert_int_equal(counts[0], 1000);
    assert_int_equal(counts[1], 2000);
    assert_int_equal(counts[2], 5000);
    assert_int_equal(task_categorical_best(logits, 3), 2);
    const float even[] = {1, 1};
    assert_int_equal(task_categorical_best(even, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_and_gradient_are_those_of_pytorch),
        cmocka_unit_test(gradient_is_the_slope_of_the_loss),
        cmocka_unit_test(a_ratio_out_of_range_gains_nothing_more),
        cmocka_unit_test(normalised_advantages_forget_their_size_and_mean),
        cmocka_unit_test(equal_advantages_move_nothing),
        cmocka_unit_test(the_bonus_pulls_towards_even_odds),
        cmocka_unit_test(nan_logits_give_a_nan_loss),
        cmocka_unit_test(extreme_logits_keep_probabilities),
        cmocka_unit_test(choices_follow_the_probabilities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
