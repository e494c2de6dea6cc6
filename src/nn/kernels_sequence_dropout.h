/* Dropout masks by Philox4x32-10.
 *
 * A block of Philox turns a counter of four words into four words of noise:
 * eight 16-bit numbers, one for each value of a mask's byte. The bytes of all
 * rows are numbered through, so that short rows fill the vectors too.
 *
 * Each round multiplies two words to 64 bits. x86 does that for every other
 * lane of 32 bits and ignores what the lane above holds; so even and odd lanes
 * are run as two vectors, whose upper halves are never cleaned. */
#ifndef TAPER_NN_KERNELS_SEQUENCE_DROPOUT_H
#define TAPER_NN_KERNELS_SEQUENCE_DROPOUT_H

#include "nn/kernels_sequence_keep.h"
#include "nn/kernels_sequence_lanes.h"

typedef uint64_t vl __attribute__((vector_size(NN_WIDTH * 4), may_alias));
typedef uint16_t vw __attribute__((vector_size(NN_WIDTH * 4), may_alias));

#define NN_PHILOX_ROUNDS 10

/* The keys of all rounds: the given one plus multiples of the golden ratio and
 * of sqrt(3) - 1. */
struct philox_keys {
    uint32_t k0[NN_PHILOX_ROUNDS], k1[NN_PHILOX_ROUNDS];
};

static struct philox_keys philox_keys(uint64_t key)
{
    struct philox_keys k;
    for (uint32_t r = 0; r < NN_PHILOX_ROUNDS; r++) {
        k.k0[r] = (uint32_t)key + r * 0x9e3779b9u;
        k.k1[r] = (uint32_t)(key >> 32) + r * 0xbb67ae85u;
    }
    return k;
}

/* The product of the lower halves of each lane with m. */
NN_INLINE vl v_wide_product(vl v, uint32_t m)
{
#if defined(NN_AVX512)
    return (vl)_mm512_mul_epu32((__m512i)v, _mm512_set1_epi64((long long)m));
#elif defined(NN_AVX2)
    return (vl)_mm256_mul_epu32((__m256i)v, _mm256_set1_epi64x((long long)m));
#else
    return (v & 0xffffffffu) * (uint64_t)m;
#endif
}

/* The counters' words in the lower halves of the lanes; noise likewise. */
NN_INLINE void philox(const struct philox_keys *k, vl c[4])
{
    for (size_t r = 0; r < NN_PHILOX_ROUNDS; r++) {
        const vl p0 = v_wide_product(c[0], 0xd2511f53u);
        const vl p1 = v_wide_product(c[2], 0xcd9e8d57u);
        c[0] = (p1 >> 32) ^ c[1] ^ (uint64_t)k->k0[r];
        c[1] = p1;
        c[2] = (p0 >> 32) ^ c[3] ^ (uint64_t)k->k1[r];
        c[3] = p0;
    }
}

/* Even lanes of the result from `even`, odd ones from `odd`. */
NN_INLINE vu v_weave(vl even, vl odd)
{
#if defined(NN_AVX512)
    return (vu)_mm512_mask_shuffle_epi32((__m512i)even, 0xaaaa, (__m512i)odd,
                                         _MM_PERM_CCAA);
#elif defined(NN_AVX2)
    return (vu)_mm256_blend_epi32((__m256i)even,
                                  _mm256_slli_epi64((__m256i)odd, 32), 0xaa);
#else
    return (vu)((even & 0xffffffffu) | (odd << 32));
#endif
}

/* Sets `low` and `high`, one bit in each half of a lane, in *to where that half
 * of `noise` is `threshold` or more. */
NN_INLINE void v_set_kept(vw *to, vu noise, uint16_t threshold, uint16_t low,
                          uint16_t high)
{
    const vw bits = (vw)((vu){0} + (low | (uint32_t)high << 16));
#if defined(NN_AVX512)
    const __mmask32 kept =
        _mm512_cmpge_epu16_mask((__m512i)noise,
                                _mm512_set1_epi16((short)threshold));
    *to = (vw)_mm512_mask_add_epi16((__m512i)*to, kept, (__m512i)*to,
                                    (__m512i)bits);
#else
    *to |= (vw)((vw)noise >= (vw){0} + threshold) & bits;
#endif
}

/* Where a vector of bytes is: byte `group` of row `row`, for each lane. */
struct mask_place {
    vu row, group;
};

/* The place NN_WIDTH bytes further on, when a row has `stride` of them. */
NN_INLINE void mask_next(struct mask_place *p, uint32_t stride)
{
    const vi past =
        (vi)(p->group + (uint32_t)(NN_WIDTH % stride)) - (int32_t)stride;
    const vi inside = past >> 31; /* all ones before the end of a row */
    p->group = (vu)(past + (inside & (int32_t)stride));
    p->row += (uint32_t)(NN_WIDTH / stride) + 1u + (vu)inside;
}

NN_INLINE vb mask_bytes(const struct philox_keys *k, const struct nn_dropout *d,
                        uint16_t threshold, const struct mask_place *p)
{
    const vu none = {0};
    const vl c0 = (vl)p->row;
    const vl c1 = (vl)(p->group | d->site << 16);
    const vl c2 = (vl)(none + (uint32_t)d->noise[1]);
    const vl c3 = (vl)(none + (uint32_t)(d->noise[1] >> 32));
    vl even[4] = {c0, c1, c2, c3};
    vl odd[4] = {c0 >> 32, c1 >> 32, c2, c3};
    philox(k, even);
    philox(k, odd);
    vw bits = {0};
    v_set_kept(&bits, v_weave(even[0], odd[0]), threshold, 0x01, 0x02);
    v_set_kept(&bits, v_weave(even[1], odd[1]), threshold, 0x04, 0x08);
    v_set_kept(&bits, v_weave(even[2], odd[2]), threshold, 0x10, 0x20);
    v_set_kept(&bits, v_weave(even[3], odd[3]), threshold, 0x40, 0x80);
    const vu both = (vu)bits | (vu)bits >> 16;
    return __builtin_convertvector(both, vb);
}

static void dropout_mask(const struct nn_dropout *d, size_t rows, size_t width,
                         uint8_t *keep)
{
    const size_t stride = nn_keep_stride(width), bytes = rows * stride;
    if (bytes == 0) return;
    const struct philox_keys keys = philox_keys(d->noise[0]);
    const uint16_t threshold = (uint16_t)keep_threshold(d->rate);
    struct mask_place p;
    for (size_t k = 0; k < NN_WIDTH; k++) {
        p.row[k] = (uint32_t)(d->row + k / stride);
        p.group[k] = (uint32_t)(k % stride);
    }
    for (size_t i = 0; i < bytes; i += NN_WIDTH) {
        const vb kept = mask_bytes(&keys, d, threshold, &p);
        if (bytes - i >= NN_WIDTH)
            memcpy(keep + i, &kept, NN_WIDTH);
        else
            memcpy(keep + i, &kept, bytes - i);
        mask_next(&p, (uint32_t)stride);
    }
}

#endif
