/* The logs that taper's own trainers write, read back. */
#include "scratch_log.h"

#include "task/log_format.h"

#include <math.h>
#include <string.h>

enum { ROWS = 200 };

static const char *const scores[] = {"test_accuracy", "test_loss"};
static const struct task_columns columns = {NULL, scores, 0, 2, NULL};

/* Row i, at step 50 i; every fourth is scored. */
static struct task_row row_at(int i)
{
    return (struct task_row){.step = 50 * i,
                             .lr = 1e-3 / (i + 1),
                             .loss = 2 + 1.0 / (i + 1),
                             .grad_norm = 5 + i % 7,
                             .scored = i % 4 == 3,
                             .score = {0.5, 3 + 1.0 / (i + 1)}};
}

typedef size_t write_row(const struct task_columns *, const struct task_row *,
                         double, unsigned char *);

/* A file of all rows, behind the version that event files begin with if
 * `version`. */
static const char *write_rows(write_row *write, bool version)
{
    static unsigned char bytes[(ROWS + 1) * TASK_LOG_RECORD_SIZE];
    size_t n = version ? task_log_event_version(1.5e9, bytes) : 0;
    for (int i = 0; i < ROWS; i++) {
        const struct task_row row = row_at(i);
        n += write(&columns, &row, 1.5e9 + i, bytes + n);
    }
    return scratch_log(bytes, n);
}

/* Event files hold floats. */
static void assert_read(const char *path, const char *asked, bool tested)
{
    struct log_run run;
    struct log_error err;
    struct log_names names;
    assert_int_equal(log_names_parse(asked, &names, &err), LOG_OK);
    if (log_read(path, &names, LOG_LOSS, &run, &err) != LOG_OK)
        fail_msg("%s", err.message);
    assert_int_equal(run.count, ROWS);
    for (int i = 0; i < ROWS; i++) {
        const struct task_row row = row_at(i);
        assert_int_equal(run.step[i], row.step);
        assert_true(fabs(run.rate[i] - row.lr) <= 1e-7 * row.lr);
        if (tested && !row.scored)
            assert_true(isnan(run.value[i]));
        else
            assert_true(
                fabs(run.value[i] - (tested ? row.score[1] : row.loss)) < 1e-6);
    }
    log_run_free(&run);
}

static void events_of_trainers_are_read_back(void **state)
{
    (void)state;
    assert_read(write_rows(task_log_event, true), NULL, false);
    assert_read(write_rows(task_log_event, true), "loss=test/loss", true);
}

static void lines_of_trainers_are_read_back(void **state)
{
    (void)state;
    assert_read(write_rows(task_log_line, false), NULL, false);
    assert_read(write_rows(task_log_line, false), "loss=test_loss", true);
}

/* Norms, by the name that the trainers give them. */
static void norms_of_trainers_are_read_back(void **state)
{
    (void)state;
    static const struct {
        write_row *write;
        bool version;
    } logs[] = {{task_log_event, true}, {task_log_line, false}};
    for (size_t k = 0; k < sizeof logs / sizeof logs[0]; k++) {
        struct log_run run;
        struct log_error err;
        const char *const path = write_rows(logs[k].write, logs[k].version);
        if (log_read(path, NULL, LOG_NORM, &run, &err) != LOG_OK)
            fail_msg("%s", err.message);
        assert_int_equal(run.count, ROWS);
        for (int i = 0; i < ROWS; i++)
            assert_true(fabs(run.value[i] - row_at(i).grad_norm) < 1e-6);
        log_run_free(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_of_trainers_are_read_back),
        cmocka_unit_test(lines_of_trainers_are_read_back),
        cmocka_unit_test(norms_of_trainers_are_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
