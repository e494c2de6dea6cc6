/* Axes cover what they show, and ticks are round, sorted and readable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "plot/axis.h"

/* The y axis of one curve through the n values. */
static struct plot_axis axis_of(const double *y, size_t n, bool log_y)
{
    const struct plot_curve curve = {.x = y, .y = y, .n = n};
    const struct plot_panel panel = {.curves = &curve,
                                     .count = 1,
                                     .log_y = log_y};
    return plot_axis_y(&panel);
}

static struct plot_ticks ticks_of(double low, double high, size_t wanted,
                                  bool whole)
{
    const struct plot_axis a = {low, high, false};
    struct plot_ticks ticks;
    plot_axis_ticks(&a, wanted, whole, &ticks);
    return ticks;
}

static void an_axis_covers_every_finite_value(void **state)
{
    (void)state;
    static const double sets[][2] = {{0, 0.1},         {0.09, 0.1},
                                     {-3, 5},          {-5, -3},
                                     {1e-300, 2e-300}, {-DBL_MAX, DBL_MAX},
                                     {0, 0},           {0.1, 0.1},
                                     {-0.1, -0.1},     {DBL_MAX, DBL_MAX},
                                     {5e-324, 0},      {1, 1 + DBL_EPSILON}};
    for (size_t k = 0; k < sizeof sets / sizeof sets[0]; k++) {
        const struct plot_axis a = axis_of(sets[k], 2, false);
        assert_true(isfinite(a.low) && isfinite(a.high) && a.low < a.high);
        for (size_t i = 0; i < 2; i++) {
            const double limit = 1.7e308;
            assert_true(fmin(sets[k][i], limit) <= a.high);
            assert_true(fmax(sets[k][i], -limit) >= a.low);
        }
    }
}

/* A constant so large that half a step beside it is itself. */
static void one_x_has_an_axis_however_large_it_is(void **state)
{
    (void)state;
    static const double xs[] = {0,     1,    -3,    0x1p52,  0x1p53, 1e17,
                                -1e17, 1e20, 1e300, DBL_MAX, 1e-320, -DBL_MAX};
    for (size_t k = 0; k < sizeof xs / sizeof xs[0]; k++)
        for (int whole = 0; whole < 2; whole++) {
            const struct plot_curve curve = {.x = &xs[k], .y = &xs[k], .n = 1};
            const struct plot_row row = {"one", xs[k], NAN, NAN, NULL, 0, 0};
            const struct plot_panel panel[] = {{.curves = &curve, .count = 1},
                                               {.rows = &row, .row_count = 1}};
            const struct plot_figure f = {.panels = &panel[whole], .count = 1};
            const struct plot_axis a = plot_axis_x(&f);
            const double x = fmin(fmax(xs[k], -1.7e308), 1.7e308);
            assert_true(isfinite(a.low) && isfinite(a.high) && a.low < a.high);
            assert_true(a.low <= x && x <= a.high);
            struct plot_ticks ticks;
            plot_axis_ticks(&a, 8, whole, &ticks);
            assert_true(ticks.count >= 1);
        }
}

static void rates_that_fall_towards_zero_stand_on_zero(void **state)
{
    (void)state;
    const double y[] = {0.1, 0.001};
    assert_true(axis_of(y, 2, false).low == 0.0);
}

static void values_that_are_not_finite_do_not_stretch_an_axis(void **state)
{
    (void)state;
    const double y[] = {1, NAN, INFINITY, -INFINITY, 2};
    const struct plot_axis a = axis_of(y, 5, false);
    assert_true(a.low > 0.5 && a.high < 2.5);
}

static void nothing_to_show_is_still_an_axis(void **state)
{
    (void)state;
    const double y[] = {NAN, -1};
    struct plot_axis a = axis_of(y, 0, false);
    assert_true(a.low < a.high);
    a = axis_of(y, 2, true);
    assert_true(a.low > 0 && a.low < a.high);
}

static void a_logarithmic_axis_stays_above_zero_and_within_reach(void **state)
{
    (void)state;
    const double y[] = {0, -1, 1e-200, 0.1};
    const struct plot_axis a = axis_of(y, 4, true);
    assert_true(a.low > 1e-11 && a.low < 1e-8);
    assert_true(a.high > 0.1);
    assert_true(isnan(plot_axis_place(&a, 0.0)));
    assert_true(isnan(plot_axis_place(&a, -1.0)));
    assert_true(plot_axis_place(&a, 1e-200) == 0.0);
    const double tiny[] = {1e-310, 2e-310};
    const struct plot_axis b = axis_of(tiny, 2, true);
    assert_true(b.low > 0 && b.low < b.high);
}

static void places_run_from_zero_to_one(void **state)
{
    (void)state;
    const struct plot_axis line = {-DBL_MAX, DBL_MAX, false};
    assert_true(plot_axis_place(&line, -DBL_MAX) == 0.0);
    assert_true(plot_axis_place(&line, 0.0) == 0.5);
    assert_true(plot_axis_place(&line, DBL_MAX) == 1.0);
    const struct plot_axis decades = {1e-4, 1, true};
    assert_true(fabs(plot_axis_place(&decades, 1e-2) - 0.5) < 1e-12);
}

static void ticks_are_the_round_numbers_a_person_would_choose(void **state)
{
    (void)state;
    const struct plot_ticks t = ticks_of(0, 0.105, 6, false);
    static const char *const expected[] = {"0",    "0.02", "0.04",
                                           "0.06", "0.08", "0.1"};
    assert_int_equal(t.count, 6);
    for (size_t k = 0; k < 6; k++)
        assert_string_equal(t.text[k], expected[k]);
    /* Exactly a tenth: not three times 0.1 / 3. */
    assert_true(t.at[5] == 0.1);
    assert_true(ticks_of(0, 0.5, 5, false).at[3] == 0.3);
}

static void small_rates_read_as_powers_of_ten(void **state)
{
    (void)state;
    const struct plot_ticks t = ticks_of(0, 1.05e-3, 4, false);
    assert_string_equal(t.text[0], "0");
    assert_string_equal(t.text[1], "5e-4");
    assert_string_equal(t.text[2], "1e-3");
}

static void many_steps_read_with_suffixes(void **state)
{
    (void)state;
    assert_string_equal(ticks_of(0, 3e6, 6, true).text[1], "0.5M");
    assert_string_equal(ticks_of(0, 50e3, 5, true).text[5], "50k");
    assert_string_equal(ticks_of(0, 9000, 9, true).text[9], "9000");
    assert_string_equal(ticks_of(0, 3e9, 3, true).text[3], "3B");
}

static void whole_axes_have_whole_ticks(void **state)
{
    (void)state;
    for (int span = 1; span < 60; span++) {
        const struct plot_ticks t = ticks_of(0, span, 8, true);
        for (size_t k = 0; k < t.count; k++)
            assert_true(t.at[k] == floor(t.at[k]));
    }
}

static void ticks_lie_on_the_axis_in_order_for_every_range(void **state)
{
    (void)state;
    static const double spans[] = {1e-290, 1e-9, 0.3,   1,      2.4999999,
                                   7,      1e6,  1e290, DBL_MAX};
    static const double starts[] = {0, -1, 0.1, 1e5, -7e11};
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        for (size_t j = 0; j < sizeof starts / sizeof starts[0]; j++)
            for (size_t wanted = 0; wanted < 20; wanted++) {
                const double low = starts[j], high = low + spans[i];
                if (!(high - low > 1e-9 * fabs(low))) continue;
                const struct plot_ticks t = ticks_of(low, high, wanted, false);
                assert_in_range(t.count, 1, PLOT_TICKS);
                const double slack = 1e-5 * (high - low);
                for (size_t k = 0; k < t.count; k++) {
                    assert_true(t.at[k] >= low - slack);
                    assert_true(t.at[k] <= high + slack);
                    if (!k) continue;
                    assert_true(t.at[k] > t.at[k - 1]);
                    assert_string_not_equal(t.text[k], t.text[k - 1]);
                }
            }
}

static void logarithmic_ticks_are_powers_of_ten(void **state)
{
    (void)state;
    const struct plot_axis a = {5e-8, 0.2, true};
    struct plot_ticks t;
    plot_axis_ticks(&a, 8, false, &t);
    assert_int_equal(t.count, 7);
    assert_string_equal(t.text[0], "1e-7");
    assert_string_equal(t.text[6], "0.1");
    /* Within one decade there are ticks as well. */
    const struct plot_axis narrow = {0.3, 0.37, true};
    plot_axis_ticks(&narrow, 6, false, &t);
    assert_true(t.count >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_axis_covers_every_finite_value),
        cmocka_unit_test(one_x_has_an_axis_however_large_it_is),
        cmocka_unit_test(rates_that_fall_towards_zero_stand_on_zero),
        cmocka_unit_test(values_that_are_not_finite_do_not_stretch_an_axis),
        cmocka_unit_test(nothing_to_show_is_still_an_axis),
        cmocka_unit_test(a_logarithmic_axis_stays_above_zero_and_within_reach),
        cmocka_unit_test(places_run_from_zero_to_one),
        cmocka_unit_test(ticks_are_the_round_numbers_a_person_would_choose),
        cmocka_unit_test(small_rates_read_as_powers_of_ten),
        cmocka_unit_test(many_steps_read_with_suffixes),
        cmocka_unit_test(whole_axes_have_whole_ticks),
        cmocka_unit_test(ticks_lie_on_the_axis_in_order_for_every_range),
        cmocka_unit_test(logarithmic_ticks_are_powers_of_ten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
