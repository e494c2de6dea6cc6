/* nn/product.h on oneDNN 2.x.
 *
 * A product has up to three passes (forward, data gradient, weight gradient).
 * Each pass reads and writes three tensors through ports: a port knows the
 * tensor as its neighbours hold it (outside) and as oneDNN wants it (inside),
 * and reorders between the two when they differ. What 3.x changed is all here:
 * operation descriptors and the fields of dnnl_memory_desc_t. */
#include "nn/denormals.h"
#include "nn/product.h"
#include <dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libgomp's, which libdnnl is linked to. Declared here because its header is
 * gcc's own and clang has none. */
void omp_set_num_threads(int threads);

#if DNNL_VERSION_MAJOR != 2
#error "product_onednn2.c needs oneDNN 2.x (2.6 and 2.7 are known to work)"
#endif

/* Sets `status` and leaves through `done` when a oneDNN call fails. */
#define TRY(call) \
    do { \
        const dnnl_status_t try_ = (call); \
        if (try_ != dnnl_success) { \
            status = from_dnnl(try_); \
            goto done; \
        } \
    } while (0)

enum { FORWARD, BACK_DATA, BACK_WEIGHTS, PASSES };
enum { SOURCE, WEIGHTS, DESTINATION, PORTS };

struct port {
    int argument; /* DNNL_ARG_... */
    bool written; /* by the pass; else read */
    bool kept;    /* its inside lives in the kept memory, else in scratch */
    dnnl_memory_desc_t outside, inside;
    size_t offset;            /* of the inside, when there is a reorder */
    dnnl_primitive_t reorder; /* NULL: inside and outside are the same */
    dnnl_memory_t memory_outside, memory_inside;
};

struct pass {
    dnnl_primitive_desc_t descriptor;
    dnnl_primitive_t primitive; /* NULL: this pass is not needed */
    struct port port[PORTS];
    size_t pad_offset; /* of oneDNN's own scratch memory */
    dnnl_memory_t pad;
    dnnl_exec_arg_t arguments[PORTS + 1];
    int count;
};

struct nn_device {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
};

struct nn_product {
    struct nn_device *device; /* borrowed */
    struct nn_product_shape shape;
    struct nn_layout output;
    struct pass pass[PASSES];
    size_t kept, scratch; /* bytes */
    /* Weights rounded to bf16 and held as f32, where f32 is what multiplies
     * them: their place in the kept memory, and how many; or 0. */
    size_t rounded_offset, rounded_count;
    float *rounded;
    const float *weights; /* borrowed: what they are rounded from */
};

static enum nn_status from_dnnl(dnnl_status_t s)
{
    switch (s) {
    case dnnl_success:
        return NN_OK;
    case dnnl_out_of_memory:
        return NN_E_NOMEM;
    case dnnl_unimplemented:
        return NN_E_UNSUPPORTED;
    case dnnl_invalid_arguments:
        return NN_E_ARGUMENT;
    default:
        return NN_E_KERNEL;
    }
}

void nn_device_single_thread(void)
{
    omp_set_num_threads(1);
    (void)nn_denormals_flush();
}

void nn_device_version(char *out, size_t size)
{
    const dnnl_version_t *v = dnnl_version();
    snprintf(out, size, "%d.%d.%d", v->major, v->minor, v->patch);
}

enum nn_status nn_device_create(struct nn_device **out, struct nn_error *err)
{
    enum nn_status status = NN_OK;
    *out = NULL;
    struct nn_device *d = calloc(1, sizeof *d);
    if (!d) return nn_fail(err, NN_E_NOMEM, "out of memory");

    TRY(dnnl_engine_create(&d->engine, dnnl_cpu, 0));
    TRY(dnnl_stream_create(&d->stream, d->engine, dnnl_stream_default_flags));
    *out = d;
    d = NULL; /* ownership has moved to the caller */
done:
    nn_device_destroy(d);
    if (status) nn_fail(err, status, "oneDNN has no engine for this CPU");
    return status;
}

void nn_device_destroy(struct nn_device *d)
{
    if (!d) return;
    if (d->stream) dnnl_stream_destroy(d->stream);
    if (d->engine) dnnl_engine_destroy(d->engine);
    free(d);
}

struct dnnl_engine *nn_device_engine(struct nn_device *d)
{
    return d->engine;
}

struct dnnl_stream *nn_device_stream(struct nn_device *d)
{
    return d->stream;
}

/* --- layouts ----------------------------------------------------------- */

static size_t type_bytes(enum nn_type t)
{
    return t == NN_BF16 ? 2 : 4;
}

size_t nn_layout_bytes(const struct nn_layout *l)
{
    return l->images * l->blocks * l->lanes * l->height * l->width *
           type_bytes(l->type);
}

static dnnl_data_type_t dnnl_type(enum nn_type t)
{
    return t == NN_BF16 ? dnnl_bf16 : dnnl_f32;
}

static dnnl_format_tag_t tag_of(const struct nn_layout *l)
{
    if (l->lanes == 1 && l->channels > 1) return dnnl_nchw;
    if (l->lanes == 16) return dnnl_nChw16c;
    if (l->lanes == 8) return dnnl_nChw8c;
    if (l->lanes == 4) return dnnl_nChw4c;
    return dnnl_nhwc;
}

static dnnl_status_t describe(dnnl_memory_desc_t *md, const struct nn_layout *l,
                              dnnl_format_tag_t tag)
{
    const dnnl_dims_t dims = {(dnnl_dim_t)l->images, (dnnl_dim_t)l->channels,
                              (dnnl_dim_t)l->height, (dnnl_dim_t)l->width};
    return dnnl_memory_desc_init_by_tag(md, 4, dims, dnnl_type(l->type), tag);
}

/* The blocks of a four-dimensional descriptor, whatever its type; false when
 * they are none that the kernels know. */
static bool understand(const dnnl_memory_desc_t *md, struct nn_layout *out)
{
    if (md->format_kind != dnnl_blocked) return false;
    struct nn_layout inside = *out, *const l = &inside;
    l->type = md->data_type == dnnl_bf16 ? NN_BF16 : NN_F32;
    const dnnl_blocking_desc_t *b = &md->format_desc.blocking;
    if (b->inner_nblks == 0 && b->strides[1] == 1)
        l->lanes = l->channels;
    else if (b->inner_nblks == 0)
        l->lanes = 1;
    else if (b->inner_nblks == 1 && b->inner_idxs[0] == 1)
        l->lanes = (size_t)b->inner_blks[0];
    else
        return false;
    l->blocks = (l->channels + l->lanes - 1) / l->lanes;
    out->lanes = l->lanes;
    out->blocks = l->blocks;
    dnnl_memory_desc_t same;
    return describe(&same, l, tag_of(l)) == dnnl_success &&
           dnnl_memory_desc_get_size(&same) == dnnl_memory_desc_get_size(md) &&
           (dnnl_memory_desc_equal(&same, md) || l->lanes == l->channels ||
            l->lanes == 1);
}

/* --- descriptors ------------------------------------------------------- */

static void output_shape(const struct nn_product_shape *s, struct nn_layout *l)
{
    l->type = s->f32_output ? NN_F32 : s->type;
    l->images = (size_t)s->images;
    l->channels = (size_t)s->out_channels;
    l->height = l->width = 1;
    if (!s->dense) {
        l->height =
            (size_t)((s->in_height + 2 * s->pad - s->kernel) / s->stride) + 1;
        l->width =
            (size_t)((s->in_width + 2 * s->pad - s->kernel) / s->stride) + 1;
    }
    l->blocks = 1;
    l->lanes = l->channels;
}

/* The three tensors of a pass, in `tag`; `any` lets oneDNN choose. The last
 * one of a dense layer is two-dimensional for oneDNN. */
static dnnl_status_t tensors(const struct nn_product_shape *s, int pass,
                             dnnl_alg_kind_t alg, dnnl_format_tag_t tag,
                             dnnl_memory_desc_t md[PORTS])
{
    /* Winograd's algorithm is there for f32 alone: the ports widen. */
    const dnnl_data_type_t type = alg == dnnl_convolution_winograd && !s->dense
                                      ? dnnl_f32
                                      : dnnl_type(s->type);
    /* Weight gradients stay f32: they are summed over replicas and steps. */
    const dnnl_data_type_t of_weights = pass == BACK_WEIGHTS ? dnnl_f32 : type;
    /* The gradient of an f32 output of bf16 factors is taken as bf16: oneDNN
     * multiplies nothing else. */
    const dnnl_data_type_t of_output =
        s->f32_output && pass == FORWARD ? dnnl_f32 : type;
    struct nn_layout y;
    output_shape(s, &y);
    const int kh = s->dense ? s->in_height : s->kernel;
    const int kw = s->dense ? s->in_width : s->kernel;
    const dnnl_dims_t x_dims = {s->images, s->in_channels, s->in_height,
                                s->in_width};
    const dnnl_dims_t w_dims = {s->out_channels, s->in_channels, kh, kw};
    const dnnl_dims_t y_dims = {s->images, s->out_channels,
                                (dnnl_dim_t)y.height, (dnnl_dim_t)y.width};
    dnnl_status_t e =
        dnnl_memory_desc_init_by_tag(&md[SOURCE], 4, x_dims, type, tag);
    if (!e)
        e = dnnl_memory_desc_init_by_tag(&md[WEIGHTS], 4, w_dims, of_weights,
                                         dnnl_format_tag_any);
    if (!e && s->dense)
        e = dnnl_memory_desc_init_by_tag(&md[DESTINATION], 2, y_dims, of_output,
                                         dnnl_ab);
    else if (!e)
        e = dnnl_memory_desc_init_by_tag(&md[DESTINATION], 4, y_dims, of_output,
                                         tag);
    return e;
}

static dnnl_status_t describe_conv(const struct nn_product_shape *s, int pass,
                                   dnnl_alg_kind_t alg, dnnl_memory_desc_t *md,
                                   dnnl_convolution_desc_t *d)
{
    const dnnl_dims_t strides = {s->stride, s->stride};
    const dnnl_dims_t pad = {s->pad, s->pad};
    switch (pass) {
    case FORWARD:
        return dnnl_convolution_forward_desc_init(d, dnnl_forward_training, alg,
                                                  &md[SOURCE], &md[WEIGHTS],
                                                  NULL, &md[DESTINATION],
                                                  strides, pad, pad);
    case BACK_DATA:
        return dnnl_convolution_backward_data_desc_init(d, alg, &md[SOURCE],
                                                        &md[WEIGHTS],
                                                        &md[DESTINATION],
                                                        strides, pad, pad);
    default:
        return dnnl_convolution_backward_weights_desc_init(d, alg, &md[SOURCE],
                                                           &md[WEIGHTS], NULL,
                                                           &md[DESTINATION],
                                                           strides, pad, pad);
    }
}

static dnnl_status_t describe_dense(int pass, dnnl_memory_desc_t *md,
                                    dnnl_inner_product_desc_t *d)
{
    switch (pass) {
    case FORWARD:
        return dnnl_inner_product_forward_desc_init(d, dnnl_forward_training,
                                                    &md[SOURCE], &md[WEIGHTS],
                                                    NULL, &md[DESTINATION]);
    case BACK_DATA:
        return dnnl_inner_product_backward_data_desc_init(d, &md[SOURCE],
                                                          &md[WEIGHTS],
                                                          &md[DESTINATION]);
    default:
        return dnnl_inner_product_backward_weights_desc_init(d, &md[SOURCE],
                                                             &md[WEIGHTS], NULL,
                                                             &md[DESTINATION]);
    }
}

/* One primitive descriptor with oneDNN's scratch memory given by us. */
static dnnl_status_t choose(const struct nn_product *p, int pass,
                            dnnl_alg_kind_t alg, dnnl_format_tag_t tag,
                            const_dnnl_primitive_desc_t forward,
                            dnnl_primitive_desc_t *out)
{
    dnnl_memory_desc_t md[PORTS];
    dnnl_convolution_desc_t conv;
    dnnl_inner_product_desc_t dense;
    dnnl_primitive_attr_t attributes = NULL;
    *out = NULL;

    dnnl_status_t e = tensors(&p->shape, pass, alg, tag, md);
    if (!e && p->shape.dense)
        e = describe_dense(pass, md, &dense);
    else if (!e)
        e = describe_conv(&p->shape, pass, alg, md, &conv);
    if (!e) e = dnnl_primitive_attr_create(&attributes);
    if (!e)
        e = dnnl_primitive_attr_set_scratchpad_mode(attributes,
                                                    dnnl_scratchpad_mode_user);
    if (!e)
        e = dnnl_primitive_desc_create(out,
                                       p->shape.dense ? (void *)&dense
                                                      : (void *)&conv,
                                       attributes, p->device->engine, forward);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    return e;
}

static dnnl_memory_desc_t query(const_dnnl_primitive_desc_t pd, int pass,
                                int port)
{
    static const dnnl_query_t what[PASSES][PORTS] = {
        {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md},
        {dnnl_query_diff_src_md, dnnl_query_weights_md, dnnl_query_diff_dst_md},
        {dnnl_query_src_md, dnnl_query_diff_weights_md,
         dnnl_query_diff_dst_md}};
    return *dnnl_primitive_desc_query_md(pd, what[pass][port], 0);
}

/* Chooses the implementation of one pass. The data gradient and the weight
 * gradient want a forward descriptor of the same algorithm as a hint. */
static dnnl_status_t choose_pass(struct nn_product *p, int pass)
{
    const dnnl_alg_kind_t algorithms[] = {dnnl_convolution_winograd,
                                          dnnl_convolution_direct};
    const dnnl_format_tag_t tags[] = {dnnl_format_tag_any, dnnl_nhwc};
    dnnl_status_t e = dnnl_unimplemented;
    for (int a = p->shape.winograd ? 0 : 1; a < 2; a++)
        for (int t = p->shape.channels_last ? 1 : 0; t < 2; t++) {
            dnnl_primitive_desc_t hint = NULL;
            dnnl_primitive_desc_t *out = &p->pass[pass].descriptor;
            e = choose(p, FORWARD, algorithms[a], tags[t], NULL, &hint);
            if (e) continue;
            if (pass == FORWARD) {
                *out = hint;
                hint = NULL;
                const dnnl_memory_desc_t y = query(*out, FORWARD, DESTINATION);
                if (!p->shape.dense && !understand(&y, &p->output)) {
                    dnnl_primitive_desc_destroy(*out);
                    *out = NULL;
                    e = dnnl_unimplemented;
                    continue;
                }
                return dnnl_success;
            }
            e = choose(p, pass, algorithms[a], tags[t], hint, out);
            dnnl_primitive_desc_destroy(hint);
            if (!e) return dnnl_success;
        }
    return e;
}

/* --- ports ------------------------------------------------------------- */

/* Room for `bytes` at the end of an area, on a cache line of its own. */
static size_t take(size_t *end, size_t bytes)
{
    const size_t at = *end;
    *end += (bytes + 63) / 64 * 64;
    return at;
}

static dnnl_status_t outside_of(const struct nn_product *p,
                                const struct nn_layout *in, int port,
                                dnnl_memory_desc_t *md)
{
    const struct nn_product_shape *s = &p->shape;
    if (port == SOURCE) return describe(md, in, tag_of(in));
    if (port == WEIGHTS) {
        const dnnl_dims_t dims = {s->out_channels, s->in_channels,
                                  s->dense ? s->in_height : s->kernel,
                                  s->dense ? s->in_width : s->kernel};
        return dnnl_memory_desc_init_by_tag(md, 4, dims, dnnl_f32, dnnl_oihw);
    }
    if (!s->dense) return describe(md, &p->output, tag_of(&p->output));
    const dnnl_dims_t dims = {s->images, s->out_channels};
    return dnnl_memory_desc_init_by_tag(md, 2, dims, dnnl_type(p->output.type),
                                        dnnl_ab);
}

static dnnl_status_t plan_port(struct nn_product *p, int pass, int port,
                               const struct nn_layout *in, size_t *scratch)
{
    static const int arguments[PASSES][PORTS] = {
        {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
        {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST},
        {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST}};
    static const int written[PASSES] = {DESTINATION, SOURCE, WEIGHTS};
    struct port *q = &p->pass[pass].port[port];
    q->argument = arguments[pass][port];
    q->written = port == written[pass];
    q->kept = port == WEIGHTS && pass != BACK_WEIGHTS;
    q->inside = query(p->pass[pass].descriptor, pass, port);
    dnnl_status_t e = outside_of(p, in, port, &q->outside);
    if (e || dnnl_memory_desc_equal(&q->outside, &q->inside)) return e;

    q->offset = take(q->kept ? &p->kept : scratch,
                     dnnl_memory_desc_get_size(&q->inside));
    dnnl_primitive_desc_t pd = NULL;
    const dnnl_memory_desc_t *from = q->written ? &q->inside : &q->outside;
    const dnnl_memory_desc_t *to = q->written ? &q->outside : &q->inside;
    e = dnnl_reorder_primitive_desc_create(&pd, from, p->device->engine, to,
                                           p->device->engine, NULL);
    if (!e) e = dnnl_primitive_create(&q->reorder, pd);
    if (pd) dnnl_primitive_desc_destroy(pd);
    return e;
}

static dnnl_status_t plan_pass(struct nn_product *p, int pass,
                               const struct nn_layout *in)
{
    struct pass *s = &p->pass[pass];
    size_t scratch = 0;
    dnnl_status_t e = choose_pass(p, pass);
    for (int port = 0; port < PORTS && !e; port++)
        e = plan_port(p, pass, port, in, &scratch);
    if (e) return e;
    const dnnl_memory_desc_t *pad =
        dnnl_primitive_desc_query_md(s->descriptor, dnnl_query_scratchpad_md,
                                     0);
    s->pad_offset = take(&scratch, dnnl_memory_desc_get_size(pad));
    if (scratch > p->scratch) p->scratch = scratch;
    return dnnl_primitive_create(&s->primitive, s->descriptor);
}

enum nn_status nn_product_create(struct nn_device *d,
                                 const struct nn_product_shape *shape,
                                 const struct nn_layout *in,
                                 struct nn_product **out, struct nn_error *err)
{
    enum nn_status status = NN_OK;
    *out = NULL;
    struct nn_product *p = calloc(1, sizeof *p);
    if (!p) return nn_fail(err, NN_E_NOMEM, "out of memory");
    p->device = d;
    p->shape = *shape;
    output_shape(shape, &p->output);
    if (shape->winograd && shape->type == NN_BF16) {
        p->rounded_count = (size_t)shape->out_channels *
                           (size_t)shape->in_channels * (size_t)shape->kernel *
                           (size_t)shape->kernel;
        p->rounded_offset = take(&p->kept, p->rounded_count * sizeof(float));
    }

    TRY(plan_pass(p, FORWARD, in));
    if (shape->need_dx) TRY(plan_pass(p, BACK_DATA, in));
    if (shape->need_dw) TRY(plan_pass(p, BACK_WEIGHTS, in));
    *out = p;
    p = NULL; /* ownership has moved to the caller */
done:
    nn_product_destroy(p);
    if (status)
        nn_fail(err, status,
                "oneDNN cannot do a %s layer of %d to %d channels on %d x %d",
                shape->dense ? "dense" : "convolution", shape->in_channels,
                shape->out_channels, shape->in_height, shape->in_width);
    return status;
}

void nn_product_destroy(struct nn_product *p)
{
    if (!p) return;
    for (int i = 0; i < PASSES; i++) {
        struct pass *s = &p->pass[i];
        for (int k = 0; k < PORTS; k++) {
            struct port *q = &s->port[k];
            if (q->memory_inside && q->memory_inside != q->memory_outside)
                dnnl_memory_destroy(q->memory_inside);
            if (q->memory_outside) dnnl_memory_destroy(q->memory_outside);
            if (q->reorder) dnnl_primitive_destroy(q->reorder);
        }
        if (s->pad) dnnl_memory_destroy(s->pad);
        if (s->primitive) dnnl_primitive_destroy(s->primitive);
        if (s->descriptor) dnnl_primitive_desc_destroy(s->descriptor);
    }
    free(p);
}

const struct nn_layout *nn_product_output(const struct nn_product *p)
{
    return &p->output;
}

size_t nn_product_kept_size(const struct nn_product *p)
{
    return p->kept;
}

size_t nn_product_scratch_size(const struct nn_product *p)
{
    return p->scratch;
}

const char *nn_product_implementation(const struct nn_product *p, int part)
{
    const char *name = "";
    if (p->pass[part].descriptor)
        dnnl_primitive_desc_query(p->pass[part].descriptor,
                                  dnnl_query_impl_info_str, 0, &name);
    return name;
}

/* --- running ----------------------------------------------------------- */

static dnnl_status_t bind_port(struct nn_product *p, struct port *q,
                               void *outside, const struct nn_product_memory *m)
{
    dnnl_status_t e = dnnl_memory_create(&q->memory_outside, &q->outside,
                                         p->device->engine, outside);
    if (e) return e;
    q->memory_inside = q->memory_outside;
    if (!q->reorder) return e;
    char *area = q->kept ? m->kept : m->scratch;
    q->memory_inside = NULL;
    return dnnl_memory_create(&q->memory_inside, &q->inside, p->device->engine,
                              area + q->offset);
}

enum nn_status nn_product_bind(struct nn_product *p,
                               const struct nn_product_memory *m)
{
    enum nn_status status = NN_OK;
    p->weights = m->weights;
    p->rounded = p->rounded_count > 0
                     ? (float *)(void *)((char *)m->kept + p->rounded_offset)
                     : NULL;
    /* oneDNN's C API takes no pointers to const, but only reads weights. */
    void *const weights =
        p->rounded ? p->rounded : (void *)(uintptr_t)m->weights;
    void *const tensor[PASSES][PORTS] = {{m->x, weights, m->y},
                                         {m->dx, weights, m->dy},
                                         {m->x, m->dweights, m->dy}};
    for (int i = 0; i < PASSES; i++) {
        struct pass *s = &p->pass[i];
        if (!s->primitive) continue;
        for (int k = 0; k < PORTS; k++) {
            struct port *q = &s->port[k];
            TRY(bind_port(p, q, tensor[i][k], m));
            s->arguments[k].arg = q->argument;
            s->arguments[k].memory = q->memory_inside;
        }
        const dnnl_memory_desc_t *pad =
            dnnl_primitive_desc_query_md(s->descriptor,
                                         dnnl_query_scratchpad_md, 0);
        TRY(dnnl_memory_create(&s->pad, pad, p->device->engine,
                               (char *)m->scratch + s->pad_offset));
        s->arguments[PORTS].arg = DNNL_ARG_SCRATCHPAD;
        s->arguments[PORTS].memory = s->pad;
        s->count = PORTS + 1;
    }
done:
    return status;
}

static dnnl_status_t reorder(struct nn_product *p, const struct port *q)
{
    if (!q->reorder) return dnnl_success;
    const dnnl_exec_arg_t arguments[] = {
        {DNNL_ARG_FROM, q->written ? q->memory_inside : q->memory_outside},
        {DNNL_ARG_TO, q->written ? q->memory_outside : q->memory_inside}};
    return dnnl_primitive_execute(q->reorder, p->device->stream, 2, arguments);
}

static dnnl_status_t run(struct nn_product *p, int pass)
{
    struct pass *s = &p->pass[pass];
    dnnl_status_t e = dnnl_success;
    if (!s->primitive) return e;
    for (int k = 0; k < PORTS && !e; k++)
        if (!s->port[k].written && !s->port[k].kept)
            e = reorder(p, &s->port[k]);
    if (!e)
        e = dnnl_primitive_execute(s->primitive, p->device->stream, s->count,
                                   s->arguments);
    for (int k = 0; k < PORTS && !e; k++)
        if (s->port[k].written) e = reorder(p, &s->port[k]);
    return e;
}

enum nn_status nn_product_prepare(struct nn_product *p, bool backward)
{
    if (p->rounded) nn_round_to_bf16(p->rounded_count, p->weights, p->rounded);
    dnnl_status_t e = reorder(p, &p->pass[FORWARD].port[WEIGHTS]);
    if (!e && backward && p->pass[BACK_DATA].primitive)
        e = reorder(p, &p->pass[BACK_DATA].port[WEIGHTS]);
    return from_dnnl(e);
}

enum nn_status nn_product_forward(struct nn_product *p)
{
    return from_dnnl(run(p, FORWARD));
}

enum nn_status nn_product_backward(struct nn_product *p)
{
    dnnl_status_t e = run(p, BACK_WEIGHTS);
    if (!e) e = run(p, BACK_DATA);
    return from_dnnl(e);
}
