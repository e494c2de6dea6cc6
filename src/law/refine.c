/* A refined schedule from the gradient norms of a run: a running median, and
 * the schedule that theory holds best for norms like these. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "law/bound.h"
#include "law/law.h"

/* ---------------------------------------------------------- running median */

/* A window that slides over values. It holds how often each of the run's
 * values, in order of size, is in it, as a tree of partial counts (Fenwick,
 * Software: Practice and Experience 24, 1994): in and out cost O(log n), and
 * so does the median, however wide the window. */
struct window {
    size_t n;
    size_t half;    /* the window has 2 half + 1 places */
    struct ranked { /* [n] by size, then by place: one order, whatever sorts */
        double value;
        size_t place;
    } * sorted;
    size_t *rank; /* [n] of each place in that order, from 1 */
    size_t *tree; /* [n + 1] */
};

static int compare(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static void window_end(struct window *w)
{
    free(w->sorted);
    free(w->rank);
    free(w->tree);
}

static bool window_begin(struct window *w, const double *values, size_t n,
                         size_t half)
{
    *w = (struct window){.n = n, .half = half};
    w->sorted = malloc(n * sizeof *w->sorted);
    w->rank = malloc(n * sizeof *w->rank);
    w->tree = calloc(n + 1, sizeof *w->tree);
    if (!w->sorted || !w->rank || !w->tree) return false;
    for (size_t i = 0; i < n; i++)
        w->sorted[i] = (struct ranked){values[i], i};
    qsort(w->sorted, n, sizeof *w->sorted, compare);
    for (size_t i = 0; i < n; i++)
        w->rank[w->sorted[i].place] = i + 1;
    return true;
}

/* Adds `count`, modulo the range of size_t, to the place that `at` reads:
 * before the run the first, after it the last ones mirrored. */
static void window_count(struct window *w, int64_t at, size_t count)
{
    const int64_t last = (int64_t)w->n - 1;
    int64_t place = at < 0 ? 0 : at;
    if (last > 0) {
        place %= 2 * last;
        if (place > last) place = 2 * last - place;
    } else {
        place = 0;
    }
    for (size_t i = w->rank[place]; i <= w->n; i += i & (~i + 1))
        w->tree[i] += count;
}

static double window_median(const struct window *w)
{
    size_t left = w->half + 1, at = 0, bit = 1;
    while (bit <= w->n / 2)
        bit *= 2;
    for (; bit > 0; bit /= 2)
        if (at + bit <= w->n && w->tree[at + bit] < left) {
            at += bit;
            left -= w->tree[at];
        }
    return w->sorted[at].value;
}

static void slide(struct window *w, double *out)
{
    const int64_t half = (int64_t)w->half;
    for (int64_t i = -half; i < half; i++)
        window_count(w, i, 1);
    for (int64_t i = 0; i < (int64_t)w->n; i++) {
        window_count(w, i + half, 1);
        out[i] = window_median(w);
        window_count(w, i - half, (size_t)-1);
    }
}

taper_law_status taper_law_norms_smooth(const double *norms, size_t steps,
                                        double window, double *out,
                                        taper_law_error *err)
{
    if (steps == 0 || !norms)
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "no gradient norms are given");
    if (!(window >= 0.0 && window <= 1.0))
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "the window is a share of the run from 0 to 1, not %g",
                        window);
    taper_law_status status = law_norms_check(norms, steps, err);
    if (status) return status;
    struct window w;
    const double half = floor(window * (double)steps / 2.0);
    if (window_begin(&w, norms, steps, (size_t)half))
        slide(&w, out);
    else
        status = law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    window_end(&w);
    for (size_t i = 0; status == TAPER_LAW_OK && i < steps; i++)
        if (!(out[i] > 0.0))
            status = law_fail(err, TAPER_LAW_E_NORM, 0, i,
                              "the gradient norms around step %zu are 0", i);
    return status;
}

/* ------------------------------------------------------------ the schedule */

/* Turns norms, in place, into weights in multiples of the largest, so that
 * neither they nor their sums overflow. */
static void weigh(double *norms, size_t n, taper_law_norm kind)
{
    double least = INFINITY;
    for (size_t i = 0; i < n; i++)
        least = fmin(least, norms[i]);
    for (size_t i = 0; i < n; i++) {
        const double w = least / norms[i];
        norms[i] = kind == TAPER_LAW_NORM_SGD ? w * w : w;
    }
}

taper_law_status taper_law_refine(const double *norms, size_t steps,
                                  taper_law_norm kind, double window,
                                  double *out, taper_law_error *err)
{
    const taper_law_status status =
        taper_law_norms_smooth(norms, steps, window, out, err);
    if (status) return status;
    weigh(out, steps, kind);
    double later = 0.0, largest = 0.0;
    for (size_t i = steps; i-- > 0;) {
        const double weight = out[i];
        out[i] = weight * later;
        later += weight;
        largest = fmax(largest, out[i]);
    }
    if (steps == 1) {
        out[0] = 1.0;
        return TAPER_LAW_OK;
    }
    if (!(largest > 0.0))
        return law_fail(err, TAPER_LAW_E_NORM, 0, 0,
                        "the norms span more than can be computed with");
    for (size_t i = 0; i < steps; i++)
        out[i] /= largest;
    return TAPER_LAW_OK;
}
