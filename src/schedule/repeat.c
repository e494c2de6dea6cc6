/* The repeat: warm restarts, one part over and over in cycles that may get
 * longer and lower. Where they start and end is a matter for cycles.c. */
#include "schedule/block.h"
#include "schedule/maths.h"

static struct taperi_cycles cycles_of(const struct taperi_node *node)
{
    const struct taperi_cycles c = {node[-1].length, node->given[1],
                                    node->made[0], node->length};
    return c;
}

/* made: the number of cycles, or more than 2^53 steps hold. */
static struct taperi_fault derive_repeat(const taper_schedule *s, uint32_t i,
                                         struct taperi_node *node)
{
    struct taperi_cycles c;
    const struct taperi_fault fault =
        taperi_cycles_find(node->given, taperi_nodes(s)[i - 1].length, &c);
    if (fault.text) return fault;
    node->made[0] = c.count;
    node->length = c.total;
    return taperi_fault_none();
}

/* One cycle of a repeat. */
struct cycle {
    double start, stop; /* steps of the repeat */
    double pace;        /* steps of the child in this cycle, or 0: as many */
    double scale;
};

static double cycle_scale(const struct taperi_node *node, double i)
{
    const double scale = node->given[2];
    return scale == 1.0 ? 1.0 : taperi_power_whole(scale, i);
}

static struct cycle cycle_around(const struct taperi_node *node, double t)
{
    const struct taperi_cycles c = cycles_of(node);
    const double i = taperi_cycle_at(&c, t);
    struct cycle around = {taperi_cycle_start(&c, i),
                           taperi_cycle_start(&c, i + 1.0), 0.0,
                           cycle_scale(node, i)};
    if (around.stop - around.start != c.length) around.pace = c.length;
    return around;
}

/* The child's own time in a cycle. */
static double cycle_time(const struct cycle *c, double t)
{
    const double gone = t - c->start;
    if (c->pace == 0.0) return gone;
    return taperi_min(gone * c->pace / (c->stop - c->start), c->pace);
}

static double repeat_end(const taper_schedule *s,
                         const struct taperi_node *node)
{
    (void)s;
    return taperi_saturate(node[-1].end *
                           cycle_scale(node, node->made[0] - 1.0));
}

static double repeat_at(const taper_schedule *s, const struct taperi_node *node,
                        double t)
{
    if (t >= node->length) return repeat_end(s, node);
    const struct cycle c = cycle_around(node, t);
    return taperi_saturate(taperi_value(s, node - 1, cycle_time(&c, t)) *
                           c.scale);
}

static void repeat_fill(const taper_schedule *s, const struct taperi_node *node,
                        double *restrict t, size_t n, double *restrict out)
{
    for (size_t i = 0, m = 0; i < n; i += m) {
        m = 1;
        if (t[i] >= node->length) {
            out[i] = repeat_end(s, node);
            continue;
        }
        const struct cycle c = cycle_around(node, t[i]);
        m = taperi_count_within(t + i, n - i, c.start, c.stop);
        for (size_t j = i; j < i + m; j++)
            t[j] = cycle_time(&c, t[j]);
        taperi_values(s, node - 1, t + i, m, out + i);
        for (size_t j = i; j < i + m; j++)
            out[j] = taperi_saturate(out[j] * c.scale);
    }
}

const struct taperi_behaviour taperi_repeat = {
    .name = "repeat",
    .given_count = 3,
    .derive = derive_repeat,
    .at = repeat_at,
    .fill = repeat_fill,
    .end = repeat_end,
    .has_child = true,
    .may_say_after = true,
};
