/* The cycles of a repeat: where each one starts, and which one a step is in.
 *
 * A start is a closed formula of the cycle's number, computed without
 * cancellation and exact for whole `stretch`. The way back, from a step to its
 * cycle, compares with these starts and so cannot disagree with them; a
 * logarithm that is rounded down would be one cycle off at exact restarts. */
#include "schedule/block.h"
#include "schedule/maths.h"

double taperi_cycle_start(const struct taperi_cycles *c, double i)
{
    const double sum =
        c->stretch == 1.0 ? i : taperi_geometric_sum(c->stretch, i);
    return taperi_round(taperi_min(c->length * sum, 0x1p60));
}

static bool starts_by(const struct taperi_cycles *c, double i, double t)
{
    return taperi_cycle_start(c, i) <= t;
}

double taperi_cycle_at(const struct taperi_cycles *c, double t)
{
    if (c->stretch == 1.0) return taperi_whole_times(t, c->length);

    /* Double the guess until it lies beyond t, then halve the interval. */
    double lo = 0.0, hi = 1.0;
    while (hi < c->count && starts_by(c, hi, t)) {
        lo = hi;
        hi = taperi_min(2.0 * hi, c->count);
    }
    while (hi - lo > 1.0) {
        const double mid = taperi_floor(0.5 * (lo + hi));
        if (starts_by(c, mid, t))
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}
