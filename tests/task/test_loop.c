/* The training loop on a job without a network: see toy.h. What changes from
 * update to update is in test_loop_values.c. */
#include "task/folder.h"
#include "task/stop.h"
#include "task/toy.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void every_rate_is_that_of_the_schedule(void **state)
{
    struct toy t;
    struct task_counters c;
    struct task_error err;
    toy_reset(&t);
    assert_int_equal(toy_run(&t, &toy_usual, *state, &c, &err), TASK_OK);
    assert_int_equal(c.step, STEPS);
    struct task_table table;
    toy_table(*state, &table);
    taper_schedule *const s = toy_parse(toy_usual.schedule);
    assert_int_equal(table.count, STEPS);
    for (size_t i = 0; i < table.count; i++) {
        const double lr = taper_at(s, (int64_t)i);
        assert_memory_equal(&table.lr[i], &lr, sizeof lr);
        assert_int_equal((int64_t)table.step[i], i);
        assert_int_equal((int64_t)table.epoch[i], i / EPOCH);
    }
    taper_free(s, NULL);
    task_table_free(&table);
}

/* At epoch ends and at the end, which is in the middle of one. */
static void scores_stand_where_they_were_taken(void **state)
{
    struct toy t;
    struct task_counters c;
    struct task_error err;
    toy_reset(&t);
    assert_int_equal(toy_run(&t, &toy_usual, *state, &c, &err), TASK_OK);
    struct task_table table;
    toy_table(*state, &table);
    for (size_t i = 0; i < table.count; i++)
        assert_int_equal(!isnan(task_table_column(&table, "third_weight")[i]),
                         (i + 1) % EPOCH == 0 || i + 1 == STEPS);
    assert_int_equal(t.evaluations, 5);
    task_table_free(&table);
}

static void a_rate_of_zero_leaves_the_weights(void **state)
{
    static const char *const rules[] = {"sgd", "adam", "adamw"};
    struct toy before;
    toy_reset(&before);
    for (size_t i = 0; i < 3; i++) {
        struct toy t;
        struct task_counters c;
        struct task_error err;
        struct toy_setup u = toy_usual;
        u.schedule = "0";
        u.rule = rules[i];
        toy_reset(&t);
        assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_OK);
        assert_memory_equal(t.weights, before.weights, sizeof t.weights);
        (void)unlink(folder_path(*state, "checkpoint"));
    }
}

static void a_run_stopped_anywhere_ends_in_the_same_bits(void **state)
{
    assert_int_equal(toy_stop_anywhere(state, toy_usual).step, STEPS);
}

/* The controller's state is part of what comes back. */
static void a_controlled_run_stopped_anywhere_does_too(void **state)
{
    static const struct {
        const char *controller;
        size_t monitor;
        int64_t least; /* changes that it makes */
    } cases[] = {
        {"plateau(0.5, 1, cooldown=1)", 0, 1},
        {"plateau(0.5, 0, mode=max)", 1, 2},
        {"greedy(0.7, 0, window=3)", 0, 3},
        {"torch.ReduceLROnPlateau(factor=0.5, patience=0, cooldown=1)", 1, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct toy_setup u = toy_usual;
        u.schedule = "0.1";
        u.eval_every = 2;
        u.controller = cases[i].controller;
        u.monitor = cases[i].monitor;
        const struct task_counters c = toy_stop_anywhere(state, u);
        assert_int_equal(c.step, STEPS);
        assert_true(c.controller.changes >= cases[i].least);
    }
}

/* An early cool-down ends the run when it ends. */
static void an_early_cooldown_ends_the_run(void **state)
{
    struct toy_setup u = toy_usual;
    u.schedule = "linear(0, 0.1, 2) then hold(0.1, 15) then "
                 "linear(to=0.01, over=6)";
    u.eval_every = 2;
    u.controller = "cooldown(patience=1, threshold=0.9)";
    const struct task_counters c = toy_stop_anywhere(state, u);
    assert_int_equal(c.controller.cooling, 1);
    assert_int_equal(c.controller.cool_from, 6);
    assert_int_equal(c.step, 12);

    u.log_every = 1;
    struct toy t;
    struct task_counters again;
    struct task_error err;
    toy_reset(&t);
    (void)unlink(folder_path(*state, "checkpoint"));
    assert_int_equal(toy_run(&t, &u, *state, &again, &err), TASK_OK);
    struct task_table table;
    toy_table(*state, &table);
    taper_schedule *const s = toy_parse(u.schedule);
    assert_int_equal(table.count, 12);
    for (size_t i = 0; i < table.count; i++) {
        const double lr = taper_at(s, (int64_t)(i < 6 ? i : i + 11));
        assert_memory_equal(&table.lr[i], &lr, sizeof lr);
    }
    assert_true(task_table_column(&table, "third_weight")[11] >
                -1000); /* scored at its end */
    taper_free(s, NULL);
    task_table_free(&table);
}

/* The same for a signal within each evaluation, and once more in the second
 * attempt at it. */
static void a_stopped_evaluation_is_done_again(void **state)
{
    enum { EVALUATIONS = 5 };
    struct toy_setup u = toy_usual;
    u.lookahead = 4;
    u.log_every = 3;
    struct toy t, reference;
    struct task_counters c, whole;
    struct task_error err;
    toy_reset(&reference);
    assert_int_equal(toy_run(&reference, &u, *state, &whole, &err), TASK_OK);
    assert_int_equal(reference.evaluations, EVALUATIONS);
    size_t n, m;
    char *const want = folder_read(*state, "metrics.csv", &n);
    for (int k = 1; k <= EVALUATIONS; k++) {
        const int64_t step = k < EVALUATIONS ? k * EPOCH : STEPS;
        (void)unlink(folder_path(*state, "checkpoint"));
        for (int attempt = 0; attempt < 2; attempt++) {
            toy_reset(&t);
            t.stop_in = attempt == 0 ? k : 1;
            task_stop_install();
            assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_E_STOPPED);
            task_stop_remove();
            assert_one_line(err.message, "before its evaluation");
            assert_int_equal(c.step, step);
        }
        toy_reset(&t);
        assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_OK);
        assert_int_equal(t.evaluations, EVALUATIONS - k + 1);
        assert_memory_equal(t.weights, reference.weights, sizeof t.weights);
        assert_memory_equal(c.score, whole.score, sizeof c.score[0]);
        char *const got = folder_read(*state, "metrics.csv", &m);
        assert_string_equal(got, want);
        free(got);
    }
    free(want);
}

static void a_stop_says_how_far_it_came(void **state)
{
    struct toy t;
    struct task_counters c;
    struct task_error err;
    toy_reset(&t);
    t.stop_at = 6;
    task_stop_install();
    assert_int_equal(toy_run(&t, &toy_usual, *state, &c, &err), TASK_E_STOPPED);
    task_stop_remove();
    assert_one_line(err.message, "stopped after step 7 of 23");
    assert_true(folder_has(*state, "checkpoint"));
}

static void a_diverged_loss_names_step_and_rate(void **state)
{
    struct toy t, before;
    struct task_counters c;
    struct task_error err;
    struct toy_setup u = toy_usual;
    u.schedule = "0.125";
    toy_reset(&t);
    t.nan_loss_at = 8;
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_E_DIVERGED);
    assert_one_line(err.message,
                    "diverged at step 8: the loss is NaN at rate 0.125");
    struct task_table table;
    toy_table(*state, &table);
    assert_int_equal(table.count, 9);
    assert_true(isnan(table.loss[8]) && isfinite(table.grad_norm[8]));
    task_table_free(&table);

    /* A gradient stops the run before it reaches the weights. */
    (void)unlink(folder_path(*state, "checkpoint"));
    u.schedule = "0";
    toy_reset(&before);
    toy_reset(&t);
    t.nan_gradient_at = 2;
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_E_DIVERGED);
    assert_one_line(err.message, "step 2: the gradient's norm is infinite");
    assert_memory_equal(t.weights, before.weights, sizeof t.weights);
    toy_table(*state, &table);
    assert_int_equal(table.count, 3);
    assert_true(isfinite(table.loss[2]) && isinf(table.grad_norm[2]));
    task_table_free(&table);

    (void)unlink(folder_path(*state, "checkpoint"));
    toy_reset(&t);
    t.nan_score_at = 2;
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_E_DIVERGED);
    assert_one_line(err.message, "step 9: the third weight is NaN");
}

/* One plain SGD step at rate 1 moves the weights without decay by their share
 * of a gradient whose norm was cut to the limit. */
static void clipping_bounds_the_move(void **state)
{
    struct toy t, before;
    struct task_counters c;
    struct task_error err;
    double loss, sum = 0;
    struct toy_setup u = toy_usual;
    u.schedule = "hold(1, 1) then 0";
    u.rule = "sgd";
    u.clip = 0.5;
    toy_reset(&t);
    toy_reset(&before);
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_OK);
    assert_int_equal(toy_step(&before, 0, &loss, NULL), TASK_OK);
    for (int i = 0; i < SIZE; i++)
        sum += (double)before.gradients[i] * (double)before.gradients[i];
    assert_true(sqrt(sum) > 10);
    for (int i = SIZE / 2; i < SIZE; i++) {
        const double want = (double)before.weights[i] -
                            0.5 / sqrt(sum) * (double)before.gradients[i];
        assert_true(fabs((double)t.weights[i] - want) < 1e-5);
    }
}

static void a_regrouped_half_stays_frozen(void **state)
{
    struct toy t, early;
    struct task_counters c;
    struct task_error err;
    struct toy_setup u = toy_usual;
    u.schedule = "0.01";
    toy_reset(&t);
    t.frozen_from = 0;
    toy_reset(&early);
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_OK);
    assert_memory_equal(t.weights + SIZE / 2, early.weights + SIZE / 2,
                        (SIZE - SIZE / 2) * sizeof(float));
    assert_memory_not_equal(t.weights, early.weights, SIZE / 2 * sizeof(float));
}

/* With log_every, a row is the mean since the row before, and the norm of its
 * own update. */
static void a_sparse_log_averages(void **state)
{
    struct toy t;
    struct task_counters c;
    struct task_error err;
    struct toy_setup u = toy_usual;
    toy_reset(&t);
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_OK);
    struct task_table dense, sparse;
    toy_table(*state, &dense);
    (void)unlink(folder_path(*state, "checkpoint"));
    u.log_every = 4;
    toy_reset(&t);
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_OK);
    toy_table(*state, &sparse);
    /* Rows after steps 3, 4 (scored), 7, 9 (scored), ... */
    static const size_t steps[] = {3, 4, 7, 9, 11, 14, 15, 19, 22};
    assert_int_equal(sparse.count, sizeof steps / sizeof steps[0]);
    size_t from = 0;
    for (size_t i = 0; i < sparse.count; i++) {
        assert_int_equal((size_t)sparse.step[i], steps[i]);
        double sum = 0;
        for (size_t k = from; k <= steps[i]; k++)
            sum += dense.loss[k];
        sum /= (double)(steps[i] + 1 - from);
        assert_true(fabs(sum - sparse.loss[i]) < 1e-5 * sum);
        assert_memory_equal(&sparse.grad_norm[i], &dense.grad_norm[steps[i]],
                            sizeof(double));
        from = steps[i] + 1;
    }
    task_table_free(&dense);
    task_table_free(&sparse);
}

static void a_foreign_checkpoint_is_refused(void **state)
{
    folder_write(*state, "checkpoint", "garbage!", 8);
    struct toy t;
    struct task_counters c;
    struct task_error err;
    toy_reset(&t);
    assert_int_equal(toy_run(&t, &toy_usual, *state, &c, &err), TASK_E_FORMAT);
    assert_one_line(err.message, "checkpoint");
    assert_int_equal(t.seeks, 0);
}

/* The checkpoint that is there is not read while another process, which is
 * about to replace it, has the lock. */
static void the_lock_comes_before_the_checkpoint(void **state)
{
    folder_write(*state, "checkpoint", "garbage!", 8);
    static struct task_metrics m;
    struct task_error err;
    assert_int_equal(task_metrics_open(&m, folder_path(*state, "metrics.csv"),
                                       &err),
                     TASK_OK);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct toy t;
        struct task_counters c;
        toy_reset(&t);
        const enum task_status status =
            toy_run(&t, &toy_usual, *state, &c, &err);
        _exit(status == TASK_E_FILE && strstr(err.message, "another process")
                  ? 0
                  : 1);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
    task_metrics_close(&m);
}

/* The rate of an update is that of the ticks before it, in any part of a run.
 */
static void a_job_with_a_clock_reads_the_schedule_by_it(void **state)
{
    struct toy_setup u = toy_usual;
    u.clocked = true;
    u.controller = NULL;
    struct toy t;
    struct task_counters c;
    struct task_error err;
    toy_reset(&t);
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_OK);
    struct task_table table;
    toy_table(*state, &table);
    taper_schedule *const s = toy_parse(u.schedule);
    const double *const ticks = task_table_column(&table, "ticks");
    assert_int_equal(table.count, STEPS);
    for (size_t i = 0; i < STEPS; i++) {
        const double want = taper_at(s, toy_ticks((int64_t)i));
        assert_memory_equal(&table.lr[i], &want, sizeof want);
        assert_int_equal(ticks[i], toy_ticks((int64_t)i + 1));
    }
    taper_free(s, NULL);
    task_table_free(&table);
    (void)toy_stop_anywhere(state, u);
}

/* What a watch was told, and how long it wants to look on. */
struct witness {
    struct task_row rows[STEPS];
    size_t count, patience;
};

static bool witness_update(void *self, const struct task_columns *columns,
                           const struct task_row *row)
{
    struct witness *const w = self;
    assert_int_equal(columns->series_count, 1);
    assert_string_equal(columns->series[0], "ticks");
    w->rows[w->count++] = *row;
    return w->count < w->patience;
}

static void a_watch_sees_every_update_and_changes_none(void **state)
{
    struct witness w = {.patience = STEPS + 1};
    const struct task_watch watch = {&w, witness_update};
    struct toy_setup u = toy_usual;
    struct toy t, alone;
    struct task_counters c;
    struct task_error err;
    toy_reset(&alone);
    assert_int_equal(toy_run(&alone, &u, *state, &c, &err), TASK_OK);
    (void)unlink(folder_path(*state, "checkpoint"));
    toy_reset(&t);
    u.watch = &watch;
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_OK);
    assert_memory_equal(t.weights, alone.weights, sizeof t.weights);
    struct task_table table;
    toy_table(*state, &table);
    assert_int_equal(w.count, STEPS);
    for (size_t i = 0; i < STEPS; i++) {
        assert_int_equal(w.rows[i].step, i);
        assert_int_equal(w.rows[i].epoch, i / EPOCH);
        assert_memory_equal(&w.rows[i].lr, &table.lr[i], sizeof(double));
        assert_true(fabs(w.rows[i].loss - table.loss[i]) <=
                    1e-6 * fabs(table.loss[i]));
        assert_int_equal(w.rows[i].series[0], toy_ticks((int64_t)i + 1));
    }
    task_table_free(&table);
}

/* After the seventh update, before the second evaluation. */
static void a_watch_ends_the_run_as_it_is(void **state)
{
    struct witness w = {.patience = 7};
    const struct task_watch watch = {&w, witness_update};
    struct toy_setup u = toy_usual;
    u.watch = &watch;
    struct toy t;
    struct task_counters c;
    struct task_error err;
    toy_reset(&t);
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_E_STOPPED);
    assert_int_equal(w.count, 7);
    assert_int_equal(c.step, 7);
    assert_int_equal(t.evaluations, 1);
    assert_int_equal(access(folder_path(*state, "checkpoint"), F_OK), -1);
}

/* It hears of the loss first, and may leave it to the loop to complain. */
static void a_watch_sees_the_update_that_diverged(void **state)
{
    for (size_t patience = 9; patience <= 10; patience++) {
        struct witness w = {.patience = patience};
        const struct task_watch watch = {&w, witness_update};
        struct toy_setup u = toy_usual;
        u.watch = &watch;
        struct toy t;
        struct task_counters c;
        struct task_error err;
        toy_reset(&t);
        t.nan_loss_at = 8;
        (void)unlink(folder_path(*state, "checkpoint"));
        assert_int_equal(toy_run(&t, &u, *state, &c, &err),
                         patience == 9 ? TASK_E_STOPPED : TASK_E_DIVERGED);
        assert_int_equal(w.count, 9);
        assert_true(isfinite(w.rows[7].loss));
        assert_true(isnan(w.rows[8].loss));
    }
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(a_job_with_a_clock_reads_the_schedule_by_it),
        TEST(a_watch_sees_every_update_and_changes_none),
        TEST(a_watch_ends_the_run_as_it_is),
        TEST(a_watch_sees_the_update_that_diverged),
        TEST(every_rate_is_that_of_the_schedule),
        TEST(scores_stand_where_they_were_taken),
        TEST(a_rate_of_zero_leaves_the_weights),
        TEST(a_run_stopped_anywhere_ends_in_the_same_bits),
        TEST(a_controlled_run_stopped_anywhere_does_too),
        TEST(an_early_cooldown_ends_the_run),
        TEST(a_stopped_evaluation_is_done_again),
        TEST(a_stop_says_how_far_it_came),
        TEST(a_diverged_loss_names_step_and_rate),
        TEST(clipping_bounds_the_move),
        TEST(a_regrouped_half_stays_frozen),
        TEST(a_sparse_log_averages),
        TEST(a_foreign_checkpoint_is_refused),
        TEST(the_lock_comes_before_the_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
