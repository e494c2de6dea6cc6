/* The multi-power law's answer to the changes of the rate: the gaps of a
 * schedule, and the power that each is weighed with. */
#ifndef LAW_KERNEL_H
#define LAW_KERNEL_H

#include "law/law.h"

/* Every change of the rate after step 0, in order of time. */
struct law_gaps {
    size_t n;
    double *gap;    /* [n] eta_k - eta_{k-1}, not 0 */
    double *rate;   /* [n] eta_k, floored */
    double *before; /* [n] S(k - 1) */
    size_t *step;   /* [n] k */
};

/* Sum up the clock, S[0..steps), where S may be NULL, and list the gaps, with
 * rates of at least `least`. The lists are given back with law_gaps_free,
 * whatever was returned. */
taper_law_status law_gaps_of(const taper_law_params *p, const double *rates,
                             size_t steps, double least, double *S,
                             struct law_gaps *out, taper_law_error *err);
void law_gaps_free(struct law_gaps *gaps);

/* 1 - (1 + x)^-beta without cancellation where x or beta is small. */
static inline double law_fade(double x, double beta)
{
    return -expm1(-beta * log1p(x));
}

#endif
