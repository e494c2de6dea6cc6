/* The statistics of studies: against SciPy, statsmodels and arch
 * (tests/data/study/statistics.txt), at the edges where there is nothing to
 * compute, and by simulation: an interval that claims 95 % has to contain the
 * truth in 95 % of studies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "study/statistics.h"

#define MOST 64 /* numbers in a line of the golden file */
#define LINE 4096

/* Within `relative` of what is wanted; NaN equals NaN. */
static void assert_close(double got, double want, double relative)
{
    if (isnan(want) && isnan(got)) return;
    if (fabs(got - want) <= relative * fabs(want) + 1e-15) return;
    fail_msg("%.17g instead of %.17g", got, want);
}

/* ---- the golden file: lines of a word and numbers ---- */

/* Calls `check` with the numbers of each line that begins with `word`, and the
 * file, from which it may read the lines that belong to it. Returns how many
 * there were. */
typedef void check_fn(FILE *f, const double *x);

static size_t read_line(FILE *f, char word[32], double *x)
{
    char line[LINE];
    do {
        if (!fgets(line, sizeof line, f)) return 0;
    } while (line[0] == '#');
    int at = 0;
    if (sscanf(line, "%31s%n", word, &at) != 1) return 0;
    size_t n = 0;
    for (char *from = line + at, *end; n < MOST; from = end) {
        const double value = strtod(from, &end);
        if (end == from) break;
        x[n++] = value;
    }
    return n;
}

/* The next line, which has to be `word` and n numbers. */
static void want_line(FILE *f, const char *word, double *x, size_t n)
{
    char got[32];
    double all[MOST];
    assert_int_equal(read_line(f, got, all), n);
    assert_string_equal(got, word);
    memcpy(x, all, n * sizeof *x);
}

static size_t each(const char *word, check_fn *check)
{
    FILE *f = fopen(TAPER_TEST_DATA "/study/statistics.txt", "r");
    assert_non_null(f);
    char got[32];
    double x[MOST];
    size_t checked = 0;
    while (read_line(f, got, x) > 0) {
        if (strcmp(got, word) != 0) continue;
        check(f, x);
        checked++;
    }
    (void)fclose(f);
    return checked;
}

/* ---- against the peers ---- */

static void check_pair(FILE *f, const double *head)
{
    const size_t n = (size_t)head[0];
    double a[MOST], b[MOST], mean[4], test[4], flip[1];
    want_line(f, "a", a, n);
    want_line(f, "b", b, n);
    want_line(f, "mean", mean, 4);
    want_line(f, "test", test, 4);
    want_line(f, "flip", flip, 1);

    const struct study_moments m = study_moments(a, n);
    const struct study_interval i = study_t_interval(m);
    assert_int_equal(m.n, n);
    assert_close(m.mean, mean[0], 1e-14);
    assert_close(m.std, mean[1], 1e-11);
    assert_close(i.low, mean[2], 1e-11);
    assert_close(i.high, mean[3], 1e-11);

    const struct study_paired p = study_paired(a, b, n);
    assert_int_equal(p.difference.n, n);
    assert_close(p.t, test[0], 1e-9);
    assert_close(p.p_t, test[1], 1e-9);
    assert_close(p.interval.low, test[2], 1e-9);
    assert_close(p.interval.high, test[3], 1e-9);
    assert_close(p.p_flip, flip[0], 1e-12);
    assert_true(p.p == p.p_t);
}

static void intervals_and_paired_tests_are_those_of_scipy(void **state)
{
    (void)state;
    assert_int_equal(each("pair", check_pair), 7);
}

static void check_holm(FILE *f, const double *head)
{
    const size_t n = (size_t)head[0];
    double p[MOST], corrected[MOST];
    want_line(f, "p", p, n);
    want_line(f, "corrected", corrected, n);
    assert_true(study_holm(p, n));
    for (size_t i = 0; i < n; i++)
        assert_close(p[i], corrected[i], 1e-12);
}

static void holms_correction_is_that_of_statsmodels(void **state)
{
    (void)state;
    assert_int_equal(each("holm", check_holm), 4);
}

static void check_power(FILE *f, const double *x)
{
    (void)f;
    assert_close(study_power(x[0], x[1], x[2]), x[3], 1e-7);
    assert_close(study_power(-x[0], x[1], x[2]), x[3], 1e-7);
}

static void check_needed(FILE *f, const double *x)
{
    (void)f;
    assert_close(study_needed(x[0], x[1]), x[2], 0.0);
    assert_close(study_needed(-x[0], x[1]), x[2], 0.0);
}

static void check_detectable(FILE *f, const double *x)
{
    (void)f;
    assert_close(study_detectable(x[0], x[1]), x[2], 1e-6);
}

static void power_and_needed_seeds_are_those_of_statsmodels(void **state)
{
    (void)state;
    assert_int_equal(each("power", check_power), 32);
    assert_int_equal(each("needed", check_needed), 10);
    assert_int_equal(each("detectable", check_detectable), 8);
}

static void check_bootstrap(FILE *f, const double *head)
{
    const size_t n = (size_t)head[0];
    double x[MOST], all[2], arch[2];
    want_line(f, "x", x, n);
    want_line(f, "all", all, 2);
    want_line(f, "arch", arch, 2);
    const struct study_interval i = study_bootstrap_interval(x, n);
    assert_close(i.low, all[0], 1e-9);
    assert_close(i.high, all[1], 1e-9);
    /* arch draws at random, and tails of few values are thin. */
    const double width = i.high - i.low;
    assert_true(fabs(i.low - arch[0]) < 0.1 * width);
    assert_true(fabs(i.high - arch[1]) < 0.1 * width);
}

static void bootstrap_intervals_hold_every_resample(void **state)
{
    (void)state;
    assert_int_equal(each("bootstrap", check_bootstrap), 4);
}

static void check_best(FILE *f, const double *head)
{
    const size_t columns = (size_t)head[0], n = (size_t)head[1];
    double x[MOST], want[3], p[3];
    assert_true(columns == 3 && columns * n <= MOST);
    for (size_t i = 0; i < columns; i++)
        want_line(f, "x", x + i * n, n);
    want_line(f, "shares", want, columns);
    assert_true(study_probability_best(x, columns, n, p));
    for (size_t i = 0; i < columns; i++) /* four standard errors */
        assert_true(fabs(p[i] - want[i]) <
                    4.0 * sqrt(want[i] * (1.0 - want[i]) / STUDY_DRAWS) + 1e-4);
}

static void probabilities_of_being_best_are_those_of_a_million_draws(void **s)
{
    (void)s;
    assert_int_equal(each("best", check_best), 3);
}

/* ---- where there is nothing to compute ---- */

static void assert_unknown(struct study_interval i)
{
    assert_true(isnan(i.low) && isnan(i.high));
}

static void nothing_is_known_of_no_value_and_no_spread_of_one(void **state)
{
    (void)state;
    const double x[] = {3.5, 1.0};
    const struct study_moments none = study_moments(NULL, 0);
    assert_true(none.n == 0 && isnan(none.mean) && isnan(none.std));
    assert_unknown(study_t_interval(none));
    assert_unknown(study_bootstrap_interval(NULL, 0));

    const struct study_moments one = study_moments(x, 1);
    assert_true(one.mean == 3.5 && isnan(one.std));
    assert_unknown(study_t_interval(one));

    const struct study_paired p0 = study_paired(NULL, NULL, 0);
    assert_true(p0.difference.n == 0 && isnan(p0.p) && isnan(p0.p_flip));
    const struct study_paired p1 = study_paired(x, x + 1, 1);
    assert_true(p1.difference.mean == 2.5);
    assert_true(isnan(p1.t) && isnan(p1.p_t) && isnan(p1.p));
    assert_true(p1.p_flip == 1.0);
    assert_unknown(p1.interval);
}

/* A tenth has no exact double: the mean of equal values is off by rounding, and
 * t would be its rounding error over another. */
static void equal_values_have_no_spread_whatever_their_rounding(void **state)
{
    (void)state;
    const double x[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    const struct study_moments m = study_moments(x, 7);
    assert_true(m.std == 0.0);
    const struct study_interval i = study_t_interval(m);
    assert_true(i.low == m.mean && i.high == m.mean);
    const struct study_interval b = study_bootstrap_interval(x, 7);
    assert_true(b.low == m.mean && b.high == m.mean);

    /* Differences of 0.002 that are not the same doubles. */
    const double high[] = {0.912, 0.934, 0.901, 0.957};
    const double low[] = {0.910, 0.932, 0.899, 0.955};
    const struct study_paired p = study_paired(high, low, 4);
    assert_true(p.difference.std == 0.0 && isnan(p.t) && isnan(p.p_t));
    assert_close(p.difference.mean, 0.002, 1e-10);
    /* All four on one side: 2 of 16 flips. Not certainty. */
    assert_true(p.p_flip == 0.125 && p.p == 0.125);
}

static void equal_columns_cannot_be_told_apart(void **state)
{
    (void)state;
    const double x[] = {1.5, 2.25, 8.0};
    const struct study_paired p = study_paired(x, x, 3);
    assert_true(p.difference.mean == 0.0 && p.difference.std == 0.0);
    assert_true(p.p_flip == 1.0 && p.p == 1.0);
}

static void a_pair_turned_round_has_the_same_p_and_the_opposite_sign(void **s)
{
    (void)s;
    const double a[] = {1, 4, 2, 8, 5, 7}, b[] = {2, 1, 3, 5, 4, 4};
    const struct study_paired p = study_paired(a, b, 6);
    const struct study_paired q = study_paired(b, a, 6);
    assert_close(q.difference.mean, -p.difference.mean, 1e-14);
    assert_close(q.interval.low, -p.interval.high, 1e-12);
    assert_close(q.t, -p.t, 1e-12);
    assert_close(q.p_t, p.p_t, 1e-12);
    assert_true(q.p_flip == p.p_flip);
}

static void holm_leaves_out_what_is_not_known(void **state)
{
    (void)state;
    double p[] = {NAN, 0.02, NAN, 0.03};
    assert_true(study_holm(p, 4));
    assert_true(isnan(p[0]) && isnan(p[2]));
    assert_close(p[1], 0.04, 1e-12); /* times 2, not 4 */
    assert_close(p[3], 0.04, 1e-12); /* 0.03, but not before its better */
    assert_true(study_holm(NULL, 0));
}

static void power_is_total(void **state)
{
    (void)state;
    static const double effects[] = {0,  1e-200, 1e-9, 1e-3,     1,
                                     30, 999,    1e9,  INFINITY, -INFINITY};
    static const double counts[] = {2, 3, 7, 50, 1e3, STUDY_SEEDS_MOST};
    static const double alphas[] = {1e-6, 0.05 / 276, 0.05, 0.999};
    for (size_t k = 0; k < sizeof alphas / sizeof alphas[0]; k++)
        for (size_t j = 0; j < sizeof counts / sizeof counts[0]; j++)
            for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++) {
                const double p = study_power(effects[i], counts[j], alphas[k]);
                assert_true(p >= 0.999 * alphas[k] && p <= 1.0);
            }
    assert_true(study_power(NAN, 5, 0.05) == 0.0);
    assert_true(study_power(1, 1, 0.05) == 0.0);
    assert_true(study_power(1, 5, 0.0) == 0.0);
    assert_true(study_power(0, 5, 1.0) == 1.0);
    assert_true(isinf(study_needed(0.0, 0.05)));
    assert_true(isinf(study_needed(1e-6, 0.05)));
    assert_true(isnan(study_needed(NAN, 0.05)));
    assert_true(study_needed(INFINITY, 0.05) == 2.0);
    assert_true(isinf(study_detectable(1, 0.05)));
}

/* ---- probability of being best ---- */

static void probabilities_of_being_best_add_up_to_one(void **state)
{
    (void)state;
    const double x[] = {0.91, 0.92, 0.90,      0.93, NAN,  /**/
                        0.92, 0.91, 0.92,      NAN,  0.94, /**/
                        0.90, 0.93, -INFINITY, 0.99, 0.99};
    double p[3];
    assert_true(study_probability_best(x, 3, 5, p));
    assert_close(p[0] + p[1] + p[2], 1.0, 1e-9);
    /* The third has the best mean; it diverged once, where no other did. */
    assert_true(p[2] == 0.0);
    double again[3];
    assert_true(study_probability_best(x, 3, 5, again));
    assert_memory_equal(p, again, sizeof p);
}

static void equal_candidates_share_the_probability(void **state)
{
    (void)state;
    const double x[] = {0.1, 0.2, 0.4, 0.1, 0.2, 0.4, 0.0, 0.1, 0.3};
    double p[3];
    assert_true(study_probability_best(x, 3, 3, p));
    assert_close(p[0], 0.5, 1e-9);
    assert_close(p[1], 0.5, 1e-9);
    assert_true(p[2] == 0.0); /* always 0.1 behind: pairs are kept */
}

static void few_seeds_and_lone_candidates_have_no_probability(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, 5, NAN};
    double p[2];
    assert_true(study_probability_best(x, 2, 3, p)); /* the second has two */
    assert_true(isnan(p[0]) && isnan(p[1]));
    const double lost[] = {-INFINITY, -INFINITY, -INFINITY,
                           -INFINITY, -INFINITY, -INFINITY};
    assert_true(study_probability_best(lost, 2, 3, p));
    assert_true(isnan(p[0]) && isnan(p[1]));
    assert_true(study_probability_best(NULL, 0, 0, p));
    assert_true(study_probability_best(x, 1, 3, p));
    assert_true(isnan(p[0]));
}

/* ---- by simulation ---- */

/* Truth is known here: how often are the procedures right? With a rate of 95 %
 * the number of hits in 2,000 has a standard deviation of 0.5 points, so 93 to
 * 97 % is four of them. */
#define REPETITIONS 2000

typedef double draw_fn(const gsl_rng *g); /* with a mean of 0 */

static double draw_normal(const gsl_rng *g)
{
    return gsl_ran_gaussian(g, 1.0);
}

static gsl_rng *generator(unsigned long seed)
{
    gsl_rng *g = gsl_rng_alloc(gsl_rng_mt19937);
    assert_non_null(g);
    gsl_rng_set(g, seed);
    return g;
}

static struct study_interval by_student(const double *x, size_t n)
{
    return study_t_interval(study_moments(x, n));
}

/* The share of studies with n seeds whose interval contains the truth. */
static double coverage(struct study_interval (*interval)(const double *,
                                                         size_t),
                       draw_fn *draw, size_t n)
{
    gsl_rng *g = generator(20260411);
    size_t hits = 0;
    for (size_t k = 0; k < REPETITIONS; k++) {
        double x[MOST];
        for (size_t i = 0; i < n; i++)
            x[i] = 0.9 + 0.01 * draw(g);
        const struct study_interval i = interval(x, n);
        hits += i.low <= 0.9 && 0.9 <= i.high;
    }
    gsl_rng_free(g);
    print_message("coverage with %zu seeds: %.2f %%\n", n,
                  100.0 * (double)hits / REPETITIONS);
    return (double)hits / REPETITIONS;
}

static void assert_rate(double rate, double low, double high)
{
    if (rate >= low && rate <= high) return;
    fail_msg("a rate of %g is not within %g and %g", rate, low, high);
}

static void students_interval_covers_the_mean(void **state)
{
    (void)state;
    assert_rate(coverage(by_student, draw_normal, 5), 0.93, 0.97);
    assert_rate(coverage(by_student, draw_normal, 10), 0.93, 0.97);
}

static void the_bootstrap_interval_covers_the_mean(void **state)
{
    (void)state;
    for (size_t n = 5; n <= 10; n += 5)
        assert_rate(coverage(study_bootstrap_interval, draw_normal, n), 0.93,
                    0.97);
}

/* Returns of agents are lopsided: a few seeds fail far below the rest. */
static double draw_lopsided(const gsl_rng *g)
{
    return 1.0 - gsl_ran_exponential(g, 1.0);
}

static void the_bootstrap_withstands_lopsided_values_better(void **state)
{
    (void)state;
    const double student = coverage(by_student, draw_lopsided, 5);
    const double boot = coverage(study_bootstrap_interval, draw_lopsided, 5);
    assert_true(boot > student + 0.02);
    assert_rate(boot, 0.90, 0.97);
}

/* Fills `rows` columns of n seeds. What a seed gives to all is twice as large
 * as what it gives to one: pairs are worth keeping. Truth: all means are 0. */
static void draw_null(const gsl_rng *g, double *x, size_t rows, size_t n)
{
    for (size_t s = 0; s < n; s++) {
        const double common = gsl_ran_gaussian(g, 2.0);
        for (size_t r = 0; r < rows; r++)
            x[r * n + s] = common + gsl_ran_gaussian(g, 1.0);
    }
}

/* Shares of studies without a true difference in which a test of the first two
 * rows says p < 0.05. */
static void the_paired_tests_rarely_see_what_is_not_there(void **state)
{
    (void)state;
    for (size_t n = 5; n <= 10; n += 5) {
        gsl_rng *g = generator(7);
        size_t student = 0, flips = 0;
        for (size_t k = 0; k < REPETITIONS; k++) {
            double x[2 * 10];
            draw_null(g, x, 2, n);
            const struct study_paired p = study_paired(x, x + n, n);
            student += p.p_t < 0.05;
            flips += p.p_flip < 0.05;
        }
        gsl_rng_free(g);
        assert_rate((double)student / REPETITIONS, 0.035, 0.065);
        /* Exact tests never err more often; with 5 pairs 2 / 2^5 > 0.05. */
        assert_rate((double)flips / REPETITIONS, n == 5 ? 0.0 : 0.03,
                    n == 5 ? 0.0 : 0.065);
    }
}

/* Five schedules that are the same: ten comparisons, of which one at 5 % goes
 * wrong in about a quarter of the studies unless they are corrected. */
static void holm_keeps_the_error_of_the_whole_family(void **state)
{
    (void)state;
    gsl_rng *g = generator(11);
    size_t corrected = 0, bare = 0;
    for (size_t k = 0; k < REPETITIONS; k++) {
        double x[5 * 10], p[10], least = 1.0;
        size_t pairs = 0;
        draw_null(g, x, 5, 10);
        for (size_t a = 0; a < 5; a++)
            for (size_t b = a + 1; b < 5; b++)
                p[pairs++] = study_paired(x + a * 10, x + b * 10, 10).p;
        for (size_t i = 0; i < pairs; i++)
            least = fmin(least, p[i]);
        bare += least < STUDY_ALPHA;
        assert_true(study_holm(p, pairs));
        for (size_t i = 0; i < pairs; i++)
            if (p[i] < STUDY_ALPHA) {
                corrected++;
                break;
            }
    }
    gsl_rng_free(g);
    assert_rate((double)corrected / REPETITIONS, 0.015, 0.06);
    assert_true((double)bare / REPETITIONS > 0.15);
}

/* What is promised: that many seeds find that effect four times in five. */
static void needed_seeds_find_the_effect_as_often_as_promised(void **state)
{
    (void)state;
    const double effect = 0.8;
    const size_t n = (size_t)study_needed(effect, STUDY_ALPHA);
    assert_true(n >= 2 && n <= MOST);
    gsl_rng *g = generator(13);
    size_t found = 0;
    for (size_t k = 0; k < REPETITIONS; k++) {
        double a[MOST], b[MOST];
        for (size_t i = 0; i < n; i++) {
            b[i] = gsl_ran_gaussian(g, 2.0);
            a[i] = b[i] + effect + gsl_ran_gaussian(g, 1.0);
        }
        found += study_paired(a, b, n).p < STUDY_ALPHA;
    }
    gsl_rng_free(g);
    assert_rate((double)found / REPETITIONS, 0.77, 0.86);
}

/* Of the schedules that are said to be best with so high a probability so many
 * are. Without the widening it is 89 of 100 of those said to be 99.8 % with
 * three seeds and five schedules. */
static void a_probability_of_being_best_is_kept(void **state)
{
    (void)state;
    for (size_t n = 3; n <= 10; n += n == 3 ? 2 : 5) {
        gsl_rng *g = generator(17);
        double said = 0.0, kept = 0.0, cases = 0.0;
        for (size_t k = 0; k < 200; k++) {
            double x[3 * 10], p[3], truth[3];
            draw_null(g, x, 3, n);
            for (size_t r = 0; r < 3; r++) {
                truth[r] = gsl_ran_gaussian(g, 2.0 / sqrt((double)n));
                for (size_t s = 0; s < n; s++)
                    x[r * n + s] += truth[r];
            }
            assert_true(study_probability_best(x, 3, n, p));
            for (size_t r = 0; r < 3; r++) {
                if (p[r] < 0.8) continue;
                const size_t i = (r + 1) % 3, j = (r + 2) % 3;
                kept += truth[r] > truth[i] && truth[r] > truth[j];
                said += p[r];
                cases += 1.0;
            }
        }
        gsl_rng_free(g);
        print_message("%zu seeds: said %.3f, was %.3f of %.0f\n", n,
                      said / cases, kept / cases, cases);
        assert_true(cases > 50.0);
        assert_rate(kept / cases, said / cases - 0.06, 1.0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_and_paired_tests_are_those_of_scipy),
        cmocka_unit_test(holms_correction_is_that_of_statsmodels),
        cmocka_unit_test(power_and_needed_seeds_are_those_of_statsmodels),
        cmocka_unit_test(bootstrap_intervals_hold_every_resample),
        cmocka_unit_test(
            probabilities_of_being_best_are_those_of_a_million_draws),
        cmocka_unit_test(nothing_is_known_of_no_value_and_no_spread_of_one),
        cmocka_unit_test(equal_values_have_no_spread_whatever_their_rounding),
        cmocka_unit_test(equal_columns_cannot_be_told_apart),
        cmocka_unit_test(
            a_pair_turned_round_has_the_same_p_and_the_opposite_sign),
        cmocka_unit_test(holm_leaves_out_what_is_not_known),
        cmocka_unit_test(power_is_total),
        cmocka_unit_test(probabilities_of_being_best_add_up_to_one),
        cmocka_unit_test(equal_candidates_share_the_probability),
        cmocka_unit_test(few_seeds_and_lone_candidates_have_no_probability),
        cmocka_unit_test(students_interval_covers_the_mean),
        cmocka_unit_test(the_bootstrap_interval_covers_the_mean),
        cmocka_unit_test(the_bootstrap_withstands_lopsided_values_better),
        cmocka_unit_test(the_paired_tests_rarely_see_what_is_not_there),
        cmocka_unit_test(holm_keeps_the_error_of_the_whole_family),
        cmocka_unit_test(needed_seeds_find_the_effect_as_often_as_promised),
        cmocka_unit_test(a_probability_of_being_best_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
