/* Curves that are powers: the polynomial, and the polynomial and the cosine
 * whose time is bent by a power as well.
 *
 *   poly          (1 - u)^power
 *   bent poly     (1 - u^k)^power                    k-decay, arXiv:2004.05909
 *   bent cosine   ((1 + cos(pi u^k)) / 2)^power      k: timm; power: optax
 *
 * Filling goes in passes over shares, so that the loop of a power, the longest
 * of all, is there once. */
#include "schedule/curves.h"

static void cosine_all(struct taperi_shares *u, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct taperi_share x = {u->part[i], u->rest[i]};
        const struct taperi_share up = taperi_cosine_shape(x);
        u->part[i] = up.part;
        u->rest[i] = up.rest;
    }
}

static bool is_power(double x)
{
    return x > 0.0 && x <= TAPERI_POWER_MAX;
}

static struct taperi_fault derive_poly(const taper_schedule *s, uint32_t i,
                                       struct taperi_node *node)
{
    if (!is_power(node->given[2]))
        return taperi_fault_in(TAPERI_GIVEN_2,
                               "'power' must be above 0, up to 1e9");
    return taperi_derive_line(s, i, node);
}

static struct taperi_fault derive_bent(const taper_schedule *s, uint32_t i,
                                       struct taperi_node *node)
{
    const double power = node->given[2], k = node->given[3];
    if (!is_power(k))
        return taperi_fault_in(TAPERI_GIVEN_3,
                               "'k' must be above 0, up to 1e9");
    /* What has a plain kind is stored as that. */
    if (k == 1.0 && (node->kind == TAPERI_BENT_POLY || power == 1.0))
        return taperi_fault_in(TAPERI_GIVEN_3, "with 'k' 1 nothing is bent");
    return derive_poly(s, i, node);
}

/* ---------------------------------------------------------- polynomial */

static double poly_at(const taper_schedule *s, const struct taperi_node *node,
                      double t)
{
    (void)s;
    const struct taperi_share u = taperi_progress_one(node, t);
    return taperi_blend(node, taperi_raise_one(u.rest, u.part, node->given[2]));
}

static void poly_fill(const taper_schedule *s, const struct taperi_node *node,
                      double *restrict t, size_t n, double *restrict out)
{
    (void)s;
    struct taperi_shares u;
    taperi_progress_all(node, t, n, &u);
    taperi_raise_all(u.rest, u.part, n, node->given[2]);
    taperi_blend_all(node, u.rest, u.part, n, out);
}

const struct taperi_behaviour taperi_poly = {
    .name = "poly",
    .given_count = 3,
    .derive = derive_poly,
    .at = poly_at,
    .fill = poly_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};

static double bent_poly_at(const taper_schedule *s,
                           const struct taperi_node *node, double t)
{
    (void)s;
    const struct taperi_share u = taperi_progress_one(node, t);
    const struct taperi_share bent =
        taperi_raise_one(u.part, u.rest, node->given[3]);
    return taperi_blend(node,
                        taperi_raise_one(bent.rest, bent.part, node->given[2]));
}

static void bent_poly_fill(const taper_schedule *s,
                           const struct taperi_node *node, double *restrict t,
                           size_t n, double *restrict out)
{
    (void)s;
    struct taperi_shares u;
    taperi_progress_all(node, t, n, &u);
    taperi_raise_all(u.part, u.rest, n, node->given[3]);
    taperi_raise_all(u.rest, u.part, n, node->given[2]);
    taperi_blend_all(node, u.rest, u.part, n, out);
}

const struct taperi_behaviour taperi_bent_poly = {
    .name = "poly",
    .given_count = 4,
    .derive = derive_bent,
    .at = bent_poly_at,
    .fill = bent_poly_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};

/* -------------------------------------------------------------- cosine */

static double bent_cosine_at(const taper_schedule *s,
                             const struct taperi_node *node, double t)
{
    (void)s;
    const struct taperi_share u = taperi_progress_one(node, t);
    const struct taperi_share up =
        taperi_cosine_shape(taperi_raise_one(u.part, u.rest, node->given[3]));
    return taperi_blend(node,
                        taperi_raise_one(up.part, up.rest, node->given[2]));
}

static void bent_cosine_fill(const taper_schedule *s,
                             const struct taperi_node *node, double *restrict t,
                             size_t n, double *restrict out)
{
    (void)s;
    struct taperi_shares u;
    taperi_progress_all(node, t, n, &u);
    taperi_raise_all(u.part, u.rest, n, node->given[3]);
    cosine_all(&u, n);
    taperi_raise_all(u.part, u.rest, n, node->given[2]);
    taperi_blend_all(node, u.part, u.rest, n, out);
}

const struct taperi_behaviour taperi_bent_cosine = {
    .name = "cosine",
    .given_count = 4,
    .derive = derive_bent,
    .at = bent_cosine_at,
    .fill = bent_cosine_fill,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};
