/* What curves between two values share.
 *
 * They measure from their nearer end. So they are exact at both ends, as
 * precise near `to` as near `from`, and never leave the range between them. */
#ifndef TAPER_SCHEDULE_CURVES_H
#define TAPER_SCHEDULE_CURVES_H

#include "schedule/block.h"
#include "schedule/maths.h"

/* How far t is from the nearer end of a curve, in steps, without error.
 * `first` says that it is in the first half. */
struct taperi_nearer {
    double steps;
    bool first;
};

static inline struct taperi_nearer
taperi_nearer_end(const struct taperi_node *node, double t)
{
    const double gone = taperi_min(t, node->length);
    const double left = node->length - gone;
    const bool first = gone < left;
    const struct taperi_nearer n = {first ? gone : left, first};
    return n;
}

/* The value when a part `down` in [0, 1/2] of the way has been covered from
 * `from` on, or remains before `to`. */
static inline double taperi_between(const struct taperi_node *node, bool first,
                                    double down)
{
    const double base = first ? node->given[0] : node->given[1];
    const double range = first ? -node->made[0] : node->made[0];
    return base + range * down;
}

/* Derives `made`: from - to, and the length to divide by. */
taperi_derive taperi_derive_line;

/* The last value of a curve. */
taperi_end taperi_curve_end;

#endif
