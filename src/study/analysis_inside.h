/* The steps of study_analyse, each in a file of its own. */
#ifndef TAPER_STUDY_ANALYSIS_INSIDE_H
#define TAPER_STUDY_ANALYSIS_INSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "study/analysis.h"

/* What stands of a trial: a done one whose metric does not count diverged. */
enum study_state study_outcome(const struct study_trial *t);

/* Counts one trial that ended, or has not, as `state`. */
void study_count(struct study_counts *counts, enum study_state state);

/* Seeds with a result, good or bad. */
size_t study_finished(const struct study_counts *counts);

/* A row with what only the steps below need of it. */
struct study_ranked {
    struct study_row row;
    int64_t *diverged; /* [row.counts.diverged] seeds, ascending */
};

/* Sorts the rows and sets their ranks. */
void study_rank_rows(struct study_ranked *rows, size_t n, bool maximize);

/* Sets probability_best of the sorted rows. False if memory runs out. */
bool study_judge_rows(struct study_ranked *rows, size_t n, bool maximize);

/* Compares all rows of a table, whose rows are final, and sets told_from_best.
 * Allocates table->pairs. False if memory runs out. */
bool study_compare_rows(struct study_table *table,
                        const struct study_question *question);

#endif
