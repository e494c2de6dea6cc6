/* Chebyshev steps in fractal order (Agarwal, Goel and Zhang, arXiv:2103.01338).
 *
 * The steps are the reciprocals of the zeros of a Chebyshev polynomial: for
 * index i of T,
 *
 *     1 / (c - r cos(pi (i + 1/2) / T)),  c - r = 1/from,  c + r = 1/to
 *
 * which lie strictly between `from` and `to`. Taken from large to small they
 * would blow up rounding errors, so the order is one in which large and small
 * ones alternate on every scale: the order of 2T indices interlaces that of T
 * with its mirror image, i -> 2T - 1 - i. T must be a power of 2. Past its end
 * it reads its last step.
 *
 * Level for level, an odd place turns all bits of the index so far around. So
 * bit j of the index is the parity of the T/2^j lowest places' bits: the sum
 * without carry of the bits below, in reverse order. */
#include "schedule/curves.h"

/* Longer ones would have times that taperi_nearest does not round. */
static const double chebyshev_max = 0x1p50;

/* made, beside what an inverse has: how far an index of 64 bits is shifted. */
static struct taperi_fault derive_chebyshev(const taper_schedule *s, uint32_t i,
                                            struct taperi_node *node)
{
    double exponent;
    const double fraction = taperi_split(node->length, &exponent);
    if (node->length != 0.0 &&
        (fraction != 0.5 || !taperi_within(node->length, 1.0, chebyshev_max)))
        return taperi_fault_in(TAPERI_OVER,
                               "a chebyshev needs a length that is a power of "
                               "2, up to 2^50");
    /* The index of the only step of T = 1 is 0, whatever the shift. */
    node->made[4] = taperi_min(65.0 - exponent, 63.0);
    return taperi_derive_reciprocal(s, i, node);
}

/* The index at place n of the order, before the shift. */
static inline uint64_t index_of(uint64_t n)
{
    n ^= n << 1;
    n ^= n << 2;
    n ^= n << 4;
    n ^= n << 8;
    n ^= n << 16;
    n ^= n << 32;
    n = (n >> 1 & UINT64_C(0x5555555555555555)) |
        (n & UINT64_C(0x5555555555555555)) << 1;
    n = (n >> 2 & UINT64_C(0x3333333333333333)) |
        (n & UINT64_C(0x3333333333333333)) << 2;
    n = (n >> 4 & UINT64_C(0x0f0f0f0f0f0f0f0f)) |
        (n & UINT64_C(0x0f0f0f0f0f0f0f0f)) << 4;
    n = (n >> 8 & UINT64_C(0x00ff00ff00ff00ff)) |
        (n & UINT64_C(0x00ff00ff00ff00ff)) << 8;
    n = (n >> 16 & UINT64_C(0x0000ffff0000ffff)) |
        (n & UINT64_C(0x0000ffff0000ffff)) << 16;
    return n >> 32 | n << 32;
}

static inline double chebyshev_point(const struct taperi_node *node, double t,
                                     uint64_t shift)
{
    const double last = taperi_max(node->length - 1.0, 0.0);
    const double place = taperi_min(t, last), near = taperi_nearest(place);
    const double whole = near > place ? near - 1.0 : near;
    /* The bits of 2^52 + n end in n. */
    const uint64_t exponent = UINT64_C(0x4330000000000000);
    const uint64_t index =
        index_of(taperi_to_bits(whole + 0x1p52) & ~exponent) >> shift;
    const double i = taperi_from_bits(index | exponent) - 0x1p52;

    const double part = (i + 0.5) / node->made[1]; /* without error */
    const struct taperi_share u = {part, 1.0 - part};
    const struct taperi_share slow = taperi_flip(taperi_cosine_shape(u));
    return taperi_blend(node,
                        taperi_weighed(slow, node->made[2], node->made[3]));
}

static double chebyshev_at(const taper_schedule *s,
                           const struct taperi_node *node, double t)
{
    (void)s;
    if (node->length == 0.0) return node->given[1];
    return chebyshev_point(node, t, (uint64_t)node->made[4]);
}

static void chebyshev_fill(const taper_schedule *s,
                           const struct taperi_node *node, double *restrict t,
                           size_t n, double *restrict out)
{
    (void)s;
    const struct taperi_node local = *node;
    const uint64_t shift = (uint64_t)local.made[4];
    double v[taperi_block_steps];
    const size_t count = taperi_pad_times(t, n, v);
    for (size_t i = 0; local.length > 0.0 && i < taperi_pad * count; i++)
        v[i] = chebyshev_point(&local, v[i], shift);
    for (size_t i = 0; local.length == 0.0 && i < n; i++)
        v[i] = local.given[1];
    taperi_copy_values(v, n, out);
}

const struct taperi_behaviour taperi_chebyshev = {
    .name = "chebyshev",
    .given_count = 2,
    .derive = derive_chebyshev,
    .at = chebyshev_at,
    .fill = chebyshev_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
};
