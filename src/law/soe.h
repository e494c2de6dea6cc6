/* The power of the multi-power law as a sum of exponentials, so that a whole
 * curve takes one pass over its steps. */
#ifndef LAW_SOE_H
#define LAW_SOE_H

#include <stddef.h>

/* For y = 1 + c x and u_m = exp(first + m h),
 *     1 - y^-beta = sum over m of w_m (1 - exp(-u_m x))
 *     w_m = h (u_m / c)^beta exp(-u_m / c) / Gamma(beta)
 * which is the trapezoid rule for the integral over v of
 *     exp(beta v) (exp(-e^v) - exp(-y e^v)) / Gamma(beta).
 * Because the difference from 1 is summed, both ends fall off even as beta goes
 * to 0, and the number of terms stays small. */
struct law_soe {
    double beta;
    double h;      /* ln 2 / stride */
    double first;  /* ln u_0 */
    double scale;  /* h / Gamma(beta) */
    size_t stride; /* u_{m + stride} = 2 u_m */
    size_t terms;
};

/* For c in [c_low, c_high], both > 0, and x in [0, x_high], with an error of
 * about `error`. */
struct law_soe law_soe_of(double beta, double c_low, double c_high,
                          double x_high, double error);

/* out[m] = 1 - exp(-u_m x) for x >= 0. */
void law_soe_rise(const struct law_soe *e, double x, double *out);

/* out[m] = exp(-u_m x), exact relative to itself however small it is. */
void law_soe_fall(const struct law_soe *e, double x, double *out);

#endif
