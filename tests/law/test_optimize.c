/* Optimal schedules: as low as published ones, lower than the usual ones, and
 * what their text says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taper.h>
#include <taper_law.h>

#include "law/optimize.h"
#include "law/profile.h"

/* The parameters that Luo et al. published for models of 25, 100 and 400
 * million parameters, what their optimised schedules reach under the law as it
 * was fitted, and cosine to a tenth. */
static const struct published {
    double L0, A, alpha, B, C, beta, gamma;
    double most; /* loss of the optimum, rounded up */
    double cosine;
} published[] = {
    {3.04045406, .52468604, .50786857, 363.78751622, 2.06560812, .58279013,
     .64142257, 3.2582, 3.3152},
    {2.6514477, .60115152, .45295811, 437.9464276, 2.13245612, .59785199,
     .65523644, 2.9249, 2.9900},
    {2.37474466, .65421216, .42878731, 523.42464371, 2.02462735, .59350493,
     .63472457, 2.6893, 2.7571},
};
enum { SIZES = 3 };

static taper_law_params law_of(size_t k)
{
    const struct published *p = &published[k];
    return (taper_law_params){.kind = TAPER_LAW_MULTI_POWER,
                              .clock = 1,
                              .eta_ref = 3e-4,
                              .L0 = p->L0,
                              .A = p->A,
                              .alpha = p->alpha,
                              .B = p->B,
                              .C = p->C,
                              .beta = p->beta,
                              .gamma = p->gamma};
}

/* Their runs warm up from 0 at step 0 to the peak at step 2159. */
static const taper_law_goal luo = {24000, 2159, 3e-4, 0};

/* Laws of other kinds. */
static const taper_law_params others[] = {
    {.kind = TAPER_LAW_MULTI_POWER,
     .clock = 0.6,
     .eta_ref = 1e-3,
     .L0 = 2.7,
     .A = 0.6,
     .alpha = 0.4,
     .B = 300,
     .C = 1.5,
     .beta = 0.3,
     .gamma = 0.5},
    {.kind = TAPER_LAW_MULTI_POWER,
     .clock = 0.6,
     .eta_ref = 1e-3,
     .L0 = 2.75,
     .A = 0.5,
     .alpha = 0.45,
     .B = 400,
     .C = 1,
     .beta = 0.05,
     .gamma = 2},
    {.kind = TAPER_LAW_MULTI_POWER,
     .clock = 1,
     .eta_ref = 1e-3,
     .L0 = 2.5,
     .A = 0.6,
     .alpha = 0.5,
     .B = 200,
     .C = 3,
     .beta = 0.8,
     .gamma = 0},
    {.kind = TAPER_LAW_MOMENTUM,
     .clock = 1,
     .eta_ref = 1e-3,
     .L0 = 3.04,
     .A = 0.521,
     .alpha = 0.506,
     .C = 1.64,
     .lambda = 0.9957},
    {.kind = TAPER_LAW_MOMENTUM,
     .clock = 0.6,
     .eta_ref = 1e-3,
     .L0 = 2.4,
     .A = 0.621,
     .alpha = 0.46,
     .C = 0.9,
     .lambda = 0.998},
};
enum { OTHERS = sizeof others / sizeof others[0] };

/* The rates of a text, [steps]; caller frees. */
static double *rates_of(const char *text, size_t steps)
{
    taper_schedule *s;
    taper_error err;
    double *rates = malloc(steps * sizeof *rates);
    assert_non_null(rates);
    if (taper_parse(text, strlen(text), NULL, NULL, &s, &err))
        fail_msg("%s: %s", err.message, text);
    taper_fill(s, 0, 1, steps, rates);
    taper_free(s, NULL);
    return rates;
}

static double loss_of(const taper_law_params *p, const char *text, size_t steps)
{
    double *rates = rates_of(text, steps);
    const double loss = taper_law_final(p, rates, steps);
    free(rates);
    return loss;
}

/* -------------------------------------------------------------- the optima */

static void published_laws_have_the_published_optima(void **state)
{
    (void)state;
    for (size_t k = 0; k < SIZES; k++) {
        const taper_law_params p = law_of(k);
        taper_law_candidate best, member;
        taper_law_knots knots;
        taper_law_rival rivals[TAPER_LAW_RIVALS];
        assert_int_equal(taper_law_optimize_free(&p, &luo, &knots, &best, NULL),
                         TAPER_LAW_OK);
        assert_int_equal(taper_law_optimize_wsd(&p, &luo, NULL, NULL, &member,
                                                NULL),
                         TAPER_LAW_OK);
        assert_int_equal(taper_law_rivals(&p, &luo, rivals, NULL),
                         TAPER_LAW_OK);
        assert_true(best.loss <= published[k].most);
        assert_true(best.loss <= member.loss);
        assert_true(member.loss <= best.loss + .0006);
        for (size_t i = 0; i < TAPER_LAW_RIVALS; i++)
            assert_true(member.loss < rivals[i].loss);
        assert_string_equal(rivals[3].name, "cosine to 10 %");
        assert_true(fabs(rivals[3].loss - published[k].cosine) < 1e-4);
    }
}

/* Runs under the laws above. */
static const taper_law_goal goals[] = {
    {5000, 200, 1e-3, 0},
    {5000, 0, 1e-3, 5e-5},
    {60, 7, 2e-3, 0},
};
enum { GOALS = sizeof goals / sizeof goals[0] };

/* A rise along a line to the peak, then never up, never below the floor. */
static void keeps_the_rules(const taper_law_goal *goal, const char *text)
{
    double *rates = rates_of(text, goal->steps);
    const double slack = 1e-12 * goal->peak;
    for (size_t t = 0; t < goal->warmup; t++) {
        const double line = goal->peak * (double)t / (double)goal->warmup;
        assert_true(fabs(rates[t] - line) <= slack);
    }
    assert_true(rates[goal->warmup] == goal->peak);
    for (size_t t = goal->warmup + 1; t < goal->steps; t++) {
        assert_true(rates[t] <= rates[t - 1] + slack);
        assert_true(rates[t] >= goal->floor - slack);
    }
    free(rates);
}

static void texts_are_what_was_found(const taper_law_params *p,
                                     const taper_law_goal *goal,
                                     const taper_law_candidate *best,
                                     const taper_law_knots *knots,
                                     const taper_law_candidate *member)
{
    char text[TAPER_LAW_TEXT_SIZE];
    taper_law_knots_text(knots, text, sizeof text);
    assert_string_equal(text, best->text);
    assert_true(best->loss == loss_of(p, best->text, goal->steps));
    assert_true(member->loss == loss_of(p, member->text, goal->steps));
}

static void nothing_usual_is_better(const taper_law_params *p,
                                    const taper_law_goal *goal,
                                    const taper_law_candidate *best,
                                    const taper_law_candidate *member)
{
    taper_law_rival rivals[TAPER_LAW_RIVALS];
    assert_int_equal(taper_law_rivals(p, goal, rivals, NULL), TAPER_LAW_OK);
    assert_true(best->loss <= member->loss + 2e-5);
    for (size_t i = 0; i < TAPER_LAW_RIVALS; i++) {
        assert_true(best->loss <= rivals[i].loss + 5e-5);
        assert_true(rivals[i].loss == loss_of(p, rivals[i].text, goal->steps));
    }
}

static void optima_are_allowed_as_written_and_the_lowest(void **state)
{
    (void)state;
    for (size_t k = 0; k < OTHERS; k++)
        for (size_t g = 0; g < GOALS; g++) {
            taper_law_candidate best, member;
            taper_law_knots knots;
            assert_int_equal(taper_law_optimize_free(&others[k], &goals[g],
                                                     &knots, &best, NULL),
                             TAPER_LAW_OK);
            assert_int_equal(taper_law_optimize_wsd(&others[k], &goals[g], NULL,
                                                    NULL, &member, NULL),
                             TAPER_LAW_OK);
            keeps_the_rules(&goals[g], best.text);
            keeps_the_rules(&goals[g], member.text);
            texts_are_what_was_found(&others[k], &goals[g], &best, &knots,
                                     &member);
            nothing_usual_is_better(&others[k], &goals[g], &best, &member);
        }
}

/* No other member, exactly evaluated, is lower by more than what two decimals
 * of the power are worth. */
static void the_best_member_is_the_best(void **state)
{
    (void)state;
    const taper_law_params p = law_of(0);
    const taper_law_goal goal = {3000, 270, 3e-4, 0};
    taper_law_candidate best;
    size_t cooldown;
    double power;
    assert_int_equal(taper_law_optimize_wsd(&p, &goal, &cooldown, &power, &best,
                                            NULL),
                     TAPER_LAW_OK);
    double *rates = rates_of(best.text, goal.steps);
    for (double length = 30; length < 2730; length *= 1.3)
        for (double exponent = 0.25; exponent <= 4; exponent += 0.25) {
            for (size_t t = goal.warmup; t < goal.steps; t++) {
                const double left = (double)(goal.steps - t) / length;
                rates[t] = goal.peak * pow(fmin(left, 1), exponent);
            }
            assert_true(taper_law_final(&p, rates, goal.steps) >=
                        best.loss - 1e-6);
        }
    free(rates);
    char part[80];
    snprintf(part, sizeof part, "then poly(0.0003, 0, %zu, power=%.4g)",
             cooldown, power);
    assert_non_null(strstr(best.text, part));
}

static void the_shortest_runs_have_an_optimum(void **state)
{
    (void)state;
    for (size_t k = 0; k < OTHERS; k++)
        for (size_t steps = 2; steps < 6; steps++)
            for (size_t warmup = 0; warmup + 1 < steps; warmup++) {
                const taper_law_goal goal = {steps, warmup, 1e-3, 0};
                taper_law_candidate c;
                taper_law_knots knots;
                assert_int_equal(taper_law_optimize_free(&others[k], &goal,
                                                         &knots, &c, NULL),
                                 TAPER_LAW_OK);
                keeps_the_rules(&goal, c.text);
                assert_int_equal(taper_law_optimize_wsd(&others[k], &goal, NULL,
                                                        NULL, &c, NULL),
                                 TAPER_LAW_OK);
                keeps_the_rules(&goal, c.text);
            }
}

static void without_an_answer_to_the_rate_holding_is_best(void **state)
{
    (void)state;
    taper_law_params p = law_of(0);
    p.B = 0;
    taper_law_knots knots;
    taper_law_candidate c;
    taper_law_rival rivals[TAPER_LAW_RIVALS];
    assert_int_equal(taper_law_optimize_free(&p, &luo, &knots, &c, NULL),
                     TAPER_LAW_OK);
    assert_int_equal(taper_law_rivals(&p, &luo, rivals, NULL), TAPER_LAW_OK);
    assert_true(c.loss - rivals[0].loss < 1e-5);
}

/* A law that wants the rate gone at once, where points lie far apart. */
static void the_best_of_all_is_no_worse_than_the_family(void **state)
{
    (void)state;
    taper_law_params p = others[2];
    p.B = 1e5;
    const taper_law_goal goal = {10000, 2000, 1e-3, 0};
    taper_law_knots knots;
    taper_law_candidate best, member;
    assert_int_equal(taper_law_optimize_free(&p, &goal, &knots, &best, NULL),
                     TAPER_LAW_OK);
    assert_int_equal(taper_law_optimize_wsd(&p, &goal, NULL, NULL, &member,
                                            NULL),
                     TAPER_LAW_OK);
    assert_true(best.loss <= member.loss + 2e-5);
    keeps_the_rules(&goal, best.text);
}

/* ----------------------------------------------- bundled steps and slopes */

static size_t every_step(size_t i)
{
    (void)i;
    return 1000000;
}

static size_t twelve(size_t i)
{
    (void)i;
    return 12;
}

enum { POINTS = 41 };

/* Points on a warm-up and a bent decay, and their rates at every step. */
static void place(struct law_profile *profile, double steps, double *value,
                  double *rates)
{
    for (size_t i = 0; i < POINTS; i++) {
        const double u = (double)i / (POINTS - 1);
        profile->at[i] = round(steps * (1 - (1 - u) * (1 - u)));
        value[i] = 1e-3 * (u < 0.1 ? u / 0.1 : 1.05 - u * u);
    }
    for (size_t i = 0; i + 1 < POINTS; i++)
        for (double t = profile->at[i]; t < profile->at[i + 1]; t++)
            rates[(size_t)t] =
                value[i] + (value[i + 1] - value[i]) * (t - profile->at[i]) /
                               (profile->at[i + 1] - profile->at[i]);
}

static void bundles_of_one_step_are_the_law(void **state)
{
    (void)state;
    enum { STEPS = 3000 };
    for (size_t k = 0; k < OTHERS; k++) {
        struct law_profile profile;
        double value[POINTS], rates[STEPS];
        assert_true(
            law_profile_begin(&profile, &others[k], 1e-3, POINTS, STEPS));
        place(&profile, STEPS, value, rates);
        law_profile_place(&profile, every_step);
        assert_int_equal(profile.cells, STEPS);
        assert_true(fabs(law_profile_loss(&profile, value, NULL) -
                         taper_law_final(&others[k], rates, STEPS)) < 1e-12);
        law_profile_end(&profile);
    }
}

static void bundles_of_many_steps_are_near_the_law(void **state)
{
    (void)state;
    enum { STEPS = 40000 };
    static double rates[STEPS];
    for (size_t k = 0; k < OTHERS; k++) {
        struct law_profile profile;
        double value[POINTS];
        assert_true(law_profile_begin(&profile, &others[k], 1e-3, POINTS, 12));
        place(&profile, STEPS, value, rates);
        law_profile_place(&profile, twelve);
        assert_true(fabs(law_profile_loss(&profile, value, NULL) -
                         taper_law_final(&others[k], rates, STEPS)) < 2e-4);
        law_profile_end(&profile);
    }
}

static void derivatives_are_those_of_the_loss(void **state)
{
    (void)state;
    enum { STEPS = 700 };
    for (size_t k = 0; k < OTHERS; k++) {
        struct law_profile profile;
        double value[POINTS], rates[STEPS], gradient[POINTS], scratch[POINTS];
        assert_true(law_profile_begin(&profile, &others[k], 1e-3, POINTS, 12));
        place(&profile, STEPS, value, rates);
        value[0] = 1e-5; /* the clock has no derivative at 0 */
        law_profile_place(&profile, twelve);
        law_profile_loss(&profile, value, gradient);
        double scale = 0;
        for (size_t i = 0; i < POINTS; i++)
            scale = fmax(scale, fabs(gradient[i]));
        for (size_t i = 0; i < POINTS; i++) {
            const double middle = value[i], h = 2e-3 * middle;
            static const double at[] = {-3, -2, -1, 1, 2, 3};
            double v[6];
            for (int j = 0; j < 6; j++) {
                value[i] = middle + at[j] * h;
                v[j] = law_profile_loss(&profile, value, scratch);
            }
            value[i] = middle;
            const double want =
                (-v[0] + 9 * v[1] - 45 * v[2] + 45 * v[3] - 9 * v[4] + v[5]) /
                (60 * h);
            assert_true(fabs(gradient[i] - want) <= 1e-8 * scale);
        }
        law_profile_end(&profile);
    }
}

/* ------------------------------------------------------------------ errors */

static void goals_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const taper_law_goal bad[] = {
        {1, 0, 1e-3, 0},     {0, 0, 1e-3, 0},      {10, 9, 1e-3, 0},
        {10, 0, 0, 0},       {10, 0, NAN, 0},      {10, 0, INFINITY, 0},
        {10, 0, 1e-3, 1e-3}, {10, 0, 1e-3, -1e-4}, {10, 0, 1e-3, NAN},
    };
    const taper_law_params p = law_of(0);
    taper_law_candidate c;
    taper_law_knots knots;
    taper_law_rival rivals[TAPER_LAW_RIVALS];
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        taper_law_error err = {0};
        assert_int_equal(taper_law_optimize_free(&p, &bad[k], &knots, &c, &err),
                         TAPER_LAW_E_ARGUMENT);
        assert_true(err.message[0] != '\0');
        assert_int_equal(taper_law_optimize_wsd(&p, &bad[k], NULL, NULL, &c,
                                                &err),
                         TAPER_LAW_E_ARGUMENT);
        assert_int_equal(taper_law_rivals(&p, &bad[k], rivals, &err),
                         TAPER_LAW_E_ARGUMENT);
    }
    taper_law_params wrong = p;
    wrong.alpha = -1;
    assert_int_equal(taper_law_optimize_free(&wrong, &luo, &knots, &c, NULL),
                     TAPER_LAW_E_PARAMETER);
}

static void fits_that_cannot_support_it_say_so(void **state)
{
    (void)state;
    taper_law_fit fit = {.flags = 0};
    taper_law_error err;
    fit.flags = TAPER_LAW_ONE_PEAK | TAPER_LAW_AT_BOUND;
    assert_int_equal(taper_law_supports(&fit, &err), TAPER_LAW_OK);
    fit.flags = TAPER_LAW_ONE_SCHEDULE;
    assert_int_equal(taper_law_supports(&fit, &err), TAPER_LAW_E_UNFIT);
    assert_non_null(strstr(err.message, "add a run"));
    assert_true(strlen(err.message) < sizeof err.message - 1);
    fit.flags = TAPER_LAW_POOR;
    assert_int_equal(taper_law_supports(&fit, &err), TAPER_LAW_E_UNFIT);
    assert_true(strlen(err.message) < sizeof err.message - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_laws_have_the_published_optima),
        cmocka_unit_test(optima_are_allowed_as_written_and_the_lowest),
        cmocka_unit_test(the_best_member_is_the_best),
        cmocka_unit_test(the_shortest_runs_have_an_optimum),
        cmocka_unit_test(without_an_answer_to_the_rate_holding_is_best),
        cmocka_unit_test(the_best_of_all_is_no_worse_than_the_family),
        cmocka_unit_test(bundles_of_one_step_are_the_law),
        cmocka_unit_test(bundles_of_many_steps_are_near_the_law),
        cmocka_unit_test(derivatives_are_those_of_the_loss),
        cmocka_unit_test(goals_that_make_no_sense_are_refused),
        cmocka_unit_test(fits_that_cannot_support_it_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
