/* The learning-rate range test: what a sweep of the rate from small to large
 * says of the rates that a task can be trained with.
 *
 * L. N. Smith, "Cyclical Learning Rates for Training Neural Networks", 2015,
 * arXiv:1506.01186, section 3.3. Made of numbers alone: who trains, and how,
 * is the caller's business.
 *
 *     points of a sweep --add--> when to stop
 *     sweeps --pool--> one smooth curve --judge--> rates */
#ifndef TAPER_STUDY_RANGE_TEST_H
#define TAPER_STUDY_RANGE_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ------------------------------------------------------------- one sweep */

/* What was seen at a rate. */
struct study_range_point {
    double rate;   /* > 0 */
    double value;  /* a loss or a return; a loss may be no finite number */
    double weight; /* > 0: how much of the sweep it stands for, e.g. 1 update */
    int64_t step;
};

enum study_sweep_state {
    STUDY_SWEEP_ON,
    STUDY_SWEEP_DIVERGED, /* the loss is no finite number, or four times the
                             best; a return is back to less than it began with
                           */
    STUDY_SWEEP_NO_MEMORY
};

/* Points in the order of their rates, which rise. Zeroed is an empty sweep of
 * a loss. */
struct study_sweep {
    bool maximize;                    /* the value is a return, not a loss */
    struct study_range_point *points; /* [count], owned, all finite */
    size_t count, capacity;
    enum study_sweep_state state;
    double first, best; /* medians of STUDY_RANGE_WINDOW values */
    size_t best_at;     /* the point that ends the best of them */
};

/* A sweep is stopped by the median of its last so many values, which no single
 * bad batch can move; fastai's finder has 4 times the best as well, of an
 * exponential average. */
enum { STUDY_RANGE_WINDOW = 7 };

/* Adds a point, whose rate is no less than that of the one before; a value that
 * is no finite number ends the sweep and is not kept. Returns whether to go
 * on. */
enum study_sweep_state study_sweep_add(struct study_sweep *s,
                                       struct study_range_point p);

void study_sweep_clear(struct study_sweep *s); /* zeroed is legal */

/* ------------------------------------------------------- the smooth curve */

/* Every sweep's points over the logarithm of the rate. One that diverged counts
 * with the value that it ended on at all larger rates, and no loss after the
 * best counts with more than four times that. */
struct study_range_curve {
    bool maximize;
    struct study_range_point *points; /* [count], rates rising; owned */
    size_t count;
    double width; /* decades to each side that a smoothed value is made of */
};

/* Of `count` sweeps of one kind. False when memory runs out; the curve can be
 * cleared either way. */
bool study_range_pool(const struct study_sweep *sweeps, size_t count,
                      struct study_range_curve *out);

void study_range_clear(struct study_range_curve *c); /* zeroed is legal */

/* The value at a rate, by a line fitted to its neighbourhood, the nearer points
 * with more weight (tricube): W. S. Cleveland, "Robust Locally Weighted
 * Regression", 1979, without its robust steps. It looks to both sides, so the
 * curve does not lag behind the rate as an average of the past does. NaN for a
 * curve without points. */
double study_range_at(const struct study_range_curve *c, double rate);

/* ------------------------------------------------------------- the rules */

/* Two rules that name a peak for a schedule that warms up or begins at its
 * peak and decays:
 *
 *   midway  half way, in decades, between the rate at which half of the gain
 *           was made and the middle of the floor: of the rates about the best
 *           one at which 95 % of the gain are there. The first moves with the
 *           speed of the sweep, the second with what the task can bear, and
 *           neither is the lowest or steepest point of a noisy curve
 *   tenth   a tenth of the rate of the best value: a rule of thumb, which
 *           fastai offers as `minimum` */
enum study_range_rule { STUDY_RANGE_MIDWAY, STUDY_RANGE_TENTH };
enum { STUDY_RANGE_RULES = 2 };

const char *study_range_rule_name(enum study_range_rule rule);

enum study_range_outcome {
    STUDY_RANGE_FOUND,
    STUDY_RANGE_TOO_FEW, /* points, to say anything: less than
                            STUDY_RANGE_LEAST */
    STUDY_RANGE_NO_GAIN  /* nothing was learnt that stands out of the noise */
};
enum { STUDY_RANGE_LEAST = 20 };

/* What a curve says. Rates are 0 and values NaN unless the outcome is
 * STUDY_RANGE_FOUND, but `start` and `best` are known without a gain. */
struct study_range_verdict {
    enum study_range_outcome outcome;
    double start;     /* the value before anything was learnt: the mean of the
                         curve's first tenth */
    double best;      /* the best value of the curve */
    double noise;     /* the standard error of that */
    double best_rate; /* where that is */
    double half_rate; /* from here to the best, half of the gain is kept */
    double floor_from, floor_to;    /* about the best, 95 % of it are */
    double rate[STUDY_RANGE_RULES]; /* what each rule names */
    bool
        early; /* learning had begun at the first rate: half_rate may be less */
    bool open; /* nothing was lost at the last rate: floor_to may be more */
};

struct study_range_verdict study_range_judge(const struct study_range_curve *c);

#endif
