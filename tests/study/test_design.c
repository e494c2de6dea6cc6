/* The design: which trials a plan consists of, and in which order. */
#include "study/design.h"
#include "study/design_text.h"

#include "room.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a trial would come to. NaN: it diverges. */
typedef double outcome_fn(const struct study_trial *t);

static struct study_next next_of(const struct study_plan *plan,
                                 const struct study_trials *trials)
{
    struct study_next next;
    struct study_error err = {0};
    if (study_design_next(plan, trials, &next, &err) != STUDY_OK)
        fail_msg("%s", err.message);
    return next;
}

/* A store in memory: what study_store_add does to trials. */
static void store(struct study_trials *trials, const struct study_trial *t)
{
    for (size_t i = 0; i < trials->count; i++)
        if (study_trial_same(&trials->items[i], t)) {
            trials->items[i].state = t->state;
            trials->items[i].metric = t->metric;
            return;
        }
    struct study_trial copy;
    assert_true(study_trial_copy(&copy, t));
    copy.id = (int64_t)trials->count + 1;
    assert_true(study_trials_push(trials, &copy));
}

/* Runs the plan to its end, one trial at a time and asking anew after each;
 * returns how many ran. Nothing that has a result is asked for again. */
static size_t play(const struct study_plan *plan, struct study_trials *trials,
                   outcome_fn *outcome)
{
    for (size_t ran = 0;; ran++) {
        struct study_next next = next_of(plan, trials);
        while (next.give_up.count) {
            for (size_t i = 0; i < next.give_up.count; i++)
                store(trials, &next.give_up.items[i]);
            study_next_clear(&next);
            next = next_of(plan, trials);
        }
        assert_true(next.over <= next.total);
        if (!next.run.count) {
            assert_int_equal(next.over, next.total);
            study_next_clear(&next);
            return ran;
        }
        assert_true(next.over < next.total);
        struct study_trial *t = &next.run.items[0];
        assert_int_equal(t->state, STUDY_WAITING);
        t->metric = outcome(t);
        t->state = isfinite(t->metric) ? STUDY_DONE : STUDY_DIVERGED;
        store(trials, t);
        study_next_clear(&next);
    }
}

/* How many trials of a role, schedule and peak (< 0: any) are in this state. */
static size_t in_state(const struct study_trials *trials, enum study_role role,
                       const char *name, double peak, enum study_state state)
{
    size_t n = 0;
    for (size_t i = 0; i < trials->count; i++) {
        const struct study_trial *t = &trials->items[i];
        n += t->role == role && t->state == state &&
             strcmp(t->name, name) == 0 && (peak < 0.0 || t->peak == peak);
    }
    return n;
}

static const struct study_entry pair[] = {{"a", "1"}, {"b", "cosine(1, 0, 9)"}};

static struct study_plan plan_of(const struct study_entry *entries,
                                 size_t count, int64_t seeds)
{
    return (struct study_plan){.entries = entries,
                               .entry_count = count,
                               .seeds = seeds,
                               .peak_seeds = 2};
}

static double seed_is_metric(const struct study_trial *t)
{
    return (double)t->seed;
}

/* ------------------------------------------------------------- without peaks
 */

static void seeds_come_round_for_all_schedules_alike(void **state)
{
    (void)state;
    const double budgets[] = {10, 20};
    struct study_plan plan = plan_of(pair, 2, 3);
    plan.budgets = budgets;
    plan.budget_count = 2;
    const struct study_trials none = {0};
    struct study_next next = next_of(&plan, &none);
    assert_int_equal(next.total, 12);
    assert_int_equal(next.over, 0);
    assert_int_equal(next.run.count, 12);
    for (size_t i = 0; i < 12; i++) {
        const struct study_trial *t = &next.run.items[i];
        assert_true(t->budget == (i < 6 ? 10.0 : 20.0));
        assert_int_equal(t->seed, i / 2 % 3);
        assert_string_equal(t->name, pair[i % 2].name);
        assert_string_equal(t->schedule, pair[i % 2].spec);
        assert_int_equal(t->role, STUDY_SCORE);
        assert_true(t->peak == 0.0);
        assert_int_equal(t->id, 0);
    }
    study_next_clear(&next);
}

static void what_has_a_result_does_not_come_again(void **state)
{
    (void)state;
    const struct study_plan plan = plan_of(pair, 2, 2);
    static const enum study_state states[] = {STUDY_DONE, STUDY_FAILED,
                                              STUDY_DIVERGED, STUDY_RUNNING};
    struct study_trials trials = {0};
    struct study_next next = next_of(&plan, &trials);
    for (size_t i = 0; i < 4; i++) {
        next.run.items[i].state = states[i];
        store(&trials, &next.run.items[i]);
    }
    study_next_clear(&next);
    next = next_of(&plan, &trials);
    assert_int_equal(next.over, 3);
    assert_int_equal(next.total, 4);
    assert_int_equal(next.run.count, 1); /* another's, as it is known */
    assert_int_equal(next.run.items[0].state, STUDY_RUNNING);
    assert_int_equal(next.run.items[0].id, 4);
    study_next_clear(&next);
    study_trials_clear(&trials);
}

static void more_seeds_run_what_is_missing(void **state)
{
    (void)state;
    struct study_trials trials = {0};
    struct study_plan plan = plan_of(pair, 1, 3);
    assert_int_equal(play(&plan, &trials, seed_is_metric), 3);
    plan.seeds = 5;
    assert_int_equal(play(&plan, &trials, seed_is_metric), 2);
    plan.entry_count = 2;
    assert_int_equal(play(&plan, &trials, seed_is_metric), 5);
    plan.seeds = 2; /* fewer are fine as well */
    assert_int_equal(play(&plan, &trials, seed_is_metric), 0);
    study_trials_clear(&trials);
}

/* --------------------------------------------------------------------- peaks
 */

static void one_peak_needs_no_tuning(void **state)
{
    (void)state;
    const double peak = 0.003;
    struct study_plan plan = plan_of(&pair[1], 1, 2);
    plan.peaks = &peak;
    plan.peak_count = 1;
    const struct study_trials none = {0};
    struct study_next next = next_of(&plan, &none);
    assert_int_equal(next.run.count, 2);
    assert_string_equal(next.run.items[0].schedule,
                        "0.003 * (cosine(1, 0, 9))");
    assert_string_equal(next.run.items[0].spec, "cosine(1, 0, 9)");
    assert_true(next.run.items[0].peak == peak);
    study_next_clear(&next);
}

/* Best at 0.3 for a, at 0.1 for b, whatever the seed. */
static double best_in_the_middle(const struct study_trial *t)
{
    const double best = strcmp(t->name, "a") == 0 ? 0.3 : 0.1;
    return -fabs(log(t->peak / best)) + 1e-3 * (double)(t->seed % 7);
}

static const double peaks[] = {0.1, 0.3, 1.0};

static void each_schedule_is_judged_at_its_best_peak(void **state)
{
    (void)state;
    struct study_plan plan = plan_of(pair, 2, 3);
    plan.peaks = peaks;
    plan.peak_count = 3;
    plan.maximize = true;
    struct study_trials trials = {0};
    struct study_next next = next_of(&plan, &trials);
    assert_int_equal(next.total, 2 * 3 * 2 + 2 * 3);
    assert_int_equal(next.run.count, 12); /* scores wait for their peaks */
    for (size_t i = 0; i < next.run.count; i++) {
        assert_int_equal(next.run.items[i].role, STUDY_TUNE);
        assert_true(next.run.items[i].seed >= STUDY_TUNE_SEED);
    }
    study_next_clear(&next);
    assert_int_equal(play(&plan, &trials, best_in_the_middle), 18);
    assert_int_equal(in_state(&trials, STUDY_SCORE, "a", 0.3, STUDY_DONE), 3);
    assert_int_equal(in_state(&trials, STUDY_SCORE, "b", 0.1, STUDY_DONE), 3);
    assert_int_equal(in_state(&trials, STUDY_SCORE, "a", -1, STUDY_DONE), 3);
    const struct study_peak a = study_best_peak(&trials, "a", 0, true);
    assert_true(a.best == 0.3 && !a.lowest && !a.highest && a.settled);
    assert_int_equal(a.tried, 3);
    const struct study_peak b = study_best_peak(&trials, "b", 0, true);
    assert_true(b.best == 0.1 && b.lowest && !b.highest && !b.all_bad);
    /* The other direction wants the other end. */
    assert_true(study_best_peak(&trials, "a", 0, false).best == 1.0);
    assert_true(study_best_peak(&trials, "b", 0, false).best == 1.0);
    assert_true(study_best_peak(&trials, "c", 0, true).best == 0.0);
    assert_true(study_best_peak(&trials, "a", 7, true).best == 0.0);
    study_trials_clear(&trials);
}

static struct study_trial tuned(double peak, int64_t seed,
                                enum study_state outcome, double metric)
{
    struct study_trial t = room_trial("a", STUDY_TUNE_SEED + seed);
    t.role = STUDY_TUNE;
    t.peak = peak;
    t.state = outcome;
    t.metric = metric;
    return t;
}

static void a_peak_that_diverges_loses(void **state)
{
    (void)state;
    struct study_trials trials = {0};
    const struct study_trial t[] = {tuned(0.1, 0, STUDY_DONE, 5.0),
                                    tuned(0.1, 1, STUDY_DONE, 5.0),
                                    tuned(0.3, 0, STUDY_DONE, 9.0),
                                    tuned(0.3, 1, STUDY_DIVERGED, NAN),
                                    tuned(1.0, 0, STUDY_FAILED, NAN),
                                    tuned(1.0, 1, STUDY_DIVERGED, NAN)};
    for (size_t i = 0; i < 6; i++)
        store(&trials, &t[i]);
    assert_true(study_best_peak(&trials, "a", 0, true).best == 0.1);
    study_trials_clear(&trials);
}

static void of_equal_peaks_the_smaller_one_wins(void **state)
{
    (void)state;
    struct study_trials trials = {0};
    const struct study_trial t[] = {tuned(1.0, 0, STUDY_DONE, 5.0),
                                    tuned(0.3, 0, STUDY_DONE, 5.0),
                                    tuned(0.1, 0, STUDY_DONE, 4.0)};
    for (size_t i = 0; i < 3; i++)
        store(&trials, &t[i]);
    assert_true(study_best_peak(&trials, "a", 0, true).best == 0.3);
    study_trials_clear(&trials);
}

static double always_diverges(const struct study_trial *t)
{
    (void)t;
    return (double)NAN;
}

static void a_schedule_that_always_diverges_is_scored_all_the_same(void **state)
{
    (void)state;
    struct study_plan plan = plan_of(pair, 2, 3);
    plan.peaks = peaks;
    plan.peak_count = 3;
    for (int halving = 0; halving < 2; halving++) {
        struct study_trials trials = {0};
        plan.halving = halving != 0;
        (void)play(&plan, &trials, always_diverges);
        assert_true(in_state(&trials, STUDY_SCORE, "a", 0.1, STUDY_DIVERGED) >
                    0);
        assert_true(study_best_peak(&trials, "a", 0, true).all_bad);
        study_trials_clear(&trials);
    }
}

/* ------------------------------------------------------------------- halving
 */

static const struct study_entry four[] = {{"a", "1"},
                                          {"b", "2"},
                                          {"c", "3"},
                                          {"d", "4"}};

/* a > b > c > d, clearly; noise of the seed is shared. */
static double far_apart(const struct study_trial *t)
{
    return -10.0 * (double)(t->name[0] - 'a') + sin((double)t->seed) +
           0.01 * sin(7.0 * (double)t->seed + t->name[0]);
}

/* a is better at even seeds, the others at odd ones, by a little more. */
static double all_alike(const struct study_trial *t)
{
    const bool even = t->seed % 2 == 0;
    return t->name[0] == 'a' ? (even ? 1.0 : 0.0) : (even ? 0.0 : 1.1);
}

static void hopeless_schedules_are_given_up(void **state)
{
    (void)state;
    struct study_plan plan = plan_of(four, 4, 8);
    plan.maximize = true;
    plan.halving = true;
    struct study_trials trials = {0};
    const size_t ran = play(&plan, &trials, far_apart);
    /* Two seeds of all, then the better two to four, then the best to eight. */
    assert_int_equal(ran, 4 * 2 + 2 * 2 + 4);
    static const size_t done[] = {8, 4, 2, 2};
    for (size_t k = 0; k < 4; k++) {
        const char *name = four[k].name;
        assert_int_equal(in_state(&trials, STUDY_SCORE, name, -1, STUDY_DONE),
                         done[k]);
        assert_int_equal(in_state(&trials, STUDY_SCORE, name, -1, STUDY_HALVED),
                         8 - done[k]);
    }
    /* Who asks again without halving gets all of them. */
    plan.halving = false;
    assert_int_equal(play(&plan, &trials, far_apart), 32 - ran);
    study_trials_clear(&trials);
}

static void what_may_be_chance_is_not_given_up(void **state)
{
    (void)state;
    struct study_plan plan = plan_of(four, 2, 8);
    plan.maximize = true;
    plan.halving = true;
    struct study_trials trials = {0};
    assert_int_equal(play(&plan, &trials, all_alike), 16);
    study_trials_clear(&trials);
}

/* Only "b" diverges. */
static double b_diverges(const struct study_trial *t)
{
    return t->name[0] == 'b' ? (double)NAN : 1.0;
}

static void what_diverges_is_given_up(void **state)
{
    (void)state;
    struct study_plan plan = plan_of(four, 2, 8);
    plan.halving = true;
    struct study_trials trials = {0};
    assert_int_equal(play(&plan, &trials, b_diverges), 8 + 2);
    study_trials_clear(&trials);
}

static void peaks_are_halved_by_rounds(void **state)
{
    (void)state;
    const double five[] = {0.01, 0.03, 0.1, 0.3, 1.0};
    struct study_plan plan = plan_of(pair, 1, 1);
    plan.peaks = five;
    plan.peak_count = 5;
    plan.peak_seeds = 4;
    plan.maximize = true;
    plan.halving = true;
    struct study_trials trials = {0};
    /* One seed of five peaks, a second of three, two more of two: 12. */
    assert_int_equal(play(&plan, &trials, best_in_the_middle), 12 + 1);
    assert_int_equal(in_state(&trials, STUDY_TUNE, "a", 0.3, STUDY_DONE), 4);
    assert_int_equal(in_state(&trials, STUDY_TUNE, "a", 0.01, STUDY_DONE), 1);
    assert_int_equal(in_state(&trials, STUDY_TUNE, "a", 0.01, STUDY_HALVED), 3);
    assert_true(study_best_peak(&trials, "a", 0, true).best == 0.3);
    assert_int_equal(study_best_peak(&trials, "a", 0, true).tried, 5);
    study_trials_clear(&trials);
}

/* ---------------------------------------------------------------------- text
 */

static void normal_text_keeps_words_and_quotes(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"  cosine(1,\n\t0, 9) # why\n then  2 ", "cosine(1, 0, 9) then 2"},
        {"# nothing\n0.1", "0.1"},
        {"file('a  #b.csv')  ", "file('a  #b.csv')"},
        {"torch.X(\"it's  \" )", "torch.X(\"it's  \" )"},
        {"", ""},
        {"   ", ""},
        {"1#", "1"},
        {"1 # x\n", "1"}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char *text = study_normal_text(texts[i][0]);
        assert_string_equal(text, texts[i][1]);
        free(text);
    }
}

static void a_known_run_makes_the_text_canonical(void **state)
{
    (void)state;
    const taper_run run = {.steps = 200};
    char *text;
    struct study_error err = {0};
    assert_int_equal(study_schedule_text("cosine(1, 0, 50%) # half", 0, &run,
                                         &text, &err),
                     STUDY_OK);
    assert_string_equal(text, "cosine(1, 0, 100)");
    free(text);
    assert_int_equal(study_schedule_text("cosin(1, 0, 9)", 0.5, &run, &text,
                                         &err),
                     STUDY_E_USAGE);
    assert_null(text);
    assert_message(&err, STUDY_E_USAGE, "cosine");
}

static void a_budget_is_the_length_of_a_known_run(void **state)
{
    (void)state;
    const double budgets[] = {100, 400};
    const taper_run run = {.steps = 7};
    const struct study_entry entry = {"half", "hold(1, 50%)"};
    struct study_plan plan = plan_of(&entry, 1, 1);
    plan.budgets = budgets;
    plan.budget_count = 2;
    plan.run = &run;
    const struct study_trials none = {0};
    struct study_next next = next_of(&plan, &none);
    assert_string_equal(next.run.items[0].schedule, "hold(1, 50)");
    assert_string_equal(next.run.items[1].schedule, "hold(1, 200)");
    study_next_clear(&next);
}

/* ------------------------------------------------------------------- refusing
 */

static void refused(const struct study_plan *plan, const char *part)
{
    const struct study_trials none = {0};
    struct study_next next;
    struct study_error err = {0};
    assert_int_equal(study_design_next(plan, &none, &next, &err),
                     STUDY_E_USAGE);
    assert_message(&err, STUDY_E_USAGE, part);
    assert_int_equal(next.run.count, 0);
}

static void plans_that_contradict_themselves_are_refused(void **state)
{
    (void)state;
    const struct study_entry same_name[] = {{"a", "1"}, {"a", "2"}};
    struct study_plan plan = plan_of(same_name, 2, 1);
    refused(&plan, "two schedules are called 'a'");
    const struct study_entry same_text[] = {{"a", "1"}, {"b", " 1 # one"}};
    plan.entries = same_text;
    refused(&plan, "'a' and 'b' are the same schedule");
    plan.peaks = peaks;
    plan.peak_count = 3;
    refused(&plan, "'a' and 'b' are the same schedule");
    const taper_run run = {.steps = 100};
    const struct study_entry same_value[] = {{"a", "hold(1, 50)"},
                                             {"b", "hold(1, 50%)"}};
    plan = plan_of(same_value, 2, 1);
    plan.run = &run;
    refused(&plan, "'a' and 'b' are the same schedule");
    plan = plan_of(pair, 2, 0);
    refused(&plan, "1 to 1000 seeds, not 0");
    plan.seeds = STUDY_TUNE_SEED + 1;
    refused(&plan, "not 1001");
}

/* Also where nothing is left to run, so that nothing would be stored. */
static void a_second_name_for_a_known_schedule_is_refused(void **state)
{
    (void)state;
    const struct study_entry entry = {"a", "1"}, other = {"b", "1"};
    struct study_plan plan = plan_of(&entry, 1, 1);
    const struct study_trials none = {0};
    struct study_next first = next_of(&plan, &none), next;
    first.run.items[0].state = STUDY_DONE;
    plan.entries = &other;
    struct study_error err = {0};
    assert_int_equal(study_design_next(&plan, &first.run, &next, &err),
                     STUDY_E_USAGE);
    assert_message(&err, STUDY_E_USAGE, "is called 'a' in this study, not 'b'");
    study_next_clear(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_come_round_for_all_schedules_alike),
        cmocka_unit_test(what_has_a_result_does_not_come_again),
        cmocka_unit_test(more_seeds_run_what_is_missing),
        cmocka_unit_test(one_peak_needs_no_tuning),
        cmocka_unit_test(each_schedule_is_judged_at_its_best_peak),
        cmocka_unit_test(a_peak_that_diverges_loses),
        cmocka_unit_test(of_equal_peaks_the_smaller_one_wins),
        cmocka_unit_test(
            a_schedule_that_always_diverges_is_scored_all_the_same),
        cmocka_unit_test(hopeless_schedules_are_given_up),
        cmocka_unit_test(what_may_be_chance_is_not_given_up),
        cmocka_unit_test(what_diverges_is_given_up),
        cmocka_unit_test(peaks_are_halved_by_rounds),
        cmocka_unit_test(normal_text_keeps_words_and_quotes),
        cmocka_unit_test(a_known_run_makes_the_text_canonical),
        cmocka_unit_test(a_budget_is_the_length_of_a_known_run),
        cmocka_unit_test(plans_that_contradict_themselves_are_refused),
        cmocka_unit_test(a_second_name_for_a_known_schedule_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
