/* The moving average of curves.png. */
#include "task/outcome.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { N = 1000 };

/* One odd value at the very end must not become the average's end: the values
 * before it count there as much as they do anywhere. */
static void the_last_value_does_not_rule_the_end(void **state)
{
    (void)state;
    static double values[N], out[N], weights[N];
    for (int i = 0; i < N; i++)
        values[i] = 1.0;
    values[N - 1] = 2.0;
    task_smooth(values, N, out, weights);
    /* Its share is 1 in a memory of N / 50 = 20 values. */
    assert_true(out[N - 1] > 1.0 && out[N - 1] < 1.1);
    assert_true(fabs(out[N / 2] - 1.0) < 1e-9);
}

static void a_straight_line_is_not_delayed(void **state)
{
    (void)state;
    static double values[N], out[N], weights[N];
    for (int i = 0; i < N; i++)
        values[i] = i;
    task_smooth(values, N, out, weights);
    assert_true(fabs(out[N / 2] - N / 2.0) < 1e-6);
}

static void values_that_are_no_numbers_are_skipped(void **state)
{
    (void)state;
    double values[] = {NAN, 3.0, INFINITY, 3.0}, out[4], weights[4];
    task_smooth(values, 4, out, weights);
    assert_true(isnan(out[0]));
    assert_true(out[1] == 3.0 && out[3] == 3.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_value_does_not_rule_the_end),
        cmocka_unit_test(a_straight_line_is_not_delayed),
        cmocka_unit_test(values_that_are_no_numbers_are_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
