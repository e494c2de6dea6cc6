/* The shapes without parts, but for the cosine, which is in cosine.c: a value
 * as a function of the time since the shape began.
 *
 * Each is one small function without branches, which `at` calls once and
 * `fill` in a loop that compilers vectorise, so both give the same bits. */
#include "schedule/curves.h"
#include "schedule/block.h"

double taperi_curve_end(const taper_schedule *s, const struct taperi_node *node)
{
    return taperi_behaviours[node->kind]->at(s, node, node->length);
}

/* --------------------------------------------------- constant and hold */

static struct taperi_fault derive_constant(const taper_schedule *s, uint32_t i,
                                           struct taperi_node *node)
{
    (void)s, (void)i;
    /* Without an end the text of a hold would mean the rest of the run. */
    if (node->kind == TAPERI_HOLD && node->length == TAPERI_ENDLESS)
        return taperi_check_length(node);
    if (node->kind == TAPERI_CONSTANT) node->length = TAPERI_ENDLESS;
    return taperi_check_start(node);
}

static double constant_at(const taper_schedule *s,
                          const struct taperi_node *node, double t)
{
    (void)s, (void)t;
    return node->given[0];
}

static void constant_fill(const taper_schedule *s,
                          const struct taperi_node *node, double *restrict t,
                          size_t n, double *restrict out)
{
    (void)s, (void)t;
    const double value = node->given[0];
    for (size_t i = 0; i < n; i++)
        out[i] = value;
}

const struct taperi_behaviour taperi_constant = {
    .name = "constant",
    .given_count = 1,
    .derive = derive_constant,
    .at = constant_at,
    .fill = constant_fill,
    .end = taperi_curve_end,
    .monotone = true,
};

const struct taperi_behaviour taperi_hold = {
    .name = "hold",
    .given_count = 1,
    .derive = derive_constant,
    .at = constant_at,
    .fill = constant_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};

/* -------------------------------------------------------------- linear */

static inline double linear_point(const struct taperi_node *node, double t)
{
    const struct taperi_nearer n = taperi_nearer_end(node, t);
    return taperi_between(node, n.first, n.steps / node->made[1]);
}

static double linear_at(const taper_schedule *s, const struct taperi_node *node,
                        double t)
{
    (void)s;
    return linear_point(node, t);
}

static void linear_fill(const taper_schedule *s, const struct taperi_node *node,
                        double *restrict t, size_t n, double *restrict out)
{
    (void)s;
    const struct taperi_node local = *node;
    for (size_t i = 0; i < n; i++)
        out[i] = linear_point(&local, t[i]);
}

const struct taperi_behaviour taperi_linear = {
    .name = "linear",
    .given_count = 2,
    .derive = taperi_derive_line,
    .at = linear_at,
    .fill = linear_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};

/* --------------------------------------------------------- exponential */

/* made, for exp: the change of log2 in one step, high and low; `from` and `to`
 * as a fraction and an exponent each. */
static struct taperi_fault derive_exp(const taper_schedule *s, uint32_t i,
                                      struct taperi_node *node)
{
    (void)s, (void)i;
    const struct taperi_fault f = taperi_check_ends(node);
    if (f.text) return f;
    const double from = node->given[0], to = node->given[1];
    if (from == 0.0)
        return taperi_fault_in(TAPERI_GIVEN_0,
                               "a geometric curve cannot start at 0");
    if (to == 0.0)
        return taperi_fault_in(
            TAPERI_GIVEN_1,
            "a geometric curve never reaches 0; end it on a small "
            "value, or use cosine or linear");
    if ((from < 0.0) != (to < 0.0))
        return taperi_fault_in(
            TAPERI_GIVEN_1,
            "'from' and 'to' of a geometric curve must have one sign");

    double *made = node->made;
    made[2] = taperi_split(from, &made[3]);
    made[4] = taperi_split(to, &made[5]);
    const struct taperi_pair a = taperi_log2(from < 0.0 ? -made[2] : made[2]);
    const struct taperi_pair b = taperi_log2(to < 0.0 ? -made[4] : made[4]);
    const struct taperi_pair fraction = taperi_sum(b.high, -a.high);
    const struct taperi_pair whole =
        taperi_sum_ordered(made[5] - made[3], fraction.high);
    const struct taperi_pair all =
        taperi_sum_ordered(whole.high,
                           whole.low + (fraction.low + (b.low - a.low)));
    const struct taperi_pair slope =
        taperi_divide_pair(all, taperi_max(node->length, 1.0));
    made[0] = slope.high;
    made[1] = slope.low;
    return taperi_fault_none();
}

static inline double exp_point(const struct taperi_node *node, double t)
{
    const double gone = taperi_min(t, node->length);
    const double left = node->length - gone;
    const bool first = gone < left;
    const double way = first ? gone : -left;
    const double fraction = first ? node->made[2] : node->made[4];
    const double exponent = first ? node->made[3] : node->made[5];
    const struct taperi_pair slope = {node->made[0], node->made[1]};
    return taperi_scaled_exp2(fraction, exponent,
                              taperi_scale_pair(slope, way));
}

static double exp_at(const taper_schedule *s, const struct taperi_node *node,
                     double t)
{
    (void)s;
    return exp_point(node, t);
}

static void exp_fill(const taper_schedule *s, const struct taperi_node *node,
                     double *restrict t, size_t n, double *restrict out)
{
    (void)s;
    const struct taperi_node local = *node;
    double v[taperi_block_steps];
    const size_t count = taperi_pad_times(t, n, v);
    for (size_t i = 0; i < taperi_pad * count; i++)
        v[i] = exp_point(&local, v[i]);
    taperi_copy_values(v, n, out);
}

const struct taperi_behaviour taperi_exp = {
    .name = "exp",
    .given_count = 2,
    .derive = derive_exp,
    .at = exp_at,
    .fill = exp_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};

/* made, for a rate: log2(rate) for one step or one stair, high and low; `from`
 * as a fraction and an exponent. */
static struct taperi_fault derive_rate(const taper_schedule *s, uint32_t i,
                                       struct taperi_node *node)
{
    (void)s, (void)i;
    const double per = node->given[2], stair = node->given[3];
    const struct taperi_fault fault = taperi_check_rate(node);
    if (fault.text) return fault;
    if (stair != 0.0 && !taperi_is_whole(stair, 1.0, TAPERI_LENGTH_MAX))
        return taperi_fault_in(TAPERI_GIVEN_3,
                               "'stair' must be at least one step");
    if (per != 0.0 && stair != 0.0)
        return taperi_fault_in(TAPERI_GIVEN_3,
                               "'per' and 'stair' exclude each other");

    const struct taperi_pair log = taperi_log2(node->given[1]);
    const struct taperi_pair slope =
        per != 0.0 ? taperi_divide_pair(log, per) : log;
    node->made[0] = slope.high;
    node->made[1] = slope.low;
    node->made[2] = taperi_split(node->given[0], &node->made[3]);
    return fault;
}

/* How many rates apply at time t: in stairs, so many whole ones. */
static inline double rates_until(const struct taperi_node *node, double t)
{
    const double gone = taperi_min(t, node->length);
    return node->given[3] != 0.0 ? taperi_whole_times(gone, node->given[3])
                                 : gone;
}

static inline double rate_point(const struct taperi_node *node, double rates)
{
    const struct taperi_pair slope = {node->made[0], node->made[1]};
    return taperi_scaled_exp2(node->made[2], node->made[3],
                              taperi_scale_pair(slope, rates));
}

static double rate_at(const taper_schedule *s, const struct taperi_node *node,
                      double t)
{
    (void)s;
    return rate_point(node, rates_until(node, t));
}

static void rate_fill(const taper_schedule *s, const struct taperi_node *node,
                      double *restrict t, size_t n, double *restrict out)
{
    (void)s;
    const struct taperi_node local = *node;
    double v[taperi_block_steps];
    const size_t count = taperi_pad_times(t, n, v);
    for (size_t i = 0; i < n; i++)
        v[i] = rates_until(&local, v[i]);
    for (size_t i = 0; i < taperi_pad * count; i++)
        v[i] = rate_point(&local, v[i]);
    taperi_copy_values(v, n, out);
}

const struct taperi_behaviour taperi_rate = {
    .name = "exp",
    .given_count = 4,
    .derive = derive_rate,
    .at = rate_at,
    .fill = rate_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
    .may_be_endless = true,
};
