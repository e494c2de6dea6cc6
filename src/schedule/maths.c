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
