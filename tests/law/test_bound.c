/* The last-iterate bound: its published form and values, its derivatives, its
 * curve, its minimum and what it says of longer runs. Values in the tables are
 * those of Schaipp et al., arXiv 2501.18965, computed with their formula in
 * NumPy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <taper_law.h>

#define PI 3.14159265358979323846

static double *rates_for(size_t n)
{
    double *rates = calloc(n, sizeof *rates);
    assert_non_null(rates);
    return rates;
}

/* Hold at 1, then a line to 0 at step n over a share of the run. */
static void wsd(double *rates, size_t n, double share)
{
    for (size_t t = 0; t < n; t++)
        rates[t] = fmin(1, (double)(n - t) / (share * (double)n));
}

static void root(double *rates, size_t n, double share)
{
    wsd(rates, n, share);
    for (size_t t = 0; t < n; t++)
        rates[t] = 1 - sqrt(1 - rates[t]);
}

static void cosine(double *rates, size_t n, double share)
{
    (void)share;
    for (size_t t = 0; t < n; t++)
        rates[t] = 0.5 * (1 + cos(PI * (double)t / (double)n));
}

static void constant(double *rates, size_t n, double share)
{
    (void)share;
    for (size_t t = 0; t < n; t++)
        rates[t] = 1;
}

/* Uneven numbers in (low, low + span), the same every time. */
static void uneven(double *out, size_t n, double low, double span)
{
    uint64_t state = 88172645463325252u;
    for (size_t i = 0; i < n; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        out[i] = low + span * (double)(state >> 11) / 9007199254740992.0;
    }
}

static taper_law_bound bound_of(const double *rates, const double *norms,
                                size_t n, double distance)
{
    taper_law_bound b;
    assert_int_equal(taper_law_bound_of(rates, norms, n, distance, &b, NULL),
                     TAPER_LAW_OK);
    return b;
}

/* ------------------------------------------------------------------ values */

static const struct row {
    void (*fill)(double *rates, size_t n, double share);
    double share;
    double best[2];   /* bound at the best base rate times sqrt(T), for T = 400
                         and 4000 */
    double factor[2]; /* that base rate times sqrt(T) */
} table[] = {
    {constant, 0, {2.7509, 3.1418}, {.3635, .3183}},
    {cosine, 0, {2.0677, 2.0609}, {.9648, .9702}},
    {wsd, 1.0, {2.0126, 2.0018}, {.9913, .9988}},
    {wsd, 0.1, {2.3227, 2.2882}, {.4526, .4600}},
    {wsd, 0.2, {2.1865, 2.1637}, {.5075, .5134}},
    {wsd, 0.4, {2.0752, 2.0601}, {.6014, .6067}},
    {wsd, 0.6, {2.0313, 2.0190}, {.7020, .7075}},
    {wsd, 0.8, {2.0153, 2.0042}, {.8253, .8314}},
    {root, 0.2, {2.1458, 2.1287}, {.5369, .5420}},
};

static void common_schedules_have_the_published_values(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof table / sizeof table[0]; k++)
        for (int i = 0; i < 2; i++) {
            const size_t n = i ? 4000 : 400;
            double *rates = rates_for(n);
            table[k].fill(rates, n, table[k].share);
            const taper_law_bound b = bound_of(rates, NULL, n, 1);
            const double size = sqrt((double)n);
            assert_true(fabs(b.best_value * size - table[k].best[i]) < 5.1e-5);
            assert_true(fabs(b.best_factor * size - table[k].factor[i]) <
                        5.1e-5);
            free(rates);
        }
}

/* Theorem 10 of arXiv 2310.07831 as its authors' code computes it, at step n.
 */
static double three_terms(const double *eta, const double *norm, size_t n,
                          double distance)
{
    double all = 0, noise = 0, third = 0;
    for (size_t k = 0; k < n; k++) {
        all += eta[k];
        noise += eta[k] * eta[k] * norm[k] * norm[k];
    }
    for (size_t k = 0; k + 1 < n; k++) {
        double after = 0, from = eta[k];
        double cost = eta[k] * eta[k] * norm[k] * norm[k];
        for (size_t i = k + 1; i < n; i++) {
            after += eta[i];
            from += eta[i];
            cost += eta[i] * eta[i] * norm[i] * norm[i];
        }
        third += eta[k] / after * cost / from;
    }
    return distance * distance / (2 * all) + noise / (2 * all) + third / 2;
}

static void one_pass_is_the_three_terms_of_the_theorem(void **state)
{
    (void)state;
    enum { N = 150 };
    double rates[N], norms[N], curve[N];
    uneven(rates, N, 0.01, 1);
    uneven(norms, N, 0.5, 2);
    assert_int_equal(taper_law_bound_curve(rates, norms, N, 3, curve, NULL),
                     TAPER_LAW_OK);
    for (size_t n = 1; n <= N; n++) {
        const double want = three_terms(rates, norms, n, 3);
        const double value = bound_of(rates, norms, n, 3).value;
        assert_true(fabs(value / want - 1) < 1e-8);
        assert_true(fabs(curve[n - 1] / want - 1) < 1e-8);
    }
}

static void the_curve_is_the_bound_at_every_step(void **state)
{
    (void)state;
    enum { N = 3000, WARMUP = 100 };
    static double rates[N], curve[N];
    cosine(rates, N, 0); /* the last rates are a millionth of the first */
    for (size_t t = 0; t < WARMUP; t++)
        rates[t] = (double)t / WARMUP;
    rates[1500] = 0;
    assert_int_equal(taper_law_bound_curve(rates, NULL, N, 1, curve, NULL),
                     TAPER_LAW_OK);
    assert_true(isinf(curve[0]));
    assert_true(curve[1500] == curve[1499]);
    for (size_t n = 2; n <= N; n++) {
        const double value = bound_of(rates, NULL, n, 1).value;
        assert_true(fabs(curve[n - 1] / value - 1) < 1e-8);
    }
}

static void derivatives_are_those_of_the_value(void **state)
{
    (void)state;
    enum { N = 40 };
    double rates[N], norms[N], gradient[N];
    uneven(rates, N, 0.2, 1);
    uneven(norms, N, 0.5, 1);
    rates[7] = 0;
    assert_int_equal(taper_law_bound_gradient(rates, norms, N, 2, gradient,
                                              NULL),
                     TAPER_LAW_OK);
    assert_true(gradient[7] == 0);
    for (size_t j = 0; j < N; j++) {
        if (j == 7) continue;
        /* Differences of fourth order. */
        const double h = 1e-3 * rates[j], middle = rates[j];
        double v[4];
        static const double at[] = {-2, -1, 1, 2};
        for (int i = 0; i < 4; i++) {
            rates[j] = middle + at[i] * h;
            v[i] = bound_of(rates, norms, N, 2).value;
        }
        rates[j] = middle;
        const double want = (v[0] - 8 * v[1] + 8 * v[2] - v[3]) / (12 * h);
        assert_true(fabs(gradient[j] - want) < 1e-8 * fmax(1, fabs(want)));
    }
}

static void the_best_factor_is_the_best(void **state)
{
    (void)state;
    enum { N = 100 };
    double rates[N], norms[N], scaled[N];
    uneven(rates, N, 0.1, 1);
    uneven(norms, N, 0.5, 1);
    const taper_law_bound b = bound_of(rates, norms, N, 2);
    assert_true(fabs(b.value - b.distance - b.noise) < 1e-12);
    static const double off[] = {0.99, 1, 1.01};
    double value[3];
    for (int i = 0; i < 3; i++) {
        for (size_t k = 0; k < N; k++)
            scaled[k] = rates[k] * b.best_factor * off[i];
        value[i] = bound_of(scaled, norms, N, 2).value;
    }
    assert_true(fabs(value[1] / b.best_value - 1) < 1e-12);
    assert_true(value[0] > value[1] && value[2] > value[1]);
}

static void steps_of_rate_0_are_left_out(void **state)
{
    (void)state;
    const double with[] = {0, 1, 0, 0.5, 0.25, 0, 0},
                 without[] = {1, 0.5, 0.25};
    const double norms[] = {9, 1, 9, 2, 3, 9, 9}, fewer[] = {1, 2, 3};
    assert_true(bound_of(with, norms, 7, 1).value ==
                bound_of(without, fewer, 3, 1).value);
}

static void no_rate_is_too_large_or_too_small(void **state)
{
    (void)state;
    static const double rates[] = {1e308, 5e-324, 1, 1e308, 1e-300, 1e-310};
    const double norms[] = {1e300, 1, 1e-300, 1e-310, 1e308, 1};
    double curve[6], gradient[6];
    for (size_t n = 1; n <= 6; n++) {
        assert_true(!isnan(bound_of(rates, norms, n, 1).value));
        assert_int_equal(taper_law_bound_curve(rates, norms, n, 1, curve, NULL),
                         TAPER_LAW_OK);
        assert_int_equal(taper_law_bound_gradient(rates, norms, n, 1, gradient,
                                                  NULL),
                         TAPER_LAW_OK);
    }
}

/* ----------------------------------------------------------------- minimum */

static void the_least_bound_is_found(void **state)
{
    (void)state;
    static double rates[1000], gradient[1000];
    static const struct {
        size_t n;
        double least; /* of SciPy's bounded L-BFGS */
        double line;  /* largest deviation from a line */
    } want[] = {{1, 1, 1e-9}, {100, .2001144, .1}, {1000, .0633219, .0089}};
    for (int i = 0; i < 3; i++) {
        const size_t n = want[i].n;
        assert_int_equal(taper_law_bound_minimize(NULL, n, 1, rates, NULL),
                         TAPER_LAW_OK);
        const taper_law_bound b = bound_of(rates, NULL, n, 1);
        assert_true(b.value < want[i].least + 1e-7);
        assert_true(fabs(b.best_factor - 1) < 1e-4);
        taper_law_bound_gradient(rates, NULL, n, 1, gradient, NULL);
        for (size_t k = 0; k < n; k++) {
            const double line = 1 - (double)k / (double)n;
            assert_true(fabs(rates[k] / rates[0] - line) < want[i].line);
            assert_true(fabs(gradient[k] * rates[k]) < 1e-6);
        }
    }
}

static void norms_shape_the_least_bound(void **state)
{
    (void)state;
    enum { N = 500 };
    double norms[N], rates[N], refined[N];
    uneven(norms, N, 0.3, 2);
    assert_int_equal(taper_law_bound_minimize(norms, N, 5, rates, NULL),
                     TAPER_LAW_OK);
    assert_int_equal(taper_law_refine(norms, N, TAPER_LAW_NORM_SGD, 0, refined,
                                      NULL),
                     TAPER_LAW_OK);
    const double least = bound_of(rates, norms, N, 5).value;
    assert_true(least <= bound_of(refined, norms, N, 5).best_value);
    wsd(refined, N, 1);
    assert_true(least < 0.9 * bound_of(refined, norms, N, 5).best_value);
}

static void a_million_steps_take_no_time_to_speak_of(void **state)
{
    (void)state;
    const size_t n = 1000000;
    double *rates = rates_for(n);
    wsd(rates, n, 1);
    /* A line's noise is 1/2 (n + 1) / n times the sum of 1 - k / n. */
    const taper_law_bound b = bound_of(rates, NULL, n, 1);
    assert_true(fabs(b.best_value * 1000 - 2) < 1e-4);
    free(rates);
}

/* ---------------------------------------------------------------- transfer */

/* What keeps the base rate of 4000 steps with a cool-down of 20 %. */
static const struct {
    size_t longer;
    double cooldown; /* share; 0: none does */
    double factor;
} transfers[] = {{6000, .445, .635}, {8000, .635, .535}, {16000, 0, .375}};

static void longer_runs_keep_the_best_rate(void **state)
{
    (void)state;
    enum { N = 4000, LONGEST = 16000 };
    static double rates[N], longer[LONGEST];
    wsd(rates, N, 0.2);
    for (size_t k = 0; k < 3; k++) {
        const size_t n = transfers[k].longer;
        taper_law_transfer t;
        assert_int_equal(taper_law_transfer_cooldown(rates, N, n, 0, 0.2, &t,
                                                     NULL),
                         TAPER_LAW_OK);
        assert_int_equal(t.reached, transfers[k].cooldown > 0);
        if (t.reached) {
            assert_true(fabs(t.amount - transfers[k].cooldown) < .01);
            assert_true(fabs(t.ratio - 1) < 1e-6);
        } else {
            assert_true(t.amount == 1 && fabs(t.ratio - .973) < 1e-3);
        }
        wsd(longer, n, 0.2);
        const double unchanged = t.unchanged;
        assert_int_equal(taper_law_transfer_stage(rates, N, longer, n,
                                                  N * 4 / 5, &t, NULL),
                         TAPER_LAW_OK);
        assert_true(t.reached && fabs(t.amount - transfers[k].factor) < .005);
        assert_true(fabs(t.unchanged - unchanged) < 1e-12);
    }
}

static void the_same_run_needs_no_change(void **state)
{
    (void)state;
    enum { N = 1000 };
    double rates[N];
    wsd(rates, N, 0.3);
    taper_law_transfer t;
    taper_law_transfer_cooldown(rates, N, N, 0, 0.3, &t, NULL);
    assert_true(t.reached && fabs(t.amount - 0.3) < 1e-9);
    assert_true(fabs(t.unchanged - 1) < 1e-12);
    taper_law_transfer_stage(rates, N, rates, N, 500, &t, NULL);
    assert_true(t.reached && fabs(t.amount - 1) < 1e-9);
}

static void what_cannot_be_reached_is_said_to_be_so(void **state)
{
    (void)state;
    const double rates[] = {1, 1};
    taper_law_transfer t;
    assert_int_equal(taper_law_transfer_stage(rates, 2, rates, 1, 5, &t, NULL),
                     TAPER_LAW_OK);
    assert_false(t.reached);
    assert_true(isfinite(t.ratio) && isfinite(t.amount));
    assert_int_equal(taper_law_transfer_cooldown(rates, 2, 1, 0, 1, &t, NULL),
                     TAPER_LAW_OK);
    assert_true(isfinite(t.ratio) && isfinite(t.amount));
}

/* ------------------------------------------------------------------ errors */

static void what_is_no_rate_norm_or_distance_is_refused(void **state)
{
    (void)state;
    const double good[] = {1, 1}, none[] = {0, 0}, zero[] = {0, 1};
    const double bad[3][2] = {{1, -1}, {NAN, 1}, {INFINITY, 1}};
    double out[2];
    taper_law_bound b;
    taper_law_error err;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(taper_law_bound_of(bad[i], NULL, 2, 1, &b, &err),
                         TAPER_LAW_E_RATE);
        assert_int_equal(err.index, i == 0);
        assert_int_equal(taper_law_bound_of(good, bad[i], 2, 1, &b, &err),
                         TAPER_LAW_E_NORM);
        assert_int_equal(err.index, i == 0);
    }
    assert_int_equal(taper_law_bound_of(none, NULL, 2, 1, &b, &err),
                     TAPER_LAW_E_RATE);
    assert_int_equal(taper_law_bound_of(good, NULL, 0, 1, &b, &err),
                     TAPER_LAW_E_ARGUMENT);
    assert_int_equal(taper_law_bound_of(good, NULL, 2, 0, &b, &err),
                     TAPER_LAW_E_ARGUMENT);
    assert_int_equal(taper_law_bound_minimize(zero, 2, 1, out, &err),
                     TAPER_LAW_E_NORM);
    assert_int_equal(taper_law_bound_minimize(good, 2, NAN, out, &err),
                     TAPER_LAW_E_ARGUMENT);
    taper_law_transfer t;
    assert_int_equal(taper_law_transfer_cooldown(good, 2, 4, 4, .2, &t, &err),
                     TAPER_LAW_E_ARGUMENT);
    assert_int_equal(taper_law_transfer_cooldown(good, 2, 4, 0, 1.2, &t, &err),
                     TAPER_LAW_E_ARGUMENT);
    assert_int_equal(taper_law_transfer_stage(good, 2, none, 2, 0, &t, &err),
                     TAPER_LAW_E_RATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(common_schedules_have_the_published_values),
        cmocka_unit_test(one_pass_is_the_three_terms_of_the_theorem),
        cmocka_unit_test(the_curve_is_the_bound_at_every_step),
        cmocka_unit_test(derivatives_are_those_of_the_value),
        cmocka_unit_test(the_best_factor_is_the_best),
        cmocka_unit_test(steps_of_rate_0_are_left_out),
        cmocka_unit_test(no_rate_is_too_large_or_too_small),
        cmocka_unit_test(the_least_bound_is_found),
        cmocka_unit_test(norms_shape_the_least_bound),
        cmocka_unit_test(a_million_steps_take_no_time_to_speak_of),
        cmocka_unit_test(longer_runs_keep_the_best_rate),
        cmocka_unit_test(the_same_run_needs_no_change),
        cmocka_unit_test(what_cannot_be_reached_is_said_to_be_so),
        cmocka_unit_test(what_is_no_rate_norm_or_distance_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
