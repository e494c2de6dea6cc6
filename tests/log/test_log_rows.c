/* What is put right: order, steps that come twice, losses that are none, gaps.
 */
#include "scratch_log.h"

#include <math.h>

/* Steps 3 and 4 were trained twice: the run went back to its checkpoint. */
static void of_a_resumed_run_the_later_rows_count(void **state)
{
    (void)state;
    struct log_run run = log_of("step,lr,loss\n1,.1,9\n2,.1,8\n3,.1,7\n4,.1,6\n"
                                "3,.2,5\n4,.2,4\n5,.2,3\n",
                                NULL);
    static const double losses[] = {9, 8, 5, 4, 3};
    static const double rates[] = {.1, .1, .2, .2, .2};
    assert_int_equal(run.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(run.step[i], i + 1);
        assert_true(run.value[i] == losses[i] && run.rate[i] == rates[i]);
    }
    assert_int_equal(run.found.rows, 7);
    assert_int_equal(run.found.duplicates, 2);
    assert_int_equal(run.found.backwards, 1);
    log_run_free(&run);
}

/* The last loss is replaced only by one that is a number. */
static void a_later_nan_replaces_nothing(void **state)
{
    (void)state;
    struct log_run run = log_of("step,lr,loss\n1,.1,9\n1,.1,nan\n", NULL);
    assert_int_equal(run.count, 1);
    assert_true(run.value[0] == 9);
    assert_int_equal(run.found.not_finite, 1);
    assert_int_equal(run.found.duplicates, 0);
    log_run_free(&run);
}

static void any_order_is_sorted(void **state)
{
    (void)state;
    enum { ROWS = 1000 };
    char *const text = test_malloc(ROWS * 40);
    size_t n = (size_t)sprintf(text, "step,loss\n");
    for (int i = 0; i < ROWS; i++) /* 37 and 1000 have no common divisor */
        n += (size_t)sprintf(text + n, "%d,%d.25\n", i * 37 % ROWS,
                             i * 37 % ROWS + 1);
    struct log_run run = log_of(text, NULL);
    test_free(text);
    assert_int_equal(run.count, ROWS);
    for (int i = 0; i < ROWS; i++) {
        assert_int_equal(run.step[i], i);
        assert_true(run.value[i] == i + 1.25);
    }
    log_run_free(&run);
}

static void losses_that_are_none_are_counted(void **state)
{
    (void)state;
    struct log_run run =
        log_of("step,loss\n1,2\n2,nan\n3,-1\n4,0\n5,1\n6,inf\n7,1e999\n", NULL);
    assert_int_equal(run.count, 2);
    assert_int_equal(run.found.not_finite, 3);
    assert_int_equal(run.found.not_positive, 2);
    assert_true(run.found.diverged);
    log_run_free(&run);
    run = log_of("step,loss\n1,2\n2,nan\n3,1\n", NULL);
    assert_false(run.found.diverged);
    log_run_free(&run);
}

static void a_gap_is_found_where_it_begins(void **state)
{
    (void)state;
    struct log_run run =
        log_of("step,loss\n0,2\n10,2\n20,2\n30,2\n100,2\n110,2\n", NULL);
    assert_int_equal(run.found.spacing, 10);
    assert_int_equal(run.found.gap, 70);
    assert_int_equal(run.found.gap_at, 30);
    log_run_free(&run);
    run = log_of("step,loss\n0,2\n10,2\n20,2\n60,2\n", NULL);
    assert_int_equal(run.found.gap, 0);
    log_run_free(&run);
}

/* Rates and losses that come in rows of their own still are one row. */
static void rows_of_one_step_are_merged(void **state)
{
    (void)state;
    struct log_run run =
        log_of("step,lr,loss\n1,0.5,\n1,,2\n2,0.25,\n2,,1\n", NULL);
    assert_int_equal(run.count, 2);
    assert_true(run.rate[0] == 0.5 && run.value[0] == 2);
    assert_true(run.rate[1] == 0.25 && run.value[1] == 1);
    assert_int_equal(run.found.duplicates, 0);
    log_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_resumed_run_the_later_rows_count),
        cmocka_unit_test(a_later_nan_replaces_nothing),
        cmocka_unit_test(any_order_is_sorted),
        cmocka_unit_test(losses_that_are_none_are_counted),
        cmocka_unit_test(a_gap_is_found_where_it_begins),
        cmocka_unit_test(rows_of_one_step_are_merged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
