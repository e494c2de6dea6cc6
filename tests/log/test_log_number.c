/* Numbers of logs against the correctly rounded reader of schedules. */
#include "scratch_log.h"

#include "log/log_number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <taper.h>

static enum log_number_kind read(const char *text, double *value)
{
    return log_number(text, strlen(text), value);
}

/* Within one unit in the last place of the nearest double, and equal where the
 * number has few digits. */
static void numbers_are_read_as_schedules_read_them(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (int i = 0; i < 200000; i++) {
        char text[64];
        double want, got;
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        const int digits = 1 + (int)(random >> 60) % 12 + i % 8;
        const double x = (double)(random >> 11) * 0x1p-53;
        (void)snprintf(text, sizeof text, "%.*e", digits,
                       (x - 0.5) * pow(10, (double)(i % 61 - 30)));
        assert_int_equal(taper_read_number(text, strlen(text), &want),
                         TAPER_OK);
        assert_int_equal(read(text, &got), LOG_NUMBER);
        if (digits < 15 && i % 61 >= 25 && i % 61 <= 35)
            assert_true(got == want);
        else
            assert_true(fabs(got - want) <= fabs(want) * 0x1p-52);
    }
}

static void what_is_no_number_is_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum log_number_kind kind;
    } rows[] = {
        {"", LOG_MISSING},         {"  ", LOG_MISSING},
        {"None", LOG_MISSING},     {"null", LOG_MISSING},
        {"NaN", LOG_NOT_FINITE},   {"-inf", LOG_NOT_FINITE},
        {"1e400", LOG_NOT_FINITE}, {"Infinity", LOG_NOT_FINITE},
        {"abc", LOG_NO_NUMBER},    {"1.2.3", LOG_NO_NUMBER},
        {"1e", LOG_NO_NUMBER},     {"1x", LOG_NO_NUMBER},
        {".", LOG_NO_NUMBER},      {"+", LOG_NO_NUMBER},
        {"0x10", LOG_NO_NUMBER},   {"1,5", LOG_NO_NUMBER},
        {" 1 ", LOG_NUMBER},       {"+1.", LOG_NUMBER},
        {".5", LOG_NUMBER},        {"1E-3", LOG_NUMBER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double value;
        const enum log_number_kind kind = read(rows[i].text, &value);
        if (kind != rows[i].kind) fail_msg("'%s' is %d", rows[i].text, kind);
        assert_true((kind == LOG_NUMBER) == isfinite(value));
    }
}

/* A byte 0 ends no field: words are compared to their whole length. */
static void a_word_with_zero_bytes_is_no_word(void **state)
{
    (void)state;
    static char text[1 << 20] = "nan";
    double value;
    assert_int_equal(log_number(text, sizeof text, &value), LOG_NO_NUMBER);
    assert_int_equal(log_number(text, 4, &value), LOG_NO_NUMBER);
    assert_int_equal(log_number(text, 3, &value), LOG_NOT_FINITE);
}

static void extremes_are_right(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"0", 0},
        {"-0.0", -0.0},
        {"5e-324", 5e-324},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"-2.5e-310", -2.5e-310},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"0.00000000000000000000000000001", 1e-29},
        {"1e-400", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double value;
        assert_int_equal(read(rows[i].text, &value), LOG_NUMBER);
        assert_true(value == rows[i].value);
    }
}

static void steps_are_whole(void **state)
{
    (void)state;
    int64_t step;
    assert_true(log_is_step(12, &step) && step == 12);
    assert_true(log_is_step(0x1p53, &step));
    assert_false(log_is_step(0x1p54, &step));
    assert_false(log_is_step(-1, &step));
    assert_false(log_is_step(0.5, &step));
    assert_false(log_is_step(NAN, &step));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_as_schedules_read_them),
        cmocka_unit_test(what_is_no_number_is_told_apart),
        cmocka_unit_test(a_word_with_zero_bytes_is_no_word),
        cmocka_unit_test(extremes_are_right),
        cmocka_unit_test(steps_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
