/* Bias with activation, and sums of two tensors. */
#ifndef TAPER_NN_KERNELS_POINTWISE_H
#define TAPER_NN_KERNELS_POINTWISE_H

#include "nn/kernels_math.h"
#include "nn/kernels_walk.h"

struct activate_pass {
    enum nn_activation activation;
    const float *bias; /* [channels] or NULL */
    const void *x, *dy;
    void *to;
    double sum[NN_GROUP]; /* of dy act', per lane of the group */
};

NN_INLINE void activate_forward_as(enum nn_type type, size_t n,
                                   enum nn_activation act, struct grid g,
                                   struct run r, const struct activate_pass *p)
{
    const vf bias = p->bias ? load_f32(p->bias + r.channel, n) : (vf){0};
    const void *const x = p->x;
    void *const y = p->to;
    for (size_t k = 0; k < r.pixels; k++) {
        const size_t i = r.in + k * g.lanes;
        v_put(type, g.stream, y, i,
              v_activate(act, v_load(type, x, i, n) + bias), n);
    }
}

static void activate_forward_run(const struct grid *g, const struct run *r,
                                 void *context)
{
    const struct activate_pass *p = context;
    if (p->activation == NN_GELU)
        NN_SPECIALISE(activate_forward_as, g->type, r->n, NN_GELU, *g, *r, p);
    else if (p->activation == NN_RELU)
        NN_SPECIALISE(activate_forward_as, g->type, r->n, NN_RELU, *g, *r, p);
    else
        NN_SPECIALISE(activate_forward_as, g->type, r->n, NN_IDENTITY, *g, *r,
                      p);
}

static void activate_forward(const struct nn_layout *in, enum nn_activation act,
                             const float *bias, const void *x, void *y)
{
    struct grid g = grid_of(in, 1);
    g.stream = x != y && grid_streams(&g, g.plane, y);
    struct activate_pass p = {.activation = act, .bias = bias, .x = x, .to = y};
    for (struct group k = {0}; group_next(&g, &k);)
        walk(&g, &k, activate_forward_run, &p);
    v_stream_end();
}

NN_INLINE void activate_backward_as(enum nn_type type, size_t n,
                                    enum nn_activation act, struct grid g,
                                    struct run r, struct activate_pass *p)
{
    const vf bias = p->bias ? load_f32(p->bias + r.channel, n) : (vf){0};
    const void *const x = p->x, *const dy = p->dy;
    void *const dx = p->to;
    vf sum = {0};
    for (size_t k = 0; k < r.pixels; k++) {
        const size_t i = r.in + k * g.lanes;
        const vf d = v_activate_slope(act, v_load(type, x, i, n) + bias,
                                      v_load(type, dy, i, n));
        if (dx) v_put(type, g.stream, dx, i, d, n);
        sum += d;
    }
    v_add_to(p->sum + r.lane, sum);
}

static void activate_backward_run(const struct grid *g, const struct run *r,
                                  void *context)
{
    struct activate_pass *p = context;
    if (p->activation == NN_GELU)
        NN_SPECIALISE(activate_backward_as, g->type, r->n, NN_GELU, *g, *r, p);
    else if (p->activation == NN_RELU)
        NN_SPECIALISE(activate_backward_as, g->type, r->n, NN_RELU, *g, *r, p);
    else
        NN_SPECIALISE(activate_backward_as, g->type, r->n, NN_IDENTITY, *g, *r,
                      p);
}

static void activate_backward(const struct nn_layout *in,
                              enum nn_activation act, const float *bias,
                              const void *x, const void *dy, void *dx,
                              float *dbias)
{
    struct grid g = grid_of(in, 1);
    g.stream = dx && dx != dy && grid_streams(&g, g.plane, dx);
    struct activate_pass p = {
        .activation = act, .bias = bias, .x = x, .dy = dy, .to = dx};
    for (struct group k = {0}; group_next(&g, &k);) {
        memset(p.sum, 0, sizeof p.sum);
        walk(&g, &k, activate_backward_run, &p);
        for (size_t i = 0; dbias && i < k.lanes; i++)
            dbias[k.block * g.lanes + k.lane + i] = (float)p.sum[i];
    }
    v_stream_end();
}

/* y may be a or b: a value is read before it is written. */
NN_INLINE void add_as(enum nn_type type, size_t n, const void *a, const void *b,
                      void *y)
{
    size_t i = 0;
    for (; i + NN_WIDTH <= n; i += NN_WIDTH)
        v_store(type, y, i,
                v_load(type, a, i, NN_WIDTH) + v_load(type, b, i, NN_WIDTH),
                NN_WIDTH);
    if (i < n)
        v_store(type, y, i,
                v_load(type, a, i, n - i) + v_load(type, b, i, n - i), n - i);
}

static void add(enum nn_type type, size_t n, const void *a, const void *b,
                void *y)
{
    if (type == NN_F32)
        add_as(NN_F32, n, a, b, y);
    else
        add_as(NN_BF16, n, a, b, y);
}

#endif
