/* The constructors of paddle.optimizer.lr, with Paddle's parameters and
 * numbers. LambdaDecay and MultiplicativeDecay run code, which a text cannot
 * hold, and ReduceOnPlateau reacts to a metric. */
#include "schedule/maths.h"
#include "schedule/peer_common.h"
#include "schedule/shapes.h"

/* `gamma` of a decay: Paddle takes none from 1 on. */
static double paddle_gamma(struct taperi_expansion *x, int i)
{
    const double gamma = taperi_not_negative(x, i);
    if (gamma < 1.0) return gamma;
    taperi_refuse(x, i, "%q must be below 1", x->parameter[i].name);
    return 0.0;
}

static taper_node paddle_noam(struct taperi_expansion *x)
{
    enum { d_model, warmup_steps, learning_rate, last_epoch };
    const double width = taperi_number_above(x, d_model, 0.0);
    const double rate = taperi_not_negative(x, learning_rate);
    const taper_span over = taper_steps(taperi_steps_from_1(x, warmup_steps));
    const double peak = rate / taperi_sqrt(width * over.amount);
    const taper_node parts[] = {
        taper_build_linear(x->b, 0.0, peak, over),
        taper_build_inverse(x->b, peak, 1.0, 0.5, over, taper_forever()),
    };
    taperi_refuse_last_epoch(x, last_epoch);
    return taper_build_then(x->b, parts, 2);
}

static taper_node paddle_piecewise(struct taperi_expansion *x)
{
    enum { boundaries, values, last_epoch };
    const struct taperi_argument *at = taperi_items(x, boundaries);
    const struct taperi_argument *v = taperi_items(x, values);
    struct taperi_levels l = {x->b, TAPER_NO_NODE, 0.0};
    taperi_refuse_last_epoch(x, last_epoch);
    if (!at || taperi_count(x, values) <= taperi_count(x, boundaries))
        return taperi_refuse(x, values,
                             "there must be a boundary, and more values than "
                             "boundaries");
    for (; at; at = taperi_item_after(x, at)) {
        taperi_level_until(&l, taperi_item_number(x, v),
                           taperi_item_whole(x, at));
        v = taperi_item_after(x, v);
    }
    if (taperi_failed(x)) return TAPER_NO_NODE;
    /* Paddle takes the last one, and none of those between. */
    const struct taperi_argument *last = v;
    while ((v = taperi_item_after(x, v)) != NULL)
        last = v;
    return taperi_level_for_ever(&l, taperi_item_number(x, last));
}

static taper_node paddle_natural_exp(struct taperi_expansion *x)
{
    enum { learning_rate, gamma, last_epoch };
    const double rate = taperi_number_above(x, gamma, 0.0);
    taperi_refuse_last_epoch(x, last_epoch);
    return taperi_decay(x->b, taperi_not_negative(x, learning_rate),
                        taperi_natural_exp(-rate), 1.0);
}

static taper_node paddle_inverse_time(struct taperi_expansion *x)
{
    enum { learning_rate, gamma, last_epoch };
    const double from = taperi_not_negative(x, learning_rate);
    const double rate = taperi_not_negative(x, gamma);
    taperi_refuse_last_epoch(x, last_epoch);
    if (rate == 0.0) return taper_build_constant(x->b, from);
    return taper_build_inverse(x->b, from, rate, 1.0, taper_steps(1.0),
                               taper_forever());
}

static taper_node paddle_polynomial(struct taperi_expansion *x)
{
    enum { learning_rate, decay_steps, end_lr, power, cycle, last_epoch };
    const double from = taperi_not_negative(x, learning_rate);
    const double to = taperi_number(x, end_lr);
    const double over = taperi_steps_from_1(x, decay_steps);
    const double degree = taperi_number_above(x, power, 0.0);
    taperi_refuse_last_epoch(x, last_epoch);
    return taperi_flag(x, cycle)
               ? taperi_power_cycles(x->b, from, to, over, degree)
               : taperi_power_decay(x->b, from, to, over, degree);
}

static taper_node paddle_warmup(struct taperi_expansion *x)
{
    enum { learning_rate, warmup_steps, start_lr, end_lr, last_epoch };
    const double from = taperi_number(x, start_lr);
    const double to = taperi_number(x, end_lr);
    const taper_span over = taper_steps(taperi_steps_from_1(x, warmup_steps));
    taperi_refuse_last_epoch(x, last_epoch);
    if (!(to > from))
        return taperi_refuse(x, end_lr, "'end_lr' must be above 'start_lr'");
    return taperi_join(x->b, taper_build_linear(x->b, from, to, over),
                       taperi_schedule(x, learning_rate));
}

static taper_node paddle_exponential(struct taperi_expansion *x)
{
    enum { learning_rate, gamma, last_epoch };
    const double rate = paddle_gamma(x, gamma);
    taperi_refuse_last_epoch(x, last_epoch);
    if (!(rate > 0.0))
        return taperi_refuse(x, gamma, "'gamma' must be above 0");
    return taperi_decay(x->b, taperi_not_negative(x, learning_rate), rate, 1.0);
}

static taper_node paddle_multi_step(struct taperi_expansion *x)
{
    enum { learning_rate, milestones, gamma, last_epoch };
    const double rate = paddle_gamma(x, gamma);
    double value = taperi_not_negative(x, learning_rate), now = -1.0;
    struct taperi_levels l = {x->b, TAPER_NO_NODE, 0.0};
    taperi_refuse_last_epoch(x, last_epoch);
    for (const struct taperi_argument *a = taperi_items(x, milestones); a;
         a = taperi_item_after(x, a)) {
        const double at = taperi_item_whole(x, a);
        if (at <= now)
            return taperi_refuse(x, milestones, "the milestones must rise");
        taperi_level_until(&l, value, at);
        value *= rate;
        now = at;
    }
    return taperi_level_for_ever(&l, value);
}

static taper_node paddle_step(struct taperi_expansion *x)
{
    enum { learning_rate, step_size, gamma, last_epoch };
    const double every = taperi_steps_from_1(x, step_size);
    taperi_refuse_last_epoch(x, last_epoch);
    return taperi_decay(x->b, taperi_not_negative(x, learning_rate),
                        paddle_gamma(x, gamma), every);
}

static taper_node paddle_cosine(struct taperi_expansion *x)
{
    enum { learning_rate, t_max, eta_min, last_epoch };
    const taper_span over = taper_steps(taperi_steps_from_1(x, t_max));
    taperi_refuse_last_epoch(x, last_epoch);
    return taper_build_cosine(x->b, taperi_not_negative(x, learning_rate),
                              taperi_number(x, eta_min), over);
}

static taper_node paddle_one_cycle(struct taperi_expansion *x)
{
    enum { max_learning_rate, total_steps, divide_factor, end_learning_rate };
    enum { phase_pct = end_learning_rate + 1, anneal_strategy, three_phase };
    enum { last_epoch = three_phase + 1 };
    struct taperi_one_cycle c = {
        .peak = taperi_not_negative(x, max_learning_rate),
        .last = taperi_not_negative(x, end_learning_rate),
        .steps = taperi_steps_from_1(x, total_steps),
        .pct = taperi_number_in(x, phase_pct, 0.0, 1.0),
        .three_phase = taperi_flag(x, three_phase),
    };
    c.first = c.peak / taperi_number_above(x, divide_factor, 0.0);
    c.curve = (enum taperi_curve)taperi_choice(x, anneal_strategy,
                                               TAPERI_CURVE_WORDS);
    taperi_refuse_last_epoch(x, last_epoch);
    if (c.three_phase && c.pct >= 0.5)
        return taperi_refuse(x, phase_pct,
                             "with three phases 'phase_pct' must "
                             "be below 0.5");
    return taperi_one_cycle(x->b, &c);
}

static taper_node paddle_cyclic(struct taperi_expansion *x)
{
    enum { base_learning_rate, max_learning_rate, step_size_up };
    enum { step_size_down = step_size_up + 1, mode, exp_gamma, scale_fn };
    enum { scale_mode = scale_fn + 1, last_epoch };
    struct taperi_cyclic c = {
        .low = taperi_not_negative(x, base_learning_rate),
        .high = taperi_not_negative(x, max_learning_rate),
    };
    taperi_steps_from_1(x, step_size_up);
    if (taperi_has(x, step_size_down)) taperi_steps_from_1(x, step_size_down);
    taperi_cyclic_mode(x, &c, step_size_down);
    taperi_refuse_last_epoch(x, last_epoch);
    return taperi_cyclic(x->b, &c);
}

static taper_node paddle_linear(struct taperi_expansion *x)
{
    enum { learning_rate, total_steps, start_factor, end_factor, last_epoch };
    const double over = taperi_steps_from_1(x, total_steps);
    taperi_refuse_last_epoch(x, last_epoch);
    return taperi_linear_factors(x, learning_rate, start_factor, over);
}

static taper_node paddle_warm_restarts(struct taperi_expansion *x)
{
    enum { learning_rate, t_0, t_mult, eta_min, last_epoch };
    taperi_refuse_last_epoch(x, last_epoch);
    return taperi_warm_restarts(x, learning_rate, t_0);
}

#define PADDLE_SOURCE "paddle.optimizer.lr of PaddlePaddle 3.3"
#define PADDLE_PAST "last_epoch=-1, verbose=False)"

static const struct taperi_name paddle_rows[] = {
    {{"paddle.NoamDecay",
      "paddle.NoamDecay(d_model, warmup_steps, learning_rate=1.0, " PADDLE_PAST,
      "learning_rate d_model^-0.5 min(t^-0.5, t warmup_steps^-1.5), 0 at first",
      "paddle.NoamDecay(d_model=512, warmup_steps=400)", PADDLE_SOURCE, NULL},
     NULL,
     paddle_noam},
    {{"paddle.PiecewiseDecay",
      "paddle.PiecewiseDecay(boundaries, values, " PADDLE_PAST,
      "values[i] before boundaries[i], and the last one after all",
      "paddle.PiecewiseDecay(boundaries=[30, 60], values=[0.1, 0.05, 0.01])",
      PADDLE_SOURCE, NULL},
     NULL,
     paddle_piecewise},
    {{"paddle.NaturalExpDecay",
      "paddle.NaturalExpDecay(learning_rate, gamma, " PADDLE_PAST,
      "learning_rate e^(-gamma t)",
      "paddle.NaturalExpDecay(learning_rate=0.1, gamma=0.01)", PADDLE_SOURCE,
      NULL},
     NULL,
     paddle_natural_exp},
    {{"paddle.InverseTimeDecay",
      "paddle.InverseTimeDecay(learning_rate, gamma, " PADDLE_PAST,
      "learning_rate / (1 + gamma t)",
      "paddle.InverseTimeDecay(learning_rate=0.1, gamma=0.1)", PADDLE_SOURCE,
      NULL},
     NULL,
     paddle_inverse_time},
    {{"paddle.PolynomialDecay",
      "paddle.PolynomialDecay(learning_rate, decay_steps, end_lr=0.0001, "
      "power=1.0, cycle=False, " PADDLE_PAST,
      "a polynomial from learning_rate to end_lr over decay_steps; with "
      "cycle=True it starts again, lower, as if decay_steps had been as long",
      "paddle.PolynomialDecay(learning_rate=0.1, decay_steps=100)",
      PADDLE_SOURCE, NULL},
     NULL,
     paddle_polynomial},
    {{"paddle.LinearWarmup",
      "paddle.LinearWarmup(learning_rate, warmup_steps, start_lr, "
      "end_lr, " PADDLE_PAST,
      "a line from start_lr to end_lr over warmup_steps, then learning_rate, a "
      "number or a schedule, from its start",
      "paddle.LinearWarmup(learning_rate=paddle.StepDecay(0.1, 30), "
      "warmup_steps=20, start_lr=0, end_lr=0.1)",
      PADDLE_SOURCE,
      "warm restarts within it restart at the exact step, which Paddle can "
      "miss"},
     NULL,
     paddle_warmup},
    {{"paddle.ExponentialDecay",
      "paddle.ExponentialDecay(learning_rate, gamma, " PADDLE_PAST,
      "learning_rate gamma^t",
      "paddle.ExponentialDecay(learning_rate=0.1, gamma=0.9)", PADDLE_SOURCE,
      NULL},
     NULL,
     paddle_exponential},
    {{"paddle.MultiStepDecay",
      "paddle.MultiStepDecay(learning_rate, milestones, "
      "gamma=0.1, " PADDLE_PAST,
      "learning_rate, times gamma from each milestone on",
      "paddle.MultiStepDecay(learning_rate=0.1, milestones=[30, 50])",
      PADDLE_SOURCE, NULL},
     NULL,
     paddle_multi_step},
    {{"paddle.StepDecay",
      "paddle.StepDecay(learning_rate, step_size, gamma=0.1, " PADDLE_PAST,
      "learning_rate gamma^floor(t / step_size)",
      "paddle.StepDecay(learning_rate=0.1, step_size=30)", PADDLE_SOURCE, NULL},
     NULL,
     paddle_step},
    {{"paddle.CosineAnnealingDecay",
      "paddle.CosineAnnealingDecay(learning_rate, T_max, "
      "eta_min=0, " PADDLE_PAST,
      "half a cosine from learning_rate to eta_min over T_max steps",
      "paddle.CosineAnnealingDecay(learning_rate=0.1, T_max=50)", PADDLE_SOURCE,
      "stays at eta_min; Paddle rises again after T_max"},
     NULL,
     paddle_cosine},
    {{"paddle.OneCycleLR",
      "paddle.OneCycleLR(max_learning_rate, total_steps, divide_factor=25.0, "
      "end_learning_rate=0.0001, phase_pct=0.3, anneal_strategy='cos', "
      "three_phase=False, " PADDLE_PAST,
      "up from max_learning_rate / divide_factor to max_learning_rate, then "
      "down to end_learning_rate",
      "paddle.OneCycleLR(max_learning_rate=0.1, total_steps=100)",
      PADDLE_SOURCE,
      "stays at its end, where Paddle goes on for one step; a first phase "
      "without length is skipped, where Paddle divides by zero"},
     NULL,
     paddle_one_cycle},
    {{"paddle.CyclicLR",
      "paddle.CyclicLR(base_learning_rate, max_learning_rate, step_size_up, "
      "step_size_down=None, mode='triangular', exp_gamma=1.0, scale_fn=None, "
      "scale_mode='cycle', " PADDLE_PAST,
      "triangles between two rates; triangular2 halves them each cycle, "
      "exp_range lowers them by exp_gamma each step",
      "paddle.CyclicLR(base_learning_rate=0.01, max_learning_rate=0.1, "
      "step_size_up=100)",
      PADDLE_SOURCE, NULL},
     NULL,
     paddle_cyclic},
    {{"paddle.LinearLR",
      "paddle.LinearLR(learning_rate, total_steps, "
      "start_factor=0.3333333333333333, end_factor=1.0, " PADDLE_PAST,
      "a line from learning_rate start_factor to learning_rate end_factor over "
      "total_steps",
      "paddle.LinearLR(learning_rate=0.1, total_steps=20)", PADDLE_SOURCE,
      NULL},
     NULL,
     paddle_linear},
    {{"paddle.CosineAnnealingWarmRestarts",
      "paddle.CosineAnnealingWarmRestarts(learning_rate, T_0, T_mult=1, "
      "eta_min=0, " PADDLE_PAST,
      "half cosines from learning_rate to eta_min, each T_mult times as long "
      "as the one before",
      "paddle.CosineAnnealingWarmRestarts(learning_rate=0.1, T_0=10, T_mult=2)",
      PADDLE_SOURCE,
      "restarts at the exact step, which Paddle's step(epoch) can miss"},
     NULL,
     paddle_warm_restarts},
};

const struct taperi_family taperi_family_paddle = {"paddle", paddle_rows,
                                                   sizeof paddle_rows /
                                                       sizeof *paddle_rows};
