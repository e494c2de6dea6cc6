/* The range test on sweeps whose answer is known: curves made of straight
 * lines over the logarithm of the rate, with and without noise. */
#include "study/range_test.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- sweeps ---- */

/* Decades of rate that the sweeps below have, and what lies at which. */
#define FROM (-5.0)
#define TO 1.0

/* A loss of 2 that falls from 1e-4 to 1 at 1e-2, stays, and from 0.1 rises by
 * 1 in a decade. Half of the gain is made at 1e-3, and 95 % of it are there
 * from 10^-2.1 to 10^-0.95; a sweep of it ends before four times the best. */
static double valley(double decade)
{
    if (decade < -4.0) return 2.0;
    if (decade < -2.0) return 2.0 - (decade + 4.0) / 2.0;
    return decade < -1.0 ? 1.0 : 2.0 + decade;
}

static const double half = -3.0, floor_from = -2.1, floor_to = -0.95;
static const double middle = (-3.0 + (-2.1 - 0.95) / 2.0) / 2.0;

static double flat(double decade)
{
    (void)decade;
    return 2.0;
}

/* Nearly normal numbers of variance 1: the sum of twelve uniform ones. */
static double noise(uint64_t *state)
{
    double sum = -6.0;
    for (int i = 0; i < 12; i++) {
        *state = *state * UINT64_C(6364136223846793005) +
                 UINT64_C(1442695040888963407);
        sum += (double)(*state >> 11) * 0x1p-53;
    }
    return sum;
}

struct shape {
    double (*value)(double decade);
    double scale, deviation; /* of the values and of their noise */
    double shift;            /* decades by which all rates are larger */
    size_t steps;
    uint64_t seed;
};

static const struct shape usual = {valley, 1.0, 0.0, 0.0, 200, 1};

static struct study_sweep sweep_of(struct shape h)
{
    struct study_sweep s = {.maximize = h.scale < 0.0};
    uint64_t state = h.seed;
    for (size_t i = 0; i < h.steps; i++) {
        const double decade =
            FROM + (TO - FROM) * (double)i / (double)(h.steps - 1);
        const double v = h.value(decade) + h.deviation * noise(&state);
        const struct study_range_point p = {.rate = pow(10.0, decade + h.shift),
                                            .value = h.scale * v,
                                            .weight = 1.0};
        if (study_sweep_add(&s, p) != STUDY_SWEEP_ON) break;
    }
    return s;
}

static struct study_range_verdict judge(struct shape h)
{
    struct study_sweep s = sweep_of(h);
    struct study_range_curve c;
    assert_true(study_range_pool(&s, 1, &c));
    const struct study_range_verdict v = study_range_judge(&c);
    study_range_clear(&c);
    study_sweep_clear(&s);
    return v;
}

static void assert_decade(double rate, double decade, double within)
{
    if (!(fabs(log10(rate) - decade) <= within))
        fail_msg("10^%g is not 10^%g", log10(rate), decade);
}

/* ---- rules ---- */

static void both_rules_find_what_a_curve_was_made_with(void **state)
{
    (void)state;
    const struct study_range_verdict v = judge(usual);
    assert_int_equal(v.outcome, STUDY_RANGE_FOUND);
    assert_decade(v.half_rate, half, 0.05);
    /* Corners, which smoothing rounds, are near. */
    assert_decade(v.floor_from, floor_from, 0.15);
    assert_decade(v.floor_to, floor_to, 0.15);
    assert_decade(v.rate[STUDY_RANGE_MIDWAY], middle, 0.05);
    assert_true(v.best_rate > 0.009 && v.best_rate < 0.11);
    assert_decade(v.rate[STUDY_RANGE_TENTH], log10(v.best_rate) - 1.0, 1e-9);
    assert_decade(v.start, log10(2.0), 0.01);
    assert_decade(v.best, 0.0, 0.01);
    assert_false(v.early);
    assert_false(v.open);
}

/* Losses in other units, a task that wants other rates, and a return in place
 * of a loss are the same problem. */
static void the_answer_moves_with_the_problem(void **state)
{
    (void)state;
    const struct study_range_verdict v = judge(usual);
    const double found = log10(v.rate[STUDY_RANGE_MIDWAY]);
    struct shape h = usual;
    h.scale = 1000.0;
    assert_decade(judge(h).rate[STUDY_RANGE_MIDWAY], found, 1e-9);
    h.scale = -1.0; /* a return of -2, which rises to -1 */
    assert_decade(judge(h).rate[STUDY_RANGE_MIDWAY], found, 0.02);
    assert_decade(-judge(h).best, 0.0, 0.01);
    h = usual;
    h.shift = -3.0;
    assert_decade(judge(h).rate[STUDY_RANGE_MIDWAY], found - 3.0, 0.02);
}

static void noise_moves_the_middle_little(void **state)
{
    (void)state;
    struct shape h = usual;
    h.deviation = 0.15;
    for (h.seed = 0; h.seed < 50; h.seed++) {
        const struct study_range_verdict v = judge(h);
        assert_int_equal(v.outcome, STUDY_RANGE_FOUND);
        assert_decade(v.rate[STUDY_RANGE_MIDWAY], middle, 0.3);
    }
}

/* In one of 200 sweeps at most. */
static void noise_alone_suggests_nothing(void **state)
{
    (void)state;
    struct shape h = usual;
    h.value = flat;
    h.deviation = 0.3;
    int found = 0;
    for (h.seed = 0; h.seed < 200; h.seed++)
        found += judge(h).outcome != STUDY_RANGE_NO_GAIN;
    assert_true(found <= 1);
}

static double falling(double decade)
{
    return decade < -3.0 ? 2.0 : 2.0 - (decade + 3.0) / 4.0;
}

static double falling_from_the_first(double decade)
{
    return decade < -1.0 ? -decade : decade + 2.0;
}

static void a_sweep_that_saw_too_little_says_so(void **state)
{
    (void)state;
    struct shape h = usual;
    h.value = falling;
    assert_true(judge(h).open);
    assert_false(judge(h).early);
    h.value = falling_from_the_first;
    assert_true(judge(h).early);
    assert_false(judge(h).open);
}

static void few_points_suggest_nothing(void **state)
{
    (void)state;
    for (size_t n = 2; n < STUDY_RANGE_LEAST; n++) {
        struct shape h = usual;
        h.steps = n;
        assert_int_equal(judge(h).outcome, STUDY_RANGE_TOO_FEW);
    }
    struct study_sweep none = {0};
    struct study_range_curve c;
    assert_true(study_range_pool(&none, 1, &c));
    assert_int_equal(study_range_judge(&c).outcome, STUDY_RANGE_TOO_FEW);
    assert_true(isnan(study_range_at(&c, 1.0)));
    study_range_clear(&c);
}

static void a_single_rate_suggests_nothing(void **state)
{
    (void)state;
    struct study_sweep s = {0};
    for (int i = 0; i < 100; i++)
        (void)study_sweep_add(&s, (struct study_range_point){0.1, i % 3, 1, i});
    struct study_range_curve c;
    assert_true(study_range_pool(&s, 1, &c));
    assert_int_equal(study_range_judge(&c).outcome, STUDY_RANGE_TOO_FEW);
    assert_true(isfinite(study_range_at(&c, 0.1)));
    study_range_clear(&c);
    study_sweep_clear(&s);
}

/* ---- smoothing ---- */

static double line(double decade)
{
    return 7.0 - 0.5 * decade;
}

/* At its ends as well, and with more points than are kept. */
static void a_straight_line_stays_as_it_is(void **state)
{
    (void)state;
    static const size_t steps[] = {20, 200, 50000};
    for (size_t k = 0; k < 3; k++) {
        struct shape h = usual;
        h.value = line;
        h.steps = steps[k];
        struct study_sweep s = sweep_of(h);
        struct study_range_curve c;
        assert_true(study_range_pool(&s, 1, &c));
        for (double d = FROM; d <= TO; d += 0.25)
            assert_true(fabs(study_range_at(&c, pow(10.0, d)) - line(d)) <
                        1e-6);
        study_range_clear(&c);
        study_sweep_clear(&s);
    }
}

static void a_heavier_point_pulls_more(void **state)
{
    (void)state;
    struct study_sweep s = {0};
    (void)study_sweep_add(&s, (struct study_range_point){1.0, 0.0, 1.0, 0});
    (void)study_sweep_add(&s, (struct study_range_point){1.0, 1.0, 3.0, 1});
    struct study_range_curve c;
    assert_true(study_range_pool(&s, 1, &c));
    assert_true(fabs(study_range_at(&c, 1.0) - 0.75) < 1e-12);
    study_range_clear(&c);
    study_sweep_clear(&s);
}

/* ---- stopping ---- */

/* Adds values at rising rates; returns how many were taken before the sweep
 * ended. */
static size_t add_values(struct study_sweep *s, const double *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct study_range_point p = {1e-6 * pow(1.1,
                                                       (double)(s->count + 1)),
                                            v[i], 1.0, 0};
        if (study_sweep_add(s, p) != STUDY_SWEEP_ON) return i;
    }
    return n;
}

/* Four of the last seven values decide. */
static void a_loss_of_four_times_the_best_ends_a_sweep(void **state)
{
    (void)state;
    static const double v[] = {1, 1, 1,   1,   1,   1,   1,   1,   1,
                               1, 9, 4.5, 4.5, 4.5, 4.5, 4.5, 4.5, 4.5};
    struct study_sweep s = {0};
    assert_int_equal(add_values(&s, v, 18), 13);
    assert_int_equal(s.state, STUDY_SWEEP_DIVERGED);
    assert_int_equal(add_values(&s, v, 1), 0);
    assert_int_equal(s.count, 14);
    study_sweep_clear(&s);
}

static void one_bad_batch_ends_nothing(void **state)
{
    (void)state;
    static const double v[] = {1, 1, 1, 1, 1, 1, 1, 1, 1e9, 1, 1e9,
                               1, 1, 1, 1, 1, 1, 1, 1, 1,   1, 1};
    struct study_sweep s = {0};
    assert_int_equal(add_values(&s, v, 22), 22);
    study_sweep_clear(&s);
}

static void a_loss_that_is_no_number_ends_a_sweep(void **state)
{
    (void)state;
    static const double bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++) {
        const double v[] = {1, 1, bad[i]};
        struct study_sweep s = {0};
        assert_int_equal(add_values(&s, v, 3), 2);
        assert_int_equal(s.state, STUDY_SWEEP_DIVERGED);
        assert_int_equal(s.count, 2);
        study_sweep_clear(&s);
    }
}

static void a_loss_may_be_negative_or_nothing(void **state)
{
    (void)state;
    struct study_sweep s = {0};
    double v[20];
    for (size_t i = 0; i < 20; i++)
        v[i] = -1.0 - 0.1 * (double)i;
    assert_int_equal(add_values(&s, v, 20), 20);
    study_sweep_clear(&s);
}

/* Returns of about 20 that are noise, then some that rise, then 9. */
static void an_agent_is_stopped_when_it_has_lost_what_it_learnt(void **state)
{
    (void)state;
    struct study_sweep s = {.maximize = true};
    double v[400];
    uint64_t random = 5;
    for (size_t i = 0; i < 400; i++)
        v[i] = 20.0 + 3.0 * noise(&random);
    assert_int_equal(add_values(&s, v, 400), 400);
    for (size_t i = 0; i < 40; i++)
        v[i] = i < 20 ? 20.0 + 10.0 * (double)i : 9.0;
    assert_int_equal(add_values(&s, v, 40), 23);
    study_sweep_clear(&s);
}

/* ---- pooling ---- */

static double at(const struct study_sweep *sweeps, size_t n, double rate)
{
    struct study_range_curve c;
    assert_true(study_range_pool(sweeps, n, &c));
    const double v = study_range_at(&c, rate);
    study_range_clear(&c);
    return v;
}

static void sweeps_count_alike_in_any_order(void **state)
{
    (void)state;
    struct shape h = usual;
    h.deviation = 0.2;
    struct study_sweep s[3], turned[3];
    for (size_t i = 0; i < 3; i++) {
        h.seed = i;
        turned[2 - i] = s[i] = sweep_of(h);
    }
    for (double d = FROM; d < TO; d += 0.5) {
        const double rate = pow(10.0, d);
        const double each =
            (at(&s[0], 1, rate) + at(&s[1], 1, rate) + at(&s[2], 1, rate)) /
            3.0;
        assert_true(fabs(at(s, 3, rate) - each) < 1e-9);
        assert_true(fabs(at(turned, 3, rate) - each) < 1e-9);
    }
    for (size_t i = 0; i < 3; i++)
        study_sweep_clear(&s[i]);
}

static double cliff(double decade)
{
    return decade < -2.0 ? 1.0 : 1e6;
}

/* The mean of one that stays at 1 and of one that stopped at 1e-2, with four
 * times its best. */
static void a_sweep_that_diverged_counts_at_all_larger_rates(void **state)
{
    (void)state;
    struct shape h = usual, broken = usual;
    h.value = flat;
    h.scale = 0.5;
    broken.value = cliff;
    struct study_sweep s[2] = {sweep_of(h), sweep_of(broken)};
    assert_int_equal(s[1].state, STUDY_SWEEP_DIVERGED);
    assert_true(fabs(at(s, 2, 1e-3) - 1.0) < 1e-9);
    assert_true(fabs(at(s, 2, 1.0) - 2.5) < 1e-6);
    study_sweep_clear(&s[0]);
    study_sweep_clear(&s[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_rules_find_what_a_curve_was_made_with),
        cmocka_unit_test(the_answer_moves_with_the_problem),
        cmocka_unit_test(noise_moves_the_middle_little),
        cmocka_unit_test(noise_alone_suggests_nothing),
        cmocka_unit_test(a_sweep_that_saw_too_little_says_so),
        cmocka_unit_test(few_points_suggest_nothing),
        cmocka_unit_test(a_single_rate_suggests_nothing),
        cmocka_unit_test(a_straight_line_stays_as_it_is),
        cmocka_unit_test(a_heavier_point_pulls_more),
        cmocka_unit_test(a_loss_of_four_times_the_best_ends_a_sweep),
        cmocka_unit_test(one_bad_batch_ends_nothing),
        cmocka_unit_test(a_loss_that_is_no_number_ends_a_sweep),
        cmocka_unit_test(a_loss_may_be_negative_or_nothing),
        cmocka_unit_test(an_agent_is_stopped_when_it_has_lost_what_it_learnt),
        cmocka_unit_test(sweeps_count_alike_in_any_order),
        cmocka_unit_test(a_sweep_that_diverged_counts_at_all_larger_rates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
