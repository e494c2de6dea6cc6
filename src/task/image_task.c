/* The image trainer: data, network and groups, handed to the common loop. */
#include "data/augment.h"
#include "data/loader.h"
#include "data/random.h"
#include "nn/engine.h"
#include "nn/matmul.h"
#include "task/data_error.h"
#include "task/image_eval.h"
#include "task/model.h"
#include "task/recipe.h"
#include "task/trainer.h"

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
enum { SCORES = sizeof scores / sizeof scores[0] };

struct image {
    struct task_settings *settings;
    struct task_run *run;
    struct data_set train, test;
    struct data_statistics statistics; /* of the training set */
    struct nn_architecture architecture;
    struct nn_engine *engine;
    struct data_loader *loader; /* of the training set */
    struct task_image_eval eval;
    struct task_model model;
    double label_smoothing; /* of the update under way */
};

/* ---- what the loop calls ---- */

static enum task_status image_seek(void *self, int64_t step,
                                   struct task_error *err)
{
    struct image *const m = self;
    (void)err;
    data_loader_start(m->loader, (uint64_t)(step / m->run->steps_per_epoch),
                      (size_t)(step % m->run->steps_per_epoch));
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

static bool image_product(const struct optim_product *p)
{
    return nn_multiply(p->m, p->n, p->k, p->alpha, p->a, p->a_turned, p->b,
                       p->b_turned, p->beta, p->c) == NN_OK;
}

/* What the plan drives; and a whitening layer's bias learns in the first epochs
 * only. */
static void image_prepare(void *self, int64_t step, struct task_knobs *knobs)
{
    struct image *const m = self;
    task_hyper_at(&m->run->hyper, step);
    task_hyper_set(&m->run->hyper, knobs);
    m->label_smoothing =
        task_hyper_value(&m->run->hyper, TASK_HYPER_LABEL_SMOOTHING,
                         m->settings->label_smoothing);
    size_t n;
    const struct nn_parameter *const p = nn_engine_parameters(m->engine, &n);
    const double epochs = (double)step / (double)m->run->steps_per_epoch;
    for (size_t i = 0; i < n; i++)
        if (p[i].role == NN_ROLE_WHITEN_BIAS &&
            epochs >= m->settings->whiten_epochs)
            knobs->groups[i].lr_scale = 0;
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

static enum task_status settle(struct task_settings *s, struct task_error *err)
{
    enum task_status status =
        task_settings_default(s, "data", "fashion-mnist", err);
    if (status == TASK_OK)
        status = task_settings_default(s, "model", "cnn", err);
    if (status == TASK_OK) status = check_model(s->model, err);
    if (status == TASK_OK)
        status = task_recipe_apply(s, TASK_FOR_IMAGE, s->model, err);
    return status;
}

/* ---- data ---- */

static enum task_status open_data(struct image *m, struct task_error *err)
{
    const struct task_settings *const s = m->settings;
    const int64_t threads = s->threads > 0 ? s->threads : task_cpus();
    struct data_open_options options = {.limit = (size_t)s->limit,
                                        .threads = (size_t)threads};
    struct data_error why;
    if (data_open(s->data, DATA_TRAIN, &options, &m->train, &why) != DATA_OK)
        return task_data_error(&why, s->data, data_known_name, err);
    options.limit = 0;
    if (data_open(s->data, DATA_TEST, &options, &m->test, &why) != DATA_OK)
        return task_data_error(&why, s->data, data_known_name, err);
    if (data_set_match(&m->train, &m->test, &why) != DATA_OK)
        return task_fail(err, TASK_E_DATA, "%s", why.message);
    m->statistics = data_set_statistics(&m->train);
    return TASK_OK;
}

static enum task_status settle_batch(struct image *m, struct task_error *err)
{
    const struct task_settings *const s = m->settings;
    const enum task_status status =
        task_settle_batch(m->settings, (int64_t)m->train.count, "images",
                          SHARE_MIN, err);
    if (status != TASK_OK) return status;
    const size_t side =
        m->train.height < m->train.width ? m->train.height : m->train.width;
    const bool crops = s->crop >= (int64_t)side;
    if (!crops && s->cutout <= (int64_t)side) return TASK_OK;
    return task_fail(err, TASK_E_USAGE,
                     "--%s %lld is too much for images of %zu x %zu",
                     crops ? "crop" : "cutout",
                     (long long)(crops ? s->crop : s->cutout), m->train.height,
                     m->train.width);
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
                                                .cutout = (size_t)s->cutout,
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
    m->eval.progress = m->run->progress;
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
    return m->run->resume &&
           task_path(path, m->run->dir.path, TASK_CHECKPOINT_FILE, NULL) ==
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
    struct nn_options options;
    struct nn_error why;
    const enum task_status status =
        task_engine_options(m->settings, &options, err);
    if (status != TASK_OK) return status;
    if (nn_engine_create(&m->architecture, &options, &m->engine, &why) != NN_OK)
        return task_fail(err, TASK_E_ENGINE, "%s", why.message);
    task_engine_initialise(m->engine, m->settings);
    m->model = task_model_of_engine(m->engine);
    return task_model_prepare(&m->model, m->settings, err);
}

/* The name of the last dense layer, which its parameters begin with. */
static const char *last_dense(const struct nn_architecture *a)
{
    for (int i = a->count; i-- > 0;)
        if (a->layer[i].op == NN_DENSE) return a->layer[i].name;
    return "";
}

/* What is behind the last pictures: the matrix of the last dense layer, and its
 * bias. */
static const char *group_of(const void *self, const struct nn_parameter *p)
{
    const struct image *const m = self;
    const char *const dense = last_dense(&m->architecture);
    const size_t n = strlen(dense);
    return n && strncmp(p->name, dense, n) == 0 && p->name[n] == '.' ? "head"
                                                                     : NULL;
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

/* ---- the run ---- */

static enum task_status train(void *self, cJSON **summary,
                              struct task_error *err)
{
    struct image *const m = self;
    struct task_job job = {.self = m,
                           .columns = {.scores = scores, .score_count = SCORES},
                           .seek = image_seek,
                           .step = image_step,
                           .evaluate = image_evaluate,
                           .parallel = image_parallel,
                           .product = image_product,
                           .prepare = image_prepare};
    task_model_job(&m->model, m->run, &job);
    const struct task_plan plan =
        task_model_plan(&m->model, m->settings, &m->run->hyper);
    cJSON *const data = describe_data(m);
    char *const text = data ? cJSON_PrintUnformatted(data) : NULL;
    cJSON_Delete(data);
    if (!text) return task_fail(err, TASK_E_MEMORY, "out of memory");
    /* Lets another program use the network: what it is and how its input is
     * normalised. */
    const struct task_pair metadata[] = {{"format", "pt"},
                                         {"model", m->settings->model},
                                         {"data", text}};
    const struct task_extras extras = {.metadata = metadata,
                                       .pairs = sizeof metadata /
                                                sizeof metadata[0]};
    const enum task_status status =
        task_run_train(m->run, &job, &plan, &extras, summary, err);
    cJSON_free(text);
    return status;
}

static enum task_status set_schedule(struct image *m, struct task_error *err)
{
    const struct task_settings *const s = m->settings;
    struct task_length length = {.steps_per_epoch =
                                     (int64_t)m->train.count / s->batch,
                                 .samples = (double)s->batch};
    enum task_status status =
        task_run_steps(s->epochs, length.steps_per_epoch, &length.steps, err);
    return status == TASK_OK
               ? task_run_schedule(m->run, &length, scores, SCORES, err)
               : status;
}

static enum task_status prepare(void *self, struct task_run *run,
                                struct task_error *err)
{
    struct image *const m = self;
    m->run = run;
    m->settings = run->settings;
    enum task_status status = open_data(m, err);
    if (status == TASK_OK) status = settle_batch(m, err);
    if (status == TASK_OK) status = find_architecture(m, err);
    if (status == TASK_OK) status = set_schedule(m, err);
    if (status == TASK_OK) status = make_engine(m, err);
    if (status == TASK_OK) status = make_loaders(m, err);
    if (status == TASK_OK)
        status = task_model_bind(&m->model, run, group_of, m, err);
    if (status == TASK_OK) status = whiten(m, err);
    if (status == TASK_OK)
        status =
            task_run_record(run, describe_data(m),
                            task_model_describe(&m->model,
                                                nn_engine_memory(m->engine)),
                            err);
    return status;
}

static void release(void *self)
{
    struct image *const m = self;
    task_image_eval_free(&m->eval);
    data_loader_destroy(m->loader);
    task_model_free(&m->model);
    nn_engine_destroy(m->engine);
    data_set_free(&m->train);
    data_set_free(&m->test);
}

const struct task_trainer task_image = {
    .name = "image",
    .about = "image classification by a convolutional network",
    .bit = TASK_FOR_IMAGE,
    .score = "test_accuracy",
    .size = sizeof(struct image),
    .settle = settle,
    .prepare = prepare,
    .train = train,
    .release = release,
};
