/* What trials logged along the way, gathered over seeds. */
#ifndef TAPER_REPORT_SERIES_H
#define TAPER_REPORT_SERIES_H

#include <stdbool.h>
#include <stddef.h>

#include "report/report.h"

/* A line with the lowest and highest of the seeds about it. Owned; [n] each. */
struct report_series {
    double *x, *mean, *low, *high;
    size_t n;
    size_t seeds; /* that it is made of */
};

/* Gathers column `key` of a schedule's trials against their column "step" (or
 * against the row, where they have none): of the trials that are done, or if
 * none is of those that diverged. Seeds that logged at the same steps keep
 * them; others are brought to common ones, each being the mean of what a seed
 * logged around it. Without such a column n is 0. False if memory runs out. */
bool report_gather(const struct report *r, const struct study_table *t,
                   const struct study_row *row, const char *key,
                   struct report_series *out);

/* The column of one trial, the first that has it; mean, low and high are
 * equal. */
bool report_first(const struct report *r, const struct study_table *t,
                  const struct study_row *row, const char *key,
                  struct report_series *out);

void report_series_free(struct report_series *s); /* zeroed is legal */

/* The columns worth a picture besides the rate: the loss, the metric, the
 * returns of an agent's episodes; where these are fewer than two, another one
 * that was logged. Writes at most `most` names, which the caller frees, and
 * returns how many. */
size_t report_measures(const struct report *r, char **out, size_t most);

#endif
