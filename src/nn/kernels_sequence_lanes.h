/* What the encoder's kernels share: sums and maxima over the lanes of a vector,
 * dropout's factors, and sums over rows. */
#ifndef TAPER_NN_KERNELS_SEQUENCE_LANES_H
#define TAPER_NN_KERNELS_SEQUENCE_LANES_H

#include "nn/kernels_vector.h"
#include "nn/sequence.h"

/* Terms in a sum in f32 at most, for each lane; what is longer ends in
 * double. */
#define NN_TERMS 64

/* Lanes of the vector at i that lie before `end`. */
NN_INLINE size_t lanes_left(size_t i, size_t end)
{
    return end - i < NN_WIDTH ? end - i : NN_WIDTH;
}

/* Where the NN_TERMS vectors end that begin at i. */
NN_INLINE size_t block_end(size_t i, size_t end)
{
    const size_t most = (size_t)NN_TERMS * NN_WIDTH;
    return end - i < most ? end : i + most;
}

/* ---- Across lanes -------------------------------------------------------- */

NN_INLINE float v_sum(vf v)
{
#if defined(NN_AVX512)
    return _mm512_reduce_add_ps((__m512)v);
#else
    for (size_t half = NN_WIDTH / 2; half > 0; half /= 2)
        for (size_t k = 0; k < half; k++)
            v[k] += v[k + half];
    return v[0];
#endif
}

/* A NaN may be lost. */
NN_INLINE float v_largest(vf v)
{
#if defined(NN_AVX512)
    return _mm512_reduce_max_ps((__m512)v);
#else
    for (size_t half = NN_WIDTH / 2; half > 0; half /= 2)
        for (size_t k = 0; k < half; k++)
            v[k] = v[k] > v[k + half] ? v[k] : v[k + half];
    return v[0];
#endif
}

/* v in the first n lanes, `fill` in the others. */
NN_INLINE vf v_first(vf v, size_t n, vf fill)
{
#if defined(NN_AVX512)
    return (vf)_mm512_mask_mov_ps((__m512)fill, first_lanes(n), (__m512)v);
#else
    vi lane;
    for (int32_t k = 0; k < NN_WIDTH; k++)
        lane[k] = k;
    return v_choose(lane < v_all_int((int32_t)n), v, fill);
#endif
}

/* ---- Dropout ------------------------------------------------------------- */

/* The bits of row `row`, NULL without dropout. */
NN_INLINE const uint8_t *keep_row(struct nn_keep keep, size_t stride,
                                  size_t row)
{
    return keep.bits ? keep.bits + row * stride : NULL;
}

/* v * keep.scale where a bit is set, v * 0 elsewhere, which leaves a NaN what
 * it is; v without dropout. For values i to i + n - 1 of a row, i a multiple of
 * NN_WIDTH. */
NN_INLINE vf v_drop(vf v, const uint8_t *bits, float scale, size_t i, size_t n)
{
    if (!bits) return v;
#if defined(NN_AVX512)
    uint16_t set = bits[i / 8];
    if (n > 8) memcpy(&set, bits + i / 8, sizeof set);
    return v * (vf)_mm512_maskz_mov_ps(set, _mm512_set1_ps(scale));
#else
    (void)n;
    vi bit;
    for (int32_t k = 0; k < NN_WIDTH; k++)
        bit[k] = 1 << k;
    const vi set = v_all_int(bits[i / 8] >> (i % 8)) & bit;
    return v * (vf)((set == bit) & (vi)v_all(scale));
#endif
}

/* ---- Sums over rows ------------------------------------------------------ */

/* Sums over rows, one for each column. They run in f32 for NN_TERMS rows and
 * are then moved into the totals, so that their error does not grow with the
 * number of rows. */
struct column_sums {
    size_t width;
    float *part;   /* [width] */
    double *total; /* [width] */
};

/* The first or second of the sums that a scratch of 3 * width doubles holds. */
NN_INLINE struct column_sums sums_begin(size_t width, double *scratch,
                                        size_t which)
{
    float *const parts = (float *)(void *)(scratch + 2 * width);
    const struct column_sums s = {width, parts + which * width,
                                  scratch + which * width};
    for (size_t i = 0; i < width; i++) {
        s.total[i] = 0;
        s.part[i] = 0;
    }
    return s;
}

NN_INLINE void sums_add(struct column_sums s, size_t i, vf v, size_t n)
{
    store_f32(s.part + i, load_f32(s.part + i, n) + v, n);
}

static void sums_move(struct column_sums s)
{
    size_t i = 0;
    for (; i + NN_WIDTH <= s.width; i += NN_WIDTH) {
        v_add_to(s.total + i, load_f32(s.part + i, NN_WIDTH));
        store_f32(s.part + i, (vf){0}, NN_WIDTH);
    }
    for (; i < s.width; i++) {
        s.total[i] += (double)s.part[i];
        s.part[i] = 0;
    }
}

/* To be called when row r is done. */
NN_INLINE void sums_row(struct column_sums s, size_t r)
{
    if (r % NN_TERMS == NN_TERMS - 1) sums_move(s);
}

static void sums_end(struct column_sums s, float *to)
{
    sums_move(s);
    for (size_t i = 0; i < s.width; i++)
        to[i] = (float)s.total[i];
}

#endif
