/* The engine: replicas on a team of threads, and what joins them. */
#include "nn/replica.h"
#include "nn/team.h"
#include <stdlib.h>
#include <string.h>

struct seat { /* one replica with what its thread leaves for the caller */
    struct nn_replica *replica;
    float *gradients; /* [size]; the first seat's are the engine's */
    size_t first, rows;
    struct nn_result result;
    enum nn_status status;
    struct nn_error error;
};

/* The arguments of the call in progress, for all threads. */
struct call {
    const struct nn_input *in;
    const int32_t *labels;
    double smoothing, weight;
    size_t n;
    float *logits;
    nn_slice_fn *slice;
    void *context;
};

struct nn_engine {
    struct nn_network network;
    struct nn_options options;
    struct nn_shared shared;
    struct nn_team *team;
    float *weights, *gradients, *buffers;
    struct nn_replica **replicas; /* [threads], those of the seats */
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
    s->gradients =
        index == 0 ? e->gradients : block(e->network.parameters.size);
    if (!s->gradients)
        s->status = nn_fail(&s->error, NN_E_NOMEM, "out of memory");
    else
        s->status = e->network.kind->create(&e->shared, s->rows, s->gradients,
                                            &e->replicas[index], &s->error);
    s->replica = e->replicas[index];
}

/* oneDNN's objects are destroyed on the thread that made them. */
static void destroy_seat(void *context, int index)
{
    struct nn_engine *e = context;
    struct seat *s = &e->seat[index];
    if (s->replica) e->network.kind->destroy(s->replica);
    if (index > 0) free(s->gradients);
}

static enum nn_status check(const struct nn_options *o, const char *rows,
                            struct nn_error *err)
{
    if (o->threads < 1 || o->batch < o->threads)
        return nn_fail(err, NN_E_ARGUMENT,
                       "%d threads need a batch of at least %d %s, not %d",
                       o->threads, o->threads, rows, o->batch);
    if (o->precision == NN_BF16 && !o->emulate_bf16 && !nn_has_bf16())
        return nn_fail(err, NN_E_UNSUPPORTED,
                       "this CPU does not multiply bf16: use f32");
    return NN_OK;
}

static enum nn_status take_blocks(struct nn_engine *e, struct nn_error *err)
{
    e->weights = block(e->network.parameters.size);
    e->gradients = block(e->network.parameters.size);
    e->buffers = block(e->network.buffers.size);
    e->replicas = calloc((size_t)e->threads, sizeof *e->replicas);
    if (!e->weights || !e->gradients || !e->buffers || !e->replicas)
        return nn_fail(err, NN_E_NOMEM, "out of memory");
    return NN_OK;
}

static void share(struct nn_engine *e)
{
    const struct nn_options *o = &e->options;
    e->shared = (struct nn_shared){.network = &e->network,
                                   .options = o,
                                   .kernels = nn_kernels_best(),
                                   .weights = e->weights,
                                   .buffers = e->buffers};
    size_t first = 0;
    for (int i = 0; i < e->threads; i++) {
        struct seat *s = &e->seat[i];
        s->first = first;
        s->rows = (size_t)(o->batch / o->threads);
        s->rows += i < o->batch % o->threads ? 1 : 0;
        first += s->rows;
    }
}

enum nn_status nn_engine_build(const struct nn_network *network,
                               const struct nn_options *o,
                               struct nn_engine **out, struct nn_error *err)
{
    *out = NULL;
    struct nn_engine *e = NULL;
    enum nn_status status = check(o, network->rows, err);
    if (!status) {
        e = calloc(1, sizeof *e + (size_t)o->threads * sizeof e->seat[0]);
        if (!e) status = nn_fail(err, NN_E_NOMEM, "out of memory");
    }
    if (status) {
        free(network->description);
        return status;
    }
    e->network = *network;
    e->options = *o;
    e->threads = o->threads;

    status = take_blocks(e, err);
    if (!status) status = nn_team_create(o->threads, &e->team, err);
    if (!status) {
        share(e);
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
    free(e->replicas);
    free(e->network.description);
    free(e);
}

/* --- what it holds ------------------------------------------------------ */

const struct nn_architecture *nn_engine_architecture(const struct nn_engine *e)
{
    return e->network.architecture;
}

size_t nn_engine_size(const struct nn_engine *e)
{
    return e->network.parameters.size;
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
    *count = e->network.parameters.parts;
    return e->network.parameters.part;
}

size_t nn_engine_buffer_size(const struct nn_engine *e)
{
    return e->network.buffers.size;
}

float *nn_engine_buffers(struct nn_engine *e)
{
    return e->buffers;
}

const struct nn_parameter *nn_engine_buffer_table(const struct nn_engine *e,
                                                  size_t *count)
{
    *count = e->network.buffers.parts;
    return e->network.buffers.part;
}

size_t nn_engine_memory(const struct nn_engine *e)
{
    return e->network.kind->memory(e->replicas[0]);
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
    const struct nn_share share = {c->in, s->first, s->rows};
    s->status = e->network.kind->step(s->replica, &share, c->labels + s->first,
                                      c->smoothing, c->weight, &s->result);
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

enum nn_status nn_engine_step(struct nn_engine *e, const struct nn_input *in,
                              const int32_t *labels, double smoothing,
                              double weight, struct nn_result *result)
{
    e->call.in = in;
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
    if (e->threads > 1)
        nn_engine_parallel(e, e->network.parameters.size, add_gradients, e);
    if (e->network.kind->settle)
        e->network.kind->settle(e->replicas, e->threads, e->buffers);
    return NN_OK;
}

static void infer_seat(void *context, int index)
{
    struct nn_engine *e = context;
    struct seat *s = &e->seat[index];
    const struct call *c = &e->call;
    s->status = NN_OK;
    if (s->first >= c->n) return;
    const size_t left = c->n - s->first;
    const struct nn_share share = {c->in, s->first,
                                   left < s->rows ? left : s->rows};
    s->status = e->network.kind->infer(
        s->replica, &share, c->logits + s->first * (size_t)e->network.classes);
}

enum nn_status nn_engine_infer(struct nn_engine *e, const struct nn_input *in,
                               size_t n, float *logits)
{
    e->call.in = in;
    e->call.n = n;
    e->call.logits = logits;
    nn_team_run(e->team, infer_seat, e);
    for (int i = 0; i < e->threads; i++)
        if (e->seat[i].status) return e->seat[i].status;
    return NN_OK;
}
