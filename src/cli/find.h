/* What the parts of `taper find` share: the sweep that was asked for, and what
 * came of it. */
#ifndef CLI_FIND_H
#define CLI_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/find_progress.h"
#include "study/range_test.h"

/* A range test: sweeps of one range of rates, each with a seed of its own. */
struct find_test {
    const char *subject; /* "image", or a person's command; borrowed */
    bool command;        /* the subject is a command */
    const char *value;   /* what is looked at: "loss", "return"; borrowed */
    bool maximize;
    double from, to;         /* rates, 0 < from < to */
    int64_t steps;           /* of a sweep, >= STUDY_RANGE_LEAST */
    int64_t seed;            /* of the first sweep */
    size_t count;            /* of sweeps, >= 1 */
    struct study_sweep *all; /* [count], owned */
    double seconds;          /* that all of them took */
    struct find_progress progress;
};

enum { FIND_SCHEDULE_SIZE = 128 };

/* The schedule of a sweep, which a trainer reads: "exp(1e-5, 10, 99)", whose
 * last rate is that of the last step. */
void find_schedule(const struct find_test *t, char out[FIND_SCHEDULE_SIZE]);

/* Rates are worth two digits: 0.0032. */
double find_round(double rate);

/* Ends a sweep's point at `step`: shows progress, and says whether the sweep
 * goes on. */
bool find_add(struct find_test *t, size_t sweep, double rate, double value,
              double weight, int64_t step);

#endif
