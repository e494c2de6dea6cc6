/* The image networks: a chain of layers. Running: layer after layer forward,
 * then back, on memory that chain_plan.c has laid out. Which tensors a backward
 * pass reads is also said there, in reads_x_backward and last_use_of_dy: keep
 * them in step. */
#include "nn/chain_node.h"
#include <stdlib.h>
#include <string.h>

/* --- running ------------------------------------------------------------ */

static const float *weights_at(const struct nn_chain *r, int row)
{
    return r->shared.weights + r->tables->parameter[row].offset;
}

static void copy_row(float *to, const float *from, const struct node *n)
{
    memcpy(to, from, n->in.channels * sizeof *to);
}

/* Takes over the shared weights: into oneDNN's layouts and, for vectors over
 * channels, into padded copies. */
static enum nn_status prepare(struct nn_chain *r, bool backward)
{
    const struct nn_tables *t = r->tables;
    enum nn_status status = NN_OK;
    for (int i = 0; i < r->count && !status; i++) {
        struct node *n = &r->node[i];
        if (n->product) {
            status = nn_product_prepare(n->product, backward);
            continue;
        }
        if (n->layer->op == NN_NORM && t->weight[i] < 0)
            for (size_t c = 0; c < n->in.channels; c++)
                n->scale[c] = 1.0F;
        else if (n->layer->op == NN_NORM)
            copy_row(n->scale, weights_at(r, t->weight[i]), n);
        if (t->bias[i] >= 0) copy_row(n->shift, weights_at(r, t->bias[i]), n);
        if (t->buffer[i] < 0 || backward) continue;
        const struct nn_parameter *b = &t->buffers[t->buffer[i]];
        copy_row(n->running_mean, r->shared.buffers + b[0].offset, n);
        copy_row(n->running_variance, r->shared.buffers + b[1].offset, n);
    }
    return status;
}

static struct nn_norm norm_of(const struct node *n, bool infer)
{
    const double epsilon = n->layer->epsilon;
    return (struct nn_norm){.in = n->in,
                            .pool = n->pool,
                            .activation = n->layer->activation,
                            .epsilon = epsilon > 0.0 ? epsilon : 1e-5,
                            .scale = n->scale,
                            .shift = n->shift,
                            .mean = infer ? n->running_mean : n->mean,
                            .variance =
                                infer ? n->running_variance : n->variance,
                            .pooled = n->pooled,
                            .winner = n->winner,
                            .a = n->a,
                            .b = n->b};
}

static enum nn_status forward_node(struct nn_chain *r, int i, bool infer)
{
    struct node *n = &r->node[i];
    const struct nn_kernels *k = r->shared.kernels;
    const struct nn_layer *l = n->layer;
    switch (l->op) {
    case NN_CONV:
    case NN_DENSE:
        return nn_product_forward(n->product);
    case NN_NORM: {
        const struct nn_norm norm = norm_of(n, infer);
        (infer ? k->norm_infer : k->norm_forward)(&norm, n->x, n->y);
        return NN_OK;
    }
    case NN_ACTIVATE:
        k->activate_forward(&n->in, l->activation, l->bias ? n->shift : NULL,
                            n->x, n->y);
        return NN_OK;
    case NN_MAX_POOL:
        k->max_forward(&n->in, n->pool, n->x, n->y, n->winner);
        return NN_OK;
    case NN_MEAN_POOL:
        k->mean_forward(&n->in, n->pool, n->x, n->y);
        return NN_OK;
    case NN_ADD:
        k->add(n->out.type, nn_layout_bytes(&n->out) / (n->out.type ? 2 : 4),
               n->x, r->node[l->other].y, n->y);
        return NN_OK;
    }
    return NN_E_ARGUMENT;
}

/* Adds to dx the gradients that reach this layer's input past it, through a
 * later NN_ADD. */
static void add_shortcuts(struct nn_chain *r, int i)
{
    struct node *n = &r->node[i];
    if (!n->dx) return;
    for (int k = i; k < r->count; k++)
        if (r->node[k].layer->op == NN_ADD && r->node[k].layer->other == i - 1)
            r->shared.kernels->add(n->in.type,
                                   nn_layout_bytes(&n->in) /
                                       (n->in.type ? 2 : 4),
                                   n->dx, r->node[k].dy, n->dx);
}

static enum nn_status backward_node(struct nn_chain *r, int i)
{
    struct node *n = &r->node[i];
    const struct nn_kernels *k = r->shared.kernels;
    const struct nn_layer *l = n->layer;
    switch (l->op) {
    case NN_CONV:
    case NN_DENSE:
        return nn_product_backward(n->product);
    case NN_NORM: {
        const struct nn_norm norm = norm_of(n, false);
        k->norm_backward(&norm, n->dy, n->dx, n->dscale, n->dshift);
        return NN_OK;
    }
    case NN_ACTIVATE:
        k->activate_backward(&n->in, l->activation, l->bias ? n->shift : NULL,
                             n->x, n->dy, n->dx, l->bias ? n->dshift : NULL);
        return NN_OK;
    case NN_MAX_POOL:
        if (n->dx) k->max_backward(&n->in, n->pool, n->dy, n->winner, n->dx);
        return NN_OK;
    case NN_MEAN_POOL:
        if (n->dx) k->mean_backward(&n->in, n->pool, n->dy, n->dx);
        return NN_OK;
    case NN_ADD:
        if (n->dx) memcpy(n->dx, n->dy, nn_layout_bytes(&n->out));
        return NN_OK;
    }
    return NN_E_ARGUMENT;
}

/* Moves the gradients of channel vectors from their padded copies into the
 * block (products write theirs there themselves). */
static void collect(struct nn_chain *r, int i)
{
    const struct nn_tables *t = r->tables;
    const struct node *n = &r->node[i];
    if (n->product) return;
    if (t->weight[i] >= 0)
        copy_row(r->gradients + t->parameter[t->weight[i]].offset, n->dscale,
                 n);
    if (t->bias[i] >= 0)
        copy_row(r->gradients + t->parameter[t->bias[i]].offset, n->dshift, n);
}

static double logit_scale(const struct nn_chain *r)
{
    const double s = r->architecture->logit_scale;
    return s > 0.0 ? s : 1.0;
}

static enum nn_status forward(struct nn_chain *r, bool infer)
{
    enum nn_status status = prepare(r, !infer);
    for (int i = 0; i < r->count && !status; i++)
        status = forward_node(r, i, infer);
    const struct node *last = &r->node[r->count - 1];
    const float s = (float)logit_scale(r);
    float *logits = last->y;
    const size_t n = (size_t)r->images * last->out.channels;
    for (size_t k = 0; s != 1.0F && k < n; k++)
        logits[k] *= s;
    return status;
}

static size_t image_floats(const struct nn_chain *r)
{
    const struct nn_architecture *a = r->architecture;
    return (size_t)a->channels * (size_t)a->height * (size_t)a->width;
}

static const float *images_of(const struct nn_chain *r,
                              const struct nn_share *share)
{
    return share->in->images + share->first * image_floats(r);
}

static enum nn_status step(struct nn_replica *base,
                           const struct nn_share *share, const int32_t *labels,
                           double smoothing, double weight,
                           struct nn_result *result)
{
    struct nn_chain *r = (struct nn_chain *)base;
    const struct node *last = &r->node[r->count - 1];
    const size_t classes = last->out.channels;
    memcpy(r->input, images_of(r, share),
           (size_t)r->images * image_floats(r) * sizeof *r->input);
    enum nn_status status = forward(r, false);
    if (status) return status;
    result->correct = 0;
    result->loss =
        r->shared.kernels->cross_entropy((size_t)r->images, classes, classes,
                                         last->y, labels, smoothing,
                                         weight * logit_scale(r), last->dy,
                                         &result->correct);
    for (int i = r->count - 1; i >= r->first && !status; i--) {
        status = backward_node(r, i);
        collect(r, i);
        add_shortcuts(r, i);
    }
    return status;
}

static enum nn_status infer(struct nn_replica *base,
                            const struct nn_share *share, float *logits)
{
    struct nn_chain *r = (struct nn_chain *)base;
    const struct node *last = &r->node[r->count - 1];
    const size_t n = share->rows, floats = image_floats(r);
    memcpy(r->input, images_of(r, share), n * floats * sizeof *r->input);
    memset(r->input + n * floats, 0,
           ((size_t)r->images - n) * floats * sizeof *r->input);
    const enum nn_status status = forward(r, true);
    if (!status)
        memcpy(logits, last->y, n * last->out.channels * sizeof *logits);
    return status;
}

/* --- running statistics -------------------------------------------------- */

/* Moves one layer's running statistics towards the mean over the replicas of
 * their batch statistics. As in PyTorch the variance is the unbiased one. */
static void move_statistics(struct nn_replica *const *replicas, int count,
                            int layer, float *buffers)
{
    const struct nn_chain *r = (const struct nn_chain *)replicas[0];
    const struct nn_layer *l = &r->architecture->layer[layer];
    const struct nn_parameter *row =
        &r->tables->buffers[r->tables->buffer[layer]];
    const double momentum = l->momentum > 0.0 ? l->momentum : 0.1;
    float *running_mean = buffers + row[0].offset;
    float *running_variance = buffers + row[1].offset;
    for (size_t c = 0; c < row->count; c++) {
        double mean = 0.0, variance = 0.0;
        for (int k = 0; k < count; k++) {
            const struct node *node =
                &((const struct nn_chain *)replicas[k])->node[layer];
            const double n =
                (double)(node->out.images * node->out.height * node->out.width);
            mean += (double)node->mean[c] / count;
            variance += (double)node->variance[c] *
                        (n > 1.0 ? n / (n - 1.0) : 1.0) / count;
        }
        running_mean[c] = (float)((1.0 - momentum) * (double)running_mean[c] +
                                  momentum * mean);
        running_variance[c] =
            (float)((1.0 - momentum) * (double)running_variance[c] +
                    momentum * variance);
    }
}

static void settle(struct nn_replica *const *replicas, int count,
                   float *buffers)
{
    const struct nn_chain *r = (const struct nn_chain *)replicas[0];
    for (int i = 0; i < r->count; i++)
        if (r->node[i].layer->op == NN_NORM)
            move_statistics(replicas, count, i, buffers);
}

/* --- life ---------------------------------------------------------------- */

static void destroy(struct nn_replica *base)
{
    struct nn_chain *r = (struct nn_chain *)base;
    for (int i = 0; i < r->count; i++)
        nn_product_destroy(r->node[i].product);
    nn_arena_release(&r->arena);
    nn_device_destroy(r->device);
    free(r);
}

static size_t memory(const struct nn_replica *base)
{
    return ((const struct nn_chain *)base)->arena.total;
}

static enum nn_status create(const struct nn_shared *shared, size_t images,
                             float *gradients, struct nn_replica **out,
                             struct nn_error *err)
{
    enum nn_status status = NN_OK;
    *out = NULL;
    struct nn_chain *r = calloc(1, sizeof *r);
    if (!r) return nn_fail(err, NN_E_NOMEM, "out of memory");
    const struct nn_chain_description *d = shared->network->description;
    r->base.kind = shared->network->kind;
    r->shared = *shared;
    r->architecture = &d->architecture;
    r->tables = &d->tables;
    r->images = (int)images;
    r->count = d->architecture.count;
    r->gradients = gradients;
    for (int i = 0; i < r->count; i++)
        r->node[i].layer = &d->architecture.layer[i];

    status = nn_device_create(&r->device, err);
    if (!status) status = nn_chain_plan(r, err);
    if (status)
        destroy(&r->base);
    else
        *out = &r->base;
    return status;
}

static const struct nn_replica_kind chain_kind = {.create = create,
                                                  .destroy = destroy,
                                                  .memory = memory,
                                                  .step = step,
                                                  .infer = infer,
                                                  .settle = settle};

enum nn_status nn_engine_create(const struct nn_architecture *architecture,
                                const struct nn_options *options,
                                struct nn_engine **out, struct nn_error *err)
{
    *out = NULL;
    struct nn_chain_description *d = malloc(sizeof *d);
    if (!d) return nn_fail(err, NN_E_NOMEM, "out of memory");
    d->architecture = *architecture;
    const enum nn_status status =
        nn_tables_fill(&d->architecture, &d->tables, err);
    if (status) {
        free(d);
        return status;
    }
    const struct nn_tables *t = &d->tables;
    const struct nn_network network = {.kind = &chain_kind,
                                       .rows = "images",
                                       .classes = architecture->classes,
                                       .parameters = {t->parameter,
                                                      t->parameters, t->size},
                                       .buffers = {t->buffers, t->buffer_count,
                                                   t->buffer_size},
                                       .description = d,
                                       .architecture = &d->architecture};
    return nn_engine_build(&network, options, out, err);
}
