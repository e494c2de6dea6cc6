/* The last-iterate bound after the last step: its value, its derivatives, and
 * the rates that make it least.
 *
 * All sums of rates run from the last step backwards, so that the time that is
 * left after a step, by which the bound divides, is exact where it is small. */
#include "law/bound.h"

#include <math.h>
#include <stdlib.h>

#include "law/law.h"
#include "law/lbfgs.h"

taper_law_status law_norms_check(const double *norms, size_t steps,
                                 taper_law_error *err)
{
    for (size_t k = 0; norms && k < steps; k++)
        if (!(norms[k] >= 0.0 && norms[k] < INFINITY))
            return law_fail(err, TAPER_LAW_E_NORM, 0, k,
                            "the gradient norm at step %zu is %g, which is no "
                            "length",
                            k, norms[k]);
    return TAPER_LAW_OK;
}

static taper_law_status check_scale(size_t steps, double distance,
                                    taper_law_error *err)
{
    if (steps == 0)
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "a bound needs at least one step");
    if (!(distance > 0.0 && distance < INFINITY))
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "the distance from the minimum must be a number above "
                        "0, not %g",
                        distance);
    return TAPER_LAW_OK;
}

taper_law_status law_bound_check(const double *rates, const double *norms,
                                 size_t steps, double distance,
                                 taper_law_error *err)
{
    taper_law_status status = check_scale(steps, distance, err);
    if (!status) status = taper_law_rates_check(rates, steps, err);
    if (!status) status = law_norms_check(norms, steps, err);
    if (status) return status;
    for (size_t k = 0; k < steps; k++)
        if (rates[k] > 0.0) return TAPER_LAW_OK;
    return law_fail(err, TAPER_LAW_E_RATE, 0, 0,
                    "no learning rate is above 0, so nothing is ever learned");
}

/* The product of two factors eta_k G_k, one of them over the time left; of the
 * last step, whose own rate is the time left before it, the bound has
 * eta_T G_T^2. */
struct law_bound_sums law_bound_add(const double *rates, const double *norms,
                                    size_t steps)
{
    struct law_bound_sums sums = {0, 0};
    for (size_t k = steps; k-- > 0;) {
        if (!(rates[k] > 0.0)) continue;
        const double norm = norms ? norms[k] : 1.0;
        const double share = sums.time > 0.0 ? rates[k] / sums.time : 1.0;
        sums.noise += 0.5 * (rates[k] * norm) * norm * share;
        sums.time += rates[k];
    }
    /* A factor that does not fit a double, and one that is too small for it. */
    if (isnan(sums.noise)) sums.noise = INFINITY;
    return sums;
}

double law_bound_factor(struct law_bound_sums sums, double distance)
{
    return distance / sqrt(2.0 * sums.time * sums.noise);
}

taper_law_status taper_law_bound_of(const double *rates, const double *norms,
                                    size_t steps, double distance,
                                    taper_law_bound *out, taper_law_error *err)
{
    *out = (taper_law_bound){0};
    const taper_law_status status =
        law_bound_check(rates, norms, steps, distance, err);
    if (status) return status;
    const struct law_bound_sums sums = law_bound_add(rates, norms, steps);
    out->distance = distance * (distance / (2.0 * sums.time));
    out->noise = sums.noise;
    out->value = out->distance + out->noise;
    out->best_factor = law_bound_factor(sums, distance);
    out->best_value = 2.0 * sqrt(out->distance) * sqrt(out->noise);
    return TAPER_LAW_OK;
}

/* Derivatives for rates that are known to be good: backwards for the time left
 * after each step, then forwards for what a rate takes from the terms of all
 * earlier ones. */
static void differentiate(const double *rates, const double *norms,
                          size_t steps, double distance, double *out)
{
    double left = 0.0;
    for (size_t k = steps; k-- > 0;) {
        out[k] = left;
        if (rates[k] > 0.0) left += rates[k];
    }
    double taken = 0.5 * (distance / left) * (distance / left);
    for (size_t k = 0; k < steps; k++) {
        const double rest = out[k], norm = norms ? norms[k] : 1.0;
        if (!(rates[k] > 0.0)) {
            out[k] = 0.0;
        } else if (rest > 0.0) {
            const double share = rates[k] / rest * norm;
            out[k] = share * norm - taken;
            taken += 0.5 * share * share;
        } else {
            out[k] = 0.5 * norm * norm - taken;
        }
    }
}

taper_law_status taper_law_bound_gradient(const double *rates,
                                          const double *norms, size_t steps,
                                          double distance, double *out,
                                          taper_law_error *err)
{
    const taper_law_status status =
        law_bound_check(rates, norms, steps, distance, err);
    if (status == TAPER_LAW_OK)
        differentiate(rates, norms, steps, distance, out);
    return status;
}

/* ---------------------------------------------------------- least of all */

/* The search for the least bound, over the logarithms of the rates: they stay
 * above 0, and the bound has about the same curvature along all of them, so
 * that the number of iterations hardly grows with the number of steps. */
struct least {
    const double *norms; /* [steps] or NULL */
    double *rates;       /* [steps] */
    size_t steps;
    double distance;
};

static double value_at(void *ctx, const double *x, double *gradient)
{
    const struct least *l = ctx;
    for (size_t k = 0; k < l->steps; k++)
        l->rates[k] = exp(x[k]);
    const struct law_bound_sums sums =
        law_bound_add(l->rates, l->norms, l->steps);
    differentiate(l->rates, l->norms, l->steps, l->distance, gradient);
    for (size_t k = 0; k < l->steps; k++)
        gradient[k] *= l->rates[k];
    return l->distance * (l->distance / (2.0 * sums.time)) + sums.noise;
}

/* Logarithms of w_t sum_{p > t} w_p with w = 1/norm^2, which is the optimum but
 * for the last steps; half of w_t in the sum keeps the last rate above 0. */
static void begin(const struct least *l, double *x)
{
    double later = 0.0;
    for (size_t k = l->steps; k-- > 0;) {
        const double norm = l->norms ? l->norms[k] : 1.0;
        const double weight = 1.0 / (norm * norm);
        l->rates[k] = weight * (later + 0.5 * weight);
        later += weight;
    }
    const double factor =
        law_bound_factor(law_bound_add(l->rates, l->norms, l->steps),
                         l->distance);
    for (size_t k = 0; k < l->steps; k++)
        x[k] = log(factor) + log(l->rates[k]);
}

/* Steps that are remembered; of a long run fewer, for the sake of memory. */
static size_t history_of(size_t steps)
{
    return steps <= 100000 ? 20 : 6;
}

taper_law_status taper_law_bound_minimize(const double *norms, size_t steps,
                                          double distance, double *out,
                                          taper_law_error *err)
{
    taper_law_status status = check_scale(steps, distance, err);
    if (!status) status = law_norms_check(norms, steps, err);
    if (status) return status;
    for (size_t k = 0; norms && k < steps; k++)
        if (!(norms[k] > 0.0))
            return law_fail(err, TAPER_LAW_E_NORM, 0, k,
                            "the gradient norm at step %zu is 0, so that step "
                            "could be as large as one likes",
                            k);
    double *x = malloc(steps * sizeof *x);
    struct least least = {norms, out, steps, distance};
    const struct law_lbfgs search = {.objective = value_at,
                                     .ctx = &least,
                                     .n = steps,
                                     .history = history_of(steps),
                                     .iterations = 500,
                                     .value_change = 1e-13};
    struct law_minimum minimum;
    if (x) begin(&least, x);
    if (!x || !law_lbfgs_minimise(&search, x, &minimum))
        status = law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    else if (!isfinite(minimum.value))
        status = law_fail(err, TAPER_LAW_E_SOLVE, 0, 0,
                          "the norms span more than can be computed with");
    for (size_t k = 0; status == TAPER_LAW_OK && k < steps; k++)
        out[k] = exp(x[k]);
    free(x);
    return status;
}
