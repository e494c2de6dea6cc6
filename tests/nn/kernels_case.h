/* What the kernel tests share: a tensor in plain [images, channels, height,
 * width] doubles, its copy in a layout and type as the kernels see it, and the
 * ways back.
 *
 * Buffers start out as NaN, so that a value which a kernel forgets to write is
 * seen, and unpacking checks that padded lanes hold exactly zero. */
#ifndef TAPER_TESTS_KERNELS_CASE_H
#define TAPER_TESTS_KERNELS_CASE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nn/kernels.h"

/* Kernels by index, `k` each in turn. */
#define FOR_EACH_KERNELS(k) \
    for (size_t k##_index = 0; nn_kernels_at(k##_index); k##_index++) \
        for (const struct nn_kernels *k = nn_kernels_at(k##_index); k; k = NULL)

/* The layouts that a tensor of `channels` is tested in. */
static const size_t case_lanes[] = {
    1,  /* nchw */
    16, /* nChw16c, the last block padded */
    0,  /* nhwc: as many lanes as channels */
    8,  /* nChw8c, what oneDNN takes with AVX2 */
};

enum { CASE_LAYOUTS = sizeof case_lanes / sizeof case_lanes[0] };

static inline struct nn_layout case_layout(enum nn_type type, size_t which,
                                           size_t images, size_t channels,
                                           size_t height, size_t width)
{
    const size_t lanes = case_lanes[which] ? case_lanes[which] : channels;
    return (struct nn_layout){.type = type,
                              .images = images,
                              .channels = channels,
                              .height = height,
                              .width = width,
                              .blocks = (channels + lanes - 1) / lanes,
                              .lanes = lanes};
}

static inline struct nn_layout case_pooled(struct nn_layout l, size_t pool)
{
    l.height /= pool;
    l.width /= pool;
    return l;
}

static inline size_t case_values(const struct nn_layout *l)
{
    return l->images * l->channels * l->height * l->width;
}

static inline size_t case_padded(const struct nn_layout *l)
{
    return l->images * l->blocks * l->lanes * l->height * l->width;
}

static inline size_t case_bytes(const struct nn_layout *l)
{
    return case_padded(l) * (l->type == NN_F32 ? 4 : 2);
}

/* Where element [image, channel, y, x] lies. */
static inline size_t case_index(const struct nn_layout *l, size_t image,
                                size_t channel, size_t y, size_t x)
{
    const size_t block = channel / l->lanes;
    return ((((image * l->blocks + block) * l->height + y) * l->width + x) *
            l->lanes) +
           channel % l->lanes;
}

static inline void *case_alloc(size_t bytes)
{
    void *p = malloc(bytes + 1); /* + 1: an empty tensor is not NULL */
    assert_non_null(p);
    memset(p, 0xff, bytes + 1);
    return p;
}

/* A fixed stream: xorshift, uniform on (-1, 1). */
static inline double case_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (double)(*state >> 11) * 0x1p-52 - 1.0;
}

/* The nearest value of the type. */
static inline double case_round(enum nn_type type, double v)
{
    return type == NN_F32 ? (double)(float)v
                          : (double)nn_from_bf16(nn_to_bf16((float)v));
}

/* n values of the type, spread evenly over (-size, size). */
static inline double *case_values_random(enum nn_type type, size_t n,
                                         double size, uint64_t seed)
{
    double *v = case_alloc(n * sizeof *v);
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    for (size_t i = 0; i < n; i++)
        v[i] = case_round(type, size * case_random(&state));
    return v;
}

static inline double case_get(const struct nn_layout *l, const void *data,
                              size_t i)
{
    return l->type == NN_F32
               ? (double)((const float *)data)[i]
               : (double)nn_from_bf16(((const uint16_t *)data)[i]);
}

static inline void case_set(const struct nn_layout *l, void *data, size_t i,
                            double v)
{
    if (l->type == NN_F32)
        ((float *)data)[i] = (float)v;
    else
        ((uint16_t *)data)[i] = nn_to_bf16((float)v);
}

/* The tensor as the kernels take it; the caller frees it. */
static inline void *case_pack(const struct nn_layout *l, const double *values)
{
    void *data = case_alloc(case_bytes(l));
    memset(data, 0, case_bytes(l));
    for (size_t n = 0, i = 0; n < l->images; n++)
        for (size_t c = 0; c < l->channels; c++)
            for (size_t y = 0; y < l->height; y++)
                for (size_t x = 0; x < l->width; x++)
                    case_set(l, data, case_index(l, n, c, y, x), values[i++]);
    return data;
}

/* The way back; frees nothing. */
static inline double *case_unpack(const struct nn_layout *l, const void *data)
{
    double *values = case_alloc(case_values(l) * sizeof *values);
    for (size_t n = 0, i = 0; n < l->images; n++)
        for (size_t c = 0; c < l->blocks * l->lanes; c++)
            for (size_t y = 0; y < l->height; y++)
                for (size_t x = 0; x < l->width; x++) {
                    const double v =
                        case_get(l, data, case_index(l, n, c, y, x));
                    if (c < l->channels)
                        values[i++] = v;
                    else
                        assert_true(v == 0.0);
                }
    return values;
}

/* [channels] arrays, padded with zeros. */
static inline float *case_pack_channels(const struct nn_layout *l,
                                        const double *values)
{
    float *data = calloc(l->blocks * l->lanes, sizeof *data);
    assert_non_null(data);
    for (size_t c = 0; c < l->channels; c++)
        data[c] = (float)values[c];
    return data;
}

static inline float *case_alloc_channels(const struct nn_layout *l)
{
    return case_alloc(l->blocks * l->lanes * sizeof(float));
}

static inline double case_largest(const double *v, size_t n)
{
    double size = 0;
    for (size_t i = 0; i < n; i++)
        size = fmax(size, fabs(v[i]));
    return size;
}

/* Fails, saying where, unless |got - want| <= relative |want| + absolute. */
static inline void case_compare(const char *what, const char *kernels,
                                const struct nn_layout *l, const double *got,
                                const double *want, size_t n, double relative,
                                double absolute)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs(got[i] - want[i]) <= relative * fabs(want[i]) + absolute))
            fail_msg("%s (%s, %s, %zu lanes): value %zu of %zu is %.9g, "
                     "expected %.9g",
                     what, kernels, l->type == NN_F32 ? "f32" : "bf16",
                     l->lanes, i, n, got[i], want[i]);
}

/* The same for a [channels] array of floats, and its padding is zero. */
static inline void case_compare_channels(const char *what, const char *kernels,
                                         const struct nn_layout *l,
                                         const float *got, const double *want,
                                         double relative, double absolute)
{
    double *wide = case_alloc(l->channels * sizeof *wide);
    for (size_t c = 0; c < l->channels; c++)
        wide[c] = (double)got[c];
    case_compare(what, kernels, l, wide, want, l->channels, relative, absolute);
    for (size_t c = l->channels; c < l->blocks * l->lanes; c++)
        assert_true(got[c] == 0.0f);
    free(wide);
}

/* The activations, from libm in double. */
static inline double case_activate(enum nn_activation act, double z)
{
    if (act == NN_RELU) return z > 0.0 ? z : 0.0;
    if (act == NN_GELU) return 0.5 * z * erfc(-z * 0.70710678118654752440);
    return z;
}

#endif
