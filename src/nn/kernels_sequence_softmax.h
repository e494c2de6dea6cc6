/* Softmax over attention scores, with padding and dropout. */
#ifndef TAPER_NN_KERNELS_SEQUENCE_SOFTMAX_H
#define TAPER_NN_KERNELS_SEQUENCE_SOFTMAX_H

#include <math.h>

#include "nn/kernels_math.h"
#include "nn/kernels_sequence_lanes.h"

/* One query: rows of the matrices, and how many keys the text has. */
struct softmax_row {
    size_t length, own; /* keys, with and without padding */
    size_t at;          /* index of the row's first value */
    const uint8_t *bits;
    float scale, keep_scale;
};

NN_INLINE void store_zeros(enum nn_type type, void *to, size_t from, size_t end)
{
    const size_t size = type == NN_F32 ? sizeof(float) : sizeof(uint16_t);
    if (from < end) memset((char *)to + from * size, 0, (end - from) * size);
}

/* Values i ... of a row, `fill` at keys that are padding. */
NN_INLINE vf load_keys(enum nn_type type, struct softmax_row r,
                       const void *from, size_t i, float fill)
{
    const size_t own = lanes_left(i, r.own);
    const vf v = v_load(type, from, r.at + i, lanes_left(i, r.length));
    return own == NN_WIDTH ? v : v_first(v, own, v_all(fill));
}

/* Stores them, 0 at keys that are padding. */
NN_INLINE void store_keys(enum nn_type type, struct softmax_row r, void *to,
                          size_t i, vf v)
{
    const size_t own = lanes_left(i, r.own);
    v_store(type, to, r.at + i, own == NN_WIDTH ? v : v_first(v, own, (vf){0}),
            lanes_left(i, r.length));
}

/* The largest score; it need not be NaN when one is, as the sum will be. */
NN_INLINE float softmax_top(enum nn_type type, struct softmax_row r,
                            const void *scores)
{
    vf top = v_all(-INFINITY);
    for (size_t i = 0; i < r.own; i += NN_WIDTH)
        top = v_at_least(top, load_keys(type, r, scores, i, -INFINITY));
    return v_largest(top);
}

/* Leaves e^(scale (s - top)) in `e` and returns 1 / their sum. */
NN_INLINE float softmax_exp(enum nn_type type, struct softmax_row r,
                            const void *scores, float top, float *e)
{
    double total = 0;
    for (size_t i = 0; i < r.own;) {
        const size_t end = block_end(i, r.own);
        vf sum = {0};
        for (; i < end; i += NN_WIDTH) {
            const vf s = load_keys(type, r, scores, i, top) - top;
            vf v = v_exp(s * r.scale);
            const size_t own = lanes_left(i, r.own);
            if (own < NN_WIDTH) v = v_first(v, own, (vf){0});
            store_f32(e + i, v, NN_WIDTH);
            sum += v;
        }
        total += (double)v_sum(sum);
    }
    return (float)(1.0 / total);
}

NN_INLINE void softmax_forward_row(enum nn_type score_type, enum nn_type type,
                                   struct softmax_row r, const void *scores,
                                   void *probabilities, void *dropped)
{
    float e[NN_ATTENTION_LONGEST];
    const float top = softmax_top(score_type, r, scores);
    const float inverse = softmax_exp(score_type, r, scores, top, e);
    size_t i = 0;
    for (; i < r.own; i += NN_WIDTH) {
        const vf p = load_f32(e + i, NN_WIDTH) * inverse;
        store_keys(type, r, probabilities, i, p);
        if (r.bits)
            store_keys(type, r, dropped, i,
                       v_drop(p, r.bits, r.keep_scale, i,
                              lanes_left(i, r.length)));
    }
    store_zeros(type, probabilities, r.at + i, r.at + r.length);
    if (r.bits) store_zeros(type, dropped, r.at + i, r.at + r.length);
}

/* ds = scale p (g - sum p g), g the gradient of the probability. */
NN_INLINE void softmax_backward_row(enum nn_type score_type, enum nn_type type,
                                    struct softmax_row r,
                                    const void *probabilities,
                                    const void *ddropped, void *dscores)
{
    double total = 0;
    for (size_t i = 0; i < r.own;) {
        const size_t end = block_end(i, r.own);
        vf sum = {0};
        for (; i < end; i += NN_WIDTH) {
            const size_t n = lanes_left(i, r.length);
            const vf g = v_drop(load_keys(score_type, r, ddropped, i, 0.0f),
                                r.bits, r.keep_scale, i, n);
            sum += load_keys(type, r, probabilities, i, 0.0f) * g;
        }
        total += (double)v_sum(sum);
    }
    const float mean = (float)total;
    size_t i = 0;
    for (; i < r.own; i += NN_WIDTH) {
        const size_t n = lanes_left(i, r.length);
        const vf g = v_drop(load_keys(score_type, r, ddropped, i, 0.0f), r.bits,
                            r.keep_scale, i, n);
        const vf p = load_keys(type, r, probabilities, i, 0.0f) * r.scale;
        store_keys(type, r, dscores, i, p * (g - mean));
    }
    store_zeros(type, dscores, r.at + i, r.at + r.length);
}

/* ---- All rows ------------------------------------------------------------ */

/* What is common to all rows. */
NN_INLINE struct softmax_row softmax_any_row(const struct nn_attention *a)
{
    return (struct softmax_row){.length = a->length,
                                .scale = (float)a->scale,
                                .keep_scale = a->keep.scale};
}

NN_INLINE void softmax_forward_as(enum nn_type score_type, enum nn_type type,
                                  const struct nn_attention *a,
                                  const void *scores, void *probabilities,
                                  void *dropped)
{
    struct softmax_row r = softmax_any_row(a);
    const size_t stride = nn_keep_stride(a->length);
    size_t row = 0;
    for (size_t t = 0; t < a->texts; t++) {
        r.own = (size_t)a->lengths[t];
        for (size_t q = 0; q < a->heads * a->length; q++, row++) {
            r.at = row * a->length;
            r.bits = keep_row(a->keep, stride, row);
            if (q % a->length < r.own) {
                softmax_forward_row(score_type, type, r, scores, probabilities,
                                    dropped);
                continue;
            }
            store_zeros(type, probabilities, r.at, r.at + r.length);
            if (r.bits) store_zeros(type, dropped, r.at, r.at + r.length);
        }
    }
}

static void softmax_forward(const struct nn_attention *a, const void *scores,
                            void *probabilities, void *dropped)
{
    if (a->type == NN_F32 && a->score_type == NN_F32)
        softmax_forward_as(NN_F32, NN_F32, a, scores, probabilities, dropped);
    else if (a->type == NN_F32)
        softmax_forward_as(NN_BF16, NN_F32, a, scores, probabilities, dropped);
    else if (a->score_type == NN_F32)
        softmax_forward_as(NN_F32, NN_BF16, a, scores, probabilities, dropped);
    else
        softmax_forward_as(NN_BF16, NN_BF16, a, scores, probabilities, dropped);
}

NN_INLINE void softmax_backward_as(enum nn_type score_type, enum nn_type type,
                                   const struct nn_attention *a,
                                   const void *probabilities,
                                   const void *ddropped, void *dscores)
{
    struct softmax_row r = softmax_any_row(a);
    const size_t stride = nn_keep_stride(a->length);
    size_t row = 0;
    for (size_t t = 0; t < a->texts; t++) {
        r.own = (size_t)a->lengths[t];
        for (size_t q = 0; q < a->heads * a->length; q++, row++) {
            r.at = row * a->length;
            r.bits = keep_row(a->keep, stride, row);
            if (q % a->length < r.own)
                softmax_backward_row(score_type, type, r, probabilities,
                                     ddropped, dscores);
            else
                store_zeros(type, dscores, r.at, r.at + r.length);
        }
    }
}

static void softmax_backward(const struct nn_attention *a,
                             const void *probabilities, const void *ddropped,
                             void *dscores)
{
    if (a->type == NN_F32 && a->score_type == NN_F32)
        softmax_backward_as(NN_F32, NN_F32, a, probabilities, ddropped,
                            dscores);
    else if (a->type == NN_F32)
        softmax_backward_as(NN_BF16, NN_F32, a, probabilities, ddropped,
                            dscores);
    else if (a->score_type == NN_F32)
        softmax_backward_as(NN_F32, NN_BF16, a, probabilities, ddropped,
                            dscores);
    else
        softmax_backward_as(NN_BF16, NN_BF16, a, probabilities, ddropped,
                            dscores);
}

#endif
