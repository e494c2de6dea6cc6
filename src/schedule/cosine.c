/* The cosine: from `from` to `to` along half a period.
 *
 * Like every curve it measures from its nearer end: the value is base + range *
 * sin(pi n / 2L)^2 at n steps from there. A short curve evaluates the square
 * of the sine at once, as a polynomial.
 *
 * A long one is where people fill arrays, and there most of the work can be
 * shared: n = m + j with m a multiple of 128, and
 *
 *     sin(a + b) = sin a cos b + cos a sin b,   a = pi m / 2L, b = pi j / 2L
 *
 * needs the sine and cosine of `a` once for 128 steps, and those of `b`, which
 * are short polynomials because b is small, once for all. All terms are
 * positive, so nothing cancels: the square is within 7 units of its last place.
 * A single value takes the same way, and has the same bits. */
#include "schedule/curves.h"

/* Lengths from here on are long: b is below 0.0031. */
static const double long_length = 65536.0;

enum { group_steps = 128 };

/* made, beside what a line has: pi / 2 for each step. */
static struct taperi_fault derive_cosine(const taper_schedule *s, uint32_t i,
                                         struct taperi_node *node)
{
    node->made[2] = 0x1.921fb54442d18p+0 / taperi_max(node->length, 1.0);
    return taperi_derive_line(s, i, node);
}

static inline double short_point(const struct taperi_node *node, double t)
{
    const struct taperi_nearer n = taperi_nearer_end(node, t);
    return taperi_between(node, n.first,
                          taperi_half_cosine(n.steps / node->made[1]));
}

/* A sine and a cosine. */
struct wave {
    double sine, cosine;
};

/* Of pi m / 2L, for m / L in [0, 1/2]. tools/maths_coefficients.py derives the
 * numbers. */
static inline struct wave coarse_wave(const struct taperi_node *node, double m)
{
    const double x = m / node->made[1], z = x * x;
    double c = 0x1.b0b3a532e1bedp-28;
    c = c * z + -0x1.f9c64aa973db6p-22;
    c = c * z + 0x1.a6d1e43876076p-16;
    c = c * z + -0x1.e1f506780838fp-11;
    c = c * z + 0x1.55d3c7e3c12a4p-6;
    c = c * z + -0x1.03c1f081b5a5ap-2;
    c = c * z + 0x1.3bd3cc9be45dep+0;
    const struct wave w = {taperi_quarter_sine(x), 1.0 - z * c};
    return w;
}

/* Of pi j / 2L, for j in [0, 128]: the first terms of both series. */
static inline struct wave fine_wave(const struct taperi_node *node, double j)
{
    const double b = j * node->made[2], z = b * b;
    const struct wave w = {b - b * z * (1.0 / 6.0 - z * (1.0 / 120.0)),
                           1.0 - z * (0.5 - z * (1.0 / 24.0))};
    return w;
}

/* sin(a + b)^2 from the waves of a and b. */
static inline double join(struct wave a, struct wave b)
{
    const double s = a.sine * b.cosine + a.cosine * b.sine;
    return s * s;
}

/* The multiple of 128 at or below n, for whole n < 2^52. Adding 1.5 * 2^59
 * leaves no bit below 128, and rounds to the nearest multiple. */
static inline double group_of(double n)
{
    return ((n - 63.5) + 0x1.8p59) - 0x1.8p59;
}

static inline double long_point(const struct taperi_node *node, double t)
{
    const struct taperi_nearer n = taperi_nearer_end(node, t);
    const double m = group_of(n.steps);
    return taperi_between(node, n.first,
                          join(coarse_wave(node, m),
                               fine_wave(node, n.steps - m)));
}

static double cosine_at(const taper_schedule *s, const struct taperi_node *node,
                        double t)
{
    (void)s;
    return node->length < long_length ? short_point(node, t)
                                      : long_point(node, t);
}

static void cosine_fill(const taper_schedule *s, const struct taperi_node *node,
                        double *restrict t, size_t n, double *restrict out)
{
    (void)s;
    const struct taperi_node local = *node;
    if (local.length < long_length)
        for (size_t i = 0; i < n; i++)
            out[i] = short_point(&local, t[i]);
    else
        for (size_t i = 0; i < n; i++)
            out[i] = long_point(&local, t[i]);
}

/* The fine waves of a whole group. */
struct table {
    double sine[group_steps], cosine[group_steps];
};

/* Values at the distances m + j, m + j + step, ... from the nearer end, where
 * `step` is 1 or -1 and all n of them are in the group of m. */
static void fill_group(const struct taperi_node *node,
                       const struct table *restrict fine, double m, size_t j,
                       bool first, size_t n, double *restrict out)
{
    const struct wave a = coarse_wave(node, m);
    const double base = first ? node->given[0] : node->given[1];
    const double range = first ? -node->made[0] : node->made[0];
    if (first)
        for (size_t i = 0; i < n; i++) {
            const struct wave b = {fine->sine[j + i], fine->cosine[j + i]};
            out[i] = base + range * join(a, b);
        }
    else
        for (size_t i = 0; i < n; i++) {
            const struct wave b = {fine->sine[j - i], fine->cosine[j - i]};
            out[i] = base + range * join(a, b);
        }
}

static size_t cosine_run(const struct taperi_node *node, double t, size_t n,
                         double *restrict out)
{
    if (node->length < long_length || n < (size_t)4 * group_steps) return 0;
    struct table fine;
    for (int j = 0; j < group_steps; j++) {
        const struct wave b = fine_wave(node, (double)j);
        fine.sine[j] = b.sine;
        fine.cosine[j] = b.cosine;
    }
    const struct taperi_node local = *node;
    for (size_t i = 0, count; i < n; i += count) {
        const struct taperi_nearer near =
            taperi_nearer_end(&local, t + (double)i);
        const double m = group_of(near.steps);
        const size_t j = (size_t)(near.steps - m);
        /* To the end of the group, and never past the middle of the curve. */
        count = near.first ? group_steps - j : j + 1;
        if (near.first) {
            const double half = local.length - 2.0 * near.steps;
            const double middle = taperi_floor(0.5 * half);
            if (middle < (double)count)
                count = middle < 1.0 ? 1 : (size_t)middle;
        }
        if (count > n - i) count = n - i;
        fill_group(&local, &fine, m, j, near.first, count, out + i);
    }
    return n;
}

const struct taperi_behaviour taperi_cosine = {
    .name = "cosine",
    .given_count = 2,
    .derive = derive_cosine,
    .at = cosine_at,
    .fill = cosine_fill,
    .run = cosine_run,
    .end = taperi_curve_end,
    .may_say_after = true,
    .monotone = true,
};
