/* Losses by a law: chooses the law, and checks what all of them need. */
#include "law/evaluate.h"

#include <stdlib.h>

/* Order of taper_law_kind. */
static const struct law {
    double (*final)(const taper_law_params *p, const double *rates,
                    size_t steps);
    taper_law_status (*points)(const taper_law_params *p, const double *rates,
                               size_t steps, const int64_t *at, size_t n,
                               double *out, taper_law_error *err);
    taper_law_status (*curve)(const taper_law_params *p, const double *rates,
                              size_t steps, double *out, taper_law_error *err);
} laws[] = {
    {law_power_final, law_power_points, law_power_curve},
    {law_momentum_final, law_momentum_points, law_momentum_curve},
};

static const struct law *law_of(const taper_law_params *p)
{
    return taper_law_kind_name(p->kind) ? &laws[p->kind] : &laws[0];
}

double taper_law_final(const taper_law_params *p, const double *rates,
                       size_t steps)
{
    return law_of(p)->final(p, rates, steps);
}

static taper_law_status check_steps(const int64_t *at, size_t n, size_t steps,
                                    taper_law_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (at[i] < (i > 0 ? at[i - 1] + 1 : 0) ||
            (uint64_t)at[i] >= (uint64_t)steps)
            return law_fail(err, TAPER_LAW_E_POINT, 0, i,
                            "step %lld is out of order, or not one of the %zu "
                            "steps of the schedule",
                            (long long)at[i], steps);
    return TAPER_LAW_OK;
}

taper_law_status taper_law_points(const taper_law_params *p,
                                  const double *rates, size_t steps,
                                  const int64_t *at, size_t n, double *out,
                                  taper_law_error *err)
{
    const taper_law_status status = check_steps(at, n, steps, err);
    if (status != TAPER_LAW_OK) return status;
    return law_of(p)->points(p, rates, steps, at, n, out, err);
}

taper_law_status taper_law_curve(const taper_law_params *p, const double *rates,
                                 size_t steps, double *out,
                                 taper_law_error *err)
{
    return law_of(p)->curve(p, rates, steps, out, err);
}

taper_law_status law_losses(const taper_law_params *p, const double *rates,
                            size_t steps, const int64_t *at, size_t n,
                            double *out, taper_law_error *err)
{
    /* A step of the curve costs as much as this many gaps of a point. */
    const size_t step_cost = 10;
    size_t gaps = 0;
    for (size_t k = 1; k < steps; k++)
        gaps += rates[k] != rates[k - 1];
    if (n == 0 || gaps <= step_cost * steps / n)
        return taper_law_points(p, rates, steps, at, n, out, err);
    taper_law_status status = check_steps(at, n, steps, err);
    if (status != TAPER_LAW_OK) return status;
    double *curve = malloc(steps * sizeof *curve);
    if (!curve) return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    status = taper_law_curve(p, rates, steps, curve, err);
    for (size_t i = 0; status == TAPER_LAW_OK && i < n; i++)
        out[i] = curve[at[i]];
    free(curve);
    return status;
}
