/* The engine: replicas on a team of threads, and what joins them. */
#include "nn/engine.h"
#include "nn/parameters.h"
#include "nn/replica.h"
#include "nn/team.h"
#include <stdlib.h>
#include <string.h>

struct seat { /* one replica with what its thread leaves for the caller */
    struct nn_replica *replica;
    float *gradients; /* [size]; the first seat's are the engine's */
    int first, images;
    struct nn_result result;
    enum nn_status status;
    struct nn_error error;
};

/* The arguments of the call in progress, for all threads. */
struct call {
    const float *images;
    const int32_t *labels;
    double smoothing, weight;
    size_t n;
    float *logits;
    nn_slice_fn *slice;
    void *context;
};

struct nn_engine {
    struct nn_architecture architecture;
    struct nn_tables tables;
    struct nn_shared shared;
    struct nn_team *team;
    float *weights, *gradients, *buffers;
    size_t image_floats;
    struct call call;
    int threads;
    struct seat seat[];
};

/* --- life --------------------------------------------------------------- */

static float *block(size_t floats)
{
    const size_t bytes = (floats * sizeof(float) + 63) / 64 * 64 + 64;
    float *p = aligned_alloc(64, bytes);
    if (p) memset(p, 0, bytes);
    return p;
}

static void create_seat(void *context, int index)
{
    struct nn_engine *e = context;
    struct seat *s = &e->seat[index];
    s->gradients = index == 0 ? e->gradients : block(e->tables.size);
    if (!s->gradients)
        s->status = nn_fail(&s->error, NN_E_NOMEM, "out of memory");
    else
        s->status = nn_replica_create(&e->shared, s->images, s->gradients,
                                      &s->replica, &s->error);
}

/* oneDNN's objects are destroyed on the thread that made them. */
static void destroy_seat(void *context, int index)
{
    struct nn_engine *e = context;
    nn_replica_destroy(e->seat[index].replica);
    if (index > 0) free(e->seat[index].gradients);
}

static enum nn_status check(const struct nn_options *o, struct nn_error *err)
{
    if (o->threads < 1 || o->batch < o->threads)
        return nn_fail(err, NN_E_ARGUMENT,
                       "%d threads need a batch of at least %d images, not %d",
                       o->threads, o->threads, o->batch);
    if (o->precision == NN_BF16 && !o->emulate_bf16 && !nn_has_bf16())
        return nn_fail(err, NN_E_UNSUPPORTED,
                       "this CPU does not multiply bf16: use f32");
    return NN_OK;
}

static enum nn_status take_blocks(struct nn_engine *e, struct nn_error *err)
{
    e->weights = block(e->tables.size);
    e->gradients = block(e->tables.size);
    e->buffers = block(e->tables.buffer_size);
    if (!e->weights || !e->gradients || !e->buffers)
        return nn_fail(err, NN_E_NOMEM, "out of memory");
    return NN_OK;
}

static void share(struct nn_engine *e, const struct nn_options *o)
{
    e->shared = (struct nn_shared){.architecture = &e->architecture,
                                   .tables = &e->tables,
                                   .kernels = nn_kernels_best(),
                                   .precision = o->precision,
                                   .winograd = !o->direct && !o->channels_last,
                                   .channels_last = o->channels_last,
                                   .weights = e->weights,
                                   .buffers = e->buffers};
    int first = 0;
    for (int i = 0; i < e->threads; i++) {
        e->seat[i].first = first;
        e->seat[i].images =
            o->batch / e->threads + (i < o->batch % e->threads ? 1 : 0);
        first += e->seat[i].images;
    }
}

enum nn_status nn_engine_create(const struct nn_architecture *architecture,
                                const struct nn_options *o,
                                struct nn_engine **out, struct nn_error *err)
{
    *out = NULL;
    enum nn_status status = check(o, err);
    if (status) return status;
    struct nn_engine *e =
        calloc(1, sizeof *e + (size_t)o->threads * sizeof e->seat[0]);
    if (!e) return nn_fail(err, NN_E_NOMEM, "out of memory");
    e->architecture = *architecture;
    e->image_floats = (size_t)architecture->channels *
                      (size_t)architecture->height *
                      (size_t)architecture->width;
    e->threads = o->threads;

    status = nn_tables_fill(&e->architecture, &e->tables, err);
    if (!status) status = take_blocks(e, err);
    if (!status) status = nn_team_create(o->threads, &e->team, err);
    if (!status) {
        share(e, o);
        nn_team_run(e->team, create_seat, e);
    }
    for (int i = 0; i < e->threads && !status; i++) {
        status = e->seat[i].status;
        if (status && err) *err = e->seat[i].error;
    }
    if (status) {
        nn_engine_destroy(e);
        return status;
    }
    *out = e;
    return NN_OK;
}

void nn_engine_destroy(struct nn_engine *e)
{
    if (!e) return;
    if (e->team) nn_team_run(e->team, destroy_seat, e);
    nn_team_destroy(e->team);
    free(e->weights);
    free(e->gradients);
    free(e->buffers);
    free(e);
}

/* --- what it holds ------------------------------------------------------ */

const struct nn_architecture *nn_engine_architecture(const struct nn_engine *e)
{
    return &e->architecture;
}

size_t nn_engine_size(const struct nn_engine *e)
{
    return e->tables.size;
}

float *nn_engine_weights(struct nn_engine *e)
{
    return e->weights;
}

float *nn_engine_gradients(struct nn_engine *e)
{
    return e->gradients;
}

const struct nn_parameter *nn_engine_parameters(const struct nn_engine *e,
                                                size_t *count)
{
    *count = e->tables.parameters;
    return e->tables.parameter;
}

size_t nn_engine_buffer_size(const struct nn_engine *e)
{
    return e->tables.buffer_size;
}

float *nn_engine_buffers(struct nn_engine *e)
{
    return e->buffers;
}

const struct nn_parameter *nn_engine_buffer_table(const struct nn_engine *e,
                                                  size_t *count)
{
    *count = e->tables.buffer_count;
    return e->tables.buffers;
}

size_t nn_engine_memory(const struct nn_engine *e)
{
    return nn_replica_memory(e->seat[0].replica);
}

/* --- running ------------------------------------------------------------ */

static void slice(void *context, int index)
{
    enum { GRAIN = 64 };
    const struct nn_engine *e = context;
    const size_t n = e->call.n, threads = (size_t)e->threads;
    const size_t share =
        ((n + threads - 1) / threads + GRAIN - 1) / GRAIN * GRAIN;
    const size_t begin = share * (size_t)index;
    const size_t end = begin + share < n ? begin + share : n;
    if (begin < end) e->call.slice(e->call.context, begin, end);
}

void nn_engine_parallel(struct nn_engine *e, size_t n, nn_slice_fn *fn,
                        void *context)
{
    e->call.n = n;
    e->call.slice = fn;
    e->call.context = context;
    nn_team_run(e->team, slice, e);
}

static void step_seat(void *context, int index)
{
    struct nn_engine *e = context;
    struct seat *s = &e->seat[index];
    const struct call *c = &e->call;
    s->status = nn_replica_step(s->replica,
                                c->images + (size_t)s->first * e->image_floats,
                                c->labels + s->first, c->smoothing, c->weight,
                                &s->result);
}

/* ((g0 + g1) + g2) ...: always in the order of the seats. */
static void add_gradients(void *context, size_t begin, size_t end)
{
    const struct nn_engine *e = context;
    for (int k = 1; k < e->threads; k++) {
        float *restrict sum = e->gradients;
        const float *restrict g = e->seat[k].gradients;
        for (size_t i = begin; i < end; i++)
            sum[i] += g[i];
    }
}

/* Moves one layer's running statistics towards the mean over the replicas of
 * their batch statistics. As in PyTorch the variance is the unbiased one. */
static void move_statistics(struct nn_engine *e, int layer)
{
    const struct nn_layer *l = &e->architecture.layer[layer];
    const struct nn_parameter *row =
        &e->tables.buffers[e->tables.buffer[layer]];
    const double momentum = l->momentum > 0.0 ? l->momentum : 0.1;
    float *running_mean = e->buffers + row[0].offset;
    float *running_variance = e->buffers + row[1].offset;
    for (size_t c = 0; c < row->count; c++) {
        double mean = 0.0, variance = 0.0;
        for (int k = 0; k < e->threads; k++) {
            const float *m, *v;
            const double n = (double)nn_replica_statistics(e->seat[k].replica,
                                                           layer, &m, &v);
            mean += (double)m[c] / e->threads;
            variance +=
                (double)v[c] * (n > 1.0 ? n / (n - 1.0) : 1.0) / e->threads;
        }
        running_mean[c] = (float)((1.0 - momentum) * (double)running_mean[c] +
                                  momentum * mean);
        running_variance[c] =
            (float)((1.0 - momentum) * (double)running_variance[c] +
                    momentum * variance);
    }
}

enum nn_status nn_engine_step(struct nn_engine *e, const float *images,
                              const int32_t *labels, double smoothing,
                              double weight, struct nn_result *result)
{
    e->call.images = images;
    e->call.labels = labels;
    e->call.smoothing = smoothing;
    e->call.weight = weight;
    nn_team_run(e->team, step_seat, e);
    *result = (struct nn_result){0.0, 0};
    for (int i = 0; i < e->threads; i++) {
        if (e->seat[i].status) return e->seat[i].status;
        result->loss += e->seat[i].result.loss;
        result->correct += e->seat[i].result.correct;
    }
    if (e->threads > 1) nn_engine_parallel(e, e->tables.size, add_gradients, e);
    for (int i = 0; i < e->architecture.count; i++)
        if (e->architecture.layer[i].op == NN_NORM) move_statistics(e, i);
    return NN_OK;
}

static void infer_seat(void *context, int index)
{
    struct nn_engine *e = context;
    struct seat *s = &e->seat[index];
    const struct call *c = &e->call;
    const size_t first = (size_t)s->first;
    s->status = NN_OK;
    if (first >= c->n) return;
    const size_t left = c->n - first, room = (size_t)s->images;
    s->status =
        nn_replica_infer(s->replica, c->images + first * e->image_floats,
                         left < room ? left : room,
                         c->logits + first * (size_t)e->architecture.classes);
}

enum nn_status nn_engine_infer(struct nn_engine *e, const float *images,
                               size_t n, float *logits)
{
    e->call.images = images;
    e->call.n = n;
    e->call.logits = logits;
    nn_team_run(e->team, infer_seat, e);
    for (int i = 0; i < e->threads; i++)
        if (e->seat[i].status) return e->seat[i].status;
    return NN_OK;
}
