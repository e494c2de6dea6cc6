/* Every derivative that a fit uses, against finite differences of the same
 * prediction. */
#include "law/problem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { STEPS = 2000, POINTS = 20 };

static double rates[STEPS], losses[POINTS];
static int64_t at[POINTS];

/* Warm-up, plateau, cosine. */
static taper_law_run run(void)
{
    for (size_t t = 0; t < STEPS; t++) {
        const double u = ((double)t - 800.0) / 1200.0;
        rates[t] = t < 100   ? 3e-5 * (double)t
                   : t < 800 ? 3e-3
                             : 3e-3 * (0.55 + 0.45 * cos(3.1 * u));
    }
    for (size_t i = 0; i < POINTS; i++) {
        at[i] = (int64_t)(100 * i + 99);
        losses[i] = 3.0 - 0.01 * (double)i;
    }
    return (taper_law_run){rates, STEPS, at, losses, POINTS};
}

static taper_law_params parameters(taper_law_kind kind, double beta)
{
    return (taper_law_params){.kind = kind,
                              .clock = 0.6,
                              .eta_ref = 3e-3,
                              .L0 = 2.0,
                              .A = 0.7,
                              .alpha = 0.45,
                              .B = 60.0,
                              .C = kind == TAPER_LAW_MOMENTUM ? 0.5 : 1.5,
                              .beta = beta,
                              .gamma = 0.6,
                              .lambda = 0.98};
}

/* The prediction with one logarithm moved by `by`. */
static double moved(struct law_problem *p, taper_law_params q,
                    taper_law_param which, double by, size_t i)
{
    double slopes[TAPER_LAW_PARAMS];
    const double value = taper_law_param_get(&q, which);
    taper_law_param_set(&q, which,
                        which == TAPER_LAW_LAMBDA
                            ? 1.0 - (1.0 - value) * exp(by)
                            : value * exp(by));
    assert_true(law_problem_clock(p, q.clock));
    return law_problem_slopes(p, &q, i, slopes);
}

/* Central differences of four widths, each step of Richardson's rule taking
 * out another power of the width. */
static double difference(struct law_problem *p, const taper_law_params *q,
                         taper_law_param which, size_t i)
{
    enum { ORDER = 4 };
    double d[ORDER], h = 0.08;
    for (int k = 0; k < ORDER; k++, h /= 2.0)
        d[k] = (moved(p, *q, which, h, i) - moved(p, *q, which, -h, i)) /
               (2.0 * h);
    double power = 4.0;
    for (int step = 1; step < ORDER; step++, power *= 4.0)
        for (int k = 0; k < ORDER - step; k++)
            d[k] = d[k + 1] + (d[k + 1] - d[k]) / (power - 1.0);
    return d[0];
}

/* A rate that goes up, down and up again: gaps of different signs are never
 * grouped. */
static taper_law_run stairs(void)
{
    const taper_law_run r = run();
    for (size_t t = 0; t < STEPS; t++)
        rates[t] = t < 150 ? 1e-3 : t < 700 ? 3e-3 : t < 1300 ? 5e-4 : 2e-3;
    return r;
}

static void assert_slopes(taper_law_run r, taper_law_kind kind, double beta,
                          double clock_error)
{
    taper_law_fit_options options = taper_law_fit_defaults();
    options.kind = kind;
    struct law_problem p;
    assert_int_equal(law_problem_make(&r, 1, &options, 0.6, 1000, &p, NULL),
                     TAPER_LAW_OK);
    const taper_law_params q = parameters(kind, beta);
    for (int w = 0; w < TAPER_LAW_PARAMS; w++) {
        const taper_law_param which = (taper_law_param)w;
        if (!taper_law_param_used(kind, which)) continue;
        for (size_t i = 0; i < p.points; i++) {
            double slopes[TAPER_LAW_PARAMS];
            assert_true(law_problem_clock(&p, q.clock));
            law_problem_slopes(&p, &q, i, slopes);
            const double d = difference(&p, &q, which, i);
            const double error = which == TAPER_LAW_CLOCK ? clock_error : 1e-8;
            if (!(fabs(slopes[which] - d) < error))
                fail_msg("%s at point %zu: %.12g, by differences %.12g",
                         taper_law_param_name(which), i, slopes[which], d);
        }
    }
    law_problem_free(&p);
}

static void slopes_of_the_multi_power_law_are_right(void **state)
{
    (void)state;
    static const double betas[] = {0.6, 0.02, 5.0};
    for (size_t i = 0; i < 3; i++) {
        assert_slopes(stairs(), TAPER_LAW_MULTI_POWER, betas[i], 1e-8);
        /* The clock moves groups of gaps too, and with them the rates that
         * stand for a group: the slope is that of the law, and the difference
         * is off by the error of the groups. */
        assert_slopes(run(), TAPER_LAW_MULTI_POWER, betas[i], 1e-6);
    }
}

static void slopes_of_the_momentum_law_are_right(void **state)
{
    (void)state;
    assert_slopes(run(), TAPER_LAW_MOMENTUM, 0.0, 1e-8);
    assert_slopes(stairs(), TAPER_LAW_MOMENTUM, 0.0, 1e-8);
}

/* What a fit sees through groups of gaps is what the formula gives. */
static void grouped_gaps_give_the_same_losses(void **state)
{
    (void)state;
    const taper_law_run r = run();
    taper_law_fit_options options = taper_law_fit_defaults();
    for (int kind = 0; kind < 2; kind++) {
        options.kind = (taper_law_kind)kind;
        struct law_problem p;
        assert_int_equal(law_problem_make(&r, 1, &options, 0.6, 1000, &p, NULL),
                         TAPER_LAW_OK);
        const taper_law_params q = parameters(options.kind, 0.6);
        for (size_t i = 0; i < p.points; i++) {
            double slopes[TAPER_LAW_PARAMS], exact;
            assert_int_equal(taper_law_points(&q, rates, STEPS,
                                              &p.point[i].step, 1, &exact,
                                              NULL),
                             TAPER_LAW_OK);
            assert_true(fabs(law_problem_slopes(&p, &q, i, slopes) - exact) <
                        1e-6 * exact);
        }
        /* Fewer than one by one, or they are of no use. */
        assert_true(p.nodes.n < p.points * 200);
        law_problem_free(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slopes_of_the_multi_power_law_are_right),
        cmocka_unit_test(slopes_of_the_momentum_law_are_right),
        cmocka_unit_test(grouped_gaps_give_the_same_losses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
