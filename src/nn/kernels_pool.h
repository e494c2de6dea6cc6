/* Max and mean pooling, alone and as parts of the fused normalisation. */
#ifndef TAPER_NN_KERNELS_POOL_H
#define TAPER_NN_KERNELS_POOL_H

#include "nn/kernels_walk.h"

/* ---- One window ---------------------------------------------------------- */

/* The maximum of the window whose first value is x[i], and its index in the
 * window, row by row. */
NN_INLINE vf window_max(enum nn_type type, size_t n, size_t pool, struct grid g,
                        const void *x, size_t i, vi *index)
{
    vf best = v_load(type, x, i, n);
    *index = (vi){0};
    for (size_t dy = 0; dy < pool; dy++)
        for (size_t dx = dy == 0; dx < pool; dx++)
            v_take_larger(&best, index,
                          v_load(type, x, i + dy * g.in_row + dx * g.lanes, n),
                          (int32_t)(dy * pool + dx));
    return best;
}

/* Write v to the position `index` of a window and zero to the others. */
NN_INLINE void window_scatter(enum nn_type type, size_t n, size_t pool,
                              struct grid g, void *x, size_t i, vi index, vf v)
{
    const vh half = to_bf16(v); /* once, not for each position */
    for (size_t dy = 0; dy < pool; dy++)
        for (size_t dx = 0; dx < pool; dx++) {
            const size_t at = i + dy * g.in_row + dx * g.lanes;
            const int32_t k = (int32_t)(dy * pool + dx);
            if (type == NN_F32)
                put_f32(g.stream, (float *)x + at, v_where_equal(index, k, v),
                        n);
            else
                put_half(g.stream, (uint16_t *)x + at,
                         half_where_equal(index, k, half), n);
        }
}

/* ---- Rows and columns that no window covers ------------------------------ */

NN_INLINE void zero_pixels(enum nn_type type, size_t n, struct grid g, void *x,
                           size_t i, size_t pixels)
{
    for (size_t k = 0; k < pixels; k++)
        v_put(type, g.stream, x, i + k * g.lanes, (vf){0}, n);
}

/* After a run's windows: the columns to their right, and below the last row of
 * windows the rows that are left. */
NN_INLINE void zero_dropped(enum nn_type type, size_t n, struct grid g,
                            struct run r, void *x)
{
    const size_t covered = g.columns * g.pool;
    for (size_t dy = 0; covered < g.width && dy < g.pool; dy++)
        zero_pixels(type, n, g, x, r.in + dy * g.in_row + covered * g.lanes,
                    g.width - covered);
    if (r.row + 1 == g.rows)
        zero_pixels(type, n, g, x, r.in + g.pool * g.in_row,
                    (g.height - g.rows * g.pool) * g.width);
}

/* With planes smaller than a window there are no runs to do it. */
NN_INLINE void zero_without_windows(const struct grid *g, void *x)
{
    if (g->plane != 0) return;
    const size_t size = g->type == NN_F32 ? sizeof(float) : sizeof(uint16_t);
    memset(x, 0, g->images * g->blocks * g->in_plane * size);
}

/* ---- Max pooling --------------------------------------------------------- */

struct max_pass {
    const void *x;
    void *y;
    uint8_t *winner;
};

NN_INLINE void max_forward_as(enum nn_type type, size_t n, size_t pool,
                              struct grid g, struct run r, struct max_pass p)
{
    for (size_t k = 0; k < r.pixels; k++) {
        vi index;
        const vf best = window_max(type, n, pool, g, p.x,
                                   r.in + k * pool * g.lanes, &index);
        v_put(type, g.stream, p.y, r.out + k * g.lanes, best, n);
        if (p.winner) v_store_index(p.winner + r.out + k * g.lanes, index, n);
    }
}

static void max_forward_run(const struct grid *g, const struct run *r,
                            void *context)
{
    const struct max_pass *p = context;
    if (g->pool == 2)
        NN_SPECIALISE(max_forward_as, g->type, r->n, 2, *g, *r, *p);
    else
        NN_SPECIALISE(max_forward_as, g->type, r->n, g->pool, *g, *r, *p);
}

static void max_forward(const struct nn_layout *in, size_t pool, const void *x,
                        void *y, uint8_t *winner)
{
    struct grid g = grid_of(in, pool);
    g.stream = grid_streams(&g, g.plane, y);
    struct max_pass p = {x, y, winner};
    for (struct group k = {0}; group_next(&g, &k);)
        walk(&g, &k, max_forward_run, &p);
    v_stream_end();
}

struct scatter_pass {
    const void *dy;
    const uint8_t *winner;
    void *dx;
};

NN_INLINE void max_backward_as(enum nn_type type, size_t n, struct grid g,
                               struct run r, struct scatter_pass p)
{
    for (size_t k = 0; k < r.pixels; k++) {
        const size_t i = r.out + k * g.lanes;
        window_scatter(type, n, g.pool, g, p.dx, r.in + k * g.pool * g.lanes,
                       v_load_index(p.winner + i, n), v_load(type, p.dy, i, n));
    }
    if (g.pool > 1) zero_dropped(type, n, g, r, p.dx);
}

static void max_backward_run(const struct grid *g, const struct run *r,
                             void *context)
{
    const struct scatter_pass *p = context;
    NN_SPECIALISE(max_backward_as, g->type, r->n, *g, *r, *p);
}

static void max_backward(const struct nn_layout *in, size_t pool,
                         const void *dy, const uint8_t *winner, void *dx)
{
    struct grid g = grid_of(in, pool);
    g.stream = grid_streams(&g, g.in_plane, dx);
    struct scatter_pass p = {dy, winner, dx};
    zero_without_windows(&g, dx);
    for (struct group k = {0}; group_next(&g, &k);)
        walk(&g, &k, max_backward_run, &p);
    v_stream_end();
}

/* ---- Mean pooling -------------------------------------------------------- */

struct mean_pass {
    const void *from;
    void *to;
    float weight; /* 1 / values in a window */
};

NN_INLINE void mean_forward_as(enum nn_type type, size_t n, struct grid g,
                               struct run r, struct mean_pass p)
{
    for (size_t k = 0; k < r.pixels; k++) {
        const size_t i = r.in + k * g.pool * g.lanes;
        vf sum = {0};
        for (size_t dy = 0; dy < g.pool; dy++)
            for (size_t dx = 0; dx < g.pool; dx++)
                sum +=
                    v_load(type, p.from, i + dy * g.in_row + dx * g.lanes, n);
        v_put(type, g.stream, p.to, r.out + k * g.lanes, sum * p.weight, n);
    }
}

static void mean_forward_run(const struct grid *g, const struct run *r,
                             void *context)
{
    const struct mean_pass *p = context;
    NN_SPECIALISE(mean_forward_as, g->type, r->n, *g, *r, *p);
}

static void mean_forward(const struct nn_layout *in, size_t pool, const void *x,
                         void *y)
{
    struct grid g = grid_of(in, pool);
    g.stream = grid_streams(&g, g.plane, y);
    struct mean_pass p = {x, y, 1.0f / (float)(pool * pool)};
    for (struct group k = {0}; group_next(&g, &k);)
        walk(&g, &k, mean_forward_run, &p);
    v_stream_end();
}

NN_INLINE void mean_backward_as(enum nn_type type, size_t n, struct grid g,
                                struct run r, struct mean_pass p)
{
    for (size_t k = 0; k < r.pixels; k++) {
        const size_t i = r.in + k * g.pool * g.lanes;
        const vf v = v_load(type, p.from, r.out + k * g.lanes, n) * p.weight;
        for (size_t dy = 0; dy < g.pool; dy++)
            for (size_t dx = 0; dx < g.pool; dx++)
                v_put(type, g.stream, p.to, i + dy * g.in_row + dx * g.lanes, v,
                      n);
    }
    if (g.pool > 1) zero_dropped(type, n, g, r, p.to);
}

static void mean_backward_run(const struct grid *g, const struct run *r,
                              void *context)
{
    const struct mean_pass *p = context;
    NN_SPECIALISE(mean_backward_as, g->type, r->n, *g, *r, *p);
}

static void mean_backward(const struct nn_layout *in, size_t pool,
                          const void *dy, void *dx)
{
    struct grid g = grid_of(in, pool);
    g.stream = grid_streams(&g, g.in_plane, dx);
    struct mean_pass p = {dy, dx, 1.0f / (float)(pool * pool)};
    zero_without_windows(&g, dx);
    for (struct group k = {0}; group_next(&g, &k);)
        walk(&g, &k, mean_backward_run, &p);
    v_stream_end();
}

#endif
