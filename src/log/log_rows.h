/* The rows of a log while they are read, and how they are put in order. */
#ifndef LOG_LOG_ROWS_H
#define LOG_LOG_ROWS_H

#include "log/loss_log.h"

/* One row; what it does not have is NaN. */
struct log_row {
    int64_t step;
    double value[LOG_COLUMNS]; /* LOG_STEP is not used */
};

/* Rows that are being collected in *run, which is zeroed at first. */
struct log_rows {
    struct log_run *run; /* borrowed; its columns have `room` rows */
    size_t room;
    enum log_column wanted; /* LOG_LOSS or LOG_NORM */
    bool rates;             /* are kept */
    int64_t last;           /* step of the row before; -1: none */
    bool last_finite;       /* of the value that came last */
};

void log_rows_begin(struct log_rows *rows, struct log_run *run, bool rates,
                    enum log_column wanted);

/* Appends a row. One with neither a rate nor what is wanted is passed
 * over. */
enum log_status log_rows_add(struct log_rows *rows, const struct log_row *row,
                             struct log_error *err);

/* Counts a wanted value that is there and not finite. */
void log_rows_not_finite(struct log_rows *rows);

/* Puts the rows in order of their steps and merges those of one step: of two
 * values the later one counts. Counts what there is to count, gives back room,
 * and refuses rates below 0 and a log without what is wanted. */
enum log_status log_rows_end(struct log_rows *rows, const char *file,
                             struct log_error *err);

#endif
