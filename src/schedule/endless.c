/* The shapes that fall for ever, beside exp(rate=) in curves.c; any of them may
 * be given a length all the same:
 *
 * inverse: from (1 + rate t/per)^-power, Keras' inverse time and Caffe's inv.
 *
 * logistic: from / (1 + e^(rate (t - center))), Caffe's and darknet's sigmoid,
 * of other sign. */
#include "schedule/curves.h"

/* ------------------------------------------------------------- inverse */

/* made: the rate for one step. */
static struct taperi_fault derive_inverse(const taper_schedule *s, uint32_t i,
                                          struct taperi_node *node)
{
    (void)s, (void)i;
    const double power = node->given[3];
    if (!(power > 0.0 && power <= TAPERI_POWER_MAX))
        return taperi_fault_in(TAPERI_GIVEN_3,
                               "'power' must be above 0, up to 1e9");
    node->made[0] = node->given[1] / taperi_max(node->given[2], 1.0);
    return taperi_check_rate(node);
}

/* 1 + rate t. */
static inline double inverse_base(const struct taperi_node *node, double t)
{
    return 1.0 +
           taperi_min(taperi_min(t, node->length) * node->made[0], 0x1p1000);
}

static inline double inverse_root_point(const struct taperi_node *node,
                                        double t)
{
    return node->given[0] / taperi_sqrt(inverse_base(node, t)) + 0.0;
}

static inline double inverse_plain_point(const struct taperi_node *node,
                                         double t)
{
    return node->given[0] / inverse_base(node, t) + 0.0;
}

/* The general power, as the share of which it is taken. */
static inline struct taperi_share inverse_share(const struct taperi_node *node,
                                                double t)
{
    const double base = inverse_base(node, t), over = base - 1.0;
    return taperi_share_of(over > 1.0, taperi_min(over, 1.0) / base);
}

static double inverse_at(const taper_schedule *s,
                         const struct taperi_node *node, double t)
{
    (void)s;
    const double power = node->given[3];
    if (power == 0.5) return inverse_root_point(node, t);
    if (power == 1.0) return inverse_plain_point(node, t);
    const struct taperi_share x = inverse_share(node, t);
    return node->given[0] * taperi_raise_one(x.part, x.rest, power).part + 0.0;
}

static void inverse_power_fill(const struct taperi_node *node,
                               const double *restrict t, size_t n,
                               double *restrict out)
{
    struct taperi_shares u;
    for (size_t i = 0; i < n; i++) {
        const struct taperi_share x = inverse_share(node, t[i]);
        u.part[i] = x.part;
        u.rest[i] = x.rest;
    }
    for (size_t i = n; i % taperi_pad != 0; i++)
        u.part[i] = u.rest[i] = 0.5;
    taperi_raise_all(u.part, u.rest, n, node->given[3]);
    for (size_t i = 0; i < n; i++)
        out[i] = node->given[0] * u.part[i] + 0.0;
}

static void inverse_fill(const taper_schedule *s,
                         const struct taperi_node *node, double *restrict t,
                         size_t n, double *restrict out)
{
    (void)s;
    const struct taperi_node local = *node;
    if (local.given[3] == 1.0) {
        for (size_t i = 0; i < n; i++)
            out[i] = inverse_plain_point(&local, t[i]);
    } else if (local.given[3] == 0.5) {
        double v[taperi_block_steps];
        const size_t count = taperi_pad_times(t, n, v);
        for (size_t i = 0; i < taperi_pad * count; i++)
            v[i] = inverse_root_point(&local, v[i]);
        taperi_copy_values(v, n, out);
    } else {
        inverse_power_fill(&local, t, n, out);
    }
}

const struct taperi_behaviour taperi_inverse = {
    .name = "inverse",
    .given_count = 4,
    .derive = derive_inverse,
    .at = inverse_at,
    .fill = inverse_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
    .may_be_endless = true,
};

/* ------------------------------------------------------------ logistic */

/* made: the change of log2 in one step. */
static struct taperi_fault derive_logistic(const taper_schedule *s, uint32_t i,
                                           struct taperi_node *node)
{
    (void)s, (void)i;
    const double rate = node->given[1], center = node->given[2];
    if (rate == 0.0 || !taperi_within(rate, -1e9, 1e9))
        return taperi_fault_in(TAPERI_GIVEN_1,
                               "'rate' must not be 0, and from -1e9 to 1e9");
    if (!taperi_within(center, -TAPERI_LENGTH_MAX, TAPERI_LENGTH_MAX))
        return taperi_fault_in(TAPERI_GIVEN_2,
                               "'center' must be a step, up to 2^53");
    node->made[0] = rate * 0x1.71547652b82fep+0;
    return taperi_check_start(node);
}

/* The exponential of the negative one of both signs, so that none is large. */
static inline double logistic_point(const struct taperi_node *node, double t)
{
    const double x =
        (taperi_min(t, node->length) - node->given[2]) * node->made[0];
    const double w = taperi_exp2_share(x > 0.0 ? 0.0 - x : x).part;
    return node->given[0] * (x > 0.0 ? w : 1.0) / (1.0 + w) + 0.0;
}

static double logistic_at(const taper_schedule *s,
                          const struct taperi_node *node, double t)
{
    (void)s;
    return logistic_point(node, t);
}

static void logistic_fill(const taper_schedule *s,
                          const struct taperi_node *node, double *restrict t,
                          size_t n, double *restrict out)
{
    (void)s;
    const struct taperi_node local = *node;
    double v[taperi_block_steps];
    const size_t count = taperi_pad_times(t, n, v);
    for (size_t i = 0; i < taperi_pad * count; i++)
        v[i] = logistic_point(&local, v[i]);
    taperi_copy_values(v, n, out);
}

const struct taperi_behaviour taperi_logistic = {
    .name = "logistic",
    .given_count = 3,
    .derive = derive_logistic,
    .at = logistic_at,
    .fill = logistic_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
    .may_be_endless = true,
};
