/* The text trainer: texts, tokens and an encoder, handed to the common loop.
 *
 * The tokenizer is made from the training texts and kept in the run's folder:
 * whoever uses the model needs it, and a resumed run reads it back. */
#include "data/random.h"
#include "data/texts.h"
#include "data/token_batches.h"
#include "data/tokenizer.h"
#include "nn/encoder.h"
#include "task/data_error.h"
#include "task/model.h"
#include "task/recipe.h"
#include "task/text_eval.h"
#include "task/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Texts a batch must have for each thread before taper takes one more by
 * itself: fewer leave products too small to be worth a meeting. */
enum { SHARE_MIN = 8 };

/* Classes whose largest has this many times the texts of the smallest are worth
 * a note: accuracy alone then says little. */
#define UNEVEN 2.0

static const char *const scores[] = {"test_accuracy", "test_macro_f1",
                                     "test_loss"};
enum { SCORES = sizeof scores / sizeof scores[0] };

struct text {
    struct task_settings *settings;
    struct task_run *run;
    struct data_texts train_texts, test_texts;
    struct data_tokenizer *tokenizer;
    struct data_tokens train, test;
    struct data_token_batches *batches; /* of the training set */
    struct data_token_usage usage;
    struct nn_encoder encoder;
    int lengths[NN_ENCODER_LENGTHS]; /* [length_count] that rows may have */
    size_t length_count;
    struct nn_engine *engine;
    struct task_text_eval eval;
    struct task_model model;
    int32_t *masked;        /* tokens of a batch, some of them dropped */
    double label_smoothing; /* of the update under way */
};

/* ---- what the loop calls ---- */

static enum task_status text_seek(void *self, int64_t step,
                                  struct task_error *err)
{
    (void)self;
    (void)step;
    (void)err;
    return TASK_OK; /* any batch can be had at any time */
}

/* The tokens of a batch with some read as unknown, so that the network does not
 * learn single words by heart. The class token stays. */
static const int32_t *drop_tokens(struct text *m, int64_t step,
                                  const struct data_token_batch *b)
{
    const double share = m->settings->token_dropout;
    if (!(share > 0)) return b->tokens;
    struct data_random r = data_stream((uint64_t)m->settings->seed,
                                       "token dropout", (uint64_t)step, 0);
    memcpy(m->masked, b->tokens, b->n * b->length * sizeof *m->masked);
    for (size_t i = 0; i < b->n; i++)
        for (int32_t k = 1; k < b->lengths[i]; k++)
            if (data_random_uniform(&r) < share)
                m->masked[i * b->length + (size_t)k] = DATA_TOKEN_UNKNOWN;
    return m->masked;
}

static enum task_status text_step(void *self, int64_t step, double *loss,
                                  struct task_error *err)
{
    struct text *const m = self;
    const int64_t epoch = step / m->run->steps_per_epoch;
    const struct data_token_batch *const b =
        data_token_batches_get(m->batches, (uint64_t)epoch,
                               (size_t)(step % m->run->steps_per_epoch));
    struct data_random r =
        data_stream((uint64_t)m->settings->seed, "dropout", (uint64_t)step, 0);
    struct nn_input in = {.tokens = drop_tokens(m, step, b),
                          .lengths = b->lengths,
                          .length = b->length};
    in.noise[0] = data_random_u64(&r);
    in.noise[1] = data_random_u64(&r);
    struct nn_result result = {0};
    const enum nn_status status =
        nn_engine_step(m->engine, &in, b->labels, m->label_smoothing,
                       1.0 / (double)b->n, &result);
    *loss = result.loss / (double)b->n;
    if (status == NN_OK) return TASK_OK;
    return task_fail(err, TASK_E_ENGINE, "the network failed at step %lld",
                     (long long)step);
}

static enum task_status text_evaluate(void *self, bool last, double *out,
                                      struct task_error *err)
{
    struct text *const m = self;
    (void)last;
    const enum task_status status = task_text_eval_run(&m->eval, err);
    if (status != TASK_OK) return status;
    out[0] = task_scores_accuracy(&m->eval.scores);
    out[1] = task_scores_macro_f1(&m->eval.scores);
    out[2] = task_scores_loss(&m->eval.scores);
    return TASK_OK;
}

static void text_parallel(void *self, size_t n, task_slice_fn *fn,
                          void *context)
{
    struct text *const m = self;
    nn_engine_parallel(m->engine, n, fn, context);
}

static void text_prepare(void *self, int64_t step, struct task_knobs *knobs)
{
    struct text *const m = self;
    task_hyper_at(&m->run->hyper, step);
    task_hyper_set(&m->run->hyper, knobs);
    m->label_smoothing =
        task_hyper_value(&m->run->hyper, TASK_HYPER_LABEL_SMOOTHING,
                         m->settings->label_smoothing);
}

/* ---- settings ---- */

static enum task_status check_model(const char *model, struct task_error *err)
{
    static const char *const names[] = {"small", "medium", "large"};
    enum { NAMES = sizeof names / sizeof names[0] };
    for (size_t i = 0; i < NAMES; i++)
        if (strcmp(names[i], model) == 0) return TASK_OK;
    return task_unknown("network", model, "", names, NAMES, err);
}

static enum task_status check_heads(const struct task_settings *s,
                                    struct task_error *err)
{
    if (s->dim % s->heads == 0) return TASK_OK;
    return task_fail(err, TASK_E_USAGE,
                     "--heads %lld does not divide --dim %lld: each head has "
                     "the same share of the width",
                     (long long)s->heads, (long long)s->dim);
}

static enum task_status settle(struct task_settings *s, struct task_error *err)
{
    enum task_status status = task_settings_default(s, "data", "spam", err);
    if (status == TASK_OK)
        status = task_settings_default(s, "model", "small", err);
    if (status == TASK_OK) status = check_model(s->model, err);
    if (status == TASK_OK)
        status = task_recipe_apply(s, TASK_FOR_TEXT, s->model, err);
    return status == TASK_OK ? check_heads(s, err) : status;
}

/* ---- data ---- */

/* Says when accuracy alone would mislead. */
static void note_classes(const struct text *m, const size_t *counts)
{
    const struct data_texts *const t = &m->train_texts;
    size_t most = 0, least = 0;
    for (size_t c = 1; c < t->classes; c++) {
        if (counts[c] > counts[most]) most = c;
        if (counts[c] < counts[least]) least = c;
    }
    if ((double)counts[most] < UNEVEN * (double)counts[least]) return;
    const double whole = (double)t->count;
    task_progress_note(m->run->progress,
                       "note: the classes are uneven: '%.40s' has %.1f %% of "
                       "the training texts, '%.40s' %.1f %%; test_macro_f1 "
                       "counts every class alike",
                       t->class_names[most], 100 * (double)counts[most] / whole,
                       t->class_names[least],
                       100 * (double)counts[least] / whole);
}

/* Training texts of each class, in memory that the caller frees. */
static size_t *count_classes(const struct data_texts *t)
{
    size_t *const counts = calloc(t->classes, sizeof *counts);
    for (size_t i = 0; counts && i < t->count; i++)
        counts[t->labels[i]]++;
    return counts;
}

static enum task_status open_texts(struct text *m, struct task_error *err)
{
    const struct task_settings *const s = m->settings;
    const struct data_texts_options options = {.limit = (size_t)s->limit};
    struct data_error why;
    if (data_texts_open(s->data, &options, &m->train_texts, &m->test_texts,
                        &why) != DATA_OK)
        return task_data_error(&why, s->data, data_texts_known_name, err);
    size_t *const counts = count_classes(&m->train_texts);
    if (!counts) return task_fail(err, TASK_E_MEMORY, "out of memory");
    note_classes(m, counts);
    free(counts);
    return TASK_OK;
}

/* ---- tokens ---- */

static enum task_status train_tokenizer(struct text *m, struct task_error *err)
{
    const struct task_settings *const s = m->settings;
    const bool words = strcmp(s->tokenizer, "words") == 0;
    const struct data_tokenizer_options options = {
        .kind = words ? DATA_TOKENIZER_WORDS : DATA_TOKENIZER_BPE,
        .size = (size_t)s->vocabulary,
        .min_count = (size_t)s->min_count,
        .keep_case = s->keep_case};
    struct data_error why;
    if (data_tokenizer_train(&m->train_texts, &options, &m->tokenizer, &why) !=
        DATA_OK)
        return task_fail(err, TASK_E_DATA, "%s", why.message);
    return TASK_OK;
}

/* That of a resumed run; there is none if the run was killed as it began. */
static enum task_status read_tokenizer(struct text *m, struct task_error *err)
{
    char path[TASK_PATH_SIZE], *bytes;
    size_t size;
    if (!m->run->resume) return TASK_OK;
    enum task_status status =
        task_path(path, m->run->dir.path, TASK_TOKENIZER_FILE, err);
    if (status != TASK_OK || access(path, F_OK) != 0) return status;
    status = task_file_read(path, (size_t)1 << 30, &bytes, &size, err);
    if (status != TASK_OK) return status;
    struct data_error why;
    if (data_tokenizer_read(bytes, size, path, &m->tokenizer, &why) != DATA_OK)
        status = task_fail(err, TASK_E_FORMAT, "%s", why.message);
    free(bytes);
    return status;
}

static enum task_status write_tokenizer(struct text *m, struct task_error *err)
{
    char path[TASK_PATH_SIZE];
    struct data_buffer text = {0};
    struct data_error why;
    enum task_status status =
        task_path(path, m->run->dir.path, TASK_TOKENIZER_FILE, err);
    if (status != TASK_OK || access(path, F_OK) == 0) return status;
    if (data_tokenizer_write(m->tokenizer, &text, &why) != DATA_OK)
        status = task_fail(err, TASK_E_MEMORY, "%s", why.message);
    else
        status = task_file_replace(path, text.bytes, text.size, err);
    data_buffer_free(&text);
    return status;
}

static enum task_status make_tokens(struct text *m, struct task_error *err)
{
    enum task_status status = read_tokenizer(m, err);
    if (status == TASK_OK && !m->tokenizer) status = train_tokenizer(m, err);
    if (status != TASK_OK) return status;
    const size_t length = (size_t)m->settings->length;
    struct data_error why;
    if (data_tokens_create(&m->train_texts, m->tokenizer, length, &m->train,
                           &why) != DATA_OK ||
        data_tokens_create(&m->test_texts, m->tokenizer, length, &m->test,
                           &why) != DATA_OK)
        return task_fail(err, TASK_E_DATA, "%s", why.message);
    return TASK_OK;
}

/* ---- batches ---- */

static enum task_status make_batches(struct text *m, struct task_error *err)
{
    const size_t longest =
        m->train.longest > m->test.longest ? m->train.longest : m->test.longest;
    m->length_count = nn_encoder_lengths((int)longest, m->lengths);
    const struct data_token_batch_options options = {
        .mode = DATA_TRAINING,
        .batch = (size_t)m->settings->batch,
        .seed = (uint64_t)m->settings->seed,
        .lengths = m->lengths,
        .length_count = m->length_count};
    struct data_error why;
    if (data_token_batches_create(&m->train, &options, &m->batches, &why) !=
        DATA_OK)
        return task_fail(err, TASK_E_DATA, "%s", why.message);
    m->usage = data_token_batches_usage(m->batches);
    const size_t row = (size_t)m->lengths[m->length_count - 1];
    m->masked = malloc(options.batch * row * sizeof *m->masked);
    return m->masked ? TASK_OK : task_fail(err, TASK_E_MEMORY, "out of memory");
}

static enum task_status set_schedule(struct text *m, struct task_error *err)
{
    const struct task_settings *const s = m->settings;
    struct task_length length = {.steps_per_epoch =
                                     (int64_t)data_token_batches_count(
                                         m->batches),
                                 .samples = (double)s->batch,
                                 .tokens = m->usage.real};
    enum task_status status =
        task_run_steps(s->epochs, length.steps_per_epoch, &length.steps, err);
    return status == TASK_OK
               ? task_run_schedule(m->run, &length, scores, SCORES, err)
               : status;
}

/* ---- network ---- */

static enum task_status make_engine(struct text *m, struct task_error *err)
{
    const struct task_settings *const s = m->settings;
    m->encoder = (struct nn_encoder){.vocabulary =
                                         (int)data_tokenizer_size(m->tokenizer),
                                     .length = m->lengths[m->length_count - 1],
                                     .dim = (int)s->dim,
                                     .layers = (int)s->layers,
                                     .heads = (int)s->heads,
                                     .feed = 4 * (int)s->dim,
                                     .classes = (int)m->train.classes,
                                     .pooling = strcmp(s->pooling, "first") == 0
                                                    ? NN_POOL_FIRST
                                                    : NN_POOL_MEAN,
                                     .dropout = s->dropout};
    struct nn_options options;
    struct nn_error why;
    const enum task_status status = task_engine_options(s, &options, err);
    if (status != TASK_OK) return status;
    if (nn_encoder_create(&m->encoder, &options, &m->engine, &why) != NN_OK)
        return task_fail(err,
                         why.code == NN_E_ARGUMENT ? TASK_E_USAGE
                                                   : TASK_E_ENGINE,
                         "%s", why.message);
    task_engine_initialise(m->engine, s);
    m->model = task_model_of_engine(m->engine);
    return task_model_prepare(&m->model, s, err);
}

static enum task_status make_eval(struct text *m, struct task_error *err)
{
    const enum task_status status =
        task_text_eval_create(&m->eval, m->engine, &m->test,
                              (size_t)m->settings->batch, m->lengths,
                              m->length_count, err);
    m->eval.progress = m->run->progress;
    return status;
}

/* The classifier behind the encoder. */
static const char *group_of(const void *self, const struct nn_parameter *p)
{
    (void)self;
    return strncmp(p->name, "head.", 5) == 0 ? "head" : NULL;
}

/* ---- records ---- */

/* {"ham": 3319, "spam": 1517}: training texts of each class. */
static cJSON *describe_classes(const struct data_texts *t)
{
    size_t *const counts = count_classes(t);
    cJSON *const o = counts ? cJSON_CreateObject() : NULL;
    for (size_t c = 0; o && c < t->classes; c++)
        cJSON_AddNumberToObject(o, t->class_names[c], (double)counts[c]);
    free(counts);
    return o;
}

static cJSON *describe_data(const struct text *m)
{
    const struct data_texts *const t = &m->train_texts;
    char fingerprint[80];
    (void)snprintf(fingerprint, sizeof fingerprint, "%016llx-%016llx-%016llx",
                   (unsigned long long)t->fingerprint,
                   (unsigned long long)m->test_texts.fingerprint,
                   (unsigned long long)data_tokenizer_fingerprint(
                       m->tokenizer));
    cJSON *const o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "name", m->settings->data);
    cJSON_AddStringToObject(o, "folder", t->source);
    cJSON_AddStringToObject(o, "layout", t->layout);
    cJSON_AddNumberToObject(o, "train", (double)t->count);
    cJSON_AddNumberToObject(o, "test", (double)m->test_texts.count);
    cJSON_AddItemToObject(o, "classes", describe_classes(t));
    cJSON_AddNumberToObject(o, "vocabulary",
                            (double)data_tokenizer_size(m->tokenizer));
    cJSON_AddNumberToObject(o, "longest", (double)m->train.longest);
    cJSON_AddNumberToObject(o, "cut", (double)m->train.cut);
    cJSON_AddNumberToObject(o, "tokens_per_step", m->usage.real);
    cJSON_AddNumberToObject(o, "padded_tokens_per_step", m->usage.padded);
    cJSON_AddStringToObject(o, "fingerprint", fingerprint);
    return o;
}

/* ---- the run ---- */

static void summarise(void *self, cJSON *summary)
{
    const struct text *const m = self;
    const cJSON *const rate =
        cJSON_GetObjectItemCaseSensitive(summary, "samples_per_second");
    if (cJSON_IsNumber(rate))
        cJSON_AddNumberToObject(summary, "tokens_per_second",
                                rate->valuedouble * m->usage.real /
                                    (double)m->settings->batch);
    cJSON_AddStringToObject(summary, "tokenizer", m->settings->tokenizer);
}

static enum task_status train(void *self, cJSON **summary,
                              struct task_error *err)
{
    struct text *const m = self;
    struct task_job job = {.self = m,
                           .columns = {.scores = scores, .score_count = SCORES},
                           .seek = text_seek,
                           .step = text_step,
                           .evaluate = text_evaluate,
                           .parallel = text_parallel,
                           .prepare = text_prepare};
    task_model_job(&m->model, m->run, &job);
    const struct task_plan plan =
        task_model_plan(&m->model, m->settings, &m->run->hyper);
    /* With the tokenizer's file, all that another program needs to use the
     * network: the other sizes are those of its tensors. */
    char heads[TAPER_NUMBER_SIZE];
    (void)taper_format_number((double)m->settings->heads, heads);
    const struct task_pair metadata[] = {{"format", "pt"},
                                         {"model", m->settings->model},
                                         {"heads", heads},
                                         {"pooling", m->settings->pooling}};
    const struct task_extras extras = {.metadata = metadata,
                                       .pairs =
                                           sizeof metadata / sizeof metadata[0],
                                       .summarise = summarise};
    enum task_status status = write_tokenizer(m, err);
    if (status == TASK_OK)
        status = task_run_train(m->run, &job, &plan, &extras, summary, err);
    return status;
}

static enum task_status prepare(void *self, struct task_run *run,
                                struct task_error *err)
{
    struct text *const m = self;
    m->run = run;
    m->settings = run->settings;
    enum task_status status = open_texts(m, err);
    if (status == TASK_OK) status = make_tokens(m, err);
    if (status == TASK_OK)
        status = task_settle_batch(m->settings, (int64_t)m->train.count,
                                   "texts", SHARE_MIN, err);
    if (status == TASK_OK) status = make_batches(m, err);
    if (status == TASK_OK) status = set_schedule(m, err);
    if (status == TASK_OK) status = make_engine(m, err);
    if (status == TASK_OK) status = make_eval(m, err);
    if (status == TASK_OK)
        status = task_model_bind(&m->model, run, group_of, m, err);
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
    struct text *const m = self;
    task_text_eval_free(&m->eval);
    data_token_batches_destroy(m->batches);
    task_model_free(&m->model);
    nn_engine_destroy(m->engine);
    data_tokens_free(&m->train);
    data_tokens_free(&m->test);
    data_tokenizer_destroy(m->tokenizer);
    data_texts_free(&m->train_texts);
    data_texts_free(&m->test_texts);
    free(m->masked);
}

const struct task_trainer task_text = {
    .name = "text",
    .about = "text classification by a Transformer encoder",
    .bit = TASK_FOR_TEXT,
    .score = "test_accuracy",
    .size = sizeof(struct text),
    .settle = settle,
    .prepare = prepare,
    .train = train,
    .release = release,
};
