/* The loss logs of finished runs as columns of numbers, whatever wrote them:
 * tables with a header (CSV, TSV), JSON lines, TensorBoard's event files, and
 * run folders, taper's own above all. A log is read a piece at a time; what
 * stays in memory are the columns that were asked for, 8 bytes a value.
 *
 * Logs are as runs leave them: a resumed run has steps twice, a diverged one
 * ends in NaN, a killed one in half a line. That is put right here, and
 * counted, so that it can be reported. */
#ifndef LOG_LOSS_LOG_H
#define LOG_LOSS_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/log_status.h"

/* What a log may tell of an update. */
enum log_column {
    LOG_STEP, /* its number */
    LOG_RATE, /* the learning rate that it used */
    LOG_LOSS,
    LOG_NORM, /* the norm of its gradient */
    LOG_COLUMNS
};

enum { LOG_NAME_SIZE = 128 }; /* bytes of a column's name, with its NUL */

/* The names of columns; "" is one that is not named. */
struct log_names {
    char name[LOG_COLUMNS][LOG_NAME_SIZE];
};

/* Reads "step=iter,lr=rate,loss=val_loss,norm=gnorm", any of them left out.
 * A table without a header has numbers for names, from 1. NULL and "" name
 * nothing; LOG_E_USAGE else. */
enum log_status log_names_parse(const char *text, struct log_names *out,
                                struct log_error *err);

/* What a log was like; where it is read for its norms, that of norms. */
struct log_findings {
    size_t rows;         /* with a step */
    size_t duplicates;   /* rows whose step came again later, which counts */
    size_t backwards;    /* places at which the steps went back */
    size_t not_finite;   /* losses that were NaN or infinite, and left out */
    size_t not_positive; /* losses of 0 or less, left out: laws take the
                            logarithm; norms below 0 */
    size_t without_step; /* rows left out because they had none */
    size_t headers;      /* that came again between the rows */
    bool torn;           /* the last row was cut off, and left out */
    bool damaged;        /* an event file is damaged: what follows the damage
                            was left out */
    int64_t spacing;     /* between losses, the median; 0 of fewer than 2 */
    int64_t gap, gap_at; /* the largest distance between losses and the step
                            at which it begins, if it is five times the
                            spacing; else 0 */
    bool diverged;       /* the last losses were not finite */
};

/* One log. A value that a row does not have is NaN; a loss that is there is
 * finite and above 0, a norm or a rate finite and 0 or more. */
struct log_run {
    size_t count;
    int64_t *step;                  /* [count], >= 0, ascending */
    double *rate;                   /* [count]; NULL: the log has no rates */
    double *value;                  /* [count], losses or norms, as asked for */
    struct log_names names;         /* of the columns that were read */
    char other_loss[LOG_NAME_SIZE]; /* another column of losses, or "" */
    char *schedule; /* of a folder of taper: its canonical text; or NULL */
    int64_t steps;  /* of a folder of taper: updates in the run; else 0 */
    double epoch;   /* of a folder of taper: updates in an epoch; else 0 */
    struct log_findings found;
};

/* Reads a log: a file, a folder, or standard input for "-".
 *
 *   names   from log_names_parse; NULL: columns are found by their usual names
 *   wanted  LOG_LOSS or LOG_NORM: what is read besides steps and rates
 *
 * On failure *out is zeroed; else the caller gives it back to log_run_free. A
 * log without a single loss, or norm, is refused. */
enum log_status log_read(const char *path, const struct log_names *names,
                         enum log_column wanted, struct log_run *out,
                         struct log_error *err);
void log_run_free(struct log_run *run); /* zeroed is legal */

#endif
