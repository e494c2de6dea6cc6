/* Rates as few points with lines between them, and those as the text of a
 * schedule. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <taper.h>

#include "law/law.h"
#include "law/optimize.h"

/* A path in the making. Points are written with few digits, on a grid of which
 * the mesh is at most the tenth of the tolerance that lines leave. */
struct path {
    const double *rates; /* [n] */
    size_t n;
    double low, high; /* of all rates, which points do not leave */
    double within;    /* what lines may be off by: nine tenths of the whole */
    double digits;    /* after the decimal point; negative: zeros before it */
};

/* The highest rate, which somebody has asked for, is kept as it is. Nothing is
 * rounded to below the lowest, which may be a floor. */
static double on_grid(const struct path *p, double rate)
{
    const double near = law_round_digits(rate, p->digits);
    if (near >= law_round_digits(p->high, p->digits)) return p->high;
    if (near >= p->low) return near;
    return law_round_digits(near + pow(10.0, -p->digits), p->digits);
}

/* The furthest step to which a line from `value` at step `from` stays near all
 * rates on its way: the slopes that do narrow from step to step. Sets *to to
 * the value there. */
static size_t furthest(const struct path *p, size_t from, double value,
                       double *to)
{
    double least = -INFINITY, most = INFINITY;
    size_t end = from;
    for (size_t i = from + 1; i < p->n; i++) {
        const double run = (double)(i - from);
        const double low = fmax(p->rates[i] - p->within, p->low);
        const double high = fmin(p->rates[i] + p->within, p->high);
        const double lower = fmax(least, (low - value) / run);
        const double upper = fmin(most, (high - value) / run);
        if (lower > upper) break;
        least = lower;
        most = upper;
        end = i;
    }
    const double run = (double)(end - from);
    double slope = (p->rates[end] - value) / run;
    slope = fmin(fmax(slope, least), most);
    /* Where the rates do not rise, neither does the line, if it can. */
    if (p->rates[end] <= p->rates[from] && least <= 0.0)
        slope = fmin(slope, 0.0);
    else if (p->rates[end] >= p->rates[from] && most >= 0.0)
        slope = fmax(slope, 0.0);
    *to = on_grid(p, value + slope * run);
    return end;
}

/* Whether `most` points are enough. */
static bool walk(const struct path *p, size_t most, taper_law_knots *out)
{
    size_t at = 0;
    double value = on_grid(p, p->rates[0]);
    out->count = 0;
    for (;;) {
        out->step[out->count] = (int64_t)at;
        out->rate[out->count++] = value;
        if (at == p->n - 1) return true;
        if (out->count == most) return false;
        at = furthest(p, at, value, &value);
    }
}

/* The largest deviation of the line from point a to point b. */
static double line_error(const taper_law_knots *knots, size_t a, size_t b,
                         const double *rates)
{
    const int64_t from = knots->step[a], to = knots->step[b];
    const double way = knots->rate[b] - knots->rate[a];
    double error = 0.0;
    for (int64_t i = from; i <= to; i++) {
        const double share =
            i > from ? (double)(i - from) / (double)(to - from) : 0.0;
        error = fmax(error, fabs(knots->rate[a] + way * share - rates[i]));
    }
    return error;
}

/* Leaves out points without which the lines are as near: what lies on the edge
 * of the tolerance can make the next line a short one. */
static void leave_out(taper_law_knots *knots, const double *rates,
                      double tolerance)
{
    size_t kept = 1;
    for (size_t k = 1; k < knots->count; k++) {
        knots->step[kept] = knots->step[k];
        knots->rate[kept] = knots->rate[k];
        if (k + 1 < knots->count) {
            knots->step[kept + 1] = knots->step[k + 1];
            knots->rate[kept + 1] = knots->rate[k + 1];
            if (line_error(knots, kept - 1, kept + 1, rates) <= tolerance)
                continue;
        }
        kept++;
    }
    knots->count = knots->count > 1 ? kept : 1;
}

taper_law_status law_knots_of(const double *rates, size_t n, double tolerance,
                              size_t most, taper_law_knots *out,
                              taper_law_error *err)
{
    memset(out, 0, sizeof *out);
    if (n == 0 || !(tolerance > 0.0 && tolerance < INFINITY))
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "points need a rate to stand for and a tolerance "
                        "above 0");
    const taper_law_status status = taper_law_rates_check(rates, n, err);
    if (status) return status;
    struct path p = {.rates = rates, .n = n, .low = INFINITY};
    for (size_t i = 0; i < n; i++) {
        p.low = fmin(p.low, rates[i]);
        p.high = fmax(p.high, rates[i]);
    }
    /* Below this, doubles of the size of these rates have no more digits. */
    tolerance = fmax(tolerance, 1e-12 * p.high);
    for (;; tolerance *= 1.5) {
        p.within = 0.9 * tolerance;
        p.digits = -floor(log10(fmax(0.1 * tolerance, 1e-300)));
        if (walk(&p, most, out)) break;
    }
    leave_out(out, rates, tolerance);
    out->error = line_error(out, 0, 0, rates);
    for (size_t k = 1; k < out->count; k++)
        out->error = fmax(out->error, line_error(out, k - 1, k, rates));
    return TAPER_LAW_OK;
}

taper_law_status taper_law_knots_of(const double *rates, size_t n,
                                    double tolerance, taper_law_knots *out,
                                    taper_law_error *err)
{
    return law_knots_of(rates, n, tolerance, TAPER_LAW_KNOTS, out, err);
}

/* ---------------------------------------------------------------- as text */

/* Text that grows like that of snprintf. */
struct text {
    char *buf;
    size_t cap, len;
};

static void append(struct text *t, const char *s)
{
    for (; *s; s++, t->len++)
        if (t->len + 1 < t->cap) t->buf[t->len] = *s;
    if (t->cap > 0) t->buf[t->len < t->cap ? t->len : t->cap - 1] = '\0';
}

size_t taper_law_knots_text(const taper_law_knots *knots, char *buf, size_t cap)
{
    struct text t = {buf, cap, 0};
    char number[TAPER_NUMBER_SIZE], step[32];
    append(&t, "points({");
    for (size_t k = 0; k < knots->count; k++) {
        if (k > 0) append(&t, ", ");
        snprintf(step, sizeof step, "%" PRId64 ": ", knots->step[k]);
        append(&t, step);
        taper_format_number(knots->rate[k], number);
        append(&t, number);
    }
    append(&t, "})");
    return t.len;
}
