/* Recipes that go up and down: one cycle, and cycles without an end. */
#include "schedule/recipes.h"

/* ------------------------------------------------------------ one cycle */

/* A phase of a one-cycle: half a cosine or a line. */
static taper_node phase(struct taperi_expansion *x, int shape, double from,
                        double to, taper_span over)
{
    return shape == 0 ? taper_build_cosine(x->b, from, to, over)
                      : taper_build_linear(x->b, from, to, over);
}

taper_node taperi_expand_onecycle(struct taperi_expansion *x)
{
    enum { peak, over, up, anneal, start_div, final_div, three_phase };
    const double top = taperi_number(x, peak);
    const double first = top / taperi_number_above(x, start_div, 0.0);
    const double last = first / taperi_number_above(x, final_div, 0.0);
    const int shape = taperi_choice(x, anneal, "cos|linear");
    const taper_span rise = taperi_recipe_span(x, up, over);
    if (!taperi_flag(x, three_phase)) {
        const int used[] = {up, -1};
        const taper_node parts[] = {phase(x, shape, first, top, rise),
                                    phase(x, shape, top, last,
                                          taperi_recipe_rest(x, over, used))};
        return taper_build_then(x->b, parts, 2);
    }
    const int used[] = {up, up, -1};
    const taper_node parts[] = {phase(x, shape, first, top, rise),
                                phase(x, shape, top, first, rise),
                                phase(x, shape, first, last,
                                      taperi_recipe_rest(x, over, used))};
    return taper_build_then(x->b, parts, 3);
}

/* ------------------------------------------------------------ triangles */

/* Up from `low` to `high` and back, for ever, each time `scale` as high. */
static taper_node triangles(struct taperi_expansion *x, double low, double high,
                            int half, int down, double scale)
{
    const taper_span rise = taperi_span(x, half);
    const taper_span fall = taperi_has(x, down) ? taperi_span(x, down) : rise;
    const taper_node sides[] = {taper_build_linear(x->b, low, high, rise),
                                taper_build_linear(x->b, high, low, fall)};
    return taper_build_repeat(x->b, taper_build_then(x->b, sides, 2), 0, 1.0,
                              scale);
}

/* `node` above `low`. */
static taper_node lifted(struct taperi_expansion *x, double low,
                         taper_node node)
{
    if (low == 0.0) return node;
    const taper_node parts[] = {taper_build_constant(x->b, low), node};
    return taper_build_add(x->b, parts, 2);
}

taper_node taperi_expand_triangular(struct taperi_expansion *x)
{
    enum { low, high, half_period, down };
    return triangles(x, taperi_number(x, low), taperi_number(x, high),
                     half_period, down, 1.0);
}

taper_node taperi_expand_triangular2(struct taperi_expansion *x)
{
    enum { low, high, half_period, down };
    const double bottom = taperi_number(x, low);
    const double height = taperi_number(x, high) - bottom;
    return lifted(x, bottom, triangles(x, 0.0, height, half_period, down, 0.5));
}

taper_node taperi_expand_exp_range(struct taperi_expansion *x)
{
    enum { low, high, half_period, gamma, down };
    const double bottom = taperi_number(x, low);
    const double height = taperi_number(x, high) - bottom;
    const taper_node factors[] = {
        triangles(x, 0.0, height, half_period, down, 1.0),
        taper_build_exp_rate(x->b, 1.0, taperi_number_above(x, gamma, 0.0),
                             taper_steps(1.0), false, taper_forever())};
    return lifted(x, bottom, taper_build_product(x->b, factors, 2));
}

/* -------------------------------------------------------- warm restarts */

taper_node taperi_expand_sgdr(struct taperi_expansion *x)
{
    enum { peak, period, mult, floor, decay, times };
    const double top = taperi_number(x, peak), bottom = taperi_number(x, floor);
    const double stretch = taperi_number_above(x, mult, 0.0);
    const double scale = taperi_not_negative(x, decay);
    const taper_span over = taperi_span(x, period);
    const int64_t cycles =
        taperi_has(x, times) ? (int64_t)taperi_count_from_1(x, times) : 0;
    if (scale == 1.0 || bottom == 0.0)
        return taper_build_repeat(x->b,
                                  taper_build_cosine(x->b, top, bottom, over),
                                  cycles, stretch, scale);
    /* Peaks shrink and the floor does not: each is a repeat of its own. */
    const taper_node parts[] = {
        taper_build_repeat(x->b, taper_build_cosine(x->b, top, 0.0, over),
                           cycles, stretch, scale),
        taper_build_repeat(x->b, taper_build_cosine(x->b, 0.0, bottom, over),
                           cycles, stretch, 1.0)};
    return taper_build_add(x->b, parts, 2);
}
