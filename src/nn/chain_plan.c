/* Planning: every layer says which memory it wants and when; then one block is
 * taken, and every layer is bound to its place in it. Moments count up: layer
 * i runs forward at moment i and backward at moment 2 * layers - 1 - i. */
#include "nn/chain_node.h"

/* Leaves through `done` when a call of this folder fails. */
#define TRY(call) \
    do { \
        if ((status = (call)) != NN_OK) goto done; \
    } while (0)

/* --- layouts ------------------------------------------------------------ */

static struct nn_layout image_layout(const struct nn_chain *r)
{
    const struct nn_architecture *a = r->architecture;
    const size_t c = (size_t)a->channels;
    return (struct nn_layout){.type = NN_F32,
                              .images = (size_t)r->images,
                              .channels = c,
                              .height = (size_t)a->height,
                              .width = (size_t)a->width,
                              .blocks = c,
                              .lanes = 1};
}

/* Winograd's F(4 x 4, 3 x 3) works on tiles of 6 x 6 and multiplies a quarter
 * as often: it pays where there are channels enough. In bf16 it does where
 * there are no tiles of AMX: AVX-512 alone multiplies bf16 no faster than f32,
 * and a step of airbench94 took 2.4 times as long by it. */
static bool winograd_pays(const struct nn_options *o)
{
    if (o->direct || o->channels_last) return false;
    return o->precision == NN_F32 || o->emulate_bf16 || !nn_has_amx_bf16();
}

static enum nn_status make_product(struct nn_chain *r, int i,
                                   struct nn_error *err)
{
    struct node *n = &r->node[i];
    const struct nn_layer *l = n->layer;
    const struct nn_shape before =
        nn_shape_before(r->architecture, r->tables, i);
    const struct nn_product_shape shape = {
        .dense = l->op == NN_DENSE,
        .type = r->shared.options->precision,
        .f32_output = l->op == NN_DENSE,
        .images = r->images,
        .in_channels = before.channels,
        .in_height = before.height,
        .in_width = before.width,
        .out_channels = l->channels,
        .kernel = l->kernel,
        .stride = l->stride,
        .pad = l->pad,
        .winograd = winograd_pays(r->shared.options) && l->op == NN_CONV &&
                    n->in.type == r->shared.options->precision &&
                    l->kernel == 3 && l->stride == 1 && before.channels >= 16 &&
                    l->channels >= 16,
        .channels_last = r->shared.options->channels_last,
        .need_dx = i > r->first,
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

static int backward_moment(const struct nn_chain *r, int i)
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
static int first_trained(const struct nn_chain *r)
{
    for (int i = 0; i < r->count; i++) {
        const bool product =
            r->node[i].layer->op == NN_CONV || r->node[i].layer->op == NN_DENSE;
        if (product ? !r->node[i].layer->frozen : r->tables->bias[i] >= 0)
            return i;
    }
    return r->count;
}

/* When the activations and the gradient of layer i are needed last. */
static int last_use_of_y(const struct nn_chain *r, int i)
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

static int last_use_of_dy(const struct nn_chain *r, int i)
{
    const struct nn_layer *l = r->node[i].layer;
    /* The addend's gradient waits until the layer behind the addend has
     * written its own. */
    if (l->op == NN_ADD) return backward_moment(r, l->other + 1);
    return backward_moment(r, i);
}

static void want_channels(struct nn_chain *r, struct node *n)
{
    const size_t bytes = n->in.blocks * n->in.lanes * sizeof(float);
    float **const vectors[] = {
        &n->scale, &n->shift,    &n->dscale,       &n->dshift,
        &n->mean,  &n->variance, &n->running_mean, &n->running_variance,
        &n->a,     &n->b};
    for (size_t k = 0; k < sizeof vectors / sizeof vectors[0]; k++)
        nn_arena_want(&r->arena, (void **)vectors[k], bytes, 0, NN_ALWAYS);
}

static void want_pooling(struct nn_chain *r, struct node *n, int i)
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

static void want_memory(struct nn_chain *r, int i, size_t *scratch)
{
    struct node *n = &r->node[i];
    const enum nn_op op = n->layer->op;
    nn_arena_want(&r->arena, &n->y, nn_layout_bytes(&n->out), i,
                  last_use_of_y(r, i));
    if (i >= r->first)
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
static enum nn_status check_logits(const struct nn_chain *r,
                                   struct nn_error *err)
{
    const struct nn_layout *l = &r->node[r->count - 1].out;
    if (l->type == NN_F32 && l->blocks * l->lanes == l->channels) return NN_OK;
    return nn_fail(err, NN_E_UNSUPPORTED,
                   "network %s has to end in a dense layer, or in what keeps "
                   "its layout",
                   r->architecture->name);
}

static enum nn_status plan_node(struct nn_chain *r, int i, struct nn_error *err)
{
    struct node *n = &r->node[i];
    const struct nn_shape *shape = &r->tables->shape[i];
    n->in = i > 0 ? r->node[i - 1].out : image_layout(r);
    n->pool = n->layer->pool > 1 ? (size_t)n->layer->pool : 1;
    const bool pools =
        n->layer->op == NN_MAX_POOL || n->layer->op == NN_MEAN_POOL;
    if (pools && n->layer->pool == 0) {
        if (n->in.height != n->in.width)
            return nn_fail(err, NN_E_ARGUMENT,
                           "network %s pools over the whole picture, which "
                           "must then be square",
                           r->architecture->name);
        n->pool = n->in.height;
    }
    if (remembers_winner(n) && n->pool * n->pool > UINT8_MAX + 1)
        return nn_fail(err, NN_E_UNSUPPORTED,
                       "network %s takes a maximum over %zu x %zu values, more "
                       "than 16 x 16: use smaller images",
                       r->architecture->name, n->pool, n->pool);
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

static enum nn_status bind_product(struct nn_chain *r, int i)
{
    struct node *n = &r->node[i];
    const struct nn_tables *t = r->tables;
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

enum nn_status nn_chain_plan(struct nn_chain *r, struct nn_error *err)
{
    enum nn_status status = NN_OK;
    const struct nn_layout image = image_layout(r);
    size_t scratch = 0;
    r->first = first_trained(r);
    for (int i = 0; i < r->count; i++)
        TRY(plan_node(r, i, err));
    TRY(check_logits(r, err));

    nn_arena_want(&r->arena, (void **)&r->input, nn_layout_bytes(&image), 0,
                  NN_ALWAYS);
    for (int i = 0; i < r->count; i++)
        want_memory(r, i, &scratch);
    nn_arena_want(&r->arena, &r->scratch, scratch, 0, NN_ALWAYS);
    nn_arena_plan(&r->arena);
    if ((status = nn_arena_commit(&r->arena)) != NN_OK) {
        nn_fail(err, status,
                status == NN_E_NOMEM
                    ? "no memory for %d images a thread (%zu MiB): use a "
                      "smaller --batch"
                    : "too many tensors for %d images a thread (%zu MiB)",
                r->images, r->arena.total >> 20);
        goto done;
    }
    for (int i = 0; i < r->count; i++) {
        struct node *n = &r->node[i];
        n->x = i > 0 ? r->node[i - 1].y : r->input;
        n->dx = i > r->first ? r->node[i - 1].dy : NULL;
        if (n->layer->op == NN_NORM && n->pool == 1) n->pooled = n->x;
        if (!n->product || (status = bind_product(r, i)) == NN_OK) continue;
        nn_fail(err, status, "oneDNN has no memory for layer %s",
                n->layer->name);
        goto done;
    }
done:
    return status;
}
