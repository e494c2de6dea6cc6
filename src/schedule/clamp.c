/* The clamp: a part whose values are kept within bounds. */
#include "schedule/block.h"
#include "schedule/maths.h"

static struct taperi_fault derive_clamp(const taper_schedule *s, uint32_t i,
                                        struct taperi_node *node)
{
    const double min = node->given[0], max = node->given[1];
    if (!taperi_is_finite(min))
        return taperi_fault_in(TAPERI_GIVEN_0, "a bound must be finite");
    if (!taperi_is_finite(max))
        return taperi_fault_in(TAPERI_GIVEN_1, "a bound must be finite");
    if (min > max)
        return taperi_fault_in(TAPERI_GIVEN_0, "'min' is above 'max'");
    if (min == -DBL_MAX && max == DBL_MAX) {
        /* Its canonical text would have nothing to say. */
        const struct taperi_fault unbounded = {"clamp needs 'min' or 'max'",
                                               TAPERI_WHOLE, TAPER_E_ARGUMENT};
        return unbounded;
    }
    node->length = taperi_nodes(s)[i - 1].length;
    return taperi_fault_none();
}

static inline double clamped(const struct taperi_node *node, double value)
{
    return taperi_max(taperi_min(value, node->given[1]), node->given[0]);
}

static double clamp_at(const taper_schedule *s, const struct taperi_node *node,
                       double t)
{
    return clamped(node, taperi_value(s, node - 1, t));
}

static void clamp_fill(const taper_schedule *s, const struct taperi_node *node,
                       double *restrict t, size_t n, double *restrict out)
{
    taperi_values(s, node - 1, t, n, out);
    for (size_t i = 0; i < n; i++)
        out[i] = clamped(node, out[i]);
}

static double clamp_end(const taper_schedule *s, const struct taperi_node *node)
{
    (void)s;
    return clamped(node, node[-1].end);
}

const struct taperi_behaviour taperi_clamp = {
    .name = "clamp",
    .given_count = 2,
    .derive = derive_clamp,
    .at = clamp_at,
    .fill = clamp_fill,
    .end = clamp_end,
    .has_child = true,
    .may_say_after = true,
    .may_hold = true,
};
