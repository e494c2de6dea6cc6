/* Running an encoder on memory that encoder_plan.c has laid out. What a
 * backward pass reads is also said there, as lives: keep them in step. */
#include "nn/encoder_node.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* PyTorch's default for layer normalisation. */
static const double epsilon = 1e-5;

/* One pass over some rows, all padded to the same length. */
struct pass {
    struct nn_encoder_replica *r;
    const struct nn_sequence_kernels *k;
    const struct products *p;
    const struct nn_input *in;
    const int32_t *tokens, *lengths; /* of the replica's own rows */
    size_t first;                    /* its first row in the whole batch */
    size_t rows, length, n;          /* n = rows * length */
    size_t dim, feed, heads;
    bool drops; /* a step with dropout */
};

/* --- parts --------------------------------------------------------------- */

static const float *weights_of(const struct pass *s, int layer,
                               enum nn_encoder_part part)
{
    return s->r->shared.weights + s->r->tables->part[layer][part];
}

static float *gradient_of(const struct pass *s, int layer,
                          enum nn_encoder_part part)
{
    return s->r->gradients + s->r->tables->part[layer][part];
}

static const float *end_of(const struct pass *s, enum nn_encoder_end part)
{
    return s->r->shared.weights + s->r->tables->end[part];
}

static float *end_gradient(const struct pass *s, enum nn_encoder_end part)
{
    return s->r->gradients + s->r->tables->end[part];
}

/* The matrix of a dense layer as the products take it. */
static const void *matrix_of(const struct pass *s, int layer, enum dense d)
{
    const uint16_t *copy = s->r->layer[layer].weights[d];
    return copy ? (const void *)copy
                : weights_of(s, layer, nn_encoder_matrix(d));
}

static enum nn_status run(const struct pass *s, struct nn_matmul *p,
                          const void *a, const void *b, void *c)
{
    return nn_matmul_run(p, a, b, c, s->r->scratch);
}

/* A product of attention, of f32 or through oneDNN. */
static enum nn_status run_heads(const struct pass *s, enum attention which,
                                const void *a, const void *b, void *c)
{
    if (s->p->attention[which]) return run(s, s->p->attention[which], a, b, c);
    struct nn_heads h = s->p->heads[which];
    h.texts = s->rows;
    h.lengths = s->lengths;
    s->k->heads_product(&h, a, b, c, s->r->heads_scratch);
    return NN_OK;
}

/* Where the queries (0), keys (1) or values (2) begin in the joint tensor. */
static void *inside(const struct pass *s, void *joint, size_t which)
{
    const size_t value =
        s->r->type == NN_BF16 ? sizeof(uint16_t) : sizeof(float);
    return (char *)joint + which * s->dim * value;
}

/* What dropout keeps at a site; nothing is dropped outside a step. */
static struct nn_keep keep_of(const struct pass *s, const uint8_t *bits)
{
    if (!s->drops) return (struct nn_keep){NULL, 1.0F};
    return (struct nn_keep){bits, nn_keep_scale(s->r->shape->dropout)};
}

/* Draws the mask of a site, `each` rows of it for one token. */
static struct nn_keep draw(const struct pass *s, uint32_t site, size_t each,
                           size_t width, uint8_t *bits)
{
    const struct nn_dropout d = {.rate = s->r->shape->dropout,
                                 .noise = {s->in->noise[0], s->in->noise[1]},
                                 .site = site,
                                 .row = s->first * s->length * each};
    if (s->drops) s->k->dropout_mask(&d, s->n * each, width, bits);
    return keep_of(s, bits);
}

static uint32_t site_of(int layer, enum site site)
{
    return 1 + (uint32_t)layer * SITES + site;
}

static struct nn_layer_norm norm_of(const struct pass *s, int layer, int which)
{
    const struct encoder_layer *l = &s->r->layer[layer];
    const enum nn_encoder_part scale = which ? NN_NORM2_SCALE : NN_NORM1_SCALE;
    const enum nn_encoder_part shift = which ? NN_NORM2_SHIFT : NN_NORM1_SHIFT;
    return (struct nn_layer_norm){.type = s->r->type,
                                  .rows = s->n,
                                  .width = s->dim,
                                  .epsilon = epsilon,
                                  .scale = weights_of(s, layer, scale),
                                  .shift = weights_of(s, layer, shift),
                                  .mean = l->mean[which],
                                  .inverse = l->inverse[which]};
}

static struct nn_layer_norm last_norm(const struct pass *s)
{
    return (struct nn_layer_norm){.type = NN_F32,
                                  .rows = s->n,
                                  .width = s->dim,
                                  .epsilon = epsilon,
                                  .scale = end_of(s, NN_NORM_SCALE),
                                  .shift = end_of(s, NN_NORM_SHIFT),
                                  .mean = s->r->mean,
                                  .inverse = s->r->inverse};
}

static struct nn_attention attention_of(const struct pass *s,
                                        struct nn_keep keep)
{
    const double head = (double)s->dim / (double)s->heads;
    return (struct nn_attention){.type = s->r->type,
                                 .texts = s->rows,
                                 .heads = s->heads,
                                 .length = s->length,
                                 .lengths = s->lengths,
                                 .scale = 1.0 / sqrt(head),
                                 .keep = keep};
}

static struct nn_embedding embedding_of(const struct pass *s,
                                        struct nn_keep keep)
{
    return (struct nn_embedding){.texts = s->rows,
                                 .length = s->length,
                                 .dim = s->dim,
                                 .vocabulary = (size_t)s->r->shape->vocabulary,
                                 .positions = s->r->tables->longest,
                                 .tokens = s->tokens,
                                 .lengths = s->lengths,
                                 .keep = keep};
}

/* The residual stream behind layer `layer`. */
static float *stream_behind(const struct pass *s, int layer)
{
    const bool last = layer + 1 == s->r->shape->layers;
    return last ? s->r->y : s->r->layer[layer + 1].x;
}

/* --- forward ------------------------------------------------------------- */

static enum nn_status attend(const struct pass *s, int layer)
{
    struct nn_encoder_replica *r = s->r;
    struct encoder_layer *l = &r->layer[layer];
    const struct nn_keep keep =
        draw(s, site_of(layer, SITE_ATTENTION), s->heads, s->length,
             l->keep[SITE_ATTENTION]);
    const struct nn_attention a = attention_of(s, keep);
    void *scores = r->type == NN_F32 ? l->probabilities : r->scores;
    void *queries = inside(s, l->joint, 0), *keys = inside(s, l->joint, 1);
    enum nn_status status = run_heads(s, SCORES, queries, keys, scores);
    if (status) return status;
    s->k->softmax_forward(&a, scores, l->probabilities, l->dropped);
    return run_heads(s, CONTEXT, s->drops ? l->dropped : l->probabilities,
                     inside(s, l->joint, 2), l->context);
}

/* x + drop(out(attention(norm1(x)))) */
static enum nn_status attention_forward(const struct pass *s, int layer)
{
    struct nn_encoder_replica *r = s->r;
    struct encoder_layer *l = &r->layer[layer];
    const struct nn_layer_norm norm = norm_of(s, layer, 0);
    s->k->layer_norm_forward(&norm, l->x, l->normed[0]);
    enum nn_status status = run(s, s->p->y[DENSE_IN], l->normed[0],
                                matrix_of(s, layer, DENSE_IN), l->joint);
    if (status) return status;
    s->k->bias_forward(r->type, s->n, 3 * s->dim,
                       weights_of(s, layer, NN_IN_BIAS), l->joint, l->joint);
    status = attend(s, layer);
    if (!status)
        status = run(s, s->p->y[DENSE_OUT], l->context,
                     matrix_of(s, layer, DENSE_OUT), r->branch);
    if (status) return status;
    const struct nn_keep keep =
        draw(s, site_of(layer, SITE_OUT), 1, s->dim, l->keep[SITE_OUT]);
    s->k->residual_forward(r->type, s->n, s->dim,
                           weights_of(s, layer, NN_OUT_BIAS), keep, l->x,
                           r->branch, l->middle);
    return NN_OK;
}

/* x + drop(linear2(drop(gelu(linear1(norm2(x)))))) */
static enum nn_status feed_forward(const struct pass *s, int layer)
{
    struct nn_encoder_replica *r = s->r;
    struct encoder_layer *l = &r->layer[layer];
    const struct nn_layer_norm norm = norm_of(s, layer, 1);
    s->k->layer_norm_forward(&norm, l->middle, l->normed[1]);
    enum nn_status status = run(s, s->p->y[DENSE_1], l->normed[1],
                                matrix_of(s, layer, DENSE_1), l->inner);
    if (status) return status;
    const struct nn_keep inner =
        draw(s, site_of(layer, SITE_FEED), 1, s->feed, l->keep[SITE_FEED]);
    s->k->gelu_forward(r->type, s->n, s->feed,
                       weights_of(s, layer, NN_LINEAR1_BIAS), inner, l->inner,
                       l->active);
    status = run(s, s->p->y[DENSE_2], l->active, matrix_of(s, layer, DENSE_2),
                 r->branch);
    if (status) return status;
    const struct nn_keep outer =
        draw(s, site_of(layer, SITE_2), 1, s->dim, l->keep[SITE_2]);
    s->k->residual_forward(r->type, s->n, s->dim,
                           weights_of(s, layer, NN_LINEAR2_BIAS), outer,
                           l->middle, r->branch, stream_behind(s, layer));
    return NN_OK;
}

static enum nn_status classify(const struct pass *s)
{
    struct nn_encoder_replica *r = s->r;
    const struct nn_layer_norm norm = last_norm(s);
    s->k->layer_norm_forward(&norm, r->y, r->normed);
    if (r->shape->pooling == NN_POOL_MEAN)
        s->k->pool_mean_forward(s->rows, s->length, s->dim, s->lengths,
                                r->normed, r->pooled);
    else
        s->k->pool_first_forward(s->rows, s->length, s->dim, r->normed,
                                 r->pooled);
    const enum nn_status status =
        run(s, r->head_y, r->pooled, end_of(s, NN_HEAD_WEIGHT), r->logits);
    if (!status)
        s->k->bias_forward(NN_F32, s->rows, (size_t)r->shape->classes,
                           end_of(s, NN_HEAD_BIAS), r->logits, r->logits);
    return status;
}

/* The matrices change between calls: their bf16 copies are made anew. */
static void copy_weights(const struct pass *s)
{
    const struct nn_encoder *e = s->r->shape;
    for (int l = 0; l < e->layers && s->r->type == NN_BF16; l++)
        for (int k = 0; k < DENSES; k++) {
            const enum dense d = (enum dense)k;
            const float *from = weights_of(s, l, nn_encoder_matrix(d));
            uint16_t *to = s->r->layer[l].weights[k];
            const size_t n = nn_encoder_inputs(e, d) * nn_encoder_outputs(e, d);
            for (size_t i = 0; i < n; i++)
                to[i] = nn_to_bf16(from[i]);
        }
}

static enum nn_status forward(const struct pass *s)
{
    struct nn_encoder_replica *r = s->r;
    copy_weights(s);
    const struct nn_embedding e =
        embedding_of(s, draw(s, 0, 1, s->dim, r->keep_embedding));
    s->k->embed_forward(&e, end_of(s, NN_TOKEN), end_of(s, NN_POSITION),
                        r->layer[0].x);
    enum nn_status status = NN_OK;
    for (int l = 0; l < r->shape->layers && !status; l++) {
        status = attention_forward(s, l);
        if (!status) status = feed_forward(s, l);
    }
    return status ? status : classify(s);
}

/* --- backward ------------------------------------------------------------ */

/* The matrix's gradient and, into dx, that of the layer's input. */
static enum nn_status dense_backward(const struct pass *s, int layer,
                                     enum dense d, const void *x,
                                     const void *dy, void *dx)
{
    const enum nn_status status =
        run(s, s->p->dw[d], dy, x, gradient_of(s, layer, nn_encoder_matrix(d)));
    if (status) return status;
    return run(s, s->p->dx[d], dy, matrix_of(s, layer, d), dx);
}

static void norm_backward(const struct pass *s, int layer, int which,
                          const float *x, const void *dy)
{
    const struct nn_layer_norm norm = norm_of(s, layer, which);
    s->k->layer_norm_backward(
        &norm, x, dy, true, s->r->dx,
        gradient_of(s, layer, which ? NN_NORM2_SCALE : NN_NORM1_SCALE),
        gradient_of(s, layer, which ? NN_NORM2_SHIFT : NN_NORM1_SHIFT),
        s->r->sums);
}

static enum nn_status classify_backward(const struct pass *s)
{
    struct nn_encoder_replica *r = s->r;
    const struct nn_layer_norm norm = last_norm(s);
    enum nn_status status = run(s, r->head_dw, r->dlogits, r->pooled,
                                end_gradient(s, NN_HEAD_WEIGHT));
    if (!status)
        status = run(s, r->head_dx, r->dlogits, end_of(s, NN_HEAD_WEIGHT),
                     r->dpooled);
    if (status) return status;
    s->k->bias_backward(NN_F32, s->rows, (size_t)r->shape->classes, r->dlogits,
                        end_gradient(s, NN_HEAD_BIAS), r->sums);
    if (r->shape->pooling == NN_POOL_MEAN)
        s->k->pool_mean_backward(s->rows, s->length, s->dim, s->lengths,
                                 r->dpooled, r->dnormed);
    else
        s->k->pool_first_backward(s->rows, s->length, s->dim, r->dpooled,
                                  r->dnormed);
    s->k->layer_norm_backward(&norm, r->y, r->dnormed, false, r->dx,
                              end_gradient(s, NN_NORM_SCALE),
                              end_gradient(s, NN_NORM_SHIFT), r->sums);
    return NN_OK;
}

static enum nn_status feed_backward(const struct pass *s, int layer)
{
    struct nn_encoder_replica *r = s->r;
    struct encoder_layer *l = &r->layer[layer];
    s->k->residual_backward(r->type, s->n, s->dim, keep_of(s, l->keep[SITE_2]),
                            r->dx, r->dnarrow,
                            gradient_of(s, layer, NN_LINEAR2_BIAS), r->sums);
    enum nn_status status =
        dense_backward(s, layer, DENSE_2, l->active, r->dnarrow, r->dwide);
    if (status) return status;
    s->k->gelu_backward(r->type, s->n, s->feed,
                        weights_of(s, layer, NN_LINEAR1_BIAS),
                        keep_of(s, l->keep[SITE_FEED]), l->inner, r->dwide,
                        r->dwide, gradient_of(s, layer, NN_LINEAR1_BIAS),
                        r->sums);
    status =
        dense_backward(s, layer, DENSE_1, l->normed[1], r->dwide, r->dnarrow);
    if (!status) norm_backward(s, layer, 1, l->middle, r->dnarrow);
    return status;
}

/* From the gradient of the context to that of queries, keys and values. */
static enum nn_status attend_backward(const struct pass *s, int layer)
{
    struct nn_encoder_replica *r = s->r;
    struct encoder_layer *l = &r->layer[layer];
    const struct nn_attention a =
        attention_of(s, keep_of(s, l->keep[SITE_ATTENTION]));
    const void *read = s->drops ? l->dropped : l->probabilities;
    enum nn_status status =
        run_heads(s, DVALUES, read, r->dcontext, inside(s, r->djoint, 2));
    if (!status)
        status = run_heads(s, DPROBABILITIES, r->dcontext,
                           inside(s, l->joint, 2), r->dprobabilities);
    if (status) return status;
    s->k->softmax_backward(&a, l->probabilities, r->dprobabilities, r->dscores);
    status = run_heads(s, DQUERIES, r->dscores, inside(s, l->joint, 1),
                       inside(s, r->djoint, 0));
    if (status) return status;
    return run_heads(s, DKEYS, r->dscores, inside(s, l->joint, 0),
                     inside(s, r->djoint, 1));
}

static enum nn_status attention_backward(const struct pass *s, int layer)
{
    struct nn_encoder_replica *r = s->r;
    struct encoder_layer *l = &r->layer[layer];
    s->k->residual_backward(r->type, s->n, s->dim,
                            keep_of(s, l->keep[SITE_OUT]), r->dx, r->dnarrow,
                            gradient_of(s, layer, NN_OUT_BIAS), r->sums);
    enum nn_status status = dense_backward(s, layer, DENSE_OUT, l->context,
                                           r->dnarrow, r->dcontext);
    if (!status) status = attend_backward(s, layer);
    if (status) return status;
    s->k->bias_backward(r->type, s->n, 3 * s->dim, r->djoint,
                        gradient_of(s, layer, NN_IN_BIAS), r->sums);
    status =
        dense_backward(s, layer, DENSE_IN, l->normed[0], r->djoint, r->dnarrow);
    if (!status) norm_backward(s, layer, 0, l->x, r->dnarrow);
    return status;
}

static enum nn_status backward(const struct pass *s)
{
    struct nn_encoder_replica *r = s->r;
    enum nn_status status = classify_backward(s);
    for (int l = r->shape->layers - 1; l >= 0 && !status; l--) {
        status = feed_backward(s, l);
        if (!status) status = attention_backward(s, l);
    }
    if (status) return status;
    const struct nn_embedding e =
        embedding_of(s, keep_of(s, r->keep_embedding));
    s->k->embed_backward(&e, r->dx, end_gradient(s, NN_TOKEN),
                         end_gradient(s, NN_POSITION), r->embedding_scratch);
    return NN_OK;
}

/* --- what the engine calls ----------------------------------------------- */

/* Fills the pass; NN_E_ARGUMENT when the batch is none for this network. */
static enum nn_status begin(struct pass *s, struct nn_replica *base,
                            const struct nn_share *share, bool training)
{
    struct nn_encoder_replica *r = (struct nn_encoder_replica *)base;
    const struct nn_encoder_tables *t = r->tables;
    const struct nn_input *in = share->in;
    size_t which = 0;
    while (which < t->lengths && (size_t)t->length[which] != in->length)
        which++;
    if (which == t->lengths) return NN_E_ARGUMENT;
    *s = (struct pass){.r = r,
                       .k = r->shared.kernels->sequence,
                       .p = &r->products[which],
                       .in = in,
                       .tokens = in->tokens + share->first * in->length,
                       .lengths = in->lengths + share->first,
                       .first = share->first,
                       .rows = share->rows,
                       .length = in->length,
                       .n = share->rows * in->length,
                       .dim = (size_t)r->shape->dim,
                       .feed = (size_t)r->shape->feed,
                       .heads = (size_t)r->shape->heads,
                       .drops = training && r->shape->dropout > 0.0};
    for (size_t i = 0; i < s->rows; i++) {
        const int32_t own = s->lengths[i];
        if (own < 1 || (size_t)own > s->length) return NN_E_ARGUMENT;
        const int32_t *token = s->tokens + i * s->length;
        for (int32_t k = 0; k < own; k++)
            if (token[k] < 0 || token[k] >= r->shape->vocabulary)
                return NN_E_ARGUMENT;
    }
    return NN_OK;
}

static enum nn_status step(struct nn_replica *base,
                           const struct nn_share *share, const int32_t *labels,
                           double smoothing, double weight,
                           struct nn_result *result)
{
    struct pass s;
    enum nn_status status = begin(&s, base, share, true);
    if (!status) status = forward(&s);
    if (status) return status;
    const struct nn_encoder_replica *r = s.r;
    const size_t classes = (size_t)r->shape->classes;
    result->correct = 0;
    result->loss =
        r->shared.kernels->cross_entropy(s.rows, classes, classes, r->logits,
                                         labels, smoothing, weight, r->dlogits,
                                         &result->correct);
    return backward(&s);
}

static enum nn_status infer(struct nn_replica *base,
                            const struct nn_share *share, float *logits)
{
    struct pass s;
    enum nn_status status = begin(&s, base, share, false);
    if (!status) status = forward(&s);
    if (!status)
        memcpy(logits, s.r->logits,
               s.rows * (size_t)s.r->shape->classes * sizeof *logits);
    return status;
}

/* --- life ---------------------------------------------------------------- */

static void destroy(struct nn_replica *base)
{
    struct nn_encoder_replica *r = (struct nn_encoder_replica *)base;
    nn_encoder_unplan(r);
    nn_device_destroy(r->device);
    free(r);
}

static size_t memory(const struct nn_replica *base)
{
    return ((const struct nn_encoder_replica *)base)->arena.total;
}

static enum nn_status create(const struct nn_shared *shared, size_t rows,
                             float *gradients, struct nn_replica **out,
                             struct nn_error *err)
{
    *out = NULL;
    struct nn_encoder_replica *r = calloc(1, sizeof *r);
    if (!r) return nn_fail(err, NN_E_NOMEM, "out of memory");
    r->base.kind = shared->network->kind;
    r->shared = *shared;
    r->tables = shared->network->description;
    r->shape = &r->tables->encoder;
    r->type = shared->options->precision;
    r->rows = rows;
    r->gradients = gradients;
    enum nn_status status = nn_device_create(&r->device, err);
    if (!status) status = nn_encoder_plan(r, err);
    if (status)
        destroy(&r->base);
    else
        *out = &r->base;
    return status;
}

static const struct nn_replica_kind encoder_kind = {.create = create,
                                                    .destroy = destroy,
                                                    .memory = memory,
                                                    .step = step,
                                                    .infer = infer};

enum nn_status nn_encoder_create(const struct nn_encoder *encoder,
                                 const struct nn_options *options,
                                 struct nn_engine **out, struct nn_error *err)
{
    *out = NULL;
    struct nn_encoder_tables *t = malloc(sizeof *t);
    if (!t) return nn_fail(err, NN_E_NOMEM, "out of memory");
    const enum nn_status status = nn_encoder_tables_fill(encoder, t, err);
    if (status) {
        free(t);
        return status;
    }
    const struct nn_network network = {.kind = &encoder_kind,
                                       .rows = "texts",
                                       .classes = encoder->classes,
                                       .parameters = {t->parameter,
                                                      t->parameters, t->size},
                                       .description = t};
    return nn_engine_build(&network, options, out, err);
}
