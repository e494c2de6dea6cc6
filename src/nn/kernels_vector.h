/* A small vector type for the kernels: as many f32 lanes as the instruction
 * set that this file is being compiled for handles at once.
 *
 * It is written with the vector extension that GCC and Clang share, because
 * their automatic vectorisers disagree about loops like ours. Intrinsics stand
 * only where the extension compiles badly: comparisons with AVX-512, whose
 * masks it cannot express, and loads and stores of part of a vector.
 *
 * Every function that takes `n` handles the first n lanes, reads the others as
 * zero and writes nothing to them. Callers pass the constant NN_WIDTH for a
 * whole vector, so that the compiler drops the other branch. */
#ifndef TAPER_NN_KERNELS_VECTOR_H
#define TAPER_NN_KERNELS_VECTOR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "nn/kernels.h"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#define NN_AVX512 1
#include <immintrin.h>
#elif defined(__AVX2__)
#define NN_AVX2 1
#include <immintrin.h>
#endif

#if defined(NN_AVX512)
#define NN_WIDTH 16
#elif defined(NN_AVX2)
#define NN_WIDTH 8
#else
#define NN_WIDTH 4
#endif

#define NN_VECTOR(type) \
    type __attribute__((vector_size(NN_WIDTH * sizeof(type)), may_alias))
#define NN_INLINE static inline __attribute__((always_inline, unused))

typedef NN_VECTOR(float) vf;
typedef NN_VECTOR(double) vd;
typedef NN_VECTOR(int32_t) vi;
typedef NN_VECTOR(uint32_t) vu;
typedef NN_VECTOR(uint16_t) vh;
typedef NN_VECTOR(uint8_t) vb;

/* Call f(type, n, ...) so that f, inlined, sees both as constants in the cases
 * that matter. */
#define NN_SPECIALISE(f, type, n, ...) \
    ((type) == NN_F32 \
         ? ((n) == NN_WIDTH ? f(NN_F32, (size_t)NN_WIDTH, __VA_ARGS__) \
                            : f(NN_F32, n, __VA_ARGS__)) \
         : ((n) == NN_WIDTH ? f(NN_BF16, (size_t)NN_WIDTH, __VA_ARGS__) \
                            : f(NN_BF16, n, __VA_ARGS__)))

NN_INLINE vf v_all(float x)
{
    return x - (vf){0};
}

NN_INLINE vi v_all_int(int32_t x)
{
    return x - (vi){0};
}

NN_INLINE vf v_choose(vi mask, vf yes, vf no)
{
    return (vf)((mask & (vi)yes) | (~mask & (vi)no));
}

/* ---- Comparisons --------------------------------------------------------- */

/* The larger of both, or x when x is NaN. */
NN_INLINE vf v_at_least(vf low, vf x)
{
#if defined(NN_AVX512)
    return (vf)_mm512_max_ps((__m512)low, (__m512)x);
#elif defined(NN_AVX2)
    return (vf)_mm256_max_ps((__m256)low, (__m256)x);
#else
    return v_choose(x < low, low, x);
#endif
}

/* The smaller of both, or x when x is NaN. */
NN_INLINE vf v_at_most(vf high, vf x)
{
#if defined(NN_AVX512)
    return (vf)_mm512_min_ps((__m512)high, (__m512)x);
#elif defined(NN_AVX2)
    return (vf)_mm256_min_ps((__m256)high, (__m256)x);
#else
    return v_choose(x > high, high, x);
#endif
}

NN_INLINE vf v_abs(vf x)
{
    return (vf)((vi)x & 0x7fffffff);
}

/* v where z is positive or NaN, zero elsewhere. */
NN_INLINE vf v_where_positive(vf z, vf v)
{
#if defined(NN_AVX512)
    const __mmask16 keep =
        _mm512_cmp_ps_mask((__m512)z, _mm512_setzero_ps(), _CMP_NLE_UQ);
    return (vf)_mm512_maskz_mov_ps(keep, (__m512)v);
#else
    return (vf)(~(z <= (vf){0}) & (vi)v);
#endif
}

/* v where index is k, zero elsewhere. */
NN_INLINE vf v_where_equal(vi index, int32_t k, vf v)
{
#if defined(NN_AVX512)
    const __mmask16 keep =
        _mm512_cmpeq_epi32_mask((__m512i)index, _mm512_set1_epi32(k));
    return (vf)_mm512_maskz_mov_ps(keep, (__m512)v);
#else
    return (vf)((index == v_all_int(k)) & (vi)v);
#endif
}

NN_INLINE vh half_where_equal(vi index, int32_t k, vh v)
{
#if defined(NN_AVX512)
    const __mmask16 keep =
        _mm512_cmpeq_epi32_mask((__m512i)index, _mm512_set1_epi32(k));
    return (vh)_mm256_maskz_mov_epi16(keep, (__m256i)v);
#else
    return __builtin_convertvector((vu)(index == v_all_int(k)), vh) & v;
#endif
}

/* Let v replace *best, and k its index, where v is larger or NaN: the first of
 * equal maxima wins, and a NaN is never lost. */
NN_INLINE void v_take_larger(vf *best, vi *index, vf v, int32_t k)
{
#if defined(NN_AVX512)
    const __m512 x = (__m512)v;
    const __mmask16 take = _mm512_cmp_ps_mask(x, (__m512)*best, _CMP_GT_OQ) |
                           _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
    *best = (vf)_mm512_mask_mov_ps((__m512)*best, take, x);
    *index = (vi)_mm512_mask_set1_epi32((__m512i)*index, take, k);
#else
    const vi take = (v > *best) | (v != v);
    *best = v_choose(take, v, *best);
    *index = (take & k) | (~take & *index);
#endif
}

/* ---- Loads and stores ---------------------------------------------------- */

#if defined(NN_AVX512)
NN_INLINE __mmask16 first_lanes(size_t n)
{
    return (__mmask16)((1u << n) - 1u);
}
#endif

NN_INLINE vf load_f32(const float *from, size_t n)
{
    vf v = {0};
    if (n == NN_WIDTH)
        memcpy(&v, from, sizeof v);
    else
#if defined(NN_AVX512)
        v = (vf)_mm512_maskz_loadu_ps(first_lanes(n), from);
#else
        for (size_t k = 0; k < n; k++)
            v[k] = from[k];
#endif
    return v;
}

NN_INLINE void store_f32(float *to, vf v, size_t n)
{
    if (n == NN_WIDTH)
        memcpy(to, &v, sizeof v);
    else
#if defined(NN_AVX512)
        _mm512_mask_storeu_ps(to, first_lanes(n), (__m512)v);
#else
        for (size_t k = 0; k < n; k++)
            to[k] = v[k];
#endif
}

NN_INLINE vh load_half(const uint16_t *from, size_t n)
{
    vh v = {0};
    if (n == NN_WIDTH)
        memcpy(&v, from, sizeof v);
    else
#if defined(NN_AVX512)
        v = (vh)_mm256_maskz_loadu_epi16(first_lanes(n), from);
#else
        for (size_t k = 0; k < n; k++)
            v[k] = from[k];
#endif
    return v;
}

NN_INLINE void store_half(uint16_t *to, vh v, size_t n)
{
    if (n == NN_WIDTH)
        memcpy(to, &v, sizeof v);
    else
#if defined(NN_AVX512)
        _mm256_mask_storeu_epi16(to, first_lanes(n), (__m256i)v);
#else
        for (size_t k = 0; k < n; k++)
            to[k] = v[k];
#endif
}

/* bf16 is the upper half of an f32. */
NN_INLINE vf from_bf16(vh x)
{
    return (vf)(__builtin_convertvector(x, vu) << 16);
}

/* Round to nearest, ties to even: adding just under half of the last place
 * that stays carries into it when it must. A NaN is kept quiet instead, as
 * the carry could turn it into an infinity. */
NN_INLINE vh to_bf16(vf x)
{
    const vu bits = (vu)x;
    const vu rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
#if defined(NN_AVX512)
    /* The upper halves are gathered by one permutation. */
    const __mmask16 nan =
        _mm512_cmp_ps_mask((__m512)x, (__m512)x, _CMP_UNORD_Q);
    const __m512i kept =
        _mm512_mask_or_epi32((__m512i)rounded, nan, (__m512i)bits,
                             _mm512_set1_epi32(0x400000));
    const __m512i upper =
        _mm512_set_epi16(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 31, 29,
                         27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
    return (vh)_mm512_castsi512_si256(_mm512_permutexvar_epi16(upper, kept));
#else
    const vu nan = (vu)(x != x);
    const vu kept = (nan & (bits | 0x400000u)) | (~nan & rounded);
    return __builtin_convertvector(kept >> 16, vh);
#endif
}

/* Values i ... i + n - 1 of an array of the given type. */
NN_INLINE vf v_load(enum nn_type type, const void *from, size_t i, size_t n)
{
    return type == NN_F32 ? load_f32((const float *)from + i, n)
                          : from_bf16(load_half((const uint16_t *)from + i, n));
}

NN_INLINE void v_store(enum nn_type type, void *to, size_t i, vf v, size_t n)
{
    if (type == NN_F32)
        store_f32((float *)to + i, v, n);
    else
        store_half((uint16_t *)to + i, to_bf16(v), n);
}

/* Stores that pass the caches by if `stream` is set: for aligned addresses in a
 * tensor too large for them, which saves reading its old contents first. To be
 * followed by v_stream_end before anybody else reads. Parts of vectors are
 * stored as usual. */
NN_INLINE void put_f32(int stream, float *to, vf v, size_t n)
{
#if defined(NN_AVX512)
    if (stream && n == NN_WIDTH) {
        _mm512_stream_ps(to, (__m512)v);
        return;
    }
#elif defined(NN_AVX2)
    if (stream && n == NN_WIDTH) {
        _mm256_stream_ps(to, (__m256)v);
        return;
    }
#endif
    (void)stream;
    store_f32(to, v, n);
}

NN_INLINE void put_half(int stream, uint16_t *to, vh v, size_t n)
{
#if defined(NN_AVX512)
    if (stream && n == NN_WIDTH) {
        _mm256_stream_si256((__m256i *)(void *)to, (__m256i)v);
        return;
    }
#elif defined(NN_AVX2)
    if (stream && n == NN_WIDTH) {
        _mm_stream_si128((__m128i *)(void *)to, (__m128i)v);
        return;
    }
#endif
    (void)stream;
    store_half(to, v, n);
}

NN_INLINE void v_put(enum nn_type type, int stream, void *to, size_t i, vf v,
                     size_t n)
{
    if (type == NN_F32)
        put_f32(stream, (float *)to + i, v, n);
    else
        put_half(stream, (uint16_t *)to + i, to_bf16(v), n);
}

NN_INLINE void v_stream_end(void)
{
#if defined(NN_AVX512) || defined(NN_AVX2)
    _mm_sfence();
#endif
}

/* Indices 0 ... 255, stored as bytes. */
NN_INLINE vi v_load_index(const uint8_t *from, size_t n)
{
    vb v = {0};
    if (n == NN_WIDTH)
        memcpy(&v, from, sizeof v);
    else
        for (size_t k = 0; k < n; k++)
            v[k] = from[k];
    return __builtin_convertvector(v, vi);
}

NN_INLINE void v_store_index(uint8_t *to, vi index, size_t n)
{
    const vb v = __builtin_convertvector(index, vb);
    if (n == NN_WIDTH)
        memcpy(to, &v, sizeof v);
    else
        for (size_t k = 0; k < n; k++)
            to[k] = v[k];
}

/* Add the lanes of v to NN_WIDTH running sums in double. Partial sums in f32
 * stay short (one run of pixels), so their error does not grow with the
 * batch. */
NN_INLINE void v_add_to(double *sums, vf v)
{
    vd total;
    memcpy(&total, sums, sizeof total);
    total += __builtin_convertvector(v, vd);
    memcpy(sums, &total, sizeof total);
}

#endif
