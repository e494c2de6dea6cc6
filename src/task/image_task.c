/* The image trainer: data, network and groups, handed to the common loop. */
#include "task/image_task.h"

#include "data/augment.h"
#include "data/loader.h"
#include "data/random.h"
#include "nn/engine.h"
#include "nn/product.h"
#include "optim/optim.h"
#include "task/image_eval.h"
#include "task/recipe.h"
#include "task/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The whitening filters come from the first images, as airbench94's do. Their
 * floats are in memory at once, so of large images fewer are taken: one of
 * 224 x 224 has 60 times the patches of one of 32 x 32. */
enum { WHITEN_IMAGES = 5000, WHITEN_FLOATS = 1 << 24 };

/* Images a batch must have for each thread before taper takes one more by
 * itself. Batch normalisation takes its statistics over a thread's share;
 * below 16 images they cost accuracy (Wu and He 2018, arXiv 1803.08494,
 * figure 1), and the same command would learn worse on a larger machine. */
enum { SHARE_MIN = 16 };

static const char *const scores[] = {"test_accuracy", "test_loss"};

struct image {
    struct task_settings *settings;
    struct task_run run;
    struct data_set train, test;
    struct data_statistics statistics; /* of the training set */
    struct nn_architecture architecture;
    struct nn_engine *engine;
    struct data_loader *loader; /* of the training set */
    struct task_image_eval eval;
    struct task_part *parts; /* parameters, then running statistics */
    size_t part_count;
    struct optim_group *groups; /* one for each parameter, in their order */
    size_t group_count;
    double label_smoothing; /* of the update under way */
};

/* ---- what the loop calls ---- */

static enum task_status image_seek(void *self, int64_t step,
                                   struct task_error *err)
{
    struct image *const m = self;
    (void)err;
    data_loader_start(m->loader, (uint64_t)(step / m->run.steps_per_epoch),
                      (size_t)(step % m->run.steps_per_epoch));
    return TASK_OK;
}

static enum task_status image_step(void *self, int64_t step, double *loss,
                                   struct task_error *err)
{
    struct image *const m = self;
    const struct data_batch *const b = data_loader_next(m->loader);
    const struct nn_input in = {.images = b->images};
    struct nn_result result = {0};
    const enum nn_status status =
        nn_engine_step(m->engine, &in, b->labels, m->label_smoothing,
                       1.0 / (double)b->n, &result);
    *loss = result.loss / (double)b->n;
    data_loader_release(m->loader);
    if (status == NN_OK) return TASK_OK;
    return task_fail(err, TASK_E_ENGINE, "the network failed at step %lld",
                     (long long)step);
}

static enum task_status image_evaluate(void *self, bool last, double *out,
                                       struct task_error *err)
{
    struct image *const m = self;
    return task_image_eval_run(&m->eval, last && m->settings->tta, &out[0],
                               &out[1], err);
}

static void image_parallel(void *self, size_t n, task_slice_fn *fn,
                           void *context)
{
    struct image *const m = self;
    nn_engine_parallel(m->engine, n, fn, context);
}

/* What the plan drives; and a whitening layer's bias learns in the first epochs
 * only. */
static void image_prepare(void *self, int64_t step, struct task_knobs *knobs)
{
    struct image *const m = self;
    task_hyper_at(&m->run.hyper, step);
    task_hyper_set(&m->run.hyper, knobs);
    m->label_smoothing =
        task_hyper_value(&m->run.hyper, TASK_HYPER_LABEL_SMOOTHING,
                         m->settings->label_smoothing);
    size_t n;
    const struct nn_parameter *const p = nn_engine_parameters(m->engine, &n);
    const double epochs = (double)step / (double)m->run.steps_per_epoch;
    for (size_t i = 0; i < n; i++)
        if (p[i].role == NN_ROLE_WHITEN_BIAS)
            knobs->groups[i].lr_scale =
                epochs < m->settings->whiten_epochs ? 1 : 0;
}

/* ---- settings ---- */

static enum task_status check_model(const char *model, struct task_error *err)
{
    const char *names[16];
    size_t n = 0;
    for (; n < 16 && nn_architecture_name((int)n); n++) {
        names[n] = nn_architecture_name((int)n);
        if (strcmp(names[n], model) == 0) return TASK_OK;
    }
    return task_unknown("network", model, "", names, n, err);
}

/* bf16 on a CPU that would only imitate it is slower than f32 and less exact,
 * so the run goes on in f32 and its files say so. */
static enum task_status settle_precision(struct task_settings *s,
                                         struct task_progress *progress,
                                         struct task_error *err)
{
    if (!s->precision || strcmp(s->precision, "bf16") != 0 || nn_has_bf16())
        return TASK_OK;
    task_progress_note(progress, "note: this CPU has no bf16 instructions: "
                                 "training in f32");
    return task_settings_set(s, task_setting_find("precision"), "f32", false,
                             err);
}

static enum task_status settle(struct image *m, struct task_error *err)
{
    struct task_settings *const s = m->settings;
    if (!m->run.resume && s->plan && s->schedule)
        return task_fail(err, TASK_E_USAGE,
                         "--plan and --schedule exclude each other: the plan's "
                         "lr is the schedule");
    enum task_status status =
        task_settings_default(s, "data", "fashion-mnist", err);
    if (status == TASK_OK)
        status = task_settings_default(s, "model", "cnn", err);
    if (status == TASK_OK) status = check_model(s->model, err);
    if (status == TASK_OK) status = task_recipe_apply(s, err);
    return status;
}

/* ---- data ---- */

static enum task_status data_error(const struct data_error *why,
                                   const char *name, struct task_error *err)
{
    if (why->status != DATA_E_NOT_FOUND)
        return task_fail(err, TASK_E_DATA, "%s", why->message);
    const char *names[16];
    size_t n = 0;
    for (; n < 16 && data_known_name(n); n++)
        names[n] = data_known_name(n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return task_fail(err, TASK_E_DATA, "%s", why->message);
    const char *const near = taper_suggest(name, strlen(name), names, n);
    return task_fail(err, TASK_E_USAGE, "%s%s%s%s", why->message,
                     near ? ": did you mean " : "", near ? near : "",
                     near ? "?" : "");
}

static enum task_status open_data(struct image *m, struct task_error *err)
{
    const struct task_settings *const s = m->settings;
    const int64_t threads = s->threads > 0 ? s->threads : task_cpus();
    struct data_open_options options = {.limit = (size_t)s->limit,
                                        .threads = (size_t)threads};
    struct data_error why;
    if (data_open(s->data, DATA_TRAIN, &options, &m->train, &why) != DATA_OK)
        return data_error(&why, s->data, err);
    options.limit = 0;
    if (data_open(s->data, DATA_TEST, &options, &m->test, &why) != DATA_OK)
        return data_error(&why, s->data, err);
    if (data_set_match(&m->train, &m->test, &why) != DATA_OK)
        return task_fail(err, TASK_E_DATA, "%s", why.message);
    m->statistics = data_set_statistics(&m->train);
    return TASK_OK;
}

static int64_t default_threads(int64_t batch)
{
    const int64_t cpus = task_cpus(), most = batch / SHARE_MIN;
    return most < 1 ? 1 : cpus < most ? cpus : most;
}

/* The batch and the threads that the person did not choose fit the data. */
static enum task_status settle_batch(struct image *m, struct task_error *err)
{
    struct task_settings *const s = m->settings;
    const int64_t count = (int64_t)m->train.count;
    if (s->batch > count) {
        if (task_settings_given(s, "batch"))
            return task_fail(err, TASK_E_USAGE,
                             "--batch %lld is more than the %lld training "
                             "images",
                             (long long)s->batch, (long long)count);
        s->batch = count;
    }
    if (s->threads == 0) s->threads = default_threads(s->batch);
    if (s->threads > s->batch)
        return task_fail(err, TASK_E_USAGE,
                         "--threads %lld is more than the %lld images of a "
                         "batch",
                         (long long)s->threads, (long long)s->batch);
    const size_t side =
        m->train.height < m->train.width ? m->train.height : m->train.width;
    if (s->crop < (int64_t)side) return TASK_OK;
    return task_fail(err, TASK_E_USAGE,
                     "--crop %lld is too much for images of %zu x %zu",
                     (long long)s->crop, m->train.height, m->train.width);
}

static enum data_flip flip_of(const char *name)
{
    if (strcmp(name, "random") == 0) return DATA_FLIP_RANDOM;
    return strcmp(name, "alternating") == 0 ? DATA_FLIP_ALTERNATING
                                            : DATA_FLIP_NONE;
}

static enum task_status make_loaders(struct image *m, struct task_error *err)
{
    const struct task_settings *const s = m->settings;
    const struct data_loader_options options = {.mode = DATA_TRAINING,
                                                .batch = (size_t)s->batch,
                                                .seed = (uint64_t)s->seed,
                                                .statistics = m->statistics,
                                                .flip = flip_of(s->flip),
                                                .padding = (size_t)s->crop,
                                                .pad = strcmp(s->pad,
                                                              "reflect") == 0
                                                           ? DATA_PAD_REFLECT
                                                           : DATA_PAD_ZERO};
    struct data_error why;
    if (data_loader_create(&m->train, &options, &m->loader, &why) != DATA_OK)
        return task_fail(err, TASK_E_DATA, "%s", why.message);
    const enum task_status status =
        task_image_eval_create(&m->eval, m->engine, &m->test, &m->statistics,
                               (size_t)s->batch, err);
    m->eval.progress = m->run.progress;
    return status;
}

/* ---- network ---- */

static enum task_status find_architecture(struct image *m,
                                          struct task_error *err)
{
    char why[160];
    const struct data_set *const t = &m->train;
    if (nn_architecture_find(m->settings->model, (int)t->channels,
                             (int)t->height, (int)t->width, (int)t->classes,
                             &m->architecture, why))
        return TASK_OK;
    return task_fail(err, TASK_E_USAGE, "%s", why);
}

static double uniform(void *context)
{
    return data_random_uniform(context);
}

static bool has_whitening(const struct image *m)
{
    size_t n;
    const struct nn_parameter *const p = nn_engine_parameters(m->engine, &n);
    for (size_t i = 0; i < n; i++)
        if (p[i].start == NN_START_WHITEN) return true;
    return false;
}

/* Whether the weights will come out of a checkpoint. */
static bool has_checkpoint(const struct image *m)
{
    char path[TASK_PATH_SIZE];
    return m->run.resume &&
           task_path(path, m->run.dir.path, TASK_CHECKPOINT_FILE, NULL) ==
               TASK_OK &&
           access(path, F_OK) == 0;
}

static enum task_status whiten(struct image *m, struct task_error *err)
{
    if (!has_whitening(m) || has_checkpoint(m)) return TASK_OK;
    const struct data_set *const t = &m->train;
    const size_t image = t->channels * t->height * t->width;
    size_t n = t->count < WHITEN_IMAGES ? t->count : WHITEN_IMAGES;
    if (n > WHITEN_FLOATS / image) n = WHITEN_FLOATS / image;
    if (n == 0) n = 1;
    struct data_normaliser normaliser;
    data_normaliser_fill(&normaliser, &m->statistics);
    float *const images = malloc(n * image * sizeof *images);
    if (!images)
        return task_fail(err, TASK_E_MEMORY,
                         "out of memory for the whitening layer's %zu images",
                         n);
    for (size_t i = 0; i < n; i++)
        data_augment(&normaliser, t, i, (struct data_view){0}, DATA_PAD_ZERO,
                     images + i * image);
    const enum nn_status status = nn_whiten(m->engine, images, n);
    free(images);
    return status == NN_OK ? TASK_OK
                           : task_fail(err, TASK_E_ENGINE,
                                       "the whitening layer could not be made "
                                       "from the training images");
}

static enum task_status make_engine(struct image *m, struct task_error *err)
{
    const struct task_settings *const s = m->settings;
    const struct nn_options options = {
        .batch = (int)s->batch,
        .threads = (int)s->threads,
        .precision = strcmp(s->precision, "bf16") == 0 ? NN_BF16 : NN_F32};
    if (options.precision == NN_BF16 && !nn_has_bf16())
        return task_fail(err, TASK_E_ENGINE,
                         "the run was begun in bf16, and this CPU has no bf16 "
                         "instructions");
    struct nn_error why;
    if (nn_engine_create(&m->architecture, &options, &m->engine, &why) != NN_OK)
        return task_fail(err, TASK_E_ENGINE, "%s", why.message);
    struct data_random r = data_stream((uint64_t)s->seed, "weights", 0, 0);
    nn_initialise(m->engine, uniform, &r);
    return TASK_OK;
}

static void add_parts(struct image *m, const struct nn_parameter *p, size_t n,
                      float *block)
{
    for (size_t i = 0; i < n; i++) {
        struct task_part *const part = &m->parts[m->part_count++];
        part->values = block + p[i].offset;
        part->tensor = (struct task_tensor){.name = p[i].name,
                                            .dims = p[i].dims,
                                            .data = part->values};
        for (int d = 0; d < p[i].dims; d++)
            part->tensor.dim[d] = p[i].dim[d];
    }
}

/* The rate and the decay of one parameter, by what it is for. */
static struct optim_group make_group(const struct task_settings *s,
                                     const struct nn_parameter *p)
{
    const double decay = s->weight_decay;
    const double rest = s->decay_all ? decay : 0;
    struct optim_group g = {.offset = p->offset,
                            .count = p->count,
                            .lr_scale = 1,
                            .weight_decay = rest};
    switch (p->role) {
    case NN_ROLE_WEIGHT:
    case NN_ROLE_WHITEN_BIAS:
        g.weight_decay = decay;
        break;
    case NN_ROLE_WHITEN:
        g.lr_scale = 0;
        break;
    case NN_ROLE_SHIFT:
        /* A higher rate is for the gradient, not for the decay. */
        g.lr_scale = s->shift_rate;
        if (s->shift_rate > 0) g.weight_decay = rest / s->shift_rate;
        break;
    case NN_ROLE_BIAS:
    case NN_ROLE_SCALE:
    case NN_ROLE_EMBEDDING:
        break;
    }
    return g;
}

static enum task_status make_tables(struct image *m, struct task_error *err)
{
    size_t parameters, buffers;
    const struct nn_parameter *const p =
        nn_engine_parameters(m->engine, &parameters);
    const struct nn_parameter *const b =
        nn_engine_buffer_table(m->engine, &buffers);
    m->parts = calloc(parameters + buffers + 1, sizeof *m->parts);
    m->groups = calloc(parameters + 1, sizeof *m->groups);
    if (!m->parts || !m->groups)
        return task_fail(err, TASK_E_MEMORY, "out of memory");
    add_parts(m, p, parameters, nn_engine_weights(m->engine));
    add_parts(m, b, buffers, nn_engine_buffers(m->engine));
    for (size_t i = 0; i < parameters; i++)
        m->groups[i] = make_group(m->settings, &p[i]);
    m->group_count = parameters;
    return TASK_OK;
}

/* The name of the last dense layer, which its parameters begin with. */
static const char *last_dense(const struct nn_architecture *a)
{
    for (int i = a->count; i-- > 0;)
        if (a->layer[i].op == NN_DENSE) return a->layer[i].name;
    return "";
}

/* What a plan calls a parameter. The head is what is behind the last pictures:
 * the matrix of the last dense layer, and its bias. */
static struct task_member make_member(const struct image *m,
                                      const struct nn_parameter *p)
{
    static const char *const names[] = {
        [NN_ROLE_WEIGHT] = "weight", [NN_ROLE_BIAS] = "bias",
        [NN_ROLE_SCALE] = "norm",    [NN_ROLE_SHIFT] = "norm",
        [NN_ROLE_WHITEN] = NULL,     [NN_ROLE_WHITEN_BIAS] = "whiten",
        [NN_ROLE_EMBEDDING] = NULL};
    const struct task_settings *const s = m->settings;
    const char *const dense = last_dense(&m->architecture);
    const size_t n = strlen(dense);
    const bool head = n && strncmp(p->name, dense, n) == 0 && p->name[n] == '.';
    struct task_member member = {.groups = {head ? "head" : names[p->role],
                                            head ? names[p->role] : NULL},
                                 .decays = s->decay_all ||
                                           p->role == NN_ROLE_WEIGHT ||
                                           p->role == NN_ROLE_WHITEN_BIAS,
                                 .decay_over = 1};
    /* As in make_group. */
    if (p->role == NN_ROLE_SHIFT && s->shift_rate > 0)
        member.decay_over = s->shift_rate;
    return member;
}

static enum task_status bind_plan(struct image *m, struct task_error *err)
{
    size_t n;
    const struct nn_parameter *const p = nn_engine_parameters(m->engine, &n);
    struct task_member *const members = calloc(n + 1, sizeof *members);
    if (!members) return task_fail(err, TASK_E_MEMORY, "out of memory");
    for (size_t i = 0; i < n; i++)
        members[i] = make_member(m, &p[i]);
    const enum task_status status =
        task_hyper_bind(&m->run.hyper, m->settings->model, members, n, err);
    free(members);
    return status;
}

/* ---- records ---- */

/* "[0.28, 0.35]": one number a channel. */
static cJSON *channel_array(const double *values, size_t n)
{
    return cJSON_CreateDoubleArray(values, (int)n);
}

static cJSON *describe_data(const struct image *m)
{
    const struct data_set *const t = &m->train;
    const int shape[] = {(int)t->channels, (int)t->height, (int)t->width};
    char fingerprint[40];
    (void)snprintf(fingerprint, sizeof fingerprint, "%016llx-%016llx",
                   (unsigned long long)t->fingerprint,
                   (unsigned long long)m->test.fingerprint);
    cJSON *const o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "name", m->settings->data);
    cJSON_AddStringToObject(o, "folder", t->source);
    cJSON_AddStringToObject(o, "layout", t->layout);
    cJSON_AddNumberToObject(o, "train", (double)t->count);
    cJSON_AddNumberToObject(o, "test", (double)m->test.count);
    cJSON_AddItemToObject(o, "shape", cJSON_CreateIntArray(shape, 3));
    cJSON_AddNumberToObject(o, "classes", (double)t->classes);
    cJSON_AddItemToObject(o, "mean",
                          channel_array(m->statistics.mean, t->channels));
    cJSON_AddItemToObject(o, "deviation",
                          channel_array(m->statistics.deviation, t->channels));
    cJSON_AddStringToObject(o, "fingerprint", fingerprint);
    return o;
}

/* Without the padding between two parameters of the block. */
static size_t count_parameters(const struct nn_engine *engine)
{
    size_t n, sum = 0;
    const struct nn_parameter *const p = nn_engine_parameters(engine, &n);
    for (size_t i = 0; i < n; i++)
        sum += p[i].count;
    return sum;
}

static cJSON *describe_model(const struct image *m)
{
    char version[32];
    nn_device_version(version, sizeof version);
    cJSON *const o = cJSON_CreateObject();
    cJSON_AddNumberToObject(o, "parameters",
                            (double)count_parameters(m->engine));
    cJSON_AddNumberToObject(o, "memory_per_thread",
                            (double)nn_engine_memory(m->engine));
    cJSON *const software = cJSON_AddObjectToObject(o, "software");
    cJSON_AddStringToObject(software, "taper", taper_version());
    cJSON_AddStringToObject(software, "onednn", version);
    cJSON_AddStringToObject(software, "kernels", nn_kernels_best()->name);
    return o;
}

/* ---- the run ---- */

/* With the largest value of everything that a plan drives: what can be trained
 * with that, and has memory for it, can be with all of them. */
static struct task_plan make_plan(struct image *m)
{
    const struct task_settings *const s = m->settings;
    struct task_plan plan = {.rule = optim_rule_find(s->optimizer),
                             .knobs = {.groups = m->groups,
                                       .group_count = m->group_count,
                                       .clip = s->clip}};
    struct optim_options *const options = &plan.knobs.options;
    *options = plan.rule->defaults;
    options->momentum = s->momentum;
    task_hyper_largest(&m->run.hyper);
    task_hyper_set(&m->run.hyper, &plan.knobs);
    options->nesterov = s->nesterov && options->momentum > 0;
    return plan;
}

/* Before the run has a folder, so that a refusal leaves none behind. */
static enum task_status check_plan(struct image *m, struct task_error *err)
{
    const struct task_plan plan = make_plan(m);
    const char *const wrong =
        optim_setup_error(plan.rule, &plan.knobs.options, plan.knobs.groups,
                          plan.knobs.group_count, nn_engine_size(m->engine));
    return wrong ? task_fail(err, TASK_E_USAGE, "%s", wrong) : TASK_OK;
}

static enum task_status train(struct image *m, cJSON **summary,
                              struct task_error *err)
{
    const struct task_settings *const s = m->settings;
    const struct task_job job = {.self = m,
                                 .size = nn_engine_size(m->engine),
                                 .weights = nn_engine_weights(m->engine),
                                 .gradients = nn_engine_gradients(m->engine),
                                 .buffer_size =
                                     nn_engine_buffer_size(m->engine),
                                 .buffers = nn_engine_buffers(m->engine),
                                 .parts = m->parts,
                                 .part_count = m->part_count,
                                 .scores = scores,
                                 .score_count =
                                     sizeof scores / sizeof scores[0],
                                 .steps = m->run.steps,
                                 .steps_per_epoch = m->run.steps_per_epoch,
                                 .seek = image_seek,
                                 .step = image_step,
                                 .evaluate = image_evaluate,
                                 .parallel = image_parallel,
                                 .prepare = image_prepare};
    const struct task_plan plan = make_plan(m);
    cJSON *const data = describe_data(m);
    char *const text = data ? cJSON_PrintUnformatted(data) : NULL;
    cJSON_Delete(data);
    if (!text) return task_fail(err, TASK_E_MEMORY, "out of memory");
    /* Lets another program use the network: what it is and how its input is
     * normalised. */
    const struct task_pair metadata[] = {{"format", "pt"},
                                         {"model", s->model},
                                         {"data", text}};
    const enum task_status status =
        task_run_train(&m->run, &job, &plan, metadata,
                       sizeof metadata / sizeof metadata[0], summary, err);
    cJSON_free(text);
    return status;
}

/* Of all facts of a run only tokens are missing here, and the general message
 * asks for a number that nobody can give. */
static enum task_status set_schedule(struct image *m, struct task_error *err)
{
    const enum task_status status =
        task_run_schedule(&m->run, (int64_t)m->train.count / m->settings->batch,
                          (double)m->settings->batch, 0, err);
    if (status == TASK_OK || !err || err->schedule.code != TAPER_E_RUN)
        return status;
    const taper_error where = err->schedule;
    const struct task_settings *const s = m->settings;
    (void)task_fail(err, status,
                    "--%s '%.300s', at character %zu: images have no tokens "
                    "(tok): give the length in ep, %% or smp",
                    s->plan ? "plan" : "schedule",
                    s->plan ? s->plan : s->schedule, where.position + 1);
    err->schedule = where;
    (void)snprintf(err->schedule.message, sizeof err->schedule.message,
                   "images have no tokens (tok): give the length in ep, %% or "
                   "smp");
    return status;
}

static enum task_status prepare(struct image *m, struct task_error *err)
{
    enum task_status status = open_data(m, err);
    if (status == TASK_OK) status = settle_batch(m, err);
    if (status == TASK_OK) status = find_architecture(m, err);
    if (status == TASK_OK) status = set_schedule(m, err);
    if (status == TASK_OK)
        status = task_run_control(&m->run, scores,
                                  sizeof scores / sizeof scores[0], err);
    if (status == TASK_OK) status = make_engine(m, err);
    if (status == TASK_OK) status = make_loaders(m, err);
    if (status == TASK_OK) status = make_tables(m, err);
    if (status == TASK_OK) status = bind_plan(m, err);
    if (status == TASK_OK) status = check_plan(m, err);
    if (status == TASK_OK) status = whiten(m, err);
    if (status == TASK_OK)
        status =
            task_run_record(&m->run, describe_data(m), describe_model(m), err);
    return status;
}

static void release(struct image *m)
{
    task_image_eval_free(&m->eval);
    data_loader_destroy(m->loader);
    nn_engine_destroy(m->engine);
    free(m->parts);
    free(m->groups);
    data_set_free(&m->train);
    data_set_free(&m->test);
    task_run_close(&m->run);
    free(m);
}

enum task_status task_image_train(struct task_settings *settings, bool resume,
                                  struct task_progress *progress,
                                  char path[TASK_PATH_SIZE], cJSON **summary,
                                  struct task_error *err)
{
    path[0] = '\0';
    *summary = NULL;
    struct image *const m = calloc(1, sizeof *m);
    if (!m) return task_fail(err, TASK_E_MEMORY, "out of memory");
    m->settings = settings;
    progress->score = "test accuracy";
    enum task_status status = settle_precision(settings, progress, err);
    if (status == TASK_OK)
        status =
            task_run_open(&m->run, "image", settings, resume, progress, err);
    if (status == TASK_OK && m->run.finished) {
        *summary = cJSON_Duplicate(m->run.dir.summary, true);
        (void)snprintf(path, TASK_PATH_SIZE, "%s", m->run.dir.path);
        release(m);
        return TASK_OK;
    }
    if (status == TASK_OK) status = settle(m, err);
    if (status == TASK_OK) status = prepare(m, err);
    if (status == TASK_OK)
        (void)snprintf(path, TASK_PATH_SIZE, "%s", m->run.dir.path);
    if (status == TASK_OK) status = train(m, summary, err);
    release(m);
    return status;
}
