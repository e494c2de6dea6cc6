/* Keras's schedules, keras.optimizers.schedules, by their own names and
 * arguments, and the two that only TensorFlow 1 had. The value that Keras
 * computes for `iterations` t is the one at step t. */
#include "schedule/maths.h"
#include "schedule/peer_cycles.h"
#include "schedule/peer_parts.h"
#include "schedule/shapes.h"

/* The arguments of the three decays by a rate. */
enum { decay_rate = 2, decay_staircase };

/* from rate^(t/per), or only for whole t/per. */
static taper_node rate_decay(struct taperi_expansion *x, double rate)
{
    const double from = taperi_number(x, 0);
    const double per = taperi_real_steps_above_0(x, 1);
    const taper_span one = taper_steps(taperi_whole_or_1(per));
    return taperi_stretch_to(
        x->b,
        taper_build_exp_rate(x->b, from, rate, one,
                             taperi_flag(x, decay_staircase), taper_forever()),
        per);
}

static taper_node expand_exponential(struct taperi_expansion *x)
{
    return rate_decay(x, taperi_number_above(x, decay_rate, 0.0));
}

static taper_node expand_natural_exp(struct taperi_expansion *x)
{
    return rate_decay(x, taperi_natural_exp(
                             -taperi_number_in(x, decay_rate, -700.0, 700.0)));
}

static taper_node expand_inverse_time(struct taperi_expansion *x)
{
    const double from = taperi_number(x, 0);
    const double per = taperi_real_steps_above_0(x, 1);
    const double rate = taperi_not_negative(x, decay_rate);
    const taper_span one = taper_steps(taperi_whole_or_1(per));
    if (rate == 0.0) return taper_build_constant(x->b, from);
    taper_node node =
        taper_build_inverse(x->b, from, rate, 1.0, one, taper_forever());
    if (taperi_flag(x, decay_staircase))
        node = taper_build_stair(x->b, node, one);
    return taperi_stretch_to(x->b, node, per);
}

static taper_node expand_piecewise(struct taperi_expansion *x)
{
    enum { boundaries, values };
    if (taperi_count(x, boundaries) + 1 != taperi_count(x, values) ||
        taperi_count(x, boundaries) == 0)
        return taperi_refuse(x, values,
                             "'values' must be one more than 'boundaries', "
                             "and those at least one");
    const struct taperi_argument *a = taperi_items(x, boundaries);
    const struct taperi_argument *v = taperi_items(x, values);
    struct taperi_levels levels = {x->b, TAPER_NO_NODE, 0.0};
    for (; a && v; a = taperi_item_after(x, a), v = taperi_item_after(x, v)) {
        /* A boundary is the last step of the value before it. */
        const double next = taperi_floor(taperi_item_steps(x, a)) + 1.0;
        if (next < levels.now)
            return taperi_refuse(x, boundaries, "'boundaries' must increase");
        taperi_level_until(&levels, taperi_item_number(x, v), next);
    }
    if (!v) return TAPER_NO_NODE;
    return taperi_level_for_ever(&levels, taperi_item_number(x, v));
}

static taper_node expand_polynomial(struct taperi_expansion *x)
{
    enum { init, steps, end, power, cycle };
    const double from = taperi_number(x, init), to = taperi_number(x, end);
    const double degree = taperi_not_negative(x, power);
    if (taperi_flag(x, cycle) && degree > 0.0)
        return taperi_power_cycles(x->b, from, to,
                                   taperi_steps_from_1(x, steps), degree);
    return taperi_power_decay(x->b, from, to,
                              taperi_real_steps_above_0(x, steps), degree);
}

static taper_node expand_cosine(struct taperi_expansion *x)
{
    enum { init, steps, alpha, name, target, warmup };
    const double from = taperi_number(x, init);
    const double over = taperi_real_steps_above_0(x, steps);
    const double peak = taperi_has(x, target) ? taperi_number(x, target) : from;
    const taper_node cosine =
        taperi_curve_over(x->b, TAPERI_CURVE_COSINE, peak,
                          peak * taperi_number(x, alpha), over);
    if (!taperi_has(x, target)) return cosine;
    return taperi_warmed(x->b, from, peak, taperi_whole_steps(x, warmup),
                         cosine);
}

/* The peaks shrink above the floor, which does not. */
static taper_node expand_restarts(struct taperi_expansion *x)
{
    enum { init, first, longer, lower, alpha };
    const double top = taperi_number(x, init),
                 length = taperi_steps_from_1(x, first);
    const double stretch = taperi_number(x, longer);
    const double scale = taperi_not_negative(x, lower);
    const double low = top * taperi_number(x, alpha);
    if (!(stretch >= 1.0))
        return taperi_refuse(x, longer,
                             "'t_mul' must be at least 1: cycles that get "
                             "shorter come to an end, and Keras to NaN");
    const bool apart = scale != 1.0 && low != 0.0;
    const struct taperi_restarts r = {
        .length = length,
        .stretch = stretch,
        .scale = scale,
        .times = 0.0,
        .from = apart ? top - low : top,
        .to = apart ? 0.0 : low,
        .keep = false,
    };
    const taper_node node = taperi_restart(x->b, &r, taperi_cosine_cycle, NULL);
    if (!apart) return node;
    const taper_node parts[] = {node, taper_build_constant(x->b, low)};
    return taper_build_add(x->b, parts, 2);
}

static taper_node expand_linear_cosine(struct taperi_expansion *x)
{
    enum { init, steps, periods, alpha, beta };
    const double from = taperi_number(x, init),
                 over = taperi_steps_from_1(x, steps);
    const double waves = taperi_number_above(x, periods, 0.0);
    const double share = taperi_number(x, alpha);
    const double low = from * taperi_number(x, beta);
    const taper_node factors[] = {taper_build_linear(x->b, from * (1.0 + share),
                                                     from * share,
                                                     taper_steps(over)),
                                  taperi_cosine_waves(x->b, 1.0, 0.0, over,
                                                      waves)};
    const taper_node product = taper_build_product(x->b, factors, 2);
    if (low == 0.0) return product;
    const taper_node parts[] = {product, taper_build_constant(x->b, low)};
    return taper_build_add(x->b, parts, 2);
}

/* ---------------------------------------------------------------- rows */

#define SOURCE "Keras 3.15.1, keras.optimizers.schedules"
#define SOURCE_TF1 "TensorFlow 2.21.0, tf.compat.v1.train"

static const struct taperi_name rows[] = {
    {{"keras.ExponentialDecay",
      "keras.ExponentialDecay(initial_learning_rate, decay_steps, decay_rate, "
      "staircase=False, name='ExponentialDecay')",
      "initial rate^(t/S), for ever", "keras.ExponentialDecay(0.1, 100, 0.96)",
      SOURCE, "decay_rate must be above 0"},
     NULL,
     expand_exponential},
    {{"keras.InverseTimeDecay",
      "keras.InverseTimeDecay(initial_learning_rate, decay_steps, decay_rate, "
      "staircase=False, name='InverseTimeDecay')",
      "initial / (1 + rate t/S), for ever",
      "keras.InverseTimeDecay(0.1, 100, 0.5)", SOURCE,
      "decay_rate must not be negative, as the value has a pole then"},
     NULL,
     expand_inverse_time},
    {{"keras.PiecewiseConstantDecay",
      "keras.PiecewiseConstantDecay(boundaries, values, "
      "name='PiecewiseConstant')",
      "another value after each boundary, which is the last step of the one "
      "before",
      "keras.PiecewiseConstantDecay([500, 800], [0.1, 0.01, 0.001])", SOURCE,
      "boundaries must increase"},
     NULL,
     expand_piecewise},
    {{"keras.PolynomialDecay",
      "keras.PolynomialDecay(initial_learning_rate, decay_steps, "
      "end_learning_rate=0.0001, power=1.0, cycle=False, "
      "name='PolynomialDecay')",
      "end + (initial - end) (1 - t/S)^power; with cycle S is the next "
      "multiple of decay_steps",
      "keras.PolynomialDecay(0.1, 1000, power=2.0)", SOURCE, NULL},
     NULL,
     expand_polynomial},
    {{"keras.CosineDecay",
      "keras.CosineDecay(initial_learning_rate, decay_steps, alpha=0.0, "
      "name='CosineDecay', warmup_target=None, warmup_steps=0)",
      "a line up to warmup_target, then half a cosine down to alpha times it "
      "over decay_steps more",
      "keras.CosineDecay(0.0, 900, warmup_target=0.1, warmup_steps=100)",
      SOURCE, NULL},
     NULL,
     expand_cosine},
    {{"keras.CosineDecayRestarts",
      "keras.CosineDecayRestarts(initial_learning_rate, first_decay_steps, "
      "t_mul=2.0, m_mul=1.0, alpha=0.0, name='SGDRDecay')",
      "half cosines, each t_mul times as long and m_mul times as high, above "
      "alpha times the first value",
      "keras.CosineDecayRestarts(0.1, 100)", SOURCE,
      "restarts are on time, where Keras in 64 bits, which rounds a "
      "logarithm, misses some; t_mul must be at least 1, as Keras ends in NaN "
      "below"},
     NULL,
     expand_restarts},
    {{"keras.natural_exp_decay",
      "keras.natural_exp_decay(learning_rate, decay_steps, decay_rate, "
      "staircase=False, name=None)",
      "initial e^(-rate t/S), for ever",
      "keras.natural_exp_decay(0.1, 100, 0.5)", SOURCE_TF1,
      "without global_step, which is the step"},
     NULL,
     expand_natural_exp},
    {{"keras.linear_cosine_decay",
      "keras.linear_cosine_decay(learning_rate, decay_steps, "
      "num_periods=0.5, alpha=0.0, beta=0.001, name=None)",
      "initial ((alpha + 1 - t/S) (1 + cos(2 pi periods t/S)) / 2 + beta)",
      "keras.linear_cosine_decay(0.1, 1000)", SOURCE_TF1,
      "without global_step, which is the step"},
     NULL,
     expand_linear_cosine},
};

const struct taperi_family taperi_family_keras = {"keras", rows,
                                                  sizeof rows / sizeof *rows};
