/* What one law does for the functions of taper_law.h that give losses. */
#ifndef LAW_EVALUATE_H
#define LAW_EVALUATE_H

#include "law/law.h"

/* L0 + A S^-alpha. */
static inline double law_fall(const taper_law_params *p, double S)
{
    return S > 0.0 ? p->L0 + p->A * pow(S, -p->alpha) : (double)HUGE_VAL;
}

/* taper_law_points by whichever way is faster, the formula or the whole
 * curve. */
taper_law_status law_losses(const taper_law_params *p, const double *rates,
                            size_t steps, const int64_t *at, size_t n,
                            double *out, taper_law_error *err);

double law_power_final(const taper_law_params *p, const double *rates,
                       size_t steps);
taper_law_status law_power_points(const taper_law_params *p,
                                  const double *rates, size_t steps,
                                  const int64_t *at, size_t n, double *out,
                                  taper_law_error *err);
taper_law_status law_power_curve(const taper_law_params *p, const double *rates,
                                 size_t steps, double *out,
                                 taper_law_error *err);

double law_momentum_final(const taper_law_params *p, const double *rates,
                          size_t steps);
taper_law_status law_momentum_points(const taper_law_params *p,
                                     const double *rates, size_t steps,
                                     const int64_t *at, size_t n, double *out,
                                     taper_law_error *err);
taper_law_status law_momentum_curve(const taper_law_params *p,
                                    const double *rates, size_t steps,
                                    double *out, taper_law_error *err);

#endif
