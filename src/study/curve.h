/* What happened along a trial, as few points: the columns of its log, thinned
 * while they arrive, so that a log of any length takes the same memory. */
#ifndef TAPER_STUDY_CURVE_H
#define TAPER_STUDY_CURVE_H

#include <stdbool.h>
#include <stddef.h>

enum { STUDY_CURVE_COLUMNS = 16 }; /* the most that are kept */

/* Zeroed is an empty curve. */
struct study_curve {
    char *names[STUDY_CURVE_COLUMNS];    /* owned */
    double *values[STUDY_CURVE_COLUMNS]; /* [2 * STUDY_CURVE_POINTS + 1] each;
                                            NaN where a row lacks the number */
    size_t columns;
    size_t rows;   /* kept so far, <= 2 * STUDY_CURVE_POINTS */
    size_t seen;   /* rows that were added */
    size_t stride; /* every so many of them were kept */
    bool tail;     /* row `rows` is the last one added, which is kept only as
                      long as it is the last */
};

/* Adds a row of `count` numbers under names, which need not be those of other
 * rows; NaN or infinite ones count as missing. Columns beyond the limit are
 * left out. False, with the curve as it was, when memory runs out. */
bool study_curve_add(struct study_curve *c, const char *const *names,
                     const double *values, size_t count);

/* JSON as struct study_trial has it, {"step": [...], "loss": [...]}, of at most
 * STUDY_CURVE_POINTS points, first and last kept. The caller frees it. NULL if
 * the curve is empty, which sets *empty, or memory runs out. */
char *study_curve_json(const struct study_curve *c, bool *empty);

/* Adds the rows of a CSV file whose first line names the columns, as taper's
 * metrics.csv; empty fields are missing. False if the file cannot be read or
 * memory runs out. */
bool study_curve_read(struct study_curve *c, const char *path);

void study_curve_clear(struct study_curve *c); /* zeroed is legal */

#endif
