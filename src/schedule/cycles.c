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

/* Whether cycle i would still be at least one step long. */
static bool is_long_enough(const struct taperi_cycles *c, double i)
{
    return c->length * taperi_power_whole(c->stretch, i) >= 1.0;
}

static bool starts_by(const struct taperi_cycles *c, double i, double t)
{
    return taperi_cycle_start(c, i) <= t;
}

/* `times` is whole and >= 1, or 0 for as many as there are. */
static struct taperi_cycles make_cycles(double length, double times,
                                        double stretch)
{
    struct taperi_cycles c = {length, stretch, TAPERI_LENGTH_MAX, 0.0};
    if (times > 0.0) c.count = taperi_min(times, TAPERI_LENGTH_MAX);

    /* Cycles that get shorter end before one would be under a step. */
    bool endless = times == 0.0;
    if (stretch < 1.0 && !is_long_enough(&c, c.count - 1.0)) {
        double lo = 0.0, hi = c.count - 1.0; /* lo is long enough, hi is not */
        while (hi - lo > 1.0) {
            const double mid = taperi_floor(0.5 * (lo + hi));
            if (is_long_enough(&c, mid))
                lo = mid;
            else
                hi = mid;
        }
        c.count = hi;
        endless = endless && !starts_by(&c, c.count, TAPERI_LENGTH_MAX);
    }
    c.total = endless ? TAPERI_ENDLESS : taperi_cycle_start(&c, c.count);
    return c;
}

struct taperi_fault taperi_cycles_find(const double *given, double length,
                                       struct taperi_cycles *out)
{
    const double times = given[0], stretch = given[1], scale = given[2];
    if (!taperi_is_whole(times, 0.0, TAPERI_LENGTH_MAX))
        return taperi_fault_in(TAPERI_GIVEN_0,
                               "'times' must be a whole number from 1");
    if (!(stretch > 0.0 && stretch <= DBL_MAX))
        return taperi_fault_in(TAPERI_GIVEN_1, "'stretch' must be above 0");
    if (!(scale >= 0.0 && scale <= DBL_MAX))
        return taperi_fault_in(TAPERI_GIVEN_2, "'scale' must not be negative");
    if (length == TAPERI_ENDLESS)
        return taperi_fault_in(TAPERI_WHOLE,
                               "what has no end cannot be repeated; give it "
                               "one, as in hold(0.1, 500)");
    if (length < 1.0)
        return taperi_fault_in(TAPERI_WHOLE,
                               "what is 0 steps long cannot be repeated");

    *out = make_cycles(length, times, stretch);
    if (out->total > TAPERI_LENGTH_MAX && out->total != TAPERI_ENDLESS)
        return taperi_fault_size("the cycles are longer than 2^53 steps");
    return taperi_fault_none();
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
