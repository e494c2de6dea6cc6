/* See toy.h. */
#include "task/toy.h"

#include "task/folder.h"
#include "task/stop.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct toy_setup toy_usual = {.schedule = "linear(0, 0.1, 20%) then "
                                                "cosine(to=0)",
                                    .rule = "adamw",
                                    .checkpoint_every = 1e9,
                                    .eval_every = EPOCH,
                                    .log_every = 1};

int64_t toy_ticks(int64_t step)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < step; i++)
        sum += i % 3;
    return sum;
}

static int64_t ticks_of(const struct toy *t)
{
    int64_t n;
    memcpy(&n, t->state, sizeof n);
    return n;
}

static int64_t toy_clock(void *self, int64_t step)
{
    (void)step;
    return ticks_of(self);
}

static void toy_measure(void *self, double *series)
{
    series[0] = (double)ticks_of(self);
}

static enum task_status toy_seek(void *self, int64_t step,
                                 struct task_error *err)
{
    struct toy *const t = self;
    (void)err;
    t->seeks++;
    t->first = step;
    return TASK_OK;
}

enum task_status toy_step(void *self, int64_t step, double *loss,
                          struct task_error *err)
{
    struct toy *const t = self;
    (void)err;
    double sum = 0;
    if (t->trace) memcpy(t->trace + step * SIZE, t->weights, sizeof t->weights);
    for (int i = 0; i < SIZE; i++) {
        const float target = (float)((step * 7 + i * 13) % 11) - 5.0F;
        t->gradients[i] = t->weights[i] - target;
        sum += 0.5 * (double)t->gradients[i] * (double)t->gradients[i];
    }
    const int64_t ticks = ticks_of(t) + step % 3;
    memcpy(t->state, &ticks, sizeof ticks);
    t->state[12] = (unsigned char)(3 * t->state[12] + 1);
    for (int i = 0; i < BUFFERS; i++)
        t->buffers[i] +=
            0.1F * ((float)step + (float)t->state[12] - t->buffers[i]);
    *loss = step == t->nan_loss_at ? NAN : sum / SIZE;
    if (step == t->nan_gradient_at) t->gradients[17] = INFINITY;
    if (step == t->command_at) (void)raise(SIGUSR1);
    if (step == t->stop_at) (void)raise(SIGTERM);
    return TASK_OK;
}

static enum task_status toy_evaluate(void *self, bool last, double *out,
                                     struct task_error *err)
{
    struct toy *const t = self;
    (void)err;
    (void)last;
    out[0] = (double)t->weights[3];
    t->evaluations++;
    if (t->stop_in == t->evaluations) {
        (void)raise(SIGTERM);
        out[0] = -1000; /* of no evaluation */
        return TASK_E_STOPPED;
    }
    if (t->nan_score_at == t->evaluations) out[0] = NAN;
    return TASK_OK;
}

static void toy_parallel(void *self, size_t n, task_slice_fn *fn, void *context)
{
    (void)self;
    const size_t middle = n / 2;
    fn(context, middle, n);
    fn(context, 0, middle);
}

static void toy_prepare(void *self, int64_t step, struct task_knobs *knobs)
{
    struct toy *const t = self;
    t->prepared++;
    knobs->groups[1].lr_scale =
        t->frozen_from >= 0 && step >= t->frozen_from ? 0 : 1;
    if (t->set) t->set(step, knobs);
}

void toy_reset(struct toy *t)
{
    memset(t, 0, sizeof *t);
    for (int i = 0; i < SIZE; i++)
        t->weights[i] = 0.01F * (float)i;
    t->parts[0] = (struct task_part){
        {.name = "w", .dims = 1, .dim = {SIZE}, .data = t->weights},
        t->weights};
    t->parts[1] = (struct task_part){
        {.name = "b", .dims = 1, .dim = {BUFFERS}, .data = t->buffers},
        t->buffers};
    t->nan_loss_at = t->nan_gradient_at = t->nan_score_at = t->stop_at = -1;
    t->frozen_from = t->command_at = -1;
}

taper_schedule *toy_parse(const char *text)
{
    const taper_run facts = {.steps = STEPS, .epoch = EPOCH};
    taper_schedule *s;
    assert_int_equal(taper_parse(text, strlen(text), &facts, NULL, &s, NULL),
                     TAPER_OK);
    return s;
}

enum task_status toy_run(struct toy *t, const struct toy_setup *u,
                         const char *folder, struct task_counters *counters,
                         struct task_error *err)
{
    t->clocked = u->clocked;
    static const char *const scores[] = {"third_weight"};
    static const char *const series[] = {"ticks"};
    const struct task_job job = {.self = t,
                                 .size = SIZE,
                                 .weights = t->weights,
                                 .gradients = t->gradients,
                                 .buffer_size = BUFFERS,
                                 .buffers = t->buffers,
                                 .parts = t->parts,
                                 .part_count = 2,
                                 .state = t->state,
                                 .state_size = sizeof t->state,
                                 .columns = {.series = series,
                                             .series_count = 1,
                                             .scores = scores,
                                             .score_count = 1},
                                 .measure = toy_measure,
                                 .clock = t->clocked ? toy_clock : NULL,
                                 .steps = STEPS,
                                 .steps_per_epoch = EPOCH,
                                 .seek = toy_seek,
                                 .step = toy_step,
                                 .evaluate = toy_evaluate,
                                 .parallel = toy_parallel,
                                 .prepare = toy_prepare};
    struct optim_group groups[] = {
        {.offset = 0, .count = SIZE / 2, .lr_scale = 1, .weight_decay = 0.1},
        {.offset = SIZE / 2, .count = SIZE - SIZE / 2, .lr_scale = 1}};
    taper_schedule *const schedule = toy_parse(u->schedule);
    struct task_plan plan = {.schedule = schedule,
                             .rule = optim_rule_find(u->rule),
                             .knobs = {.groups = groups,
                                       .group_count = 2,
                                       .clip = u->clip},
                             .lookahead = u->lookahead,
                             .eval_every = u->eval_every,
                             .log_every = u->log_every,
                             .checkpoint_every = u->checkpoint_every,
                             .identity = "toy",
                             .checkpoint = folder_path(folder, "checkpoint"),
                             .metrics = folder_path(folder, "metrics.csv"),
                             .watch = u->watch,
                             .logs = 1u << TASK_LOG_JSONL,
                             .folder = folder};
    if (u->controller)
        assert_int_equal(taper_controller_parse(u->controller,
                                                strlen(u->controller),
                                                &plan.control.controller, NULL),
                         TAPER_OK);
    plan.control.monitor = u->monitor;
    plan.knobs.options = plan.rule->defaults;
    plan.knobs.options.momentum = u->momentum;
    plan.knobs.options.nesterov = false;
    t->set = u->set;
    if (u->command_at > 0) t->command_at = u->command_at;
    struct task_progress progress = {.steps = STEPS,
                                     .steps_per_epoch = EPOCH,
                                     .stream = u->notes};
    const enum task_status status =
        task_loop_run(&job, &plan, &progress, counters, err);
    taper_free(schedule, NULL);
    return status;
}

void toy_table(const char *folder, struct task_table *table)
{
    struct task_error err;
    assert_int_equal(task_table_read(folder_path(folder, "metrics.csv"), table,
                                     &err),
                     TASK_OK);
}

/* Stopped after every step in turn, and continued by a toy that knows nothing:
 * same weights, same log, same checkpoint but for its seconds. */
struct task_counters toy_stop_anywhere(void **state, struct toy_setup u)
{
    u.lookahead = 4;
    u.log_every = 3;
    u.clip = 5;
    char whole[600], parts[600];
    (void)snprintf(whole, sizeof whole, "%s", folder_path(*state, ""));
    struct toy reference;
    struct task_counters c, last;
    struct task_error err;
    toy_reset(&reference);
    (void)unlink(folder_path(*state, "checkpoint"));
    assert_int_equal(toy_run(&reference, &u, whole, &last, &err), TASK_OK);
    (void)rename(folder_path(whole, "metrics.csv"),
                 folder_path(whole, "reference.csv"));
    (void)rename(folder_path(whole, TASK_LINES_FILE),
                 folder_path(whole, "reference.jsonl"));
    (void)snprintf(parts, sizeof parts, "%s", *(char **)state);
    size_t n, m;
    char *const want = folder_read(parts, "reference.csv", &n);
    char *const want_lines = folder_read(parts, "reference.jsonl", &n);
    for (int64_t stop = 0; stop < last.step; stop++) {
        struct toy t;
        (void)unlink(folder_path(parts, "checkpoint"));
        toy_reset(&t);
        t.stop_at = stop;
        task_stop_install();
        const enum task_status first = toy_run(&t, &u, parts, &c, &err);
        task_stop_remove();
        assert_int_equal(first,
                         stop + 1 < last.step ? TASK_E_STOPPED : TASK_OK);
        assert_int_equal(c.step, stop + 1);
        toy_reset(&t);
        assert_int_equal(toy_run(&t, &u, parts, &c, &err), TASK_OK);
        assert_int_equal(t.seeks, stop + 1 < last.step);
        assert_int_equal(t.first, stop + 1 < last.step ? stop + 1 : 0);
        assert_memory_equal(t.weights, reference.weights, sizeof t.weights);
        assert_memory_equal(t.buffers, reference.buffers, sizeof t.buffers);
        char *const got = folder_read(parts, "metrics.csv", &m);
        assert_string_equal(got, want);
        free(got);
        char *const lines = folder_read(parts, TASK_LINES_FILE, &m);
        assert_string_equal(lines, want_lines);
        free(lines);
    }
    free(want);
    free(want_lines);
    return last;
}
