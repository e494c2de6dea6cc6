/* The rates of a run, step by step: checked, and rebuilt from the few that a
 * log holds. */
#include "law/law.h"

taper_law_status taper_law_rates_check(const double *rates, size_t steps,
                                       taper_law_error *err)
{
    for (size_t i = 0; i < steps; i++)
        if (!(rates[i] >= 0.0 && isfinite(rates[i])))
            return law_fail(err, TAPER_LAW_E_RATE, 0, i,
                            "the rate at step %zu is %g, and has to be a "
                            "number of at least 0",
                            i, rates[i]);
    return TAPER_LAW_OK;
}

size_t taper_law_warmup(const double *rates, size_t steps)
{
    size_t i = 0;
    while (i + 1 < steps && rates[i + 1] > rates[i])
        i++;
    return i;
}

/* Between rows i and i + 1 a rate that was flat before and is flat after has
 * jumped: a line would smear a step of the schedule over the rows' distance. */
static bool jumps(const double *logged, size_t n, size_t i)
{
    return i > 0 && i + 2 < n && logged[i] != logged[i + 1] &&
           logged[i - 1] == logged[i] && logged[i + 1] == logged[i + 2];
}

static double between(const int64_t *at, const double *logged, size_t n,
                      size_t i, int64_t step)
{
    const double u =
        (double)(step - at[i]) / (double)(at[i + 1] - at[i]); /* in [0, 1) */
    if (jumps(logged, n, i)) return u < 0.5 ? logged[i] : logged[i + 1];
    return logged[i] + (logged[i + 1] - logged[i]) * u;
}

static taper_law_status check_log(const int64_t *at, const double *logged,
                                  size_t n, taper_law_error *err)
{
    if (n == 0)
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "there is no rate to start from");
    for (size_t i = 0; i < n; i++)
        if (at[i] < 0 || (i > 0 && at[i] <= at[i - 1]))
            return law_fail(err, TAPER_LAW_E_POINT, 0, i,
                            "the steps of the rates have to increase from 0");
    return taper_law_rates_check(logged, n, err);
}

taper_law_status taper_law_rates_from_log(const int64_t *at,
                                          const double *logged, size_t n,
                                          int64_t warmup, double *out,
                                          size_t steps, taper_law_error *err)
{
    const taper_law_status status = check_log(at, logged, n, err);
    if (status != TAPER_LAW_OK) return status;
    const int64_t up = warmup < at[0] ? warmup : at[0];
    size_t row = 0; /* the last row at or before the step */
    for (size_t i = 0; i < steps; i++) {
        const int64_t step = (int64_t)i;
        while (row + 1 < n && at[row + 1] <= step)
            row++;
        if (step < at[0])
            out[i] =
                step < up ? logged[0] * (double)step / (double)up : logged[0];
        else
            out[i] =
                row + 1 < n ? between(at, logged, n, row, step) : logged[row];
    }
    return TAPER_LAW_OK;
}
