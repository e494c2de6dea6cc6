/* What a person sees while a run trains. A terminal gets one line that
 * rewrites itself; anything else (a pipe, a log file) gets a plain line at the
 * end of an epoch, and one every half minute in long epochs. The first two
 * seconds are silent, so that quick runs do not flicker. */
#ifndef TAPER_TASK_PROGRESS_H
#define TAPER_TASK_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct task_progress {
    FILE *stream;  /* NULL: say nothing */
    bool terminal; /* rewrite one line instead of adding lines */
    int64_t steps, steps_per_epoch;
    double samples_per_step; /* on average; 0: not known, and no speed shown */
    const char *score;       /* what an evaluation gives: "test accuracy" */

    double started, shown; /* task_seconds() */
    int64_t first_step;    /* where this process began */
    double evaluated;      /* when the evaluation under way began */
    double paused;         /* seconds of evaluations, not counted as speed */
    double loss;           /* smoothed */
    double last;           /* the latest score; < 0: none yet */
    bool line_open;        /* the terminal shows an unfinished line */
};

/* Fills in the state; the caller sets the fields above it first. */
void task_progress_begin(struct task_progress *p, int64_t first_step);

/* After update `step`, which had this rate and loss. Cheap when there is
 * nothing to show yet. */
void task_progress_step(struct task_progress *p, int64_t step, double lr,
                        double loss);

/* Within an evaluation, of which this share, 0 ... 1, is done; 0 begins one.
 * A terminal sees the share once it lasts. */
void task_progress_evaluation(struct task_progress *p, double share);

/* After an evaluation that followed update `step` and took so many seconds. */
void task_progress_score(struct task_progress *p, int64_t step, double lr,
                         double score, double seconds);

/* Ends the unfinished line, if there is one. */
void task_progress_end(struct task_progress *p);

/* One line that is not progress: a note or a warning. */
__attribute__((format(printf, 2, 3))) void
task_progress_note(struct task_progress *p, const char *format, ...);

#endif
