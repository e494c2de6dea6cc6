/* The shapes that are made of others: sequence, product, repeat, stair and
 * clamp. Each changes the time before it asks its parts, or the values after.
 */
#include "schedule/block.h"
#include "schedule/maths.h"

/* ------------------------------------------------------------ sequence */

static struct taperi_fault derive_sequence(const taper_schedule *s, uint32_t i,
                                           struct taperi_node *node)
{
    (void)i;
    double start = 0.0;
    for (uint32_t k = 0; k < node->count; k++) {
        if (taperi_parts(s)[node->parts + k].start != start)
            return taperi_fault_in(TAPERI_WHOLE,
                                   "a part starts at a wrong step");
        const double length = taperi_part_node(s, node, k)->length;
        if (length == TAPERI_ENDLESS) {
            if (k + 1 < node->count)
                return taperi_fault_in(TAPERI_WHOLE,
                                       "a part that others follow has no end");
            start = TAPERI_ENDLESS;
        } else if (length > TAPERI_LENGTH_MAX - start) {
            return taperi_fault_size("the sequence is longer than 2^53 steps");
        } else {
            start += length;
        }
    }
    node->length = start;
    return taperi_fault_none();
}

uint32_t taperi_part_at(const taper_schedule *s, const struct taperi_node *node,
                        double t)
{
    enum { FEW = 8 };
    const struct taperi_part *part = taperi_parts(s) + node->parts;
    uint32_t lo = 0, hi = node->count; /* part lo has started, hi has not */
    if (hi <= FEW) {
        /* The branches of a walk are predicted and cost nothing, where each
         * halving waits for the one before: taper_at 12 ns, not 20. */
        while (lo + 1 < hi && part[lo + 1].start <= t)
            lo++;
        return lo;
    }
    while (hi - lo > 1) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (part[mid].start <= t)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static double sequence_at(const taper_schedule *s,
                          const struct taperi_node *node, double t)
{
    const uint32_t k = taperi_part_at(s, node, t);
    return taperi_value(s, taperi_part_node(s, node, k),
                        t - taperi_parts(s)[node->parts + k].start);
}

/* How many times from t[0] on are in [start, stop); at least the first is. The
 * first loop is for the usual case, that all of them are, without a branch. */
static size_t count_within(const double *t, size_t n, double start, double stop)
{
    uint64_t outside = 0;
    for (size_t i = 0; i < n; i++)
        outside |= (uint64_t)(t[i] < start) | (uint64_t)(t[i] >= stop);
    if (outside == 0) return n;

    size_t count = 1;
    while (count < n && t[count] >= start && t[count] < stop)
        count++;
    return count;
}

static void sequence_fill(const taper_schedule *s,
                          const struct taperi_node *node, double *restrict t,
                          size_t n, double *restrict out)
{
    const struct taperi_part *part = taperi_parts(s) + node->parts;
    for (size_t i = 0, m = 0; i < n; i += m) {
        const uint32_t k = taperi_part_at(s, node, t[i]);
        const double start = part[k].start;
        const double stop =
            k + 1 < node->count ? part[k + 1].start : TAPERI_ENDLESS;
        m = count_within(t + i, n - i, start, stop);
        for (size_t j = i; j < i + m; j++)
            t[j] -= start;
        taperi_values(s, taperi_part_node(s, node, k), t + i, m, out + i);
    }
}

static double sequence_end(const taper_schedule *s,
                           const struct taperi_node *node)
{
    return taperi_part_node(s, node, node->count - 1)->end;
}

const struct taperi_behaviour taperi_sequence = {
    .name = "sequence",
    .derive = derive_sequence,
    .at = sequence_at,
    .fill = sequence_fill,
    .end = sequence_end,
    .has_parts = true,
};

/* ------------------------------------------------------------- product */

static struct taperi_fault derive_product(const taper_schedule *s, uint32_t i,
                                          struct taperi_node *node)
{
    (void)i;
    node->length = -1.0;
    for (uint32_t k = 0; k < node->count; k++) {
        if (taperi_parts(s)[node->parts + k].start != 0.0)
            return taperi_fault_in(TAPERI_WHOLE,
                                   "a factor does not start at step 0");
        const double length = taperi_part_node(s, node, k)->length;
        if (length != TAPERI_ENDLESS)
            node->length = taperi_max(node->length, length);
    }
    if (node->length < 0.0) node->length = TAPERI_ENDLESS;
    return taperi_fault_none();
}

static double product_at(const taper_schedule *s,
                         const struct taperi_node *node, double t)
{
    double product = taperi_value(s, taperi_part_node(s, node, 0), t);
    for (uint32_t k = 1; k < node->count; k++)
        product = taperi_saturate(
            product * taperi_value(s, taperi_part_node(s, node, k), t));
    return product;
}

static void product_fill(const taper_schedule *s,
                         const struct taperi_node *node, double *restrict t,
                         size_t n, double *restrict out)
{
    double time[taperi_block_steps], factor[taperi_block_steps];
    for (size_t i = 0; i < n; i++)
        time[i] = t[i];
    taperi_values(s, taperi_part_node(s, node, 0), time, n, out);
    for (uint32_t k = 1; k < node->count; k++) {
        for (size_t i = 0; i < n; i++)
            time[i] = t[i];
        taperi_values(s, taperi_part_node(s, node, k), time, n, factor);
        for (size_t i = 0; i < n; i++)
            out[i] = taperi_saturate(out[i] * factor[i]);
    }
}

static double product_end(const taper_schedule *s,
                          const struct taperi_node *node)
{
    double product = 1.0;
    for (uint32_t k = 0; k < node->count; k++) {
        const struct taperi_node *factor = taperi_part_node(s, node, k);
        const double end = factor->length == node->length
                               ? factor->end
                               : taperi_value(s, factor, node->length);
        product = k == 0 ? end : taperi_saturate(product * end);
    }
    return product;
}

const struct taperi_behaviour taperi_product = {
    .name = "product",
    .derive = derive_product,
    .at = product_at,
    .fill = product_fill,
    .end = product_end,
    .has_parts = true,
};

/* -------------------------------------------------------------- repeat */

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
        m = count_within(t + i, n - i, c.start, c.stop);
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

/* --------------------------------------------------------------- stair */

static struct taperi_fault derive_stair(const taper_schedule *s, uint32_t i,
                                        struct taperi_node *node)
{
    const double every = node->given[0];
    if (!(every >= 1.0 && every <= TAPERI_LENGTH_MAX &&
          taperi_floor(every) == every))
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

static double child_end(const taper_schedule *s, const struct taperi_node *node)
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
    .end = child_end,
    .has_child = true,
    .may_say_after = true,
};

/* --------------------------------------------------------------- clamp */

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
};
