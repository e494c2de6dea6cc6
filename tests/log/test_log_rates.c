/* Rates between the rows of a log: logs of known schedules give them back. */
#include "scratch_log.h"

#include <math.h>
#include <string.h>

#include <taper.h>

enum { STEPS = 4000 };

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
    log_rates_fill(at, logged, n, got, STEPS);
    if (warmup) log_rates_warm_up(warmup, logged[0], got, at[0]);
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
}

static void a_jump_comes_with_the_row_that_shows_it(void **state)
{
    (void)state;
    assert_rebuilt("hold(1, 2000) then 0.3", 0, 50, 0, 0);
    assert_rebuilt("hold(1, 2000) then hold(0.3, 1000) then 0.1", 0, 100, 0, 0);
    assert_rebuilt("repeat(linear(1, 0, 1000))", 0, 50, 0, 1e-12);
}

/* The curves of Luo et al. begin where the warm-up has ended. */
static void a_warm_up_that_is_not_logged_is_a_line_from_0(void **state)
{
    (void)state;
    assert_rebuilt("linear(0, 1, 199) then 1", 216, 50, 200, 1e-15);
    assert_rebuilt("linear(0, 1, 199) then 1", 200, 50, 200, 1e-15);
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
    log_rates_fill(at, logged, 40, out, STEPS);
    for (int t = 0; t < 3900; t++)
        assert_true(fabs(out[t] - (1 - t / 4000.0)) < 1e-3);
}

static void one_row_is_a_constant(void **state)
{
    (void)state;
    const int64_t at = 5;
    const double rate = 0.5;
    double out[10];
    log_rates_fill(&at, &rate, 1, out, 10);
    for (int t = 0; t < 10; t++)
        assert_true(out[t] == 0.5);
    log_rates_fill(&at, &rate, 1, out, 3);
    assert_true(out[2] == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_of_every_step_are_taken_as_they_are),
        cmocka_unit_test(lines_and_geometric_curves_are_exact),
        cmocka_unit_test(a_cosine_is_nearly_exact),
        cmocka_unit_test(corners_are_where_curves_cross),
        cmocka_unit_test(a_jump_comes_with_the_row_that_shows_it),
        cmocka_unit_test(a_warm_up_that_is_not_logged_is_a_line_from_0),
        cmocka_unit_test(a_warm_up_that_is_logged_in_part_is_continued),
        cmocka_unit_test(rounded_rates_are_joined_by_lines),
        cmocka_unit_test(one_row_is_a_constant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
