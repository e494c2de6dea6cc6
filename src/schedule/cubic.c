/* A cubic with given values and slopes at both ends (Hermite). What smooth
 * curves through points are made of. It may turn around, and leave the range
 * between its ends, if the slopes say so. */
#include "schedule/curves.h"

/* made, beside what a line has: the coefficients of v, v^2 and v^3, where v is
 * the share that has gone by, for the first half; those of v and v^2, where v
 * is the share that is left, for the second. That of v^3 has the other sign. */
static struct taperi_fault derive_cubic(const taper_schedule *s, uint32_t i,
                                        struct taperi_node *node)
{
    const struct taperi_fault fault = taperi_derive_line(s, i, node);
    if (fault.text) return fault;
    const double rise = 0.0 - node->made[0];
    const double first = node->given[2] * node->length;
    const double last = node->given[3] * node->length;
    double *made = node->made;
    made[2] = first;
    made[3] = 3.0 * rise - (2.0 * first + last);
    made[4] = (first + last) - 2.0 * rise;
    made[5] = 0.0 - last;
    made[6] = (2.0 * last + first) - 3.0 * rise;
    for (int k = 2; k < 7; k++)
        if (!taperi_within(made[k], -DBL_MAX / 4.0, DBL_MAX / 4.0))
            return taperi_fault_in(k == 5 ? TAPERI_GIVEN_3 : TAPERI_GIVEN_2,
                                   "the slopes are too steep, or the values "
                                   "too far apart");
    return fault;
}

static inline double cubic_point(const struct taperi_node *node, double t)
{
    const double *made = node->made;
    const struct taperi_share u = taperi_progress(node, t);
    const bool first = u.part < u.rest;
    const double v = taperi_min(u.part, u.rest);
    const double base = first ? node->given[0] : node->given[1];
    const double c1 = first ? made[2] : made[5];
    const double c2 = first ? made[3] : made[6];
    const double c3 = first ? made[4] : -made[4];
    return taperi_saturate(base + v * (c1 + v * (c2 + v * c3)));
}

static double cubic_at(const taper_schedule *s, const struct taperi_node *node,
                       double t)
{
    (void)s;
    return cubic_point(node, t);
}

static void cubic_fill(const taper_schedule *s, const struct taperi_node *node,
                       double *restrict t, size_t n, double *restrict out)
{
    (void)s;
    const struct taperi_node local = *node;
    for (size_t i = 0; i < n; i++)
        out[i] = cubic_point(&local, t[i]);
}

const struct taperi_behaviour taperi_cubic = {
    .name = "cubic",
    .given_count = 4,
    .derive = derive_cubic,
    .at = cubic_at,
    .fill = cubic_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
};
