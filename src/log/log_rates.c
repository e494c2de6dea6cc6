/* From the rates that a log holds to those of every step. A law adds rates up
 * and looks at how they change, so that it matters where between two rows a
 * decay began or a rate jumped: straight lines between rows give losses that
 * are off by more than runs differ. */
#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "log/loss_log.h"

/* What rates are compared with, as a share of the largest; and of the error of
 * a straight line, how much a cubic must remove to be believed. */
#define NEAR 1e-6
#define BETTER 0.1

/* What a log holds. */
struct knots {
    const int64_t *at;
    const double *y;
    size_t n;
    double near; /* rates that differ by less are the same */
    double most; /* no curve between rates goes further */
};

/* A curve through some of the knots. */
struct curve {
    enum { NO_CURVE, LINE, GEOMETRIC, CUBIC } kind;
    size_t first; /* of the knots that it goes through: 2, or 4 for CUBIC */
};

/* ---------------------------------------------------------------- curves */

static double line_at(const struct knots *k, size_t i, double x)
{
    const double x0 = (double)k->at[i], x1 = (double)k->at[i + 1];
    return k->y[i] + (k->y[i + 1] - k->y[i]) * ((x - x0) / (x1 - x0));
}

static double geometric_at(const struct knots *k, size_t i, double x)
{
    const double x0 = (double)k->at[i], x1 = (double)k->at[i + 1];
    return k->y[i] * pow(k->y[i + 1] / k->y[i], (x - x0) / (x1 - x0));
}

/* Lagrange's polynomial through the knots i to i + 3. */
static double cubic_at(const struct knots *k, size_t i, double x)
{
    double sum = 0;
    for (size_t j = i; j < i + 4; j++) {
        double term = k->y[j];
        for (size_t m = i; m < i + 4; m++)
            if (m != j)
                term *= (x - (double)k->at[m]) / (double)(k->at[j] - k->at[m]);
        sum += term;
    }
    return sum;
}

static double curve_at(const struct knots *k, const struct curve *c, double x)
{
    if (c->kind == LINE) return line_at(k, c->first, x);
    if (c->kind == GEOMETRIC) return geometric_at(k, c->first, x);
    return cubic_at(k, c->first, x);
}

/* Whether a curve goes through a knot that it was not made of. A cubic is only
 * believed where a line through its last two knots `line` is worse by far. */
static bool goes_through(const struct knots *k, const struct curve *c,
                         size_t line, size_t knot)
{
    const double x = (double)k->at[knot], y = k->y[knot];
    double near = k->near;
    if (c->kind == CUBIC)
        near = fmax(near, BETTER * fabs(line_at(k, line, x) - y));
    return fabs(curve_at(k, c, x) - y) <= near;
}

/* The curve that the knots from `end` to one side lie on: the simplest that
 * also goes through the knot after those that it is made of. Two knots at the
 * end of the log are taken for a line. */
static struct curve side_curve(const struct knots *k, size_t end, bool left)
{
    const struct curve none = {NO_CURVE, 0};
    const size_t there = left ? end + 1 : k->n - end; /* knots on this side */
    if (there < 2) return none;
    const size_t pair = left ? end - 1 : end;
    const struct curve line = {LINE, pair}, geometric = {GEOMETRIC, pair};
    if (there == 2) return line;
    const size_t third = left ? end - 2 : end + 2;
    if (goes_through(k, &line, pair, third)) return line;
    if (k->y[pair] > 0 && k->y[pair + 1] > 0 &&
        goes_through(k, &geometric, pair, third))
        return geometric;
    if (there < 5) return none;
    const struct curve cubic = {CUBIC, left ? end - 3 : end};
    const size_t fifth = left ? end - 4 : end + 4;
    return goes_through(k, &cubic, pair, fifth) ? cubic : none;
}

/* ---------------------------------------------------------------- filling */

/* A rate, wherever a curve leads. */
static double bounded(const struct knots *k, double rate)
{
    return fmin(fmax(rate, 0.0), k->most);
}

/* out[from .. to) = the curve. */
static void fill(const struct knots *k, const struct curve *c, int64_t from,
                 int64_t to, double *out)
{
    for (int64_t t = from; t < to; t++)
        out[t] = bounded(k, curve_at(k, c, (double)t));
}

/* The curve through the knots i and i + 1 that is like those of its sides which
 * go on over both; a cubic also goes through the knots beside them, on those
 * sides. */
static struct curve through(const struct knots *k, size_t i, struct curve left,
                            struct curve right)
{
    const struct curve like = left.kind ? left : right;
    if (like.kind != CUBIC) return (struct curve){like.kind, i};
    size_t first = !right.kind ? i - 2 : left.kind ? i - 1 : i;
    if (first + 4 > k->n) first = k->n - 4;
    return (struct curve){CUBIC, first};
}

/* The first step after `a`, up to `b`, at which two curves have crossed; b if
 * they do not: then the rate jumps there. */
static int64_t crossing(const struct knots *k, const struct curve *left,
                        const struct curve *right, int64_t a, int64_t b)
{
    const double x = (double)a;
    const bool above = curve_at(k, left, x) > curve_at(k, right, x);
    for (int64_t t = a + 1; t < b; t++) {
        const double l = curve_at(k, left, (double)t);
        const double r = curve_at(k, right, (double)t);
        if (above ? l <= r : l >= r) return t;
    }
    return b;
}

/* Fills the steps after knot i and before knot i + 1. */
static void fill_between(const struct knots *k, size_t i, double *out)
{
    const struct curve none = {NO_CURVE, 0};
    const int64_t a = k->at[i], b = k->at[i + 1];
    struct curve both = {LINE, i};
    if (b - a < 2) return;
    const struct curve left = side_curve(k, i, true);
    const struct curve right = side_curve(k, i + 1, false);
    const bool left_goes_on = left.kind && goes_through(k, &left, i - 1, i + 1);
    const bool right_goes_on = right.kind && goes_through(k, &right, i + 1, i);
    if (k->y[i] != k->y[i + 1] && (left_goes_on || right_goes_on))
        both = through(k, i, left_goes_on ? left : none,
                       right_goes_on ? right : none);
    else if (k->y[i] != k->y[i + 1] && left.kind && right.kind) {
        const int64_t cross = crossing(k, &left, &right, a, b);
        fill(k, &left, a + 1, cross, out);
        fill(k, &right, cross, b, out);
        return;
    }
    fill(k, &both, a + 1, b, out);
}

/* Fills the steps before the first knot: a line or a geometric curve that the
 * first rates lie on goes on, anything else begins with the first rate. */
static void fill_before(const struct knots *k, double *out)
{
    const struct curve c = side_curve(k, 0, false);
    const bool known = k->n > 2 && (c.kind == LINE || c.kind == GEOMETRIC);
    for (int64_t t = 0; t < k->at[0]; t++)
        out[t] = known ? bounded(k, curve_at(k, &c, (double)t)) : k->y[0];
}

void log_rates_fill(const int64_t *at, const double *logged, size_t n,
                    double *out, size_t steps)
{
    struct knots k = {at, logged, 0, 0, 0};
    double peak = 0;
    /* Knots behind the last step only matter as neighbours of those before. */
    while (k.n < n && (size_t)at[k.n] < steps)
        peak = fmax(peak, logged[k.n++]);
    k.near = NEAR * peak;
    k.most = fmin(2 * peak, DBL_MAX);
    for (size_t t = 0; k.n == 0 && t < steps; t++)
        out[t] = logged[0];
    if (k.n == 0) return;
    fill_before(&k, out);
    for (size_t i = 0; i < k.n; i++) {
        out[at[i]] = logged[i];
        if (i + 1 < k.n) fill_between(&k, i, out);
    }
    for (size_t t = (size_t)at[k.n - 1] + 1; t < steps; t++)
        out[t] = logged[k.n - 1];
}

void log_rates_warm_up(int64_t warmup, double rate, double *out, int64_t first)
{
    for (int64_t t = 0; t < first; t++)
        out[t] = t < warmup ? rate * ((double)t / (double)(warmup - 1)) : rate;
}
