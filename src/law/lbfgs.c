/* L-BFGS with a line search for the strong Wolfe conditions. */
#include "law/lbfgs.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What a step must bring: this share of the decrease that the slope promises,
 * and a slope that much smaller. The usual values for quasi-Newton methods. */
#define DECREASE 1e-4
#define CURVATURE 0.9

/* Trials along one direction. Each at least halves what is left in the end, so
 * that more of them would compare values that rounding decides. */
#define TRIALS 40

/* A search in progress, whose vectors lie in one block of memory. */
struct walk {
    const struct law_lbfgs *search;
    double *block;
    double *x;         /* [n] where it is; the caller's */
    double *gradient;  /* [n] there */
    double *direction; /* [n] */
    double *trial;     /* [n] */
    double *slope;     /* [n] gradient at the trial */
    double *step;      /* [history, n] x_{i+1} - x_i */
    double *change;    /* [history, n] difference of the gradients */
    double *weight;    /* [history] 1 / (step . change) */
    double *share;     /* [history] of the first loop of the product */
    size_t pairs;      /* remembered */
    size_t next;       /* slot that the next pair takes */
    double value;
    int evaluations;
};

/* A point along the direction. */
struct point {
    double at;    /* multiple of the direction */
    double value; /* may be infinite */
    double slope; /* derivative along the direction */
};

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void add_multiple(double *y, double a, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += a * x[i];
}

static double largest(const double *x, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

static bool walk_begin(struct walk *w, const struct law_lbfgs *search,
                       double *x)
{
    const size_t n = search->n, m = search->history;
    memset(w, 0, sizeof *w);
    if (m > SIZE_MAX / sizeof(double) / (2 * n + 7)) return false;
    w->block = malloc((4 * n + 2 * m * n + 2 * m) * sizeof *w->block);
    if (!w->block) return false;
    double *at = w->block;
    double **const vectors[] = {&w->gradient, &w->direction, &w->trial,
                                &w->slope};
    for (size_t i = 0; i < 4; i++, at += n)
        *vectors[i] = at;
    w->step = at;
    w->change = at + m * n;
    w->weight = at + 2 * m * n;
    w->share = w->weight + m;
    w->search = search;
    w->x = x;
    return true;
}

/* The slot of pair i, where 0 is the latest. */
static size_t slot(const struct walk *w, size_t i)
{
    const size_t m = w->search->history;
    return (w->next + m - 1 - i) % m;
}

/* Direction = -H gradient, with H as the remembered pairs make it out of a
 * multiple of the identity. */
static void aim(struct walk *w)
{
    const size_t n = w->search->n;
    double *d = w->direction;
    for (size_t i = 0; i < n; i++)
        d[i] = -w->gradient[i];
    for (size_t i = 0; i < w->pairs; i++) {
        const size_t k = slot(w, i);
        w->share[k] = w->weight[k] * dot(w->step + k * n, d, n);
        add_multiple(d, -w->share[k], w->change + k * n, n);
    }
    if (w->pairs > 0) {
        const size_t k = slot(w, 0);
        const double *y = w->change + k * n;
        const double scale = 1 / (w->weight[k] * dot(y, y, n));
        for (size_t i = 0; i < n; i++)
            d[i] *= scale;
    }
    for (size_t i = w->pairs; i-- > 0;) {
        const size_t k = slot(w, i);
        const double b = w->weight[k] * dot(w->change + k * n, d, n);
        add_multiple(d, w->share[k] - b, w->step + k * n, n);
    }
}

/* Evaluates at a multiple of the direction: fills trial and slope. */
static struct point try_at(struct walk *w, double at)
{
    const size_t n = w->search->n;
    for (size_t i = 0; i < n; i++)
        w->trial[i] = w->x[i] + at * w->direction[i];
    struct point p = {.at = at};
    p.value = w->search->objective(w->search->ctx, w->trial, w->slope);
    p.slope = dot(w->slope, w->direction, n);
    w->evaluations++;
    if (!isfinite(p.value) || !isfinite(p.slope)) p.value = INFINITY;
    return p;
}

/* Where the cubic through two points with their slopes has its minimum; NaN if
 * it has none. Nocedal and Wright, equation 3.59. */
static double cubic_minimum(struct point a, struct point b)
{
    const double d1 =
        a.slope + b.slope - 3 * (a.value - b.value) / (a.at - b.at);
    const double root = sqrt(d1 * d1 - a.slope * b.slope);
    const double d2 = b.at > a.at ? root : -root;
    return b.at -
           (b.at - a.at) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
}

/* The next multiple to try: beyond `low` where nothing bounds it yet, or
 * between the two, not nearer to either than a tenth. */
static double next_multiple(struct point low, struct point high,
                            struct point before, bool bounded)
{
    if (!bounded) {
        const double guess = cubic_minimum(before, low);
        const double least = 2 * low.at, most = 10 * low.at;
        return guess > least ? fmin(guess, most) : least;
    }
    const double width = high.at - low.at;
    double guess = isfinite(high.value) ? cubic_minimum(low, high) : NAN;
    const double share = (guess - low.at) / width;
    if (!(share > 0.1)) return low.at + (isnan(share) ? 0.5 : 0.1) * width;
    return share < 0.9 ? guess : low.at + 0.9 * width;
}

/* Finds a multiple of the direction that meets the conditions, or failing that
 * the best one seen. On success trial and slope are those of *out. */
static bool search_line(struct walk *w, double first, struct point *out)
{
    const struct point start = {0, w->value,
                                dot(w->gradient, w->direction, w->search->n)};
    struct point low = start, high = start, before = start;
    bool bounded = false;
    if (!(start.slope < 0)) return false;

    double at = first;
    for (int i = 0; i < TRIALS; i++) {
        const struct point p = try_at(w, at);
        if (!(p.value <= start.value + DECREASE * p.at * start.slope) ||
            (low.at > 0 && p.value >= low.value)) {
            high = p;
            bounded = true;
        } else if (fabs(p.slope) <= -CURVATURE * start.slope) {
            *out = p;
            return true;
        } else {
            if (bounded ? p.slope * (high.at - low.at) >= 0 : p.slope >= 0) {
                high = low;
                bounded = true;
            }
            before = low;
            low = p;
        }
        at = next_multiple(low, high, before, bounded);
        if (!isfinite(at) || at == low.at || at == high.at) break;
    }
    if (low.at == 0) return false;
    *out = try_at(w, low.at);
    return true;
}

/* Remembers the step from x to the trial, unless it says nothing about the
 * curvature, and goes there. */
static void accept(struct walk *w, double value)
{
    const size_t n = w->search->n, k = w->next;
    double *s = w->step + k * n, *y = w->change + k * n;
    for (size_t i = 0; i < n; i++) {
        s[i] = w->trial[i] - w->x[i];
        y[i] = w->slope[i] - w->gradient[i];
    }
    const double along = dot(s, y, n);
    if (along > 1e-16 * dot(y, y, n) && isfinite(1 / along)) {
        w->weight[k] = 1 / along;
        w->next = (k + 1) % w->search->history;
        if (w->pairs < w->search->history) w->pairs++;
    }
    memcpy(w->x, w->trial, n * sizeof *w->x);
    memcpy(w->gradient, w->slope, n * sizeof *w->gradient);
    w->value = value;
}

/* One iteration. Returns false when no direction leads down. */
static bool advance(struct walk *w)
{
    struct point p;
    for (;;) {
        aim(w);
        /* Without knowledge of the curvature, a step of length 1. */
        const double size =
            w->pairs ? 1 : sqrt(dot(w->gradient, w->gradient, w->search->n));
        if (search_line(w, 1 / fmax(size, 1), &p)) break;
        if (w->pairs == 0) return false;
        w->pairs = 0;
    }
    accept(w, p.value);
    return true;
}

bool law_lbfgs_minimise(const struct law_lbfgs *search, double *x,
                        struct law_minimum *out)
{
    struct walk w;
    memset(out, 0, sizeof *out);
    if (!walk_begin(&w, search, x)) return false;

    w.value = search->objective(search->ctx, x, w.gradient);
    w.evaluations = 1;
    const bool usable = isfinite(w.value);
    while (usable && !out->converged && out->iterations < search->iterations) {
        const double before = w.value;
        if (largest(w.gradient, search->n) <= search->gradient_limit ||
            !advance(&w)) {
            out->converged = true;
            break;
        }
        out->iterations++;
        out->converged =
            before - w.value <= search->value_change * fabs(w.value);
    }
    out->value = w.value;
    out->evaluations = w.evaluations;
    free(w.block);
    return true;
}
