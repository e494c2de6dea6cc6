/* The training loop: see loop.h for what it promises. */
#include "task/loop.h"

#include "optim/lookahead.h"
#include "task/clock.h"
#include "task/stop.h"

#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Parts of the loop's own: two moments, Lookahead's two blocks, and the job's
 * state. */
enum { OWN_PARTS = OPTIM_MOMENTS_MAX + 3 };

/* Floats of a cache line, at which no two matrices meet. */
enum { LINE = 16 };

/* How old the last checkpoint is when the end of an epoch writes one: waiting
 * for the disk must not be what a run of short epochs does. */
#define EPOCH_SECONDS 0.5

/* A matrix and the space that its step may overwrite. */
struct matrix {
    size_t group;   /* its number */
    size_t scratch; /* floats */
    float *memory;
};

struct loop {
    const struct task_job *job;
    const struct task_plan *plan;
    struct task_progress *progress;
    struct task_counters *counters;

    float *memory; /* one block for all arrays that follow */
    struct optim_block block;
    struct task_knobs knobs; /* of the step under way */
    float *slow;             /* [size], or NULL without Lookahead */
    float *slow_buffers;     /* [buffer_size], or NULL */
    double *sums;            /* [optim_norm_chunks(size)] */
    float *scratch;          /* of the matrices */
    struct matrix *matrices; /* those that the rule moves as a whole */
    size_t matrix_count;
    atomic_size_t taken; /* matrices of this update that threads have taken */
    atomic_bool failed;  /* a product of one of them did */
    struct task_part *parts;
    size_t part_count;

    struct task_metrics metrics;
    struct task_log log;
    struct optim_update update; /* of the step under way */
    double decay;               /* of the Lookahead under way */
    double started;             /* task_seconds() when this process began */
    double seconds_before;      /* total_seconds of the processes before */
    double saved;               /* task_seconds() of the last checkpoint */
    int64_t steps; /* of the run: job->steps, or fewer in an early cool-down */
};

/* ---- the rate ---- */

static double rate_at(const struct loop *l, int64_t position)
{
    return taper_controller_value(&l->counters->controller, l->plan->schedule,
                                  position);
}

/* Where in the schedule the next update reads. */
static int64_t position_of(const struct loop *l, int64_t step)
{
    return l->job->clock ? l->job->clock(l->job->self, step) : step;
}

/* An early cool-down is the end of the run: what follows would train with the
 * rate that it ended on. */
static void set_steps(struct loop *l)
{
    const taper_controller *const c = &l->counters->controller;
    l->steps = l->job->steps;
    if (!c->cooling) return;
    const int64_t end = taper_controller_length(c, l->plan->schedule);
    if (end < l->steps) l->steps = end;
    l->progress->steps = l->steps;
}

/* Groups with a rate of their own follow the controller as the rate does that
 * it multiplies: by the same factor, and through an early cool-down by the
 * share that they have of it. */
static void control_groups(struct loop *l)
{
    const taper_controller *const c = &l->counters->controller;
    if (c->rule == TAPER_RULE_NONE) return;
    const double plain = taper_at(l->plan->schedule, l->counters->position);
    for (size_t i = 0; i < l->knobs.group_count; i++) {
        struct optim_group *const g = &l->knobs.groups[i];
        if (!g->own_lr) continue;
        g->lr = c->cooling && plain > 0 ? l->update.lr * (g->lr / plain)
                                        : c->scale * g->lr;
    }
}

/* Says what the controller has just changed, which may be the run's length. */
static void note_change(struct loop *l, int64_t step)
{
    char rate[TAPER_NUMBER_SIZE];
    set_steps(l);
    (void)taper_format_number(rate_at(l, step), rate);
    task_progress_note(l->progress,
                       l->counters->controller.cooling
                           ? "step %" PRId64 ": the cool-down begins at rate "
                             "%s, and ends the run after step %" PRId64
                           : "step %" PRId64 ": the controller sets the rate "
                             "to %s",
                       step, rate, l->steps);
}

/* Tells the controller of the evaluation after update `step - 1`. */
static void feed(struct loop *l, int64_t step)
{
    struct task_counters *const c = l->counters;
    const size_t monitor = l->plan->control.monitor;
    const double metric = monitor == 0
                              ? c->watched_sum / (double)c->watched_count
                              : c->score[monitor - 1];
    c->watched_sum = 0;
    c->watched_count = 0;
    if (step < l->steps &&
        taper_controller_feed(&c->controller, l->plan->schedule, step, metric))
        note_change(l, step);
}

/* Begins the early cool-down at `step` if a person has just asked for it;
 * whether it did. */
static bool obey(struct loop *l, int64_t step)
{
    taper_controller *const c = &l->counters->controller;
    if (!task_stop_cooldown() || step >= l->steps) return false;
    if (taper_controller_trigger(c, l->plan->schedule, step)) {
        note_change(l, step);
        return true;
    }
    task_progress_note(l->progress,
                       c->rule == TAPER_RULE_NONE
                           ? "no early cool-down: the run has no controller; "
                             "--controller cooldown is the one for it"
                       : c->cooling
                           ? "no early cool-down: it has begun already"
                           : "no early cool-down: the schedule is in its last "
                             "part");
    return false;
}

/* ---- memory ---- */

/* A named part of the checkpoint over a whole block. */
static void add_part(struct loop *l, const char *name, enum task_dtype dtype,
                     void *values, size_t n)
{
    struct task_part *const part = &l->parts[l->part_count++];
    part->tensor = (struct task_tensor){.name = name,
                                        .dtype = dtype,
                                        .dims = 1,
                                        .dim = {(int64_t)n},
                                        .data = values};
    part->values = values;
}

/* Lookahead's blocks, which begin as the weights and buffers are. */
static void add_slow(struct loop *l, float *memory)
{
    const struct task_job *const job = l->job;
    l->slow = memory;
    l->slow_buffers = memory + job->size;
    memcpy(l->slow, job->weights, job->size * sizeof(float));
    memcpy(l->slow_buffers, job->buffers, job->buffer_size * sizeof(float));
    add_part(l, "lookahead.weights", TASK_F32, l->slow, job->size);
    add_part(l, "lookahead.buffers", TASK_F32, l->slow_buffers,
             job->buffer_size);
}

static int by_size(const void *a, const void *b)
{
    const struct matrix *const x = a, *const y = b;
    if (x->scratch != y->scratch) return x->scratch < y->scratch ? 1 : -1;
    return x->group < y->group ? -1 : 1;
}

/* Finds the matrices and takes the memory that their steps need. */
static enum task_status take_matrices(struct loop *l, struct task_error *err)
{
    const struct task_knobs *const knobs = &l->plan->knobs;
    if (!l->plan->rule->matrices) return TASK_OK;
    if (!l->job->product)
        return task_fail(err, TASK_E_USAGE,
                         "the optimiser %s is not for this task",
                         l->plan->rule->name);
    l->matrices = calloc(knobs->group_count + 1, sizeof *l->matrices);
    size_t floats = 0;
    for (size_t i = 0; l->matrices && i < knobs->group_count; i++) {
        if (knobs->groups[i].rows == 0) continue;
        struct matrix *const m = &l->matrices[l->matrix_count++];
        m->group = i;
        m->scratch =
            (optim_matrix_scratch(&knobs->groups[i]) + LINE - 1) / LINE * LINE;
        floats += m->scratch;
    }
    l->scratch = calloc(floats + 1, sizeof *l->scratch);
    if (!l->matrices || !l->scratch)
        return task_fail(err, TASK_E_MEMORY,
                         "out of memory for the optimiser's %zu numbers",
                         floats);
    qsort(l->matrices, l->matrix_count, sizeof *l->matrices, by_size);
    float *next = l->scratch;
    for (size_t i = 0; i < l->matrix_count; next += l->matrices[i++].scratch)
        l->matrices[i].memory = next;
    return TASK_OK;
}

static enum task_status take_memory(struct loop *l, struct task_error *err)
{
    static const char *const names[OPTIM_MOMENTS_MAX] = {"optimizer.moment1",
                                                         "optimizer.moment2"};
    const struct task_job *const job = l->job;
    const size_t moments =
        optim_moment_count(l->plan->rule, &l->plan->knobs.options);
    const bool slow = l->plan->lookahead > 0;
    const size_t floats =
        (moments + slow) * job->size + (slow ? job->buffer_size : 0);
    l->memory = calloc(floats + 1, sizeof *l->memory);
    l->sums = calloc(optim_norm_chunks(job->size) + 1, sizeof *l->sums);
    l->parts = calloc(job->part_count + OWN_PARTS, sizeof *l->parts);
    if (!l->memory || !l->sums || !l->parts)
        return task_fail(err, TASK_E_MEMORY,
                         "out of memory for the optimiser's %zu numbers",
                         floats);
    memcpy(l->parts, job->parts, job->part_count * sizeof *l->parts);
    l->part_count = job->part_count;

    l->block = (struct optim_block){.count = job->size,
                                    .weights = job->weights,
                                    .gradients = job->gradients};
    float *next = l->memory;
    for (size_t i = 0; i < moments; i++, next += job->size) {
        l->block.moments[i] = next;
        add_part(l, names[i], TASK_F32, next, job->size);
    }
    if (slow) add_slow(l, next);
    if (job->state_size > 0)
        add_part(l, "state", TASK_U8, job->state, job->state_size);
    return TASK_OK;
}

/* ---- checkpoints ---- */

static enum task_status save(struct loop *l, struct task_error *err)
{
    /* The log must be on the disk before the checkpoint that counts it. */
    enum task_status status = task_metrics_flush(&l->metrics, true, err);
    if (status == TASK_OK) status = task_log_flush(&l->log, true, err);
    if (status != TASK_OK) return status;
    l->saved = task_seconds();
    l->counters->metrics_size = l->metrics.file.size;
    task_log_sizes(&l->log, l->counters->log_size);
    l->counters->total_seconds = l->seconds_before + l->saved - l->started;
    return task_checkpoint_save(l->plan->checkpoint, l->plan->identity,
                                l->parts, l->part_count, l->counters, err);
}

static enum task_status restore(struct loop *l, struct task_error *err)
{
    bool found;
    *l->counters =
        (struct task_counters){.controller = l->plan->control.controller};
    /* The lock comes first: until then another process may be writing a newer
     * checkpoint than the one that would be read. */
    enum task_status status =
        task_metrics_open(&l->metrics, l->plan->metrics, err);
    if (status != TASK_OK) return status;
    status =
        task_checkpoint_load(l->plan->checkpoint, l->plan->identity, l->parts,
                             l->part_count, l->counters, &found, err);
    if (status != TASK_OK) return status;
    if (l->counters->step > l->job->steps ||
        (l->counters->pending && l->counters->loss_count == 0))
        return task_fail(err, TASK_E_FORMAT, "%s does not fit the run's length",
                         l->plan->checkpoint);
    set_steps(l);
    l->seconds_before = l->counters->total_seconds;
    status = task_metrics_begin(&l->metrics, &l->job->columns,
                                l->counters->metrics_size, err);
    if (status != TASK_OK) return status;
    return task_log_open(&l->log, l->plan->folder, l->plan->logs,
                         &l->job->columns,
                         l->counters->metrics_size > 0 ? l->plan->metrics
                                                       : NULL,
                         l->counters->log_size, err);
}

/* ---- one update ---- */

static void norm_slice(void *context, size_t begin, size_t end)
{
    struct loop *const l = context;
    optim_norm_sums(l->block.gradients, l->block.count, begin, end, l->sums);
}

static void update_slice(void *context, size_t begin, size_t end)
{
    struct loop *const l = context;
    optim_step_range(l->plan->rule, &l->knobs.options, &l->block,
                     l->knobs.groups, l->knobs.group_count, &l->update, begin,
                     end);
}

/* Whoever is free takes the next matrix, the largest first. */
static void matrix_slice(void *context, size_t begin, size_t end)
{
    struct loop *const l = context;
    (void)begin;
    (void)end;
    for (size_t i; (i = atomic_fetch_add(&l->taken, 1)) < l->matrix_count;)
        if (!optim_step_matrix(&l->knobs.options, &l->block,
                               &l->knobs.groups[l->matrices[i].group],
                               &l->update, l->job->product,
                               l->matrices[i].memory))
            atomic_store(&l->failed, true);
}

/* False when a product failed, which leaves the update half made: there is no
 * checkpoint of it. */
static bool step_matrices(struct loop *l)
{
    atomic_store(&l->taken, 0);
    l->job->parallel(l->job->self, l->job->size, matrix_slice, l);
    return !atomic_load(&l->failed);
}

static void lookahead_slice(void *context, size_t begin, size_t end)
{
    struct loop *const l = context;
    optim_lookahead(l->slow, l->block.weights, l->decay, begin, end);
}

static void meet(struct loop *l, double decay)
{
    l->decay = decay;
    l->job->parallel(l->job->self, l->block.count, lookahead_slice, l);
    optim_lookahead(l->slow_buffers, l->job->buffers, decay, 0,
                    l->job->buffer_size);
}

/* Lookahead after `done` updates; the last one leaves the slow weights. */
static void follow(struct loop *l, int64_t done)
{
    const int64_t every = l->plan->lookahead;
    if (every == 0) return;
    if (done % every == 0)
        meet(l, optim_lookahead_decay(done, l->job->steps, every));
    if (done == l->steps) meet(l, 1.0);
}

static enum task_status diverged(const struct loop *l, const char *what,
                                 double value, struct task_error *err)
{
    char rate[TAPER_NUMBER_SIZE];
    (void)taper_format_number(l->update.lr, rate);
    return task_fail(err, TASK_E_DIVERGED,
                     "diverged at step %" PRId64 ": the %s is %s at rate %s; "
                     "try a smaller rate or a longer warm-up",
                     l->update.step, what, isnan(value) ? "NaN" : "infinite",
                     rate);
}

/* Update `counters->step` and its loss; what diverged leaves the weights as
 * they were before it. */
static enum task_status do_update(struct loop *l, double *loss,
                                  struct task_error *err)
{
    const struct task_job *const job = l->job;
    const int64_t step = l->counters->step;
    l->update.step = step;
    l->counters->position = position_of(l, step);
    l->update.lr = rate_at(l, l->counters->position);
    if (job->prepare) job->prepare(job->self, step, &l->knobs);
    control_groups(l);
    l->counters->grad_norm = NAN; /* until this update has one */
    const enum task_status status = job->step(job->self, step, loss, err);
    if (status != TASK_OK) return status;

    const size_t chunks = optim_norm_chunks(job->size);
    job->parallel(job->self, chunks, norm_slice, l);
    const double norm = optim_norm_finish(l->sums, chunks);
    l->counters->grad_norm = norm;
    if (!isfinite(*loss)) return diverged(l, "loss", *loss, err);
    if (!isfinite(norm)) return diverged(l, "gradient's norm", norm, err);

    const double clip = l->knobs.clip;
    l->update.gradient_scale = clip > 0 ? optim_clip_factor(norm, clip) : 1.0;
    job->parallel(job->self, job->size, update_slice, l);
    if (l->matrix_count > 0 && !step_matrices(l))
        return task_fail(err, TASK_E_MEMORY,
                         "out of memory for the optimiser's products at step "
                         "%" PRId64,
                         step);
    follow(l, step + 1);
    return TASK_OK;
}

/* ---- what follows an update ---- */

static bool due(const struct loop *l, int64_t every)
{
    const int64_t done = l->counters->step;
    return done == l->steps || (every > 0 && done % every == 0);
}

static enum task_status evaluate(struct loop *l, struct task_error *err)
{
    const struct task_job *const job = l->job;
    struct task_counters *const c = l->counters;
    const double before = task_seconds();
    const enum task_status status =
        job->evaluate(job->self, c->step == l->steps, c->score, err);
    if (status != TASK_OK) return status;
    c->scored = true;
    task_progress_score(l->progress, c->step - 1, l->update.lr, c->score[0],
                        task_seconds() - before);
    char words[TASK_WORDS];
    for (size_t i = 0; i < job->columns.score_count; i++)
        if (!isfinite(c->score[i]))
            return diverged(l, task_column_words(job->columns.scores[i], words),
                            c->score[i], err);
    return TASK_OK;
}

/* The row of the update just done; the counters already count it. */
static enum task_status log_row(struct loop *l, bool scored,
                                struct task_error *err)
{
    struct task_counters *const c = l->counters;
    const int64_t step = l->update.step;
    struct task_row row = {.step = step,
                           .epoch = step / l->job->steps_per_epoch,
                           .lr = l->update.lr,
                           .loss = c->loss_sum / (double)c->loss_count,
                           .grad_norm = c->grad_norm,
                           .scored = scored};
    memcpy(row.score, c->score, sizeof row.score);
    if (l->job->measure) l->job->measure(l->job->self, row.series);
    c->loss_sum = 0;
    c->loss_count = 0;
    const enum task_status status = task_metrics_add(&l->metrics, &row, err);
    return status == TASK_OK ? task_log_add(&l->log, &row, err) : status;
}

static enum task_status stopped(const struct loop *l, const char *where,
                                struct task_error *err)
{
    return task_fail(err, TASK_E_STOPPED,
                     "stopped after step %" PRId64 " of %" PRId64 "%s",
                     l->counters->step, l->steps, where);
}

/* The score, the row and the checkpoint of the update just done. */
static enum task_status after_update(struct loop *l, bool scored,
                                     struct task_error *err)
{
    struct task_counters *const c = l->counters;
    const bool commanded = obey(l, c->step);
    enum task_status status = scored ? evaluate(l, err) : TASK_OK;
    if (status == TASK_E_STOPPED) {
        c->pending = true;
        status = save(l, err);
        return status == TASK_OK ? stopped(l, ", before its evaluation", err)
                                 : status;
    }
    c->pending = false;
    /* A score that is no number is still worth its row. */
    if (status != TASK_OK && status != TASK_E_DIVERGED) return status;
    if (scored || due(l, l->plan->log_every)) {
        const enum task_status logged = log_row(l, scored, err);
        if (status == TASK_OK) status = logged;
    }
    if (status != TASK_OK) return status;
    if (scored) feed(l, c->step);

    const bool stop = task_stop_requested();
    const double age = task_seconds() - l->saved;
    const bool epoch = due(l, l->job->steps_per_epoch) && age >= EPOCH_SECONDS;
    /* What a person asked for once must outlive a crash. */
    if (stop || commanded || epoch || c->step == l->steps ||
        age >= l->plan->checkpoint_every)
        status = save(l, err);
    if (status != TASK_OK || !stop || c->step == l->steps) return status;
    return stopped(l, "", err);
}

/* Whether whoever watches the run, if anybody does, wants the next update. */
static bool wanted(const struct loop *l, double loss)
{
    const struct task_watch *const watch = l->plan->watch;
    if (!watch) return true;
    const int64_t step = l->update.step;
    struct task_row row = {.step = step,
                           .epoch = step / l->job->steps_per_epoch,
                           .lr = l->update.lr,
                           .loss = loss,
                           .grad_norm = l->counters->grad_norm};
    if (l->job->measure) l->job->measure(l->job->self, row.series);
    return watch->update(watch->self, &l->job->columns, &row);
}

/* Evaluates what a stop kept the process before from evaluating. */
static enum task_status catch_up(struct loop *l, struct task_error *err)
{
    const struct task_counters *const c = l->counters;
    l->update.step = c->step - 1;
    l->update.lr = rate_at(l, c->position);
    task_progress_step(l->progress, l->update.step, l->update.lr,
                       c->loss_sum / (double)c->loss_count);
    return after_update(l, true, err);
}

static enum task_status train(struct loop *l, struct task_error *err)
{
    struct task_counters *const c = l->counters;
    if (c->pending) {
        const enum task_status status = catch_up(l, err);
        if (status != TASK_OK) return status;
    }
    while (c->step < l->steps) {
        const double before = task_seconds();
        double loss = NAN;
        enum task_status status = do_update(l, &loss, err);
        if (status == TASK_OK || status == TASK_E_DIVERGED) {
            c->step++;
            c->loss_sum += loss;
            c->loss_count++;
            c->watched_sum += loss;
            c->watched_count++;
        }
        c->train_seconds += task_seconds() - before;
        if ((status == TASK_OK || status == TASK_E_DIVERGED) &&
            !wanted(l, status == TASK_OK ? loss : NAN))
            return stopped(l, ", having seen enough", err);
        if (status == TASK_OK) {
            task_progress_step(l->progress, l->update.step, l->update.lr, loss);
            status = after_update(l, due(l, l->plan->eval_every), err);
        } else if (status == TASK_E_DIVERGED) {
            (void)log_row(l, false, NULL);
        }
        if (status != TASK_OK) return status;
    }
    return TASK_OK;
}

enum task_status task_loop_run(const struct task_job *job,
                               const struct task_plan *plan,
                               struct task_progress *progress,
                               struct task_counters *counters,
                               struct task_error *err)
{
    struct loop *const l = calloc(1, sizeof *l);
    if (!l) return task_fail(err, TASK_E_MEMORY, "out of memory");
    l->job = job;
    l->plan = plan;
    l->knobs = plan->knobs;
    l->progress = progress;
    l->counters = counters;
    l->metrics.file.fd = -1;
    l->started = l->saved = task_seconds();

    enum task_status status = take_memory(l, err);
    if (status == TASK_OK) status = take_matrices(l, err);
    if (status == TASK_OK) status = restore(l, err);
    if (status == TASK_OK && counters->step < l->steps)
        status = job->seek(job->self, counters->step, err);
    if (status == TASK_OK) {
        task_progress_begin(progress, counters->step);
        status = train(l, err);
        task_progress_end(progress);
        counters->total_seconds =
            l->seconds_before + task_seconds() - l->started;
        if (status == TASK_E_DIVERGED) {
            (void)task_metrics_flush(&l->metrics, true, NULL);
            (void)task_log_flush(&l->log, true, NULL);
        }
    }
    task_metrics_close(&l->metrics);
    task_log_close(&l->log);
    free(l->parts);
    free(l->matrices);
    free(l->scratch);
    free(l->sums);
    free(l->memory);
    free(l);
    return status;
}
