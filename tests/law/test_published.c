/* The published parameters of the multi-power law on the 27 curves that they
 * were published with: every metric that the authors' program printed, and the
 * whole curve beside the sum by the formula. */
#include "law/curves.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The text of a file, NUL-terminated; caller frees. */
static char *read_all(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("cannot read %s", path);
    fseek(f, 0, SEEK_END);
    const long size = ftell(f);
    rewind(f);
    char *text = calloc((size_t)size + 1, 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)size, f), size);
    fclose(f);
    return text;
}

/* What follows "key" in a JSON text; every key comes after the one before. */
static const char *after(const char *text, const char *key)
{
    const size_t n = strlen(key);
    const char *found = strstr(text, key);
    while (found && !(found[-1] == '"' && strncmp(found + n, "\":", 2) == 0))
        found = strstr(found + 1, key);
    if (!found) fail_msg("published.json has no %s", key);
    return found + n + 2;
}

static double number(const char *text, const char *key)
{
    return strtod(after(text, key), NULL);
}

static taper_law_params parameters(const char *size)
{
    return (taper_law_params){
        .kind = TAPER_LAW_MULTI_POWER,
        .clock = 1.0,
        .eta_ref = 3e-4,
        .L0 = number(size, "L0"),
        .A = number(size, "A"),
        .alpha = number(size, "alpha"),
        .B = number(size, "B"),
        .C = number(size, "C"),
        .beta = number(size, "beta"),
        .gamma = number(size, "gamma"),
    };
}

/* To 1e-6 of itself, and to what the parameters were rounded to, which is 1e-8
 * and shows in the smallest of the metrics. */
static void assert_near(const char *what, double value, double published)
{
    if (fabs(value - published) <= 1e-6 * fabs(published) + 5e-9) return;
    fail_msg("%s is %.12g, published is %.12g", what, value, published);
}

static void assert_metrics(const struct curve *c, const double *predicted,
                           const char *published)
{
    const taper_law_quality q =
        taper_law_quality_of(predicted, c->losses, c->run.points);
    assert_near("rmse", q.rmse, number(published, "rmse_loss"));
    assert_near("mae", q.mae, number(published, "mae_loss"));
    assert_near("prede", q.prede, number(published, "prede"));
    assert_near("worste", q.worste, number(published, "worste"));
    assert_near("r2", q.r2, number(published, "r2_score"));
}

static void assert_curve(const struct curve *c, const taper_law_params *p,
                         const double *predicted)
{
    const size_t steps = c->run.steps;
    double *whole = malloc(steps * sizeof *whole);
    assert_non_null(whole);
    assert_int_equal(taper_law_curve(p, c->rates, steps, whole, NULL),
                     TAPER_LAW_OK);
    for (size_t i = 0; i < c->run.points; i++)
        assert_true(fabs(whole[c->at[i]] - predicted[i]) < 1e-9);
    assert_true(fabs(whole[steps - 1] - taper_law_final(p, c->rates, steps)) <
                1e-9);
    free(whole);
}

static void every_printed_metric_is_met(void **state)
{
    (void)state;
    char *text = read_all(TAPER_TEST_DATA "/law/luo/published.json");
    for (size_t i = 0; i < LUO_SIZES; i++) {
        const char *size = after(text, luo_sizes[i]);
        const taper_law_params p = parameters(size);
        for (size_t j = 0; j < LUO_CURVES; j++) {
            struct curve c = luo_curve(luo_sizes[i], luo_names[j]);
            char file[100];
            snprintf(file, sizeof file, "%s.csv", luo_names[j]);
            double *predicted = malloc(c.run.points * sizeof *predicted);
            assert_non_null(predicted);
            assert_int_equal(taper_law_points(&p, c.rates, c.run.steps, c.at,
                                              c.run.points, predicted, NULL),
                             TAPER_LAW_OK);
            assert_metrics(&c, predicted, after(size, file));
            assert_curve(&c, &p, predicted);
            free(predicted);
            curve_free(&c);
        }
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_printed_metric_is_met),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
