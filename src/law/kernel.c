#include "law/kernel.h"

#include <stdlib.h>

static size_t count_gaps(const double *rates, size_t steps)
{
    size_t n = 0;
    for (size_t k = 1; k < steps; k++)
        n += rates[k] != rates[k - 1];
    return n;
}

static bool allocate(struct law_gaps *gaps, size_t n)
{
    *gaps = (struct law_gaps){.n = n};
    if (n == 0) return true;
    gaps->gap = malloc(n * sizeof *gaps->gap);
    gaps->rate = malloc(n * sizeof *gaps->rate);
    gaps->before = malloc(n * sizeof *gaps->before);
    gaps->step = malloc(n * sizeof *gaps->step);
    return gaps->gap && gaps->rate && gaps->before && gaps->step;
}

void law_gaps_free(struct law_gaps *gaps)
{
    free(gaps->gap);
    free(gaps->rate);
    free(gaps->before);
    free(gaps->step);
    *gaps = (struct law_gaps){0};
}

taper_law_status law_gaps_of(const taper_law_params *p, const double *rates,
                             size_t steps, double least, double *S,
                             struct law_gaps *out, taper_law_error *err)
{
    if (!allocate(out, count_gaps(rates, steps)))
        return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    struct law_clock clock = law_clock_of(p->clock, p->eta_ref);
    struct law_sum sum = {0};
    double time = 0.0;
    size_t n = 0;
    for (size_t k = 0; k < steps; k++) {
        if (k > 0 && rates[k] != rates[k - 1]) {
            out->gap[n] = rates[k] - rates[k - 1];
            out->rate[n] = fmax(rates[k], least);
            out->before[n] = time;
            out->step[n++] = k;
        }
        time = law_add(&sum, law_tick(&clock, rates[k]));
        if (S) S[k] = time;
    }
    return TAPER_LAW_OK;
}
