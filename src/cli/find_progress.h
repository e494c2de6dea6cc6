/* How far a range test is, on a terminal, once it takes longer than two
 * seconds. */
#ifndef CLI_FIND_PROGRESS_H
#define CLI_FIND_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct find_progress {
    FILE *stream;              /* a terminal; NULL: say nothing */
    const char *value;         /* "loss" */
    double started, shown;     /* seconds of a clock */
    double first, first_share; /* when the first rate was seen, and its share:
                                  what came before, such as reading data, is
                                  no measure of how long rates take */
    bool line_open;
};

/* To standard error, if that is a terminal. */
void find_progress_begin(struct find_progress *p, const char *value);

/* At a rate, where `value` was seen; this share, 0 to 1, of everything is
 * done. */
void find_progress_show(struct find_progress *p, double share, double rate,
                        double value);

/* Removes the line; returns the seconds since the beginning. */
double find_progress_end(struct find_progress *p);

#endif
