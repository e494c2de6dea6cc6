/* What the tests of the encoder's kernels share: arrays of either type, their
 * values as doubles, and masks. */
#ifndef TAPER_TESTS_SEQUENCE_CASE_H
#define TAPER_TESTS_SEQUENCE_CASE_H

#include "kernels_case.h"

#include "nn/sequence.h"

static const enum nn_type case_types[] = {NN_F32, NN_BF16};

#define FOR_EACH_TYPE(type) \
    for (size_t type##_index = 0; type##_index < 2; type##_index++) \
        for (enum nn_type type = case_types[type##_index], \
                          *type##_once = &type; \
             type##_once; type##_once = NULL)

static inline void *seq_alloc(enum nn_type type, size_t n)
{
    return case_alloc(n * (type == NN_F32 ? sizeof(float) : sizeof(uint16_t)));
}

static inline double seq_get(enum nn_type type, const void *data, size_t i)
{
    return type == NN_F32 ? (double)((const float *)data)[i]
                          : (double)nn_from_bf16(((const uint16_t *)data)[i]);
}

static inline void seq_set(enum nn_type type, void *data, size_t i, double v)
{
    if (type == NN_F32)
        ((float *)data)[i] = (float)v;
    else
        ((uint16_t *)data)[i] = nn_to_bf16((float)v);
}

static inline void *seq_pack(enum nn_type type, const double *v, size_t n)
{
    void *data = seq_alloc(type, n);
    for (size_t i = 0; i < n; i++)
        seq_set(type, data, i, v[i]);
    return data;
}

/* n values of the type within (-size, size) around `offset`; `wide` gets the
 * same as doubles, to be freed. */
static inline void *seq_random(enum nn_type type, size_t n, double offset,
                               double size, uint64_t seed, double **wide)
{
    double *v = case_values_random(type, n, size, seed);
    for (size_t i = 0; i < n; i++)
        v[i] = case_round(type, offset + v[i]);
    void *data = seq_pack(type, v, n);
    *wide = v;
    return data;
}

/* How far a result stored as `type` may be from `want`, if it is exact to
 * `error` before it is stored. */
static inline double seq_bound(enum nn_type type, double want, double error)
{
    return error + (type == NN_F32 ? 6e-8 : 0x1p-8 * 1.001) * fabs(want);
}

/* Fails, saying where, unless each value is within its bound. */
static inline void seq_compare(const char *what, const char *kernels,
                               enum nn_type type, const void *got,
                               const double *want, size_t n, double relative,
                               double absolute)
{
    for (size_t i = 0; i < n; i++) {
        const double g = seq_get(type, got, i);
        const double error = relative * fabs(want[i]) + absolute;
        if (!(fabs(g - want[i]) <= seq_bound(type, want[i], error)))
            fail_msg("%s (%s, %s): value %zu of %zu is %.9g, expected %.9g",
                     what, kernels, type == NN_F32 ? "f32" : "bf16", i, n, g,
                     want[i]);
    }
}

/* A mask for rows of `width` values, made by this kernel; none at rate 0. */
static inline struct nn_keep seq_keep(const struct nn_kernels *k, double rate,
                                      size_t rows, size_t width, uint32_t site)
{
    struct nn_keep keep = {NULL, nn_keep_scale(rate)};
    if (rate > 0) {
        const struct nn_dropout d = {rate, {1234, 5678}, site, 0};
        uint8_t *bits = case_alloc(rows * nn_keep_stride(width));
        k->sequence->dropout_mask(&d, rows, width, bits);
        keep.bits = bits;
    }
    return keep;
}

static inline void seq_keep_free(struct nn_keep keep)
{
    free((void *)(uintptr_t)keep.bits);
}

/* What the mask multiplies value k of row r with. */
static inline double seq_factor(struct nn_keep keep, size_t width, size_t r,
                                size_t k)
{
    if (!keep.bits) return 1;
    const uint8_t byte = keep.bits[r * nn_keep_stride(width) + k / 8];
    return byte >> k % 8 & 1 ? (double)keep.scale : 0;
}

#endif
