/* The schedulers of timm, PyTorch image models. */
#include "schedule/peer_cycles.h"
#include "schedule/shapes.h"

/* What all of them end with: the arguments of noise, and what does not matter
 * to the values. `i` is the number of `t_in_epochs`. */
static void timm_check_noise(struct taperi_expansion *x, int i)
{
    taperi_default_only(x, i + 1, "write noise(...) around the schedule");
}

/* Where the warm-up comes: before the curve, or in place of its beginning. */
struct timm_warming {
    double steps, from;
    bool prefix;
};

static struct timm_warming timm_read_warming(struct taperi_expansion *x, int i)
{
    const struct timm_warming w = {taperi_whole_steps(x, i),
                                   taperi_number(x, i + 1),
                                   taperi_flag(x, i + 2)};
    timm_check_noise(x, i + 3);
    return w;
}

/* A warm-up that leads to where the curve is when it takes over. */
static taper_node timm_warmed(struct taperi_expansion *x,
                              const struct timm_warming *w, double first,
                              taper_node curve)
{
    if (w->steps == 0.0) return curve;
    if (!w->prefix) first = taperi_node_value(x, curve, w->steps);
    const taper_node rest =
        w->prefix ? curve : taper_build_shift(x->b, curve, w->steps);
    return taperi_join(x->b, taperi_ramp(x->b, w->from, first, w->steps), rest);
}

/* ------------------------------------------------- curves with restarts */

struct timm_shape {
    taperi_cycle *cycle;
    double power, k;     /* of poly, and of the time of cosine and poly */
    double lower, upper; /* of tanh, and what is left of it at both */
    double begin, end;
};

static taper_node timm_cosine_cycle(taper_builder *b, const void *what,
                                    double from, double to, taper_span over)
{
    const struct timm_shape *shape = (const struct timm_shape *)what;
    if (shape->k == 1.0) return taper_build_cosine(b, from, to, over);
    return taper_build_bent_cosine(b, from, to, over, 1.0, shape->k);
}

static taper_node timm_poly_cycle(taper_builder *b, const void *what,
                                  double from, double to, taper_span over)
{
    const struct timm_shape *shape = (const struct timm_shape *)what;
    if (shape->k == 1.0)
        return taperi_power_decay(b, from, to, over.amount, shape->power);
    return taper_build_bent_poly(b, from, to, over, shape->power, shape->k);
}

/* to + (from - to) (1 - tanh(lower (1 - q) + upper q)) / 2, which neither
 * begins nor ends on the two values. */
static taper_node timm_tanh_cycle(taper_builder *b, const void *what,
                                  double from, double to, taper_span over)
{
    const struct timm_shape *shape = (const struct timm_shape *)what;
    return taper_build_tanh(b, to + (from - to) * shape->begin,
                            to + (from - to) * shape->end, over, shape->lower,
                            shape->upper);
}

/* Arguments from number `i` on: lr_min, cycle_mul, cycle_decay, cycle_limit,
 * warmup_t, ... `lr` is the last one. */
static taper_node timm_cycles(struct taperi_expansion *x,
                              const struct timm_shape *shape, int i)
{
    const double lr = taperi_number(x, (int)x->count - 1);
    const struct taperi_restarts r = {
        .length = taperi_steps_from_1(x, 0),
        .stretch = taperi_number_above(x, i + 1, 0.0),
        .scale = taperi_not_negative(x, i + 2),
        .times = taperi_count_from_1(x, i + 3),
        .from = lr,
        .to = taperi_not_negative(x, i),
        .keep = true,
    };
    const struct timm_warming w = timm_read_warming(x, i + 4);
    if (taperi_failed(x)) return TAPER_NO_NODE;
    taper_node curve = taperi_restart(x->b, &r, shape->cycle, shape);
    if (shape->cycle == timm_tanh_cycle)
        curve = taperi_join(x->b, curve, taper_build_constant(x->b, r.to));
    return timm_warmed(x, &w, lr, curve);
}

static taper_node timm_cosine(struct taperi_expansion *x)
{
    enum { lr_min = 1, k_decay = 13 };
    const struct timm_shape shape = {.cycle = timm_cosine_cycle,
                                     .k = taperi_number_above(x, k_decay, 0.0)};
    return timm_cycles(x, &shape, lr_min);
}

static taper_node timm_poly(struct taperi_expansion *x)
{
    enum { power = 1, lr_min, k_decay = 14 };
    const struct timm_shape shape = {.cycle = timm_poly_cycle,
                                     .power =
                                         taperi_number_above(x, power, 0.0),
                                     .k = taperi_number_above(x, k_decay, 0.0)};
    return timm_cycles(x, &shape, lr_min);
}

/* (1 - tanh(y)) / 2 */
static double timm_tanh_part(struct taperi_expansion *x, double y)
{
    const taper_node part =
        taper_build_logistic(x->b, 1.0, 2.0, -y, taper_forever());
    return taperi_node_value(x, part, 0.0);
}

static taper_node timm_tanh(struct taperi_expansion *x)
{
    enum { lb = 1, ub, lr_min };
    const double lower = taperi_number(x, lb), upper = taperi_number(x, ub);
    const struct timm_shape shape = {.cycle = timm_tanh_cycle,
                                     .lower = lower,
                                     .upper = upper,
                                     .begin = timm_tanh_part(x, lower),
                                     .end = timm_tanh_part(x, upper)};
    if (!(shape.lower < shape.upper))
        return taperi_refuse(x, lb, "'lb' must be below 'ub'");
    return timm_cycles(x, &shape, lr_min);
}

/* -------------------------------------------------------- stairs */

/* lr times rate for each `every` steps that have passed, which need not be
 * whole. */
static taper_node timm_stairs(taper_builder *b, double lr, double rate,
                              double every)
{
    if (taperi_is_length(every) || rate == 1.0)
        return taperi_decay(b, lr, rate, every);
    const taper_span unit = taper_steps(1.0);
    const taper_node node =
        rate == 0.0
            ? taperi_decay(b, lr, rate, 1.0)
            : taper_build_exp_rate(b, lr, rate, unit, true, taper_forever());
    return taper_build_stretch(b, node, taper_steps(every));
}

static taper_node timm_step(struct taperi_expansion *x)
{
    enum { decay_t, decay_rate, warmup_t, lr = 11 };
    const double every = taperi_steps(x, decay_t), first = taperi_number(x, lr);
    const double rate = taperi_not_negative(x, decay_rate);
    const struct timm_warming w = timm_read_warming(x, warmup_t);
    if (!(every > 0.0))
        return taperi_refuse(x, decay_t, "'decay_t' must be above 0");
    return timm_warmed(x, &w, first, timm_stairs(x->b, first, rate, every));
}

static taper_node timm_multi_step(struct taperi_expansion *x)
{
    enum { decay_t, decay_rate, warmup_t, lr = 11 };
    const double rate = taperi_not_negative(x, decay_rate);
    const double first = taperi_number(x, lr);
    const struct timm_warming w = timm_read_warming(x, warmup_t);
    struct taperi_levels l = {x->b, TAPER_NO_NODE, 0.0};
    if (!w.prefix) {
        const taper_node curve =
            taperi_milestones(x, &l, first, decay_t, -1, rate, 0.0);
        return timm_warmed(x, &w, first, curve);
    }
    l.whole = taperi_ramp(x->b, w.from, first, w.steps);
    l.now = w.steps;
    return taperi_milestones(x, &l, first, decay_t, -1, rate, w.steps);
}

/* ------------------------------------------- warm up, stay stable, decay */

enum {
    wsd_t_initial,
    wsd_decay_t,
    wsd_lr_min,
    wsd_stable_fn,
    wsd_timescale,
    wsd_stable_power,
    wsd_decay_fn,
    wsd_decay_power,
    wsd_decay_ratio,
    wsd_warmup_t,
    wsd_warmup_from,
    wsd_in_epochs,
    wsd_lr = 17
};

/* The decay from `from` to `to` over `over` steps. */
static taper_node timm_wsd_decay(struct taperi_expansion *x, double from,
                                 double to, double over)
{
    const taper_span span = taper_steps(over);
    const double power = taperi_number_above(x, wsd_decay_power, 0.0);
    const double ratio = taperi_number_above(x, wsd_decay_ratio, 0.0);
    /* A geometric curve from `from` down to `tail` above `to`, less `tail`. */
    const double tail = (from - to) * ratio / (1.0 - ratio);
    switch (taperi_choice(x, wsd_decay_fn, "1-sqrt|linear|cosine|power|exp")) {
    case 0:
        return taper_build_sqrt(x->b, from, to, span);
    case 2:
        return taper_build_cosine(x->b, from, to, span);
    case 3:
        if (power != 1.0)
            return taper_build_bent_poly(x->b, from, to, span, 1.0, power);
        break;
    case 4: {
        if (!(ratio < 1.0))
            return taperi_refuse(x, wsd_decay_ratio,
                                 "'decay_ratio' must be below 1");
        if (tail == 0.0) return taper_build_hold(x->b, to, span);
        const taper_node sum[] = {taper_build_exp(x->b, tail / ratio, tail,
                                                  span),
                                  taper_build_constant(x->b, to - tail)};
        return taperi_join(x->b, taper_build_add(x->b, sum, 2),
                           taper_build_constant(x->b, to));
    }
    default:
        break;
    }
    return taper_build_linear(x->b, from, to, span);
}

/* lr (1 + t / timescale)^-power, which goes on while it decays: the decay is a
 * factor of what is above lr_min. */
static taper_node timm_wsd_sinking(struct taperi_expansion *x, double power,
                                   double stable, double over)
{
    const double low = taperi_number(x, wsd_lr_min);
    const double scale =
        taperi_steps(x, taperi_has(x, wsd_timescale) ? wsd_timescale
                                                     : wsd_warmup_t);
    if (!(scale > 0.0))
        return taperi_refuse(x, wsd_timescale,
                             "'stable_timescale' must be given, above 0, where "
                             "there is no warm-up");
    const bool whole = taperi_is_length(scale);
    struct taperi_levels l = {x->b, TAPER_NO_NODE, 0.0};
    taper_node factors[2], terms[2];
    factors[0] =
        taper_build_inverse(x->b, taperi_number(x, wsd_lr),
                            whole ? 1.0 : 1.0 / scale, power,
                            taper_steps(whole ? scale : 1.0), taper_forever());
    if (low > 0.0) {
        terms[0] = taper_build_clamp(x->b, factors[0], low, DBL_MAX);
        terms[1] = taper_build_constant(x->b, -low);
        factors[0] = taper_build_add(x->b, terms, 2);
    }
    taperi_level_until(&l, 1.0, stable);
    factors[1] = taperi_join(x->b, l.whole, timm_wsd_decay(x, 1.0, 0.0, over));
    terms[0] = taper_build_product(x->b, factors, 2);
    if (low == 0.0) return terms[0];
    terms[1] = taper_build_constant(x->b, low);
    return taper_build_add(x->b, terms, 2);
}

static taper_node timm_wsd(struct taperi_expansion *x)
{
    const double lr = taperi_number(x, wsd_lr);
    const double low = taperi_not_negative(x, wsd_lr_min);
    const double over = taperi_steps_from_1(x, wsd_decay_t);
    const double stable = taperi_whole_steps(x, wsd_t_initial) - over;
    const double warmup = taperi_whole_steps(x, wsd_warmup_t);
    const int kind = taperi_choice(x, wsd_stable_fn, "constant|rsqrt|power");
    timm_check_noise(x, wsd_in_epochs);
    if (stable < 0.0)
        return taperi_refuse(x, wsd_decay_t,
                             "'decay_t' must not be above 't_initial'");
    const taper_node ramp =
        taperi_ramp(x->b, taperi_number(x, wsd_warmup_from), lr, warmup);
    if (kind > 0) {
        const double power =
            kind == 1 ? 0.5 : taperi_number_above(x, wsd_stable_power, 0.0);
        return taperi_join(x->b, ramp,
                           timm_wsd_sinking(x, power, stable, over));
    }
    struct taperi_levels l = {x->b, ramp, warmup};
    taperi_level_until(&l, lr, warmup + stable);
    return taperi_join(x->b, l.whole, timm_wsd_decay(x, lr, low, over));
}

#define TIMM_CYCLES \
    "lr_min=0.0, cycle_mul=1.0, cycle_decay=1.0, cycle_limit=1, warmup_t=0, " \
    "warmup_lr_init=0.0, warmup_prefix=False, t_in_epochs=True, " \
    "noise_range_t=None, noise_pct=0.67, noise_std=1.0, noise_seed=42, "
#define TIMM_K_DECAY TIMM_CYCLES "k_decay=1.0, initialize=True, *, lr)"
#define TIMM_STAIRS \
    "decay_rate=1.0, warmup_t=0, warmup_lr_init=0.0, warmup_prefix=True, " \
    "t_in_epochs=True, noise_range_t=None, noise_pct=0.67, noise_std=1.0, " \
    "noise_seed=42, initialize=True, *, lr)"
#define TIMM_SOURCE "timm 1.0.31, timm.scheduler"
#define TIMM_NOTE \
    "without warmup_prefix the warm-up leads to where the curve is, where " \
    "timm's aims at lr and jumps; restarts come at the step they should"

static const struct taperi_name rows[] = {
    {{"timm.CosineLRScheduler",
      "timm.CosineLRScheduler(t_initial, " TIMM_K_DECAY,
      "warm-up, then cosines with restarts: cycle i is cycle_mul^i times as "
      "long and from cycle_decay^i lr to lr_min",
      "timm.CosineLRScheduler(t_initial=900, lr_min=0.001, warmup_t=100, "
      "warmup_prefix=True, lr=0.1)",
      TIMM_SOURCE, TIMM_NOTE},
     NULL,
     timm_cosine},
    {{"timm.PolyLRScheduler",
      "timm.PolyLRScheduler(t_initial, power=0.5, " TIMM_K_DECAY,
      "as CosineLRScheduler, with (1 - t/T)^power",
      "timm.PolyLRScheduler(t_initial=1000, power=2.0, lr=0.1)", TIMM_SOURCE,
      TIMM_NOTE},
     NULL,
     timm_poly},
    {{"timm.TanhLRScheduler",
      "timm.TanhLRScheduler(t_initial, lb=-7.0, ub=3.0, " TIMM_CYCLES
      "initialize=True, *, lr)",
      "as CosineLRScheduler, with (1 - tanh(lb (1 - t/T) + ub t/T)) / 2",
      "timm.TanhLRScheduler(t_initial=1000, lr=0.1)", TIMM_SOURCE,
      "restarts come at the step they should"},
     NULL,
     timm_tanh},
    {{"timm.StepLRScheduler", "timm.StepLRScheduler(decay_t, " TIMM_STAIRS,
      "warm-up, then times decay_rate after each decay_t",
      "timm.StepLRScheduler(decay_t=300, decay_rate=0.1, lr=0.1)", TIMM_SOURCE,
      "without warmup_prefix the warm-up leads to where the stairs are"},
     NULL,
     timm_step},
    {{"timm.MultiStepLRScheduler",
      "timm.MultiStepLRScheduler(decay_t, " TIMM_STAIRS,
      "warm-up, then times decay_rate at each step of the list",
      "timm.MultiStepLRScheduler(decay_t=[300, 600], decay_rate=0.1, lr=0.1)",
      TIMM_SOURCE,
      "it decays at the steps of the list; timm's decays one step earlier"},
     NULL,
     timm_multi_step},
    {{"timm.WSDLRScheduler",
      "timm.WSDLRScheduler(t_initial, decay_t, lr_min=0.0, "
      "stable_fn='constant', stable_timescale=None, stable_power=0.5, "
      "decay_fn='1-sqrt', decay_power=0.5, decay_ratio=0.1, warmup_t=0, "
      "warmup_lr_init=0.0, t_in_epochs=True, noise_range_t=None, "
      "noise_pct=0.67, noise_std=1.0, noise_seed=42, initialize=True, *, lr)",
      "warm-up, then stable or slowly sinking, then a decay over the last "
      "decay_t",
      "timm.WSDLRScheduler(t_initial=900, decay_t=200, warmup_t=100, lr=0.1)",
      TIMM_SOURCE, NULL},
     NULL,
     timm_wsd},
};

const struct taperi_family taperi_family_timm = {"timm", rows,
                                                 sizeof rows / sizeof *rows};
