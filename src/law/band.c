/* The band around a predicted curve, from a spread of parameter sets. */
#include "law/evaluate.h"

#include <stdlib.h>

/* The half width, in standard deviations, that a normal deviate stays within
 * with probability `level`: by bisection of the error function. */
static double deviations(double level)
{
    double low = 0.0, high = 40.0;
    for (int i = 0; i < 100; i++) {
        const double middle = 0.5 * (low + high);
        if (erf(middle / sqrt(2.0)) < level)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static taper_law_status check_level(double level, taper_law_error *err)
{
    if (level > 0.0 && level < 1.0) return TAPER_LAW_OK;
    return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                    "the level %g is not between 0 and 1", level);
}

taper_law_status taper_law_band(const taper_law_spread *spread,
                                const taper_law_params *p, const double *rates,
                                size_t steps, const int64_t *at, size_t n,
                                double level, double *low, double *high,
                                taper_law_error *err)
{
    taper_law_status status = check_level(level, err);
    if (status != TAPER_LAW_OK || n == 0) return status;
    double *middle = malloc(4 * n * sizeof *middle);
    if (!middle) return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    double *one = middle + n, *square = one + n, *count = square + n;
    status = law_losses(p, rates, steps, at, n, middle, err);
    for (size_t i = 0; i < n; i++)
        square[i] = count[i] = 0.0;
    for (size_t m = 0; status == TAPER_LAW_OK && m < spread->members; m++) {
        status = law_losses(&spread->member[m], rates, steps, at, n, one, err);
        for (size_t i = 0; status == TAPER_LAW_OK && i < n; i++) {
            const double d = log(one[i] / middle[i]);
            if (!isfinite(d)) continue;
            square[i] += d * d;
            count[i] += 1.0;
        }
    }
    const double z = deviations(level), error = spread->error;
    for (size_t i = 0; status == TAPER_LAW_OK && i < n; i++) {
        const double spread_out = count[i] > 0.0 ? square[i] / count[i] : 0.0;
        const double width = z * sqrt(spread_out + error * error);
        const bool holds = middle[i] > 0.0; /* a loss has a logarithm */
        low[i] = holds ? middle[i] * exp(-width) : (double)NAN;
        high[i] = holds ? middle[i] * exp(width) : (double)NAN;
    }
    free(middle);
    return status;
}

taper_law_status
taper_law_band_difference(const taper_law_spread *spread,
                          const taper_law_params *p, const double *rates_a,
                          size_t steps_a, const double *rates_b, size_t steps_b,
                          double level, double *low, double *high,
                          taper_law_error *err)
{
    const taper_law_status status = check_level(level, err);
    if (status != TAPER_LAW_OK) return status;
    const double a = taper_law_final(p, rates_a, steps_a);
    const double difference = taper_law_final(p, rates_b, steps_b) - a;
    double square = 0.0, count = 0.0;
    for (size_t m = 0; m < spread->members; m++) {
        const taper_law_params *q = &spread->member[m];
        const double d = taper_law_final(q, rates_b, steps_b) -
                         taper_law_final(q, rates_a, steps_a) - difference;
        if (!isfinite(d)) continue;
        square += d * d;
        count += 1.0;
    }
    /* What the law is off by on two schedules is taken to be correlated by a
     * half, so that the difference has the variance of one. */
    const double own = spread->error * a;
    const double variance = own * own + (count > 0.0 ? square / count : 0.0);
    const double width = deviations(level) * sqrt(variance);
    *low = difference - width;
    *high = difference + width;
    return TAPER_LAW_OK;
}
