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

/* How much of the vector at i is inside: lanes that the row has, and of those
 * the ones that are keys of the text. */
struct key_lanes {
    size_t n, own;
};

NN_INLINE struct key_lanes key_lanes(struct softmax_row r, size_t i)
{
    return (struct key_lanes){lanes_left(i, r.length), lanes_left(i, r.own)};
}

/* A vector of keys only: constants, by which what follows is simplified. */
static const struct key_lanes whole_keys = {NN_WIDTH, NN_WIDTH};

/* Values i ... of a row, `fill` at keys that are padding. */
NN_INLINE vf load_keys(enum nn_type type, struct softmax_row r,
                       struct key_lanes l, const void *from, size_t i,
                       float fill)
{
    const vf v = v_load(type, from, r.at + i, l.n);
    return l.own == NN_WIDTH ? v : v_first(v, l.own, v_all(fill));
}

/* Stores them, 0 at keys that are padding. */
NN_INLINE void store_keys(enum nn_type type, struct softmax_row r,
                          struct key_lanes l, void *to, size_t i, vf v)
{
    v_store(type, to, r.at + i,
            l.own == NN_WIDTH ? v : v_first(v, l.own, (vf){0}), l.n);
}

/* The largest score; it need not be NaN when one is, as the sum will be. */
NN_INLINE float softmax_top(struct softmax_row r, const float *scores)
{
    vf top = v_all(-INFINITY);
    size_t i = 0;
    for (; i + NN_WIDTH <= r.own; i += NN_WIDTH)
        top = v_at_least(top, load_keys(NN_F32, r, whole_keys, scores, i,
                                        -INFINITY));
    if (i < r.own)
        top = v_at_least(top, load_keys(NN_F32, r, key_lanes(r, i), scores, i,
                                        -INFINITY));
    return v_largest(top);
}

/* e^(scale (s - top)), left in `e`. */
NN_INLINE vf softmax_exp_at(struct softmax_row r, struct key_lanes l,
                            const float *scores, float top, size_t i, float *e)
{
    const vf s = load_keys(NN_F32, r, l, scores, i, top) - top;
    vf v = v_exp(s * r.scale);
    if (l.own < NN_WIDTH) v = v_first(v, l.own, (vf){0});
    store_f32(e + i, v, NN_WIDTH);
    return v;
}

/* Fills `e` and returns 1 / the sum. */
NN_INLINE float softmax_exp(struct softmax_row r, const float *scores,
                            float top, float *e)
{
    double total = 0;
    for (size_t i = 0; i < r.own;) {
        const size_t end = block_end(i, r.own);
        vf sum = {0};
        for (; i + NN_WIDTH <= end; i += NN_WIDTH)
            sum += softmax_exp_at(r, whole_keys, scores, top, i, e);
        if (i < end)
            sum += softmax_exp_at(r, key_lanes(r, i), scores, top, i, e);
        i = end;
        total += (double)v_sum(sum);
    }
    return (float)(1.0 / total);
}

NN_INLINE void softmax_write_at(enum nn_type type, struct softmax_row r,
                                struct key_lanes l, const float *e,
                                float inverse, size_t i, void *probabilities,
                                void *dropped)
{
    const vf p = load_f32(e + i, NN_WIDTH) * inverse;
    store_keys(type, r, l, probabilities, i, p);
    if (r.bits)
        store_keys(type, r, l, dropped, i,
                   v_drop(p, r.bits, r.keep_scale, i, l.n));
}

NN_INLINE void softmax_forward_row(enum nn_type type, struct softmax_row r,
                                   const float *scores, void *probabilities,
                                   void *dropped)
{
    float e[NN_ATTENTION_LONGEST];
    const float top = softmax_top(r, scores);
    const float inverse = softmax_exp(r, scores, top, e);
    size_t i = 0;
    for (; i + NN_WIDTH <= r.own; i += NN_WIDTH)
        softmax_write_at(type, r, whole_keys, e, inverse, i, probabilities,
                         dropped);
    for (; i < r.own; i += NN_WIDTH)
        softmax_write_at(type, r, key_lanes(r, i), e, inverse, i, probabilities,
                         dropped);
    store_zeros(type, probabilities, r.at + i, r.at + r.length);
    if (r.bits) store_zeros(type, dropped, r.at + i, r.at + r.length);
}

/* ---- Backward ------------------------------------------------------------ */

/* What backward reads and writes. */
struct softmax_slopes {
    const void *probabilities;
    const float *ddropped;
    void *dscores;
};

/* The gradient of the probability. */
NN_INLINE vf softmax_slope_at(struct softmax_row r, struct key_lanes l,
                              const float *ddropped, size_t i)
{
    return v_drop(load_keys(NN_F32, r, l, ddropped, i, 0.0f), r.bits,
                  r.keep_scale, i, l.n);
}

NN_INLINE vf softmax_product_at(enum nn_type type, struct softmax_row r,
                                struct key_lanes l, struct softmax_slopes s,
                                size_t i)
{
    return load_keys(type, r, l, s.probabilities, i, 0.0f) *
           softmax_slope_at(r, l, s.ddropped, i);
}

NN_INLINE void softmax_backward_at(enum nn_type type, struct softmax_row r,
                                   struct key_lanes l, struct softmax_slopes s,
                                   float mean, size_t i)
{
    const vf g = softmax_slope_at(r, l, s.ddropped, i);
    const vf p = load_keys(type, r, l, s.probabilities, i, 0.0f) * r.scale;
    store_keys(type, r, l, s.dscores, i, p * (g - mean));
}

/* ds = scale p (g - sum p g), g the gradient of the probability. */
NN_INLINE void softmax_backward_row(enum nn_type type, struct softmax_row r,
                                    struct softmax_slopes s)
{
    double total = 0;
    for (size_t i = 0; i < r.own;) {
        const size_t end = block_end(i, r.own);
        vf sum = {0};
        for (; i + NN_WIDTH <= end; i += NN_WIDTH)
            sum += softmax_product_at(type, r, whole_keys, s, i);
        if (i < end) sum += softmax_product_at(type, r, key_lanes(r, i), s, i);
        i = end;
        total += (double)v_sum(sum);
    }
    const float mean = (float)total;
    size_t i = 0;
    for (; i + NN_WIDTH <= r.own; i += NN_WIDTH)
        softmax_backward_at(type, r, whole_keys, s, mean, i);
    for (; i < r.own; i += NN_WIDTH)
        softmax_backward_at(type, r, key_lanes(r, i), s, mean, i);
    store_zeros(type, s.dscores, r.at + i, r.at + r.length);
}

/* ---- All rows ------------------------------------------------------------ */

/* What is common to all rows. */
NN_INLINE struct softmax_row softmax_any_row(const struct nn_attention *a)
{
    return (struct softmax_row){.length = a->length,
                                .scale = (float)a->scale,
                                .keep_scale = a->keep.scale};
}

NN_INLINE void softmax_forward_as(enum nn_type type,
                                  const struct nn_attention *a,
                                  const float *scores, void *probabilities,
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
                softmax_forward_row(type, r, scores, probabilities, dropped);
                continue;
            }
            store_zeros(type, probabilities, r.at, r.at + r.length);
            if (r.bits) store_zeros(type, dropped, r.at, r.at + r.length);
        }
    }
}

static void softmax_forward(const struct nn_attention *a, const float *scores,
                            void *probabilities, void *dropped)
{
    if (a->type == NN_F32)
        softmax_forward_as(NN_F32, a, scores, probabilities, dropped);
    else
        softmax_forward_as(NN_BF16, a, scores, probabilities, dropped);
}

NN_INLINE void softmax_backward_as(enum nn_type type,
                                   const struct nn_attention *a,
                                   const void *probabilities,
                                   const float *ddropped, void *dscores)
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
                softmax_backward_row(type, r,
                                     (struct softmax_slopes){probabilities,
                                                             ddropped,
                                                             dscores});
            else
                store_zeros(type, dscores, r.at, r.at + r.length);
        }
    }
}

static void softmax_backward(const struct nn_attention *a,
                             const void *probabilities, const float *ddropped,
                             void *dscores)
{
    if (a->type == NN_F32)
        softmax_backward_as(NN_F32, a, probabilities, ddropped, dscores);
    else
        softmax_backward_as(NN_BF16, a, probabilities, ddropped, dscores);
}

#endif
