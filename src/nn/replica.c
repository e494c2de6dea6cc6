/* Planning: every layer says which memory it wants and when; then one block is
 * taken, and every layer is bound to its place in it. Moments count up: layer
 * i runs forward at moment i and backward at moment 2 * layers - 1 - i. */
#include "nn/replica.h"
#include "nn/arena.h"
#include "nn/product.h"
#include <stdlib.h>
#include <string.h>

/* Leaves through `done` when a call of this folder fails. */
#define TRY(call) \
    do { \
        if ((status = (call)) != NN_OK) goto done; \
    } while (0)

struct node {
    const struct nn_layer *layer;
    struct nn_layout in, out;
    void *x, *y;                /* y of this layer; x is y of the one before */
    void *dy, *dx;              /* gradients of the same */
    struct nn_product *product; /* NN_CONV, NN_DENSE */
    void *kept;                 /* its weights as oneDNN wants them */
    size_t pool;                /* resolved: 1 when there is none */
    uint8_t *winner;
    void *pooled;
    /* Channel vectors, padded with zeros to blocks * lanes floats. */
    float *scale, *shift, *dscale, *dshift;
    float *mean, *variance;                 /* of this batch */
    float *running_mean, *running_variance; /* for inference */
    float *a, *b;
};

struct nn_replica {
    struct nn_shared shared;
    struct nn_device *device;
    struct nn_arena arena;
    int images, count;
    float *input;     /* [images, channels, height, width] */
    float *gradients; /* borrowed */
    void *scratch;
    struct node node[NN_MAX_LAYERS];
};

/* --- layouts ------------------------------------------------------------ */

static struct nn_layout image_layout(const struct nn_replica *r)
{
    const struct nn_architecture *a = r->shared.architecture;
    const size_t c = (size_t)a->channels;
    return (struct nn_layout){.type = NN_F32,
                              .images = (size_t)r->images,
                              .channels = c,
                              .height = (size_t)a->height,
                              .width = (size_t)a->width,
                              .blocks = c,
                              .lanes = 1};
}

static enum nn_status make_product(struct nn_replica *r, int i,
                                   struct nn_error *err)
{
    struct node *n = &r->node[i];
    const struct nn_layer *l = n->layer;
    const struct nn_shape before =
        nn_shape_before(r->shared.architecture, r->shared.tables, i);
    const struct nn_product_shape shape = {
        .dense = l->op == NN_DENSE,
        .type = r->shared.precision,
        .f32_output = l->op == NN_DENSE,
        .images = r->images,
        .in_channels = before.channels,
        .in_height = before.height,
        .in_width = before.width,
        .out_channels = l->channels,
        .kernel = l->kernel,
        .stride = l->stride,
        .pad = l->pad,
        /* Winograd's F(4 x 4, 3 x 3) works on tiles of 6 x 6: it pays where
         * there are channels enough to multiply. */
        .winograd = r->shared.winograd && r->shared.precision == NN_F32 &&
                    l->op == NN_CONV && l->kernel == 3 && l->stride == 1 &&
                    before.channels >= 16 && l->channels >= 16,
        .need_dx = i > 0 && n->dx != NULL,
        .need_dw = !l->frozen};
    const enum nn_status status =
        nn_product_create(r->device, &shape, &n->in, &n->product, err);
    if (!status) n->out = *nn_product_output(n->product);
    return status;
}

/* The layout behind a layer that is no product. */
static struct nn_layout layout_after(const struct node *n,
                                     const struct nn_shape *shape)
{
    struct nn_layout out = n->in;
    out.height = (size_t)shape->height;
    out.width = (size_t)shape->width;
    return out;
}

/* --- planning ----------------------------------------------------------- */

static int backward_moment(const struct nn_replica *r, int i)
{
    return 2 * r->count - 1 - i;
}

/* True when layer `i` reads its x again in the backward pass. */
static bool reads_x_backward(const struct node *n)
{
    switch (n->layer->op) {
    case NN_CONV:
    case NN_DENSE:
        return !n->layer->frozen;
    case NN_NORM:
        return n->pool == 1;
    case NN_ACTIVATE:
        return true;
    default:
        return false;
    }
}

/* The first layer with anything to train, in itself or before: gradients go
 * back as far as this one. */
static int first_trained(const struct nn_replica *r)
{
    for (int i = 0; i < r->count; i++) {
        const bool product =
            r->node[i].layer->op == NN_CONV || r->node[i].layer->op == NN_DENSE;
        if (product ? !r->node[i].layer->frozen
                    : r->shared.tables->bias[i] >= 0)
            return i;
    }
    return r->count;
}

/* When the activations and the gradient of layer i are needed last. */
static int last_use_of_y(const struct nn_replica *r, int i)
{
    int last = i + 1 < r->count ? i + 1 : i;
    if (i + 1 == r->count) return backward_moment(r, i);
    if (reads_x_backward(&r->node[i + 1])) last = backward_moment(r, i + 1);
    for (int k = i + 1; k < r->count; k++)
        if (r->node[k].layer->op == NN_ADD && r->node[k].layer->other == i &&
            k > last)
            last = k;
    return last;
}

static int last_use_of_dy(const struct nn_replica *r, int i)
{
    const struct nn_layer *l = r->node[i].layer;
    /* The addend's gradient waits until the layer behind the addend has
     * written its own. */
    if (l->op == NN_ADD) return backward_moment(r, l->other + 1);
    return backward_moment(r, i);
}

static void want_channels(struct nn_replica *r, struct node *n)
{
    const size_t bytes = n->in.blocks * n->in.lanes * sizeof(float);
    float **const vectors[] = {
        &n->scale, &n->shift,    &n->dscale,       &n->dshift,
        &n->mean,  &n->variance, &n->running_mean, &n->running_variance,
        &n->a,     &n->b};
    for (size_t k = 0; k < sizeof vectors / sizeof vectors[0]; k++)
        nn_arena_want(&r->arena, (void **)vectors[k], bytes, 0, NN_ALWAYS);
}

static void want_pooling(struct nn_replica *r, struct node *n, int i)
{
    struct nn_layout small = n->in;
    small.height /= n->pool;
    small.width /= n->pool;
    const size_t values =
        small.images * small.blocks * small.lanes * small.height * small.width;
    const int last = backward_moment(r, i);
    const bool norm = n->layer->op == NN_NORM;
    if (norm && n->pool == 1) return;
    nn_arena_want(&r->arena, (void **)&n->winner, values, i, last);
    if (norm)
        nn_arena_want(&r->arena, &n->pooled, nn_layout_bytes(&small), i, last);
}

static void want_memory(struct nn_replica *r, int i, int first, size_t *scratch)
{
    struct node *n = &r->node[i];
    const enum nn_op op = n->layer->op;
    nn_arena_want(&r->arena, &n->y, nn_layout_bytes(&n->out), i,
                  last_use_of_y(r, i));
    if (i >= first)
        nn_arena_want(&r->arena, &n->dy, nn_layout_bytes(&n->out),
                      i + 1 < r->count ? backward_moment(r, i + 1)
                                       : backward_moment(r, i),
                      last_use_of_dy(r, i));
    if (n->product) {
        nn_arena_want(&r->arena, &n->kept, nn_product_kept_size(n->product), 0,
                      NN_ALWAYS);
        const size_t s = nn_product_scratch_size(n->product);
        if (s > *scratch) *scratch = s;
    }
    if (op == NN_NORM || op == NN_ACTIVATE) want_channels(r, n);
    if (op == NN_NORM || op == NN_MAX_POOL) want_pooling(r, n, i);
}

/* Pooling by maximum keeps a byte for each window: where its maximum was. */
static bool remembers_winner(const struct node *n)
{
    return n->layer->op == NN_MAX_POOL || n->layer->op == NN_NORM;
}

/* The loss reads logits as rows of floats. */
static enum nn_status check_logits(const struct nn_replica *r,
                                   struct nn_error *err)
{
    const struct nn_layout *l = &r->node[r->count - 1].out;
    if (l->type == NN_F32 && l->blocks * l->lanes == l->channels) return NN_OK;
    return nn_fail(err, NN_E_UNSUPPORTED,
                   "network %s has to end in a dense layer, or in what keeps "
                   "its layout",
                   r->shared.architecture->name);
}

static enum nn_status plan_node(struct nn_replica *r, int i, int first,
                                struct nn_error *err)
{
    struct node *n = &r->node[i];
    const struct nn_shape *shape = &r->shared.tables->shape[i];
    n->in = i > 0 ? r->node[i - 1].out : image_layout(r);
    n->pool = n->layer->pool > 1 ? (size_t)n->layer->pool : 1;
    const bool pools =
        n->layer->op == NN_MAX_POOL || n->layer->op == NN_MEAN_POOL;
    if (pools && n->layer->pool == 0) {
        if (n->in.height != n->in.width)
            return nn_fail(err, NN_E_ARGUMENT,
                           "network %s pools over the whole picture, which "
                           "must then be square",
                           r->shared.architecture->name);
        n->pool = n->in.height;
    }
    if (remembers_winner(n) && n->pool * n->pool > UINT8_MAX + 1)
        return nn_fail(err, NN_E_UNSUPPORTED,
                       "network %s takes a maximum over %zu x %zu values, more "
                       "than 16 x 16: use smaller images",
                       r->shared.architecture->name, n->pool, n->pool);
    /* Any non-NULL value: make_product only asks whether there will be one. */
    n->dx = i > first ? &n->dx : NULL;
    if (n->layer->op == NN_CONV || n->layer->op == NN_DENSE)
        return make_product(r, i, err);
    n->out = layout_after(n, shape);
    const struct nn_layout *o =
        n->layer->op == NN_ADD ? &r->node[n->layer->other].out : &n->in;
    if (o->lanes != n->in.lanes || o->type != n->in.type)
        return nn_fail(err, NN_E_UNSUPPORTED,
                       "layer %s adds tensors of two layouts", n->layer->name);
    return NN_OK;
}

static enum nn_status bind_product(struct nn_replica *r, int i)
{
    struct node *n = &r->node[i];
    const struct nn_tables *t = r->shared.tables;
    const size_t offset = t->parameter[t->weight[i]].offset;
    const struct nn_product_memory m = {.x = n->x,
                                        .y = n->y,
                                        .dy = n->dy,
                                        .dx = n->dx,
                                        .weights = r->shared.weights + offset,
                                        .dweights = r->gradients + offset,
                                        .kept = n->kept,
                                        .scratch = r->scratch};
    return nn_product_bind(n->product, &m);
}

static enum nn_status plan(struct nn_replica *r, struct nn_error *err)
{
    enum nn_status status = NN_OK;
    const struct nn_layout image = image_layout(r);
    size_t scratch = 0;
    const int first = first_trained(r);
    for (int i = 0; i < r->count; i++)
        TRY(plan_node(r, i, first, err));
    TRY(check_logits(r, err));

    nn_arena_want(&r->arena, (void **)&r->input, nn_layout_bytes(&image), 0,
                  NN_ALWAYS);
    for (int i = 0; i < r->count; i++)
        want_memory(r, i, first, &scratch);
    nn_arena_want(&r->arena, &r->scratch, scratch, 0, NN_ALWAYS);
    nn_arena_plan(&r->arena);
    if ((status = nn_arena_commit(&r->arena)) != NN_OK) {
        nn_fail(err, status,
                "no memory for %d images a thread (%zu MiB): use a smaller "
                "--batch",
                r->images, r->arena.total >> 20);
        goto done;
    }
    for (int i = 0; i < r->count; i++) {
        struct node *n = &r->node[i];
        n->x = i > 0 ? r->node[i - 1].y : r->input;
        n->dx = i > first ? r->node[i - 1].dy : NULL;
        if (n->layer->op == NN_NORM && n->pool == 1) n->pooled = n->x;
        if (n->product) TRY(bind_product(r, i));
    }
done:
    return status;
}

enum nn_status nn_replica_create(const struct nn_shared *shared, int images,
                                 float *gradients, struct nn_replica **out,
                                 struct nn_error *err)
{
    enum nn_status status = NN_OK;
    *out = NULL;
    struct nn_replica *r = calloc(1, sizeof *r);
    if (!r) return nn_fail(err, NN_E_NOMEM, "out of memory");
    r->shared = *shared;
    r->images = images;
    r->count = shared->architecture->count;
    r->gradients = gradients;
    for (int i = 0; i < r->count; i++)
        r->node[i].layer = &shared->architecture->layer[i];

    TRY(nn_device_create(&r->device, err));
    TRY(plan(r, err));
    *out = r;
    r = NULL; /* ownership has moved to the caller */
done:
    nn_replica_destroy(r);
    return status;
}

void nn_replica_destroy(struct nn_replica *r)
{
    if (!r) return;
    for (int i = 0; i < r->count; i++)
        nn_product_destroy(r->node[i].product);
    nn_arena_release(&r->arena);
    nn_device_destroy(r->device);
    free(r);
}

int nn_replica_images(const struct nn_replica *r)
{
    return r->images;
}

size_t nn_replica_memory(const struct nn_replica *r)
{
    return r->arena.total;
}

size_t nn_replica_statistics(const struct nn_replica *r, int i,
                             const float **mean, const float **variance)
{
    const struct node *n = &r->node[i];
    *mean = n->mean;
    *variance = n->variance;
    return n->out.images * n->out.height * n->out.width;
}

/* --- running ------------------------------------------------------------ */

static const float *weights_at(const struct nn_replica *r, int row)
{
    return r->shared.weights + r->shared.tables->parameter[row].offset;
}

static void copy_row(float *to, const float *from, const struct node *n)
{
    memcpy(to, from, n->in.channels * sizeof *to);
}

/* Takes over the shared weights: into oneDNN's layouts and, for vectors over
 * channels, into padded copies. */
static enum nn_status prepare(struct nn_replica *r, bool backward)
{
    const struct nn_tables *t = r->shared.tables;
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

static enum nn_status forward_node(struct nn_replica *r, int i, bool infer)
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
static void add_shortcuts(struct nn_replica *r, int i)
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

static enum nn_status backward_node(struct nn_replica *r, int i)
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
static void collect(struct nn_replica *r, int i)
{
    const struct nn_tables *t = r->shared.tables;
    const struct node *n = &r->node[i];
    if (n->product) return;
    if (t->weight[i] >= 0)
        copy_row(r->gradients + t->parameter[t->weight[i]].offset, n->dscale,
                 n);
    if (t->bias[i] >= 0)
        copy_row(r->gradients + t->parameter[t->bias[i]].offset, n->dshift, n);
}

static double logit_scale(const struct nn_replica *r)
{
    const double s = r->shared.architecture->logit_scale;
    return s > 0.0 ? s : 1.0;
}

static enum nn_status forward(struct nn_replica *r, bool infer)
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

static size_t image_floats(const struct nn_replica *r)
{
    const struct nn_architecture *a = r->shared.architecture;
    return (size_t)a->channels * (size_t)a->height * (size_t)a->width;
}

enum nn_status nn_replica_step(struct nn_replica *r, const float *images,
                               const int32_t *labels, double smoothing,
                               double weight, struct nn_result *result)
{
    const struct node *last = &r->node[r->count - 1];
    const size_t classes = last->out.channels;
    memcpy(r->input, images,
           (size_t)r->images * image_floats(r) * sizeof *images);
    enum nn_status status = forward(r, false);
    if (status) return status;
    result->correct = 0;
    result->loss =
        r->shared.kernels->cross_entropy((size_t)r->images, classes, classes,
                                         last->y, labels, smoothing,
                                         weight * logit_scale(r), last->dy,
                                         &result->correct);
    for (int i = r->count - 1; i >= first_trained(r) && !status; i--) {
        status = backward_node(r, i);
        collect(r, i);
        add_shortcuts(r, i);
    }
    return status;
}

enum nn_status nn_replica_infer(struct nn_replica *r, const float *images,
                                size_t n, float *logits)
{
    const struct node *last = &r->node[r->count - 1];
    const size_t floats = image_floats(r);
    memcpy(r->input, images, n * floats * sizeof *images);
    memset(r->input + n * floats, 0,
           ((size_t)r->images - n) * floats * sizeof *images);
    const enum nn_status status = forward(r, true);
    if (!status)
        memcpy(logits, last->y, n * last->out.channels * sizeof *logits);
    return status;
}
