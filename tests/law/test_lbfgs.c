/* L-BFGS finds the minima that SciPy's finds, in about as many evaluations.
 * tests/data/law/lbfgs.txt was recorded by tools/golden/lbfgs.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "law/lbfgs.h"

enum { MOST = 64, LINE = 4096 };

/* `ctx` of every function is its number of variables. */
static double rosenbrock(void *ctx, const double *x, double *g)
{
    const size_t n = *(const size_t *)ctx;
    double sum = 0;
    memset(g, 0, n * sizeof *g);
    for (size_t i = 0; i + 1 < n; i++) {
        const double up = x[i + 1] - x[i] * x[i], off = 1 - x[i];
        sum += 100 * up * up + off * off;
        g[i] += -400 * x[i] * up - 2 * off;
        g[i + 1] += 200 * up;
    }
    return sum;
}

static double quadratic(void *ctx, const double *x, double *g)
{
    const size_t n = *(const size_t *)ctx;
    double sum = 0, all = 0;
    for (size_t i = 0; i < n; i++)
        all += x[i] - (double)i;
    for (size_t i = 0; i < n; i++) {
        const double h = pow(10, 4 * (double)i / (double)(n - 1));
        const double off = x[i] - (double)i;
        sum += 0.5 * h * off * off;
        g[i] = h * off + all;
    }
    return sum + 0.5 * all * all;
}

static double chain(void *ctx, const double *x, double *g)
{
    const size_t n = *(const size_t *)ctx;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double weight = (double)(i + 1) / (double)n;
        sum += exp(x[i]) - weight * x[i];
        g[i] = exp(x[i]) - weight;
    }
    for (size_t i = 1; i < n; i++) {
        const double off = x[i] - x[i - 1];
        sum += 10 * off * off;
        g[i] += 20 * off;
        g[i - 1] -= 20 * off;
    }
    return sum;
}

static double from_rosenbrock(size_t i)
{
    return i % 2 == 0 ? -1.2 : 1;
}

static double from_zero(size_t i)
{
    (void)i;
    return 0;
}

static double from_sine(size_t i)
{
    return sin((double)i);
}

static const struct function {
    const char *name;
    law_objective *value;
    double (*start)(size_t i);
} functions[] = {
    {"rosenbrock", rosenbrock, from_rosenbrock},
    {"quadratic", quadratic, from_zero},
    {"chain", chain, from_sine},
};

static const struct function *find(const char *name)
{
    for (size_t k = 0; k < sizeof functions / sizeof functions[0]; k++)
        if (strcmp(functions[k].name, name) == 0) return &functions[k];
    fail_msg("no function %s", name);
    return NULL;
}

static struct law_lbfgs search_of(law_objective *value, size_t *n)
{
    return (struct law_lbfgs){.objective = value,
                              .ctx = n,
                              .n = *n,
                              .history = 20,
                              .iterations = 10000,
                              .gradient_limit = 1e-10};
}

/* One line of the file: the same minimum, within half as many evaluations
 * again. */
static void compare(const char *line)
{
    char name[32];
    size_t n;
    int evaluations, used;
    double value, x[MOST];
    assert_int_equal(sscanf(line, "%31s %zu %d %lg%n", name, &n, &evaluations,
                            &value, &used),
                     4);
    assert_in_range(n, 1, MOST);
    const struct function *f = find(name);
    for (size_t i = 0; i < n; i++)
        x[i] = f->start(i);
    const struct law_lbfgs search = search_of(f->value, &n);
    struct law_minimum minimum;
    assert_true(law_lbfgs_minimise(&search, x, &minimum));
    assert_true(minimum.converged);
    assert_true(fabs(minimum.value - value) <= 1e-12 * fmax(1, value));
    assert_in_range(minimum.evaluations, 1, 3 * evaluations / 2);
    for (size_t i = 0; i < n; i++) {
        double want;
        int more;
        assert_int_equal(sscanf(line + used, "%lg%n", &want, &more), 1);
        used += more;
        assert_true(fabs(x[i] - want) <= 1e-7);
    }
}

static void minima_are_scipys(void **state)
{
    (void)state;
    FILE *f = fopen(TAPER_TEST_DATA "/law/lbfgs.txt", "r");
    assert_non_null(f);
    char line[LINE];
    int lines = 0;
    while (fgets(line, sizeof line, f)) {
        if (line[0] == '#') continue;
        compare(line);
        lines++;
    }
    fclose(f);
    assert_int_equal(lines, 4);
}

static void the_same_start_gives_the_same_bits(void **state)
{
    (void)state;
    size_t n = 20;
    double x[2][20];
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < n; i++)
            x[k][i] = from_rosenbrock(i);
        const struct law_lbfgs search = search_of(rosenbrock, &n);
        struct law_minimum minimum;
        assert_true(law_lbfgs_minimise(&search, x[k], &minimum));
    }
    assert_memory_equal(x[0], x[1], sizeof x[0]);
}

/* -log x + x^2, which is infinite, or not a number, at x <= 0. */
static double barrier(void *ctx, const double *x, double *g)
{
    (void)ctx;
    g[0] = 2 * x[0] - 1 / x[0];
    return x[0] * x[0] - log(x[0]);
}

static void walls_are_not_passed(void **state)
{
    (void)state;
    static const double starts[] = {1e-6, 0.1, 1e3};
    size_t n = 1;
    const struct law_lbfgs search = search_of(barrier, &n);
    for (size_t k = 0; k < 3; k++) {
        double x = starts[k];
        struct law_minimum minimum;
        assert_true(law_lbfgs_minimise(&search, &x, &minimum));
        assert_true(fabs(x - sqrt(0.5)) <= 1e-9);
    }
}

/* Falls for ever, and more slowly the further one is. */
static double endless(void *ctx, const double *x, double *g)
{
    (void)ctx;
    g[0] = -exp(-x[0]);
    return exp(-x[0]);
}

static double nowhere(void *ctx, const double *x, double *g)
{
    (void)ctx;
    (void)x;
    g[0] = NAN;
    return NAN;
}

static double flat(void *ctx, const double *x, double *g)
{
    (void)ctx;
    (void)x;
    g[0] = 0;
    return 7;
}

static void functions_without_a_minimum_come_to_an_end(void **state)
{
    (void)state;
    size_t n = 1;
    struct law_minimum minimum;
    double x = 0;
    struct law_lbfgs search = search_of(endless, &n);
    assert_true(law_lbfgs_minimise(&search, &x, &minimum));
    assert_true(minimum.value < 1e-9 && isfinite(x));
    search.objective = nowhere;
    x = 3;
    assert_true(law_lbfgs_minimise(&search, &x, &minimum));
    assert_true(x == 3 && !minimum.converged && isnan(minimum.value));
    search.objective = flat;
    assert_true(law_lbfgs_minimise(&search, &x, &minimum));
    assert_true(x == 3 && minimum.converged && minimum.value == 7);
}

static void it_stops_where_it_is_told_to(void **state)
{
    (void)state;
    size_t n = 20;
    double x[20];
    for (size_t i = 0; i < n; i++)
        x[i] = from_rosenbrock(i);
    struct law_lbfgs search = search_of(rosenbrock, &n);
    search.iterations = 5;
    struct law_minimum five, rough;
    assert_true(law_lbfgs_minimise(&search, x, &five));
    assert_int_equal(five.iterations, 5);
    assert_false(five.converged);
    search.iterations = 10000;
    search.value_change = 0.5;
    assert_true(law_lbfgs_minimise(&search, x, &rough));
    assert_true(rough.converged && rough.value < five.value);
    assert_in_range(rough.iterations, 1, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minima_are_scipys),
        cmocka_unit_test(the_same_start_gives_the_same_bits),
        cmocka_unit_test(walls_are_not_passed),
        cmocka_unit_test(functions_without_a_minimum_come_to_an_end),
        cmocka_unit_test(it_stops_where_it_is_told_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
