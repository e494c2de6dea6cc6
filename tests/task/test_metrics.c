/* metrics.csv: exact rows, cut back to a checkpoint, read again. */
#include "task/folder.h"
#include "task/metrics.h"
#include "task/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const scores[] = {"test_accuracy", "test_loss"};
static const struct task_columns columns = {.scores = scores, .score_count = 2};

static void open_metrics(struct task_metrics *m, const char *folder,
                         uint64_t size)
{
    struct task_error err;
    assert_int_equal(task_metrics_open(m, folder_path(folder, "m.csv"), &err),
                     TASK_OK);
    assert_int_equal(task_metrics_begin(m, &columns, size, &err), TASK_OK);
}

static void add(struct task_metrics *m, int64_t step, double lr, double loss,
                bool scored)
{
    struct task_error err;
    const struct task_row row = {.step = step,
                                 .epoch = step / 2,
                                 .lr = lr,
                                 .loss = loss,
                                 .grad_norm = 2 * loss,
                                 .scored = scored,
                                 .score = {0.5, 1.25}};
    assert_int_equal(task_metrics_add(m, &row, &err), TASK_OK);
}

static void close_metrics(struct task_metrics *m)
{
    struct task_error err;
    assert_int_equal(task_metrics_flush(m, true, &err), TASK_OK);
    task_metrics_close(m);
}

static void rows_are_exact_and_short(void **state)
{
    struct task_metrics m;
    open_metrics(&m, *state, 0);
    add(&m, 0, 0.1, (double)0.1F, false);
    add(&m, 1, 1.0 / 3.0, 2.5, true);
    add(&m, 2, 0, NAN, false);
    const uint64_t size = m.file.size;
    close_metrics(&m);
    size_t n;
    char *const text = folder_read(*state, "m.csv", &n);
    assert_string_equal(text, "step,epoch,lr,loss,grad_norm,test_accuracy,"
                              "test_loss\n"
                              "0,0,0.1,0.1,0.2,,\n"
                              "1,0,0.3333333333333333,2.5,5,0.5,1.25\n"
                              "2,1,0,nan,nan,,\n");
    assert_int_equal(size, n);
    free(text);
}

/* A loss is a float: nine digits always bring it back. */
static void a_loss_reads_back_to_the_same_float(void **state)
{
    (void)state;
    static const float values[] = {
        0.1F,    1.0F / 3.0F, 2.7793453F,      1e-30F,
        3.4e38F, 16777217.0F, -1.17549435e-38F};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char text[TASK_NUMBER_SIZE];
        const float back =
            strtof(task_number_single((double)values[i], text), NULL);
        assert_memory_equal(&back, &values[i], sizeof back);
    }
    char text[TASK_NUMBER_SIZE];
    assert_string_equal(task_number_single((double)0.1F, text), "0.1");
    assert_string_equal(task_number_single(-INFINITY, text), "-inf");
}

static void a_file_is_cut_back_to_its_checkpoint(void **state)
{
    struct task_metrics m;
    open_metrics(&m, *state, 0);
    add(&m, 0, 1, 1, false);
    const uint64_t size = m.file.size;
    add(&m, 1, 2, 2, false);
    add(&m, 2, 2, 2, true);
    close_metrics(&m);
    open_metrics(&m, *state, size);
    add(&m, 1, 3, 3, false);
    close_metrics(&m);
    size_t n;
    char *const text = folder_read(*state, "m.csv", &n);
    assert_string_equal(text, "step,epoch,lr,loss,grad_norm,test_accuracy,"
                              "test_loss\n"
                              "0,0,1,1,2,,\n1,0,3,3,6,,\n");
    free(text);

    struct task_error err;
    assert_int_equal(task_metrics_open(&m, folder_path(*state, "m.csv"), &err),
                     TASK_OK);
    assert_int_equal(task_metrics_begin(&m, &columns, n + 1, &err),
                     TASK_E_FORMAT);
    task_metrics_close(&m);
    assert_one_line(err.message, "shorter than its checkpoint");
}

/* More rows than the buffer holds, and none is lost. */
static void many_rows_pass_the_buffer(void **state)
{
    struct task_metrics m;
    open_metrics(&m, *state, 0);
    for (int64_t i = 0; i < 5000; i++)
        add(&m, i, 0.1 * (double)i, 1, i == 7);
    close_metrics(&m);
    struct task_table t;
    struct task_error err;
    assert_int_equal(task_table_read(folder_path(*state, "m.csv"), &t, &err),
                     TASK_OK);
    assert_int_equal(t.count, 5000);
    const double *const score = task_table_column(&t, "test_accuracy");
    assert_non_null(score);
    assert_null(task_table_column(&t, "test"));
    assert_ptr_equal(task_table_column(&t, "lr"), t.lr);
    assert_ptr_equal(task_table_column(&t, "grad_norm"), t.grad_norm);
    for (size_t i = 0; i < t.count; i++) {
        const double lr = 0.1 * (double)i;
        assert_memory_equal(&t.lr[i], &lr, sizeof lr);
        assert_true(t.step[i] >= (double)i && t.step[i] <= (double)i);
        assert_int_equal(isnan(score[i]) != 0, i != 7);
    }
    task_table_free(&t);
}

/* A series is in every row, exactly, and empty where it has no value yet. */
static void series_stand_before_scores(void **state)
{
    static const char *const series[] = {"env_steps", "episode_return"};
    const struct task_columns both = {.series = series,
                                      .series_count = 2,
                                      .scores = scores,
                                      .score_count = 1};
    struct task_metrics m;
    struct task_error err;
    assert_int_equal(task_metrics_open(&m, folder_path(*state, "m.csv"), &err),
                     TASK_OK);
    assert_int_equal(task_metrics_begin(&m, &both, 0, &err), TASK_OK);
    struct task_row row = {.lr = 0.5,
                           .loss = 1,
                           .grad_norm = 0.25,
                           .series = {123456789, NAN}};
    assert_int_equal(task_metrics_add(&m, &row, &err), TASK_OK);
    row = (struct task_row){.step = 1,
                            .lr = 0.5,
                            .loss = 1,
                            .grad_norm = 1e30,
                            .series = {123456797, 22.5},
                            .scored = true,
                            .score = {500}};
    assert_int_equal(task_metrics_add(&m, &row, &err), TASK_OK);
    close_metrics(&m);
    size_t n;
    char *const text = folder_read(*state, "m.csv", &n);
    assert_string_equal(text, "step,epoch,lr,loss,grad_norm,env_steps,"
                              "episode_return,test_accuracy\n"
                              "0,0,0.5,1,0.25,123456789,,\n"
                              "1,0,0.5,1,1e+30,123456797,22.5,500\n");
    free(text);
    struct task_table t;
    assert_int_equal(task_table_read(folder_path(*state, "m.csv"), &t, &err),
                     TASK_OK);
    const double *const returns = task_table_column(&t, "episode_return");
    assert_true(isnan(returns[0]) && fabs(returns[1] - 22.5) < 1e-12);
    assert_true(task_table_column(&t, "test_accuracy")[1] > 499);
    task_table_free(&t);
}

static void a_second_process_is_kept_out(void **state)
{
    struct task_metrics m;
    open_metrics(&m, *state, 0);
    const pid_t child = fork();
    if (child == 0) {
        struct task_metrics other;
        struct task_error err;
        const enum task_status status =
            task_metrics_open(&other, folder_path(*state, "m.csv"), &err);
        _exit(status == TASK_E_FILE && strstr(err.message, "another process")
                  ? 0
                  : 1);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
    task_metrics_close(&m);
}

static void a_file_that_is_no_table_is_refused(void **state)
{
    static const struct {
        const char *text, *part;
    } bad[] = {{"", "does not begin"},
               {"step,epoch\n", "does not begin"},
               {"step,epoch,lr,loss\n1,2,3,4\n", "does not begin"},
               {"step,epoch,lr,loss,grad_norm\n1,2,3,4\n", "line 2"},
               {"step,epoch,lr,loss,grad_norm\n1,2,3,4,5\n1,2,x,4,5\n",
                "line 3"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        folder_write(*state, "m.csv", bad[i].text, strlen(bad[i].text));
        struct task_table t;
        struct task_error err;
        assert_int_equal(task_table_read(folder_path(*state, "m.csv"), &t,
                                         &err),
                         TASK_E_FORMAT);
        assert_one_line(err.message, bad[i].part);
        assert_null(t.block);
    }
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(rows_are_exact_and_short),
        TEST(a_loss_reads_back_to_the_same_float),
        TEST(a_file_is_cut_back_to_its_checkpoint),
        TEST(many_rows_pass_the_buffer),
        TEST(series_stand_before_scores),
        TEST(a_second_process_is_kept_out),
        TEST(a_file_that_is_no_table_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
