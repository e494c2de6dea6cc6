/* Tables: separators, headers, names of columns, and what is wrong with them.
 */
#include "scratch_log.h"

#include <math.h>
#include <string.h>

static void assert_row(const struct log_run *run, size_t i, int64_t step,
                       double rate, double loss)
{
    assert_true(i < run->count);
    assert_int_equal(run->step[i], step);
    assert_true(run->rate ? run->rate[i] == rate : rate == 0);
    assert_true(run->value[i] == loss);
}

static void every_separator_is_understood(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "step,lr,loss\n0,0.5,2\n10,0.25,1.5\n",
        "step\tlr\tloss\r\n0\t0.5\t2\r\n10\t0.25\t1.5\r\n",
        "step;lr;loss\n0;0.5;2\n10;0.25;1.5",
        "  step   lr loss\n   0  0.5   2\n  10 0.25 1.5\n",
        "\xef\xbb\xbf\"step\",\"lr\",\"loss\"\n\"0\",0.5,2\n\n#a\n10,.25,15e-1",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct log_run run = log_of(texts[i], NULL);
        assert_int_equal(run.count, 2);
        assert_row(&run, 0, 0, 0.5, 2);
        assert_row(&run, 1, 10, 0.25, 1.5);
        log_run_free(&run);
    }
}

static void columns_are_found_by_their_usual_names(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "global_step,learning_rate,train_loss,grad_norm",
        "Iteration,LR,Loss,Gradient Norm",
        "iter,train/lr,train/loss,train/grad_norm",
        "_step,train/learning_rate,Loss/train,gnorm",
        "trainer/global_step,lr-AdamW,eval_loss,total_norm",
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "%s\n7,0.5,2,3\n", headers[i]);
        struct log_run run = log_of(text, NULL);
        assert_row(&run, 0, 7, 0.5, 2);
        log_run_free(&run);
        run = norms_of(text);
        assert_row(&run, 0, 7, 0.5, 3);
        log_run_free(&run);
    }
}

static void a_quoted_field_may_hold_a_separator(void **state)
{
    (void)state;
    struct log_run run =
        log_of("step,note,loss\n1,\"a, b\",2\n2,\"c\",3\n", NULL);
    assert_row(&run, 0, 1, 0, 2);
    assert_row(&run, 1, 2, 0, 3);
    assert_null(run.rate);
    log_run_free(&run);
}

static void training_losses_come_before_validation_losses(void **state)
{
    (void)state;
    struct log_run run = log_of("step,val_loss,train_loss\n1,9,2\n", NULL);
    assert_row(&run, 0, 1, 0, 2);
    assert_string_equal(run.names.name[LOG_LOSS], "train_loss");
    assert_string_equal(run.other_loss, "val_loss");
    log_run_free(&run);
    run = log_of("step,val_loss,train_loss\n1,9,2\n", "loss=val_loss");
    assert_row(&run, 0, 1, 0, 9);
    log_run_free(&run);
}

static void columns_may_be_named_or_numbered(void **state)
{
    (void)state;
    struct log_run run = log_of("a,b,c\n1,2,3\n", "step=a,lr=c,loss=b");
    assert_row(&run, 0, 1, 3, 2);
    log_run_free(&run);
    run = log_of("1,2,3\n4,5,6\n", "step=1,loss=3");
    assert_int_equal(run.count, 2);
    assert_row(&run, 0, 1, 0, 3);
    assert_row(&run, 1, 4, 0, 6);
    log_run_free(&run);
}

/* What a run leaves that was killed, and started again with appending. */
static void a_torn_end_and_a_second_header_are_passed_over(void **state)
{
    (void)state;
    struct log_run run =
        log_of("step,lr,loss\n1,0.1,2\nstep,lr,loss\n2,0.1,1\n3,0.1", NULL);
    assert_int_equal(run.count, 2);
    assert_int_equal(run.found.headers, 1);
    assert_true(run.found.torn);
    log_run_free(&run);
}

static void fields_may_be_missing(void **state)
{
    (void)state;
    struct log_run run = log_of("step,lr,loss\n1,,2\n,0.5,3\n2,0.5,\n3,None,"
                                "null\n4,0.5,1\n",
                                NULL);
    assert_int_equal(run.count, 3);
    assert_true(isnan(run.rate[0]) && run.value[0] == 2);
    assert_true(run.rate[1] == 0.5 && isnan(run.value[1]));
    assert_int_equal(run.found.without_step, 1);
    log_run_free(&run);
}

static void what_is_no_log_is_refused_in_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *columns, *part;
        enum log_status status;
    } bad[] = {
        {"", NULL, "is empty", LOG_E_FORMAT},
        {"\n\n# note\n", NULL, "is empty", LOG_E_FORMAT},
        {"step,lr,loss\n", NULL, "a header and no rows", LOG_E_FORMAT},
        {"step,lr,loss", NULL, "a header and no rows", LOG_E_FORMAT},
        {"1,2,3\n", NULL, "no header", LOG_E_FORMAT},
        {"epoch,lr,loss\n1,2,3\n", NULL, "no column of steps", LOG_E_FORMAT},
        {"step,lr,accuracy\n1,2,3\n", NULL, "it has step, lr, accuracy",
         LOG_E_FORMAT},
        {"step,lr,loss\n1,2,3\n", "loss=los", "did you mean 'loss'",
         LOG_E_USAGE},
        {"step,lr,loss\n1,2,3\n", "loss=9", "no column '9'", LOG_E_USAGE},
        {"step,lr,loss\n1,2,3\n", "los=9", "not 'los=9'", LOG_E_USAGE},
        {"step,lr,loss\n1,2,3\n", "loss=", "not 'loss='", LOG_E_USAGE},
        {"step,lr,loss\n1,2,3\n1.5,2,3\n", NULL, "line 3: the step '1.5'",
         LOG_E_FORMAT},
        {"step,lr,loss\n-1,2,3\n", NULL, "line 2: the step '-1'", LOG_E_FORMAT},
        {"step,lr,loss\n1,2,three\n", NULL, "the loss 'three' is no number",
         LOG_E_FORMAT},
        {"step,lr,loss\n1,-2,3\n", NULL, "a rate is 0 or more", LOG_E_FORMAT},
        {"step,lr,loss\n1,2,nan\n2,2,inf\n", NULL, "the run diverged",
         LOG_E_FORMAT},
        {"step,lr,loss\n1,2,0\n", NULL, "no rows with a loss above 0",
         LOG_E_FORMAT},
        {"step,lr,loss\n1,2,\n", NULL, "no rows with a loss", LOG_E_FORMAT},
        {"\x7f"
         "ELF\1\2\3",
         NULL, "neither text", LOG_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused(bad[i].text, bad[i].columns, bad[i].status, bad[i].part);
}

static void what_cannot_be_read_is_refused(void **state)
{
    (void)state;
    struct log_run run;
    struct log_error err;
    assert_int_equal(log_read("/nowhere/log.csv", NULL, LOG_LOSS, &run, &err),
                     LOG_E_FILE);
    assert_string_equal(err.message, "cannot read /nowhere/log.csv: No such "
                                     "file or directory");
    assert_int_equal(log_read(TAPER_TEST_DATA, NULL, LOG_LOSS, &run, &err),
                     LOG_E_FORMAT);
    assert_non_null(strstr(err.message, "a folder without a log"));
}

/* Longer than the buffer that lines are read through, with the end of a line
 * wherever it falls. */
static void a_long_table_is_read_whole(void **state)
{
    (void)state;
    enum { ROWS = 100000 };
    char *const text = test_malloc(ROWS * 24 + 64);
    size_t n = (size_t)sprintf(text, "step,lr,loss\n");
    for (int i = 0; i < ROWS; i++)
        n += (size_t)sprintf(text + n, "%d,0.5,%d.5\n", i, i + 1);
    struct log_run run = log_of(text, NULL);
    test_free(text);
    assert_int_equal(run.count, ROWS);
    for (int i = 0; i < ROWS; i++) {
        assert_int_equal(run.step[i], i);
        assert_true(run.value[i] == i + 1.5);
    }
    log_run_free(&run);
}

/* No run logs thousands of columns; a file of rubbish may. */
static void a_header_of_thousands_of_columns_is_refused(void **state)
{
    (void)state;
    enum { COLUMNS = 20000 };
    char *const text = test_malloc(COLUMNS * 2 + 64);
    size_t n = (size_t)sprintf(text, "step,loss");
    for (int i = 0; i < COLUMNS; i++)
        n += (size_t)sprintf(text + n, ",x");
    (void)sprintf(text + n, "\n1,2\n");
    assert_refused(text, NULL, LOG_E_FORMAT, "more than 4096 columns");
    assert_refused(text, "loss=none", LOG_E_FORMAT, "more than 4096 columns");
    test_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_separator_is_understood),
        cmocka_unit_test(columns_are_found_by_their_usual_names),
        cmocka_unit_test(a_quoted_field_may_hold_a_separator),
        cmocka_unit_test(training_losses_come_before_validation_losses),
        cmocka_unit_test(columns_may_be_named_or_numbered),
        cmocka_unit_test(a_torn_end_and_a_second_header_are_passed_over),
        cmocka_unit_test(fields_may_be_missing),
        cmocka_unit_test(what_is_no_log_is_refused_in_one_line),
        cmocka_unit_test(what_cannot_be_read_is_refused),
        cmocka_unit_test(a_long_table_is_read_whole),
        cmocka_unit_test(a_header_of_thousands_of_columns_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
