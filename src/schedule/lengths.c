/* How long what changes the time of its part is, by the length of that: a
 * repeat, a shift and a stretch. What measures drafts and what derives nodes
 * ask for the same, once for a schedule. */
#include "schedule/block.h"
#include "schedule/maths.h"

/* -------------------------------------------------------------- repeat */

/* Whether cycle i would still be at least one step long. */
static bool is_long_enough(const struct taperi_cycles *c, double i)
{
    return c->length * taperi_power_whole(c->stretch, i) >= 1.0;
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
        endless =
            endless && taperi_cycle_start(&c, c.count) > TAPERI_LENGTH_MAX;
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

/* --------------------------------------------------- shift and stretch */

/* The smallest whole number >= x, for x in [0, 2^53]. */
static double ceiling(double x)
{
    const double whole = taperi_floor(x);
    return whole < x ? whole + 1.0 : whole;
}

static struct taperi_fault find_shift(double by, double length, double *out)
{
    if (!taperi_is_finite(by))
        return taperi_fault_in(TAPERI_GIVEN_0, "'by' must be finite");
    *out = TAPERI_ENDLESS;
    if (length == TAPERI_ENDLESS) return taperi_fault_none();
    if (length - by > TAPERI_LENGTH_MAX)
        return taperi_fault_size("the shifted schedule is longer than 2^53 "
                                 "steps");
    *out = ceiling(taperi_max(length - by, 0.0));
    return taperi_fault_none();
}

/* It is as long as the first whole step at which the part is at its end. */
static struct taperi_fault find_stretch(double by, double length, double *out)
{
    if (!(by > 0.0 && by <= TAPERI_LENGTH_MAX))
        return taperi_fault_in(TAPERI_GIVEN_0,
                               "'by' must be above 0 and at most 2^53");
    *out = TAPERI_ENDLESS;
    if (length == TAPERI_ENDLESS) return taperi_fault_none();
    if (length * by > TAPERI_LENGTH_MAX)
        return taperi_fault_size("the stretched schedule is longer than 2^53 "
                                 "steps");
    double steps = ceiling(length * by);
    if (steps > 0.0 && taperi_quotient(steps - 1.0, by) >= length) steps -= 1.0;
    if (taperi_quotient(steps, by) < length)
        steps = taperi_min(steps + 1.0, TAPERI_LENGTH_MAX);
    *out = steps;
    return taperi_fault_none();
}

struct taperi_fault taperi_timing_find(uint32_t kind, double by, double length,
                                       double *out)
{
    return kind == TAPERI_SHIFT ? find_shift(by, length, out)
                                : find_stretch(by, length, out);
}
