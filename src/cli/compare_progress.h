/* What a person sees while a study runs: on a terminal one line that rewrites
 * itself, elsewhere nothing; and everywhere the first trial that fails. */
#ifndef CLI_COMPARE_PROGRESS_H
#define CLI_COMPARE_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

#include "study/store_queue.h"

struct compare_progress {
    FILE *stream;
    bool terminal;
    int jobs; /* trials at a time */
    const struct study_queue *queue;

    double started, shown; /* seconds of the monotonic clock */
    bool line_open;        /* the terminal shows an unfinished line */
    bool told;             /* of a trial that failed */
};

/* Fills in the state; the caller sets the fields above it first. */
void compare_progress_begin(struct compare_progress *p);

/* After a trial has begun or ended. */
void compare_progress_trial(struct compare_progress *p,
                            const struct study_trial *t);

/* Now and then; cheap. */
void compare_progress_tick(struct compare_progress *p);

/* Ends the unfinished line, if there is one. */
void compare_progress_end(struct compare_progress *p);

#endif
