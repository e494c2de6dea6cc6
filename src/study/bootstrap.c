/* The studentised bootstrap: see study_bootstrap_interval in statistics.h.
 *
 * A resample is a list of how often it holds each value. It gives a t
 * statistic, and the quantiles of these take the place of Student's. */
#include "study/statistics.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>

#include "study/generator.h"

/* The t statistic of one resample and the probability of drawing it. */
struct weighted {
    double t, weight;
};

/* The statistics of resamples, as they are gathered. */
struct resamples {
    const double *x; /* [n], borrowed */
    size_t n;
    double mean;           /* of x */
    struct weighted *list; /* [count], room for all */
    size_t count;
    double weight; /* of all in the list */
};

/* Adds the resample that holds x[i] counts[i] times. One that holds a single
 * value has no spread to divide by, and says nothing. */
static void add_resample(struct resamples *r, const unsigned *counts,
                         double weight)
{
    const double n = (double)r->n;
    double mean = 0.0, squares = 0.0;
    for (size_t i = 0; i < r->n; i++)
        mean += counts[i] * (r->x[i] - r->mean);
    mean /= n;
    for (size_t i = 0; i < r->n; i++) {
        const double d = r->x[i] - r->mean - mean;
        squares += counts[i] * d * d;
    }
    if (!(squares > 0.0)) return;
    const double error = sqrt(squares / (n - 1.0) / n);
    r->list[r->count++] = (struct weighted){mean / error, weight};
    r->weight += weight;
}

/* Adds every way to share `left` draws among the values from `place` on.
 * `weight` is 1 over the factorials of the counts so far: what is left of the
 * multinomial probability but for a factor that all resamples share. */
static void add_all(struct resamples *r, unsigned *counts, size_t place,
                    unsigned left, double weight)
{
    if (place + 1 == r->n) {
        counts[place] = left;
        add_resample(r, counts, weight / gsl_sf_fact(left));
        return;
    }
    for (unsigned k = 0; k <= left; k++) {
        counts[place] = k;
        add_all(r, counts, place + 1, left - k, weight / gsl_sf_fact(k));
    }
}

/* Adds STUDY_RESAMPLES drawn resamples. False if memory runs out. */
static bool add_drawn(struct resamples *r, unsigned *counts)
{
    gsl_rng g;
    if (!study_generator_start(&g, 1)) return false;
    for (size_t k = 0; k < STUDY_RESAMPLES; k++) {
        for (size_t i = 0; i < r->n; i++)
            counts[i] = 0;
        for (size_t i = 0; i < r->n; i++)
            counts[gsl_rng_uniform_int(&g, (unsigned long)r->n)]++;
        add_resample(r, counts, 1.0);
    }
    study_generator_free(&g);
    return true;
}

static int by_t(const void *a, const void *b)
{
    const struct weighted *x = a, *y = b;
    return (x->t > y->t) - (x->t < y->t);
}

/* The smallest t that at least the share p of the sorted list does not
 * exceed; the list is not empty. */
static double quantile(const struct resamples *r, double p)
{
    double below = 0.0;
    for (size_t k = 0; k + 1 < r->count; k++) {
        below += r->list[k].weight;
        if (below >= p * r->weight) return r->list[k].t;
    }
    return r->list[r->count - 1].t;
}

/* How many resamples there may be: all C(2n - 1, n) different ones, or the
 * drawn ones. */
static size_t most_resamples(size_t n)
{
    if (n > STUDY_RESAMPLE_ALL) return STUDY_RESAMPLES;
    return (size_t)(gsl_sf_choose((unsigned)(2 * n - 1), (unsigned)n) + 0.5);
}

/* Fills the list, whose memory and that of `counts` is the caller's. */
static bool gather(struct resamples *r, unsigned *counts)
{
    if (!r->list || !counts) return false;
    if (r->n > STUDY_RESAMPLE_ALL) {
        if (!add_drawn(r, counts)) return false;
    } else {
        add_all(r, counts, 0, (unsigned)r->n, 1.0);
    }
    qsort(r->list, r->count, sizeof *r->list, by_t);
    return r->count > 0;
}

struct study_interval study_bootstrap_interval(const double *x, size_t n)
{
    struct study_interval out = {NAN, NAN};
    if (n < STUDY_BOOTSTRAP_LEAST) return out;
    const struct study_moments m = study_moments(x, n);
    if (m.std == 0.0) return (struct study_interval){m.mean, m.mean};

    unsigned *counts = calloc(n, sizeof *counts);
    struct resamples r = {.x = x, .n = n, .mean = m.mean};
    r.list = calloc(most_resamples(n), sizeof *r.list);
    if (gather(&r, counts)) {
        const double error = m.std / sqrt((double)n);
        const double tail = (1.0 - STUDY_CONFIDENCE) / 2.0;
        out.low = m.mean - quantile(&r, 1.0 - tail) * error;
        out.high = m.mean - quantile(&r, tail) * error;
    }
    free(r.list);
    free(counts);
    return out;
}
