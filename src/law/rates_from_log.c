/* From the rates that a log holds to those of every step. A law adds rates up
 * and looks at how they change, so that it matters where between two rows a
 * decay began or a rate jumped: straight lines between rows give losses that
 * are off by more than runs differ. */
#include <float.h>

#include "law/law.h"

/* What rates are compared with, as a share of the largest; and of the error of
 * a straight line, how much a cubic must remove to be believed. */
#define NEAR 1e-6
#define BETTER 0.1

/* What a log holds. */
struct rows {
    const int64_t *at;
    const double *y;
    size_t n;
    double near; /* rates that differ by less are the same */
    double most; /* no curve between rates goes further */
};

/* A curve through some of the rows. */
struct curve {
    enum { NO_CURVE, LINE, GEOMETRIC, CUBIC } kind;
    size_t first; /* of the rows that it goes through: 2, or 4 for CUBIC */
};

/* The rates that are filled in. */
struct filled {
    double *rate;
    int64_t steps;
};

/* ------------------------------------------------------------------ curves */

static double line_at(const struct rows *r, size_t i, double x)
{
    const double x0 = (double)r->at[i], x1 = (double)r->at[i + 1];
    return r->y[i] + (r->y[i + 1] - r->y[i]) * ((x - x0) / (x1 - x0));
}

static double geometric_at(const struct rows *r, size_t i, double x)
{
    const double x0 = (double)r->at[i], x1 = (double)r->at[i + 1];
    return r->y[i] * pow(r->y[i + 1] / r->y[i], (x - x0) / (x1 - x0));
}

/* Lagrange's polynomial through the rows i to i + 3. */
static double cubic_at(const struct rows *r, size_t i, double x)
{
    double sum = 0.0;
    for (size_t j = i; j < i + 4; j++) {
        double term = r->y[j];
        for (size_t m = i; m < i + 4; m++)
            if (m != j)
                term *= (x - (double)r->at[m]) / (double)(r->at[j] - r->at[m]);
        sum += term;
    }
    return sum;
}

static double curve_at(const struct rows *r, const struct curve *c, double x)
{
    if (c->kind == LINE) return line_at(r, c->first, x);
    if (c->kind == GEOMETRIC) return geometric_at(r, c->first, x);
    return cubic_at(r, c->first, x);
}

/* Whether a curve goes through a row that it was not made of. A cubic is only
 * believed where a line through the rows `line` and `line + 1` is worse by
 * far. */
static bool goes_through(const struct rows *r, const struct curve *c,
                         size_t line, size_t row)
{
    const double x = (double)r->at[row], y = r->y[row];
    double near = r->near;
    if (c->kind == CUBIC)
        near = fmax(near, BETTER * fabs(line_at(r, line, x) - y));
    return fabs(curve_at(r, c, x) - y) <= near;
}

/* The curve that the rows from `end` to one side lie on: the simplest that
 * also goes through the row after those that it is made of. Two rows at the
 * end of the log are taken for a line. */
static struct curve side_curve(const struct rows *r, size_t end, bool left)
{
    const struct curve none = {NO_CURVE, 0};
    const size_t there = left ? end + 1 : r->n - end; /* rows on this side */
    if (there < 2) return none;
    const size_t pair = left ? end - 1 : end;
    const struct curve line = {LINE, pair}, geometric = {GEOMETRIC, pair};
    if (there == 2) return line;
    const size_t third = left ? end - 2 : end + 2;
    if (goes_through(r, &line, pair, third)) return line;
    if (r->y[pair] > 0.0 && r->y[pair + 1] > 0.0 &&
        goes_through(r, &geometric, pair, third))
        return geometric;
    if (there < 5) return none;
    const struct curve cubic = {CUBIC, left ? end - 3 : end};
    const size_t fifth = left ? end - 4 : end + 4;
    return goes_through(r, &cubic, pair, fifth) ? cubic : none;
}

/* ----------------------------------------------------------- between rows */

/* A rate, wherever a curve leads. */
static double bounded(const struct rows *r, double rate)
{
    return fmin(fmax(rate, 0.0), r->most);
}

/* The rates from step `from` to before step `to` = the curve. */
static void fill(const struct rows *r, const struct curve *c, int64_t from,
                 int64_t to, const struct filled *out)
{
    for (int64_t t = from; t < to; t++)
        out->rate[t] = bounded(r, curve_at(r, c, (double)t));
}

/* The curve through the rows i and i + 1 that is like those of its sides which
 * go on over both; a cubic also goes through the rows beside them, on those
 * sides. */
static struct curve through(const struct rows *r, size_t i, struct curve left,
                            struct curve right)
{
    const struct curve like = left.kind ? left : right;
    if (like.kind != CUBIC) return (struct curve){like.kind, i};
    size_t first = !right.kind ? i - 2 : left.kind ? i - 1 : i;
    if (first + 4 > r->n) first = r->n - 4;
    return (struct curve){CUBIC, first};
}

/* The first step after `a` and before `b` at which two curves have crossed; b
 * if they do not. */
static int64_t crossing(const struct rows *r, const struct curve *left,
                        const struct curve *right, int64_t a, int64_t b)
{
    const double x = (double)a;
    const bool above = curve_at(r, left, x) > curve_at(r, right, x);
    for (int64_t t = a + 1; t < b; t++) {
        const double before = curve_at(r, left, (double)t);
        const double after = curve_at(r, right, (double)t);
        if (above ? before <= after : before >= after) return t;
    }
    return b;
}

/* Fills the steps after row i and before row i + 1. Where neither side's curve
 * goes on over both rows they change over, at the later row at the latest: then
 * the rate jumps. */
static void fill_between(const struct rows *r, size_t i,
                         const struct filled *out)
{
    const struct curve none = {NO_CURVE, 0};
    const int64_t a = r->at[i];
    const int64_t b = r->at[i + 1] < out->steps ? r->at[i + 1] : out->steps;
    struct curve both = {LINE, i};
    if (b - a < 2) return;
    const struct curve left = side_curve(r, i, true);
    const struct curve right = side_curve(r, i + 1, false);
    const bool left_goes_on = left.kind && goes_through(r, &left, i - 1, i + 1);
    const bool right_goes_on = right.kind && goes_through(r, &right, i + 1, i);
    if (r->y[i] != r->y[i + 1] && (left_goes_on || right_goes_on))
        both = through(r, i, left_goes_on ? left : none,
                       right_goes_on ? right : none);
    else if (r->y[i] != r->y[i + 1] && left.kind && right.kind) {
        const int64_t cross = crossing(r, &left, &right, a, b);
        fill(r, &left, a + 1, cross, out);
        fill(r, &right, cross, b, out);
        return;
    }
    fill(r, &both, a + 1, b, out);
}

/* --------------------------------------------------- before the first row */

/* A line or a geometric curve that the first rates lie on goes on, anything
 * else begins with the first rate. */
static void continue_back(const struct rows *r, int64_t end,
                          const struct filled *out)
{
    const struct curve c = side_curve(r, 0, false);
    const bool known = r->n > 2 && (c.kind == LINE || c.kind == GEOMETRIC);
    for (int64_t t = 0; t < end; t++)
        out->rate[t] = known ? bounded(r, curve_at(r, &c, (double)t)) : r->y[0];
}

static void fill_before(const struct rows *r, int64_t warmup,
                        const struct filled *out)
{
    const int64_t first = r->at[0];
    const int64_t end = first < out->steps ? first : out->steps;
    const int64_t up = warmup < first ? warmup : first;
    if (up == 0) {
        continue_back(r, end, out);
        return;
    }
    for (int64_t t = 0; t < end; t++)
        out->rate[t] =
            t + 1 < up ? r->y[0] * ((double)t / (double)(up - 1)) : r->y[0];
}

/* ---------------------------------------------------------------- the log */

static taper_law_status check_log(const int64_t *at, const double *logged,
                                  size_t n, int64_t warmup,
                                  taper_law_error *err)
{
    if (n == 0)
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "there is no rate to start from");
    if (warmup < 0)
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "a warm-up has to have 0 steps or more");
    for (size_t i = 0; i < n; i++) {
        if (at[i] < 0 || (i > 0 && at[i] <= at[i - 1]))
            return law_fail(err, TAPER_LAW_E_POINT, 0, i,
                            "the steps of the rates have to increase from 0");
        if (!(logged[i] >= 0.0 && isfinite(logged[i])))
            return law_fail(err, TAPER_LAW_E_RATE, 0, i,
                            "the rate logged at step %lld is %g, and has to be "
                            "a number of at least 0",
                            (long long)at[i], logged[i]);
    }
    return TAPER_LAW_OK;
}

static struct rows rows_of(const int64_t *at, const double *logged, size_t n)
{
    double peak = 0.0;
    for (size_t i = 0; i < n; i++)
        peak = fmax(peak, logged[i]);
    return (struct rows){at, logged, n, NEAR * peak, fmin(2.0 * peak, DBL_MAX)};
}

taper_law_status taper_law_rates_from_log(const int64_t *at,
                                          const double *logged, size_t n,
                                          int64_t warmup, double *out,
                                          size_t steps, taper_law_error *err)
{
    const taper_law_status status = check_log(at, logged, n, warmup, err);
    if (status != TAPER_LAW_OK) return status;
    const struct rows r = rows_of(at, logged, n);
    const struct filled filled = {out, (int64_t)steps};
    fill_before(&r, warmup, &filled);
    for (size_t i = 0; i < n && at[i] < filled.steps; i++) {
        out[at[i]] = logged[i];
        if (i + 1 < n) fill_between(&r, i, &filled);
    }
    for (int64_t t = at[n - 1]; t < filled.steps; t++)
        out[t] = logged[n - 1];
    return TAPER_LAW_OK;
}
