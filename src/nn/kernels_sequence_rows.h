/* Tokens in and texts out: embedding and pooling, whose gradients and results
 * are sums of rows of [texts, length, dim]. */
#ifndef TAPER_NN_KERNELS_SEQUENCE_ROWS_H
#define TAPER_NN_KERNELS_SEQUENCE_ROWS_H

#include "nn/kernels_sequence_lanes.h"

/* The rows index[0 ... count - 1] of x [, width], or, without an index, the
 * `count` rows from `first` on. */
struct some_rows {
    const float *x;
    size_t width;
    const uint32_t *index;
    size_t first, count;
    struct nn_keep keep;
};

/* The sum of columns i to i + n - 1 of rows from ... to - 1, at most NN_TERMS
 * of them. */
NN_INLINE vf rows_part(struct some_rows s, size_t i, size_t n, size_t from,
                       size_t to)
{
    const size_t stride = nn_keep_stride(s.width);
    vf sum = {0};
    for (size_t k = from; k < to; k++) {
        const size_t row = s.index ? s.index[k] : s.first + k;
        sum += v_drop(load_f32(s.x + row * s.width + i, n),
                      keep_row(s.keep, stride, row), s.keep.scale, i, n);
    }
    return sum;
}

NN_INLINE vf rows_sum(struct some_rows s, size_t i, size_t n)
{
    if (s.count <= NN_TERMS) return rows_part(s, i, n, 0, s.count);
    double total[NN_WIDTH] = {0};
    for (size_t k = 0; k < s.count; k += NN_TERMS)
        v_add_to(total,
                 rows_part(s, i, n, k,
                           s.count - k < NN_TERMS ? s.count : k + NN_TERMS));
    vd sum;
    memcpy(&sum, total, sizeof sum);
    return __builtin_convertvector(sum, vf);
}

/* to [width] = scale times the sum. */
NN_INLINE void rows_sum_to(struct some_rows s, float scale, float *to)
{
    size_t i = 0;
    for (; i + NN_WIDTH <= s.width; i += NN_WIDTH)
        store_f32(to + i, rows_sum(s, i, NN_WIDTH) * scale, NN_WIDTH);
    if (i < s.width) {
        const size_t n = s.width - i;
        store_f32(to + i, rows_sum(s, i, n) * scale, n);
    }
}

/* ---- Embedding ----------------------------------------------------------- */

NN_INLINE void embed_at(size_t n, const float *token, const float *position,
                        const uint8_t *bits, float scale, size_t i, float *y)
{
    const vf sum = load_f32(token + i, n) + load_f32(position + i, n);
    store_f32(y + i, v_drop(sum, bits, scale, i, n), n);
}

static void embed_forward(const struct nn_embedding *e, const float *token,
                          const float *position, float *y)
{
    const size_t dim = e->dim, stride = nn_keep_stride(dim);
    const float scale = e->keep.scale;
    for (size_t row = 0; row < e->texts * e->length; row++, y += dim) {
        const size_t p = row % e->length;
        if (p >= (size_t)e->lengths[row / e->length]) {
            memset(y, 0, dim * sizeof *y);
            continue;
        }
        const float *const a = token + (size_t)e->tokens[row] * dim;
        const float *const b = position + p * dim;
        const uint8_t *const bits = keep_row(e->keep, stride, row);
        size_t i = 0;
        for (; i + NN_WIDTH <= dim; i += NN_WIDTH)
            embed_at(NN_WIDTH, a, b, bits, scale, i, y);
        if (i < dim) embed_at(dim - i, a, b, bits, scale, i, y);
    }
}

static struct some_rows embed_rows(const struct nn_embedding *e,
                                   const float *dy, const uint32_t *index,
                                   size_t count)
{
    return (struct some_rows){.x = dy,
                              .width = e->dim,
                              .index = index,
                              .count = count,
                              .keep = e->keep};
}

/* Rows sorted by their token, in order for each: `end` [vocabulary] gets where
 * each token's rows end in `order` [texts * length]. */
static void sort_by_token(const struct nn_embedding *e, uint32_t *end,
                          uint32_t *order)
{
    memset(end, 0, e->vocabulary * sizeof *end);
    for (size_t t = 0; t < e->texts; t++)
        for (size_t p = 0; p < (size_t)e->lengths[t]; p++)
            end[e->tokens[t * e->length + p]]++;
    uint32_t sum = 0;
    for (size_t v = 0; v < e->vocabulary; v++) {
        const uint32_t count = end[v];
        end[v] = sum; /* where they begin; each row placed moves it on */
        sum += count;
    }
    for (size_t t = 0; t < e->texts; t++)
        for (size_t p = 0; p < (size_t)e->lengths[t]; p++) {
            const size_t row = t * e->length + p;
            order[end[e->tokens[row]]++] = (uint32_t)row;
        }
}

static void embed_backward(const struct nn_embedding *e, const float *dy,
                           float *dtoken, float *dposition, uint32_t *scratch)
{
    uint32_t *const end = scratch, *const order = scratch + e->vocabulary;
    sort_by_token(e, end, order);
    for (size_t v = 0; v < e->vocabulary; v++) {
        const uint32_t from = v > 0 ? end[v - 1] : 0;
        const struct some_rows s =
            embed_rows(e, dy, order + from, end[v] - from);
        if (s.count > 0)
            rows_sum_to(s, 1.0f, dtoken + v * e->dim);
        else
            memset(dtoken + v * e->dim, 0, e->dim * sizeof *dtoken);
    }
    for (size_t p = 0; p < e->positions; p++) {
        size_t count = 0;
        for (size_t t = 0; p < e->length && t < e->texts; t++)
            if (p < (size_t)e->lengths[t])
                order[count++] = (uint32_t)(t * e->length + p);
        rows_sum_to(embed_rows(e, dy, order, count), 1.0f,
                    dposition + p * e->dim);
    }
}

/* ---- Pooling ------------------------------------------------------------- */

static void pool_mean_forward(size_t texts, size_t length, size_t dim,
                              const int32_t *lengths, const float *x, float *y)
{
    for (size_t t = 0; t < texts; t++, y += dim) {
        const struct some_rows s = {.x = x,
                                    .width = dim,
                                    .first = t * length,
                                    .count = (size_t)lengths[t]};
        rows_sum_to(s, 1.0f / (float)lengths[t], y);
    }
}

static void pool_first_forward(size_t texts, size_t length, size_t dim,
                               const float *x, float *y)
{
    for (size_t t = 0; t < texts; t++, x += length * dim, y += dim)
        memcpy(y, x, dim * sizeof *y);
}

/* The first `own` of the rows dx [length, dim] = share * dy, the others 0. */
NN_INLINE void pool_backward(size_t length, size_t own, size_t dim,
                             const float *dy, float *dx)
{
    const float share = 1.0f / (float)own;
    for (size_t p = 0; p < own; p++, dx += dim)
        for (size_t i = 0; i < dim; i += NN_WIDTH) {
            const size_t n = lanes_left(i, dim);
            store_f32(dx + i, load_f32(dy + i, n) * share, n);
        }
    memset(dx, 0, (length - own) * dim * sizeof *dx);
}

static void pool_mean_backward(size_t texts, size_t length, size_t dim,
                               const int32_t *lengths, const float *dy,
                               float *dx)
{
    for (size_t t = 0; t < texts; t++, dy += dim, dx += length * dim)
        pool_backward(length, (size_t)lengths[t], dim, dy, dx);
}

static void pool_first_backward(size_t texts, size_t length, size_t dim,
                                const float *dy, float *dx)
{
    for (size_t t = 0; t < texts; t++, dy += dim, dx += length * dim)
        pool_backward(length, 1, dim, dy, dx);
}

#endif
