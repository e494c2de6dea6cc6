/* What happens to single values between the products: bias with GELU, the end
 * of a residual branch, bias alone; each with its dropout and the gradient of
 * its bias. */
#ifndef TAPER_NN_KERNELS_SEQUENCE_POINTWISE_H
#define TAPER_NN_KERNELS_SEQUENCE_POINTWISE_H

#include "nn/kernels_math.h"
#include "nn/kernels_sequence_lanes.h"

/* One pass over rows. By value, so that the compiler sees that no store
 * changes it. */
struct row_pass {
    size_t rows, width;
    size_t at; /* index of the first value of the row at hand */
    const uint8_t *bits;
    float keep_scale;
    const float *bias, *x; /* x: the residual stream or its gradient */
    const void *from, *dy; /* of the type of the products */
    void *to;
    struct column_sums sums;
};

/* What is done with values i to i + n - 1 of a row. */
typedef void row_action(enum nn_type type, size_t n, struct row_pass p,
                        size_t i);

/* One row, whole vectors first. */
NN_INLINE void each_vector(row_action *act, enum nn_type type,
                           struct row_pass p)
{
    size_t i = 0;
    for (; i + NN_WIDTH <= p.width; i += NN_WIDTH)
        act(type, NN_WIDTH, p, i);
    if (i < p.width) act(type, p.width - i, p, i);
}

NN_INLINE void each_row(row_action *act, enum nn_type type, struct row_pass p,
                        struct nn_keep keep, bool sum)
{
    const size_t stride = nn_keep_stride(p.width);
    p.keep_scale = keep.scale;
    for (size_t r = 0; r < p.rows; r++) {
        p.at = r * p.width;
        p.bits = keep_row(keep, stride, r);
        each_vector(act, type, p);
        if (sum) sums_row(p.sums, r);
    }
}

/* ---- Bias and GELU ------------------------------------------------------- */

NN_INLINE void gelu_forward_at(enum nn_type type, size_t n, struct row_pass p,
                               size_t i)
{
    const vf z = v_load(type, p.from, p.at + i, n) + load_f32(p.bias + i, n);
    v_store(type, p.to, p.at + i, v_drop(v_gelu(z), p.bits, p.keep_scale, i, n),
            n);
}

static void gelu_forward(enum nn_type type, size_t rows, size_t width,
                         const float *bias, struct nn_keep keep, const void *x,
                         void *y)
{
    const struct row_pass p = {
        .rows = rows, .width = width, .bias = bias, .from = x, .to = y};
    if (type == NN_F32)
        each_row(gelu_forward_at, NN_F32, p, keep, false);
    else
        each_row(gelu_forward_at, NN_BF16, p, keep, false);
}

NN_INLINE void gelu_backward_at(enum nn_type type, size_t n, struct row_pass p,
                                size_t i)
{
    const vf z = v_load(type, p.from, p.at + i, n) + load_f32(p.bias + i, n);
    const vf dy = v_load(type, p.dy, p.at + i, n);
    const vf d = v_drop(dy, p.bits, p.keep_scale, i, n) * v_gelu_slope(z);
    v_store(type, p.to, p.at + i, d, n);
    sums_add(p.sums, i, d, n);
}

static void gelu_backward(enum nn_type type, size_t rows, size_t width,
                          const float *bias, struct nn_keep keep, const void *x,
                          const void *dy, void *dx, float *dbias,
                          double *scratch)
{
    const struct row_pass p = {.rows = rows,
                               .width = width,
                               .bias = bias,
                               .from = x,
                               .dy = dy,
                               .to = dx,
                               .sums = sums_begin(width, scratch, 0)};
    if (type == NN_F32)
        each_row(gelu_backward_at, NN_F32, p, keep, true);
    else
        each_row(gelu_backward_at, NN_BF16, p, keep, true);
    sums_end(p.sums, dbias);
}

/* ---- Residual ------------------------------------------------------------ */

NN_INLINE void residual_forward_at(enum nn_type type, size_t n,
                                   struct row_pass p, size_t i)
{
    const vf z = v_load(type, p.from, p.at + i, n) + load_f32(p.bias + i, n);
    const vf x = load_f32(p.x + p.at + i, n);
    v_store(NN_F32, p.to, p.at + i, x + v_drop(z, p.bits, p.keep_scale, i, n),
            n);
}

static void residual_forward(enum nn_type type, size_t rows, size_t width,
                             const float *bias, struct nn_keep keep,
                             const float *x, const void *branch, float *y)
{
    const struct row_pass p = {.rows = rows,
                               .width = width,
                               .bias = bias,
                               .x = x,
                               .from = branch,
                               .to = y};
    if (type == NN_F32)
        each_row(residual_forward_at, NN_F32, p, keep, false);
    else
        each_row(residual_forward_at, NN_BF16, p, keep, false);
}

NN_INLINE void residual_backward_at(enum nn_type type, size_t n,
                                    struct row_pass p, size_t i)
{
    const vf d =
        v_drop(load_f32(p.x + p.at + i, n), p.bits, p.keep_scale, i, n);
    v_store(type, p.to, p.at + i, d, n);
    sums_add(p.sums, i, d, n);
}

static void residual_backward(enum nn_type type, size_t rows, size_t width,
                              struct nn_keep keep, const float *dy,
                              void *dbranch, float *dbias, double *scratch)
{
    const struct row_pass p = {.rows = rows,
                               .width = width,
                               .x = dy,
                               .to = dbranch,
                               .sums = sums_begin(width, scratch, 0)};
    if (type == NN_F32)
        each_row(residual_backward_at, NN_F32, p, keep, true);
    else
        each_row(residual_backward_at, NN_BF16, p, keep, true);
    sums_end(p.sums, dbias);
}

/* ---- Bias alone ---------------------------------------------------------- */

NN_INLINE void bias_forward_at(enum nn_type type, size_t n, struct row_pass p,
                               size_t i)
{
    v_store(type, p.to, p.at + i,
            v_load(type, p.from, p.at + i, n) + load_f32(p.bias + i, n), n);
}

static void bias_forward(enum nn_type type, size_t rows, size_t width,
                         const float *bias, const void *x, void *y)
{
    const struct row_pass p = {
        .rows = rows, .width = width, .bias = bias, .from = x, .to = y};
    if (type == NN_F32)
        each_row(bias_forward_at, NN_F32, p, (struct nn_keep){0}, false);
    else
        each_row(bias_forward_at, NN_BF16, p, (struct nn_keep){0}, false);
}

NN_INLINE void bias_backward_at(enum nn_type type, size_t n, struct row_pass p,
                                size_t i)
{
    sums_add(p.sums, i, v_load(type, p.dy, p.at + i, n), n);
}

static void bias_backward(enum nn_type type, size_t rows, size_t width,
                          const void *dy, float *dbias, double *scratch)
{
    const struct row_pass p = {.rows = rows,
                               .width = width,
                               .dy = dy,
                               .sums = sums_begin(width, scratch, 0)};
    if (type == NN_F32)
        each_row(bias_backward_at, NN_F32, p, (struct nn_keep){0}, true);
    else
        each_row(bias_backward_at, NN_BF16, p, (struct nn_keep){0}, true);
    sums_end(p.sums, dbias);
}

#endif
