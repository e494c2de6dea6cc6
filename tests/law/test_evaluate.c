/* The laws against their formulas written out, and whole curves against
 * single points, for parameters and schedules of every kind. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <taper_law.h>

enum { STEPS = 3000 };

/* Schedules with a peak of 1e-3: index 0 to 5. */
enum { SCHEDULES = 6 };
static double rate(size_t schedule, size_t t)
{
    const double peak = 1e-3, u = (double)t / (STEPS - 1);
    const double up = fmin(1.0, (double)t / 100.0);
    switch (schedule) {
    case 0:
        return peak * up; /* constant */
    case 1:
        return peak * up * (1.0 - u); /* to exactly 0 */
    case 2:
        return peak * up * (0.5 + 0.5 * cos(3.14159265 * u));
    case 3:
        return t < 1000 ? peak : t < 2000 ? 0.1 * peak : 0.5 * peak;
    case 4:
        return peak * (double)(1 + t % 7) / 7.0; /* up and down */
    default:
        return peak * pow(1e-7, u); /* far down */
    }
}

static void fill(size_t schedule, double *rates)
{
    for (size_t t = 0; t < STEPS; t++)
        rates[t] = rate(schedule, t);
}

static taper_law_params parameters(double clock, double C, double beta,
                                   double gamma)
{
    return (taper_law_params){.clock = clock,
                              .eta_ref = 1e-3,
                              .L0 = 2.0,
                              .A = 0.7,
                              .alpha = 0.45,
                              .B = 200.0,
                              .C = C,
                              .beta = beta,
                              .gamma = gamma};
}

/* The formula in long double, term by term. */
static double by_formula(const taper_law_params *p, const double *rates,
                         size_t s)
{
    double peak = 0.0;
    for (size_t t = 0; t < STEPS; t++)
        peak = fmax(peak, rates[t]);
    long double S[STEPS], time = 0.0L, drop = 0.0L;
    for (size_t t = 0; t <= s; t++) {
        if (rates[t] > 0.0)
            time +=
                powl(p->eta_ref, 1.0L - p->clock) * powl(rates[t], p->clock);
        S[t] = time;
    }
    for (size_t k = 1; k <= s; k++) {
        const long double eta = fmax(fmax(rates[k], 1e-10), 1e-5 * peak);
        const long double x = p->C * powl(eta, -p->gamma) * (S[s] - S[k - 1]);
        drop += (rates[k] - (long double)rates[k - 1]) *
                (1.0L - powl(1.0L + x, -p->beta));
    }
    return (double)(p->L0 + p->A * powl(S[s], -p->alpha) + p->B * drop);
}

static void points_follow_the_formula(void **state)
{
    (void)state;
    static double rates[STEPS];
    static const int64_t at[] = {1, 50, 999, 1000, 1001, 2999};
    enum { POINTS = sizeof at / sizeof at[0] };
    for (size_t k = 0; k < SCHEDULES; k++) {
        fill(k, rates);
        for (int rho = 0; rho < 2; rho++) {
            const taper_law_params p =
                parameters(rho ? 1.0 : 0.6, 2.0, 0.6, 0.6);
            double out[POINTS];
            assert_int_equal(taper_law_points(&p, rates, STEPS, at, POINTS, out,
                                              NULL),
                             TAPER_LAW_OK);
            for (size_t i = 0; i < POINTS; i++)
                assert_true(fabs(out[i] -
                                 by_formula(&p, rates, (size_t)at[i])) < 1e-11);
            assert_true(fabs(taper_law_final(&p, rates, STEPS) -
                             out[POINTS - 1]) < 1e-11);
        }
    }
}

/* Of beta the bounds of a fit and between; of C and gamma far apart too. */
static void whole_curves_are_as_exact_as_points(void **state)
{
    (void)state;
    static const double betas[] = {0.001, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0};
    static const double factors[][2] = {{2.0, 0.6},
                                        {1e-6, 2.5},
                                        {1e3, 0.0},
                                        {1e-3, 0.1}};
    static double rates[STEPS], curve[STEPS], exact[STEPS];
    static int64_t at[STEPS / 100];
    for (size_t i = 0; i < STEPS / 100; i++)
        at[i] = (int64_t)(100 * i + 99);
    for (size_t k = 0; k < SCHEDULES; k++) {
        fill(k, rates);
        for (size_t b = 0; b < sizeof betas / sizeof betas[0]; b++)
            for (size_t c = 0; c < 4; c++) {
                const taper_law_params p =
                    parameters(0.6, factors[c][0], betas[b], factors[c][1]);
                assert_int_equal(taper_law_curve(&p, rates, STEPS, curve, NULL),
                                 TAPER_LAW_OK);
                assert_int_equal(taper_law_points(&p, rates, STEPS, at,
                                                  STEPS / 100, exact, NULL),
                                 TAPER_LAW_OK);
                for (size_t i = 0; i < STEPS / 100; i++)
                    if (!(fabs(curve[at[i]] - exact[i]) < 1e-6 * 200.0 * 1e-3))
                        fail_msg("schedule %zu beta %g C %g: %g at %lld", k,
                                 betas[b], factors[c][0],
                                 curve[at[i]] - exact[i], (long long)at[i]);
            }
    }
}

/* Functional scaling law: dL = B times the integral of a kernel, C beta
 * (1 + C x)^(-1 - beta), over the rate, minus the whole of the kernel. With a
 * constant rate from step 0 on there is nothing to answer to. */
static void a_constant_rate_gives_a_power_of_time(void **state)
{
    (void)state;
    double rates[100];
    for (size_t t = 0; t < 100; t++)
        rates[t] = 0.02;
    for (int kind = 0; kind < 2; kind++) {
        taper_law_params p = parameters(1.0, 2.0, 0.6, 0.0);
        p.kind = (taper_law_kind)kind;
        p.lambda = 0.9;
        assert_true(fabs(taper_law_final(&p, rates, 100) -
                         (2.0 + 0.7 * pow(2.0, -0.45))) < 1e-13);
    }
}

/* Two gaps, by hand: m is 0, -h, -h lambda + g, ... */
static void momentum_follows_its_recursion(void **state)
{
    (void)state;
    const double rates[] = {0.1, 0.3, 0.2, 0.2};
    const taper_law_params p = {.kind = TAPER_LAW_MOMENTUM,
                                .clock = 1.0,
                                .eta_ref = 1.0,
                                .L0 = 1.0,
                                .A = 0.5,
                                .alpha = 1.0,
                                .C = 2.0,
                                .lambda = 0.5};
    const double m1 = -0.2, m2 = 0.5 * m1 + 0.1, m3 = 0.5 * m2;
    const double expected = 1.0 + 0.5 / 0.8 - 2.0 * (m1 + m2 + m3);
    assert_true(fabs(taper_law_final(&p, rates, 4) - expected) < 1e-14);
    double curve[4], points[2];
    const int64_t at[] = {1, 3};
    assert_int_equal(taper_law_curve(&p, rates, 4, curve, NULL), TAPER_LAW_OK);
    assert_int_equal(taper_law_points(&p, rates, 4, at, 2, points, NULL),
                     TAPER_LAW_OK);
    assert_true(fabs(curve[3] - expected) < 1e-14);
    assert_true(points[0] == curve[1] && points[1] == curve[3]);
}

/* Rates of 0 and no rates at all. */
static void nothing_is_not_a_number(void **state)
{
    (void)state;
    double zero[50] = {0}, curve[50];
    for (int kind = 0; kind < 2; kind++) {
        taper_law_params p = parameters(0.6, 2.0, 0.5, 0.5);
        p.kind = (taper_law_kind)kind;
        assert_true(isinf(taper_law_final(&p, zero, 50)));
        assert_true(isinf(taper_law_final(&p, zero, 0)));
        assert_int_equal(taper_law_curve(&p, zero, 50, curve, NULL),
                         TAPER_LAW_OK);
        assert_true(isinf(curve[49]));
        p.C = 0.0;
        zero[10] = 0.1;
        assert_true(isfinite(taper_law_final(&p, zero, 50)));
        assert_int_equal(taper_law_curve(&p, zero, 50, curve, NULL),
                         TAPER_LAW_OK);
        assert_true(fabs(curve[49] - taper_law_final(&p, zero, 50)) < 1e-12);
        zero[10] = 0.0;
    }
}

/* Whatever was typed in: the sum of exponentials stays a short one. */
static void extremes_of_parameters_are_curves(void **state)
{
    (void)state;
    static const double at_the_end[] = {0.0, 1e-320, 1e-300, 1e300, 1.7e308};
    enum { ENDS = sizeof at_the_end / sizeof at_the_end[0], SHORT = 20 };
    double rates[SHORT], out[SHORT];
    for (size_t i = 0; i < ENDS * ENDS * ENDS; i++) {
        const taper_law_params p =
            parameters(1.0, at_the_end[i % ENDS], at_the_end[i / ENDS % ENDS],
                       at_the_end[i / ENDS / ENDS]);
        for (size_t k = 0; k < ENDS; k++) {
            for (size_t t = 0; t < SHORT; t++)
                rates[t] = at_the_end[k] / (double)(t + 1);
            assert_int_equal(taper_law_curve(&p, rates, SHORT, out, NULL),
                             TAPER_LAW_OK);
        }
    }
}

static void steps_out_of_order_are_refused(void **state)
{
    (void)state;
    double rates[10], out[2];
    for (size_t t = 0; t < 10; t++)
        rates[t] = 0.1;
    static const int64_t wrong[][2] = {{-1, 2}, {3, 3}, {4, 2}, {2, 10}};
    const taper_law_params p = parameters(1.0, 1.0, 0.5, 0.5);
    for (size_t i = 0; i < 4; i++) {
        taper_law_error err;
        assert_int_equal(taper_law_points(&p, rates, 10, wrong[i], 2, out,
                                          &err),
                         TAPER_LAW_E_POINT);
        assert_int_equal(err.index, i == 0 ? 0 : 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_follow_the_formula),
        cmocka_unit_test(whole_curves_are_as_exact_as_points),
        cmocka_unit_test(a_constant_rate_gives_a_power_of_time),
        cmocka_unit_test(momentum_follows_its_recursion),
        cmocka_unit_test(nothing_is_not_a_number),
        cmocka_unit_test(extremes_of_parameters_are_curves),
        cmocka_unit_test(steps_out_of_order_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
