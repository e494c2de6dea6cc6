/* The learning-rate range test: see range_test.h. */
#include "study/range_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A loss of so many times the best has diverged. */
#define DIVERGED 4.0

/* Half the width of a neighbourhood, in decades, where points are dense; and
 * the points that a wider one has to hold where they are not. */
#define WIDTH 0.5
#define FEWEST 5

/* Points of the curve in a decade that the rules look at, and the most that
 * they look at: rates are read to 6 %, finer than anybody tunes them. */
#define GRID_DECADE 40.0
#define GRID_MOST 2000

/* Points that a pooled curve has at most: more are averaged in groups. */
#define POOLED_MOST ((size_t)1024)

/* The shares of the gain that the rules ask for. */
#define HALF 0.5
#define FLOOR 0.95

/* A gain counts from so many standard errors of a smoothed value before
 * anything was learnt: the best of the ten to twenty neighbourhoods of a sweep
 * is found three or so below the mean by chance alone, and the noise that it is
 * held against is itself read off some twenty points. And from so many of the
 * best value's own, which a few lucky agents do not reach. Of 4000 sweeps of
 * noise two then count. */
#define STANDS_OUT 8.0
#define OWN_NOISE 4.0

/* ---- one sweep ---- */

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of the last values of a sweep that has as many. */
static double last_median(const struct study_sweep *s)
{
    double v[STUDY_RANGE_WINDOW];
    for (size_t i = 0; i < STUDY_RANGE_WINDOW; i++)
        v[i] = s->points[s->count - 1 - i].value;
    qsort(v, STUDY_RANGE_WINDOW, sizeof v[0], compare_numbers);
    return v[STUDY_RANGE_WINDOW / 2];
}

/* From the lowest to the highest of the first values. */
static double first_spread(const struct study_sweep *s)
{
    double low = s->points[0].value, high = low;
    for (size_t i = 1; i < STUDY_RANGE_WINDOW; i++) {
        low = fmin(low, s->points[i].value);
        high = fmax(high, s->points[i].value);
    }
    return high - low;
}

/* The loss from which a sweep has diverged. A loss may be negative, a
 * likelihood's for one; then four times the best means nothing, and three times
 * its size above it is what it is for positive ones. */
static double limit_of(const struct study_sweep *s)
{
    return s->best + (DIVERGED - 1.0) * fabs(s->best);
}

/* An agent has lost what it learnt when it does worse than before; noise alone
 * does that to one that has not learnt anything. */
static bool collapsed(const struct study_sweep *s, double now)
{
    return now < s->first && s->best - s->first > 3.0 * first_spread(s);
}

static enum study_sweep_state judge_last(struct study_sweep *s)
{
    if (s->count < STUDY_RANGE_WINDOW) return STUDY_SWEEP_ON;
    const double now = last_median(s);
    if (s->count == STUDY_RANGE_WINDOW) s->first = s->best = now;
    if (s->maximize ? now >= s->best : now <= s->best) {
        s->best = now;
        s->best_at = s->count - 1;
    }
    const bool lost = s->maximize ? collapsed(s, now) : now > limit_of(s);
    return lost ? STUDY_SWEEP_DIVERGED : STUDY_SWEEP_ON;
}

static bool keep(struct study_sweep *s, const struct study_range_point *p)
{
    if (s->count == s->capacity) {
        const size_t more = s->capacity ? 2 * s->capacity : 256;
        struct study_range_point *const points =
            more > SIZE_MAX / sizeof *points
                ? NULL
                : realloc(s->points, more * sizeof *points);
        if (!points) return false;
        s->points = points;
        s->capacity = more;
    }
    s->points[s->count++] = *p;
    return true;
}

enum study_sweep_state study_sweep_add(struct study_sweep *s,
                                       struct study_range_point p)
{
    if (s->state != STUDY_SWEEP_ON) return s->state;
    if (!isfinite(p.value))
        s->state = STUDY_SWEEP_DIVERGED;
    else
        s->state = keep(s, &p) ? judge_last(s) : STUDY_SWEEP_NO_MEMORY;
    return s->state;
}

void study_sweep_clear(struct study_sweep *s)
{
    free(s->points);
    *s = (struct study_sweep){.maximize = s->maximize};
}

/* ---- pooling ---- */

static int compare_rates(const void *a, const void *b)
{
    const struct study_range_point *const p = a, *const q = b;
    if (p->rate != q->rate) return p->rate < q->rate ? -1 : 1;
    return (p->value > q->value) - (p->value < q->value);
}

static double last_rate(const struct study_sweep *s)
{
    return s->count ? s->points[s->count - 1].rate : 0.0;
}

/* The points of one sweep, none after its best above its limit. */
static void add_points(struct study_range_curve *c, const struct study_sweep *s)
{
    const bool bounded = !s->maximize && s->count >= STUDY_RANGE_WINDOW;
    for (size_t i = 0; i < s->count; i++) {
        struct study_range_point p = s->points[i];
        if (bounded && i > s->best_at) p.value = fmin(p.value, limit_of(s));
        c->points[c->count++] = p;
    }
}

/* What a sweep that diverged would have given at the larger rates of the
 * longest one. */
static void add_rest(struct study_range_curve *c, const struct study_sweep *s,
                     const struct study_sweep *longest)
{
    if (s->state != STUDY_SWEEP_DIVERGED || s->count < STUDY_RANGE_WINDOW)
        return;
    double value = last_median(s), weight = 0.0;
    if (!s->maximize) value = limit_of(s);
    for (size_t i = 0; i < s->count; i++)
        weight += s->points[i].weight / (double)s->count;
    for (size_t i = 0; i < longest->count; i++) {
        struct study_range_point p = longest->points[i];
        if (p.rate <= last_rate(s)) continue;
        p.value = value;
        p.weight = weight;
        c->points[c->count++] = p;
    }
}

/* Puts `n` neighbouring points into one. */
static struct study_range_point merged(const struct study_range_point *p,
                                       size_t n)
{
    struct study_range_point sum = {.step = p[0].step};
    double decades = 0.0; /* from the first, for a mean that is exact for 1 */
    for (size_t i = 0; i < n; i++) {
        decades += p[i].weight * log10(p[i].rate / p[0].rate);
        sum.value += p[i].weight * p[i].value;
        sum.weight += p[i].weight;
    }
    sum.value /= sum.weight;
    sum.rate = p[0].rate * pow(10.0, decades / sum.weight);
    return sum;
}

static void merge_points(struct study_range_curve *c)
{
    const size_t group = (c->count - 1) / POOLED_MOST + 1;
    if (group == 1) return;
    size_t kept = 0;
    for (size_t i = 0; i < c->count; i += group) {
        const size_t left = c->count - i;
        c->points[kept++] = merged(&c->points[i], left < group ? left : group);
    }
    c->count = kept;
}

/* Where points are sparse a neighbourhood is as wide as FEWEST of them. */
static double width_of(const struct study_range_curve *c)
{
    if (c->count < 2) return WIDTH;
    const double decades =
        log10(c->points[c->count - 1].rate / c->points[0].rate);
    return fmax(WIDTH, FEWEST * decades / (double)c->count);
}

bool study_range_pool(const struct study_sweep *sweeps, size_t count,
                      struct study_range_curve *out)
{
    *out = (struct study_range_curve){.width = WIDTH};
    const struct study_sweep *longest = sweeps;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        n += sweeps[i].count;
        if (last_rate(&sweeps[i]) > last_rate(longest)) longest = &sweeps[i];
    }
    if (n == 0) return true;
    n += count * longest->count;
    out->maximize = sweeps[0].maximize;
    out->points = calloc(n, sizeof *out->points);
    if (!out->points) return false;
    for (size_t i = 0; i < count; i++) {
        add_points(out, &sweeps[i]);
        if (&sweeps[i] != longest) add_rest(out, &sweeps[i], longest);
    }
    qsort(out->points, out->count, sizeof *out->points, compare_rates);
    merge_points(out);
    out->width = width_of(out);
    return true;
}

void study_range_clear(struct study_range_curve *c)
{
    free(c->points);
    *c = (struct study_range_curve){0};
}

/* ---- smoothing ---- */

/* Sums over a neighbourhood, of distances x in decades and values y. */
struct sums {
    double w, wx, wxx, wy, wxy;
    double ww, wwx, wwxx; /* of squared weights */
    size_t n;
};

static struct sums gather(const struct study_range_curve *c, double rate,
                          double width)
{
    struct sums s = {0};
    for (size_t i = 0; i < c->count; i++) {
        const struct study_range_point *const p = &c->points[i];
        const double x = log10(p->rate / rate), u = fabs(x) / width;
        if (!(u < 1.0)) continue;
        const double t = 1.0 - u * u * u, w = t * t * t * p->weight;
        s.w += w;
        s.wx += w * x;
        s.wxx += w * x * x;
        s.wy += w * p->value;
        s.wxy += w * x * p->value;
        s.ww += w * w;
        s.wwx += w * w * x;
        s.wwxx += w * w * x * x;
        s.n++;
    }
    return s;
}

/* Of a neighbourhood that is as wide as it must be to hold anything. */
static struct sums gather_some(const struct study_range_curve *c, double rate)
{
    double width = c->width;
    struct sums s = gather(c, rate, width);
    while (s.n < FEWEST && s.n < c->count) {
        width *= 2.0;
        s = gather(c, rate, width);
    }
    return s;
}

/* The determinant of the fit; 0 where all points lie at one rate. */
static double determinant(const struct sums *s)
{
    const double det = s->w * s->wxx - s->wx * s->wx;
    return det > 1e-9 * s->w * s->wxx ? det : 0.0;
}

/* The fitted line at x = 0, or the mean at a single rate. */
static double fitted(const struct sums *s)
{
    const double det = determinant(s);
    if (det <= 0.0) return s->wy / s->w;
    return (s->wxx * s->wy - s->wx * s->wxy) / det;
}

/* The variance of that where every y has the variance 1: it is a sum of all y,
 * each times w (wxx - wx x) / det. */
static double variance(const struct sums *s)
{
    const double det = determinant(s);
    if (det <= 0.0) return s->ww / (s->w * s->w);
    return (s->wxx * s->wxx * s->ww - 2.0 * s->wxx * s->wx * s->wwx +
            s->wx * s->wx * s->wwxx) /
           (det * det);
}

double study_range_at(const struct study_range_curve *c, double rate)
{
    if (c->count == 0) return NAN;
    const struct sums s = gather_some(c, rate);
    return fitted(&s);
}

/* ---- judging ---- */

/* The curve at rates with equal steps between their logarithms, turned so that
 * less is better. */
struct grid {
    double rate[GRID_MOST], value[GRID_MOST];
    size_t n;
};

static void fill_grid(const struct study_range_curve *c, struct grid *g)
{
    const double low = c->points[0].rate, high = c->points[c->count - 1].rate;
    const double decades = log10(high / low);
    g->n = (size_t)fmin(GRID_MOST, ceil(decades * GRID_DECADE) + 2.0);
    for (size_t i = 0; i < g->n; i++) {
        const double share = (double)i / (double)(g->n - 1);
        g->rate[i] = i + 1 < g->n ? low * pow(10.0, share * decades) : high;
        const double v = study_range_at(c, g->rate[i]);
        g->value[i] = c->maximize ? -v : v;
    }
}

static double mean_of(const double *v, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return sum / (double)n;
}

static size_t lowest(const struct grid *g)
{
    size_t best = 0;
    for (size_t i = 1; i < g->n; i++)
        if (g->value[i] < g->value[best]) best = i;
    return best;
}

/* The standard error of the smoothed value at `rate`, from how far the points
 * of its neighbourhood lie from the curve: an agent's returns scatter a hundred
 * times more when it has learnt something. */
static double error_at(const struct study_range_curve *c, double rate)
{
    const double factor = pow(10.0, c->width);
    double sum = 0.0, weight = 0.0;
    for (size_t i = 0; i < c->count; i++) {
        const struct study_range_point *const p = &c->points[i];
        if (p->rate < rate / factor || p->rate > rate * factor) continue;
        const double d = p->value - study_range_at(c, p->rate);
        sum += p->weight * d * d;
        weight += p->weight;
    }
    const struct sums s = gather_some(c, rate);
    return weight > 0.0 ? sqrt(sum / weight * variance(&s)) : 0.0;
}

/* Whether a gain is more than chance: against the noise of values from which
 * nothing was learnt yet, of which the best would be one if nothing ever was,
 * and against the best value's own. */
static bool stands_out(const struct study_range_curve *c, const struct grid *g,
                       size_t best, double gain, double noise)
{
    const size_t tenth = 1 + g->n / 10;
    return best >= tenth && gain > OWN_NOISE * noise &&
           gain > STANDS_OUT * error_at(c, g->rate[tenth]);
}

/* The rate half way between two, in decades. */
static double between(double a, double b)
{
    return sqrt(a) * sqrt(b);
}

/* Fills in the rates, given the lowest point and a level that is `start` where
 * nothing is gained and `start - gain` there. */
static void find_rates(const struct grid *g, size_t best, double start,
                       double gain, struct study_range_verdict *v)
{
    size_t half = best, from = best, to = best;
    while (half > 0 && g->value[half - 1] <= start - HALF * gain)
        half--;
    while (from > 0 && g->value[from - 1] <= start - FLOOR * gain)
        from--;
    while (to + 1 < g->n && g->value[to + 1] <= start - FLOOR * gain)
        to++;
    v->half_rate = g->rate[half];
    v->floor_from = g->rate[from];
    v->floor_to = g->rate[to];
    v->best_rate = g->rate[best];
    v->open = to + 1 == g->n;
    v->rate[STUDY_RANGE_MIDWAY] =
        between(v->half_rate, between(v->floor_from, v->floor_to));
    v->rate[STUDY_RANGE_TENTH] = v->best_rate / 10.0;
}

static void judge_grid(const struct study_range_curve *c, const struct grid *g,
                       struct study_range_verdict *v)
{
    const size_t best = lowest(g), tenth = 1 + g->n / 10;
    const double start = mean_of(g->value, tenth);
    const double gain = start - g->value[best];
    v->start = c->maximize ? -start : start;
    v->best = c->maximize ? -g->value[best] : g->value[best];
    v->noise = error_at(c, g->rate[best]);
    if (!stands_out(c, g, best, gain, v->noise)) {
        v->outcome = STUDY_RANGE_NO_GAIN;
        return;
    }
    v->outcome = STUDY_RANGE_FOUND;
    v->early = g->value[0] - g->value[tenth] > fmax(0.1 * gain, 3.0 * v->noise);
    find_rates(g, best, start, gain, v);
}

struct study_range_verdict study_range_judge(const struct study_range_curve *c)
{
    struct study_range_verdict v = {.outcome = STUDY_RANGE_TOO_FEW,
                                    .start = NAN,
                                    .best = NAN,
                                    .noise = NAN};
    if (c->count < STUDY_RANGE_LEAST ||
        !(c->points[c->count - 1].rate > c->points[0].rate))
        return v;
    struct grid g = {.n = 0};
    fill_grid(c, &g);
    judge_grid(c, &g, &v);
    return v;
}

const char *study_range_rule_name(enum study_range_rule rule)
{
    static const char *const names[STUDY_RANGE_RULES] = {"midway", "tenth"};
    return names[rule];
}
