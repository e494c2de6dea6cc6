/* From trials to tables: who ranks where, which trials count, and that there
 * is an answer for every study, however little came of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/trials_case.h"

#define ACCURACY "test_accuracy"

static void assert_close(double got, double want)
{
    if (fabs(got - want) > 1e-12 * (1.0 + fabs(want)))
        fail_msg("%.17g instead of %.17g", got, want);
}

static void assert_unknown(struct study_interval i)
{
    assert_true(isnan(i.low) && isnan(i.high));
}

/* ---- rows and ranks ---- */

static void rows_hold_the_values_of_their_seeds_in_order(void **state)
{
    (void)state;
    struct study_trials t = {0};
    add_trial(&t, "b", 5, 0, STUDY_SCORE, 2, STUDY_DONE, 0.75);
    add_trial(&t, "a", 5, 0, STUDY_SCORE, 0, STUDY_DONE, 0.25);
    add_trial(&t, "b", 5, 0, STUDY_SCORE, 0, STUDY_DONE, 0.5);
    add_trial(&t, "b", 5, 0, STUDY_SCORE, 1, STUDY_FAILED, NAN);
    add_trial(&t, "b", 5, 0, STUDY_SCORE, 3, STUDY_WAITING, NAN);
    add_trial(&t, "b", 5, 0, STUDY_SCORE, 4, STUDY_RUNNING, NAN);
    struct study_analysis a = analysed(&t, ACCURACY, true, 0);

    assert_int_equal(a.table_count, 1);
    assert_int_equal(a.tables[0].row_count, 2);
    const struct study_row *b = &a.tables[0].rows[0];
    assert_string_equal(b->name, "b");
    assert_int_equal(b->rank, 1);
    assert_int_equal(b->counts.trials, 5);
    assert_int_equal(b->counts.done, 2);
    assert_int_equal(b->counts.failed, 1);
    assert_int_equal(b->counts.waiting, 2);
    assert_true(b->seeds[0] == 0 && b->seeds[1] == 2);
    assert_true(b->values[0] == 0.5 && b->values[1] == 0.75);
    assert_close(b->moments.mean, 0.625);
    assert_close(b->moments.std, 0.125 * sqrt(2));
    assert_close(b->seconds, 2.0);
    assert_string_equal(b->schedule, "0 * (b(1))");
    assert_int_equal(a.tables[0].counts.trials, 6);
    assert_int_equal(a.score.trials, 6);
    study_analysis_free(&a);
    study_trials_clear(&t);
}

static void the_lowest_ranks_first_when_minimizing(void **state)
{
    (void)state;
    const double x[] = {2.0, 3.0}, y[] = {1.0, 2.0};
    struct study_trials t = {0};
    add_scores(&t, "x", x, 2);
    add_scores(&t, "y", y, 2);
    struct study_analysis a = analysed(&t, "loss", false, 0);
    assert_string_equal(a.tables[0].rows[0].name, "y");
    /* The difference is the metric of the first minus that of the second. */
    assert_close(a.tables[0].pairs[0].paired.difference.mean, -1.0);
    assert_int_equal(a.tables[0].pairs[0].wins, 2);
    assert_int_equal(a.tables[0].pairs[0].losses, 0);
    study_analysis_free(&a);
    a = analysed(&t, "score", true, 0);
    assert_string_equal(a.tables[0].rows[0].name, "x");
    assert_int_equal(a.tables[0].pairs[0].wins, 2);
    study_analysis_free(&a);
    study_trials_clear(&t);
}

static void equal_means_share_a_rank_and_the_next_is_skipped(void **state)
{
    (void)state;
    /* Both means are 0.2, as sums of other doubles. */
    const double x[] = {0.1, 0.2, 0.3}, y[] = {0.3, 0.2, 0.1};
    const double z[] = {0.1, 0.1, 0.1};
    struct study_trials t = {0};
    add_scores(&t, "z", z, 3);
    add_scores(&t, "y", y, 3);
    add_scores(&t, "x", x, 3);
    struct study_analysis a = analysed(&t, ACCURACY, true, 0);
    assert_int_equal(row_named(a.tables, "x")->rank, 1);
    assert_int_equal(row_named(a.tables, "y")->rank, 1);
    assert_int_equal(row_named(a.tables, "z")->rank, 3);
    assert_string_equal(a.tables[0].rows[0].name, "x");
    study_analysis_free(&a);
    study_trials_clear(&t);
}

static void what_diverged_on_more_seeds_ranks_behind(void **state)
{
    (void)state;
    struct study_trials t = {0};
    for (int seed = 0; seed < 4; seed++) {
        add_trial(&t, "steady", 0, 0, STUDY_SCORE, seed, STUDY_DONE,
                  0.5 + 0.01 * seed);
        add_trial(&t, "wild", 0, 0, STUDY_SCORE, seed,
                  seed == 2 ? STUDY_DIVERGED : STUDY_DONE, 0.9);
        /* What is done and not finite diverged, whatever the store says. */
        add_trial(&t, "lost", 0, 0, STUDY_SCORE, seed, STUDY_DONE, INFINITY);
        add_trial(&t, "wilder", 0, 0, STUDY_SCORE, seed,
                  seed < 2 ? STUDY_DIVERGED : STUDY_DONE, 0.95);
    }
    struct study_analysis a = analysed(&t, ACCURACY, true, 0);
    const struct study_table *table = a.tables;
    assert_string_equal(table->rows[0].name, "steady");
    assert_string_equal(table->rows[1].name, "wild");
    assert_string_equal(table->rows[2].name, "wilder");
    assert_string_equal(table->rows[3].name, "lost");
    assert_int_equal(table->rows[1].counts.diverged, 1);
    assert_int_equal(table->rows[3].counts.diverged, 4);
    assert_int_equal(table->rows[3].rank, 0);
    assert_true(isnan(table->rows[3].moments.mean));
    assert_true(table->rows[0].probability_best == 1.0);
    assert_true(table->rows[3].probability_best == 0.0);
    /* Pairs are of the seeds that both have done. */
    const struct study_pair *p = &table->pairs[study_pair_index(table, 0, 1)];
    assert_int_equal(p->n, 3);
    assert_int_equal(p->lost, 1);
    study_analysis_free(&a);
    study_trials_clear(&t);
}

static void what_was_given_up_ranks_behind_by_how_long_it_lasted(void **state)
{
    (void)state;
    struct study_trials t = {0};
    for (int seed = 0; seed < 6; seed++) {
        add_trial(&t, "first", 0, 0, STUDY_SCORE, seed, STUDY_DONE,
                  0.5 + 0.01 * seed);
        add_trial(&t, "longer", 0, 0, STUDY_SCORE, seed,
                  seed < 4 ? STUDY_DONE : STUDY_HALVED, 0.2 + 0.02 * seed);
        add_trial(&t, "short", 0, 0, STUDY_SCORE, seed,
                  seed < 2 ? STUDY_DONE : STUDY_HALVED, 0.9 + 0.01 * seed);
    }
    struct study_analysis a = analysed(&t, ACCURACY, true, 0);
    const struct study_table *table = a.tables;
    assert_string_equal(table->rows[0].name, "first");
    assert_string_equal(table->rows[1].name, "longer");
    assert_string_equal(table->rows[2].name, "short");
    assert_int_equal(table->rows[2].counts.halved, 4);
    for (size_t k = 0; k < table->pair_count; k++)
        assert_true(table->pairs[k].weakened);
    assert_true(table->rows[1].probability_best >= 0.0);
    assert_true(isnan(table->rows[2].probability_best)); /* two seeds */
    study_analysis_free(&a);
    study_trials_clear(&t);
}

static void the_order_of_trials_changes_nothing(void **state)
{
    (void)state;
    const double x[] = {0.31, 0.22, 0.63, 0.14, 0.45, 0.56};
    struct study_trials forward = {0}, back = {0};
    for (int k = 0; k < 6; k++) {
        const int j = 5 - k;
        add_trial(&forward, k % 2 ? "a" : "b", 0, 0, STUDY_SCORE, k / 2,
                  STUDY_DONE, x[k]);
        add_trial(&back, j % 2 ? "a" : "b", 0, 0, STUDY_SCORE, j / 2,
                  STUDY_DONE, x[j]);
    }
    struct study_analysis a = analysed(&forward, ACCURACY, true, 0);
    struct study_analysis b = analysed(&back, ACCURACY, true, 0);
    for (size_t i = 0; i < 2; i++) {
        const struct study_row *r = &a.tables[0].rows[i];
        const struct study_row *s = &b.tables[0].rows[i];
        assert_string_equal(r->name, s->name);
        assert_memory_equal(&r->moments, &s->moments, sizeof r->moments);
        assert_memory_equal(&r->probability_best, &s->probability_best,
                            sizeof(double));
    }
    assert_memory_equal(&a.tables[0].pairs[0].paired,
                        &b.tables[0].pairs[0].paired,
                        sizeof(struct study_paired));
    study_analysis_free(&a);
    study_analysis_free(&b);
    study_trials_clear(&forward);
    study_trials_clear(&back);
}

static void of_the_same_trial_twice_the_done_one_counts(void **state)
{
    (void)state;
    struct study_trials t = {0};
    add_trial(&t, "a", 0, 0, STUDY_SCORE, 0, STUDY_DONE, 0.5);
    add_trial(&t, "a", 0, 0, STUDY_SCORE, 0, STUDY_FAILED, NAN);
    add_trial(&t, "a", 0, 0, STUDY_SCORE, 1, STUDY_DONE, 0.6);
    add_trial(&t, "a", 0, 0, STUDY_SCORE, 1, STUDY_DONE, 0.7); /* later */
    struct study_analysis a = analysed(&t, ACCURACY, true, 0);
    const struct study_row *row = &a.tables[0].rows[0];
    assert_int_equal(row->counts.trials, 2);
    assert_true(row->values[0] == 0.5 && row->values[1] == 0.7);
    study_analysis_free(&a);
    study_trials_clear(&t);
}

static void budgets_are_tables_of_their_own_in_ascending_order(void **state)
{
    (void)state;
    struct study_trials t = {0};
    add_trial(&t, "a", 20, 0, STUDY_SCORE, 0, STUDY_DONE, 0.5);
    add_trial(&t, "a", 5, 0, STUDY_SCORE, 0, STUDY_DONE, 0.4);
    add_trial(&t, "b", 20, 0, STUDY_SCORE, 0, STUDY_DONE, 0.6);
    struct study_analysis a = analysed(&t, ACCURACY, true, 0);
    assert_int_equal(a.table_count, 2);
    assert_true(a.tables[0].budget == 5.0 && a.tables[1].budget == 20.0);
    assert_int_equal(a.tables[0].row_count, 1);
    assert_int_equal(a.tables[1].row_count, 2);
    study_analysis_free(&a);
    study_trials_clear(&t);
}

/* ---- intervals ---- */

static void the_bootstrap_is_for_few_seeds_only(void **state)
{
    (void)state;
    const double x[] = {1, 3, 2, 5, 4, 7, 6, 9, 8, 0};
    for (size_t n = 0; n <= 10; n++) {
        struct study_trials t = {0};
        add_scores(&t, "a", x, n);
        struct study_analysis a = analysed(&t, "loss", false, 0);
        if (n > 0) {
            const struct study_row *row = &a.tables[0].rows[0];
            assert_int_equal(isnan(row->ci95.low) != 0, n < 2);
            assert_int_equal(isnan(row->boot95.low) != 0, n < 5 || n > 9);
        }
        study_analysis_free(&a);
        study_trials_clear(&t);
    }
}

/* ---- peaks ---- */

/* Three peaks: the middle one is best unless `best` says otherwise. */
static void tune(struct study_trials *t, const char *name, const double *means)
{
    static const double peaks[] = {0.1, 0.3, 1.0};
    for (size_t k = 0; k < 3; k++)
        for (int seed = 0; seed < 2; seed++) {
            const bool good = isfinite(means[k]);
            add_trial(t, name, 0, peaks[k], STUDY_TUNE, 1000 + seed,
                      good ? STUDY_DONE : STUDY_DIVERGED,
                      means[k] + (seed ? 0.01 : -0.01));
        }
}

static void tuning_chooses_the_peak_and_never_counts_as_a_score(void **state)
{
    (void)state;
    struct study_trials t = {0};
    tune(&t, "a", (const double[]){0.5, 0.7, NAN});
    for (int seed = 0; seed < 3; seed++)
        add_trial(&t, "a", 0, 0.3, STUDY_SCORE, seed, STUDY_DONE, 0.6);
    /* What was scored before a better peak was known. */
    add_trial(&t, "a", 0, 0.1, STUDY_SCORE, 0, STUDY_DONE, 0.9);
    struct study_analysis a = analysed(&t, ACCURACY, true, 0);
    const struct study_row *row = &a.tables[0].rows[0];
    assert_true(row->peak == 0.3);
    assert_int_equal(row->edge, STUDY_EDGE_NONE);
    assert_int_equal(row->counts.trials, 3);
    assert_int_equal(row->elsewhere, 1);
    assert_close(row->moments.mean, 0.6);
    assert_string_equal(row->schedule, "0.3 * (a(1))");
    assert_int_equal(row->peak_count, 3);
    assert_true(row->peaks[0].peak == 0.1 && row->peaks[2].peak == 1.0);
    assert_close(row->peaks[1].moments.mean, 0.7);
    assert_close(row->peaks[1].moments.std, 0.01 * sqrt(2));
    assert_false(row->peaks[0].best);
    assert_true(row->peaks[1].best);
    assert_int_equal(row->peaks[2].counts.diverged, 2);
    assert_int_equal(a.tune.trials, 6);
    assert_int_equal(a.score.trials, 4);
    study_analysis_free(&a);
    study_trials_clear(&t);
}

static void a_best_peak_at_an_end_of_the_list_is_an_edge(void **state)
{
    (void)state;
    struct study_trials t = {0};
    tune(&t, "low", (const double[]){0.7, 0.5, 0.4});
    tune(&t, "high", (const double[]){0.1, 0.5, 0.6});
    struct study_analysis a = analysed(&t, ACCURACY, true, 0);
    assert_int_equal(row_named(a.tables, "low")->edge, STUDY_EDGE_LOWEST);
    assert_int_equal(row_named(a.tables, "high")->edge, STUDY_EDGE_HIGHEST);
    /* Nothing is scored yet; what would run is known. */
    assert_int_equal(row_named(a.tables, "low")->rank, 0);
    assert_string_equal(row_named(a.tables, "low")->schedule, "0.1 * (low(1))");
    study_analysis_free(&a);
    a = analysed(&t, "loss", false, 0);
    assert_int_equal(row_named(a.tables, "low")->edge, STUDY_EDGE_HIGHEST);
    study_analysis_free(&a);
    study_trials_clear(&t);
}

static void without_tuning_the_peak_with_most_results_counts(void **state)
{
    (void)state;
    struct study_trials t = {0};
    add_trial(&t, "a", 0, 0.1, STUDY_SCORE, 0, STUDY_DONE, 0.9);
    add_trial(&t, "a", 0, 0.2, STUDY_SCORE, 0, STUDY_DONE, 0.5);
    add_trial(&t, "a", 0, 0.2, STUDY_SCORE, 1, STUDY_DONE, 0.5);
    struct study_analysis a = analysed(&t, ACCURACY, true, 0);
    assert_true(a.tables[0].rows[0].peak == 0.2);
    assert_int_equal(a.tables[0].rows[0].elsewhere, 1);
    assert_int_equal(a.tables[0].rows[0].peak_count, 0);
    study_analysis_free(&a);
    study_trials_clear(&t);
}

/* ---- pairs ---- */

static void every_two_rows_are_a_pair_that_can_be_found(void **state)
{
    (void)state;
    struct study_trials t = {0};
    char name[] = "a";
    for (; name[0] < 'g'; name[0]++)
        add_trial(&t, name, 0, 0, STUDY_SCORE, 0, STUDY_DONE, 0.5);
    struct study_analysis a = analysed(&t, ACCURACY, true, 0);
    const struct study_table *table = a.tables;
    assert_int_equal(table->pair_count, 15);
    for (size_t i = 0; i < 6; i++)
        for (size_t j = i + 1; j < 6; j++) {
            const size_t k = study_pair_index(table, i, j);
            assert_int_equal(k, study_pair_index(table, j, i));
            assert_int_equal(table->pairs[k].a, i);
            assert_int_equal(table->pairs[k].b, j);
        }
    study_analysis_free(&a);
    study_trials_clear(&t);
}

/* Three schedules. Differences by seed: a - b is 1, 2, 3, 4 tenths; its t is
 * 2.5 / (sqrt(5/3) / 2) = 3.873, as tables of Student's t have 3.182 at 5 % and
 * 5.841 at 1 % for 3 degrees of freedom. */
static void pairs_are_compared_seed_by_seed(void **state)
{
    (void)state;
    const double a_values[] = {5.1, 1.2, 9.3, 3.4};
    const double b_values[] = {5.0, 1.0, 9.0, 3.0};
    const double c_values[] = {4.9, 1.0, 9.1, 3.0};
    struct study_trials t = {0};
    add_scores(&t, "a", a_values, 4);
    add_scores(&t, "b", b_values, 4);
    add_scores(&t, "c", c_values, 4);
    struct study_analysis a = analysed(&t, "score", true, 0);
    const struct study_table *table = a.tables;
    assert_string_equal(table->rows[1].name, "b");
    const struct study_pair *p = &table->pairs[0];
    assert_int_equal(p->n, 4);
    assert_close(p->paired.difference.mean, 0.25);
    assert_true(fabs(p->paired.t - 3.873) < 1e-3);
    assert_true(p->paired.p > 0.01 && p->paired.p < 0.05);
    assert_int_equal(table->comparisons, 3);
    /* Corrected for three it is above 5 %: one of the three is smaller. */
    assert_true(p->p_holm >= 2 * p->paired.p && !p->apart);
    assert_false(table->rows[1].told_from_best);
    study_analysis_free(&a);
    study_trials_clear(&t);
}

/* The same spread and a tenfold difference. */
static void a_clear_difference_is_told(void **state)
{
    (void)state;
    const double good[] = {51, 12, 93, 34}, bad[] = {50.0, 10.9, 92.1, 33.0};
    struct study_trials t = {0};
    add_scores(&t, "good", good, 4);
    add_scores(&t, "bad", bad, 4);
    for (int maximize = 0; maximize < 2; maximize++) {
        struct study_analysis a = analysed(&t, "score", maximize, 0);
        assert_string_equal(a.tables[0].rows[0].name,
                            maximize ? "good" : "bad");
        assert_true(a.tables[0].pairs[0].apart);
        assert_true(a.tables[0].rows[1].told_from_best);
        assert_false(a.tables[0].rows[0].told_from_best);
        study_analysis_free(&a);
    }
    study_trials_clear(&t);
}

/* Of two schedules only: the level is 5 %, effect = 0.5, and Cohen's tables
 * ("Statistical power analysis", 1988) have 34 pairs for a power of 0.8. */
static void needed_seeds_follow_from_the_spread_of_differences(void **state)
{
    (void)state;
    double x[10], y[10];
    for (size_t i = 0; i < 10; i++) {
        x[i] = 0.9 + 0.01 * (double)i;
        y[i] = x[i] + (i % 2 ? 0.01 : -0.01);
    }
    /* Differences of +-0.01 have a spread of 0.01 * sqrt(10 / 9). */
    const double spread = 0.01 * sqrt(10.0 / 9.0);
    struct study_trials t = {0};
    add_scores(&t, "x", x, 10);
    add_scores(&t, "y", y, 10);
    struct study_analysis a = analysed(&t, ACCURACY, true, 0.5 * spread);
    assert_close(a.tables[0].pairs[0].sought, 0.5 * spread);
    assert_true(a.tables[0].pairs[0].needed == 34.0);
    assert_true(a.tables[0].pairs[0].detectable > 0.9 * spread);
    assert_true(a.tables[0].pairs[0].detectable < 1.1 * spread);
    study_analysis_free(&a);
    /* No mean difference was seen, so there is none to look for. */
    a = analysed(&t, ACCURACY, true, 0);
    assert_true(isnan(a.tables[0].pairs[0].needed));
    study_analysis_free(&a);
    study_trials_clear(&t);
}

static void the_difference_sought_is_the_one_seen_in_one_digit(void **state)
{
    (void)state;
    const double x[] = {0.5, 0.7, 0.9}, y[] = {0.4977, 0.6977, 0.8978};
    struct study_trials t = {0};
    add_scores(&t, "x", x, 3);
    add_scores(&t, "y", y, 3);
    struct study_analysis a = analysed(&t, ACCURACY, true, 0);
    assert_close(a.tables[0].pairs[0].sought, 0.002); /* of 0.00227 */
    study_analysis_free(&a);
    study_trials_clear(&t);
}

/* ---- studies of which little came ---- */

static void a_study_without_trials_has_no_table(void **state)
{
    (void)state;
    const struct study_trials t = {0};
    struct study_analysis a = analysed(&t, ACCURACY, true, 0);
    assert_int_equal(a.table_count, 0);
    assert_int_equal(a.score.trials, 0);
    study_analysis_free(&a);
    study_analysis_free(&a);
}

static void schedules_without_results_or_common_seeds_are_no_error(void **state)
{
    (void)state;
    struct study_trials t = {0};
    add_trial(&t, "none", 0, 0, STUDY_SCORE, 0, STUDY_WAITING, NAN);
    add_trial(&t, "lost", 0, 0, STUDY_SCORE, 0, STUDY_DIVERGED, NAN);
    add_trial(&t, "even", 0, 0, STUDY_SCORE, 2, STUDY_DONE, 0.5);
    add_trial(&t, "odd", 0, 0, STUDY_SCORE, 3, STUDY_DONE, 0.4);
    struct study_analysis a = analysed(&t, ACCURACY, true, 0.01);
    const struct study_table *table = a.tables;
    assert_int_equal(table->row_count, 4);
    assert_int_equal(table->rows[0].rank, 1);
    assert_int_equal(table->rows[1].rank, 2);
    assert_int_equal(table->rows[2].rank, 0);
    assert_int_equal(table->comparisons, 0);
    for (size_t k = 0; k < table->pair_count; k++) {
        const struct study_pair *p = &table->pairs[k];
        assert_int_equal(p->n, 0);
        assert_true(isnan(p->p_holm) && !p->apart);
        assert_true(isnan(p->needed) && isnan(p->detectable));
        assert_unknown(p->paired.interval);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_true(isnan(table->rows[i].probability_best));
        assert_unknown(table->rows[i].ci95);
    }
    study_analysis_free(&a);
    study_trials_clear(&t);
}

static void a_study_in_which_all_diverged_ranks_nobody(void **state)
{
    (void)state;
    struct study_trials t = {0};
    for (int seed = 0; seed < 5; seed++) {
        add_trial(&t, "a", 0, 0, STUDY_SCORE, seed, STUDY_DIVERGED, NAN);
        add_trial(&t, "b", 0, 0, STUDY_SCORE, seed, STUDY_DONE, NAN);
    }
    struct study_analysis a = analysed(&t, ACCURACY, true, 0);
    for (size_t i = 0; i < 2; i++) {
        const struct study_row *row = &a.tables[0].rows[i];
        assert_int_equal(row->rank, 0);
        assert_int_equal(row->counts.diverged, 5);
        assert_true(isnan(row->probability_best));
        assert_false(row->told_from_best);
    }
    study_analysis_free(&a);
    study_trials_clear(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_hold_the_values_of_their_seeds_in_order),
        cmocka_unit_test(the_lowest_ranks_first_when_minimizing),
        cmocka_unit_test(equal_means_share_a_rank_and_the_next_is_skipped),
        cmocka_unit_test(what_diverged_on_more_seeds_ranks_behind),
        cmocka_unit_test(what_was_given_up_ranks_behind_by_how_long_it_lasted),
        cmocka_unit_test(the_order_of_trials_changes_nothing),
        cmocka_unit_test(of_the_same_trial_twice_the_done_one_counts),
        cmocka_unit_test(budgets_are_tables_of_their_own_in_ascending_order),
        cmocka_unit_test(the_bootstrap_is_for_few_seeds_only),
        cmocka_unit_test(tuning_chooses_the_peak_and_never_counts_as_a_score),
        cmocka_unit_test(a_best_peak_at_an_end_of_the_list_is_an_edge),
        cmocka_unit_test(without_tuning_the_peak_with_most_results_counts),
        cmocka_unit_test(every_two_rows_are_a_pair_that_can_be_found),
        cmocka_unit_test(pairs_are_compared_seed_by_seed),
        cmocka_unit_test(a_clear_difference_is_told),
        cmocka_unit_test(needed_seeds_follow_from_the_spread_of_differences),
        cmocka_unit_test(the_difference_sought_is_the_one_seen_in_one_digit),
        cmocka_unit_test(a_study_without_trials_has_no_table),
        cmocka_unit_test(
            schedules_without_results_or_common_seeds_are_no_error),
        cmocka_unit_test(a_study_in_which_all_diverged_ranks_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
