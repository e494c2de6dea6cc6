/* Muon against singular values that NumPy found, with tests/data/optim/muon.txt
 * made by tools/golden/muon.py, and its promises that need no reference. */
#include "optim/muon.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 160, SIDE = 8, STEPS = 3, CASES = 4 };

/* Three turns in single precision, each a sum of up to 31 products. */
static const double tolerance = 2e-5;

struct matrix {
    size_t rows, columns;
    float weights[MOST], gradients[MOST], momentum[MOST];
    float scratch[2 * (MOST + SIDE * SIDE)];
};

static bool multiply(const struct optim_product *p)
{
    for (size_t i = 0; i < p->m; i++)
        for (size_t j = 0; j < p->n; j++) {
            double sum = 0;
            for (size_t l = 0; l < p->k; l++)
                sum += (double)p->a[p->a_turned ? l * p->m + i : i * p->k + l] *
                       (double)p->b[p->b_turned ? j * p->k + l : l * p->n + j];
            float *const c = &p->c[i * p->n + j];
            *c = p->alpha * (float)sum + (p->beta != 0 ? p->beta * *c : 0);
        }
    return true;
}

/* The last of the nine products of a step. */
static bool fail_at_last(const struct optim_product *p)
{
    static int left = 9;
    return --left > 0 && multiply(p);
}

static bool step_by(optim_product_fn *product, struct matrix *m,
                    const struct optim_options *options,
                    const struct optim_group *like, double lr)
{
    struct optim_group group = *like;
    group.rows = m->rows;
    group.count = m->rows * m->columns;
    const struct optim_block block = {.count = group.count,
                                      .weights = m->weights,
                                      .gradients = m->gradients,
                                      .moments = {m->momentum}};
    const struct optim_update update = {.lr = lr, .gradient_scale = 1};
    assert_true(optim_matrix_scratch(&group) * sizeof(float) <=
                sizeof m->scratch);
    return optim_step_matrix(options, &block, &group, &update, product,
                             m->scratch);
}

static void step(struct matrix *m, const struct optim_options *options,
                 const struct optim_group *like, double lr)
{
    assert_true(step_by(multiply, m, options, like, lr));
}

static struct matrix some(size_t rows, size_t columns)
{
    struct matrix m = {.rows = rows, .columns = columns};
    uint64_t seed = 11;
    for (size_t i = 0; i < rows * columns; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        m.weights[i] = (float)((double)(seed >> 40) / 0x1p23 - 1.0);
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        m.gradients[i] = (float)((double)(seed >> 40) / 0x1p23 - 1.0);
    }
    return m;
}

/* ---- the reference ---- */

static void read_row(FILE *f, const char *want, double *out, size_t n)
{
    char word[32] = "";
    assert_int_equal(fscanf(f, "%31s", word), 1);
    assert_string_equal(word, want);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(fscanf(f, "%lf", &out[i]), 1);
}

static void read_floats(FILE *f, const char *want, float *out, size_t n)
{
    double row[MOST];
    read_row(f, want, row, n);
    for (size_t i = 0; i < n; i++)
        out[i] = (float)row[i];
}

static void check_case(FILE *f, const double *rates)
{
    static struct matrix m;
    double is[4], want[MOST];
    read_row(f, "case", is, 4);
    m = (struct matrix){.rows = (size_t)is[0], .columns = (size_t)is[1]};
    const size_t n = m.rows * m.columns;
    assert_true(n <= MOST);
    read_floats(f, "start", m.weights, n);
    const struct optim_options o = {.momentum = is[2], .nesterov = is[3] != 0};
    const struct optim_group g = {.lr_scale = 1};
    for (int t = 0; t < STEPS; t++) {
        read_floats(f, "gradients", m.gradients, n);
        read_row(f, "weights", want, n);
        step(&m, &o, &g, rates[t]);
        for (size_t i = 0; i < n; i++)
            if (!(fabs((double)m.weights[i] - want[i]) <= tolerance))
                fail_msg("%zu x %zu, update %d: weight %zu is %.9g, not %.9g",
                         m.rows, m.columns, t, i, (double)m.weights[i],
                         want[i]);
    }
}

static void singular_values_follow_the_polynomial(void **state)
{
    (void)state;
    char line[256];
    double shape[2], rates[STEPS];
    FILE *const f = fopen(TAPER_TEST_DATA "/optim/muon.txt", "r");
    assert_non_null(f);
    for (int i = 0; i < 2; i++) {
        assert_non_null(fgets(line, sizeof line, f));
        assert_int_equal(line[0], '#');
    }
    read_row(f, "shape", shape, 2);
    assert_true(shape[0] == CASES && shape[1] == STEPS);
    read_row(f, "rates", rates, STEPS);
    for (int i = 0; i < CASES; i++)
        check_case(f, rates);
    (void)fclose(f);
}

/* ---- promises ---- */

static const struct optim_options plain = {.momentum = 0.6, .nesterov = true};

static void a_rate_of_zero_moves_the_momentum_alone(void **state)
{
    (void)state;
    struct matrix m = some(6, 20), before = m;
    const struct optim_group g = {.lr_scale = 1};
    step(&m, &plain, &g, 0.0);
    assert_memory_equal(m.weights, before.weights, sizeof m.weights);
    assert_memory_equal(m.momentum, m.gradients, sizeof m.momentum);
}

static void a_frozen_matrix_keeps_weights_and_momentum(void **state)
{
    (void)state;
    struct matrix m = some(6, 20), before = m;
    const struct optim_group g = {.lr_scale = 0};
    step(&m, &plain, &g, 0.1);
    assert_memory_equal(m.weights, before.weights, sizeof m.weights);
    assert_memory_equal(m.momentum, before.momentum, sizeof m.momentum);
}

/* The direction does not know how large the loss is. */
static void the_scale_of_gradients_does_not_matter(void **state)
{
    (void)state;
    struct matrix a = some(20, 6), b = a;
    const struct optim_group g = {.lr_scale = 1};
    for (size_t i = 0; i < 120; i++)
        b.gradients[i] *= 1024;
    step(&a, &plain, &g, 0.1);
    step(&b, &plain, &g, 0.1);
    for (size_t i = 0; i < 120; i++)
        assert_float_equal(a.weights[i], b.weights[i], 1e-5);
}

/* The norm becomes sqrt(6), and that is all. */
static void a_gradient_of_zero_is_no_division_by_zero(void **state)
{
    (void)state;
    struct matrix m = some(6, 20), before = m;
    const struct optim_group g = {.lr_scale = 1};
    memset(m.gradients, 0, sizeof m.gradients);
    step(&m, &plain, &g, 0.1);
    assert_float_equal(optim_norm(m.weights, 120), sqrt(6.0), 1e-5);
    const float factor = m.weights[0] / before.weights[0];
    for (size_t i = 0; i < 120; i++)
        assert_float_equal(m.weights[i], factor * before.weights[i], 1e-6);
}

static void weights_of_zero_are_no_division_by_zero(void **state)
{
    (void)state;
    struct matrix m = some(6, 20);
    const struct optim_group g = {.lr_scale = 1};
    memset(m.weights, 0, sizeof m.weights);
    step(&m, &plain, &g, 0.1);
    for (size_t i = 0; i < 120; i++)
        assert_true(isfinite(m.weights[i]) && m.weights[i] != 0);
}

static void a_product_that_fails_leaves_the_weights(void **state)
{
    (void)state;
    struct matrix m = some(6, 20), before = m;
    const struct optim_group g = {.lr_scale = 1};
    assert_false(step_by(fail_at_last, &m, &plain, &g, 0.1));
    assert_memory_equal(m.weights, before.weights, sizeof m.weights);
}

static void a_matrix_has_whole_rows(void **state)
{
    (void)state;
    const struct optim_rule *const rule = optim_rule_find("muon");
    struct optim_group g = {.count = 120, .lr_scale = 1, .rows = 6};
    assert_null(optim_setup_error(rule, &rule->defaults, &g, 1, 120));
    g.rows = 7;
    assert_non_null(optim_setup_error(rule, &rule->defaults, &g, 1, 120));
}

static void a_group_of_its_own_rate_follows_it(void **state)
{
    (void)state;
    struct matrix a = some(6, 20), b = a;
    const struct optim_group own = {.lr_scale = 2, .own_lr = true, .lr = 0.05};
    const struct optim_group run = {.lr_scale = 1};
    step(&a, &plain, &own, 0.7);
    step(&b, &plain, &run, 0.1);
    assert_memory_equal(a.weights, b.weights, sizeof a.weights);
    step(&b, &plain, &run, 0.2);
    assert_memory_not_equal(a.weights, b.weights, sizeof a.weights);
}

/* optim_step leaves matrices to optim_step_matrix, under this rule alone. */
static void the_elementwise_step_passes_over_matrices(void **state)
{
    (void)state;
    static const char *const names[] = {"muon", "sgd"};
    for (int i = 0; i < 2; i++) {
        struct matrix m = some(6, 20), before = m;
        const struct optim_rule *const rule = optim_rule_find(names[i]);
        const struct optim_group groups[] = {
            {.offset = 0, .count = 100, .lr_scale = 1, .rows = 5},
            {.offset = 100, .count = 20, .lr_scale = 1}};
        const struct optim_block block = {.count = 120,
                                          .weights = m.weights,
                                          .gradients = m.gradients,
                                          .moments = {m.momentum}};
        const struct optim_update update = {.lr = 0.1, .gradient_scale = 1};
        optim_step(rule, &rule->defaults, &block, groups, 2, &update);
        const bool stays =
            memcmp(m.weights, before.weights, 100 * sizeof(float)) == 0;
        assert_int_equal(stays, i == 0);
        assert_memory_not_equal(m.weights + 100, before.weights + 100,
                                20 * sizeof(float));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(singular_values_follow_the_polynomial),
        cmocka_unit_test(a_rate_of_zero_moves_the_momentum_alone),
        cmocka_unit_test(a_frozen_matrix_keeps_weights_and_momentum),
        cmocka_unit_test(the_scale_of_gradients_does_not_matter),
        cmocka_unit_test(a_gradient_of_zero_is_no_division_by_zero),
        cmocka_unit_test(weights_of_zero_are_no_division_by_zero),
        cmocka_unit_test(a_product_that_fails_leaves_the_weights),
        cmocka_unit_test(a_matrix_has_whole_rows),
        cmocka_unit_test(a_group_of_its_own_rate_follows_it),
        cmocka_unit_test(the_elementwise_step_passes_over_matrices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
