/* One trial: a schedule with a peak, a budget and a seed, and what came of it.
 * The store keeps trials, workers run them, the analysis reads them. */
#ifndef TAPER_STUDY_TRIAL_H
#define TAPER_STUDY_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum study_state {
    STUDY_WAITING,
    STUDY_RUNNING,
    STUDY_DONE,
    STUDY_FAILED,   /* a crash, no result, out of time or of memory */
    STUDY_DIVERGED, /* the trainer said so, or the metric is no number */
    STUDY_HALVED    /* given up early, because others were better */
};

/* What a trial is for. Seeds that chose a schedule's peak do not judge it: the
 * best of several noisy means looks better than it is. */
enum study_role {
    STUDY_TUNE, /* finds the best peak */
    STUDY_SCORE /* counts in the ranking */
};

/* What stands between trials, and makes two of them the same: everything but
 * the outcome. Texts are owned by whoever filled the struct in. */
struct study_trial {
    int64_t id;     /* of the store, >= 1; 0: not stored yet */
    char *name;     /* of the schedule, as the person called it */
    char *spec;     /* the schedule as the person wrote it, without the peak */
    char *schedule; /* what runs: canonical text, "0.003 * (...)" */
    double peak;    /* the factor on `spec`; 0: `spec` as it is */
    double budget;  /* epochs or steps, as the study says; 0: the task's own */
    int64_t seed;
    enum study_role role;

    enum study_state state;
    double metric;     /* NaN unless it is known */
    double seconds;    /* by the wall clock; 0 before it ran */
    char *error;       /* why it failed, the end of its standard error; or
                          NULL */
    char *curve;       /* JSON, an object of equally long arrays of numbers or
                          nulls: {"step": [...], "lr": [...], "loss": [...],
                          ...}, at most STUDY_CURVE_POINTS each; or NULL */
    char *summary;     /* JSON object that the trial printed; or NULL */
    char *machine;     /* host, processor, versions, in words; or NULL */
    double started_at; /* seconds since 1970, UTC; 0: not yet */
};

/* A metric of a larger magnitude counts as infinite: its square is no number
 * any more, and what gets there has diverged. */
#define STUDY_METRIC_MOST 1e150

/* Whether a metric is a number to judge by: finite and not beyond that. */
bool study_metric_counts(double metric);

/* Longer curves are thinned to this many points, ends kept. */
#define STUDY_CURVE_POINTS 400

void study_trial_clear(struct study_trial *t); /* frees texts, zeroes *t */

/* A copy with texts of its own. On failure, which is want of memory, *out is
 * zeroed. */
bool study_trial_copy(struct study_trial *out, const struct study_trial *t);

/* Whether both are the same trial: role, schedule, peak, budget and seed. */
bool study_trial_same(const struct study_trial *a, const struct study_trial *b);

/* Whether nothing more will happen to a trial in this state by itself: it is
 * done, failed, diverged or halved. */
bool study_state_over(enum study_state state);

/* Trials one after the other. All of it is owned. */
struct study_trials {
    struct study_trial *items; /* [count] */
    size_t count;
    size_t capacity; /* items that there is room for */
};

/* Adds a trial and takes over its texts; *t is zeroed. On failure, which is
 * want of memory, nothing changes. */
bool study_trials_push(struct study_trials *trials, struct study_trial *t);
void study_trials_clear(struct study_trials *trials); /* zeroed is legal */

/* "waiting", "running", "done", "failed", "diverged", "halved". */
const char *study_state_name(enum study_state state);

/* The state of that name; false, with *out unchanged, if there is none. */
bool study_state_read(const char *name, enum study_state *out);

/* "tune" and "score". */
const char *study_role_name(enum study_role role);

#endif
