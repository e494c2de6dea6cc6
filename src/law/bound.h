/* Sums of the last-iterate bound that its files share. */
#ifndef LAW_BOUND_H
#define LAW_BOUND_H

#include <stddef.h>
#include <taper_law.h>

/* The bound's two parts for D = 1: distance = 1 / (2 S), and the noise. */
struct law_bound_sums {
    double time; /* S, the sum of the rates */
    double noise;
};

/* Rates and norms (NULL: all 1) that are known to be >= 0. */
struct law_bound_sums law_bound_add(const double *rates, const double *norms,
                                    size_t steps);

/* The factor on all rates at which both parts are the same. */
double law_bound_factor(struct law_bound_sums sums, double distance);

/* Refuses what no bound is defined for. */
taper_law_status law_bound_check(const double *rates, const double *norms,
                                 size_t steps, double distance,
                                 taper_law_error *err);

/* Refuses norms that are not finite or below 0. */
taper_law_status law_norms_check(const double *norms, size_t steps,
                                 taper_law_error *err);

#endif
