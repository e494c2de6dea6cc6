/* Layer normalisation.
 *
 * A row fits the first-level cache, so it is read as often as accuracy asks:
 * its mean, then the sums around that mean, then the result. The second sum of
 * first powers corrects the mean for the rounding of the first, which matters
 * where the mean is far from zero. */
#ifndef TAPER_NN_KERNELS_SEQUENCE_NORM_H
#define TAPER_NN_KERNELS_SEQUENCE_NORM_H

#include <math.h>

#include "nn/kernels_sequence_lanes.h"

/* The sums of x - around and of its square. */
NN_INLINE void row_moments(const float *x, size_t width, float around,
                           double *sum, double *sum2)
{
    *sum = 0;
    *sum2 = 0;
    for (size_t i = 0; i < width;) {
        const size_t end = block_end(i, width);
        vf s = {0}, s2 = {0};
        for (; i + NN_WIDTH <= end; i += NN_WIDTH) {
            const vf c = load_f32(x + i, NN_WIDTH) - around;
            s += c;
            s2 += c * c;
        }
        if (i < end) {
            const size_t n = end - i;
            const vf c = v_first(load_f32(x + i, n) - around, n, (vf){0});
            s += c;
            s2 += c * c;
        }
        i = end;
        *sum += (double)v_sum(s);
        *sum2 += (double)v_sum(s2);
    }
}

/* Rows that are taken through each pass together, so that the CPU works on
 * several of the long chains of operations that end in a row's deviation. */
#define NN_NORM_ROWS 8

struct row_statistics {
    float around, rest; /* their sum is the mean */
    float inverse;
};

/* Sets the statistics of rows first ... first + count - 1. */
NN_INLINE void norm_statistics_of(const struct nn_layer_norm *n, const float *x,
                                  size_t first, size_t count,
                                  struct row_statistics *s)
{
    const double share = 1.0 / (double)n->width;
    double sum, sum2;
    for (size_t k = 0; k < count; k++) {
        row_moments(x + (first + k) * n->width, n->width, 0.0f, &sum, &sum2);
        s[k].around = (float)(sum * share);
    }
    for (size_t k = 0; k < count; k++) {
        row_moments(x + (first + k) * n->width, n->width, s[k].around, &sum,
                    &sum2);
        const double rest = sum * share;
        const double variance = sum2 * share - rest * rest;
        /* Rounding may leave it just below 0; a NaN is kept. */
        const double inverse =
            1.0 / sqrt((variance < 0.0 ? 0.0 : variance) + n->epsilon);
        s[k].rest = (float)rest;
        s[k].inverse = (float)inverse;
        n->mean[first + k] = (float)((double)s[k].around + rest);
        n->inverse[first + k] = (float)inverse;
    }
}

/* Values i ... of a row that begins at value `at`. */
NN_INLINE void layer_norm_apply(enum nn_type type, size_t n, size_t i,
                                const float *scale, const float *shift,
                                struct row_statistics s, size_t at,
                                const float *x, void *y)
{
    const vf h = ((load_f32(x + at + i, n) - s.around) - s.rest) * s.inverse;
    v_store(type, y, at + i,
            h * load_f32(scale + i, n) + load_f32(shift + i, n), n);
}

NN_INLINE void layer_norm_forward_as(enum nn_type type,
                                     const struct nn_layer_norm *n,
                                     const float *x, void *y)
{
    const size_t rows = n->rows, width = n->width;
    const float *const scale = n->scale, *const shift = n->shift;
    struct row_statistics s[NN_NORM_ROWS];
    for (size_t first = 0; first < rows; first += NN_NORM_ROWS) {
        const size_t left = rows - first;
        const size_t count = left < NN_NORM_ROWS ? left : NN_NORM_ROWS;
        norm_statistics_of(n, x, first, count, s);
        for (size_t k = 0; k < count; k++) {
            const size_t at = (first + k) * width;
            const struct row_statistics row = s[k];
            size_t i = 0;
            for (; i + NN_WIDTH <= width; i += NN_WIDTH)
                layer_norm_apply(type, NN_WIDTH, i, scale, shift, row, at, x,
                                 y);
            if (i < width)
                layer_norm_apply(type, width - i, i, scale, shift, row, at, x,
                                 y);
        }
    }
}

static void layer_norm_forward(const struct nn_layer_norm *n, const float *x,
                               void *y)
{
    if (n->type == NN_F32)
        layer_norm_forward_as(NN_F32, n, x, y);
    else
        layer_norm_forward_as(NN_BF16, n, x, y);
}

/* ---- Backward ------------------------------------------------------------ */

/* With h the normalised row and g = dy * scale,
 *     dx = (g - mean(g) - h mean(g h)) / deviation.
 * Passed by value, so that the compiler sees that no store changes it. */
struct layer_norm_pass {
    size_t width;
    const float *scale; /* [width] */
    const float *x;     /* whole tensors */
    const void *dy;
    float *dx;
    bool add;
    struct column_sums dscale, dshift;
    /* Of the row at hand: */
    size_t at; /* its first value */
    float mean, inverse;
    float drop, slope; /* mean(g), mean(g h) */
};

NN_INLINE void layer_norm_sum(enum nn_type type, size_t n,
                              struct layer_norm_pass p, size_t i, vf *sum,
                              vf *sum2)
{
    const vf h = (load_f32(p.x + p.at + i, n) - p.mean) * p.inverse;
    const vf dy = v_load(type, p.dy, p.at + i, n);
    const vf g = dy * load_f32(p.scale + i, n);
    sums_add(p.dshift, i, dy, n);
    sums_add(p.dscale, i, dy * h, n);
    *sum += g;
    *sum2 += g * h;
}

/* Sets drop and slope. */
NN_INLINE struct layer_norm_pass layer_norm_sums(enum nn_type type,
                                                 struct layer_norm_pass p)
{
    double total = 0, total2 = 0;
    for (size_t i = 0; i < p.width;) {
        const size_t end = block_end(i, p.width);
        vf sum = {0}, sum2 = {0};
        for (; i + NN_WIDTH <= end; i += NN_WIDTH)
            layer_norm_sum(type, NN_WIDTH, p, i, &sum, &sum2);
        if (i < end) layer_norm_sum(type, end - i, p, i, &sum, &sum2);
        i = end;
        total += (double)v_sum(sum);
        total2 += (double)v_sum(sum2);
    }
    p.drop = (float)(total / (double)p.width);
    p.slope = (float)(total2 / (double)p.width);
    return p;
}

NN_INLINE void layer_norm_dx(enum nn_type type, size_t n,
                             struct layer_norm_pass p, size_t i)
{
    const size_t at = p.at + i;
    const vf h = (load_f32(p.x + at, n) - p.mean) * p.inverse;
    const vf g = v_load(type, p.dy, at, n) * load_f32(p.scale + i, n);
    vf d = ((g - p.drop) - h * p.slope) * p.inverse;
    if (p.add) d += load_f32(p.dx + at, n);
    store_f32(p.dx + at, d, n);
}

NN_INLINE void layer_norm_backward_as(enum nn_type type,
                                      const struct nn_layer_norm *n,
                                      struct layer_norm_pass p)
{
    for (size_t r = 0; r < n->rows; r++) {
        p.at = r * p.width;
        p.mean = n->mean[r];
        p.inverse = n->inverse[r];
        p = layer_norm_sums(type, p);
        size_t i = 0;
        for (; i + NN_WIDTH <= p.width; i += NN_WIDTH)
            layer_norm_dx(type, NN_WIDTH, p, i);
        if (i < p.width) layer_norm_dx(type, p.width - i, p, i);
        sums_row(p.dscale, r);
        sums_row(p.dshift, r);
    }
}

static void layer_norm_backward(const struct nn_layer_norm *n, const float *x,
                                const void *dy, bool add, float *dx,
                                float *dscale, float *dshift, double *scratch)
{
    const struct layer_norm_pass p = {.width = n->width,
                                      .scale = n->scale,
                                      .x = x,
                                      .dy = dy,
                                      .dx = dx,
                                      .add = add,
                                      .dscale =
                                          sums_begin(n->width, scratch, 0),
                                      .dshift =
                                          sums_begin(n->width, scratch, 1)};
    if (n->type == NN_F32)
        layer_norm_backward_as(NN_F32, n, p);
    else
        layer_norm_backward_as(NN_BF16, n, p);
    sums_end(p.dscale, dscale);
    sums_end(p.dshift, dshift);
}

#endif
