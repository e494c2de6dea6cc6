/* The parts of the library's mathematics that run once for a schedule or once
 * for a cycle, and so need not be inlined. */
#include "schedule/maths.h"

double taperi_split(double x, double *exponent)
{
    *exponent = 0.0;
    if (x == 0.0) return 0.0;

    const bool tiny = x > -DBL_MIN && x < DBL_MIN;
    const uint64_t bits = taperi_to_bits(tiny ? x * 0x1p54 : x);
    const int biased = (int)(bits >> 52 & 0x7ff);
    *exponent = (double)(biased - 1022 - (tiny ? 54 : 0));
    return taperi_from_bits((bits & 0x800fffffffffffff) | UINT64_C(1022) << 52);
}

struct taperi_pair taperi_divide_pair(struct taperi_pair p, double x)
{
    const double q = p.high / x;
    const struct taperi_pair back = taperi_multiply(q, x);
    const double rest = ((p.high - back.high) - back.low) + p.low;
    return taperi_sum_ordered(q, rest / x);
}

struct taperi_pair taperi_log2(double x)
{
    /* x = m 2^e with m in [sqrt(1/2), sqrt(2)). */
    const bool tiny = x < DBL_MIN;
    const uint64_t bits = taperi_to_bits(tiny ? x * 0x1p54 : x);
    const uint64_t fraction = bits & 0xfffffffffffff;
    const uint64_t up = fraction >= 0x6a09e667f3bcd ? 1 : 0;
    const double m = taperi_from_bits(fraction | ((1023 - up) << 52));
    /* The bits of 2^52 + n end in n. */
    const double e =
        taperi_from_bits(0x4330000000000000 | ((bits >> 52) + up)) -
        (0x1p52 + 1023.0) - (tiny ? 54.0 : 0.0);

    /* log2(m) = s (C0 + z (C1 + z T(z))), s = (m - 1) / (m + 1), z = s^2. */
    const double num = m - 1.0; /* exact */
    const struct taperi_pair den = taperi_sum_ordered(1.0, m);
    const double s = num / den.high;
    const struct taperi_pair back = taperi_multiply(s, den.high);
    const double sl = (((num - back.high) - back.low) - s * den.low) / den.high;
    const struct taperi_pair ss = taperi_multiply(s, s);
    const double z = ss.high, zl = ss.low + 2.0 * s * sl;

    double t = 0x1.5c1b979713414p-3;
    t = t * z + 0x1.59acd317e20e4p-3;
    t = t * z + 0x1.8a0145d169b6bp-3;
    t = t * z + 0x1.c68f1f8c4eda8p-3;
    t = t * z + 0x1.0c9a84da3ed4cp-2;
    t = t * z + 0x1.484b13d769a53p-2;
    t = t * z + 0x1.a61762a7ae283p-2;
    t = t * z + 0x1.2776c50ef9bfep-1;

    const struct taperi_pair c1 =
        taperi_sum_ordered(0x1.ec709dc3a03fdp-1, z * t + 0x1.d27f05548af0cp-55);
    const struct taperi_pair zc1 = taperi_multiply(z, c1.high);
    const struct taperi_pair c0 =
        taperi_sum_ordered(0x1.71547652b82fep+1, zc1.high);
    const double c0l =
        c0.low + (zc1.low + z * c1.low + zl * c1.high) + 0x1.777d0ffda0d24p-55;
    const struct taperi_pair sc0 = taperi_multiply(s, c0.high);
    const struct taperi_pair log_m =
        taperi_sum_ordered(sc0.high, sc0.low + s * c0l + sl * c0.high);
    const struct taperi_pair sum = taperi_sum_ordered(e, log_m.high);
    return taperi_sum_ordered(sum.high, sum.low + log_m.low);
}

double taperi_power_whole(double base, double count)
{
    double power = 1.0, square = base;
    for (uint64_t n = (uint64_t)count; n > 0; n >>= 1) {
        if (n & 1) power = taperi_min(power * square, DBL_MAX);
        square = taperi_min(square * square, DBL_MAX);
    }
    return power;
}

double taperi_geometric_sum(double base, double count)
{
    /* From the highest bit of `count` down: G(2m) = G(m) (1 + base^m) and
     * G(m + 1) = 1 + base G(m). */
    const uint64_t n = (uint64_t)count;
    int bit = 0;
    while (n >> bit > 1)
        bit++;
    double sum = 0.0, power = 1.0; /* G(m) and base^m for the m so far */
    for (; bit >= 0; bit--) {
        sum = taperi_min(sum * (1.0 + power), DBL_MAX);
        power = taperi_min(power * power, DBL_MAX);
        if (n >> bit & 1) {
            sum = taperi_min(1.0 + base * sum, DBL_MAX);
            power = taperi_min(power * base, DBL_MAX);
        }
    }
    return sum;
}

double taperi_whole_times(double t, double n)
{
    return taperi_floor(t / n);
}
