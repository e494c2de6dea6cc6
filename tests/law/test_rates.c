/* Rates rebuilt from the few that a log holds, and the names and ranges of
 * parameters. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <taper.h>
#include <taper_law.h>

enum { STEPS = 4000 };

static void fill(const int64_t *at, const double *logged, size_t n,
                 int64_t warmup, double *out, size_t steps)
{
    taper_law_error err;
    if (taper_law_rates_from_log(at, logged, n, warmup, out, steps, &err) !=
        TAPER_LAW_OK)
        fail_msg("%s", err.message);
}

/* Logs every `every` steps of a schedule from `first` on, fills the steps in
 * and compares: no step may differ by more than `share` of the peak. */
static void assert_rebuilt(const char *spec, int64_t first, int64_t every,
                           int64_t warmup, double share)
{
    static double want[STEPS], got[STEPS], logged[STEPS];
    static int64_t at[STEPS];
    const taper_run run = {.steps = STEPS};
    taper_schedule *s;
    taper_error err;
    if (taper_parse(spec, strlen(spec), &run, NULL, &s, &err) != TAPER_OK)
        fail_msg("%s: %s", spec, err.message);
    taper_fill(s, 0, 1, STEPS, want);
    taper_free(s, NULL);
    size_t n = 0;
    double peak = 0;
    for (int64_t t = first; t < STEPS; t += every) {
        at[n] = t;
        logged[n++] = want[t];
    }
    fill(at, logged, n, warmup, got, STEPS);
    for (size_t t = 0; t < STEPS; t++)
        peak = fmax(peak, want[t]);
    for (size_t t = 0; t <= (size_t)at[n - 1]; t++)
        if (!(fabs(got[t] - want[t]) <= share * peak))
            fail_msg("%s: step %zu is %.9g, not %.9g", spec, t, got[t],
                     want[t]);
    for (size_t t = (size_t)at[n - 1]; t < STEPS; t++)
        assert_true(got[t] == logged[n - 1]);
}

static void rates_of_every_step_are_taken_as_they_are(void **state)
{
    (void)state;
    assert_rebuilt("linear(0, 1, 100) then cosine(to=0.1)", 0, 1, 0, 0);
}

static void lines_and_geometric_curves_are_exact(void **state)
{
    (void)state;
    assert_rebuilt("0.001", 0, 100, 0, 0);
    assert_rebuilt("linear(0.001, 0, 4000)", 0, 100, 0, 1e-12);
    assert_rebuilt("exp(0.001, 0.0001, 4000)", 0, 100, 0, 1e-9);
}

static void a_cosine_is_nearly_exact(void **state)
{
    (void)state;
    assert_rebuilt("cosine(0.001, 0.0001, 4000)", 0, 50, 0, 1e-7);
    assert_rebuilt("cosine(0.001, 0.0001, 4000)", 0, 200, 0, 1e-4);
}

/* Row 60 of the log is after, row 59 before the corner. */
static void corners_are_where_curves_cross(void **state)
{
    (void)state;
    assert_rebuilt("hold(1, 3027) then linear(1, 0, 973)", 0, 50, 0, 1e-9);
    assert_rebuilt("hold(1, 3027) then exp(1, 0.1, 973)", 0, 50, 0, 1e-9);
    assert_rebuilt("linear(0, 1, 327) then 1", 0, 50, 0, 1e-9);
    assert_rebuilt("linear(0, 1, 327) then cosine(to=0.1)", 0, 50, 0, 1e-4);
    assert_rebuilt("linear(0, 1, 527) then hold(1, 1900) then linear(to=0)", 0,
                   200, 0, 1e-9);
}

static void a_jump_comes_with_the_row_that_shows_it(void **state)
{
    (void)state;
    assert_rebuilt("hold(1, 2000) then 0.3", 0, 50, 0, 0);
    assert_rebuilt("hold(1, 2000) then hold(0.3, 1000) then 0.1", 0, 100, 0, 0);
    assert_rebuilt("repeat(linear(1, 0, 1000))", 0, 50, 0, 1e-12);
}

static void a_jump_between_rows_that_are_closer_there_is_one(void **state)
{
    (void)state;
    static const int64_t at[] = {0, 100, 140, 240};
    static const double logged[] = {1.0, 1.0, 0.3, 0.3};
    double out[301];
    fill(at, logged, 4, 0, out, 301);
    assert_true(out[139] == 1.0 && out[140] == 0.3 && out[300] == 0.3);
}

/* The curves of Luo et al. begin where the warm-up has ended. */
static void a_warm_up_that_is_not_logged_is_a_line_from_0(void **state)
{
    (void)state;
    assert_rebuilt("linear(0, 1, 199) then 1", 216, 50, 200, 1e-15);
    assert_rebuilt("linear(0, 1, 199) then 1", 200, 50, 200, 1e-15);
}

static void a_warm_up_is_no_longer_than_what_is_not_logged(void **state)
{
    (void)state;
    static const int64_t at[] = {101, 200};
    static const double logged[] = {0.5, 0.5};
    double out[150];
    fill(at, logged, 2, INT64_MAX, out, 150);
    assert_true(out[0] == 0.0 && out[50] == 0.25 && out[100] == 0.5);
    assert_int_equal(taper_law_warmup(out, 150), 100);
    fill(at, logged, 2, 41, out, 150);
    assert_true(out[20] == 0.25 && out[39] < 0.5 && out[40] == 0.5);
    fill(at, logged, 2, 0, out, 150);
    assert_true(out[0] == 0.5);
    assert_int_equal(taper_law_warmup(out, 150), 0);
    fill(at, logged, 2, 1, out, 150);
    assert_true(out[0] == 0.5 && out[1] == 0.5);
}

static void a_warm_up_that_is_logged_in_part_is_continued(void **state)
{
    (void)state;
    assert_rebuilt("linear(0, 1, 1000) then 1", 50, 50, 0, 1e-12);
    assert_rebuilt("linear(0.2, 1, 1000) then 1", 50, 50, 0, 1e-12);
    assert_rebuilt("1", 50, 50, 0, 0);
}

/* Digits that were cut off must not be taken for a shape. */
static void rounded_rates_are_joined_by_lines(void **state)
{
    (void)state;
    int64_t at[40];
    double logged[40], out[STEPS];
    for (int i = 0; i < 40; i++) {
        at[i] = 100 * i;
        logged[i] = round(1000 * (1 - i / 40.0)) / 1000;
    }
    fill(at, logged, 40, 0, out, STEPS);
    for (int t = 0; t < 3900; t++)
        assert_true(fabs(out[t] - (1 - t / 4000.0)) < 1e-3);
}

static void rows_after_the_last_step_are_neighbours(void **state)
{
    (void)state;
    static const int64_t at[] = {0, 100, 1000, INT64_MAX};
    static const double line[] = {1.0, 0.9, 0.0, 0.0};
    static const double corner[] = {1.0, 1.0, 0.5, 0.5};
    double out[51];
    fill(at, line, 3, 0, out, 51);
    assert_true(fabs(out[50] - 0.95) < 1e-15);
    fill(at + 1, line + 1, 2, 0, out, 51);
    assert_true(out[0] == 0.9 && out[50] == 0.9);
    fill(at + 2, corner + 2, 2, 51, out, 51);
    assert_true(out[0] == 0.0 && out[25] == 0.25 && out[50] == 0.5);
    fill(at, corner, 4, 0, out, 51);
    assert_true(out[50] == 1.0);
}

static void one_row_is_a_constant(void **state)
{
    (void)state;
    const int64_t at = 5;
    const double rate = 0.5;
    double out[10];
    fill(&at, &rate, 1, 0, out, 10);
    for (int t = 0; t < 10; t++)
        assert_true(out[t] == 0.5);
    fill(&at, &rate, 1, 0, out, 3);
    assert_true(out[2] == 0.5);
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
    assert_int_equal(taper_law_rates_from_log(fine, logged, 2, -1, out, 10,
                                              &err),
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
        cmocka_unit_test(rates_of_every_step_are_taken_as_they_are),
        cmocka_unit_test(lines_and_geometric_curves_are_exact),
        cmocka_unit_test(a_cosine_is_nearly_exact),
        cmocka_unit_test(corners_are_where_curves_cross),
        cmocka_unit_test(a_jump_comes_with_the_row_that_shows_it),
        cmocka_unit_test(a_jump_between_rows_that_are_closer_there_is_one),
        cmocka_unit_test(a_warm_up_that_is_not_logged_is_a_line_from_0),
        cmocka_unit_test(a_warm_up_is_no_longer_than_what_is_not_logged),
        cmocka_unit_test(a_warm_up_that_is_logged_in_part_is_continued),
        cmocka_unit_test(rounded_rates_are_joined_by_lines),
        cmocka_unit_test(rows_after_the_last_step_are_neighbours),
        cmocka_unit_test(one_row_is_a_constant),
        cmocka_unit_test(logs_that_cannot_be_are_refused),
        cmocka_unit_test(parameters_out_of_range_are_refused),
        cmocka_unit_test(laws_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
