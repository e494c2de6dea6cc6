/* Noise: a part times 1 + amount z, where z is a random number that changes
 * every so many steps and is a pure function of the seed and of how often it
 * has changed. There is no generator to advance, so a step has the same noise
 * whichever steps were asked for before it.
 *
 * The random bits are those of splitmix64 (Steele, Lea and Flood: Fast
 * splittable pseudorandom number generators, OOPSLA 2014), which is itself a
 * mixed counter: number k of the stream that a mixed seed starts. */
#include "schedule/block.h"
#include "schedule/maths.h"

static const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15);

/* A bijection in which every bit of the result depends on every bit of z. */
static inline uint64_t mixed_bits(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t noise_stream(const struct taperi_node *node)
{
    return mixed_bits((uint64_t)node->given[1] + golden);
}

/* Evenly spread over (-1, 1), and as likely to be y as -y. */
static inline double noise_uniform(const struct taperi_node *node,
                                   uint64_t stream, double t)
{
    /* Rounded down as taperi_whole_times does, but without a call. */
    const uint64_t draw = (uint64_t)(int64_t)(t / node->given[2]);
    const uint64_t bits = mixed_bits(stream + (draw + 1) * golden);
    const double fraction = /* in [1, 2) */
        taperi_from_bits(bits >> 12 | UINT64_C(1023) << 52);
    return (2.0 * fraction - 3.0) + DBL_EPSILON;
}

/* log2(x) for normal x in (0, 1], to 1e-10: an eighth of the work of
 * taperi_log2, which is exact enough for powers. With x = m 2^e and
 * s = (m - 1) / (m + 1) it is e + 2 (s + s^3/3 + s^5/5 + ...) / ln 2. */
static inline double noise_log2(double x)
{
    const uint64_t bits = taperi_to_bits(x);
    const uint64_t fraction = bits & 0xfffffffffffff;
    /* 1 from sqrt(2) on, by a carry: SSE2 cannot compare these. */
    const uint64_t up = (fraction + (0x10000000000000 - 0x6a09e667f3bcd)) >> 52;
    const double m = taperi_from_bits(fraction | ((1023 - up) << 52));
    /* The bits of 2^52 + n end in n. */
    const double e =
        taperi_from_bits(0x4330000000000000 | ((bits >> 52) + up)) -
        (0x1p52 + 1023.0);
    const double s = (m - 1.0) / (m + 1.0), z = s * s;
    double p = 0x1.0c9a84994022dp-2;
    p = p * z + 0x1.484b13d7c02a9p-2;
    p = p * z + 0x1.a61762a7adedap-2;
    p = p * z + 0x1.2776c50ef9bfep-1;
    p = p * z + 0x1.ec709dc3a03fep-1;
    p = p * z + 0x1.71547652b82fep+1;
    return e + s * p;
}

/* The normal number, of those within 3 standard deviations, below which there
 * are as many as below y among the even ones in (-1, 1); to 2e-8. That is
 * sqrt(2) erfinv(x) with x = y erf(3 / sqrt(2)), and erfinv(x) / x is smooth in
 * log(1 - x^2) (Giles: Approximating the erfinv function, GPU Computing Gems,
 * 2011). tools/maths_coefficients.py derives the polynomial. */
static inline double noise_normal(double y)
{
    const double x = y * 0x1.fe9e21e067a4ap-1;
    const double w = -noise_log2(1.0 - x * x);
    double p = -0x1.d6d758841dce1p-32;
    p = p * w + 0x1.0dd5d8c14e25ep-26;
    p = p * w + -0x1.b3ca2e77000c1p-23;
    p = p * w + 0x1.25b28316924b2p-21;
    p = p * w + 0x1.5b3b6db96d955p-17;
    p = p * w + -0x1.618a7188bb44fp-15;
    p = p * w + -0x1.1f377a6524ecdp-10;
    p = p * w + 0x1.006b190e2888bp-7;
    p = p * w + 0x1.d086bd49cee99p-3;
    p = p * w + 0x1.3ffb70e7ede2cp+0;
    return taperi_max(taperi_min(y * p, 3.0), -3.0);
}

/* What the part is multiplied with: not negative, whatever the amount. */
static inline double noise_factor(const struct taperi_node *node, double z)
{
    return taperi_max(1.0 + node->given[0] * z, 0.0);
}

static double noise_at_draw(const struct taperi_node *node, double t)
{
    const double y = noise_uniform(node, noise_stream(node), t);
    return noise_factor(node, node->given[3] != 0.0 ? noise_normal(y) : y);
}

static struct taperi_fault derive_noise(const taper_schedule *s, uint32_t i,
                                        struct taperi_node *node)
{
    const double *given = node->given;
    if (!(given[0] >= 0.0 && given[0] < 1.0))
        return taperi_fault_in(TAPERI_GIVEN_0,
                               "'amount' must be at least 0 and below 1");
    if (!taperi_is_whole(given[1], 0.0, TAPERI_LENGTH_MAX))
        return taperi_fault_in(TAPERI_GIVEN_1,
                               "'seed' must be a whole number from 0 to 2^53");
    if (!taperi_is_whole(given[2], 1.0, TAPERI_LENGTH_MAX))
        return taperi_fault_in(TAPERI_GIVEN_2,
                               "noise must stay for at least one step");
    if (given[3] != 0.0 && given[3] != 1.0)
        return taperi_fault_in(TAPERI_GIVEN_3,
                               "noise is either uniform or normal");
    node->length = taperi_nodes(s)[i - 1].length;
    return taperi_fault_none();
}

static double noise_at(const taper_schedule *s, const struct taperi_node *node,
                       double t)
{
    return taperi_saturate(taperi_value(s, node - 1, t) *
                           noise_at_draw(node, t));
}

/* In several loops: the bits need integers, which keep a loop from being
 * vectorised, and the part overwrites the times. */
static void noise_fill(const taper_schedule *s, const struct taperi_node *node,
                       double *restrict t, size_t n, double *restrict out)
{
    const struct taperi_node local = *node;
    const uint64_t stream = noise_stream(node);
    double z[taperi_block_steps];
    for (size_t i = 0; i < n; i++)
        z[i] = noise_uniform(&local, stream, t[i]);
    if (local.given[3] != 0.0)
        for (size_t i = 0; i < n; i++)
            z[i] = noise_normal(z[i]);
    for (size_t i = 0; i < n; i++)
        z[i] = noise_factor(&local, z[i]);
    taperi_values(s, node - 1, t, n, out);
    for (size_t i = 0; i < n; i++)
        out[i] = taperi_saturate(out[i] * z[i]);
}

static double noise_end(const taper_schedule *s, const struct taperi_node *node)
{
    (void)s;
    return taperi_saturate(node[-1].end * noise_at_draw(node, node->length));
}

const struct taperi_behaviour taperi_noise = {
    .name = "noise",
    .given_count = 4,
    .derive = derive_noise,
    .at = noise_at,
    .fill = noise_fill,
    .end = noise_end,
    .has_child = true,
    .may_say_after = true,
    .may_hold = true,
};
