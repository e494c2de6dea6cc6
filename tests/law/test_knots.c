/* Rates as few points: near enough, few enough, and read back as they were
 * written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <taper.h>
#include <taper_law.h>

#include "law/optimize.h"

#define PI 3.14159265358979323846
enum { N = 5000 };

static void line(double *rates)
{
    for (size_t i = 0; i < N; i++)
        rates[i] = 3e-4 * (1 - (double)i / (N - 1));
}

static void cosine(double *rates)
{
    for (size_t i = 0; i < N; i++)
        rates[i] = 0.5 * (1 + cos(PI * (double)i / N));
}

static void step(double *rates)
{
    for (size_t i = 0; i < N; i++)
        rates[i] = i < N / 3 ? 0.1 : 0.01;
}

static void constant(double *rates)
{
    for (size_t i = 0; i < N; i++)
        rates[i] = 0.123456789;
}

static void zigzag(double *rates)
{
    for (size_t i = 0; i < N; i++)
        rates[i] = 1 + 0.5 * (i % 2 ? 1.0 : -1.0) * sin((double)(i * i));
}

static const struct shape {
    void (*fill)(double *rates);
    double tolerance;
    size_t most; /* points that a careful person would need */
} shapes[] = {
    {line, 1e-7, 2},
    {cosine, 1e-2, 8},
    {step, 1e-4, 4},
    {constant, 1e-3, 2},
    {zigzag, 0.4, TAPER_LAW_KNOTS},
};

static taper_law_knots knots_of(const double *rates, size_t n, double tolerance)
{
    taper_law_knots knots;
    assert_int_equal(taper_law_knots_of(rates, n, tolerance, &knots, NULL),
                     TAPER_LAW_OK);
    assert_in_range(knots.count, 1, TAPER_LAW_KNOTS);
    assert_int_equal(knots.step[0], 0);
    assert_int_equal(knots.step[knots.count - 1], n - 1);
    return knots;
}

/* The schedule that the text of knots is. */
static taper_schedule *schedule_of(const taper_law_knots *knots)
{
    char text[TAPER_LAW_TEXT_SIZE];
    const size_t len = taper_law_knots_text(knots, text, sizeof text);
    assert_int_equal(len, strlen(text));
    taper_schedule *s;
    taper_error err;
    if (taper_parse(text, len, NULL, NULL, &s, &err))
        fail_msg("%s: %s", err.message, text);
    return s;
}

static void texts_stay_within_the_tolerance(void **state)
{
    (void)state;
    static double rates[N];
    for (size_t k = 0; k < sizeof shapes / sizeof shapes[0]; k++) {
        shapes[k].fill(rates);
        const taper_law_knots knots = knots_of(rates, N, shapes[k].tolerance);
        assert_in_range(knots.count, 1, shapes[k].most);
        taper_schedule *s = schedule_of(&knots);
        double worst = 0;
        for (size_t i = 0; i < N; i++)
            worst = fmax(worst, fabs(taper_at(s, (int64_t)i) - rates[i]));
        assert_true(fabs(worst - knots.error) <= 1e-12);
        if (knots.count < TAPER_LAW_KNOTS && shapes[k].fill != zigzag)
            assert_true(worst <= shapes[k].tolerance);
        taper_free(s, NULL);
    }
}

static void points_are_no_more_than_asked_for(void **state)
{
    (void)state;
    static double rates[N];
    static const size_t most[] = {2, 3, 20, TAPER_LAW_KNOTS - 1};
    for (size_t k = 0; k < sizeof shapes / sizeof shapes[0]; k++)
        for (size_t i = 0; i < sizeof most / sizeof most[0]; i++) {
            taper_law_knots knots;
            shapes[k].fill(rates);
            assert_int_equal(law_knots_of(rates, N, 1e-9, most[i], &knots,
                                          NULL),
                             TAPER_LAW_OK);
            assert_in_range(knots.count, 2, most[i]);
            assert_int_equal(knots.step[knots.count - 1], N - 1);
        }
}

static void points_are_as_few_as_the_tolerance_allows(void **state)
{
    (void)state;
    static double rates[N];
    cosine(rates);
    /* A line is off a curve of second derivative c by c length^2 / 16, if it
     * may lie on both sides: that many points, and half again for those that
     * keep within the rounding. */
    for (double tolerance = 0.03; tolerance > 1e-3; tolerance /= 3) {
        const taper_law_knots knots = knots_of(rates, N, tolerance);
        const double longest = sqrt(16 * tolerance / (0.5 * PI * PI));
        assert_true((double)knots.count <= 1.5 / longest + 3);
    }
}

static void rates_that_fall_give_points_that_fall(void **state)
{
    (void)state;
    static double rates[N];
    for (size_t k = 0; k < 4; k++) {
        shapes[k].fill(rates);
        for (double tolerance = 1e-5; tolerance < 0.5; tolerance *= 3) {
            const taper_law_knots knots = knots_of(rates, N, tolerance);
            for (size_t i = 1; i < knots.count; i++)
                assert_true(knots.rate[i] <= knots.rate[i - 1]);
            assert_true(knots.rate[0] <= rates[0]);
            assert_true(knots.rate[knots.count - 1] >= 0);
        }
    }
}

static void numbers_are_short(void **state)
{
    (void)state;
    static double rates[N];
    line(rates);
    char text[TAPER_LAW_TEXT_SIZE];
    taper_law_knots knots = knots_of(rates, N, 1e-7);
    taper_law_knots_text(&knots, text, sizeof text);
    assert_string_equal(text, "points({0: 0.0003, 4999: 0})");
    knots = knots_of(rates, 1, 1e-7);
    taper_law_knots_text(&knots, text, sizeof text);
    assert_string_equal(text, "points({0: 0.0003})");
    cosine(rates);
    knots = knots_of(rates, N, 1e-2);
    const size_t len = taper_law_knots_text(&knots, text, sizeof text);
    assert_in_range(len, 1, 14 * knots.count + 10);
}

static void a_short_buffer_holds_the_beginning(void **state)
{
    (void)state;
    const taper_law_knots knots = {.count = 2,
                                   .step = {0, 1000000},
                                   .rate = {0.5, 0}};
    const char whole[] = "points({0: 0.5, 1000000: 0})";
    char text[sizeof whole];
    for (size_t cap = 0; cap <= sizeof text; cap++) {
        memset(text, 'x', sizeof text);
        assert_int_equal(taper_law_knots_text(&knots, cap ? text : NULL, cap),
                         sizeof whole - 1);
        if (cap == 0) continue;
        assert_int_equal(strlen(text), cap - 1);
        assert_memory_equal(text, whole, cap - 1);
    }
}

static void what_cannot_be_written_down_is_refused(void **state)
{
    (void)state;
    const double good[] = {1, 0}, bad[] = {1, NAN};
    taper_law_knots knots;
    assert_int_equal(taper_law_knots_of(good, 0, 1, &knots, NULL),
                     TAPER_LAW_E_ARGUMENT);
    assert_int_equal(taper_law_knots_of(good, 2, 0, &knots, NULL),
                     TAPER_LAW_E_ARGUMENT);
    assert_int_equal(taper_law_knots_of(good, 2, NAN, &knots, NULL),
                     TAPER_LAW_E_ARGUMENT);
    assert_int_equal(taper_law_knots_of(bad, 2, 1, &knots, NULL),
                     TAPER_LAW_E_RATE);
    const double none[] = {0, 0, 0}, tiny[] = {1e-310, 0}, huge[] = {1e308, 1};
    assert_int_equal(taper_law_knots_of(none, 3, 1e-320, &knots, NULL),
                     TAPER_LAW_OK);
    assert_int_equal(taper_law_knots_of(tiny, 2, 1e-320, &knots, NULL),
                     TAPER_LAW_OK);
    assert_int_equal(taper_law_knots_of(huge, 2, 1e300, &knots, NULL),
                     TAPER_LAW_OK);
    assert_true(isfinite(knots.rate[0]) && isfinite(knots.rate[1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_stay_within_the_tolerance),
        cmocka_unit_test(points_are_no_more_than_asked_for),
        cmocka_unit_test(points_are_as_few_as_the_tolerance_allows),
        cmocka_unit_test(rates_that_fall_give_points_that_fall),
        cmocka_unit_test(numbers_are_short),
        cmocka_unit_test(a_short_buffer_holds_the_beginning),
        cmocka_unit_test(what_cannot_be_written_down_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
