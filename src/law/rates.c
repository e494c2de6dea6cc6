/* The rates of a run, step by step: checked, and rebuilt from the few that a
 * log holds. */
#include "law/law.h"

taper_law_status taper_law_rates_check(const double *rates, size_t steps,
                                       taper_law_error *err)
{
    for (size_t i = 0; i < steps; i++)
        if (!(rates[i] >= 0.0 && isfinite(rates[i])))
            return law_fail(err, TAPER_LAW_E_RATE, 0, i,
                            "the rate at step %zu is %g, and has to be a "
                            "number of at least 0",
                            i, rates[i]);
    return TAPER_LAW_OK;
}

size_t taper_law_warmup(const double *rates, size_t steps)
{
    size_t i = 0;
    while (i + 1 < steps && rates[i + 1] > rates[i])
        i++;
    return i;
}

/* What a log does not show between its rows i and i + 1. A line would smear a
 * corner of the schedule, or a jump, over the distance of the rows. */
struct gap {
    double from, to; /* rates at the rows */
    double t0, t1;   /* their steps */
    double corner;   /* from t0 to here the rate goes to `level`, from here to
                        `to`; a jump comes at the corner */
    double level;
    bool jump;
};

static bool flat(const double *logged, size_t n, size_t i)
{
    return i + 1 < n && logged[i] == logged[i + 1];
}

/* The step at which the line through rows a and b reaches `level`. */
static double reaches(const int64_t *at, const double *logged, size_t a,
                      size_t b, double level)
{
    const double slope = (logged[b] - logged[a]) / (double)(at[b] - at[a]);
    return (double)at[a] + (level - logged[a]) / slope;
}

/* Flat on both sides: a jump. Half way, unless the rows are closer here than
 * beside it, which says that the run logged the step at which it jumped. */
static void find_jump(const int64_t *at, size_t i, struct gap *gap)
{
    const int64_t here = at[i + 1] - at[i];
    const bool logged_there =
        here < at[i] - at[i - 1] && here < at[i + 2] - at[i + 1];
    gap->jump = true;
    gap->corner = logged_there ? gap->t1 : 0.5 * (gap->t0 + gap->t1);
}

/* Flat on one side: the line of the other side goes on until it meets it. */
static void find_corner(const int64_t *at, const double *logged, size_t n,
                        size_t i, struct gap *gap)
{
    const bool before = i > 0 && flat(logged, n, i - 1);
    const bool after = flat(logged, n, i + 1);
    double corner = gap->t1;
    if (before && after) {
        find_jump(at, i, gap);
        return;
    }
    if (before && i + 2 < n)
        corner = reaches(at, logged, i + 1, i + 2, gap->from);
    else if (after && i > 0 && logged[i - 1] != logged[i])
        corner = reaches(at, logged, i - 1, i, gap->to);
    if (!(corner > gap->t0 && corner < gap->t1)) return;
    gap->corner = corner;
    gap->level = before ? gap->from : gap->to;
}

static struct gap gap_of(const int64_t *at, const double *logged, size_t n,
                         size_t i)
{
    struct gap gap = {
        .from = logged[i],
        .to = logged[i + 1],
        .t0 = (double)at[i],
        .t1 = (double)at[i + 1],
        .corner = (double)at[i + 1],
        .level = logged[i + 1],
    };
    if (gap.from != gap.to) find_corner(at, logged, n, i, &gap);
    return gap;
}

static double line(double t, double t0, double r0, double t1, double r1)
{
    return t < t1 ? r0 + (r1 - r0) * (t - t0) / (t1 - t0) : r1;
}

static double rate_in(const struct gap *g, double t)
{
    if (g->jump) return t < g->corner ? g->from : g->to;
    return t < g->corner ? line(t, g->t0, g->from, g->corner, g->level)
                         : line(t, g->corner, g->level, g->t1, g->to);
}

/* Rates before the first logged one. */
static void fill_head(double first, int64_t start, int64_t warmup, double *out,
                      size_t steps)
{
    const int64_t up = warmup < start ? warmup : start;
    for (size_t i = 0; i < steps && (int64_t)i < start; i++)
        out[i] = (int64_t)i < up ? first * (double)i / (double)up : first;
}

static taper_law_status check_log(const int64_t *at, const double *logged,
                                  size_t n, taper_law_error *err)
{
    if (n == 0)
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "there is no rate to start from");
    for (size_t i = 0; i < n; i++)
        if (at[i] < 0 || (i > 0 && at[i] <= at[i - 1]))
            return law_fail(err, TAPER_LAW_E_POINT, 0, i,
                            "the steps of the rates have to increase from 0");
    return taper_law_rates_check(logged, n, err);
}

taper_law_status taper_law_rates_from_log(const int64_t *at,
                                          const double *logged, size_t n,
                                          int64_t warmup, double *out,
                                          size_t steps, taper_law_error *err)
{
    const taper_law_status status = check_log(at, logged, n, err);
    if (status != TAPER_LAW_OK) return status;
    fill_head(logged[0], at[0], warmup, out, steps);
    for (size_t row = 0; row + 1 < n; row++) {
        const struct gap gap = gap_of(at, logged, n, row);
        for (int64_t t = at[row]; t < at[row + 1]; t++) {
            if ((uint64_t)t >= (uint64_t)steps) return TAPER_LAW_OK;
            out[t] = rate_in(&gap, (double)t);
        }
    }
    for (size_t i = (size_t)at[n - 1]; i < steps; i++)
        out[i] = logged[n - 1];
    return TAPER_LAW_OK;
}
