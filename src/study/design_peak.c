/* The peak that tuning chose: see design.h. */
#include "study/design.h"

#include <math.h>
#include <string.h>

/* What is known of one peak. */
struct tally {
    double peak;
    size_t over, bad, halved, open;
    double sum; /* of the metrics of those that are done */
};

static bool equal(double a, double b)
{
    return !(a < b) && !(a > b);
}

static bool tunes(const struct study_trial *t, const char *name, double budget)
{
    return t->role == STUDY_TUNE && equal(t->budget, budget) &&
           strcmp(t->name, name) == 0;
}

static struct tally count(const struct study_trials *trials, const char *name,
                          double budget, double peak)
{
    struct tally tally = {.peak = peak};
    for (size_t i = 0; i < trials->count; i++) {
        const struct study_trial *t = &trials->items[i];
        if (!tunes(t, name, budget) || !equal(t->peak, peak)) continue;
        tally.halved += t->state == STUDY_HALVED;
        tally.open += !study_state_over(t->state);
        if (!study_state_over(t->state) || t->state == STUDY_HALVED) continue;
        tally.over++;
        if (t->state == STUDY_DONE)
            tally.sum += t->metric;
        else
            tally.bad++;
    }
    return tally;
}

static double mean(const struct tally *t, bool maximize)
{
    const size_t done = t->over - t->bad;
    if (!done) return maximize ? -(double)INFINITY : (double)INFINITY;
    return t->sum / (double)done;
}

/* Whether `a` wins over `b`, both with a trial that is over. */
static bool better(const struct tally *a, const struct tally *b, bool maximize)
{
    if ((a->halved != 0) != (b->halved != 0)) return !a->halved;
    if (a->bad != b->bad) return a->bad < b->bad;
    const double x = mean(a, maximize), y = mean(b, maximize);
    if (equal(x, y)) return a->peak < b->peak;
    return maximize ? x > y : x < y;
}

/* Whether trial `i` is the first with its peak. */
static bool first_of_peak(const struct study_trials *trials, size_t i,
                          const char *name, double budget)
{
    for (size_t k = 0; k < i; k++)
        if (tunes(&trials->items[k], name, budget) &&
            equal(trials->items[k].peak, trials->items[i].peak))
            return false;
    return true;
}

struct study_peak study_best_peak(const struct study_trials *trials,
                                  const char *name, double budget,
                                  bool maximize)
{
    struct study_peak out = {.settled = true, .all_bad = true};
    struct tally best = {0};
    double lowest = (double)INFINITY, highest = 0.0;
    for (size_t i = 0; i < trials->count; i++) {
        const struct study_trial *t = &trials->items[i];
        if (!tunes(t, name, budget) || !first_of_peak(trials, i, name, budget))
            continue;
        const struct tally tally = count(trials, name, budget, t->peak);
        if (tally.open) out.settled = false;
        if (!tally.over) continue;
        out.tried++;
        if (tally.bad < tally.over) out.all_bad = false;
        lowest = fmin(lowest, tally.peak);
        highest = fmax(highest, tally.peak);
        if (out.tried == 1 || better(&tally, &best, maximize)) best = tally;
    }
    if (!out.tried) return (struct study_peak){.settled = out.settled};
    out.best = best.peak;
    out.lowest = out.tried > 1 && equal(best.peak, lowest);
    out.highest = out.tried > 1 && equal(best.peak, highest);
    return out;
}
