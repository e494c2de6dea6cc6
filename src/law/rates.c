/* The rates of a run, step by step: whether they can be, and how they begin. */
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
