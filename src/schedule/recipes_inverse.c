/* Recipes that decay with a power of the time, and so need no end: a warm-up,
 * then 1/sqrt(t) and the like. */
#include "schedule/builder.h"
#include "schedule/maths.h"
#include "schedule/recipes.h"

/* peak (1 + t/per)^-power, for `over`. */
static taper_node tail(struct taperi_expansion *x, double peak, double per,
                       double power, taper_span over)
{
    return taper_build_inverse(x->b, peak, 1.0, power, taper_steps(per), over);
}

taper_node taperi_expand_noam(struct taperi_expansion *x)
{
    enum { d_model, warmup, scale };
    const double width = taperi_number_above(x, d_model, 0.0);
    const double steps = taperi_steps_from_1(x, warmup);
    const double peak = taperi_number(x, scale) / taperi_sqrt(width * steps);
    const taper_node parts[] = {taper_build_linear(x->b, peak / steps, peak,
                                                   taper_steps(steps - 1.0)),
                                tail(x, peak, steps, 0.5, taper_forever())};
    return taper_build_then(x->b, parts, 2);
}

taper_node taperi_expand_invsqrt(struct taperi_expansion *x)
{
    enum { peak, warmup, timescale, decay };
    const double top = taperi_number(x, peak);
    const double steps = taperi_whole_steps(x, warmup);
    double scale = steps > 0.0 ? steps : 10000.0;
    if (taperi_has(x, timescale)) scale = taperi_steps_from_1(x, timescale);
    taper_node parts[3] = {
        taper_build_linear(x->b, 0.0, top, taper_steps(steps))};
    if (!taperi_has(x, decay)) {
        parts[1] = tail(x, top, scale, 0.5, taper_forever());
        return taper_build_then(x->b, parts, 2);
    }
    parts[1] = tail(x, top, scale, 0.5, taper_rest());
    parts[2] =
        taper_build_linear(x->b, TAPER_PREVIOUS, 0.0, taperi_span(x, decay));
    return taper_build_then(x->b, parts, 3);
}

/* A fact of the run that an argument stands in for; 0 after an error. */
static double fact(struct taperi_expansion *x, int i, double known,
                   const char *needs, const char *why)
{
    if (taperi_has(x, i)) return taperi_number_above(x, i, 0.0);
    if (known > 0.0) return known;
    taper_error *error = taperi_builder_error(x->b);
    taperi_fail(error, TAPER_E_RUN, x->place, "%s", why);
    if (error) error->needs = needs;
    return 0.0;
}

taper_node taperi_expand_power(struct taperi_expansion *x)
{
    enum { warmup, decay, batch, tokens, peak, a, b, shape, floor, over };
    const double steps = taperi_steps_from_1(x, warmup);
    const double size =
        fact(x, batch, x->run.batch, "batch",
             "power needs 'batch', the number of sequences in one step");
    const double each =
        fact(x, tokens, x->run.tokens, "tokens",
             "power needs 'tokens', the number of tokens in one step");
    const double exponent = taperi_number_in(x, b, -DBL_MAX, -DBL_MIN);
    if (taperi_failed(x)) return TAPER_NO_NODE;
    const double top = taperi_number_above(x, peak, 0.0);
    const double start =
        size * taperi_number_above(x, a, 0.0) *
        taperi_scaled_exp2(1.0, 0.0,
                           taperi_scale_pair(taperi_log2(steps * each),
                                             exponent));
    const int used[] = {warmup, decay, -1};
    const taper_node lower[] = {taper_build_constant(x->b, top),
                                tail(x, start, steps, -exponent,
                                     taperi_recipe_rest(x, over, used))};
    const taper_node parts[] = {
        taper_build_linear(x->b, 0.0, taperi_min(top, start),
                           taper_steps(steps)),
        taper_build_min(x->b, lower, 2),
        taperi_choice(x, shape, "linear|exp") == 0
            ? taper_build_linear(x->b, TAPER_PREVIOUS, taperi_number(x, floor),
                                 taperi_recipe_span(x, decay, over))
            : taper_build_exp(x->b, TAPER_PREVIOUS,
                              taperi_number_above(x, floor, 0.0),
                              taperi_recipe_span(x, decay, over))};
    return taper_build_then(x->b, parts, 3);
}
