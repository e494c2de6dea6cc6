/* What several parts give together, each of them read at the same time: their
 * product, their sum, the lowest and the highest of them. */
#include "schedule/block.h"
#include "schedule/maths.h"

/* A sum or a product of finite values stays one at every step of the way. */
static inline double joined(uint32_t kind, double a, double b)
{
    switch (kind) {
    case TAPERI_PRODUCT:
        return taperi_saturate(a * b);
    case TAPERI_ADD:
        return taperi_saturate(a + b);
    case TAPERI_MIN:
        return taperi_min(a, b);
    default:
        return taperi_max(a, b);
    }
}

static struct taperi_fault derive_joined(const taper_schedule *s, uint32_t i,
                                         struct taperi_node *node)
{
    (void)i;
    node->length = -1.0;
    for (uint32_t k = 0; k < node->count; k++) {
        if (taperi_parts(s)[node->parts + k].start != 0.0)
            return taperi_fault_in(TAPERI_WHOLE,
                                   "a part does not start at step 0");
        const double length = taperi_part_node(s, node, k)->length;
        if (length != TAPERI_ENDLESS)
            node->length = taperi_max(node->length, length);
    }
    if (node->length < 0.0) node->length = TAPERI_ENDLESS;
    return taperi_fault_none();
}

static double joined_at(const taper_schedule *s, const struct taperi_node *node,
                        double t)
{
    double all = taperi_value(s, taperi_part_node(s, node, 0), t);
    for (uint32_t k = 1; k < node->count; k++)
        all = joined(node->kind, all,
                     taperi_value(s, taperi_part_node(s, node, k), t));
    return all;
}

/* The choice is outside of the loops, so that compilers vectorise them. */
static void join_many(uint32_t kind, double *restrict all,
                      const double *restrict next, size_t n)
{
    if (kind == TAPERI_PRODUCT)
        for (size_t i = 0; i < n; i++)
            all[i] = joined(TAPERI_PRODUCT, all[i], next[i]);
    else if (kind == TAPERI_ADD)
        for (size_t i = 0; i < n; i++)
            all[i] = joined(TAPERI_ADD, all[i], next[i]);
    else if (kind == TAPERI_MIN)
        for (size_t i = 0; i < n; i++)
            all[i] = joined(TAPERI_MIN, all[i], next[i]);
    else
        for (size_t i = 0; i < n; i++)
            all[i] = joined(TAPERI_MAX, all[i], next[i]);
}

static void joined_fill(const taper_schedule *s, const struct taperi_node *node,
                        double *restrict t, size_t n, double *restrict out)
{
    double time[taperi_block_steps], next[taperi_block_steps];
    for (uint32_t k = 0; k < node->count; k++) {
        for (size_t i = 0; i < n; i++)
            time[i] = t[i];
        taperi_values(s, taperi_part_node(s, node, k), time, n,
                      k == 0 ? out : next);
        if (k > 0) join_many(node->kind, out, next, n);
    }
}

static double joined_end(const taper_schedule *s,
                         const struct taperi_node *node)
{
    double all =
        taperi_value_up_to(s, taperi_part_node(s, node, 0), node->length);
    for (uint32_t k = 1; k < node->count; k++)
        all = joined(node->kind, all,
                     taperi_value_up_to(s, taperi_part_node(s, node, k),
                                        node->length));
    return all;
}

const struct taperi_behaviour taperi_product = {
    .name = "product",
    .derive = derive_joined,
    .at = joined_at,
    .fill = joined_fill,
    .end = joined_end,
    .infix = " * ",
    .has_parts = true,
};

const struct taperi_behaviour taperi_add = {
    .name = "add",
    .derive = derive_joined,
    .at = joined_at,
    .fill = joined_fill,
    .end = joined_end,
    .has_parts = true,
    .may_say_after = true,
    .may_hold = true,
};

const struct taperi_behaviour taperi_lowest = {
    .name = "min",
    .derive = derive_joined,
    .at = joined_at,
    .fill = joined_fill,
    .end = joined_end,
    .has_parts = true,
    .may_say_after = true,
    .may_hold = true,
};

const struct taperi_behaviour taperi_highest = {
    .name = "max",
    .derive = derive_joined,
    .at = joined_at,
    .fill = joined_fill,
    .end = joined_end,
    .has_parts = true,
    .may_say_after = true,
    .may_hold = true,
};
