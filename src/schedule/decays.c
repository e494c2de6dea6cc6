/* Curves between two values, each of one short formula for what is left of the
 * way, with u = t/T:
 *
 *   sqrt         1 - sqrt(u)                        arXiv:2405.18392
 *   square       1 - u^2                            epfml/schedules-and-scaling
 *   mirrorcos    2 (1 - u) - (1 + cos(pi u)) / 2    the same
 *   sine         1 - sin(pi u / 2)
 *   log          1 - ln(1 + t) / ln(1 + T)          DeepSpeed's warm-up
 *   rex          (1 - u) / (1 - beta u)             arXiv:2107.04197
 *   inverse      of which 1/value is a straight line
 *   hyperbolic   sqrt((1 - u) (1 - c u)), c = T / (2 upper - T)
 *                                                   arXiv:2407.15200
 *
 * Each gives what is left and what has been covered, both without cancellation:
 * sqrt(u) as it is, and 1 - sqrt(u) as (1 - u) / (1 + sqrt(u)). */
#include "schedule/curves.h"

/* ----------------------------------------------------- sqrt and square */

static inline struct taperi_share sqrt_shape(const struct taperi_node *node,
                                             struct taperi_share u)
{
    (void)node;
    const double root = taperi_sqrt(u.part);
    const struct taperi_share up = {u.rest / (1.0 + root), root};
    return up;
}

TAPERI_SHAPED(sqrt, sqrt_shape, long)

const struct taperi_behaviour taperi_square_root = {
    .name = "sqrt",
    .given_count = 2,
    .derive = taperi_derive_line,
    .at = sqrt_at,
    .fill = sqrt_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};

static inline struct taperi_share square_shape(const struct taperi_node *node,
                                               struct taperi_share u)
{
    (void)node;
    const struct taperi_share up = {u.rest * (1.0 + u.part), u.part * u.part};
    return up;
}

TAPERI_SHAPED(square, square_shape, short)

const struct taperi_behaviour taperi_square = {
    .name = "square",
    .given_count = 2,
    .derive = taperi_derive_line,
    .at = square_at,
    .fill = square_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};

/* ------------------------------------------------ mirror cosine and sine */

/* It is its own mirror image: as far from its start as from its end. */
static inline struct taperi_share
mirrorcos_shape(const struct taperi_node *node, struct taperi_share u)
{
    (void)node;
    const double near = taperi_min(u.part, u.rest);
    return taperi_share_of(u.rest <= u.part,
                           2.0 * near - taperi_half_cosine(near));
}

TAPERI_SHAPED(mirrorcos, mirrorcos_shape, long)

const struct taperi_behaviour taperi_mirrorcos = {
    .name = "mirrorcos",
    .given_count = 2,
    .derive = taperi_derive_line,
    .at = mirrorcos_at,
    .fill = mirrorcos_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};

/* 1 - sin(pi u / 2) = 2 sin(pi (1 - u) / 4)^2, half of it left at u = 1/3. */
static inline struct taperi_share sine_shape(const struct taperi_node *node,
                                             struct taperi_share u)
{
    (void)node;
    const double gone = taperi_quarter_sine(taperi_min(u.part, 0.5));
    const double left = 2.0 * taperi_half_cosine(0.5 * u.rest);
    const bool first = u.part < 1.0 / 3.0;
    return taperi_share_of(!first, first ? gone : left);
}

TAPERI_SHAPED(sine, sine_shape, long)

const struct taperi_behaviour taperi_sine = {
    .name = "sine",
    .given_count = 2,
    .derive = taperi_derive_line,
    .at = sine_at,
    .fill = sine_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};

/* ----------------------------------------------------------- logarithm */

/* made, beside what a line has: the u at which half is left, 1 / log2(1 + T).
 */
static struct taperi_fault derive_log(const taper_schedule *s, uint32_t i,
                                      struct taperi_node *node)
{
    const struct taperi_fault fault = taperi_derive_line(s, i, node);
    if (fault.text) return fault;
    const double length = node->made[1];
    node->made[2] = (taperi_sqrt(1.0 + length) - 1.0) / length;
    node->made[3] = 1.0 / taperi_log2_1p(length);
    return fault;
}

/* What is left is ln((1 + T) / (1 + t)), and that is ln(1 + (T - t)/(1 + t)).
 */
static inline struct taperi_share log_shape(const struct taperi_node *node,
                                            struct taperi_share u)
{
    const double gone = u.part * node->length;
    const double left = u.rest * node->length / (1.0 + gone);
    const bool first = u.part < node->made[2];
    return taperi_share_of(!first,
                           taperi_log2_1p(first ? gone : left) * node->made[3]);
}

TAPERI_SHAPED(log, log_shape, long)

const struct taperi_behaviour taperi_log = {
    .name = "log",
    .given_count = 2,
    .derive = derive_log,
    .at = log_at,
    .fill = log_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};

/* ----------------------------------------------------- rex and inverse */

/* made, beside what a line has: the weights of `from` and of `to`. */
static struct taperi_fault derive_rex(const taper_schedule *s, uint32_t i,
                                      struct taperi_node *node)
{
    const double beta = node->given[2];
    node->made[2] = 1.0;
    node->made[3] = 1.0 - beta;
    if (!(beta >= -1e9 && beta < 1.0))
        return taperi_fault_in(TAPERI_GIVEN_2,
                               "'beta' must be below 1, and at least -1e9");
    return taperi_derive_line(s, i, node);
}

static inline struct taperi_share weighed_shape(const struct taperi_node *node,
                                                struct taperi_share u)
{
    return taperi_weighed(u, node->made[2], node->made[3]);
}

TAPERI_SHAPED(weighed, weighed_shape, short)

const struct taperi_behaviour taperi_rex = {
    .name = "rex",
    .given_count = 3,
    .derive = derive_rex,
    .at = weighed_at,
    .fill = weighed_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};

const struct taperi_behaviour taperi_reciprocal = {
    .name = "inverse",
    .given_count = 2,
    .derive = taperi_derive_reciprocal,
    .at = weighed_at,
    .fill = weighed_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};

/* ---------------------------------------------------------- hyperbolic */

/* made, beside what a line has: c and 1 - c. */
static struct taperi_fault
derive_hyperbolic(const taper_schedule *s, uint32_t i, struct taperi_node *node)
{
    const double length = node->length;
    const double upper = node->given[2] != 0.0 ? node->given[2] : length;
    const struct taperi_fault fault = taperi_derive_line(s, i, node);
    if (fault.text) return fault;
    if (!taperi_is_whole(upper, length, TAPERI_LENGTH_MAX))
        return taperi_fault_in(TAPERI_GIVEN_2,
                               "'upper' must be at least as long as 'over'");
    const double all = taperi_max(2.0 * upper - length, 1.0);
    node->made[2] = length / all;
    node->made[3] = 2.0 * (upper - length) / all;
    return fault;
}

static inline struct taperi_share
hyperbolic_shape(const struct taperi_node *node, struct taperi_share u)
{
    const double c = node->made[2];
    const double left = taperi_sqrt(u.rest * (node->made[3] + c * u.rest));
    const struct taperi_share up = {left,
                                    u.part * (1.0 + c * u.rest) / (1.0 + left)};
    return up;
}

TAPERI_SHAPED(hyperbolic, hyperbolic_shape, long)

const struct taperi_behaviour taperi_hyperbolic = {
    .name = "hyperbolic",
    .given_count = 3,
    .derive = derive_hyperbolic,
    .at = hyperbolic_at,
    .fill = hyperbolic_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};
