/* The last-iterate bound after every step, in linear time.
 *
 * The sum over all earlier steps divides by the time since each of them. One
 * over that time is an integral of exponentials,
 *
 *     1/x = int exp(v - e^v x) dv,
 *
 * whose trapezoid sum with knots v_m is sum_m h u_m exp(-u_m x), u_m = e^{v_m}.
 * Each exponential is carried from step to step by one multiplication (Beylkin
 * and Monzon, Applied and Computational Harmonic Analysis 28, 2010). */
#include <math.h>
#include <stdlib.h>

#include "law/bound.h"
#include "law/law.h"
#include "law/soe.h"

/* With two knots to a doubling of u, the sum is within
 * 2 |Gamma(1 + 2 pi i / h)| = 9e-12 of the integral, relative to it. */
#define STRIDE 2

/* Where the integral is cut off, relative to it. */
#define CUT 1e-9

/* The sums in progress. Arrays of [terms]. */
struct sums {
    struct law_soe knots;
    double *weight; /* h u */
    double *rise;   /* 1 - exp(-u rate) at the rate `last` */
    double *held;   /* sum over steps of cost exp(-u time since) */
    double last;
};

/* Good for times in [least, most] since an earlier step. */
static bool sums_begin(struct sums *s, double least, double most)
{
    const double h = log(2.0) / STRIDE;
    const double low = log(CUT) - log(most);
    const double high = log(3.0 - log(CUT)) - log(least);
    const size_t n = (size_t)((high - low) / h) + 2 + STRIDE;
    *s = (struct sums){.last = -1.0};
    s->knots = (struct law_soe){
        .beta = 1.0, .h = h, .first = low, .stride = STRIDE, .terms = n};
    s->weight = calloc(3 * n, sizeof *s->weight);
    if (!s->weight) return false;
    s->rise = s->weight + n;
    s->held = s->weight + 2 * n;
    for (size_t m = 0; m < n; m++)
        s->weight[m] = h * exp(low + (double)m * h);
    return true;
}

/* Lets the time of one step pass. Returns the sum over all earlier steps of
 * their cost over the time since, before adding this one's cost. */
static double sums_pass(struct sums *s, double rate, double cost)
{
    if (rate != s->last) law_soe_rise(&s->knots, rate, s->rise);
    s->last = rate;
    double sum = 0.0;
    for (size_t m = 0; m < s->knots.terms; m++) {
        const double left = s->held[m] * (1.0 - s->rise[m]);
        sum += s->weight[m] * left;
        s->held[m] = left + cost;
    }
    return sum;
}

/* The time since an earlier step is at least one rate, at most all. */
static void range_of(const double *rates, size_t steps, double *least,
                     double *most)
{
    *least = INFINITY;
    *most = 0.0;
    for (size_t k = 0; k < steps; k++) {
        *most += rates[k];
        if (rates[k] > 0.0) *least = fmin(*least, rates[k]);
    }
    /* So that neither a knot nor its weight overflows. */
    *least = fmax(*least, 1e-300);
    *most = fmin(*most, 1e300);
}

taper_law_status taper_law_bound_curve(const double *rates, const double *norms,
                                       size_t steps, double distance,
                                       double *out, taper_law_error *err)
{
    const taper_law_status status =
        law_bound_check(rates, norms, steps, distance, err);
    if (status) return status;
    struct sums sums;
    double least, most;
    range_of(rates, steps, &least, &most);
    if (!sums_begin(&sums, least, most))
        return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");

    double time = 0.0, value = INFINITY;
    for (size_t t = 0; t < steps; t++) {
        if (rates[t] > 0.0) {
            const double norm = norms ? norms[t] : 1.0;
            const double length = rates[t] * norm;
            const double earlier = sums_pass(&sums, rates[t], length * length);
            time += rates[t];
            value = distance * (distance / (2.0 * time)) +
                    0.5 * (length * norm + earlier);
        }
        out[t] = value;
    }
    free(sums.weight);
    return TAPER_LAW_OK;
}
