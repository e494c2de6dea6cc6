/* Max pooling, batch normalisation and activation in one.
 *
 * Forward: the first pass pools and gathers statistics, the second computes
 * act(a p + b). Backward: the first pass turns dy into dz = dy act'(z) in place
 * and gathers its sums, the second computes
 *     dp = a (dz - mean(dz) - phat mean(dz phat)),  phat = (p - mean) / std
 * and scatters it to the winners. Both directions touch memory twice. */
#ifndef TAPER_NN_KERNELS_NORM_H
#define TAPER_NN_KERNELS_NORM_H

#include <math.h>

#include "nn/kernels_math.h"
#include "nn/kernels_pool.h"

struct norm_pass {
    const struct nn_norm *norm;
    const void *x; /* before pooling */
    void *pooled;
    uint8_t *winner;
    void *y; /* forward: result; backward: dy, then dz */
    void *dx;
    const float *mean, *a, *b; /* [channels] */
    /* Per lane of the group. Two sums each way: of p - pivot and its square;
     * of dz and dz (p - mean). */
    double sum[NN_GROUP], sum2[NN_GROUP];
    float pivot[NN_GROUP];                 /* forward: near the mean */
    float drop[NN_GROUP], slope[NN_GROUP]; /* backward: see norm_dx_as */
};

/* ---- Forward ------------------------------------------------------------- */

/* Sums are taken around a pivot near the mean, the mean of one row: E[x^2] -
 * E[x]^2 of the values themselves would lose every digit where the mean is far
 * from zero. */
NN_INLINE void norm_pivot_as(enum nn_type type, size_t n, struct grid g,
                             struct run r, const void *x, float *pivot)
{
    vf sum = {0};
    vi index;
    for (size_t k = 0; k < r.pixels; k++)
        sum += window_max(type, n, g.pool, g, x, r.in + k * g.pool * g.lanes,
                          &index);
    store_f32(pivot + r.lane, sum * (1.0f / (float)r.pixels), NN_WIDTH);
}

static void norm_pivot_run(const struct grid *g, const struct run *r,
                           void *context)
{
    struct norm_pass *p = context;
    NN_SPECIALISE(norm_pivot_as, g->type, r->n, *g, *r, p->x, p->pivot);
}

NN_INLINE void norm_sum_as(enum nn_type type, size_t n, size_t pool,
                           struct grid g, struct run r, struct norm_pass *p)
{
    const vf pivot = load_f32(p->pivot + r.lane, NN_WIDTH);
    const void *const x = p->x;
    void *const pooled = p->pooled;
    uint8_t *const winner = p->winner;
    vf sum = {0}, sum2 = {0};
    for (size_t k = 0; k < r.pixels; k++) {
        const size_t i = r.out + k * g.lanes;
        vf v;
        if (pool == 1) {
            v = v_load(type, x, i, n);
        } else {
            vi index;
            v = window_max(type, n, pool, g, x, r.in + k * pool * g.lanes,
                           &index);
            v_store(type, pooled, i, v, n);
            v_store_index(winner + i, index, n);
        }
        const vf d = v - pivot;
        sum += d;
        sum2 += d * d;
    }
    v_add_to(p->sum + r.lane, sum);
    v_add_to(p->sum2 + r.lane, sum2);
}

static void norm_sum_run(const struct grid *g, const struct run *r,
                         void *context)
{
    struct norm_pass *p = context;
    if (g->pool == 1)
        NN_SPECIALISE(norm_sum_as, g->type, r->n, 1, *g, *r, p);
    else if (g->pool == 2)
        NN_SPECIALISE(norm_sum_as, g->type, r->n, 2, *g, *r, p);
    else
        NN_SPECIALISE(norm_sum_as, g->type, r->n, g->pool, *g, *r, p);
}

NN_INLINE void norm_apply_as(enum nn_type type, size_t n,
                             enum nn_activation act, struct grid g,
                             struct run r, const struct norm_pass *p)
{
    const vf a = load_f32(p->a + r.channel, n);
    const vf b = load_f32(p->b + r.channel, n);
    const void *const from = p->pooled;
    void *const y = p->y;
    for (size_t k = 0; k < r.pixels; k++) {
        const size_t i = r.out + k * g.lanes;
        v_put(type, g.stream, y, i,
              v_activate(act, v_load(type, from, i, n) * a + b), n);
    }
}

static void norm_apply_run(const struct grid *g, const struct run *r,
                           void *context)
{
    const struct norm_pass *p = context;
    if (p->norm->activation == NN_GELU)
        NN_SPECIALISE(norm_apply_as, g->type, r->n, NN_GELU, *g, *r, p);
    else if (p->norm->activation == NN_RELU)
        NN_SPECIALISE(norm_apply_as, g->type, r->n, NN_RELU, *g, *r, p);
    else
        NN_SPECIALISE(norm_apply_as, g->type, r->n, NN_IDENTITY, *g, *r, p);
}

static double inverse_std(const struct nn_norm *n, size_t channel)
{
    return 1.0 / sqrt((double)n->variance[channel] + n->epsilon);
}

/* a and b such that act(a p + b) is the result, from mean and variance. */
static void norm_line(const struct nn_norm *n, const struct grid *g,
                      const struct group *k)
{
    const size_t first = k->block * g->lanes + k->lane;
    for (size_t c = first; c < first + k->lanes; c++) {
        const double a = (double)n->scale[c] * inverse_std(n, c);
        n->a[c] = (float)a;
        n->b[c] = (float)((double)n->shift[c] - a * (double)n->mean[c]);
    }
}

static double norm_count(const struct grid *g)
{
    const size_t count = g->images * g->rows * g->columns;
    return count > 0 ? (double)count : 1.0;
}

static void norm_statistics(const struct nn_norm *n, const struct grid *g,
                            const struct group *k, const struct norm_pass *p)
{
    const size_t first = k->block * g->lanes + k->lane;
    for (size_t i = 0; i < k->lanes; i++) {
        const double d = p->sum[i] / norm_count(g);
        const double variance = p->sum2[i] / norm_count(g) - d * d;
        n->mean[first + i] = (float)((double)p->pivot[i] + d);
        /* Rounding may leave it just below 0; a NaN is kept. */
        n->variance[first + i] = variance < 0.0 ? 0.0f : (float)variance;
    }
}

static void norm_forward(const struct nn_norm *n, const void *x, void *y)
{
    const struct grid g = grid_of(&n->in, n->pool);
    struct grid small = grid_pooled(&g);
    small.stream = x != y && grid_streams(&small, small.plane, y);
    struct grid row = g; /* the first row of the first image */
    row.images = g.images > 0;
    row.rows = g.rows > 0;
    row.columns = g.columns < NN_RUN ? g.columns : NN_RUN;

    struct norm_pass p = {.norm = n, .x = x, .y = y, .winner = n->winner};
    p.pooled = g.pool == 1 ? (void *)(uintptr_t)x : n->pooled;
    p.a = n->a;
    p.b = n->b;
    for (struct group k = {0}; group_next(&g, &k);) {
        memset(p.pivot, 0, sizeof p.pivot);
        memset(p.sum, 0, sizeof p.sum);
        memset(p.sum2, 0, sizeof p.sum2);
        walk(&row, &k, norm_pivot_run, &p);
        walk(&g, &k, norm_sum_run, &p);
        norm_statistics(n, &g, &k, &p);
        norm_line(n, &g, &k);
        walk(&small, &k, norm_apply_run, &p);
    }
    v_stream_end();
}

/* ---- Inference ----------------------------------------------------------- */

NN_INLINE void norm_infer_as(enum nn_type type, size_t n,
                             enum nn_activation act, struct grid g,
                             struct run r, const struct norm_pass *p)
{
    const vf a = load_f32(p->a + r.channel, n);
    const vf b = load_f32(p->b + r.channel, n);
    const void *const x = p->x;
    void *const y = p->y;
    for (size_t k = 0; k < r.pixels; k++) {
        vi index;
        const vf v = window_max(type, n, g.pool, g, x,
                                r.in + k * g.pool * g.lanes, &index);
        v_put(type, g.stream, y, r.out + k * g.lanes,
              v_activate(act, v * a + b), n);
    }
}

static void norm_infer_run(const struct grid *g, const struct run *r,
                           void *context)
{
    const struct norm_pass *p = context;
    if (p->norm->activation == NN_GELU)
        NN_SPECIALISE(norm_infer_as, g->type, r->n, NN_GELU, *g, *r, p);
    else if (p->norm->activation == NN_RELU)
        NN_SPECIALISE(norm_infer_as, g->type, r->n, NN_RELU, *g, *r, p);
    else
        NN_SPECIALISE(norm_infer_as, g->type, r->n, NN_IDENTITY, *g, *r, p);
}

static void norm_infer(const struct nn_norm *n, const void *x, void *y)
{
    struct grid g = grid_of(&n->in, n->pool);
    g.stream = x != y && grid_streams(&g, g.plane, y);
    struct norm_pass p = {.norm = n, .x = x, .y = y, .a = n->a, .b = n->b};
    for (struct group k = {0}; group_next(&g, &k);) {
        norm_line(n, &g, &k);
        walk(&g, &k, norm_infer_run, &p);
    }
    v_stream_end();
}

/* ---- Backward ------------------------------------------------------------ */

NN_INLINE void norm_dz_as(enum nn_type type, size_t n, enum nn_activation act,
                          struct grid g, struct run r, struct norm_pass *p)
{
    const vf a = load_f32(p->a + r.channel, n);
    const vf b = load_f32(p->b + r.channel, n);
    const vf mean = load_f32(p->mean + r.channel, n);
    const void *const from = p->pooled;
    void *const dy = p->y;
    vf sum = {0}, sum2 = {0};
    for (size_t k = 0; k < r.pixels; k++) {
        const size_t i = r.out + k * g.lanes;
        const vf v = v_load(type, from, i, n);
        const vf dz = v_activate_slope(act, v * a + b, v_load(type, dy, i, n));
        /* Without an activation dz is dy, which is already there. */
        if (act != NN_IDENTITY) v_store(type, dy, i, dz, n);
        sum += dz;
        sum2 += dz * (v - mean);
    }
    v_add_to(p->sum + r.lane, sum);
    v_add_to(p->sum2 + r.lane, sum2);
}

static void norm_dz_run(const struct grid *g, const struct run *r,
                        void *context)
{
    struct norm_pass *p = context;
    if (p->norm->activation == NN_GELU)
        NN_SPECIALISE(norm_dz_as, g->type, r->n, NN_GELU, *g, *r, p);
    else if (p->norm->activation == NN_RELU)
        NN_SPECIALISE(norm_dz_as, g->type, r->n, NN_RELU, *g, *r, p);
    else
        NN_SPECIALISE(norm_dz_as, g->type, r->n, NN_IDENTITY, *g, *r, p);
}

/* dp = a (dz - drop - slope (p - mean)). */
NN_INLINE void norm_dx_as(enum nn_type type, size_t n, size_t pool,
                          struct grid g, struct run r,
                          const struct norm_pass *p)
{
    const vf a = load_f32(p->a + r.channel, n);
    const vf mean = load_f32(p->mean + r.channel, n);
    const vf drop = load_f32(p->drop + r.lane, NN_WIDTH);
    const vf slope = load_f32(p->slope + r.lane, NN_WIDTH);
    const void *const from = p->pooled, *const dz = p->y;
    const uint8_t *const winner = p->winner;
    void *const dx = p->dx;
    for (size_t k = 0; k < r.pixels; k++) {
        const size_t i = r.out + k * g.lanes;
        const vf q = v_load(type, from, i, n) - mean;
        const vf dp = a * ((v_load(type, dz, i, n) - drop) - slope * q);
        if (pool == 1)
            v_put(type, g.stream, dx, i, dp, n);
        else
            window_scatter(type, n, pool, g, dx, r.in + k * pool * g.lanes,
                           v_load_index(winner + i, n), dp);
    }
    if (pool > 1) zero_dropped(type, n, g, r, dx);
}

static void norm_dx_run(const struct grid *g, const struct run *r,
                        void *context)
{
    const struct norm_pass *p = context;
    if (g->pool == 1)
        NN_SPECIALISE(norm_dx_as, g->type, r->n, 1, *g, *r, p);
    else if (g->pool == 2)
        NN_SPECIALISE(norm_dx_as, g->type, r->n, 2, *g, *r, p);
    else
        NN_SPECIALISE(norm_dx_as, g->type, r->n, g->pool, *g, *r, p);
}

/* The group's dscale and dshift, and what they take from every dz. */
static void norm_gradients(const struct nn_norm *n, const struct grid *g,
                           const struct group *k, struct norm_pass *p,
                           float *dscale, float *dshift)
{
    const size_t first = k->block * g->lanes + k->lane;
    for (size_t i = 0; i < k->lanes; i++) {
        const double inverse = inverse_std(n, first + i);
        const double product = p->sum2[i] * inverse; /* sum of dz phat */
        dscale[first + i] = (float)product;
        dshift[first + i] = (float)p->sum[i];
        p->drop[i] = (float)(p->sum[i] / norm_count(g));
        p->slope[i] = (float)(product * inverse / norm_count(g));
    }
}

static void norm_backward(const struct nn_norm *n, void *dy, void *dx,
                          float *dscale, float *dshift)
{
    struct grid g = grid_of(&n->in, n->pool);
    g.stream = dx && dx != dy && grid_streams(&g, g.in_plane, dx);
    struct grid small = grid_pooled(&g);
    small.stream = 0; /* dz is read again at once */
    struct norm_pass p = {.norm = n, .y = dy, .dx = dx, .winner = n->winner};
    p.pooled = n->pooled;
    p.mean = n->mean;
    p.a = n->a;
    p.b = n->b;
    if (dx) zero_without_windows(&g, dx);
    for (struct group k = {0}; group_next(&g, &k);) {
        memset(p.sum, 0, sizeof p.sum);
        memset(p.sum2, 0, sizeof p.sum2);
        memset(p.drop, 0, sizeof p.drop);
        memset(p.slope, 0, sizeof p.slope);
        norm_line(n, &g, &k);
        walk(&small, &k, norm_dz_run, &p);
        norm_gradients(n, &g, &k, &p, dscale, dshift);
        if (dx) walk(&g, &k, norm_dx_run, &p);
    }
    v_stream_end();
}

#endif
