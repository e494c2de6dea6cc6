/* Refined schedules: the formula on norms for which it can be worked out, the
 * running median against a sorted window. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <taper_law.h>

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What the window of 2 half + 1 steps around i sees at place `at`. */
static double seen(const double *x, int n, int at)
{
    if (at < 0) return x[0];
    while (at >= n)
        at = n == 1 ? 0 : abs(2 * (n - 1) - at);
    return x[at];
}

static void the_median_is_that_of_a_sorted_window(void **state)
{
    (void)state;
    enum { N = 60 };
    static const double windows[] = {0, 0.04, 0.1, 0.35, 0.9, 1};
    double x[N], out[N], sorted[2 * N];
    for (int i = 0; i < N; i++)
        x[i] = 1 + (i * 37 % 23); /* with ties */
    for (size_t k = 0; k < sizeof windows / sizeof windows[0]; k++)
        for (int n = 1; n <= N; n += n == 1 ? 1 : 29) {
            assert_int_equal(taper_law_norms_smooth(x, (size_t)n, windows[k],
                                                    out, NULL),
                             TAPER_LAW_OK);
            const int half = (int)floor(windows[k] * n / 2);
            for (int i = 0; i < n; i++) {
                for (int j = -half; j <= half; j++)
                    sorted[j + half] = seen(x, n, i + j);
                qsort(sorted, (size_t)(2 * half + 1), sizeof sorted[0],
                      ascending);
                assert_true(out[i] == sorted[half]);
            }
        }
}

static void equal_norms_give_a_line(void **state)
{
    (void)state;
    enum { N = 1000 };
    static double norms[N], out[N];
    for (size_t i = 0; i < N; i++)
        norms[i] = 0.37;
    for (int kind = TAPER_LAW_NORM_SGD; kind <= TAPER_LAW_NORM_ADAM; kind++) {
        assert_int_equal(taper_law_refine(norms, N, (taper_law_norm)kind, 0.1,
                                          out, NULL),
                         TAPER_LAW_OK);
        for (size_t i = 0; i < N; i++) {
            const double line = (double)(N - 1 - i) / (N - 1);
            assert_true(fabs(out[i] - line) <= 1e-12);
        }
    }
}

/* Norms 1 over the first half and 2 over the second: weights 1 and 1/4, or 1
 * and 1/2. */
static void weights_follow_the_optimizer(void **state)
{
    (void)state;
    enum { N = 100, HALF = N / 2 };
    static const double second[] = {0.25, 0.5};
    double norms[N], out[N];
    for (size_t i = 0; i < N; i++)
        norms[i] = i < HALF ? 1 : 2;
    for (int kind = TAPER_LAW_NORM_SGD; kind <= TAPER_LAW_NORM_ADAM; kind++) {
        const double w = second[kind], first = HALF - 1 + w * HALF;
        assert_int_equal(taper_law_refine(norms, N, (taper_law_norm)kind, 0,
                                          out, NULL),
                         TAPER_LAW_OK);
        assert_true(out[0] == 1 && out[N - 1] == 0);
        const double last = (HALF - 1 - 10 + w * HALF) / first;
        assert_true(fabs(out[10] - last) < 1e-12);
        assert_true(fabs(out[60] - w * w * (N - 61) / first) < 1e-12);
    }
}

static void large_norms_at_the_start_give_a_warmup(void **state)
{
    (void)state;
    enum { N = 400 };
    double norms[N], out[N];
    for (size_t i = 0; i < N; i++)
        norms[i] = 1 + 9 * exp(-(double)i / 20);
    assert_int_equal(taper_law_refine(norms, N, TAPER_LAW_NORM_SGD, 0.02, out,
                                      NULL),
                     TAPER_LAW_OK);
    assert_true(out[0] < 0.02);
    for (size_t i = 5; i < 60; i++)
        assert_true(out[i] >= out[i - 1]);
    for (size_t i = 150; i < N; i++)
        assert_true(out[i] < out[i - 1]);
}

static void outliers_leave_no_trace(void **state)
{
    (void)state;
    enum { N = 500 };
    double norms[N], clean[N], out[N];
    for (size_t i = 0; i < N; i++)
        norms[i] = 1 + 0.001 * (double)i;
    assert_int_equal(taper_law_refine(norms, N, TAPER_LAW_NORM_ADAM, 0.1, clean,
                                      NULL),
                     TAPER_LAW_OK);
    norms[100] = 1e9;
    norms[300] = 0;
    assert_int_equal(taper_law_refine(norms, N, TAPER_LAW_NORM_ADAM, 0.1, out,
                                      NULL),
                     TAPER_LAW_OK);
    for (size_t i = 0; i < N; i++)
        assert_true(fabs(out[i] - clean[i]) < 0.01);
}

static void a_million_norms_are_refined(void **state)
{
    (void)state;
    const size_t n = 1000000;
    double *norms = malloc(n * sizeof *norms);
    assert_non_null(norms);
    for (size_t i = 0; i < n; i++)
        norms[i] = 1 + (double)((i * 7919 + 500) % 1000) / 1000;
    assert_int_equal(taper_law_refine(norms, n, TAPER_LAW_NORM_SGD, 0.1, norms,
                                      NULL),
                     TAPER_LAW_OK);
    for (size_t i = 0; i < n; i += 1000)
        assert_true(fabs(norms[i] - (1 - (double)i / (double)n)) < 1e-3);
    free(norms);
}

static void what_is_no_norm_is_refused(void **state)
{
    (void)state;
    double x[] = {1, NAN, 1, 1}, out[4];
    const taper_law_norm sgd = TAPER_LAW_NORM_SGD;
    taper_law_error err;
    assert_int_equal(taper_law_refine(x, 4, sgd, 0, out, &err),
                     TAPER_LAW_E_NORM);
    assert_int_equal(err.index, 1);
    x[1] = -1;
    assert_int_equal(taper_law_refine(x, 4, sgd, 0, out, &err),
                     TAPER_LAW_E_NORM);
    x[1] = 0;
    assert_int_equal(taper_law_refine(x, 4, sgd, 0, out, &err),
                     TAPER_LAW_E_NORM);
    assert_int_equal(taper_law_refine(x, 0, sgd, 0, out, &err),
                     TAPER_LAW_E_ARGUMENT);
    assert_int_equal(taper_law_refine(x, 4, sgd, 1.5, out, &err),
                     TAPER_LAW_E_ARGUMENT);
    const double wide[] = {1e200, 1e-200};
    assert_int_equal(taper_law_refine(wide, 2, sgd, 0, out, &err),
                     TAPER_LAW_E_NORM);
    const double one = 3;
    assert_int_equal(taper_law_refine(&one, 1, sgd, 0.5, out, &err),
                     TAPER_LAW_OK);
    assert_true(out[0] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_median_is_that_of_a_sorted_window),
        cmocka_unit_test(equal_norms_give_a_line),
        cmocka_unit_test(weights_follow_the_optimizer),
        cmocka_unit_test(large_norms_at_the_start_give_a_warmup),
        cmocka_unit_test(outliers_leave_no_trace),
        cmocka_unit_test(a_million_norms_are_refined),
        cmocka_unit_test(what_is_no_norm_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
