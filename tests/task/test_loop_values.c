/* The training loop where more than the rate changes from update to update:
 * what a plan drives, and what a person asks for by a signal. */
#include "task/folder.h"
#include "task/stop.h"
#include "task/toy.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* Any numbers, as long as they move, and touch 0 in between. */
static double ramp(int64_t step)
{
    return step % 6 == 3 ? 0 : 0.05 + 0.03 * (double)(step % 6);
}

static void ramp_all(int64_t step, struct task_knobs *knobs)
{
    knobs->options.momentum = 3 * ramp(step);
    knobs->clip = 40 + 20 * (double)(step % 3);
    knobs->groups[0].weight_decay = ramp(step + 1);
    knobs->groups[1].own_lr = true;
    knobs->groups[1].lr = ramp(step + 2) / 4;
}

/* SGD by hand, in double: the momentum, the decay, the limit and the rate of
 * each update are those of its own step, and the norm of its row is that of
 * the gradient before the limit. */
static void every_update_uses_the_values_of_its_step(void **state)
{
    static float trace[STEPS][SIZE];
    struct toy t;
    struct task_counters c;
    struct task_error err;
    struct toy_setup u = toy_usual;
    u.rule = "sgd";
    u.schedule = "linear(0.02, 0.08, 100%)";
    u.momentum = 0.9; /* which says that there are moments, no more */
    u.set = ramp_all;
    toy_reset(&t);
    t.trace = trace[0];
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_OK);
    assert_int_equal(t.prepared, STEPS);

    struct task_table table;
    toy_table(*state, &table);
    double w[SIZE], m[SIZE] = {0};
    int clipped = 0;
    for (int i = 0; i < SIZE; i++)
        w[i] = (double)(0.01F * (float)i);
    for (int step = 0; step < STEPS; step++) {
        double g[SIZE], sum = 0;
        for (int i = 0; i < SIZE; i++) {
            assert_true(fabs(w[i] - (double)trace[step][i]) < 1e-4);
            g[i] = w[i] - (double)((step * 7 + i * 13) % 11 - 5);
            sum += g[i] * g[i];
        }
        assert_true(fabs(table.grad_norm[step] - sqrt(sum)) < 1e-4);
        const double limit = 40 + 20 * (double)(step % 3);
        const double scale = sqrt(sum) > limit ? limit / sqrt(sum) : 1;
        clipped += scale < 1;
        for (int i = 0; i < SIZE; i++) {
            const bool first = i < SIZE / 2;
            const double decay = first ? ramp(step + 1) : 0;
            const double rate =
                first ? 0.02 + 0.06 * step / STEPS : ramp(step + 2) / 4;
            m[i] = 3 * ramp(step) * m[i] + scale * g[i] + decay * w[i];
            w[i] -= rate * m[i];
        }
    }
    for (int i = 0; i < SIZE; i++)
        assert_true(fabs(w[i] - (double)t.weights[i]) < 1e-4);
    assert_in_range(clipped, 1, STEPS - 1);
    task_table_free(&table);
}

static void a_run_whose_values_move_stopped_anywhere_does_too(void **state)
{
    struct toy_setup u = toy_usual;
    u.rule = "sgd";
    u.momentum = 0.9;
    u.set = ramp_all;
    assert_int_equal(toy_stop_anywhere(state, u).step, STEPS);
    u.controller = "plateau(0.5, 0, mode=max)";
    u.monitor = 1;
    u.eval_every = 2;
    const struct task_counters c = toy_stop_anywhere(state, u);
    assert_true(c.controller.changes > 0);
}

static double own_factor;

/* The second half at `own_factor` times the rate of usual_own. */
static void set_own(int64_t step, struct task_knobs *knobs)
{
    taper_schedule *const s =
        toy_parse("linear(0.001, 0.1, 4) then hold(0.1, 11) "
                  "then cosine(to=0.001, over=8)");
    knobs->groups[1].own_lr = true;
    knobs->groups[1].lr = own_factor * taper_at(s, step);
    taper_free(s, NULL);
}

/* Weights of the second half under a controller, whose group has a rate of its
 * own or takes the run's. */
static void train_half(void **state, const char *controller, bool own,
                       double factor, float out[SIZE])
{
    struct toy t;
    struct task_counters c;
    struct task_error err;
    struct toy_setup u = toy_usual;
    u.rule = "sgd";
    u.schedule = "linear(0.001, 0.1, 4) then hold(0.1, 11) then "
                 "cosine(to=0.001, over=8)";
    u.controller = controller;
    u.eval_every = 2;
    u.set = own ? set_own : NULL;
    own_factor = factor;
    toy_reset(&t);
    (void)unlink(folder_path(*state, "checkpoint"));
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_OK);
    if (controller) assert_true(c.controller.changes > 0);
    memcpy(out, t.weights, sizeof t.weights);
}

/* A controller multiplies the rates of groups as it does the run's: one that
 * equals it stays equal, bit for bit, and one of 0 stays 0. */
static void a_controller_drives_the_groups_rates(void **state)
{
    static const char *const controllers[] = {
        NULL, "plateau(0.37, 0, threshold=0.5)",
        "cooldown(patience=1, threshold=0.9)"};
    for (size_t i = 0; i < sizeof controllers / sizeof controllers[0]; i++) {
        float common[SIZE], own[SIZE], none[SIZE], twice[SIZE];
        train_half(state, controllers[i], false, 0, common);
        train_half(state, controllers[i], true, 1, own);
        assert_memory_equal(common, own, sizeof own);
        train_half(state, controllers[i], true, 0, none);
        for (int k = SIZE / 2; k < SIZE; k++)
            assert_true(none[k] >= 0.01F * (float)k &&
                        none[k] <= 0.01F * (float)k);
        train_half(state, controllers[i], true, 2, twice);
        assert_memory_equal(common, twice, SIZE / 2 * sizeof(float));
        assert_memory_not_equal(common, twice, sizeof common);
    }
}

/* ---- SIGUSR1 ---- */

static const char hold_and_cool[] = "linear(0, 0.1, 2) then hold(0.1, 15) then "
                                    "linear(to=0.01, over=6)";

/* Asked for within update 5, so from update 6 on. */
static void a_signal_begins_the_cooldown(void **state)
{
    struct toy t;
    struct task_counters c;
    struct task_error err;
    struct toy_setup u = toy_usual;
    u.schedule = hold_and_cool;
    u.controller = "cooldown";
    u.command_at = 5;
    toy_reset(&t);
    task_stop_install();
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_OK);
    task_stop_remove();
    assert_int_equal(c.controller.cool_from, 6);
    assert_int_equal(c.step, 12);
    struct task_table table;
    toy_table(*state, &table);
    taper_schedule *const s = toy_parse(hold_and_cool);
    assert_int_equal(table.count, 12);
    for (size_t i = 0; i < table.count; i++) {
        const double lr = taper_at(s, (int64_t)(i < 6 ? i : i + 11));
        assert_memory_equal(&table.lr[i], &lr, sizeof lr);
    }
    taper_free(s, NULL);
    task_table_free(&table);
}

/* Together with a stop at any later step, and with one in the same update; the
 * signal does not come again. */
static void a_commanded_cooldown_is_in_the_checkpoint(void **state)
{
    struct toy t, whole;
    struct task_counters c;
    struct task_error err;
    struct toy_setup u = toy_usual;
    u.schedule = hold_and_cool;
    u.controller = "cooldown";
    u.command_at = 5;
    toy_reset(&whole);
    task_stop_install();
    assert_int_equal(toy_run(&whole, &u, *state, &c, &err), TASK_OK);
    for (int64_t stop = 5; stop < 11; stop++) {
        (void)unlink(folder_path(*state, "checkpoint"));
        toy_reset(&t);
        t.stop_at = stop;
        u.command_at = 5;
        task_stop_install();
        assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_E_STOPPED);
        task_stop_remove();
        toy_reset(&t);
        u.command_at = 0;
        assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_OK);
        assert_int_equal(c.step, 12);
        assert_memory_equal(t.weights, whole.weights, sizeof t.weights);
    }
}

/* A crash right after the update in which it was asked for. */
static void a_commanded_cooldown_outlives_a_crash(void **state)
{
    struct toy t;
    struct task_counters c;
    struct task_error err;
    struct toy_setup u = toy_usual;
    u.schedule = hold_and_cool;
    u.controller = "cooldown";
    u.command_at = 6;
    toy_reset(&t);
    t.nan_loss_at = 7; /* ends the run without a checkpoint */
    task_stop_install();
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_E_DIVERGED);
    task_stop_remove();
    u.command_at = 0;
    toy_reset(&t);
    assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_OK);
    assert_int_equal(t.first, 7);
    assert_int_equal(c.step, 13);
}

/* That the notes hold a text; closes them. */
static void assert_says(FILE *notes, const char *part)
{
    char text[2000];
    rewind(notes);
    text[fread(text, 1, sizeof text - 1, notes)] = '\0';
    (void)fclose(notes);
    if (!strstr(text, part)) fail_msg("'%s' does not say '%s'", text, part);
}

/* Without a controller, without a part to begin, and a second time. */
static void a_signal_that_cannot_be_obeyed_changes_nothing(void **state)
{
    static const struct {
        const char *schedule, *controller;
        int64_t at, steps;
        const char *says;
    } cases[] = {{hold_and_cool, NULL, 5, STEPS, "--controller cooldown"},
                 {"0.1", "plateau(patience=100)", 5, STEPS, "in its last part"},
                 {hold_and_cool, "cooldown", 20, STEPS, "in its last part"},
                 {hold_and_cool, "cooldown(patience=0, threshold=0.9)", 12, 16,
                  "begun already"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct toy t, plain;
        struct task_counters c;
        struct task_error err;
        struct toy_setup u = toy_usual;
        u.schedule = cases[i].schedule;
        u.controller = cases[i].controller;
        toy_reset(&plain);
        (void)unlink(folder_path(*state, "checkpoint"));
        assert_int_equal(toy_run(&plain, &u, *state, &c, &err), TASK_OK);
        (void)unlink(folder_path(*state, "checkpoint"));
        u.command_at = cases[i].at;
        u.notes = tmpfile();
        assert_non_null(u.notes);
        toy_reset(&t);
        task_stop_install();
        assert_int_equal(toy_run(&t, &u, *state, &c, &err), TASK_OK);
        task_stop_remove();
        assert_int_equal(c.step, cases[i].steps);
        assert_says(u.notes, cases[i].says);
        assert_memory_equal(t.weights, plain.weights, sizeof t.weights);
    }
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, folder_create, folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(every_update_uses_the_values_of_its_step),
        TEST(a_run_whose_values_move_stopped_anywhere_does_too),
        TEST(a_controller_drives_the_groups_rates),
        TEST(a_signal_begins_the_cooldown),
        TEST(a_commanded_cooldown_is_in_the_checkpoint),
        TEST(a_commanded_cooldown_outlives_a_crash),
        TEST(a_signal_that_cannot_be_obeyed_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
