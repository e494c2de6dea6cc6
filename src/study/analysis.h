/* What a study shows: from trials to tables.
 *
 * One table for each budget, one row for each schedule, one pair for each two
 * rows. Only STUDY_SCORE trials rank and compare schedules; STUDY_TUNE trials
 * give the metric against the peak and choose it. Pure and deterministic: the
 * same trials in any order give the same bits. docs/studies/method.md explains
 * the statistics to readers of reports. */
#ifndef TAPER_STUDY_ANALYSIS_H
#define TAPER_STUDY_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "study/statistics.h"
#include "study/study_status.h"
#include "study/trial.h"

/* What the study asks. Texts are borrowed for as long as the analysis. */
struct study_question {
    const char *metric;      /* key of the metric: "test_accuracy" */
    const char *budget_unit; /* "epochs", "steps"; NULL: the task's own */
    bool maximize;           /* else lower is better */
    double difference;       /* the smallest difference that matters, in the
                                metric's unit (0.002: 0.2 points of accuracy);
                                0: the one that was seen, see `sought` */
};

/* How a group of trials ended. The six counts after `trials` add up to it. */
struct study_counts {
    size_t trials;
    size_t done;     /* with a finite metric; only these have numbers */
    size_t diverged; /* the worst possible result, whatever its metric */
    size_t failed;   /* no result: a crash, a time limit */
    size_t halved;   /* given up by --halving */
    size_t waiting;  /* not begun, or running */
};

/* One peak that was tried for a schedule, from the STUDY_TUNE trials. */
struct study_tried {
    double peak;
    struct study_counts counts;
    struct study_moments moments; /* of the metric of done trials */
    struct study_interval ci95;   /* Student's t */
    bool best; /* the one that study_best_peak (study/design.h) chooses; at
                  most one of a schedule's */
};

enum study_edge {
    STUDY_EDGE_NONE,   /* within the peaks tried, or no more than one tried */
    STUDY_EDGE_LOWEST, /* the best peak is the lowest tried: try a lower one */
    STUDY_EDGE_HIGHEST
};

/* A schedule at one budget and at its peak. */
struct study_row {
    const char *name;     /* borrowed from a trial, as the texts below */
    const char *spec;     /* as the person wrote it */
    const char *schedule; /* what ran, with the peak; NULL before it is known */

    /* The peak that the numbers below belong to: the best by STUDY_TUNE trials;
     * without any, the one with the most STUDY_SCORE trials done (then the
     * smaller). 0: the schedule as it is. Score trials at another peak, which
     * remain where a later peak proved better, count in `elsewhere` only. */
    double peak;
    enum study_edge edge;
    struct study_tried *peaks; /* [peak_count], ascending */
    size_t peak_count;         /* 0: nothing was tuned */
    size_t elsewhere;

    struct study_counts counts; /* of score trials at the peak */
    int64_t *seeds;             /* [counts.done], ascending */
    double *values;             /* [counts.done], the metric of each seed */

    struct study_moments moments; /* of `values` */
    struct study_interval ci95;   /* of the mean, Student's t */
    struct study_interval boot95; /* of the mean, studentised bootstrap; known
                                     for 5 to 9 values, see statistics.h */
    double seconds;               /* a trial took, mean of done ones; or NaN */

    /* 1 is best; equal ones share a rank and the next is skipped (1, 1, 3). 0
     * without a value. A schedule that --halving gave up ranks behind those
     * that it kept, one that diverged on a larger share of its seeds behind
     * others; then the mean decides. */
    size_t rank;

    /* The probability that its mean over all seeds one could draw is the best
     * of the table's: study_probability_best in statistics.h. Probabilities of
     * a table add up to 1. NaN for a schedule with fewer than
     * STUDY_BEST_LEAST seeds done or diverged, and where no other has them. */
    double probability_best;

    /* Of the pair with the row of rank 1: p_holm < STUDY_ALPHA and worse. */
    bool told_from_best;
};

/* Two schedules on the seeds that both have done. */
struct study_pair {
    size_t a, b; /* rows, a < b, so that a does not rank behind b */
    size_t n;    /* seeds that both have done */
    size_t lost; /* seeds that one has done and the other has not */
    size_t wins, ties, losses; /* seeds on which a is better, equal, worse */

    /* Of the metric of a minus the metric of b, in the metric's unit:
     * positive is better for a when maximizing, worse when minimizing. */
    struct study_paired paired;
    double p_holm; /* paired.p, corrected over all pairs of the table; or NaN */
    bool apart;    /* p_holm < STUDY_ALPHA: the two can be told apart */
    bool weakened; /* --halving gave one of the two up, see
                      docs/studies/method.md */

    /* Planning of a further study, from the spread of the differences, at the
     * level that even the strictest step of Holm's procedure asks for
     * (STUDY_ALPHA / comparisons), with a power of STUDY_POWER. */
    double sought; /* a difference > 0 to find: question.difference, else the
                      mean difference seen, rounded to one digit; NaN if that
                      is 0 or unknown */
    double needed; /* seeds to find `sought`: >= 2, a whole number; infinite:
                      more than STUDY_SEEDS_MOST; NaN if unknown */
    double detectable; /* the smallest difference that n seeds would find; NaN
                          if unknown */
};

/* One budget. */
struct study_table {
    double budget;          /* 0: the task's own */
    struct study_row *rows; /* [row_count]: by rank; those without a rank
                               last; equal ones by name */
    size_t row_count;
    struct study_pair *pairs;   /* [pair_count]: all two rows, by a, then b */
    size_t pair_count;          /* row_count * (row_count - 1) / 2 */
    size_t comparisons;         /* pairs with a p-value: Holm's family */
    struct study_counts counts; /* of the score trials of the rows */
};

/* Texts are borrowed from the trials and the question. */
struct study_analysis {
    struct study_question question;
    struct study_table *tables; /* [table_count], ascending budgets */
    size_t table_count;         /* 0 without trials */
    struct study_counts tune;   /* all trials of that role */
    struct study_counts score;
};

/* Analyses the trials, which must outlive *out. Names say which trials belong
 * to one schedule. Of two trials that are the same (study_trial_same), as
 * merged studies may hold, the one that is done counts, then the one with the
 * higher id. A done trial whose metric does not count (study_metric_counts)
 * counts as diverged.
 *
 * Takes some 50 ms for seven schedules, mostly for probability_best: for once
 * at the end, not for after each trial.
 *
 * On failure, which is STUDY_E_MEMORY, *out is empty and *err (may be NULL) is
 * filled in. Release with study_analysis_free, also when it failed. */
enum study_status study_analyse(const struct study_question *question,
                                const struct study_trials *trials,
                                struct study_analysis *out,
                                struct study_error *err);

void study_analysis_free(struct study_analysis *a);

/* Where the pair of rows i != j (either order) stands in table->pairs. */
size_t study_pair_index(const struct study_table *table, size_t i, size_t j);

#endif
