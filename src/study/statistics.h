/* The statistics of studies: small, total functions of arrays of numbers.
 *
 * A study has few seeds (3 to 30), so everything here is made for small
 * samples. Distributions and their inverses are GSL's. What cannot be computed
 * (the spread of one number, a test of two equal columns) is NaN, never an
 * error and never a guess. docs/studies/method.md says what is used for what.
 */
#ifndef TAPER_STUDY_STATISTICS_H
#define TAPER_STUDY_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

#define STUDY_CONFIDENCE 0.95 /* of every interval */
#define STUDY_ALPHA 0.05      /* of every test, over its whole family */
#define STUDY_POWER 0.8       /* with which a needed number of seeds finds */

/* From `low` to `high`; both NaN where it is not known. */
struct study_interval {
    double low, high;
};

/* Mean and sample standard deviation (divided by n - 1). A spread that is no
 * more than the rounding of the values counts as 0. */
struct study_moments {
    size_t n;
    double mean; /* NaN if n = 0 */
    double std;  /* >= 0; NaN if n < 2 */
};

struct study_moments study_moments(const double *x, size_t n);

/* The 95 % interval of the mean by Student's t with n - 1 degrees of freedom.
 * Unknown if n < 2; of no width if std = 0. */
struct study_interval study_t_interval(struct study_moments m);

/* The 95 % interval of the mean by the studentised bootstrap ("bootstrap-t":
 * Efron 1979; Davison and Hinkley, "Bootstrap methods and their application",
 * 1997, section 5.2). It assumes no normal distribution and may be lopsided.
 * Up to STUDY_RESAMPLE_ALL values all resamples are taken with their
 * probabilities (Fisher and Hall, "Bootstrap algorithms for small samples",
 * 1991); beyond, STUDY_RESAMPLES fixed draws. Unknown if n <
 * STUDY_BOOTSTRAP_LEAST, where nearly every resample is without spread; of no
 * width if std = 0. Allocates; unknown as well if memory runs out. */
struct study_interval study_bootstrap_interval(const double *x, size_t n);

#define STUDY_BOOTSTRAP_LEAST 5
#define STUDY_BOOTSTRAP_BELOW \
    10 /* with more values Student is trusted alone \
        */
#define STUDY_RESAMPLE_ALL 7
#define STUDY_RESAMPLES 1999

/* Two columns of numbers in pairs: a[i] and b[i] share a seed. */
struct study_paired {
    struct study_moments difference; /* of a[i] - b[i] */
    struct study_interval interval;  /* of the mean difference, Student's t */
    double t;                        /* of the paired test; NaN if std = 0 */
    double p_t;    /* two-sided, Student's paired t test; NaN without t */
    double p_flip; /* two-sided, exact: the share of all 2^n flips of signs
                      whose mean is as far from 0 (Fisher, "The design of
                      experiments", 1935, section 21). Never below 2 / 2^n.
                      NaN if n = 0, or n > STUDY_FLIP_MOST and std > 0 */
    double p;      /* p_t if it is known, else p_flip; NaN if n < 2 */
};

#define STUDY_FLIP_MOST 12

struct study_paired study_paired(const double *a, const double *b, size_t n);

/* Corrects the n p-values in `p` for their number, in place (Holm, "A simple
 * sequentially rejective multiple test procedure", 1979): rejecting what is
 * below alpha then errs anywhere in the family with probability alpha at most.
 * NaN stays NaN and does not count. Allocates; false, with `p` all NaN, if
 * memory runs out. */
bool study_holm(double *p, size_t n);

/* For each of `columns` candidates the probability that its mean is the
 * highest, into p[columns], by a Bayesian bootstrap over seeds (Rubin, "The
 * Bayesian bootstrap", 1981): each of STUDY_DRAWS draws gives every seed an
 * exponential weight, the same for all candidates, which keeps pairs.
 * Deviations from the sample mean are widened by sqrt((n + 1) / chi^2(n - 1)),
 * so that a column of normal values has nearly Student's t as its
 * distribution: without it few seeds would seem to say far too much.
 *
 *   x   [columns, seeds], higher is better; NaN: the seed has no value;
 *       -infinity: it diverged. A candidate's share of diverged seeds, weighted
 *       as well, counts before its mean
 *
 * Equal bests share a draw. The probabilities add up to 1. NaN for a candidate
 * with fewer than STUDY_BEST_LEAST seeds; NaN for all if fewer than two
 * candidates have them, or all of their seeds diverged. Deterministic: fixed
 * draws. Allocates; false, with `p` all NaN, if memory runs out. */
bool study_probability_best(const double *x, size_t columns, size_t seeds,
                            double *p);

#define STUDY_BEST_LEAST 3
#define STUDY_DRAWS 10000

/* The probability with which a two-sided paired t test at level alpha finds a
 * true mean difference of `effect` standard deviations in n pairs, by the
 * noncentral t distribution. In [0, 1]; 0 if n < 2 or effect is NaN. */
double study_power(double effect, double n, double alpha);

/* How many pairs are needed for a power of STUDY_POWER: the smallest whole
 * number >= 2. Infinite if that is more than STUDY_SEEDS_MOST or effect is 0;
 * NaN if effect is NaN. `effect` may have either sign. */
double study_needed(double effect, double alpha);

#define STUDY_SEEDS_MOST 100000

/* The smallest effect, in standard deviations, that n pairs find with a power
 * of STUDY_POWER: the inverse of study_needed. Infinite if n < 2. */
double study_detectable(double n, double alpha);

#endif
