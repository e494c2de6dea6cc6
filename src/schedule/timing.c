/* The shapes that change the time before they ask their part: stair, shift,
 * stretch and cut. A time stays within [0, 2^53] on the way, as the parts are
 * promised. */
#include "schedule/curves.h"

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

static inline double shift_time(double by, double t)
{
    return taperi_min(taperi_max(t + by, 0.0), TAPERI_LENGTH_MAX);
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
    return taperi_value(s, node - 1, taperi_quotient(t, node->given[0]));
}

static void stretch_fill(const taper_schedule *s,
                         const struct taperi_node *node, double *restrict t,
                         size_t n, double *restrict out)
{
    const double by = node->given[0];
    for (size_t i = 0; i < n; i++)
        t[i] = taperi_quotient(t[i], by);
    taperi_values(s, node - 1, t, n, out);
}

static double stretch_end(const taper_schedule *s,
                          const struct taperi_node *node)
{
    return taperi_value_up_to(s, node - 1,
                              taperi_quotient(node->length, node->given[0]));
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
    return taperi_check_length(node);
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
