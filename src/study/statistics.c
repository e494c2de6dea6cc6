/* Moments, Student's t, pairs and Holm's correction: see statistics.h. */
#include "study/statistics.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>

static const struct study_interval unknown = {NAN, NAN};

/* The largest magnitude among n values. */
static double largest(const double *x, size_t n)
{
    double most = 0.0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

/* What differences of values of this magnitude are by rounding alone: metrics
 * are printed as decimals and averaged, so equal ones differ in their last
 * bits. */
static double rounding(double magnitude)
{
    return 16.0 * DBL_EPSILON * magnitude;
}

/* Moments of n values that come from numbers of this magnitude. */
static struct study_moments moments_within(const double *x, size_t n,
                                           double magnitude)
{
    struct study_moments m = {n, NAN, NAN};
    if (n > 0) m.mean = gsl_stats_mean(x, 1, n);
    if (n > 1) m.std = gsl_stats_sd_m(x, 1, n, m.mean);
    if (m.std <= rounding(magnitude)) m.std = 0.0;
    return m;
}

struct study_moments study_moments(const double *x, size_t n)
{
    return moments_within(x, n, largest(x, n));
}

struct study_interval study_t_interval(struct study_moments m)
{
    if (m.n < 2 || !isfinite(m.std)) return unknown;
    const double upper = 0.5 + STUDY_CONFIDENCE / 2.0;
    const double n = (double)m.n;
    const double half = gsl_cdf_tdist_Pinv(upper, n - 1.0) * m.std / sqrt(n);
    return (struct study_interval){m.mean - half, m.mean + half};
}

/* How many of the 2^n sums of +-d have at least the magnitude of the sum as it
 * is, as a share of all. Sums that are equal but for rounding count. */
static double flip_share(const double *d, size_t n, double magnitude)
{
    double observed = 0.0;
    for (size_t i = 0; i < n; i++)
        observed += d[i];
    const double least = fabs(observed) - (double)n * rounding(magnitude);

    const unsigned long all = 1ul << n;
    unsigned long as_far = 0;
    for (unsigned long signs = 0; signs < all; signs++) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i++)
            sum += signs >> i & 1 ? -d[i] : d[i];
        as_far += fabs(sum) >= least;
    }
    return (double)as_far / (double)all;
}

/* Exact p-value of the sign flips. Equal differences need no counting: only
 * two of the flips leave them all on one side. */
static double flip_p(const double *d, struct study_moments m, double magnitude)
{
    if (m.n == 0) return NAN;
    if (m.std == 0.0) return m.mean == 0.0 ? 1.0 : exp2(1.0 - (double)m.n);
    if (m.n > STUDY_FLIP_MOST) return NAN;
    return flip_share(d, m.n, magnitude);
}

/* Fills in what the differences d[n] of values of this magnitude show. */
static struct study_paired test_differences(const double *d, size_t n,
                                            double magnitude)
{
    struct study_paired out = {.t = NAN, .p_t = NAN, .p = NAN};
    out.difference = moments_within(d, n, magnitude);
    out.interval = study_t_interval(out.difference);
    out.p_flip = flip_p(d, out.difference, magnitude);
    if (n < 2) return out;

    if (out.difference.std > 0.0) {
        const double count = (double)n;
        out.t = out.difference.mean / (out.difference.std / sqrt(count));
        out.p_t = 2.0 * gsl_cdf_tdist_Q(fabs(out.t), count - 1.0);
    }
    out.p = isnan(out.p_t) ? out.p_flip : out.p_t;
    return out;
}

struct study_paired study_paired(const double *a, const double *b, size_t n)
{
    const double magnitude = fmax(largest(a, n), largest(b, n));
    double *d = calloc(n ? n : 1, sizeof *d);
    if (!d) return test_differences(NULL, 0, 0.0);

    for (size_t i = 0; i < n; i++) {
        d[i] = a[i] - b[i];
        if (fabs(d[i]) <= rounding(magnitude)) d[i] = 0.0;
    }
    const struct study_paired out = test_differences(d, n, magnitude);
    free(d);
    return out;
}

/* A p-value that remembers where it stood. */
struct ranked {
    double p;
    size_t place;
};

static int by_p(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return (x->p > y->p) - (x->p < y->p);
}

bool study_holm(double *p, size_t n)
{
    struct ranked *sorted = calloc(n ? n : 1, sizeof *sorted);
    if (!sorted) {
        for (size_t i = 0; i < n; i++)
            p[i] = NAN;
        return false;
    }
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(p[i])) sorted[count++] = (struct ranked){p[i], i};
    qsort(sorted, count, sizeof *sorted, by_p);

    /* Each step has one hypothesis fewer to guard; none may be rejected that
     * comes after one that is not. */
    double most = 0.0;
    for (size_t k = 0; k < count; k++) {
        most = fmax(most, fmin(1.0, (double)(count - k) * sorted[k].p));
        p[sorted[k].place] = most;
    }
    free(sorted);
    return true;
}
