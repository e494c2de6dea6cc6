/* The sentences about a study: that they say what the numbers say, and warn
 * of what weakens them. Numbers are worked out beside each test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "study/trials_case.h"
#include "study/words.h"

/* The words about the trials; all borrowed texts live as long as these. */
struct told {
    struct study_analysis analysis;
    struct study_words words;
};

static struct told tell(const struct study_trials *trials, const char *metric,
                        bool maximize, double difference)
{
    struct told out = {.analysis =
                           analysed(trials, metric, maximize, difference)};
    assert_int_equal(study_words(&out.analysis, &out.words, NULL), STUDY_OK);
    for (size_t i = 0; i < out.words.count; i++) {
        const char *text = out.words.sentences[i].text;
        assert_true(strlen(text) > 1 && text[strlen(text) - 1] == '.');
        assert_null(strchr(text, '\n'));
        assert_null(strstr(text, "nan"));
        assert_null(strstr(text, "inf"));
    }
    return out;
}

static void forget(struct told *told, struct study_trials *trials)
{
    study_words_free(&told->words);
    study_analysis_free(&told->analysis);
    study_trials_clear(trials);
}

/* Whether a sentence of that tone is exactly `text`. */
static void assert_says(const struct told *told, enum study_tone tone,
                        const char *text)
{
    for (size_t i = 0; i < told->words.count; i++) {
        const struct study_sentence *s = &told->words.sentences[i];
        if (s->tone == tone && strcmp(s->text, text) == 0) return;
    }
    for (size_t i = 0; i < told->words.count; i++)
        print_message("  %s\n", told->words.sentences[i].text);
    fail_msg("nothing says: %s", text);
}

static size_t mentions(const struct told *told, const char *part)
{
    size_t n = 0;
    for (size_t i = 0; i < told->words.count; i++)
        n += strstr(told->words.sentences[i].text, part) ? 1 : 0;
    return n;
}

/* Scores whose differences by seed are `mean` +- `spread` in turn. */
static void add_two(struct study_trials *t, const char *better,
                    const char *worse, size_t n, double mean, double spread)
{
    for (size_t i = 0; i < n; i++) {
        const double x = 0.9 + 0.001 * (double)(i / 2);
        const double d = mean + (i % 2 ? spread : -spread);
        add_trial(t, better, 0, 0, STUDY_SCORE, (int64_t)i, STUDY_DONE, x + d);
        add_trial(t, worse, 0, 0, STUDY_SCORE, (int64_t)i, STUDY_DONE, x);
    }
}

/* ---- findings ---- */

/* Differences: mean 0.001, standard deviation s = 0.004 * sqrt(10 / 9) =
 * 0.0042164. Half width 2.2622 * s / sqrt(10) = 0.0030163, t = 0.75, and 0.47
 * is the p-value of that with 9 degrees of freedom. For 0.002 the effect is
 * 0.4743: (1.960 + 0.842)^2 / 0.4743^2 = 34.9 pairs if s were known, about two
 * more as it is not. */
static void what_cannot_be_told_apart_is_said_with_what_it_would_take(void **s)
{
    (void)s;
    struct study_trials t = {0};
    add_two(&t, "cosine", "linear", 10, 0.001, 0.004);
    struct told told = tell(&t, "test_accuracy", true, 0.002);
    assert_says(&told, STUDY_FINDING,
                "cosine and linear cannot be told apart at 10 seeds (95 % "
                "interval of the difference -0.20 to 0.40 points, p = 0.47); "
                "about 37 seeds would be needed to see 0.2 points.");
    assert_int_equal(mentions(&told, "is better than"), 0);
    forget(&told, &t);
}

/* Differences: mean 0.01, s = 0.0042164, t = 7.5, p = 0.00004. */
static void what_is_better_is_said_with_by_how_much(void **s)
{
    (void)s;
    struct study_trials t = {0};
    add_two(&t, "cosine", "linear", 10, 0.01, 0.004);
    struct told told = tell(&t, "test_accuracy", true, 0);
    assert_says(&told, STUDY_FINDING,
                "cosine is better than linear by 1.00 points (95 % interval "
                "0.70 to 1.30, p < 0.001).");
    assert_int_equal(mentions(&told, "cannot be told apart"), 0);
    forget(&told, &t);
}

/* The same when lower is better: what is ahead is still ahead by a positive
 * number, in the metric's own unit. */
static void better_is_positive_when_minimizing_as_well(void **s)
{
    (void)s;
    struct study_trials t = {0};
    add_two(&t, "worse", "better", 10, 0.01, 0.004);
    struct told told = tell(&t, "loss", false, 0);
    assert_says(&told, STUDY_FINDING,
                "better is better than worse by 0.0100 (95 % interval 0.0070 "
                "to 0.0130, p < 0.001).");
    forget(&told, &t);
}

static void the_best_is_named_with_its_mean_and_probability(void **s)
{
    (void)s;
    /* Mean 0.914, s = 0.001 * sqrt(2.5), half width 2.776 * s / sqrt(5) =
     * 0.00196. The other is behind by 0.1 on every seed. */
    const double good[] = {0.912, 0.913, 0.914, 0.915, 0.916};
    const double bad[] = {0.812, 0.813, 0.814, 0.815, 0.816};
    struct study_trials t = {0};
    add_scores(&t, "wsd", good, 5);
    add_scores(&t, "exp", bad, 5);
    struct told told = tell(&t, "test_accuracy", true, 0);
    assert_says(&told, STUDY_FINDING,
                "wsd has the best test accuracy, 91.40 % on average over 5 "
                "seeds (95 % interval 91.20 to 91.60 %); the probability that "
                "it is the best of 2 schedules is over 99 %.");
    forget(&told, &t);
}

static void one_schedule_alone_is_reported_and_not_compared(void **s)
{
    (void)s;
    const double x[] = {400, 450, 500};
    struct study_trials t = {0};
    add_scores(&t, "constant", x, 3);
    struct told told = tell(&t, "mean_return", true, 0);
    /* Half width 4.303 * 50 / sqrt(3) = 124.2. */
    assert_says(&told, STUDY_FINDING,
                "constant reached a mean return of 450 on average over 3 seeds "
                "(95 % interval 326 to 574).");
    assert_int_equal(mentions(&told, "best"), 0);
    forget(&told, &t);
}

static void schedules_with_the_same_results_are_said_to_have_them(void **s)
{
    (void)s;
    const double x[] = {1, 2, 3};
    struct study_trials t = {0};
    add_scores(&t, "a", x, 3);
    add_scores(&t, "b", x, 3);
    struct told told = tell(&t, "score", true, 0);
    assert_int_equal(mentions(&told, "a and b share the best score, 2.0 on"),
                     1);
    assert_says(&told, STUDY_FINDING,
                "a and b gave the same result on each of 3 seeds.");
    forget(&told, &t);
}

/* All three flips of a sign but the first and the last lie between: p = 2/8. */
static void a_difference_that_never_varies_is_said_without_an_interval(void **s)
{
    (void)s;
    const double x[] = {1, 2, 3}, y[] = {2, 3, 4};
    struct study_trials t = {0};
    add_scores(&t, "a", x, 3);
    add_scores(&t, "b", y, 3);
    struct told told = tell(&t, "score", true, 0);
    assert_says(&told, STUDY_FINDING,
                "b and a differ by 1 on each of 3 seeds, too few to tell them "
                "apart (p = 0.25).");
    assert_int_equal(mentions(&told, "no difference"), 0);
    forget(&told, &t);
}

static void seeds_that_change_nothing_are_warned_of(void **s)
{
    (void)s;
    const double x[] = {1, 1, 1, 1, 1, 1}, y[] = {2, 2, 2, 2, 2, 2};
    struct study_trials t = {0};
    add_scores(&t, "a", x, 6);
    add_scores(&t, "b", y, 6);
    struct told told = tell(&t, "score", true, 0);
    assert_says(&told, STUDY_CAUTION,
                "Seeds make no difference: either the training does not use "
                "its seed, or the metric is at its limit.");
    forget(&told, &t);

    t = (struct study_trials){0};
    add_scores(&t, "a", x, 1);
    told = tell(&t, "score", true, 0);
    assert_int_equal(mentions(&told, "no difference"), 0);
    forget(&told, &t);
}

static void budgets_are_named_when_there_are_several(void **s)
{
    (void)s;
    struct study_trials t = {0};
    add_trial(&t, "a", 1, 0, STUDY_SCORE, 0, STUDY_DONE, 0.5);
    add_trial(&t, "a", 20, 0, STUDY_SCORE, 0, STUDY_DONE, 0.6);
    struct told told = tell(&t, "test_accuracy", true, 0);
    assert_says(&told, STUDY_FINDING,
                "At 1 epoch: a reached a test accuracy of 50 % on 1 seed.");
    assert_says(&told, STUDY_FINDING,
                "At 20 epochs: a reached a test accuracy of 60 % on 1 seed.");
    assert_int_equal(told.words.sentences[0].table, 0);
    assert_int_equal(told.words.sentences[told.words.count - 1].table, 1);
    forget(&told, &t);
}

/* Six schedules that are alike: the nearest four are said one by one. */
static void many_equals_share_a_sentence(void **s)
{
    (void)s;
    struct study_trials t = {0};
    char name[] = "a";
    for (; name[0] <= 'g'; name[0]++)
        for (int seed = 0; seed < 4; seed++)
            add_trial(&t, name, 0, 0, STUDY_SCORE, seed, STUDY_DONE,
                      0.5 + 0.1 * ((seed * 7 + name[0] * 5) % 11));
    struct told told = tell(&t, "test_accuracy", true, 0);
    assert_int_equal(mentions(&told, "cannot be told apart at") +
                         mentions(&told, "too few to tell them apart"),
                     4);
    assert_int_equal(mentions(&told, "Nor can "), 1);
    forget(&told, &t);
}

/* Scores of `name` that are `base` and alternate by 0.001 around it: any two
 * that differ by 0.1 are told apart by a t of over 100. */
static void add_level(struct study_trials *t, const char *name, double base)
{
    for (int seed = 0; seed < 10; seed++)
        add_trial(t, name, 0, 0, STUDY_SCORE, seed, STUDY_DONE,
                  base + (seed * name[0] % 7 < 3 ? 0.001 : -0.001));
}

/* Pairs without the best: b-c of a > b > c; with d as good as c b-d as well. */
static void further_pairs_are_named(void **s)
{
    (void)s;
    struct study_trials t = {0};
    add_level(&t, "a", 0.8);
    add_level(&t, "b", 0.7);
    add_level(&t, "c", 0.6);
    struct told told = tell(&t, "test_accuracy", true, 0);
    assert_says(&told, STUDY_FINDING,
                "1 further pair is told apart: b is better than c.");
    study_words_free(&told.words);
    study_analysis_free(&told.analysis);
    add_level(&t, "d", 0.6);
    told = tell(&t, "test_accuracy", true, 0);
    assert_int_equal(mentions(&told, "2 further pairs are told apart: b is "
                                     "better than "),
                     1);
    forget(&told, &t);
}

static void further_pairs_of_a_loss_are_the_right_way_round(void **s)
{
    (void)s;
    struct study_trials t = {0};
    add_level(&t, "a", 0.8);
    add_level(&t, "b", 0.7);
    add_level(&t, "c", 0.6);
    struct told told = tell(&t, "loss", false, 0);
    assert_says(&told, STUDY_FINDING,
                "1 further pair is told apart: b is better than a.");
    forget(&told, &t);
}

/* Five schedules, all apart: ten pairs, of which six are without the best. */
static void many_further_pairs_are_counted(void **s)
{
    (void)s;
    struct study_trials t = {0};
    for (int k = 0; k < 5; k++)
        add_level(&t, (const char[]){(char)('a' + k), '\0'}, 0.9 - 0.1 * k);
    struct told told = tell(&t, "test_accuracy", true, 0);
    assert_says(&told, STUDY_FINDING,
                "6 further pairs are told apart: b is better than c, b than "
                "d, b than e, c than d and 2 more, which taper report shows.");
    forget(&told, &t);
}

/* ---- cautions ---- */

static void few_seeds_are_warned_of(void **s)
{
    (void)s;
    const double x[] = {1, 2, 3, 4, 5};
    for (size_t n = 1; n <= 5; n++) {
        struct study_trials t = {0};
        add_scores(&t, "a", x, n);
        add_scores(&t, "b", x, n);
        struct told told = tell(&t, "score", true, 0);
        assert_int_equal(mentions(&told, "take 5 seeds or more"), n < 5);
        assert_int_equal(mentions(&told, "One seed tells"), n == 1);
        forget(&told, &t);
    }
}

static void a_peak_at_the_edge_is_said_with_what_to_do(void **s)
{
    (void)s;
    struct study_trials t = {0};
    const double peaks[] = {0.001, 0.003, 0.01};
    for (int k = 0; k < 3; k++) {
        add_trial(&t, "up", 0, peaks[k], STUDY_TUNE, 1000, STUDY_DONE, k);
        add_trial(&t, "on", 0, peaks[k], STUDY_TUNE, 1000, STUDY_DONE, k);
        add_trial(&t, "mid", 0, peaks[k], STUDY_TUNE, 1000, STUDY_DONE, k == 1);
        add_trial(&t, "low", 0, peaks[k], STUDY_TUNE, 1000, STUDY_DONE, -k);
    }
    struct told told = tell(&t, "score", true, 0);
    assert_says(&told, STUDY_CAUTION,
                "The best peak of on (0.01) and up (0.01) is the highest that "
                "was tried: add a higher one.");
    assert_says(&told, STUDY_CAUTION,
                "The best peak of low (0.001) is the lowest that was tried: "
                "add a lower one.");
    assert_int_equal(mentions(&told, "mid"), 0);
    forget(&told, &t);
}

static void what_was_lost_is_said(void **s)
{
    (void)s;
    struct study_trials t = {0};
    for (int seed = 0; seed < 6; seed++) {
        add_trial(&t, "wild", 0, 0, STUDY_SCORE, seed,
                  seed < 2 ? STUDY_DIVERGED : STUDY_DONE, 0.5 + 0.01 * seed);
        add_trial(&t, "gone", 0, 0, STUDY_SCORE, seed, STUDY_DIVERGED, NAN);
        add_trial(&t, "calm", 0, 0, STUDY_SCORE, seed,
                  seed == 3 ? STUDY_FAILED : STUDY_DONE, 0.4 + 0.01 * seed);
        add_trial(&t, "late", 0, 0, STUDY_SCORE, seed, STUDY_WAITING, NAN);
    }
    struct told told = tell(&t, "test_accuracy", true, 0);
    assert_says(&told, STUDY_CAUTION,
                "wild diverged on 2 of 6 seeds: its mean is of the other 4, "
                "and it ranks behind what diverged on fewer.");
    assert_says(&told, STUDY_CAUTION,
                "gone diverged on all of 6 seeds and has no rank: give it a "
                "lower peak.");
    assert_says(&told, STUDY_CAUTION,
                "1 trial of calm failed and counts "
                "nowhere.");
    assert_says(&told, STUDY_CAUTION,
                "6 of 24 trials have not finished: all this may change.");
    assert_int_equal(mentions(&told, "calm has the best"), 1);
    forget(&told, &t);
}

/* It diverged on one seed and is 0.01 better on nine others. */
static void what_is_better_and_ranks_behind_is_said_to(void **s)
{
    (void)s;
    struct study_trials t = {0};
    add_two(&t, "wild", "calm", 10, 0.01, 0.002);
    add_trial(&t, "wild", 0, 0, STUDY_SCORE, 10, STUDY_DIVERGED, NAN);
    struct told told = tell(&t, "test_accuracy", true, 0);
    assert_int_equal(mentions(&told, "calm has the best"), 1);
    assert_says(&told, STUDY_FINDING,
                "On the seeds that both finished wild is better than calm by "
                "1.00 points (95 % interval 0.85 to 1.15, p < 0.001), although "
                "it ranks behind.");
    assert_int_equal(mentions(&told, "calm is better"), 0);
    forget(&told, &t);
}

static void halving_is_said_with_what_it_weakens(void **s)
{
    (void)s;
    struct study_trials t = {0};
    for (int seed = 0; seed < 5; seed++) {
        add_trial(&t, "kept", 0, 0, STUDY_SCORE, seed, STUDY_DONE, seed);
        add_trial(&t, "dropped", 0, 0, STUDY_SCORE, seed,
                  seed < 2 ? STUDY_DONE : STUDY_HALVED, seed - 9);
    }
    struct told told = tell(&t, "score", true, 0);
    assert_says(&told, STUDY_CAUTION,
                "--halving gave up dropped early: its mean is from fewer "
                "seeds, and since results decided who went on, p-values and "
                "probabilities with it promise more than they hold.");
    forget(&told, &t);
}

/* ---- studies of which little came, and strange names ---- */

static void a_study_without_results_says_so(void **s)
{
    (void)s;
    struct study_trials t = {0};
    struct told told = tell(&t, "score", true, 0);
    assert_int_equal(told.words.count, 0);
    forget(&told, &t);

    add_trial(&t, "a", 0, 0, STUDY_SCORE, 0, STUDY_WAITING, NAN);
    told = tell(&t, "score", true, 0);
    assert_says(&told, STUDY_FINDING, "No trial has finished yet.");
    assert_int_equal(told.words.count, 1);
    forget(&told, &t);

    add_trial(&t, "a", 0, 0, STUDY_SCORE, 0, STUDY_DIVERGED, NAN);
    add_trial(&t, "b", 0, 0, STUDY_SCORE, 0, STUDY_FAILED, NAN);
    told = tell(&t, "score", true, 0);
    assert_says(&told, STUDY_FINDING,
                "No schedule has a result: of 2 trials 1 diverged and 1 "
                "failed.");
    forget(&told, &t);
}

static void names_cannot_write_on_the_terminal(void **s)
{
    (void)s;
    const double x[] = {1, 2};
    struct study_trials t = {0};
    add_scores(&t, "\033[31mred", x, 2);
    struct told told = tell(&t, "sc\nore", true, 0);
    for (size_t i = 0; i < told.words.count; i++)
        assert_null(strchr(told.words.sentences[i].text, '\033'));
    assert_int_equal(mentions(&told, "[31mred"), 1);
    forget(&told, &t);
}

static void shares_read_in_percent_and_other_metrics_in_their_own_unit(void **s)
{
    (void)s;
    static const char *const shares[] = {"test_accuracy", "accuracy", "f1",
                                         "val_f1", "macro_f1"};
    static const char *const others[] = {"loss", "mean_return", "f16",
                                         "cf1",  "perplexity",  "metric"};
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
        assert_true(study_unit(shares[i], 1.0).scale == 100.0);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_true(study_unit(others[i], 1.0).scale == 1.0);
    assert_true(study_unit(NULL, 1.0).scale == 1.0);
    /* A training that prints percents. */
    assert_true(study_unit("accuracy", 91.2).scale == 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            what_cannot_be_told_apart_is_said_with_what_it_would_take),
        cmocka_unit_test(what_is_better_is_said_with_by_how_much),
        cmocka_unit_test(better_is_positive_when_minimizing_as_well),
        cmocka_unit_test(the_best_is_named_with_its_mean_and_probability),
        cmocka_unit_test(one_schedule_alone_is_reported_and_not_compared),
        cmocka_unit_test(schedules_with_the_same_results_are_said_to_have_them),
        cmocka_unit_test(
            a_difference_that_never_varies_is_said_without_an_interval),
        cmocka_unit_test(seeds_that_change_nothing_are_warned_of),
        cmocka_unit_test(budgets_are_named_when_there_are_several),
        cmocka_unit_test(many_equals_share_a_sentence),
        cmocka_unit_test(further_pairs_are_named),
        cmocka_unit_test(further_pairs_of_a_loss_are_the_right_way_round),
        cmocka_unit_test(many_further_pairs_are_counted),
        cmocka_unit_test(few_seeds_are_warned_of),
        cmocka_unit_test(a_peak_at_the_edge_is_said_with_what_to_do),
        cmocka_unit_test(what_was_lost_is_said),
        cmocka_unit_test(what_is_better_and_ranks_behind_is_said_to),
        cmocka_unit_test(halving_is_said_with_what_it_weakens),
        cmocka_unit_test(a_study_without_results_says_so),
        cmocka_unit_test(names_cannot_write_on_the_terminal),
        cmocka_unit_test(
            shares_read_in_percent_and_other_metrics_in_their_own_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
