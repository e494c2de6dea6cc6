/* Which trials a study consists of, and which can run now: a pure function of
 * the plan and of the trials so far. A study that was killed, one that was
 * asked to go on with more seeds, and one that two processes share therefore
 * go the same way.
 *
 * With several peaks each schedule is tuned for each budget on its own: trials
 * with the role STUDY_TUNE and seeds of their own, from STUDY_TUNE_SEED on,
 * choose the peak at which trials with the role STUDY_SCORE and seeds from 0 on
 * judge the schedule. */
#ifndef TAPER_STUDY_DESIGN_H
#define TAPER_STUDY_DESIGN_H

#include "study/study_status.h"
#include "study/trial.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <taper.h>

#define STUDY_TUNE_SEED INT64_C(1000) /* scores use seeds below it */

struct study_entry {
    const char *name; /* unique within a plan */
    const char *spec; /* as the person wrote it; a trial's `spec` is this with
                         comments left out and white space made one blank */
};

/* What is asked for. Everything is borrowed. */
struct study_plan {
    const struct study_entry *entries; /* [entry_count], >= 1 */
    size_t entry_count;
    const double *peaks; /* [peak_count] > 0, ascending; none: as written */
    size_t peak_count;
    const double *budgets; /* [budget_count] > 0; none: the task's own, 0 */
    size_t budget_count;
    int64_t seeds;      /* of the scores, 1 ... STUDY_TUNE_SEED */
    int64_t peak_seeds; /* of each peak, >= 1; not used with one peak or none */
    bool maximize;      /* a larger metric is better */
    bool halving;       /* give hopeless schedules and peaks up early */

    /* The run that schedules are for where it is known before the trial runs;
     * `schedule` is canonical text then. Its `steps` are the budget unless
     * there is none. NULL: the task finds out, and `schedule` is the text as
     * written. */
    const taper_run *run;
};

/* What to do next. All of it is owned: study_next_clear. Trials that are in the
 * store as they are here come with the id and the state that they have there;
 * those with id 0 are to be added to it (study_store_add). */
struct study_next {
    struct study_trials run; /* can run now and are not over, in the order in
                                which to run them; some may be claimed by
                                another process already */
    struct study_trials give_up; /* to be stored as STUDY_HALVED, not to be run;
                                    what depends on that follows when it is */
    size_t total; /* trials of the whole plan, as far as it is known now;
                     without those given up */
    size_t over;  /* of these done, failed or diverged */
};

/* Finds out what can run now. The plan is complete when over == total.
 *
 * With `halving` seeds are given out in rounds. Of the peaks of a schedule the
 * better half (rounded up) goes on after 1, 2, 4, ... seeds. Of the schedules
 * of a budget those in the worse half are given up after N/4 (but two or more),
 * N/2, ... seeds that are clearly worse than the best one: by a one-sided
 * paired t test at the 5 % level, or because at least half of their trials
 * diverged or failed and fewer of the best one's did. This follows Successive
 * Halving (Jamieson & Talwalkar 2016), with seeds in the place of steps.
 *
 * STUDY_E_USAGE for a schedule that cannot be read, two names
 * for one schedule or one name twice, with a line that says which. On failure
 * *out is zeroed. */
enum study_status study_design_next(const struct study_plan *plan,
                                    const struct study_trials *trials,
                                    struct study_next *out,
                                    struct study_error *err);
void study_next_clear(struct study_next *next); /* zeroed is legal */

/* The text that runs: `peak` * (SPEC), or SPEC alone if peak is 0; comments
 * left out, white space made one blank. Canonical (taper_describe), in steps,
 * where `run` is given. STUDY_E_USAGE, with the parser's message, for a text
 * that is no schedule in `run`; without a run the text is not parsed. The
 * caller frees *out, which is NULL on failure. */
enum study_status study_schedule_text(const char *spec, double peak,
                                      const taper_run *run, char **out,
                                      struct study_error *err);

/* The peak that tuning chose for a schedule and a budget. */
struct study_peak {
    double best;  /* 0: no tuning trial is there */
    size_t tried; /* different peaks with a trial that is over */
    bool lowest;  /* the best is the lowest tried, of several */
    bool highest; /* the best is the highest tried, of several */
    bool settled; /* every tuning trial that is in the store is over */
    bool all_bad; /* every trial diverged or failed: no peak is good */
};

/* Judges by the trials alone, those with role STUDY_TUNE, this name and this
 * budget. The best mean wins; a peak at which a trial diverged or failed comes
 * after all at which fewer did; of equals the smaller peak. Peaks that were
 * given up (STUDY_HALVED) are tried but never best. */
struct study_peak study_best_peak(const struct study_trials *trials,
                                  const char *name, double budget,
                                  bool maximize);

#endif
