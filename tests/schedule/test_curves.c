/* What holds for every kind of curve, in several forms each: values for every
 * step, exact ends, never outside of them, one direction where that is
 * promised, the same bits one by one and filled, and the formula, computed in
 * long double by the C library. */
#include "schedule/support.h"

#include <math.h>
#include <stdlib.h>

#include "schedule/builder.h"

static const long double pi = 3.14159265358979323846264338327950288L;

/* ------------------------------------------------------------- formulas
 *
 * What is left of the way after a share u of the time, 1 to 0; `g` is what the
 * kind was given. Written so that nothing cancels near either end that 64 bits
 * could not afford. */

typedef long double left_fn(const double *g, long double u, double length);

static long double left_linear(const double *g, long double u, double length)
{
    (void)g, (void)length;
    return 1 - u;
}

static long double left_cosine(const double *g, long double u, double length)
{
    (void)g, (void)length;
    return powl(sinl(pi * (1 - u) / 2), 2);
}

static long double left_poly(const double *g, long double u, double length)
{
    (void)length;
    return powl(1 - u, g[2]);
}

static long double left_exp(const double *g, long double u, double length)
{
    (void)length;
    const long double value = g[0] * powl((long double)g[1] / g[0], u);
    return (value - g[1]) / ((long double)g[0] - g[1]);
}

static long double left_bent_poly(const double *g, long double u, double length)
{
    (void)length;
    return powl(-expm1l(g[3] * logl(u)), g[2]);
}

static long double left_bent_cosine(const double *g, long double u,
                                    double length)
{
    (void)length;
    const long double rest = -expm1l(g[3] * logl(u));
    return powl(sinl(pi * rest / 2), 2 * (long double)g[2]);
}

static long double left_sqrt(const double *g, long double u, double length)
{
    (void)g, (void)length;
    return 1 - sqrtl(u);
}

static long double left_square(const double *g, long double u, double length)
{
    (void)g, (void)length;
    return 1 - u * u;
}

static long double left_mirrorcos(const double *g, long double u, double length)
{
    (void)g, (void)length;
    return 2 * (1 - u) - (1 + cosl(pi * u)) / 2;
}

static long double left_sine(const double *g, long double u, double length)
{
    (void)g, (void)length;
    return 2 * powl(sinl(pi * (1 - u) / 4), 2);
}

static long double left_log(const double *g, long double u, double length)
{
    (void)g;
    return 1 - log1pl(u * length) / log1pl(length);
}

static long double left_rex(const double *g, long double u, double length)
{
    (void)length;
    return (1 - u) / (1 - g[2] + g[2] * (1 - u));
}

static long double left_hyperbolic(const double *g, long double u,
                                   double length)
{
    const long double upper = g[2] > 0 ? g[2] : length, n = length;
    const long double x = u * n;
    return sqrtl((n - x) / upper * (2 - (n + x) / upper)) /
           sqrtl(n / upper * (2 - n / upper));
}

static long double logistic(long double x)
{
    return 1 / (1 + expl(x));
}

static long double left_sigmoid(const double *g, long double u, double length)
{
    (void)length;
    const long double k = g[2], c = g[3];
    return sinhl(k * (1 - u) / 2) / sinhl(k / 2) * coshl(k * c / 2) /
           coshl(k * (u - c) / 2);
}

static long double left_tanh(const double *g, long double u, double length)
{
    (void)length;
    const long double lower = g[2], upper = g[3];
    const long double first = 1 - tanhl(lower), last = 1 - tanhl(upper);
    return (1 - tanhl(lower * (1 - u) + upper * u) - last) / (first - last);
}

static long double left_reciprocal(const double *g, long double u,
                                   double length)
{
    (void)length;
    const long double value =
        1 / (1 / (long double)g[0] +
             (1 / (long double)g[1] - 1 / (long double)g[0]) * u);
    return (value - g[1]) / ((long double)g[0] - g[1]);
}

static long double left_cubic(const double *g, long double u, double length)
{
    const long double v = 1 - u, a = g[0], b = g[1];
    const long double value = a * v * v * (1 + 2 * u) +
                              b * u * u * (1 + 2 * v) +
                              length * (g[2] * u * v * v - g[3] * u * u * v);
    return (value - b) / (a - b);
}

/* Values of the endless ones at t. */
typedef long double value_fn(const double *g, long double t);

static long double value_rate(const double *g, long double t)
{
    const long double x = g[3] > 0 ? floorl(t / g[3]) : g[2] > 0 ? t / g[2] : t;
    return g[0] * powl(g[1], x);
}

static long double value_inverse(const double *g, long double t)
{
    const long double x = g[1] * t / (g[2] > 0 ? g[2] : 1);
    return g[0] * powl(1 + x, -g[3]);
}

static long double value_logistic(const double *g, long double t)
{
    return g[0] * logistic(g[1] * (t - g[2]));
}

/* ---------------------------------------------------------------- forms
 *
 * Each kind in several forms. The ends of those between two values are put in
 * by the tests, where they may be anything. */

static const struct form {
    uint32_t kind;
    double given[4];
    bool own_ends;   /* given[0] and given[1] are part of the form */
    double ulps;     /* allowed error, of the distance from the nearer end */
    left_fn *left;   /* of a curve between two values */
    value_fn *value; /* of an endless one */
} forms[] = {
    {TAPERI_LINEAR, {0}, false, 4, left_linear, NULL},
    {TAPERI_COSINE, {0}, false, 8, left_cosine, NULL},
    {TAPERI_POLY, {0, 0, 1}, false, 4, left_poly, NULL},
    {TAPERI_POLY, {0, 0, 2}, false, 8, left_poly, NULL},
    {TAPERI_POLY, {0, 0, 3}, false, 8, left_poly, NULL},
    {TAPERI_POLY, {0, 0, 4}, false, 8, left_poly, NULL},
    {TAPERI_POLY, {0, 0, 0.5}, false, 8, left_poly, NULL},
    {TAPERI_POLY, {0, 0, 0.9}, false, 8, left_poly, NULL},
    {TAPERI_POLY, {0, 0, 30.5}, false, 60, left_poly, NULL},
    {TAPERI_EXP, {0.1, 0.001}, true, 8, left_exp, NULL},
    {TAPERI_EXP, {-0.001, -0.1}, true, 8, left_exp, NULL},
    {TAPERI_BENT_POLY, {0, 0, 1, 4}, false, 16, left_bent_poly, NULL},
    {TAPERI_BENT_POLY, {0, 0, 2, 0.7}, false, 16, left_bent_poly, NULL},
    {TAPERI_BENT_POLY, {0, 0, 0.9, 1.5}, false, 16, left_bent_poly, NULL},
    {TAPERI_BENT_COSINE, {0, 0, 2, 1}, false, 16, left_bent_cosine, NULL},
    {TAPERI_BENT_COSINE, {0, 0, 0.6, 1}, false, 16, left_bent_cosine, NULL},
    {TAPERI_BENT_COSINE, {0, 0, 1, 1.5}, false, 16, left_bent_cosine, NULL},
    {TAPERI_BENT_COSINE, {0, 0, 2.5, 0.4}, false, 24, left_bent_cosine, NULL},
    {TAPERI_SQRT, {0}, false, 8, left_sqrt, NULL},
    {TAPERI_SQUARE, {0}, false, 4, left_square, NULL},
    {TAPERI_MIRRORCOS, {0}, false, 8, left_mirrorcos, NULL},
    {TAPERI_SINE, {0}, false, 8, left_sine, NULL},
    {TAPERI_LOG, {0}, false, 16, left_log, NULL},
    {TAPERI_REX, {0, 0, 0.5}, false, 8, left_rex, NULL},
    {TAPERI_REX, {0, 0, 0}, false, 8, left_rex, NULL},
    {TAPERI_REX, {0, 0, 0.9}, false, 8, left_rex, NULL},
    {TAPERI_REX, {0, 0, -3}, false, 8, left_rex, NULL},
    {TAPERI_HYPERBOLIC, {0, 0, 0}, false, 8, left_hyperbolic, NULL},
    {TAPERI_HYPERBOLIC, {0, 0, 0x1p21}, false, 8, left_hyperbolic, NULL},
    {TAPERI_SIGMOID, {0, 0, 12, 0.5}, false, 40, left_sigmoid, NULL},
    {TAPERI_SIGMOID, {0, 0, 0.01, 0}, false, 16, left_sigmoid, NULL},
    {TAPERI_SIGMOID, {0, 0, 20, 1}, false, 60, left_sigmoid, NULL},
    {TAPERI_TANH, {0, 0, -6, 3}, false, 60, left_tanh, NULL},
    {TAPERI_TANH, {0, 0, 0.5, 2}, false, 40, left_tanh, NULL},
    {TAPERI_RECIPROCAL, {0.1, 0.001}, true, 8, left_reciprocal, NULL},
    {TAPERI_RECIPROCAL, {-0.001, -0.1}, true, 8, left_reciprocal, NULL},
    {TAPERI_CUBIC, {0.1, 0, 0, 0}, true, 8, left_cubic, NULL},
    {TAPERI_CUBIC, {0.1, 0, 1e-4, -3e-3}, true, 64, left_cubic, NULL},
    {TAPERI_CHEBYSHEV, {0.1, 0.01}, true, 0, NULL, NULL},
    {TAPERI_CONSTANT, {0.1}, true, 0, NULL, NULL},
    {TAPERI_HOLD, {0.1}, true, 0, NULL, NULL},
    {TAPERI_RATE, {0.1, 0.99, 0, 0}, true, 4, NULL, value_rate},
    {TAPERI_RATE, {0.1, 1.01, 0, 0}, true, 4, NULL, value_rate},
    {TAPERI_RATE, {0.1, 0.5, 100, 0}, true, 4, NULL, value_rate},
    {TAPERI_RATE, {-0.1, 0.5, 0, 100}, true, 4, NULL, value_rate},
    {TAPERI_INVERSE, {0.1, 0.5, 0, 1}, true, 4, NULL, value_inverse},
    {TAPERI_INVERSE, {0.1, 1, 10, 0.5}, true, 4, NULL, value_inverse},
    {TAPERI_INVERSE, {-0.1, 1e-4, 0, 2}, true, 8, NULL, value_inverse},
    {TAPERI_INVERSE, {0.1, 1e-4, 0, 0.75}, true, 8, NULL, value_inverse},
    {TAPERI_LOGISTIC, {0.1, 0.01, 500}, true, 32, NULL, value_logistic},
    {TAPERI_LOGISTIC, {0.1, -0.2, 100.5}, true, 400, NULL, value_logistic},
};

enum { form_count = sizeof forms / sizeof *forms };

/* Pairs of ends that fit in all but those with ends of their own. */
static const double ends[][2] = {{0.1, 0},     {0, 0.1},   {0.1, 0.001},
                                 {-0.3, 1e-9}, {1e300, 1}, {5e-324, 0},
                                 {0.1, 0.1},   {3, -7}};

enum { ends_count = sizeof ends / sizeof *ends };

/* All are powers of 2, for chebyshev, or 0. */
static const double lengths[] = {0, 1, 2, 4, 64, 1024, 0x1p20};

enum { length_count = sizeof lengths / sizeof *lengths };

/* A schedule of one node, or NULL with the error. `length` below 0: no end. */
static taper_schedule *build(uint32_t kind, const double *given, double length,
                             taper_error *err)
{
    taper_builder *b = taper_builder_create(NULL);
    struct taperi_draft draft = taperi_draft_make(kind);
    for (int k = 0; k < 4; k++)
        draft.given[k] = given[k];
    draft.over = length < 0 ? taper_forever() : taper_steps(length);
    taper_schedule *s;
    taper_build(b, taperi_builder_add(b, &draft), NULL, NULL, &s, err);
    taper_builder_destroy(b);
    return s;
}

/* Form k with its own ends, or those of row e. */
static taper_schedule *build_form(size_t k, size_t e, double length)
{
    double given[4];
    memcpy(given, forms[k].given, sizeof given);
    if (!forms[k].own_ends) {
        given[0] = ends[e][0];
        given[1] = ends[e][1];
    }
    taper_error err;
    taper_schedule *s = build(forms[k].kind, given, length, &err);
    if (!s) fail_msg("form %zu: %s", k, err.message);
    return s;
}

static bool is_between(const struct form *form)
{
    return form->left != NULL;
}

/* Calls `check` for every form, with every pair of ends and every length, and
 * without an end where that is possible. */
static void for_all(void (*check)(const taper_schedule *s, const char *text))
{
    for (size_t k = 0; k < form_count; k++)
        for (size_t e = 0; e < (forms[k].own_ends ? 1 : ends_count); e++)
            for (int l = -1; l < (int)length_count; l++) {
                const uint32_t kind = forms[k].kind;
                if (l < 0 && !taperi_behaviours[kind]->may_be_endless) continue;
                const double length = l < 0 ? -1 : lengths[l];
                taper_schedule *s = build_form(k, e, length);
                char text[200];
                taper_describe(s, text, sizeof text);
                check(s, text);
                taper_free(s, NULL);
            }
}

static void every_kind_of_curve_has_a_form(void **state)
{
    (void)state;
    for (uint32_t kind = 0; kind < TAPERI_KIND_COUNT; kind++) {
        bool found = taperi_behaviours[kind]->has_child ||
                     taperi_behaviours[kind]->has_parts;
        for (size_t k = 0; k < form_count; k++)
            found = found || forms[k].kind == kind;
        if (!found) fail_msg("%s has none", taperi_behaviours[kind]->name);
    }
}

/* Steps that are worth a look, whole and not. */
static const double real_steps[] = {
    -INFINITY, -1,      0,     5e-324, 1e-300,   1e-9, 0.25,  0.5,     0.999999,
    1,         1.5,     2,     3.7,    4,        21.3, 63.99, 64,      341,
    511.5,     512,     512.5, 1023,   1023.999, 1024, 1025,  1e5,     524288,
    1048575.5, 1048576, 1e9,   0x1p52, 0x1p53,   1e18, 1e300, INFINITY};

enum { real_count = sizeof real_steps / sizeof *real_steps };

static void check_total(const taper_schedule *s, const char *text)
{
    for (size_t i = 0; i < awkward_count; i++)
        if (!isfinite(taper_at(s, awkward_steps[i])))
            fail_msg("%s at %lld", text, (long long)awkward_steps[i]);
    for (size_t i = 0; i < real_count; i++) {
        const double v = taper_at_real(s, real_steps[i]);
        if (!isfinite(v) || (v == 0 && signbit(v)))
            fail_msg("%s at %g is %g", text, real_steps[i], v);
    }
    assert_same(taper_at_real(s, NAN), taper_at(s, 0));
}

static void every_curve_is_total(void **state)
{
    (void)state;
    for_all(check_total);
}

static void every_curve_starts_and_ends_exactly(void **state)
{
    (void)state;
    for (size_t k = 0; k < form_count; k++)
        for (size_t e = 0; e < ends_count && is_between(&forms[k]); e++)
            for (size_t l = 0; l < length_count; l++) {
                const double from =
                    forms[k].own_ends ? forms[k].given[0] : ends[e][0];
                const double to =
                    forms[k].own_ends ? forms[k].given[1] : ends[e][1];
                taper_schedule *s = build_form(k, e, lengths[l]);
                assert_same(taper_at(s, (int64_t)lengths[l]), to);
                assert_same(taper_at(s, INT64_MAX), to);
                if (lengths[l] > 0) assert_same(taper_at(s, 0), from);
                if (lengths[l] > 0) assert_same(taper_at(s, -5), from);
                taper_free(s, NULL);
            }
}

static void check_within(const taper_schedule *s, const char *text)
{
    const struct taperi_node *node = taperi_root(s);
    if (!taperi_behaviours[node->kind]->monotone) return;
    const double first = taper_at(s, 0), last = node->end;
    const double low = fmin(first, last), high = fmax(first, last);
    for (int i = 0; i < 3000; i++) {
        const double step = i < (int)real_count ? real_steps[i] : 0.37 * i;
        const double v = taper_at_real(s, step);
        if (!(v >= low && v <= high))
            fail_msg("%s at %g is %.17g", text, step, v);
    }
}

static void monotone_curves_stay_between_their_ends(void **state)
{
    (void)state;
    for_all(check_within);
}

/* Roundings may turn around by units of the last place of the larger end. */
static void check_monotone(const taper_schedule *s, const char *text)
{
    const struct taperi_node *node = taperi_root(s);
    if (!taperi_behaviours[node->kind]->monotone) return;
    const double first = taper_at(s, 0), last = node->end;
    const double slack = 2 * DBL_EPSILON * fmax(fabs(first), fabs(last));
    static const double strides[] = {1, 0.11, 1e-3, 511.77};
    for (size_t k = 0; k < sizeof strides / sizeof *strides; k++) {
        double before = first;
        for (int i = 1; i < 2100; i++) {
            const double v = taper_at_real(s, strides[k] * i);
            if (first <= last ? v < before - slack : v > before + slack)
                fail_msg("%s turns around at %g", text, strides[k] * i);
            before = v;
        }
    }
}

static void monotone_curves_never_turn_around(void **state)
{
    (void)state;
    for_all(check_monotone);
}

static void check_fill(const taper_schedule *s, const char *text)
{
    enum { n = 300 };
    static const int64_t firsts[] = {-7, 0, 400, 1000, 524200, 1048400};
    static const int64_t strides[] = {1, 1, 1, 3, -2, 7919};
    double out[n];
    for (size_t k = 0; k < sizeof firsts / sizeof *firsts; k++) {
        taper_fill(s, firsts[k], strides[k], n, out);
        for (int i = 0; i < n; i++) {
            const double want = taper_at(s, firsts[k] + i * strides[k]);
            if (memcmp(&want, &out[i], sizeof want) != 0)
                fail_msg("%s at %lld: %a, not %a", text,
                         (long long)(firsts[k] + i * strides[k]), out[i], want);
        }
    }
}

static void a_fill_gives_the_bits_of_single_calls(void **state)
{
    (void)state;
    for_all(check_fill);
}

static void check_round_trip(const taper_schedule *s, const char *text)
{
    const taper_schedule *again;
    taper_error err;
    if (taper_open(s, taper_size(s), &again, &err) != TAPER_OK)
        fail_msg("%s: %s", text, err.message);
    taper_schedule *t;
    if (taper_parse(text, strlen(text), NULL, NULL, &t, &err) != TAPER_OK)
        fail_msg("%s: %s", text, err.message);
    assert_int_equal(taper_size(s), taper_size(t));
    if (memcmp(s, t, taper_size(s)) != 0) fail_msg("%s changes", text);
    taper_free(t, NULL);
}

static void text_and_bytes_of_a_curve_read_back(void **state)
{
    (void)state;
    for_all(check_round_trip);
}

/* -------------------------------------------------------------- formulas */

/* Fails if `got` is further from `want` than so many units of the last place
 * of `scale`. What `want` lost to cancellation does not count: `lost`. */
static void assert_close(const char *text, double step, double got,
                         long double want, long double scale, double ulps,
                         long double lost)
{
    const long double error = fabsl(got - want);
    if (!(error <= scale * ulps * 0x1p-53L + lost))
        fail_msg("%s at %g: %.17g, not %.17Lg: %.1Lf units", text, step, got,
                 want, error / (scale * 0x1p-53L));
}

/* From 0.1 to 0 shows what is left, from 0 to 0.1 what has been covered: with
 * the precision of the small numbers that they are. */
static void curves_agree_with_their_formulas(void **state)
{
    (void)state;
    enum { length = 1024 };
    for (size_t k = 0; k < form_count; k++)
        for (size_t e = 0; e < 3 && is_between(&forms[k]); e++) {
            taper_schedule *s = build_form(k, e, length);
            const double *given = taperi_root(s)->given;
            char text[200];
            taper_describe(s, text, sizeof text);
            for (int i = 1; i < 4 * length; i++) {
                const double step = i / 4.0;
                const long double left =
                    forms[k].left(given, step / length, length);
                const long double range = (long double)given[0] - given[1];
                const bool first = left > 0.5L;
                const long double base = first ? given[0] : given[1];
                const long double way =
                    first ? (left - 1) * range : left * range;
                assert_close(text, step, taper_at_real(s, step), base + way,
                             fabsl(way) + fabsl(base), forms[k].ulps,
                             fabsl(range) * 0x1p-61L);
            }
            taper_free(s, NULL);
        }
}

static void endless_curves_agree_with_their_formulas(void **state)
{
    (void)state;
    for (size_t k = 0; k < form_count; k++) {
        if (!forms[k].value) continue;
        taper_schedule *s = build_form(k, 0, -1);
        char text[200];
        taper_describe(s, text, sizeof text);
        for (int i = 0; i < 8000; i++) {
            const double step = i / 4.0;
            const long double want = forms[k].value(forms[k].given, step);
            assert_close(text, step, taper_at_real(s, step), want, fabsl(want),
                         forms[k].ulps, 0);
        }
        taper_free(s, NULL);
    }
}

/* Hits what was meant: the burn-in of darknet, lr (t/B)^4. */
static void a_steep_warm_up_is_precise_from_its_first_step(void **state)
{
    (void)state;
    const double given[] = {0, 0.1, 1, 4};
    taper_schedule *s = build(TAPERI_BENT_POLY, given, 1000, NULL);
    for (int t = 1; t <= 1000; t++) {
        const long double want = 0.1L * powl(t / 1000.0L, 4);
        assert_close("burn-in", t, taper_at(s, t), want, want, 8, 0);
    }
    taper_free(s, NULL);
}

/* ------------------------------------------------------------- chebyshev */

/* The order as the paper makes it: each one interlaced with its mirror. */
static void chebyshev_steps_come_in_fractal_order(void **state)
{
    (void)state;
    enum { most = 4096 };
    static int order[most], next[most];
    const double from = 1.0, to = 0.05;
    for (int n = 1; n <= most; n *= 2) {
        taper_schedule *s =
            build(TAPERI_CHEBYSHEV, (const double[]){from, to, 0, 0}, n, NULL);
        const long double c = (1 / (long double)to + 1 / (long double)from) / 2;
        const long double r = (1 / (long double)to - 1 / (long double)from) / 2;
        for (int t = 0; t < n; t++) {
            const long double want =
                1 / (c - r * cosl(pi * (order[t] + 0.5L) / n));
            assert_close("chebyshev", t, taper_at(s, t), want, want, 16, 0);
            assert_same(taper_at_real(s, t + 0.75), taper_at(s, t));
        }
        assert_same(taper_at(s, n), taper_at(s, n - 1));
        assert_same(taper_at(s, INT64_MAX), taper_at(s, n - 1));
        taper_free(s, NULL);
        for (int t = 0; t < n && 2 * n <= most; t++) {
            next[2 * t] = order[t];
            next[2 * t + 1] = 2 * n - 1 - order[t];
        }
        memcpy(order, next, sizeof order);
    }
}

/* ---------------------------------------------------------------- errors */

static void bad_numbers_are_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t kind;
        double given[4], length;
    } bad[] = {
        {TAPERI_POLY, {1, 0, 0}, 10},
        {TAPERI_POLY, {1, 0, NAN}, 10},
        {TAPERI_POLY, {1, 0, 2e9}, 10},
        {TAPERI_BENT_POLY, {1, 0, 2, 1}, 10},
        {TAPERI_BENT_POLY, {1, 0, 2, 0}, 10},
        {TAPERI_BENT_POLY, {1, 0, 2, NAN}, 10},
        {TAPERI_BENT_POLY, {1, 0, -1, 2}, 10},
        {TAPERI_BENT_COSINE, {1, 0, 1, 1}, 10},
        {TAPERI_BENT_COSINE, {1, 0, NAN, 1}, 10},
        {TAPERI_SQRT, {NAN, 0}, 10},
        {TAPERI_SQRT, {1, INFINITY}, 10},
        {TAPERI_SQUARE, {1e308, -1e308}, 10},
        {TAPERI_SINE, {1, 0}, -1},
        {TAPERI_LOG, {NAN, 0}, 10},
        {TAPERI_REX, {1, 0, 1}, 10},
        {TAPERI_REX, {1, 0, NAN}, 10},
        {TAPERI_REX, {1, 0, -INFINITY}, 10},
        {TAPERI_HYPERBOLIC, {1, 0, 9}, 10},
        {TAPERI_HYPERBOLIC, {1, 0, 10.5}, 10},
        {TAPERI_HYPERBOLIC, {1, 0, NAN}, 10},
        {TAPERI_SIGMOID, {1, 0, 0, 0.5}, 10},
        {TAPERI_SIGMOID, {1, 0, 701, 0.5}, 10},
        {TAPERI_SIGMOID, {1, 0, NAN, 0.5}, 10},
        {TAPERI_SIGMOID, {1, 0, 10, 1.1}, 10},
        {TAPERI_SIGMOID, {1, 0, 10, NAN}, 10},
        {TAPERI_SIGMOID, {NAN, 0, 10, 0.5}, 10},
        {TAPERI_TANH, {1, 0, 3, 3}, 10},
        {TAPERI_TANH, {1, 0, -301, 3}, 10},
        {TAPERI_TANH, {1, 0, NAN, 3}, 10},
        {TAPERI_TANH, {1, 0, -6, 301}, 10},
        {TAPERI_RECIPROCAL, {0, 1}, 10},
        {TAPERI_RECIPROCAL, {1, 0}, 10},
        {TAPERI_RECIPROCAL, {1, -1}, 10},
        {TAPERI_RECIPROCAL, {1e300, 1e-300}, 10},
        {TAPERI_RECIPROCAL, {NAN, 1}, 10},
        {TAPERI_CUBIC, {1, 0, NAN, 0}, 10},
        {TAPERI_CUBIC, {1, 0, 0, 1e308}, 10},
        {TAPERI_CUBIC, {NAN, 0, 0, 0}, 10},
        {TAPERI_CHEBYSHEV, {1, 0.1}, 12},
        {TAPERI_CHEBYSHEV, {1, 0.1}, 0x1p51},
        {TAPERI_CHEBYSHEV, {1, 0}, 16},
        {TAPERI_INVERSE, {NAN, 1, 0, 1}, 10},
        {TAPERI_INVERSE, {1, 0, 0, 1}, 10},
        {TAPERI_INVERSE, {1, INFINITY, 0, 1}, 10},
        {TAPERI_INVERSE, {1, 1, 1, 1}, 10},
        {TAPERI_INVERSE, {1, 1, 2.5, 1}, 10},
        {TAPERI_INVERSE, {1, 1, 0, 0}, 10},
        {TAPERI_LOGISTIC, {1, 0, 0}, 10},
        {TAPERI_LOGISTIC, {1, 2e9, 0}, 10},
        {TAPERI_LOGISTIC, {1, 1, INFINITY}, 10},
        {TAPERI_LOGISTIC, {INFINITY, 1, 0}, 10},
    };
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        taper_error err = {.code = TAPER_OK};
        taper_schedule *s =
            build(bad[k].kind, bad[k].given, bad[k].length, &err);
        if (s) fail_msg("row %zu was taken", k);
        assert_true(err.code != TAPER_OK && strlen(err.message) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_curve_has_a_form),
        cmocka_unit_test(every_curve_is_total),
        cmocka_unit_test(every_curve_starts_and_ends_exactly),
        cmocka_unit_test(monotone_curves_stay_between_their_ends),
        cmocka_unit_test(monotone_curves_never_turn_around),
        cmocka_unit_test(a_fill_gives_the_bits_of_single_calls),
        cmocka_unit_test(text_and_bytes_of_a_curve_read_back),
        cmocka_unit_test(curves_agree_with_their_formulas),
        cmocka_unit_test(endless_curves_agree_with_their_formulas),
        cmocka_unit_test(a_steep_warm_up_is_precise_from_its_first_step),
        cmocka_unit_test(chebyshev_steps_come_in_fractal_order),
        cmocka_unit_test(bad_numbers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
