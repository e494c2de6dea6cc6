/* The value of a schedule at one step, and at many. */
#include "schedule/block.h"
#include "schedule/maths.h"

/* What remains of t after as many whole periods as fit. Exact: whole_times
 * counts exactly, and the product and the difference are then representable. */
static double remainder_of(double t, double period)
{
    return t - taperi_whole_times(t, period) * period;
}

/* The time that a node with its own `after` reads at time t, in [0, length].
 * At `length` it reads its end, not what its parts begin there. */
static double folded(const struct taperi_node *node, double t)
{
    const double length = node->length;
    if (t < length || length == 0.0 || node->after == TAPERI_AFTER_HOLD)
        return taperi_min(t, length);
    if (node->after == TAPERI_AFTER_REPEAT) return remainder_of(t, length);
    const double there = remainder_of(t, 2.0 * length);
    return there <= length ? there : 2.0 * length - there;
}

double taperi_value(const taper_schedule *s, const struct taperi_node *node,
                    double t)
{
    if (node->after != TAPERI_AFTER_NONE) {
        t = folded(node, t);
        if (t == node->length) return node->end;
    }
    return taperi_behaviours[node->kind]->at(s, node, t);
}

/* taperi_values for a node with its own `after`. */
static void values_after(const taper_schedule *s,
                         const struct taperi_node *node, double *restrict t,
                         size_t n, double *restrict out)
{
    bool ended[taperi_block_steps];
    for (size_t i = 0; i < n; i++) {
        t[i] = folded(node, t[i]);
        ended[i] = t[i] == node->length;
    }
    taperi_behaviours[node->kind]->fill(s, node, t, n, out);
    for (size_t i = 0; i < n; i++)
        if (ended[i]) out[i] = node->end;
}

void taperi_values(const taper_schedule *s, const struct taperi_node *node,
                   double *restrict t, size_t n, double *restrict out)
{
    if (node->after != TAPERI_AFTER_NONE)
        values_after(s, node, t, n, out);
    else
        taperi_behaviours[node->kind]->fill(s, node, t, n, out);
}

double taperi_value_up_to(const taper_schedule *s,
                          const struct taperi_node *node, double t)
{
    return t == node->length ? node->end : taperi_value(s, node, t);
}

size_t taperi_count_within(const double *t, size_t n, double start, double stop)
{
    /* The usual case, that all of them are, without a branch. */
    uint64_t outside = 0;
    for (size_t i = 0; i < n; i++)
        outside |= (uint64_t)(t[i] < start) | (uint64_t)(t[i] >= stop);
    if (outside == 0) return n;

    size_t count = 1;
    while (count < n && t[count] >= start && t[count] < stop)
        count++;
    return count;
}

/* A step as the time of the root: within [0, 2^53], where a double is exact. */
static double time_of(int64_t step)
{
    if (step <= 0) return 0.0;
    return step < TAPER_STEP_MAX ? (double)step : TAPERI_LENGTH_MAX;
}

double taper_at(const taper_schedule *s, int64_t step)
{
    return taperi_value(s, taperi_root(s), time_of(step));
}

double taper_at_real(const taper_schedule *s, double step)
{
    /* The order of the comparisons sends NaN to 0. */
    const double t = step > 0.0 ? taperi_min(step, TAPERI_LENGTH_MAX) : 0.0;
    return taperi_value(s, taperi_root(s), t);
}

/* step + stride, or the end of the range that it would leave. */
static int64_t add_saturating(int64_t step, int64_t stride)
{
    if (stride > 0 && step > INT64_MAX - stride) return INT64_MAX;
    if (stride < 0 && step < INT64_MIN - stride) return INT64_MIN;
    return step + stride;
}

/* The times of n <= taperi_block_steps steps from `step` on. Returns the step
 * after them. */
static int64_t make_times(int64_t step, int64_t stride, size_t n, double *t)
{
    const int64_t small = INT64_C(1) << 46; /* 64 of these are 2^52 */
    if (stride >= 0 && stride <= small && step >= 0 && step <= 64 * small) {
        const double start = (double)step, each = (double)stride;
        for (int i = 0; i < (int)n; i++)
            t[i] = start + (double)i * each;
        return step + (int64_t)n * stride;
    }
    for (size_t i = 0; i < n; i++) {
        t[i] = time_of(step);
        step = add_saturating(step, stride);
    }
    return step;
}

/* Whole steps from t on of some node, of which `room` are read without a break
 * in what it does. */
struct span_of_steps {
    const struct taperi_node *node;
    double t, room;
};

/* Go from a node to the part that it reads at the same pace. Returns false if
 * it does not just read one. */
static bool look_through(const taper_schedule *s, struct span_of_steps *at)
{
    const struct taperi_node *node = at->node;
    if (node->kind == TAPERI_SEQUENCE) {
        const struct taperi_part *part = taperi_parts(s) + node->parts;
        const uint32_t k = taperi_part_at(s, node, at->t);
        if (k + 1 < node->count)
            at->room = taperi_min(at->room, part[k + 1].start - at->t);
        at->t -= part[k].start;
        at->node = taperi_part_node(s, node, k);
        return true;
    }
    if (node->kind != TAPERI_SHIFT && node->kind != TAPERI_CUT) return false;
    if (node->kind == TAPERI_CUT || node->after != TAPERI_AFTER_NONE)
        at->room = taperi_min(at->room, node->length - at->t);
    if (node->kind == TAPERI_SHIFT) {
        const double by = node->given[0], t = at->t + by;
        if (!(t >= 0.0 && t < TAPERI_LENGTH_MAX)) return false;
        if ((double)(int64_t)by != by) return false;
        at->t = t;
        at->room = taperi_min(at->room, TAPERI_LENGTH_MAX - t);
    }
    at->node = node - 1;
    return true;
}

/* The values at the n steps from `step` on, as many as one curve gives that has
 * a faster way for a run of steps. Returns how many; 0 if it has none. */
static size_t fill_run(const taper_schedule *s, int64_t step, size_t n,
                       double *out)
{
    if (step < 0 || step >= TAPER_STEP_MAX) return 0;
    struct span_of_steps at = {taperi_root(s), (double)step,
                               TAPERI_LENGTH_MAX - (double)step};
    while (look_through(s, &at))
        continue;
    taperi_run *run = taperi_behaviours[at.node->kind]->run;
    const double room = taperi_min(at.room, at.node->length - at.t);
    if (!run || room < 1.0) return 0;
    return run(at.node, at.t, room < (double)n ? (size_t)room : n, out);
}

void taper_fill(const taper_schedule *s, int64_t first, int64_t stride,
                size_t n, double *out)
{
    const struct taperi_node *root = taperi_root(s);
    double t[taperi_block_steps];
    int64_t step = first;
    for (size_t i = 0, m; i < n; i += m) {
        m = stride == 1 ? fill_run(s, step, n - i, out + i) : 0;
        if (m > 0) {
            step += (int64_t)m;
            continue;
        }
        m = n - i < (size_t)taperi_block_steps ? n - i
                                               : (size_t)taperi_block_steps;
        step = make_times(step, stride, m, t);
        taperi_values(s, root, t, m, out + i);
    }
}
