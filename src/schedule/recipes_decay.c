/* Recipes that go down once: warm up, perhaps stay, and cool down. */
#include "schedule/builder.h"
#include "schedule/maths.h"
#include "schedule/recipes.h"

/* ------------------------------------------------------ shared lengths */

/* Whether argument i is a share of argument `over`. */
static bool is_share(const struct taperi_expansion *x, int i, int over)
{
    return taperi_has(x, over) && x->argument[i].type == TAPERI_NUMBER &&
           x->argument[i].unit == TAPER_PERCENT;
}

taper_span taperi_recipe_span(struct taperi_expansion *x, int i, int over)
{
    if (!is_share(x, i, over)) return taperi_span(x, i);
    const double whole = taperi_whole_steps(x, over);
    return taper_steps(taperi_round(x->argument[i].number * whole / 100.0));
}

taper_span taperi_recipe_rest(struct taperi_expansion *x, int over,
                              const int *parts)
{
    if (!taperi_has(x, over)) return taper_rest();
    const double whole = taperi_whole_steps(x, over);
    double rest = whole;
    for (; *parts >= 0; parts++)
        rest -= is_share(x, *parts, over)
                    ? taperi_recipe_span(x, *parts, over).amount
                    : taperi_whole_steps(x, *parts);
    if (rest >= 0.0) return taper_steps(rest);
    taperi_refuse(x, over,
                  "the parts take %g steps, more than the %g of 'over'",
                  whole - rest, whole);
    return taper_rest();
}

/* ------------------------------------------------------------ cool-downs */

/* floor + (from - floor) (2 0.5^q - 1), q in [0, 1]. Ends on the floor itself,
 * which the sum might miss by a rounding. */
static taper_node megatron(struct taperi_expansion *x,
                           const struct taperi_cooldown *c)
{
    const double height = c->from - c->floor;
    if (height == 0.0) return taper_build_hold(x->b, c->from, c->over);
    const taper_node terms[] = {taper_build_exp(x->b, 2.0 * height, height,
                                                c->over),
                                taper_build_constant(x->b, c->floor - height)};
    const taper_node parts[] = {taper_build_add(x->b, terms, 2),
                                taper_build_hold(x->b, c->floor,
                                                 taper_steps(0.0))};
    return taper_build_then(x->b, parts, 2);
}

static taper_node halving(struct taperi_expansion *x,
                          const struct taperi_cooldown *c)
{
    if (c->floor != 0.0)
        return taperi_refuse(x, c->shape,
                             "shape 'halving' has no floor: it ends where its "
                             "half-life leads");
    if (!taperi_has(x, c->half_life))
        return taperi_refuse(x, c->shape,
                             "shape 'halving' needs 'half_life', the length in "
                             "which the rate halves");
    return taper_build_exp_rate(x->b, c->from, 0.5,
                                taperi_span(x, c->half_life), false, c->over);
}

/* Shapes that are geometric at heart have to end above 0. */
static bool floor_is_above_0(struct taperi_expansion *x,
                             const struct taperi_cooldown *c)
{
    if (c->floor > 0.0 && c->from > 0.0) return true;
    taperi_refuse(x, c->shape, "this shape needs a 'floor' above 0");
    return false;
}

taper_node taperi_recipe_cooldown(struct taperi_expansion *x,
                                  const struct taperi_cooldown *c)
{
    enum { linear, sqrt, cosine, mirrorcos, square, exp, power, harmonic };
    enum { megatron_exp = harmonic + 1 };
    taper_builder *const b = x->b;
    const double from = c->from, to = c->floor;
    switch (taperi_choice(x, c->shape, TAPERI_COOLDOWNS)) {
    case linear:
        return taper_build_linear(b, from, to, c->over);
    case sqrt:
        return taper_build_sqrt(b, from, to, c->over);
    case cosine:
        return taper_build_cosine(b, from, to, c->over);
    case mirrorcos:
        return taper_build_mirrorcos(b, from, to, c->over);
    case square:
        return taper_build_square(b, from, to, c->over);
    case exp:
        if (!floor_is_above_0(x, c)) return TAPER_NO_NODE;
        return taper_build_exp(b, from, to, c->over);
    case power:
        return taper_build_poly(b, from, to, c->over,
                                taperi_number_above(x, c->power, 0.0));
    case harmonic:
        if (!floor_is_above_0(x, c)) return TAPER_NO_NODE;
        return taper_build_reciprocal(b, from, to, c->over);
    case megatron_exp:
        return megatron(x, c);
    default:
        return halving(x, c);
    }
}

/* ------------------------------------------- warm up, stay, cool down */

/* A line up to `peak`; nothing if there is no warm-up. */
static taper_node rise(struct taperi_expansion *x, double low, double peak,
                       int warmup, int over)
{
    const taper_span span = taperi_recipe_span(x, warmup, over);
    if (span.amount == 0.0 && span.unit != TAPER_REST) return TAPER_NO_NODE;
    return taper_build_linear(x->b, low, peak, span);
}

/* The parts that there are, one after the other. */
static taper_node join(struct taperi_expansion *x, taper_node *parts,
                       size_t count)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        if (parts[i] != TAPER_NO_NODE) parts[used++] = parts[i];
    return taper_build_then(x->b, parts, used);
}

taper_node taperi_expand_wsd(struct taperi_expansion *x)
{
    enum { peak, warmup, decay, shape, floor, exponent, half_life, over };
    const double top = taperi_number(x, peak);
    const int used[] = {warmup, decay, -1};
    const struct taperi_cooldown cooldown = {.from = top,
                                             .floor = taperi_number(x, floor),
                                             .over =
                                                 taperi_recipe_span(x, decay,
                                                                    over),
                                             .shape = shape,
                                             .power = exponent,
                                             .half_life = half_life};
    taper_node parts[] = {rise(x, 0.0, top, warmup, over),
                          taper_build_hold(x->b, top,
                                           taperi_recipe_rest(x, over, used)),
                          taperi_recipe_cooldown(x, &cooldown)};
    return join(x, parts, 3);
}

taper_node taperi_expand_trapezoid(struct taperi_expansion *x)
{
    enum { peak, up, down, low, over };
    const double top = taperi_number(x, peak), bottom = taperi_number(x, low);
    const int used[] = {up, down, -1};
    taper_node parts[] = {
        rise(x, bottom, top, up, over),
        taper_build_hold(x->b, top, taperi_recipe_rest(x, over, used)),
        taper_build_linear(x->b, top, bottom,
                           taperi_recipe_span(x, down, over))};
    return join(x, parts, 3);
}

taper_node taperi_expand_knee(struct taperi_expansion *x)
{
    enum { peak, explore, warmup, over };
    const double top = taperi_number(x, peak);
    const int used[] = {warmup, explore, -1};
    taper_node parts[] = {
        rise(x, 0.0, top, warmup, over),
        taper_build_hold(x->b, top, taperi_recipe_span(x, explore, over)),
        taper_build_linear(x->b, top, 0.0, taperi_recipe_rest(x, over, used))};
    return join(x, parts, 3);
}

taper_node taperi_expand_d2z(struct taperi_expansion *x)
{
    enum { peak, warmup, over };
    const double top = taperi_number(x, peak);
    const int used[] = {warmup, -1};
    taper_node parts[] = {
        rise(x, 0.0, top, warmup, over),
        taper_build_linear(x->b, top, 0.0, taperi_recipe_rest(x, over, used))};
    return join(x, parts, 2);
}

taper_node taperi_expand_budgeted(struct taperi_expansion *x)
{
    enum { start, floor, over };
    return taper_build_linear(x->b, taperi_number(x, start),
                              taperi_number(x, floor), taperi_span(x, over));
}

taper_node taperi_expand_slanted(struct taperi_expansion *x)
{
    enum { peak, cut, ratio, over };
    const double top = taperi_number(x, peak);
    const double low = top / taperi_number_above(x, ratio, 0.0);
    const int used[] = {cut, -1};
    taper_node parts[] = {
        rise(x, low, top, cut, over),
        taper_build_linear(x->b, top, low, taperi_recipe_rest(x, over, used))};
    return join(x, parts, 2);
}

taper_node taperi_expand_infinite(struct taperi_expansion *x)
{
    enum { peak, steady, warmup, cooldown, anneal, floor, over };
    const double top = taperi_number(x, peak), flat = taperi_number(x, steady);
    const double end = taperi_number(x, floor);
    const int used[] = {warmup, cooldown, anneal, -1};
    taper_node parts[4] = {rise(x, 0.0, top, warmup, over),
                           taper_build_cosine(x->b, top, flat,
                                              taperi_recipe_span(x, cooldown,
                                                                 over))};
    if (!taperi_has(x, anneal)) {
        if (taperi_has(x, over))
            return taperi_refuse(x, over,
                                 "'over' needs 'anneal': without it "
                                 "the rate stays for ever");
        parts[2] = taper_build_constant(x->b, flat);
        return join(x, parts, 3);
    }
    if (!(end > 0.0 && flat > 0.0))
        return taperi_refuse(x, floor,
                             "'anneal' is geometric, so it needs a 'floor' "
                             "above 0");
    parts[2] = taper_build_hold(x->b, flat, taperi_recipe_rest(x, over, used));
    parts[3] =
        taper_build_exp(x->b, flat, end, taperi_recipe_span(x, anneal, over));
    return join(x, parts, 4);
}

taper_node taperi_expand_tristage(struct taperi_expansion *x)
{
    enum { peak, warmup, hold, decay, first, last };
    const double top = taperi_number(x, peak);
    const double low = taperi_not_negative(x, first) * top;
    const double end = taperi_number_above(x, last, 0.0) * top;
    const taper_node parts[] = {
        taper_build_linear(x->b, low, top, taperi_span(x, warmup)),
        taper_build_hold(x->b, top, taperi_span(x, hold)),
        taper_build_exp(x->b, top, end, taperi_span(x, decay))};
    return taper_build_then(x->b, parts, 3);
}

/* --------------------------------------------------------------- stairs */

taper_node taperi_expand_step(struct taperi_expansion *x)
{
    enum { start, every, factor };
    return taper_build_exp_rate(x->b, taperi_number(x, start),
                                taperi_number_above(x, factor, 0.0),
                                taperi_span(x, every), true, taper_forever());
}

taper_node taperi_expand_multistep(struct taperi_expansion *x)
{
    enum { start, at, factor };
    double value = taperi_number(x, start), now = 0.0;
    const double times = taperi_number(x, factor);
    const struct taperi_draft draft = taperi_draft_make(TAPERI_SEQUENCE);
    const struct taperi_argument *a = taperi_items(x, at);
    taper_node whole = TAPER_NO_NODE;
    if (a) whole = taperi_builder_add(x->b, &draft);
    for (; a && !taperi_failed(x); a = taperi_item_after(x, a)) {
        const double step = taperi_round(taperi_item_steps(x, a));
        if (step < now)
            return taperi_refuse(x, at, "the steps of 'at' must not decrease");
        taperi_builder_append(x->b, whole,
                              taper_build_hold(x->b, value,
                                               taper_steps(step - now)));
        value = taperi_saturate(value * times);
        now = step;
    }
    const taper_node last = taper_build_constant(x->b, value);
    if (whole == TAPER_NO_NODE) return last;
    taperi_builder_append(x->b, whole, last);
    return whole;
}
