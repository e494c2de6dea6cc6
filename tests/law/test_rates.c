/* Rates rebuilt from the few that a log holds, and the names and ranges of
 * parameters. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <taper_law.h>

enum { STEPS = 1000, MOST = 60 };

/* Log a schedule every so many steps, rebuild it, and return the largest
 * difference. */
static double rebuild(double (*rate)(double t), int every)
{
    int64_t at[MOST];
    double logged[MOST], out[STEPS], worst = 0.0;
    size_t n = 0;
    for (int t = 0; t < STEPS; t += every) {
        at[n] = t;
        logged[n++] = rate(t);
    }
    assert_int_equal(taper_law_rates_from_log(at, logged, n, 0, out, STEPS,
                                              NULL),
                     TAPER_LAW_OK);
    for (int t = 0; t <= at[n - 1]; t++)
        worst = fmax(worst, fabs(out[t] - rate(t)));
    return worst;
}

/* Corners at 130 and 610, between rows. */
static double trapezoid(double t)
{
    return fmin(1.0, fmin(t / 130.0, (1000.0 - t) / 390.0));
}

static double wave(double t)
{
    return 0.5 + 0.5 * cos(3.14159265 * t / STEPS);
}

static void corners_between_rows_are_found(void **state)
{
    (void)state;
    assert_true(rebuild(trapezoid, 50) < 1e-12);
    assert_true(rebuild(trapezoid, 20) < 1e-12);
}

static void a_curve_is_followed_by_lines(void **state)
{
    (void)state;
    assert_true(rebuild(wave, 20) < 0.125 * pow(20 * 3.1416 / STEPS, 2.0));
}

static void a_drop_stays_a_drop(void **state)
{
    (void)state;
    static const int64_t even[] = {0, 100, 200, 300};
    static const int64_t odd[] = {0, 100, 140, 240}; /* logged at the drop */
    static const double logged[] = {1.0, 1.0, 0.3, 0.3};
    double out[301];
    assert_int_equal(taper_law_rates_from_log(even, logged, 4, 0, out, 301,
                                              NULL),
                     TAPER_LAW_OK);
    assert_true(out[149] == 1.0 && out[150] == 0.3);
    assert_int_equal(taper_law_rates_from_log(odd, logged, 4, 0, out, 301,
                                              NULL),
                     TAPER_LAW_OK);
    assert_true(out[139] == 1.0 && out[140] == 0.3 && out[300] == 0.3);
}

static void a_warm_up_that_was_not_logged_is_put_back(void **state)
{
    (void)state;
    static const int64_t at[] = {100, 200};
    static const double logged[] = {0.5, 0.5};
    double out[150];
    assert_int_equal(taper_law_rates_from_log(at, logged, 2, INT64_MAX, out,
                                              150, NULL),
                     TAPER_LAW_OK);
    assert_true(out[0] == 0.0 && fabs(out[50] - 0.25) < 1e-15);
    assert_int_equal(taper_law_warmup(out, 150), 100);
    assert_int_equal(taper_law_rates_from_log(at, logged, 2, 40, out, 150,
                                              NULL),
                     TAPER_LAW_OK);
    assert_true(fabs(out[20] - 0.25) < 1e-15 && out[40] == 0.5);
    assert_int_equal(taper_law_rates_from_log(at, logged, 2, 0, out, 150, NULL),
                     TAPER_LAW_OK);
    assert_true(out[0] == 0.5);
    assert_int_equal(taper_law_warmup(out, 150), 0);
}

static void logs_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const int64_t at[] = {5, 5}, below[] = {-1, 5}, fine[] = {0, 5};
    static const double logged[] = {0.1, 0.2}, negative[] = {0.1, -0.2};
    double out[10];
    taper_law_error err;
    assert_int_equal(taper_law_rates_from_log(at, logged, 0, 0, out, 10, &err),
                     TAPER_LAW_E_ARGUMENT);
    assert_int_equal(taper_law_rates_from_log(at, logged, 2, 0, out, 10, &err),
                     TAPER_LAW_E_POINT);
    assert_int_equal(taper_law_rates_from_log(below, logged, 2, 0, out, 10,
                                              &err),
                     TAPER_LAW_E_POINT);
    assert_int_equal(taper_law_rates_from_log(fine, negative, 2, 0, out, 10,
                                              &err),
                     TAPER_LAW_E_RATE);
    assert_int_equal(err.index, 1);
}

static void parameters_out_of_range_are_refused(void **state)
{
    (void)state;
    const taper_law_params fine = {.clock = 0.6,
                                   .eta_ref = 1.0,
                                   .L0 = 0.0,
                                   .A = 1.0,
                                   .alpha = 0.5,
                                   .beta = 0.5};
    assert_int_equal(taper_law_params_check(&fine, NULL), TAPER_LAW_OK);
    static const struct {
        taper_law_param which;
        double value;
    } wrong[] = {{TAPER_LAW_L0, -1.0},       {TAPER_LAW_A, (double)NAN},
                 {TAPER_LAW_ALPHA, 0.0},     {TAPER_LAW_B, HUGE_VAL},
                 {TAPER_LAW_BETA, 0.0},      {TAPER_LAW_GAMMA, -0.1},
                 {TAPER_LAW_CLOCK, 1.00001}, {TAPER_LAW_CLOCK, 0.0}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        taper_law_params p = fine;
        taper_law_error err;
        taper_law_param_set(&p, wrong[i].which, wrong[i].value);
        assert_int_equal(taper_law_params_check(&p, &err),
                         TAPER_LAW_E_PARAMETER);
        assert_int_equal(err.index, wrong[i].which);
    }
    taper_law_params momentum = fine;
    momentum.kind = TAPER_LAW_MOMENTUM;
    momentum.lambda = 1.0;
    assert_int_equal(taper_law_params_check(&momentum, NULL),
                     TAPER_LAW_E_PARAMETER);
}

static void laws_have_names(void **state)
{
    (void)state;
    taper_law_kind kind = TAPER_LAW_MULTI_POWER;
    assert_true(taper_law_kind_find("momentum", &kind));
    assert_int_equal(kind, TAPER_LAW_MOMENTUM);
    assert_false(taper_law_kind_find("", &kind));
    assert_null(taper_law_kind_name((taper_law_kind)7));
    assert_null(taper_law_param_name(TAPER_LAW_PARAMS));
    assert_true(taper_law_param_used(TAPER_LAW_MOMENTUM, TAPER_LAW_LAMBDA));
    assert_false(taper_law_param_used(TAPER_LAW_MULTI_POWER, TAPER_LAW_LAMBDA));
    assert_non_null(taper_law_status_text((taper_law_status)99));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corners_between_rows_are_found),
        cmocka_unit_test(a_curve_is_followed_by_lines),
        cmocka_unit_test(a_drop_stays_a_drop),
        cmocka_unit_test(a_warm_up_that_was_not_logged_is_put_back),
        cmocka_unit_test(logs_that_cannot_be_are_refused),
        cmocka_unit_test(parameters_out_of_range_are_refused),
        cmocka_unit_test(laws_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
