/* What several curves ask of the numbers that they are given, and what those
 * between two values derive of them. This happens once for a schedule, so it is
 * built to be small, where the curves themselves are built to be fast. */
#include "schedule/curves.h"

struct taperi_fault taperi_check_length(const struct taperi_node *node)
{
    if (!taperi_is_whole(node->length, 0.0, TAPERI_LENGTH_MAX))
        return taperi_fault_in(TAPERI_OVER,
                               "a length must be a whole number of steps "
                               "from 0 to 2^53");
    return taperi_fault_none();
}

struct taperi_fault taperi_check_start(const struct taperi_node *node)
{
    if (!taperi_is_finite(node->given[0]))
        return taperi_fault_in(TAPERI_GIVEN_0, "a value must be finite");
    return node->length == TAPERI_ENDLESS ? taperi_fault_none()
                                          : taperi_check_length(node);
}

struct taperi_fault taperi_check_rate(const struct taperi_node *node)
{
    const double rate = node->given[1], per = node->given[2];
    if (!(rate > 0.0 && rate <= DBL_MAX))
        return taperi_fault_in(TAPERI_GIVEN_1, "'rate' must be above 0");
    /* One step is what a rate is for anyway, and is stored as 0. */
    if (per != 0.0 && !taperi_is_whole(per, 2.0, TAPERI_LENGTH_MAX))
        return taperi_fault_in(TAPERI_GIVEN_2,
                               "'per' must be at least one step");
    return taperi_check_start(node);
}

struct taperi_fault taperi_check_ends(const struct taperi_node *node)
{
    const double from = node->given[0], to = node->given[1];
    if (!taperi_is_finite(from))
        return taperi_fault_in(TAPERI_GIVEN_0, "a value must be finite");
    if (!taperi_is_finite(to))
        return taperi_fault_in(TAPERI_GIVEN_1, "a value must be finite");
    if (!taperi_is_finite(from - to))
        return taperi_fault_in(TAPERI_GIVEN_1,
                               "'from' and 'to' are too far apart");
    return taperi_check_length(node);
}

struct taperi_fault taperi_derive_line(const taper_schedule *s, uint32_t i,
                                       struct taperi_node *node)
{
    (void)s, (void)i;
    node->made[0] = node->given[0] - node->given[1];
    node->made[1] = taperi_max(node->length, 1.0);
    return taperi_check_ends(node);
}

struct taperi_fault taperi_derive_reciprocal(const taper_schedule *s,
                                             uint32_t i,
                                             struct taperi_node *node)
{
    const struct taperi_fault fault = taperi_derive_line(s, i, node);
    if (fault.text) return fault;
    const double from = node->given[0], to = node->given[1];
    const double a = to < 0.0 ? -to : to, b = from < 0.0 ? -from : from;
    if (from == 0.0)
        return taperi_fault_in(TAPERI_GIVEN_0, "this curve cannot start at 0");
    if (to == 0.0)
        return taperi_fault_in(TAPERI_GIVEN_1,
                               "this curve never reaches 0; end it on a small "
                               "value");
    if ((from < 0.0) != (to < 0.0))
        return taperi_fault_in(TAPERI_GIVEN_1,
                               "'from' and 'to' must have one sign");
    node->made[2] = a / taperi_max(a, b);
    node->made[3] = b / taperi_max(a, b);
    if (taperi_min(node->made[2], node->made[3]) < DBL_MIN)
        return taperi_fault_in(TAPERI_GIVEN_1,
                               "'from' and 'to' are too far apart");
    return fault;
}
