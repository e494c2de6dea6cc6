/* The probability of being best: see study_probability_best in
 * statistics.h. */
#include "study/statistics.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "study/generator.h"

/* A candidate's values and what one draw makes of them. */
struct candidate {
    const double *x; /* [seeds], as study_probability_best takes them */
    bool competes;
    size_t done;  /* seeds with a finite value */
    double mean;  /* of these */
    double lost;  /* in this draw: the weighted share of diverged seeds */
    double drawn; /* in this draw: the mean; -infinity if done = 0 */
};

/* Everything that the draws need. */
struct contest {
    struct candidate *candidates; /* [columns] */
    size_t columns;
    double *weights; /* [seeds], of this draw */
    double *widths;  /* [seeds + 1], of this draw: by number of values */
    size_t seeds;
};

static struct candidate meet(const double *x, size_t seeds)
{
    struct candidate c = {.x = x};
    size_t over = 0;
    for (size_t s = 0; s < seeds; s++) {
        if (isnan(x[s])) continue;
        over++;
        if (!isfinite(x[s])) continue;
        c.done++;
        c.mean += (x[s] - c.mean) / (double)c.done;
    }
    c.competes = over >= STUDY_BEST_LEAST;
    return c;
}

/* The candidate in this draw. With w ~ Exp(1) the weighted mean has n / (n + 1)
 * of the squared standard error s^2 / n, less what dividing by n instead of
 * n - 1 took; `width` makes up for both and for s being an estimate. */
static void draw_candidate(struct candidate *c, const struct contest *k)
{
    double good = 0.0, bad = 0.0, sum = 0.0;
    for (size_t s = 0; s < k->seeds; s++) {
        if (isnan(c->x[s])) continue;
        if (!isfinite(c->x[s])) {
            bad += k->weights[s];
            continue;
        }
        good += k->weights[s];
        sum += k->weights[s] * (c->x[s] - c->mean);
    }
    c->lost = bad > 0.0 ? bad / (good + bad) : 0.0;
    c->drawn =
        good > 0.0 ? c->mean + k->widths[c->done] * sum / good : -INFINITY;
}

/* New weights for the seeds, and a width for each number of values that a
 * candidate has. One value has no deviation to widen. */
static void draw_weights(struct contest *k, const gsl_rng *g)
{
    for (size_t s = 0; s < k->seeds; s++) {
        k->weights[s] = gsl_ran_exponential(g, 1.0);
        k->widths[s + 1] = 0.0;
    }
    for (size_t i = 0; i < k->columns; i++) {
        const size_t n = k->candidates[i].done;
        if (n < 2 || k->widths[n] > 0.0) continue;
        const double freedom = (double)n - 1.0;
        k->widths[n] = sqrt(((double)n + 1.0) / gsl_ran_chisq(g, freedom));
    }
}

/* -1, 0 or 1 as a is worse than, equal to or better than b in this draw; what
 * differs by rounding alone is equal. */
static int compare(const struct candidate *a, const struct candidate *b)
{
    if (fabs(a->lost - b->lost) > 64.0 * DBL_EPSILON)
        return a->lost < b->lost ? 1 : -1;
    if (a->drawn == b->drawn) return 0;
    const double magnitude = fmax(fabs(a->drawn), fabs(b->drawn));
    if (fabs(a->drawn - b->drawn) <= 64.0 * DBL_EPSILON * magnitude) return 0;
    return a->drawn > b->drawn ? 1 : -1;
}

/* Adds one draw to wins[columns]: 1, shared by the bests. */
static void count_best(const struct contest *k, double *wins)
{
    const struct candidate *best = NULL;
    for (size_t i = 0; i < k->columns; i++) {
        const struct candidate *c = &k->candidates[i];
        if (c->competes && (!best || compare(c, best) > 0)) best = c;
    }
    size_t equals = 0;
    for (size_t i = 0; i < k->columns; i++)
        equals +=
            k->candidates[i].competes && compare(&k->candidates[i], best) == 0;
    for (size_t i = 0; i < k->columns; i++)
        if (k->candidates[i].competes && compare(&k->candidates[i], best) == 0)
            wins[i] += 1.0 / (double)equals;
}

/* Whether two compete and at least one of these has a value. */
static bool is_contest(const struct contest *k)
{
    size_t compete = 0, with_value = 0;
    for (size_t i = 0; i < k->columns; i++) {
        compete += k->candidates[i].competes;
        with_value += k->candidates[i].competes && k->candidates[i].done > 0;
    }
    return compete >= 2 && with_value >= 1;
}

/* Draws STUDY_DRAWS times and sets p of those that compete. */
static bool hold(struct contest *k, double *p)
{
    gsl_rng g;
    if (!study_generator_start(&g, 2)) return false;
    for (size_t i = 0; i < k->columns; i++)
        if (k->candidates[i].competes) p[i] = 0.0;
    for (size_t draw = 0; draw < STUDY_DRAWS; draw++) {
        draw_weights(k, &g);
        for (size_t i = 0; i < k->columns; i++)
            draw_candidate(&k->candidates[i], k);
        count_best(k, p);
    }
    for (size_t i = 0; i < k->columns; i++)
        p[i] /= STUDY_DRAWS;
    study_generator_free(&g);
    return true;
}

bool study_probability_best(const double *x, size_t columns, size_t seeds,
                            double *p)
{
    for (size_t i = 0; i < columns; i++)
        p[i] = NAN;
    if (columns == 0) return true;

    struct contest k = {.columns = columns, .seeds = seeds};
    k.candidates = calloc(columns, sizeof *k.candidates);
    k.weights = calloc(seeds + 1, sizeof *k.weights);
    k.widths = calloc(seeds + 1, sizeof *k.widths);
    bool good = k.candidates && k.weights && k.widths;
    if (good) {
        for (size_t i = 0; i < columns; i++)
            k.candidates[i] = meet(x + i * seeds, seeds);
        if (is_contest(&k)) good = hold(&k, p);
    }
    free(k.candidates);
    free(k.weights);
    free(k.widths);
    return good;
}
