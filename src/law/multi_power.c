/* The multi-power law by its formula: the final loss in one pass, and single
 * points by the sum over all changes of the rate. */
#include "law/evaluate.h"
#include "law/kernel.h"

#include <stdlib.h>

/* Backwards, so that the clock between a late gap and the end is summed from
 * the end and loses nothing to what came before. */
double law_power_final(const taper_law_params *p, const double *rates,
                       size_t steps)
{
    struct law_clock clock = law_clock_of(p->clock, p->eta_ref);
    struct law_sum time = {0};
    double drop = 0.0, S = 0.0;
    const double least = law_floor(rates, steps);
    for (size_t k = steps; k-- > 0;) {
        S = law_add(&time, law_tick(&clock, rates[k]));
        if (k == 0 || rates[k] == rates[k - 1]) continue;
        const double c = p->C * pow(fmax(rates[k], least), -p->gamma);
        drop += (rates[k] - rates[k - 1]) * law_fade(c * S, p->beta);
    }
    return law_fall(p, S) + p->B * drop;
}

static void sum_points(const taper_law_params *p, const struct law_gaps *gaps,
                       const double *c, const double *S, const int64_t *at,
                       size_t n, double *out)
{
    size_t before = 0; /* gaps up to the point */
    for (size_t i = 0; i < n; i++) {
        const size_t s = (size_t)at[i];
        while (before < gaps->n && gaps->step[before] <= s)
            before++;
        double drop = 0.0;
        for (size_t k = 0; k < before; k++)
            drop += gaps->gap[k] *
                    law_fade(c[k] * (S[s] - gaps->before[k]), p->beta);
        out[i] = law_fall(p, S[s]) + p->B * drop;
    }
}

taper_law_status law_power_points(const taper_law_params *p,
                                  const double *rates, size_t steps,
                                  const int64_t *at, size_t n, double *out,
                                  taper_law_error *err)
{
    if (n == 0) return TAPER_LAW_OK;
    const size_t used = (size_t)at[n - 1] + 1;
    struct law_gaps gaps = {0};
    double *S = malloc(used * sizeof *S), *c = NULL;
    taper_law_status status =
        S ? law_gaps_of(p, rates, used, law_floor(rates, steps), S, &gaps, err)
          : law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    if (status != TAPER_LAW_OK) goto done;
    c = malloc((gaps.n + 1) * sizeof *c);
    if (!c) {
        status = law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
        goto done;
    }
    for (size_t k = 0; k < gaps.n; k++)
        c[k] = p->C * pow(gaps.rate[k], -p->gamma);
    sum_points(p, &gaps, c, S, at, n, out);
done:
    law_gaps_free(&gaps);
    free(S);
    free(c);
    return status;
}
