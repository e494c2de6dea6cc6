/* How many seeds a difference takes: see statistics.h.
 *
 * The square of a t statistic with mean shift is noncentral F, which is a
 * Poisson mixture of beta distributions (Johnson, Kotz and Balakrishnan,
 * "Continuous univariate distributions", volume 2, chapter 30). GSL has the
 * parts and not the whole. */
#include "study/statistics.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

/* Effects beyond this many standard deviations count as this one: they are
 * found by two or three pairs. */
#define EFFECT_MOST 1000.0

/* Share of |T| <= t where T is noncentral t with `freedom` degrees of freedom
 * and a shift of `shift`; shift > 0. Poisson terms beyond ten standard
 * deviations carry less than 1e-20. */
static double share_within(double t, double freedom, double shift)
{
    const double middle = shift * shift / 2.0;
    const double reach = 10.0 * sqrt(middle) + 30.0;
    const double first = fmax(0.0, floor(middle - reach));
    const double x = t * t / (t * t + freedom);

    double share = 0.0;
    for (double j = first; j <= middle + reach; j += 1.0) {
        const double weight = gsl_ran_poisson_pdf((unsigned)j, middle);
        if (weight < 1e-18) continue;
        const double part = gsl_cdf_beta_P(x, j + 0.5, freedom / 2.0);
        share += weight * part;
        if (j > middle && part < 1e-15) break; /* it only falls from here */
    }
    return fmin(share, 1.0);
}

double study_power(double effect, double n, double alpha)
{
    if (isnan(effect) || !(n >= 2.0) || !(alpha > 0.0)) return 0.0;
    if (alpha >= 1.0) return 1.0;

    const double t = gsl_cdf_tdist_Qinv(alpha / 2.0, n - 1.0);
    const double shift = fmin(fabs(effect), EFFECT_MOST) * sqrt(n);
    /* A shift too small to square, and one that no spread brings back. */
    if (shift < 1e-100) return alpha;
    if (shift > 50.0 * fmax(t, 1.0)) return 1.0;
    return 1.0 - share_within(t, n - 1.0, shift);
}

double study_needed(double effect, double alpha)
{
    if (isnan(effect)) return NAN;
    double high = 2.0;
    while (study_power(effect, high, alpha) < STUDY_POWER) {
        if (high >= STUDY_SEEDS_MOST) return INFINITY;
        high = fmin(2.0 * high, STUDY_SEEDS_MOST);
    }
    double low = 1.0; /* too few, as `high` is enough */
    while (high - low > 1.0) {
        const double middle = floor((low + high) / 2.0);
        if (study_power(effect, middle, alpha) < STUDY_POWER)
            low = middle;
        else
            high = middle;
    }
    return high;
}

double study_detectable(double n, double alpha)
{
    if (!(n >= 2.0)) return INFINITY;
    double high = 1.0 / sqrt(n);
    while (study_power(high, n, alpha) < STUDY_POWER) {
        if (high >= EFFECT_MOST) return INFINITY;
        high *= 2.0;
    }
    double low = 0.0;
    for (int k = 0; k < 60; k++) {
        const double middle = (low + high) / 2.0;
        if (study_power(middle, n, alpha) < STUDY_POWER)
            low = middle;
        else
            high = middle;
    }
    return high;
}
