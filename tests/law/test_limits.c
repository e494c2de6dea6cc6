/* What a fit refuses, what it flags, and how far it says to trust it. The runs
 * are made of a law that is known. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <taper_law.h>

enum { STEPS = 2000, POINTS = 90, RUNS = 3 };

static double rates[RUNS][STEPS], losses[RUNS][POINTS];
static int64_t at[POINTS];
static taper_law_run runs[RUNS];

static const taper_law_params truth = {.clock = 0.6,
                                       .eta_ref = 1e-3,
                                       .L0 = 2.5,
                                       .A = 0.8,
                                       .alpha = 0.5,
                                       .B = 150.0,
                                       .C = 1.0,
                                       .beta = 0.6,
                                       .gamma = 0.5};

/* Warm-up, then a cosine, a constant rate, a drop; with the ripple, if any. */
static int set_runs(void **state)
{
    const double ripple = *state ? *(const double *)*state : 0.0;
    for (size_t k = 0; k < RUNS; k++) {
        for (size_t t = 0; t < STEPS; t++) {
            const double u = ((double)t - 100.0) / 1900.0;
            const double down = k == 0    ? 0.55 + 0.45 * cos(3.14159 * u)
                                : k == 1  ? 1.0
                                : t < 900 ? 1.0
                                          : 0.2;
            rates[k][t] = 1e-3 * (t < 100 ? (double)t / 100.0 : down);
        }
        for (size_t i = 0; i < POINTS; i++)
            at[i] = (int64_t)(200 + 20 * i);
        assert_int_equal(taper_law_points(&truth, rates[k], STEPS, at, POINTS,
                                          losses[k], NULL),
                         TAPER_LAW_OK);
        for (size_t i = 0; i < POINTS; i++)
            losses[k][i] *= 1.0 + ripple * sin(1.3 * (double)(i + 7 * k));
        runs[k] = (taper_law_run){rates[k], STEPS, at, losses[k], POINTS};
    }
    return 0;
}

static taper_law_status try_fit(size_t count, taper_law_fit *f,
                                taper_law_error *err)
{
    memset(err, 0, sizeof *err);
    return taper_law_fit_runs(runs, count, NULL, f, err);
}

static void the_law_that_made_the_runs_is_found(void **state)
{
    (void)state;
    taper_law_fit_options options = taper_law_fit_defaults();
    options.prior = 0.0;
    taper_law_fit f;
    assert_int_equal(taper_law_fit_runs(runs, RUNS, &options, &f, NULL),
                     TAPER_LAW_OK);
    for (int i = 0; i < TAPER_LAW_CLOCK; i++) {
        const taper_law_param which = (taper_law_param)i;
        if (!taper_law_param_used(TAPER_LAW_MULTI_POWER, which)) continue;
        const double found = taper_law_param_get(&f.params, which);
        const double made = taper_law_param_get(&truth, which);
        if (!(fabs(found / made - 1.0) < 0.01))
            fail_msg("%s is %g, made with %g", taper_law_param_name(which),
                     found, made);
    }
    assert_int_equal(f.flags, TAPER_LAW_ONE_PEAK);
    assert_int_equal(f.used, RUNS * POINTS);
    assert_int_equal(f.runs, RUNS);
    assert_true(isfinite(f.condition) && f.condition > 1.0);
}

/* Two peak rates, and a clock that neither default is. */
static void the_clock_is_found_where_peaks_differ(void **state)
{
    (void)state;
    taper_law_params made = truth;
    made.clock = 0.8;
    for (size_t t = 0; t < STEPS; t++)
        rates[1][t] *= 0.3;
    for (size_t k = 0; k < RUNS; k++)
        assert_int_equal(taper_law_points(&made, rates[k], STEPS, at, POINTS,
                                          losses[k], NULL),
                         TAPER_LAW_OK);
    taper_law_fit_options options = taper_law_fit_defaults();
    options.prior = 0.0;
    taper_law_fit f;
    assert_int_equal(taper_law_fit_runs(runs, RUNS, &options, &f, NULL),
                     TAPER_LAW_OK);
    assert_true(fabs(f.params.clock - 0.8) < 0.01);
    assert_true(f.estimates[TAPER_LAW_CLOCK].fitted);
    assert_false(f.flags & TAPER_LAW_ONE_PEAK);
}

static void the_same_runs_give_the_same_bits(void **state)
{
    (void)state;
    taper_law_fit a, b;
    assert_int_equal(taper_law_fit_runs(runs, 2, NULL, &a, NULL), TAPER_LAW_OK);
    assert_int_equal(taper_law_fit_runs(runs, 2, NULL, &b, NULL), TAPER_LAW_OK);
    for (int i = 0; i < TAPER_LAW_PARAMS; i++)
        assert_true(taper_law_param_get(&a.params, (taper_law_param)i) ==
                    taper_law_param_get(&b.params, (taper_law_param)i));
    assert_true(a.cost == b.cost && a.condition == b.condition);
}

static void one_schedule_is_flagged(void **state)
{
    (void)state;
    taper_law_fit f;
    taper_law_error err;
    assert_int_equal(try_fit(1, &f, &err), TAPER_LAW_OK);
    assert_true(f.flags & TAPER_LAW_ONE_SCHEDULE);
    /* Twice the same schedule is one. */
    memcpy(rates[1], rates[0], sizeof rates[0]);
    memcpy(losses[1], losses[0], sizeof losses[0]);
    assert_int_equal(try_fit(2, &f, &err), TAPER_LAW_OK);
    assert_true(f.flags & TAPER_LAW_ONE_SCHEDULE);
}

/* No change of the rate: four columns of the Jacobian are 0. */
static void a_rate_that_never_changes_tells_nothing_of_changes(void **state)
{
    (void)state;
    for (size_t t = 0; t < STEPS; t++)
        rates[0][t] = 1e-3;
    assert_int_equal(taper_law_points(&truth, rates[0], STEPS, at, POINTS,
                                      losses[0], NULL),
                     TAPER_LAW_OK);
    taper_law_fit f;
    taper_law_error err;
    assert_int_equal(try_fit(1, &f, &err), TAPER_LAW_OK);
    assert_true(isinf(f.condition));
    assert_true(f.flags & TAPER_LAW_ILL_CONDITIONED);
    assert_true(isinf(f.estimates[TAPER_LAW_B].deviation));
}

static void losses_that_do_not_fall_are_refused(void **state)
{
    (void)state;
    taper_law_fit f;
    taper_law_error err;
    for (int kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < POINTS; i++)
            losses[1][i] = kind == 0 ? 3.0 : 3.0 + 0.01 * (double)i;
        assert_int_equal(try_fit(RUNS, &f, &err), TAPER_LAW_E_SHAPE);
        assert_int_equal(err.run, 1);
        assert_non_null(strstr(err.message, "run 2"));
        assert_true(f.params.L0 == 0.0);
    }
}

/* Of runs of four points or fewer noise may raise the last: they are taken as
 * they are, unless no loss at all is lower than another. */
static void short_runs_need_a_fall_between_them(void **state)
{
    (void)state;
    taper_law_fit f;
    taper_law_error err;
    taper_law_run few[12];
    double last[12];
    int64_t end[12];
    for (size_t k = 0; k < 12; k++) {
        few[k] = (taper_law_run){rates[2], 600 + 100 * k, &end[k], &last[k], 1};
        end[k] = (int64_t)few[k].steps - 1;
        last[k] = 3.0;
    }
    memset(&err, 0, sizeof err);
    assert_int_equal(taper_law_fit_runs(few, 12, NULL, &f, &err),
                     TAPER_LAW_E_SHAPE);
    assert_non_null(strstr(err.message, "no loss is lower than another"));
    /* Last losses of runs of different lengths are enough. */
    for (size_t k = 0; k < 12; k++)
        last[k] = taper_law_final(&truth, rates[2], few[k].steps);
    assert_int_equal(taper_law_fit_runs(few, 12, NULL, &f, &err), TAPER_LAW_OK);
    assert_true(f.quality.worste < 0.01);
}

static void points_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const double wrong[] = {0.0, -1.0, HUGE_VAL, (double)NAN};
    taper_law_fit f;
    taper_law_error err;
    for (size_t i = 0; i < 4; i++) {
        losses[2][5] = wrong[i];
        assert_int_equal(try_fit(RUNS, &f, &err), TAPER_LAW_E_POINT);
        assert_int_equal(err.run, 2);
        assert_int_equal(err.index, 5);
    }
    losses[2][5] = 3.0;
    at[4] = at[3];
    assert_int_equal(try_fit(1, &f, &err), TAPER_LAW_E_POINT);
    at[4] = STEPS;
    assert_int_equal(try_fit(1, &f, &err), TAPER_LAW_E_POINT);
}

static void rates_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const double wrong[] = {-1e-9, HUGE_VAL, (double)NAN};
    taper_law_fit f;
    taper_law_error err;
    for (size_t i = 0; i < 3; i++) {
        rates[1][77] = wrong[i];
        assert_int_equal(try_fit(RUNS, &f, &err), TAPER_LAW_E_RATE);
        assert_int_equal(err.run, 1);
        assert_int_equal(err.index, 77);
    }
    memset(rates, 0, sizeof rates);
    assert_int_equal(try_fit(RUNS, &f, &err), TAPER_LAW_E_RATE);
}

static void too_few_points_are_refused(void **state)
{
    (void)state;
    taper_law_fit f;
    taper_law_error err;
    runs[0].points = 9;
    assert_int_equal(try_fit(1, &f, &err), TAPER_LAW_E_FEW);
    assert_non_null(strstr(err.message, "9 points"));
    runs[0].points = 0;
    assert_int_equal(try_fit(1, &f, &err), TAPER_LAW_E_FEW);
    runs[0].points = 10;
    assert_int_equal(try_fit(1, &f, &err), TAPER_LAW_OK);
    assert_int_equal(try_fit(0, &f, &err), TAPER_LAW_E_ARGUMENT);
}

static void points_of_the_warm_up_are_dropped(void **state)
{
    (void)state;
    taper_law_fit_options options = taper_law_fit_defaults();
    taper_law_fit f;
    options.skip = 3.0; /* of 100 steps: points at 200 to 280 */
    assert_int_equal(taper_law_fit_runs(runs, RUNS, &options, &f, NULL),
                     TAPER_LAW_OK);
    assert_int_equal(f.dropped, RUNS * 5);
    options.first = 400;
    assert_int_equal(taper_law_fit_runs(runs, RUNS, &options, &f, NULL),
                     TAPER_LAW_OK);
    assert_int_equal(f.dropped, RUNS * 10);
    assert_int_equal(f.used, RUNS * (POINTS - 10));
}

static void what_is_fixed_stays(void **state)
{
    (void)state;
    taper_law_fit_options options = taper_law_fit_defaults();
    options.fixed[TAPER_LAW_GAMMA] = true; /* at 0: functional scaling law */
    options.fixed[TAPER_LAW_C] = true;
    options.values[TAPER_LAW_C] = 40.0;
    taper_law_fit f;
    assert_int_equal(taper_law_fit_runs(runs, RUNS, &options, &f, NULL),
                     TAPER_LAW_OK);
    assert_true(f.params.gamma == 0.0 && f.params.C == 40.0);
    assert_false(f.estimates[TAPER_LAW_GAMMA].fitted);
    assert_true(f.quality.r2 > 0.99);
    options.values[TAPER_LAW_C] = 0.0;
    assert_int_equal(taper_law_fit_runs(runs, RUNS, &options, &f, NULL),
                     TAPER_LAW_E_ARGUMENT);
}

static void a_band_holds_what_it_was_made_of(void **state)
{
    (void)state;
    taper_law_fit f;
    taper_law_spread a, b;
    assert_int_equal(taper_law_fit_runs(runs, 2, NULL, &f, NULL), TAPER_LAW_OK);
    assert_int_equal(taper_law_spread_of(runs, 2, NULL, &f, 16, &a, NULL),
                     TAPER_LAW_OK);
    assert_int_equal(taper_law_spread_of(runs, 2, NULL, &f, 16, &b, NULL),
                     TAPER_LAW_OK);
    assert_int_equal(a.members, 16);
    for (size_t i = 0; i < 16; i++)
        assert_true(a.member[i].L0 == b.member[i].L0);
    double low[POINTS], high[POINTS], wide_low[POINTS], wide_high[POINTS];
    assert_int_equal(taper_law_band(&a, &f.params, rates[2], STEPS, at, POINTS,
                                    0.9, low, high, NULL),
                     TAPER_LAW_OK);
    assert_int_equal(taper_law_band(&a, &f.params, rates[2], STEPS, at, POINTS,
                                    0.99, wide_low, wide_high, NULL),
                     TAPER_LAW_OK);
    size_t inside = 0;
    for (size_t i = 0; i < POINTS; i++) {
        assert_true(wide_low[i] < low[i] && high[i] < wide_high[i]);
        inside += low[i] <= losses[2][i] && losses[2][i] <= high[i];
    }
    assert_true(inside >= POINTS * 8 / 10);
}

/* Far beyond the runs the law may lead below 0, where no band is. */
static void a_loss_below_0_has_no_band(void **state)
{
    (void)state;
    taper_law_spread s = {.members = 1, .member = {truth}, .error = 0.01};
    for (size_t t = 0; t < STEPS; t++)
        rates[0][t] = t < 100 ? 10.0 : 1.0;
    const int64_t ends[] = {10, STEPS - 1};
    double low[2], high[2];
    assert_true(taper_law_final(&truth, rates[0], STEPS) < 0.0);
    assert_int_equal(taper_law_band(&s, &truth, rates[0], STEPS, ends, 2, 0.9,
                                    low, high, NULL),
                     TAPER_LAW_OK);
    assert_true(low[0] > 0.0 && low[0] < high[0]);
    assert_true(isnan(low[1]) && isnan(high[1]));
}

/* It says nothing of how far the others are apart. */
static void a_member_below_0_does_not_narrow_a_band(void **state)
{
    (void)state;
    taper_law_params near = truth, below = truth;
    near.L0 *= 1.01;
    below.B *= 1e4;
    const taper_law_spread one = {.members = 1, .member = {near}};
    const taper_law_spread two = {.members = 2, .member = {near, below}};
    const int64_t end = STEPS - 1;
    double low[2], high[2];
    for (size_t t = 0; t < STEPS; t++)
        rates[0][t] = t < 900 ? 1e-3 : 2e-4;
    assert_true(taper_law_final(&below, rates[0], STEPS) < 0.0);
    assert_int_equal(taper_law_band(&one, &truth, rates[0], STEPS, &end, 1, 0.9,
                                    &low[0], &high[0], NULL),
                     TAPER_LAW_OK);
    assert_int_equal(taper_law_band(&two, &truth, rates[0], STEPS, &end, 1, 0.9,
                                    &low[1], &high[1], NULL),
                     TAPER_LAW_OK);
    assert_true(low[0] < high[0]);
    assert_true(low[1] == low[0] && high[1] == high[0]);
}

/* Runs whose last points lie in their first half have no later one to measure
 * the law by. */
static void a_spread_knows_an_error_wherever_points_end(void **state)
{
    (void)state;
    taper_law_fit f;
    taper_law_spread s;
    for (size_t k = 0; k < 2; k++) {
        runs[k].points = 30; /* up to step 780 of 2000 */
        for (size_t i = 0; i < 30; i++)
            losses[k][i] *= 1.0 + 1e-3 * sin(1.3 * (double)(i + 7 * k));
    }
    assert_int_equal(taper_law_fit_runs(runs, 2, NULL, &f, NULL), TAPER_LAW_OK);
    assert_int_equal(taper_law_spread_of(runs, 2, NULL, &f, 4, &s, NULL),
                     TAPER_LAW_OK);
    assert_true(s.error > 1e-3);
}

static void the_difference_of_a_schedule_to_itself_has_no_side(void **state)
{
    (void)state;
    taper_law_fit f;
    taper_law_spread s;
    double low, high;
    assert_int_equal(taper_law_fit_runs(runs, 2, NULL, &f, NULL), TAPER_LAW_OK);
    assert_int_equal(taper_law_spread_of(runs, 2, NULL, &f, 8, &s, NULL),
                     TAPER_LAW_OK);
    assert_int_equal(taper_law_band_difference(&s, &f.params, rates[0], STEPS,
                                               rates[0], STEPS, 0.9, &low,
                                               &high, NULL),
                     TAPER_LAW_OK);
    assert_true(low < 0.0 && fabs(low + high) < 1e-12);
    assert_int_equal(taper_law_band_difference(&s, &f.params, rates[0], STEPS,
                                               rates[0], STEPS, 1.0, &low,
                                               &high, NULL),
                     TAPER_LAW_E_ARGUMENT);
}

int main(void)
{
    static double still = 0.0, noisy = 1e-3;
    struct CMUnitTest tests[] = {
        cmocka_unit_test(the_law_that_made_the_runs_is_found),
        cmocka_unit_test(the_clock_is_found_where_peaks_differ),
        cmocka_unit_test(the_same_runs_give_the_same_bits),
        cmocka_unit_test(one_schedule_is_flagged),
        cmocka_unit_test(losses_that_do_not_fall_are_refused),
        cmocka_unit_test(short_runs_need_a_fall_between_them),
        cmocka_unit_test(a_rate_that_never_changes_tells_nothing_of_changes),
        cmocka_unit_test(a_loss_below_0_has_no_band),
        cmocka_unit_test(a_member_below_0_does_not_narrow_a_band),
        cmocka_unit_test(a_spread_knows_an_error_wherever_points_end),
        cmocka_unit_test(points_that_cannot_be_are_refused),
        cmocka_unit_test(rates_that_cannot_be_are_refused),
        cmocka_unit_test(too_few_points_are_refused),
        cmocka_unit_test(points_of_the_warm_up_are_dropped),
        cmocka_unit_test(what_is_fixed_stays),
        cmocka_unit_test(a_band_holds_what_it_was_made_of),
        cmocka_unit_test(the_difference_of_a_schedule_to_itself_has_no_side),
    };
    const size_t count = sizeof tests / sizeof tests[0];
    for (size_t i = 0; i < count; i++) {
        tests[i].setup_func = set_runs;
        tests[i].initial_state = i + 2 < count ? &still : &noisy;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
