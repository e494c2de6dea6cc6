/* The curves in the form of an S whose middle can be moved: the logistic
 * function and the hyperbolic tangent, scaled so that they start and end where
 * they should. They are one function: tanh(x) = 1 - 2 / (1 + e^2x).
 *
 * With w = e^(-k v), at v = 1 - u before the end of a sigmoid of steepness k
 * and center c, what is left of the way is
 *
 *     A (1 - w) / (1 + E w),   E = e^(k (1 - c)),
 *     A = (1 + e^(-k c)) / (1 - e^(-k))
 *
 * and what has been covered is the same, seen from the start, with 1 - c in
 * the place of c. So one exponential of a small number is enough: that of the
 * end from which less than half of the way leads here.
 *
 * The error of w is that of its exponent: up to k units of the last place. */
#include "schedule/curves.h"

/* e^x for |x| <= 700. */
static double exponential(double x)
{
    const double log2_e = 0x1.71547652b82fep+0;
    const struct taperi_share e =
        taperi_exp2_share((x < 0.0 ? x : -x) * log2_e);
    return x < 0.0 ? e.part : 1.0 / e.part;
}

/* made, beside what a line has: the exponent per unit of u, the u at which half
 * is left, A and E as seen from the end, A and E as seen from the start.
 * `before` is k c and `behind` is k (1 - c). */
static struct taperi_fault derive_s(const taper_schedule *s, uint32_t i,
                                    struct taperi_node *node, double before,
                                    double behind)
{
    const struct taperi_fault fault = taperi_derive_line(s, i, node);
    if (fault.text) return fault;
    double *made = node->made;
    made[2] = (before + behind) * 0x1.71547652b82fep+0;
    const double all = taperi_exp2_share(-made[2]).rest;
    made[4] = (1.0 + exponential(-before)) / all;
    made[5] = exponential(behind);
    made[6] = (1.0 + exponential(-behind)) / all;
    made[7] = exponential(before);

    /* w where half is left, solved for v. Both ends keep a side of their own,
     * on which they are exact. */
    const double w = (made[4] - 0.5) / (made[4] + 0.5 * made[5]);
    const double half = 1.0 + taperi_log2(w).high / made[2];
    made[3] = taperi_max(taperi_min(half, 1.0), DBL_MIN);
    return fault;
}

static inline struct taperi_share s_shape(const struct taperi_node *node,
                                          struct taperi_share u)
{
    const bool first = u.part < node->made[3];
    const double near = first ? u.part : u.rest;
    const double a = first ? node->made[6] : node->made[4];
    const double e = first ? node->made[7] : node->made[5];
    const struct taperi_share w = taperi_exp2_share(0.0 - near * node->made[2]);
    return taperi_share_of(!first, a * w.rest / (1.0 + e * w.part));
}

TAPERI_SHAPED(s, s_shape, long)

static struct taperi_fault derive_sigmoid(const taper_schedule *s, uint32_t i,
                                          struct taperi_node *node)
{
    const double steepness = node->given[2], center = node->given[3];
    if (!(steepness >= 1e-3 && steepness <= 700.0))
        return taperi_fault_in(TAPERI_GIVEN_2,
                               "'steepness' must be from 0.001 to 700");
    if (!(center >= 0.0 && center <= 1.0))
        return taperi_fault_in(TAPERI_GIVEN_3, "'center' must be from 0 to 1");
    return derive_s(s, i, node, steepness * center, steepness * (1.0 - center));
}

const struct taperi_behaviour taperi_sigmoid = {
    .name = "sigmoid",
    .given_count = 4,
    .derive = derive_sigmoid,
    .at = s_at,
    .fill = s_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};

static struct taperi_fault derive_tanh(const taper_schedule *s, uint32_t i,
                                       struct taperi_node *node)
{
    const double lower = node->given[2], upper = node->given[3];
    if (!(lower >= -300.0 && lower <= 300.0))
        return taperi_fault_in(TAPERI_GIVEN_2,
                               "'lower' must be from -300 to 300");
    if (!(upper >= lower + 1e-3 && upper <= 300.0))
        return taperi_fault_in(TAPERI_GIVEN_3,
                               "'upper' must be above 'lower', up to 300");
    return derive_s(s, i, node, -2.0 * lower, 2.0 * upper);
}

const struct taperi_behaviour taperi_tanh = {
    .name = "tanh",
    .given_count = 4,
    .derive = derive_tanh,
    .at = s_at,
    .fill = s_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};
