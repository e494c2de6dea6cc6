/* Planning an encoder: its products, and one block of memory for the longest
 * row and all rows; shorter rows use the beginning of every tensor.
 *
 * Moments count up: the embedding is at 0, layer l at 2 l + 1 (attention) and
 * 2 l + 2 (feed-forward), the classifier, forward and backward, at
 * 2 layers + 1. From there the backward pass mirrors the forward one: what is
 * at m forward is at 4 layers + 3 - m backward. */
#include "nn/encoder_node.h"

/* Leaves through `done` when a call of this folder fails. */
#define TRY(call) \
    do { \
        if ((status = (call)) != NN_OK) goto done; \
    } while (0)

enum nn_encoder_part nn_encoder_matrix(enum dense d)
{
    static const enum nn_encoder_part matrices[DENSES] = {
        [DENSE_IN] = NN_IN_WEIGHT,
        [DENSE_OUT] = NN_OUT_WEIGHT,
        [DENSE_1] = NN_LINEAR1_WEIGHT,
        [DENSE_2] = NN_LINEAR2_WEIGHT};
    return matrices[d];
}

size_t nn_encoder_outputs(const struct nn_encoder *e, enum dense d)
{
    const int outputs[DENSES] = {3 * e->dim, e->dim, e->feed, e->dim};
    return (size_t)outputs[d];
}

size_t nn_encoder_inputs(const struct nn_encoder *e, enum dense d)
{
    const int inputs[DENSES] = {e->dim, e->dim, e->dim, e->feed};
    return (size_t)inputs[d];
}

/* --- products ------------------------------------------------------------ */

static enum nn_status make(struct nn_encoder_replica *r, size_t *scratch,
                           struct nn_matmul_shape shape, struct nn_matmul **out,
                           struct nn_error *err)
{
    const enum nn_status status = nn_matmul_create(r->device, &shape, out, err);
    if (status) return status;
    const size_t s = nn_matmul_scratch_size(*out);
    if (s > *scratch) *scratch = s;
    return NN_OK;
}

/* y = x W^T, dx = dy W, dW = dy^T x for `rows` rows and W [out, in]. */
static enum nn_status make_dense(struct nn_encoder_replica *r, size_t *scratch,
                                 enum nn_type type, size_t rows, size_t in,
                                 size_t out, struct nn_matmul **y,
                                 struct nn_matmul **dx, struct nn_matmul **dw,
                                 struct nn_error *err)
{
    const struct nn_matrix x = {.row = in, .column = 1};
    const struct nn_matrix z = {.row = out, .column = 1};
    const struct nn_matrix x_turned = {.row = 1, .column = in};
    const struct nn_matrix z_turned = {.row = 1, .column = out};
    const struct nn_matmul_shape forward = {type, type, 1, 1,        rows,
                                            out,  in,   x, x_turned, z};
    const struct nn_matmul_shape data = {type, type, 1, 1, rows,
                                         in,   out,  z, x, x};
    const struct nn_matmul_shape weights = {type, NN_F32, 1,        1, out,
                                            in,   rows,   z_turned, x, x};
    enum nn_status status = make(r, scratch, forward, y, err);
    if (!status) status = make(r, scratch, data, dx, err);
    if (!status) status = make(r, scratch, weights, dw, err);
    return status;
}

/* Up to this many tokens the kernel multiplies for attention faster than
 * oneDNN does, whose calls then cost as much as the products. */
enum { SHORT = 64 };

/* The six products of attention, a stack of texts and heads. */
static enum nn_status make_attention(struct nn_encoder_replica *r,
                                     size_t *scratch, size_t length,
                                     struct products *p, struct nn_error *err)
{
    const size_t d = (size_t)r->shape->dim, heads = (size_t)r->shape->heads;
    const size_t head = d / heads, area = length * length;
    /* One head's queries, keys or values inside the joint tensor, its context
     * in the tensor of all heads, and a matrix of queries by keys; the same
     * turned, where a product takes the transpose. */
    const struct nn_matrix part = {3 * d, 1, length * 3 * d, head};
    const struct nn_matrix turned = {1, 3 * d, length * 3 * d, head};
    const struct nn_matrix context = {d, 1, length * d, head};
    const struct nn_matrix square = {length, 1, heads * area, area};
    const struct nn_matrix mirror = {1, length, heads * area, area};
    const struct {
        enum nn_type result;
        size_t n, k; /* 0: the length */
        struct nn_matrix a, b, c;
    } rows[ATTENTIONS] = {[SCORES] = {NN_F32, 0, head, part, turned, square},
                          [CONTEXT] = {r->type, head, 0, square, part, context},
                          [DVALUES] = {r->type, head, 0, mirror, context, part},
                          [DPROBABILITIES] = {NN_F32, 0, head, context, turned,
                                              square},
                          [DQUERIES] = {r->type, head, 0, square, part, part},
                          [DKEYS] = {r->type, head, 0, mirror, part, part}};
    enum nn_status status = NN_OK;
    for (int i = 0; i < ATTENTIONS && !status; i++) {
        const size_t n = rows[i].n, k = rows[i].k;
        p->heads[i] = (struct nn_heads){.heads = heads,
                                        .length = length,
                                        .n = n,
                                        .k = k,
                                        .a = rows[i].a,
                                        .b = rows[i].b,
                                        .c = rows[i].c};
        const struct nn_matmul_shape shape = {r->type,        rows[i].result,
                                              r->rows,        heads,
                                              length,         n ? n : length,
                                              k ? k : length, rows[i].a,
                                              rows[i].b,      rows[i].c};
        if (r->type != NN_F32 || length > SHORT)
            status = make(r, scratch, shape, &p->attention[i], err);
    }
    return status;
}

static enum nn_status make_products(struct nn_encoder_replica *r,
                                    size_t *scratch, struct nn_error *err)
{
    const struct nn_encoder *e = r->shape;
    enum nn_status status =
        make_dense(r, scratch, NN_F32, r->rows, (size_t)e->dim,
                   (size_t)e->classes, &r->head_y, &r->head_dx, &r->head_dw,
                   err);
    for (size_t i = 0; i < r->tables->lengths && !status; i++) {
        struct products *p = &r->products[i];
        const size_t length = (size_t)r->tables->length[i];
        status = make_attention(r, scratch, length, p, err);
        for (int k = 0; k < DENSES && !status; k++)
            status = make_dense(r, scratch, r->type, r->rows * length,
                                nn_encoder_inputs(e, (enum dense)k),
                                nn_encoder_outputs(e, (enum dense)k), &p->y[k],
                                &p->dx[k], &p->dw[k], err);
    }
    return status;
}

void nn_encoder_unplan(struct nn_encoder_replica *r)
{
    for (size_t i = 0; i < r->tables->lengths; i++) {
        struct products *p = &r->products[i];
        for (int k = 0; k < DENSES; k++) {
            nn_matmul_destroy(p->y[k]);
            nn_matmul_destroy(p->dx[k]);
            nn_matmul_destroy(p->dw[k]);
        }
        for (int k = 0; k < ATTENTIONS; k++)
            nn_matmul_destroy(p->attention[k]);
    }
    nn_matmul_destroy(r->head_y);
    nn_matmul_destroy(r->head_dx);
    nn_matmul_destroy(r->head_dw);
    nn_arena_release(&r->arena);
}

/* --- memory -------------------------------------------------------------- */

static size_t type_bytes(enum nn_type t)
{
    return t == NN_BF16 ? sizeof(uint16_t) : sizeof(float);
}

/* Sizes in values, of the longest rows. */
struct sizes {
    size_t tokens, narrow, wide, squares; /* T, T dim, T feed, T heads length */
    size_t value; /* bytes of a value that feeds a product */
};

static struct sizes sizes_of(const struct nn_encoder_replica *r)
{
    const size_t length = r->tables->longest, tokens = r->rows * length;
    return (struct sizes){.tokens = tokens,
                          .narrow = tokens * (size_t)r->shape->dim,
                          .wide = tokens * (size_t)r->shape->feed,
                          .squares = tokens * (size_t)r->shape->heads * length,
                          .value = type_bytes(r->type)};
}

/* Something that memory is wanted for. Every `slot` is a pointer to data. */
struct want {
    void *slot;
    size_t bytes;
    int first, last;
};

static void want_all(struct nn_encoder_replica *r, const struct want *w,
                     size_t n)
{
    for (size_t i = 0; i < n; i++)
        nn_arena_want(&r->arena, w[i].slot, w[i].bytes, w[i].first, w[i].last);
}

static void want_layer(struct nn_encoder_replica *r, int l)
{
    struct encoder_layer *p = &r->layer[l];
    const struct sizes s = sizes_of(r);
    const size_t f = sizeof(float), d = (size_t)r->shape->dim;
    const size_t heads = (size_t)r->shape->heads, length = r->tables->longest;
    const bool drops = r->shape->dropout > 0.0, copies = r->type != NN_F32;
    const int attend = 2 * l + 1, feed = attend + 1;
    const int ends = 4 * r->shape->layers + 3;
    const int before = attend - 1, attended = ends - attend, fed = ends - feed;
    const size_t narrow_keep = drops ? s.tokens * nn_keep_stride(d) : 0;
    const size_t wide_keep =
        drops ? s.tokens * nn_keep_stride((size_t)r->shape->feed) : 0;
    const size_t square_keep =
        drops ? s.tokens * heads * nn_keep_stride(length) : 0;
    const struct want wants[] = {
        {&p->x, s.narrow * f, before, attended},
        {&p->normed[0], s.narrow * s.value, attend, attended},
        {&p->mean[0], s.tokens * f, attend, attended},
        {&p->inverse[0], s.tokens * f, attend, attended},
        {&p->joint, 3 * s.narrow * s.value, attend, attended},
        {&p->probabilities, s.squares * s.value, attend, attended},
        {&p->dropped, drops ? s.squares * s.value : 0, attend, attended},
        {&p->context, s.narrow * s.value, attend, attended},
        {&p->keep[SITE_ATTENTION], square_keep, attend, attended},
        {&p->keep[SITE_OUT], narrow_keep, attend, attended},
        {&p->middle, s.narrow * f, attend, fed},
        {&p->normed[1], s.narrow * s.value, feed, fed},
        {&p->mean[1], s.tokens * f, feed, fed},
        {&p->inverse[1], s.tokens * f, feed, fed},
        {&p->inner, s.wide * s.value, feed, fed},
        {&p->active, s.wide * s.value, feed, fed},
        {&p->keep[SITE_FEED], wide_keep, feed, fed},
        {&p->keep[SITE_2], narrow_keep, feed, fed}};
    want_all(r, wants, sizeof wants / sizeof wants[0]);
    for (int k = 0; k < DENSES && copies; k++)
        nn_arena_want(&r->arena, (void **)&p->weights[k],
                      nn_encoder_inputs(r->shape, (enum dense)k) *
                          nn_encoder_outputs(r->shape, (enum dense)k) *
                          sizeof *p->weights[k],
                      0, NN_ALWAYS);
}

/* The ends of the network, and what its layers share. */
static void want_rest(struct nn_encoder_replica *r, size_t scratch)
{
    const struct sizes s = sizes_of(r);
    const size_t f = sizeof(float), d = (size_t)r->shape->dim;
    const bool drops = r->shape->dropout > 0.0, f32 = r->type == NN_F32;
    const int head = 2 * r->shape->layers + 1, last = 2 * head + 1;
    const size_t pooled = r->rows * d * f;
    const size_t logits = r->rows * (size_t)r->shape->classes * f;
    const size_t vocabulary = (size_t)r->shape->vocabulary;
    const size_t feed = (size_t)r->shape->feed;
    const size_t widest = feed > 3 * d ? feed : 3 * d;
    const size_t heads =
        nn_heads_scratch(r->tables->longest, d / (size_t)r->shape->heads);
    const struct want wants[] = {
        {&r->keep_embedding, drops ? s.tokens * nn_keep_stride(d) : 0, 0, last},
        {&r->y, s.narrow * f, head - 1, head},
        {&r->mean, s.tokens * f, head, head},
        {&r->inverse, s.tokens * f, head, head},
        {&r->normed, s.narrow * f, head, head},
        {&r->dnormed, s.narrow * f, head, head},
        {&r->pooled, pooled, head, head},
        {&r->dpooled, pooled, head, head},
        {&r->logits, logits, head, head},
        {&r->dlogits, logits, head, head},
        {&r->scores, f32 ? 0 : s.squares * f, 0, head},
        {&r->branch, s.narrow * s.value, 0, head},
        {&r->dx, s.narrow * f, head, last},
        {&r->dnarrow, s.narrow * s.value, head, last},
        {&r->dcontext, s.narrow * s.value, head, last},
        {&r->dwide, s.wide * s.value, head, last},
        {&r->djoint, 3 * s.narrow * s.value, head, last},
        {&r->dprobabilities, s.squares * f, head, last},
        {&r->dscores, f32 ? 0 : s.squares * s.value, head, last},
        {&r->embedding_scratch, (vocabulary + s.tokens) * sizeof(uint32_t),
         last, last},
        {&r->sums, nn_sum_scratch(widest) * sizeof(double), 0, NN_ALWAYS},
        {&r->scratch, scratch, 0, NN_ALWAYS},
        {&r->heads_scratch, heads * f, 0, NN_ALWAYS}};
    want_all(r, wants, sizeof wants / sizeof wants[0]);
}

/* Masks are named by 32-bit numbers of rows, and primitives count in int. */
static enum nn_status check(const struct nn_encoder_replica *r,
                            struct nn_error *err)
{
    const double rows = (double)r->shared.options->batch *
                        (double)r->shape->heads * (double)r->tables->longest;
    if (rows <= 1073741824.0) return NN_OK;
    return nn_fail(err, NN_E_ARGUMENT,
                   "%d texts of %zu tokens are too many for one step: use a "
                   "smaller --batch",
                   r->shared.options->batch, r->tables->longest);
}

enum nn_status nn_encoder_plan(struct nn_encoder_replica *r,
                               struct nn_error *err)
{
    enum nn_status status = NN_OK;
    size_t scratch = 0;
    TRY(check(r, err));
    TRY(make_products(r, &scratch, err));
    for (int l = 0; l < r->shape->layers; l++)
        want_layer(r, l);
    want_rest(r, scratch);
    nn_arena_plan(&r->arena);
    if ((status = nn_arena_commit(&r->arena)) != NN_OK)
        nn_fail(err, status,
                "no memory for %zu texts of %zu tokens a thread (%zu MiB): use "
                "a smaller --batch or --length",
                r->rows, r->tables->longest, r->arena.total >> 20);
    if (r->type == NN_F32) r->dscores = r->dprobabilities;
done:
    return status;
}
