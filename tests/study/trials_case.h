/* Studies for tests of the analysis, written as tables of trials. */
#ifndef TAPER_TESTS_STUDY_TRIALS_CASE_H
#define TAPER_TESTS_STUDY_TRIALS_CASE_H

#include <stddef.h>
#include <stdint.h>

#include "study/analysis.h"
#include "study/trial.h"

/* Adds one trial. The schedule's text follows from name and peak. */
void add_trial(struct study_trials *trials, const char *name, double budget,
               double peak, enum study_role role, int64_t seed,
               enum study_state state, double metric);

/* Adds done score trials without a peak and at budget 0: seeds 0 ... n - 1. */
void add_scores(struct study_trials *trials, const char *name,
                const double *metrics, size_t n);

/* Analyses and fails the test if that fails. */
struct study_analysis analysed(const struct study_trials *trials,
                               const char *metric, bool maximize,
                               double difference);

/* The row of that name in the table; fails the test if there is none. */
const struct study_row *row_named(const struct study_table *table,
                                  const char *name);

#endif
