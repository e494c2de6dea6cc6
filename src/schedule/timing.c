/* The shapes that change the time before they ask their part: stair, shift,
 * stretch and cut. A time stays within [0, 2^53] on the way, as the parts are
 * promised. */
#include "schedule/block.h"
#include "schedule/maths.h"

/* The smallest whole number >= x, for x in [0, 2^53]. */
static double ceiling(double x)
{
    const double whole = taperi_floor(x);
    return whole < x ? whole + 1.0 : whole;
}

/* -------------------------------------------------------------- stair */

static struct taperi_fault derive_stair(const taper_schedule *s, uint32_t i,
                                        struct taperi_node *node)
{
    const double every = node->given[0];
    if (!taperi_is_whole(every, 1.0, TAPERI_LENGTH_MAX))
        return taperi_fault_in(TAPERI_GIVEN_0,
                               "a stair must be at least one step wide");
    node->length = taperi_nodes(s)[i - 1].length;
    return taperi_fault_none();
}

/* The step that the stair under t reads. The end of the part is one as well,
 * so that a last, shorter stair does not hide it. */
static double stair_time(const struct taperi_node *node, double t)
{
    const double every = node->given[0], length = node->length;
    const double tread = taperi_whole_times(t, every) * every;
    return t >= length && tread < length ? length : tread;
}

static double stair_at(const taper_schedule *s, const struct taperi_node *node,
                       double t)
{
    return taperi_value(s, node - 1, stair_time(node, t));
}

static void stair_fill(const taper_schedule *s, const struct taperi_node *node,
                       double *restrict t, size_t n, double *restrict out)
{
    for (size_t i = 0; i < n; i++)
        t[i] = stair_time(node, t[i]);
    taperi_values(s, node - 1, t, n, out);
}

static double stair_end(const taper_schedule *s, const struct taperi_node *node)
{
    (void)s;
    return node[-1].end;
}

const struct taperi_behaviour taperi_stair = {
    .name = "stair",
    .given_count = 1,
    .derive = derive_stair,
    .at = stair_at,
    .fill = stair_fill,
    .end = stair_end,
    .has_child = true,
    .may_say_after = true,
    .may_hold = true,
};

/* --------------------------------------------------- shift and stretch */

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

static inline double shift_time(double by, double t)
{
    return taperi_min(taperi_max(t + by, 0.0), TAPERI_LENGTH_MAX);
}

/* t / by. A quotient within one rounding of a whole number is meant to be that
 * number: 7 / 0.07 is 100, although the double 0.07 is a little more than
 * that. Every t / by that is a whole number is so exactly. */
static inline double stretch_time(double by, double t)
{
    const double q = taperi_min(t / by, TAPERI_LENGTH_MAX);
    const double whole = taperi_nearest(taperi_min(q, 0x1p50));
    const double off = taperi_max(q - whole, whole - q);
    return off <= 0x1p-52 * whole ? whole : q;
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
    if (steps > 0.0 && stretch_time(by, steps - 1.0) >= length) steps -= 1.0;
    if (stretch_time(by, steps) < length)
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

static struct taperi_fault derive_timing(const taper_schedule *s, uint32_t i,
                                         struct taperi_node *node)
{
    return taperi_timing_find(node->kind, node->given[0],
                              taperi_nodes(s)[i - 1].length, &node->length);
}

static double shift_at(const taper_schedule *s, const struct taperi_node *node,
                       double t)
{
    return taperi_value(s, node - 1, shift_time(node->given[0], t));
}

static void shift_fill(const taper_schedule *s, const struct taperi_node *node,
                       double *restrict t, size_t n, double *restrict out)
{
    const double by = node->given[0];
    for (size_t i = 0; i < n; i++)
        t[i] = shift_time(by, t[i]);
    taperi_values(s, node - 1, t, n, out);
}

static double shift_end(const taper_schedule *s, const struct taperi_node *node)
{
    return taperi_value_up_to(s, node - 1,
                              shift_time(node->given[0], node->length));
}

const struct taperi_behaviour taperi_shift = {
    .name = "shift",
    .given_count = 1,
    .derive = derive_timing,
    .at = shift_at,
    .fill = shift_fill,
    .end = shift_end,
    .has_child = true,
    .may_say_after = true,
    .may_hold = true,
};

static double stretch_at(const taper_schedule *s,
                         const struct taperi_node *node, double t)
{
    return taperi_value(s, node - 1, stretch_time(node->given[0], t));
}

static void stretch_fill(const taper_schedule *s,
                         const struct taperi_node *node, double *restrict t,
                         size_t n, double *restrict out)
{
    const double by = node->given[0];
    for (size_t i = 0; i < n; i++)
        t[i] = stretch_time(by, t[i]);
    taperi_values(s, node - 1, t, n, out);
}

static double stretch_end(const taper_schedule *s,
                          const struct taperi_node *node)
{
    return taperi_value_up_to(s, node - 1,
                              stretch_time(node->given[0], node->length));
}

const struct taperi_behaviour taperi_stretch = {
    .name = "stretch",
    .given_count = 1,
    .derive = derive_timing,
    .at = stretch_at,
    .fill = stretch_fill,
    .end = stretch_end,
    .has_child = true,
    .may_say_after = true,
    .may_hold = true,
};

/* ----------------------------------------------------------------- cut */

static struct taperi_fault derive_cut(const taper_schedule *s, uint32_t i,
                                      struct taperi_node *node)
{
    (void)s, (void)i;
    const double length = node->length;
    if (!taperi_is_whole(length, 0.0, TAPERI_LENGTH_MAX))
        return taperi_fault_in(TAPERI_OVER,
                               "a length must be a whole number of steps "
                               "from 0 to 2^53");
    return taperi_fault_none();
}

static double cut_at(const taper_schedule *s, const struct taperi_node *node,
                     double t)
{
    return t < node->length ? taperi_value(s, node - 1, t) : node->end;
}

static void cut_fill(const taper_schedule *s, const struct taperi_node *node,
                     double *restrict t, size_t n, double *restrict out)
{
    const double length = node->length;
    bool ended[taperi_block_steps];
    for (size_t i = 0; i < n; i++) {
        ended[i] = t[i] >= length;
        t[i] = taperi_min(t[i], length);
    }
    taperi_values(s, node - 1, t, n, out);
    for (size_t i = 0; i < n; i++)
        if (ended[i]) out[i] = node->end;
}

static double cut_end(const taper_schedule *s, const struct taperi_node *node)
{
    return taperi_value_up_to(s, node - 1, node->length);
}

const struct taperi_behaviour taperi_cut = {
    .name = "cut",
    .derive = derive_cut,
    .at = cut_at,
    .fill = cut_fill,
    .end = cut_end,
    .has_child = true,
    .may_say_after = true,
};
