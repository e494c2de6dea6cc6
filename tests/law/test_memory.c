/* Memory that runs out is a status, wherever it does, and nothing is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <taper_law.h>

#include "refusals/refusals.h"

enum { STEPS = 50 };

static const taper_law_params law = {.kind = TAPER_LAW_MULTI_POWER,
                                     .clock = 1,
                                     .eta_ref = 1e-3,
                                     .L0 = 2,
                                     .A = 0.5,
                                     .alpha = 0.5,
                                     .B = 200,
                                     .C = 2,
                                     .beta = 0.5,
                                     .gamma = 0.5};
static const taper_law_goal goal = {STEPS, 5, 1e-3, 0};

static taper_law_status optimize_wsd(const double *rates, double *out)
{
    (void)rates;
    (void)out;
    static taper_law_candidate c;
    return taper_law_optimize_wsd(&law, &goal, NULL, NULL, &c, NULL);
}

static taper_law_status optimize_free(const double *rates, double *out)
{
    (void)rates;
    (void)out;
    static taper_law_candidate c;
    static taper_law_knots knots;
    return taper_law_optimize_free(&law, &goal, &knots, &c, NULL);
}

static taper_law_status rivals(const double *rates, double *out)
{
    (void)rates;
    (void)out;
    static taper_law_rival r[TAPER_LAW_RIVALS];
    return taper_law_rivals(&law, &goal, r, NULL);
}

static taper_law_status bound_curve(const double *rates, double *out)
{
    return taper_law_bound_curve(rates, NULL, STEPS, 1, out, NULL);
}

static taper_law_status bound_minimize(const double *rates, double *out)
{
    return taper_law_bound_minimize(rates, STEPS, 1, out, NULL);
}

static taper_law_status transfer_cooldown(const double *rates, double *out)
{
    (void)out;
    taper_law_transfer t;
    return taper_law_transfer_cooldown(rates, STEPS, 2 * STEPS, 0, 0.2, &t,
                                       NULL);
}

static taper_law_status transfer_stage(const double *rates, double *out)
{
    (void)out;
    taper_law_transfer t;
    return taper_law_transfer_stage(rates, STEPS, rates, STEPS, 9, &t, NULL);
}

static taper_law_status refine(const double *rates, double *out)
{
    return taper_law_refine(rates, STEPS, TAPER_LAW_NORM_SGD, 0.1, out, NULL);
}

/* Two runs of two peaks, so that the clock is fitted as well: it allocates all
 * through the search. */
enum { RUNS = 2, POINTS = 12 };

static struct {
    double rates[RUNS][STEPS], losses[RUNS][POINTS];
    int64_t at[POINTS];
    taper_law_run runs[RUNS];
    taper_law_fit fit;
    taper_law_spread spread;
    taper_law_fit_options options;
} made;

static int make_runs(void **state)
{
    (void)state;
    made.options = taper_law_fit_defaults();
    made.options.starts = 3;
    for (size_t k = 0; k < RUNS; k++) {
        for (size_t t = 0; t < STEPS; t++)
            made.rates[k][t] = k == 0 ? 1e-3 : t < 25 ? 5e-4 : 2e-4;
        for (size_t i = 0; i < POINTS; i++)
            made.at[i] = (int64_t)(4 * i + 3);
        if (taper_law_points(&law, made.rates[k], STEPS, made.at, POINTS,
                             made.losses[k], NULL) != TAPER_LAW_OK)
            return -1;
        made.runs[k] = (taper_law_run){made.rates[k], STEPS, made.at,
                                       made.losses[k], POINTS};
    }
    return taper_law_fit_runs(made.runs, RUNS, &made.options, &made.fit,
                              NULL) == TAPER_LAW_OK &&
                   taper_law_spread_of(made.runs, RUNS, &made.options,
                                       &made.fit, 4, &made.spread,
                                       NULL) == TAPER_LAW_OK
               ? 0
               : -1;
}

static taper_law_status fit(const double *rates, double *out)
{
    (void)rates;
    (void)out;
    taper_law_fit f;
    const taper_law_status status =
        taper_law_fit_runs(made.runs, RUNS, &made.options, &f, NULL);
    /* It is whole or nothing, not the best of what memory was there for. */
    assert_true(f.params.L0 ==
                (status == TAPER_LAW_OK ? made.fit.params.L0 : 0.0));
    return status;
}

static taper_law_status spread(const double *rates, double *out)
{
    (void)rates;
    (void)out;
    static taper_law_spread s;
    const taper_law_status status =
        taper_law_spread_of(made.runs, RUNS, &made.options, &made.fit, 4, &s,
                            NULL);
    assert_int_equal(s.members, status == TAPER_LAW_OK ? 4 : 0);
    assert_true(status != TAPER_LAW_OK ||
                s.member[3].L0 == made.spread.member[3].L0);
    return status;
}

static taper_law_status band(const double *rates, double *out)
{
    (void)rates;
    double low[POINTS];
    return taper_law_band(&made.spread, &made.fit.params, made.rates[1], STEPS,
                          made.at, POINTS, 0.9, low, out, NULL);
}

/* Points so dense that the whole curve is computed for them. */
static taper_law_status band_of_all(const double *rates, double *out)
{
    double low[STEPS];
    int64_t all[STEPS];
    for (size_t t = 0; t < STEPS; t++)
        all[t] = (int64_t)t;
    return taper_law_band(&made.spread, &made.fit.params, rates, STEPS, all,
                          STEPS, 0.9, low, out, NULL);
}

static taper_law_status (*const calls[])(const double *rates, double *out) = {
    optimize_wsd,   optimize_free,  rivals,
    bound_curve,    bound_minimize, transfer_cooldown,
    transfer_stage, refine,         fit,
    spread,         band,           band_of_all,
};

/* Leaks are for the sanitizer to find. */
static void every_failed_allocation_is_a_status(void **state)
{
    (void)state;
    double rates[STEPS], out[STEPS];
    for (size_t k = 0; k < STEPS; k++)
        rates[k] = 1 + 0.01 * (double)k;
    for (size_t k = 0; k < sizeof calls / sizeof calls[0]; k++) {
        long first = 0;
        taper_law_status status = TAPER_LAW_E_NOMEM;
        for (; status == TAPER_LAW_E_NOMEM; first++) {
            refusals_left = first;
            status = calls[k](rates, out);
        }
        refusals_left = -1;
        assert_int_equal(status, TAPER_LAW_OK);
        assert_true(first > 1); /* at least one was there to fail */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_is_a_status),
    };
    return cmocka_run_group_tests(tests, make_runs, NULL);
}
