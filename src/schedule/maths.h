/* The library's own mathematics: sums, products and polynomials in IEEE double
 * and nothing else, so that every compiler and machine gives the same bits.
 * Must be compiled with -ffp-contract=off.
 *
 * The small functions are in this header so that the loops of curves.c inline
 * and vectorise them: no branch that a mask cannot replace, no call, no
 * conversion that SSE2 lacks. tools/maths_coefficients.py derives the numbers.
 *
 * Error bounds, checked against MPFR in tests/schedule/test_maths.c, in units
 * of the last place of the exact result:
 *
 *   taperi_half_cosine   2    for v in [0, 1/2]
 *   taperi_scaled_exp2   1    where the result is normal
 *   taperi_sqrt          1    for 0 and normal x
 *   taperi_quarter_sine  2    for x in [0, 1/2]
 *   taperi_log2_1p       3    for x >= 0
 *   taperi_exp2_share    2    of both shares, where 2^x is above 2^-1020
 *   taperi_raise         3 + 1.5 x of the part, 2^-x, where x < 1000, and 4 of
 *                        the rest; beside what those of the base bring in
 *   taperi_log2          2^-63 relative, as the sum of its two doubles
 */
#ifndef TAPER_SCHEDULE_MATHS_H
#define TAPER_SCHEDULE_MATHS_H

#include <float.h>
#include <stdbool.h>
#include <stdint.h>

/* A number as a sum of two doubles: `low` is at most half a unit of the last
 * place of `high`. */
struct taperi_pair {
    double high, low;
};

union taperi_bits {
    double value;
    uint64_t bits;
};

static inline double taperi_from_bits(uint64_t bits)
{
    const union taperi_bits u = {.bits = bits};
    return u.value;
}

static inline uint64_t taperi_to_bits(double value)
{
    const union taperi_bits u = {.value = value};
    return u.bits;
}

static inline double taperi_min(double a, double b)
{
    return a < b ? a : b;
}

static inline double taperi_max(double a, double b)
{
    return a > b ? a : b;
}

/* Neither NaN nor infinite. */
static inline bool taperi_is_finite(double x)
{
    return x >= -DBL_MAX && x <= DBL_MAX;
}

/* The nearest finite value, and 0 for -0. */
static inline double taperi_saturate(double x)
{
    return taperi_max(taperi_min(x, DBL_MAX), -DBL_MAX) + 0.0;
}

/* The largest whole number <= x, for x in [0, 2^63). */
static inline double taperi_floor(double x)
{
    return (double)(int64_t)x;
}

/* False for NaN as well. */
static inline bool taperi_within(double x, double min, double max)
{
    return x >= min && x <= max;
}

/* Whether x is a whole number in [min, max], of which min >= 0. */
static inline bool taperi_is_whole(double x, double min, double max)
{
    return taperi_within(x, min, max) && taperi_floor(x) == x;
}

/* The nearest whole number, halves upwards, for x in [0, 2^62). */
static inline double taperi_round(double x)
{
    const double whole = taperi_floor(x);
    return x - whole < 0.5 ? whole : whole + 1.0;
}

/* The nearest whole number for |x| < 2^51. Adding 1.5 * 2^52 leaves no bit for
 * the fraction; unlike a conversion to an integer SSE2 can do it. */
static inline double taperi_nearest(double x)
{
    return (x + 0x1.8p52) - 0x1.8p52;
}

/* t / by for t >= 0 and by > 0, at most 2^53. A quotient within one rounding of
 * a whole number is meant to be that number: 7 / 0.07 is 100, although the
 * double 0.07 is a little more than that. Every t / by that is a whole number
 * is so exactly. */
static inline double taperi_quotient(double t, double by)
{
    const double q = taperi_min(t / by, 0x1p53);
    const double whole = taperi_nearest(taperi_min(q, 0x1p50));
    const double off = taperi_max(q - whole, whole - q);
    return off <= 0x1p-52 * whole ? whole : q;
}

/* a + b without error, for |a| >= |b| or a == 0. */
static inline struct taperi_pair taperi_sum_ordered(double a, double b)
{
    const double high = a + b;
    const struct taperi_pair sum = {high, b - (high - a)};
    return sum;
}

/* a + b without error, in any order (Knuth). */
static inline struct taperi_pair taperi_sum(double a, double b)
{
    const double high = a + b, bb = high - a;
    const struct taperi_pair sum = {high, (a - (high - bb)) + (b - bb)};
    return sum;
}

/* a * b without error (Dekker), for products and factors below 2^990. */
static inline struct taperi_pair taperi_multiply(double a, double b)
{
    const double split = 0x1p27 + 1.0;
    const double pa = a * split, ah = pa - (pa - a), al = a - ah;
    const double pb = b * split, bh = pb - (pb - b), bl = b - bh;
    const double high = a * b;
    const struct taperi_pair product = {high,
                                        ((ah * bh - high) + ah * bl + al * bh) +
                                            al * bl};
    return product;
}

/* x times the number that is the sum of the pair, good to about 100 bits. */
static inline struct taperi_pair taperi_scale_pair(struct taperi_pair p,
                                                   double x)
{
    const struct taperi_pair product = taperi_multiply(p.high, x);
    return taperi_sum_ordered(product.high, product.low + p.low * x);
}

/* sin(pi v / 2)^2 for v in [0, 1/2]: how far a cosine has gone down, where v
 * is the progress from its start, or how far it is still up, where v is what
 * remains to its end. This is where cos(pi x) enters: it is 1 - 2 of this for
 * x <= 1/2, and as many relative digits are right near the end of a decay as
 * near its start, where 1 + cos(pi x) would have cancelled them. */
static inline double taperi_half_cosine(double v)
{
    const double z = v * v;
    double p = -0x1.179986cb6a46bp-19;
    p = p * z + 0x1.b6a6f431c0d1bp-15;
    p = p * z + -0x1.f9d2c1b1fc27bp-11;
    p = p * z + 0x1.a6d1f12a39630p-7;
    p = p * z + -0x1.e1f506861debfp-4;
    p = p * z + 0x1.55d3c7e3c9004p-1;
    p = p * z + -0x1.03c1f081b5a9fp+1;
    p = p * z + 0x1.20918d8f5acc7p-53; /* the low part of pi^2 / 4 */
    return z * (0x1.3bd3cc9be45dep+1 + p);
}

/* (2^f - 1 - f ln 2) / f^2 for f in [-1/2, 1/2]. The terms of even and of odd
 * powers, side by side: the processor waits half as long for the sum. */
static inline double taperi_exp2_tail(double f)
{
    const double z = f * f, zz = z * z;
    const double even =
        (0x1.ebfbdff82c598p-3 + 0x1.3b2ab6fba1e8fp-7 * z) +
        zz * ((0x1.43091309532d7p-13 + 0x1.62bfd4b3d7661p-20 * z) +
              zz * 0x1.e605e4f2183c6p-28);
    const double odd =
        (0x1.c6b08d704a0ccp-5 + 0x1.5d87fe78a2c15p-10 * z) +
        zz * ((0x1.ffcbfc7333743p-17 + 0x1.b524e158af789p-24 * z) +
              zz * 0x1.e9fa411caec9ap-32);
    return even + f * odd;
}

/* fraction * 2^(exponent + x.high + x.low), saturating at the largest double
 * and going gradually to 0. |fraction| in [1/2, 1], or 0; `exponent` whole,
 * within 1100 of 0; x finite. */
static inline double taperi_scaled_exp2(double fraction, double exponent,
                                        struct taperi_pair x)
{
    /* Beyond these bounds every result has saturated or vanished. */
    const double high = taperi_max(taperi_min(x.high, 2300.0), -2300.0);
    const double low = high == x.high ? x.low : 0.0;
    const double whole = taperi_nearest(high);
    const struct taperi_pair f = taperi_sum_ordered(high - whole, low);
    const double k = taperi_max(taperi_min(whole + exponent, 1100.0), -1200.0);

    const double q = taperi_exp2_tail(f.high);

    /* 2^f = 1 + f ln 2 + f^2 (...), of which 1 + f ln 2 is without error for
     * the first bits of f and those of ln 2: what is left is small. */
    const double head = (f.high + 0x1.8p44) - 0x1.8p44;
    const double ln2 = 0x1.62e42fefap-1, ln2_low = 0x1.cf79abc9e3b3ap-40;
    const double rest =
        (f.high - head) * ln2 + (f.high * (q * f.high + ln2_low) + f.low * ln2);
    const double m = (1.0 + head * ln2) + rest;

    /* 2^k as the product of two powers that are normal numbers. The bits of
     * 1.5 * 2^52 + n end in n, which the shift makes an exponent. */
    const double k1 = taperi_nearest(0.5 * k), k2 = k - k1;
    const double s1 =
        taperi_from_bits(taperi_to_bits(k1 + (0x1.8p52 + 1023.0)) << 52);
    const double s2 =
        taperi_from_bits(taperi_to_bits(k2 + (0x1.8p52 + 1023.0)) << 52);
    return taperi_saturate(fraction * m * s1 * s2);
}

/* ------------------------------------------------------------------ shares
 *
 * What curves are made of: a number in [0, 1] together with what it lacks of 1,
 * each with its own relative precision. So a curve knows how far it is from
 * its start as well as it knows how far it is from its end. */

struct taperi_share {
    double part, rest; /* their sum is 1 */
};

static inline struct taperi_share taperi_flip(struct taperi_share x)
{
    const struct taperi_share flipped = {x.rest, x.part};
    return flipped;
}

/* The share of which the smaller one, up to about 1/2, is known. */
static inline struct taperi_share taperi_share_of(bool is_part, double smaller)
{
    const double larger = 1.0 - smaller;
    const struct taperi_share x = {is_part ? smaller : larger,
                                   is_part ? larger : smaller};
    return x;
}

/* sqrt(x). The magic number makes half the exponent with its sign turned (the
 * fast inverse square root): 1/sqrt(x) within 3.5 %. Two steps of fourth order
 * leave 2^-64 of that, and the last correction is that of the root itself,
 * from what it lacks of x without error. */
static inline double taperi_sqrt(double x)
{
    double y = taperi_from_bits(UINT64_C(0x5fe6eb50c7b537a9) -
                                (taperi_to_bits(x) >> 1));
    double e = 1.0 - x * y * y;
    y = y + y * (e * (0.5 + e * (0.375 + e * 0.3125)));
    e = 1.0 - x * y * y;
    y = y + y * (e * (0.5 + e * (0.375 + e * 0.3125)));
    const double root = x * y;
    const struct taperi_pair square = taperi_multiply(root, root);
    return root + ((x - square.high) - square.low) * (0.5 * y);
}

/* sin(pi x / 2) for x in [0, 1/2]. */
static inline double taperi_quarter_sine(double x)
{
    const double z = x * x;
    double s = 0x1.e3f2b5fac7566p-25;
    s = s * z + -0x1.e3006ef88e96ep-19;
    s = s * z + 0x1.50782fd6885f7p-13;
    s = s * z + -0x1.32d2cce2e1465p-8;
    s = s * z + 0x1.466bc677587a4p-4;
    s = s * z + -0x1.4abbce625be41p-1;
    s = s * z + 0x1.03960bb397e75p-54; /* the low part of pi / 2 */
    return x * (0x1.921fb54442d18p+0 + s);
}

#define TAPERI_ROOT_HALF 0x1.6a09e667f3bcdp-1

/* x = (1 + fraction) 2^exponent with 1 + fraction in [sqrt(1/2), sqrt(2)), for
 * normal x > 0. Shifts and sums of bits only, which SSE2 has. */
struct taperi_reduced {
    double fraction, exponent;
};

static inline struct taperi_reduced taperi_reduce(double x)
{
    const uint64_t one = UINT64_C(0x3ff0000000000000);
    const uint64_t root_half = UINT64_C(0x3fe6a09e667f3bcd);
    const uint64_t moved = taperi_to_bits(x) + (one - root_half);
    const uint64_t bits =
        taperi_to_bits(x) - (moved & UINT64_C(0xfff0000000000000)) + one;
    /* The bits of 2^52 + n end in n. */
    const double biased =
        taperi_from_bits((moved >> 52) | UINT64_C(0x4330000000000000));
    const struct taperi_reduced r = {taperi_from_bits(bits) - 1.0,
                                     biased - (0x1p52 + 1023.0)};
    return r;
}

/* log2((1 + f) 2^exponent) for f in [sqrt(1/2) - 1, sqrt(2) - 1]. With
 * s = f / (2 + f), ln(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)). */
static inline double taperi_log2_reduced(double exponent, double f)
{
    const double s = f / (2.0 + f), z = s * s, zz = z * z;
    /* In pairs, for which the processor does not wait one after the other. */
    const double r01 = 0x1.5555555555558p-1 + 0x1.999999999526ap-2 * z;
    const double r23 = 0x1.2492492e056d5p-2 + 0x1.c71c62c8ce6f1p-3 * z;
    const double r45 = 0x1.7462bd3c3643bp-3 + 0x1.39fd3c506128bp-3 * z;
    const double r = r01 + zz * (r23 + zz * (r45 + zz * 0x1.2b669c2d5cd80p-3));
    const double square = 0.5 * f * f;
    const double ln = f - (square - s * (square + r * z));
    return exponent + ln * 0x1.71547652b82fep+0;
}

/* log2(1 + x) for x >= 0, for small x as well. */
static inline double taperi_log2_1p(double x)
{
    const double y = 1.0 + x;
    const struct taperi_reduced r = taperi_reduce(y);
    const double f = y < 2.0 * TAPERI_ROOT_HALF ? x : r.fraction;
    return taperi_log2_reduced(r.exponent, f);
}

/* 2^x as a share, for x <= 0; 0 from 2^-1020 on. */
static inline struct taperi_share taperi_exp2_share(double x)
{
    const bool gone = x < -1020.0;
    const double y = gone ? -1021.0 : x, whole = taperi_nearest(y);
    const double f = y - whole;
    /* The low part of ln 2 as well. */
    const double q = f * taperi_exp2_tail(f) + 0x1.abc9e3f1177ffp-56;
    const double less = f * (0x1.62e42fefa39efp-1 + q); /* 2^f - 1 */
    const double scale =
        taperi_from_bits(taperi_to_bits(whole + (0x1.8p52 + 1023.0)) << 52);
    const double part = gone ? 0.0 : scale + scale * less;
    const struct taperi_share both = {part,
                                      whole == 0.0 ? 0.0 - less : 1.0 - part};
    return both;
}

/* log2(base^power), for power in (0, 1e9]; below -1020 for a base that is no
 * normal number, which counts as 0. The logarithm is one double: its relative
 * error is that of what has been covered, and where 2^-x is left, x times as
 * large. */
static inline double taperi_raised_log2(struct taperi_share base, double power)
{
    const struct taperi_reduced r = taperi_reduce(base.part);
    /* Asked of the base, as a compiler that learns about the exponent makes two
     * ways of all that follows, and a loop goes both. */
    const bool near_1 = base.part >= TAPERI_ROOT_HALF;
    const double f = near_1 ? 0.0 - base.rest : r.fraction;
    const double exponent = taperi_log2_reduced(r.exponent, f) * power;
    return base.part < DBL_MIN ? -2000.0 : exponent;
}

/* base^power as a share: 0^power is 0 and 1^power is 1. */
static inline struct taperi_share taperi_raise(struct taperi_share base,
                                               double power)
{
    return taperi_exp2_share(taperi_raised_log2(base, power));
}

/* Powers that are products, which is faster and hardly less exact. */
static inline bool taperi_is_small_power(double power)
{
    return power == 1.0 || power == 2.0 || power == 3.0 || power == 4.0;
}

/* base^power for these, without a branch: the sums have one term that counts.
 */
static inline struct taperi_share taperi_raise_small(struct taperi_share x,
                                                     double power)
{
    const double is1 = power == 1.0 ? 1.0 : 0.0, is2 = power == 2.0 ? 1.0 : 0.0;
    const double is3 = power == 3.0 ? 1.0 : 0.0, is4 = power == 4.0 ? 1.0 : 0.0;
    const double p = x.part;
    const struct taperi_share raised = {
        p * (is1 + p * (is2 + p * (is3 + p * is4))),
        x.rest * (1.0 + p * ((1.0 - is1) + p * ((is3 + is4) + p * is4)))};
    return raised;
}

/* A finite x != 0 as fraction * 2^exponent with |fraction| in [1/2, 1); 0 and
 * 0 for 0. */
double taperi_split(double x, double *exponent);

/* p / x for x > 0, good to about 100 bits. */
struct taperi_pair taperi_divide_pair(struct taperi_pair p, double x);

/* base^count by squaring: exact while the result is a whole number below 2^53,
 * and the same bits everywhere. Saturates. base >= 0, count whole >= 0. */
double taperi_power_whole(double base, double count);

/* 1 + base + base^2 + ... + base^(count - 1), without cancellation: exact
 * while it is a whole number below 2^53. Saturates. base > 0. */
double taperi_geometric_sum(double base, double count);

/* log2(x) for finite x > 0. Exact for powers of 2. */
struct taperi_pair taperi_log2(double x);

/* The largest whole q with q * n <= t, for t in [0, 2^53] and whole n >= 1 with
 * q * n <= 2^53. Exact although the quotient is rounded: for t < q n the
 * distance of t / n from q is at least (the gap below q n) / n, and that is
 * more than half the gap below q, so it cannot round up to q. */
double taperi_whole_times(double t, double n);

#endif
