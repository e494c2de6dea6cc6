/* REINFORCE's loss and gradient: against PyTorch's (tests/data/task/ppo.txt),
 * against finite differences, and its returns by hand. */
#include "task/reinforce.h"

#include "task/categorical.h"
#include "task/golden_file.h"

#include <math.h>
#include <string.h>

enum { SAMPLES = 40, ACTIONS = 4 };

struct episodes {
    float logits[SAMPLES * ACTIONS], values[SAMPLES], returns[SAMPLES];
    int32_t chosen[SAMPLES];
    float logit_gradients[SAMPLES * ACTIONS], value_gradients[SAMPLES];
    struct task_reinforce_options options;
    struct task_reinforce_batch batch;
    struct task_reinforce_loss loss;
};

static void set_up(struct episodes *m, size_t n, size_t actions)
{
    memset(m, 0, sizeof *m);
    m->options = (struct task_reinforce_options){.value_weight = 0.5};
    m->batch = (struct task_reinforce_batch){.n = n,
                                             .actions = actions,
                                             .logits = m->logits,
                                             .values = m->values,
                                             .chosen = m->chosen,
                                             .returns = m->returns};
}

static void run(struct episodes *m)
{
    task_reinforce_gradient(&m->options, &m->batch, m->logit_gradients,
                            m->value_gradients, &m->loss);
}

static void check_case(FILE *f)
{
    struct episodes m;
    double c[6], losses[4], want[SAMPLES * ACTIONS];
    golden_find(f, "reinforce", c, 6);
    const size_t n = (size_t)c[0], actions = (size_t)c[1];
    assert_true(n <= SAMPLES && actions <= ACTIONS);
    set_up(&m, n, actions);
    m.options =
        (struct task_reinforce_options){.entropy = c[2], .value_weight = c[3]};
    if (c[4] == 0) m.batch.values = NULL;
    m.batch.mean = c[5];
    golden_floats(f, "logits", m.logits, n * actions);
    golden_floats(f, "values", m.values, n);
    golden_whole(f, "chosen", m.chosen, n);
    golden_floats(f, "returns", m.returns, n);
    golden_doubles(f, "losses", losses, 4);
    run(&m);
    const double got[] = {m.loss.loss, m.loss.policy, m.loss.value,
                          m.loss.entropy};
    for (size_t i = 0; i < 4; i++)
        assert_close(got[i], losses[i], 1e-7 * (1 + fabs(losses[i])));
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
    assert_true(cases[1] >= 4);
    for (int i = 0; i < (int)cases[1]; i++)
        check_case(f);
    fclose(f);
}

/* ---- finite differences ---- */

static void fill(struct episodes *m)
{
    set_up(m, 21, 3);
    m->options.entropy = 0.03;
    for (size_t i = 0; i < m->batch.n; i++) {
        for (size_t a = 0; a < 3; a++)
            m->logits[i * 3 + a] = 0.2F * (float)((i * 7 + a * 5) % 11) - 1;
        m->returns[i] = (float)((i * 5) % 13);
        m->chosen[i] = (int32_t)(i % 3);
    }
    m->batch.values = NULL;
    m->batch.mean = 4;
}

/* By the logits only: the baseline is a constant to the gradient, though the
 * policy's loss moves with it. */
static void gradient_is_the_slope_of_the_loss(void **state)
{
    (void)state;
    struct episodes m, probe;
    fill(&m);
    fill(&probe);
    run(&m);
    for (size_t i = 0; i < m.batch.n * 3; i++) {
        float *const at = &probe.logits[i];
        const float before = *at;
        *at = before + 0x1p-8F;
        run(&probe);
        const double after = probe.loss.loss;
        *at = before - 0x1p-8F;
        run(&probe);
        *at = before;
        assert_close((double)m.logit_gradients[i],
                     (after - probe.loss.loss) / 0x1p-7, 2e-6);
    }
}

/* ---- by hand ---- */

static void returns_count_down_from_the_end(void **state)
{
    (void)state;
    const float rewards[] = {1, 2, 4};
    float g[3];
    task_reinforce_returns(rewards, 3, 0.5, 0, g);
    assert_close((double)g[2], 4, 0);
    assert_close((double)g[1], 4, 0);
    assert_close((double)g[0], 3, 0);
    task_reinforce_returns(rewards, 3, 0.5, 8, g);
    assert_close((double)g[2], 8, 0);
    assert_close((double)g[1], 6, 0);
    assert_close((double)g[0], 4, 0);
}

/* What went better than the baseline becomes likelier, what went worse less
 * likely, and a batch that went as expected moves nothing. */
static void actions_follow_what_beats_the_baseline(void **state)
{
    (void)state;
    struct episodes m;
    set_up(&m, 2, 2);
    m.returns[0] = 10;
    m.returns[1] = 2;
    m.values[0] = m.values[1] = 6;
    run(&m);
    assert_close((double)m.logit_gradients[0], -0.25, 1e-7);
    assert_close((double)m.logit_gradients[2], 0.25, 1e-7);
    assert_close((double)m.value_gradients[0], 0.5 * 0.5 * 2 * -4, 1e-6);
    m.values[0] = 10;
    m.values[1] = 2;
    run(&m);
    for (size_t i = 0; i < 4; i++)
        assert_true(m.logit_gradients[i] == 0);
}

static void rewards_of_any_size_have_the_same_effect(void **state)
{
    (void)state;
    struct episodes m, other;
    fill(&m);
    fill(&other);
    other.batch.mean *= 100;
    for (size_t i = 0; i < m.batch.n; i++)
        other.returns[i] *= 100;
    run(&m);
    run(&other);
    for (size_t i = 0; i < m.batch.n * 3; i++)
        assert_close((double)m.logit_gradients[i],
                     (double)other.logit_gradients[i], 1e-7);
}

static void nan_logits_give_a_nan_loss(void **state)
{
    (void)state;
    struct episodes m;
    fill(&m);
    m.logits[4] = NAN;
    run(&m);
    assert_true(isnan(m.loss.loss));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_and_gradient_are_those_of_pytorch),
        cmocka_unit_test(gradient_is_the_slope_of_the_loss),
        cmocka_unit_test(returns_count_down_from_the_end),
        cmocka_unit_test(actions_follow_what_beats_the_baseline),
        cmocka_unit_test(rewards_of_any_size_have_the_same_effect),
        cmocka_unit_test(nan_logits_give_a_nan_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
