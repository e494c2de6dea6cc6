/* Megatron-Core's OptimizerParamScheduler: its learning rate, and its weight
 * decay as a schedule of its own. */
#include "schedule/peer_cycles.h"
#include "schedule/shapes.h"

enum {
    mg_init_lr,
    mg_max_lr,
    mg_min_lr,
    mg_warmup_steps,
    mg_decay_steps,
    mg_decay_style,
    mg_start_wd,
    mg_end_wd,
    mg_wd_incr_steps,
    mg_wd_incr_style,
    mg_wsd_decay_steps = 12,
    mg_wsd_decay_style
};

/* The cool-down of WSD: from `high` to `low` in `over` steps. */
static taper_node megatron_cool_down(struct taperi_expansion *x, double high,
                                     double low, double over)
{
    const taper_span span = taper_steps(over);
    const double range = high - low;
    switch (taperi_choice(x, mg_wsd_decay_style,
                          "linear|cosine|exponential|minus_sqrt")) {
    case 1:
        return taper_build_cosine(x->b, high, low, span);
    case 2: {
        /* low + range (2 / 2^q - 1) */
        if (range == 0.0) return taper_build_hold(x->b, low, span);
        const taper_node sum[] = {taper_build_exp(x->b, 2.0 * range, range,
                                                  span),
                                  taper_build_constant(x->b, low - range)};
        return taper_build_add(x->b, sum, 2);
    }
    case 3:
        return taper_build_sqrt(x->b, high, low, span);
    default:
        return taper_build_linear(x->b, high, low, span);
    }
}

static taper_node megatron_wsd(struct taperi_expansion *x, taper_node whole,
                               double warmup, double end)
{
    const double high = taperi_number(x, mg_max_lr),
                 low = taperi_number(x, mg_min_lr);
    const double over = taperi_whole_steps(x, mg_wsd_decay_steps);
    const double start = end - over;
    struct taperi_levels l = {x->b, whole, warmup};
    taper_node curve = megatron_cool_down(x, high, low, over);
    taperi_level_until(&l, high, start);
    if (warmup > start) {
        /* The warm-up reaches into the cool-down, and has its last update. */
        if (warmup > 0.0) taperi_level_until(&l, high, warmup + 1.0);
        curve = taper_build_shift(x->b, curve, l.now - start);
    }
    return taperi_join(x->b, l.whole, curve);
}

/* high sqrt(warmup / n), from update `warmup` to the last one, and then low. */
static taper_node megatron_inverse(struct taperi_expansion *x, taper_node whole,
                                   double warmup, double end)
{
    const double high = taperi_number(x, mg_max_lr),
                 low = taperi_number(x, mg_min_lr);
    taper_node curve = taperi_inverse_sqrt(x->b, high, warmup);
    if (low > 0.0) curve = taper_build_clamp(x->b, curve, low, DBL_MAX);
    curve = taper_build_cut(x->b, curve, taper_steps(end - warmup + 1.0));
    return taperi_join(x->b, taperi_join(x->b, whole, curve),
                       taper_build_constant(x->b, low));
}

static taper_node megatron_scheduler(struct taperi_expansion *x)
{
    const double high = taperi_number(x, mg_max_lr);
    const double low = taperi_number_in(x, mg_min_lr, 0.0, high);
    const double first = taperi_number(x, mg_init_lr);
    const double warmup = taperi_whole_steps(x, mg_warmup_steps);
    const double end = taperi_whole_steps(x, mg_decay_steps);
    if (first > high)
        return taperi_refuse(x, mg_init_lr,
                             "'init_lr' must not be above 'max_lr'");
    if (!(warmup < end))
        return taperi_refuse(
            x, mg_decay_steps,
            "'lr_decay_steps' must be above 'lr_warmup_steps'");
    const taper_node whole = taperi_ramp(x->b, first, high, warmup);
    const taper_span rest = taper_steps(end - warmup);
    switch (taperi_choice(x, mg_decay_style,
                          "constant|linear|cosine|inverse-square-root|WSD")) {
    case 1:
        return taperi_join(x->b, whole,
                           taper_build_linear(x->b, high, low, rest));
    case 2:
        return taperi_join(x->b, whole,
                           taper_build_cosine(x->b, high, low, rest));
    case 3:
        return megatron_inverse(x, whole, warmup, end);
    case 4:
        return megatron_wsd(x, whole, warmup, end);
    default:
        return taperi_join(x->b, whole, taper_build_constant(x->b, high));
    }
}

static taper_node megatron_weight_decay(struct taperi_expansion *x)
{
    const double first = taperi_not_negative(x, mg_start_wd);
    const double last = taperi_number(x, mg_end_wd);
    const taper_span over =
        taper_steps(taperi_whole_steps(x, mg_wd_incr_steps));
    const int style =
        taperi_choice(x, mg_wd_incr_style, "constant|linear|cosine");
    if (first > last)
        return taperi_refuse(x, mg_start_wd,
                             "'start_wd' must not be above 'end_wd'");
    if (style == 0 && first != last)
        return taperi_refuse(x, mg_wd_incr_style,
                             "with 'constant' 'start_wd' must be 'end_wd'");
    if (style == 0) return taper_build_constant(x->b, last);
    return style == 1 ? taper_build_linear(x->b, first, last, over)
                      : taper_build_cosine(x->b, first, last, over);
}

#define SOURCE "megatron-core 0.16.1, megatron.core.optimizer_param_scheduler"

static const struct taperi_name rows[] = {
    {{"megatron.OptimizerParamScheduler",
      "megatron.OptimizerParamScheduler(init_lr, max_lr, min_lr, "
      "lr_warmup_steps, lr_decay_steps, lr_decay_style, start_wd=None, "
      "end_wd=None, wd_incr_steps=None, wd_incr_style=None, "
      "use_checkpoint_opt_param_scheduler=True, "
      "override_opt_param_scheduler=False, wsd_decay_steps=None, "
      "lr_wsd_decay_style=None)",
      "warm-up, then constant, linear, cosine, inverse-square-root or WSD; "
      "lengths are what num_steps counts",
      "megatron.OptimizerParamScheduler(0, 0.1, 0.001, 100, 1000, 'cosine')",
      SOURCE,
      "the rate; the weight decay is "
      "megatron.OptimizerParamScheduler.weight_decay"},
     NULL,
     megatron_scheduler},
    {{"megatron.OptimizerParamScheduler.weight_decay",
      "megatron.OptimizerParamScheduler.weight_decay(init_lr=None, "
      "max_lr=None, min_lr=None, lr_warmup_steps=None, lr_decay_steps=None, "
      "lr_decay_style=None, start_wd, end_wd, wd_incr_steps, wd_incr_style, "
      "use_checkpoint_opt_param_scheduler=True, "
      "override_opt_param_scheduler=False, wsd_decay_steps=None, "
      "lr_wsd_decay_style=None)",
      "the weight decay: constant, or up from start_wd to end_wd in a line or "
      "half a cosine",
      "megatron.OptimizerParamScheduler.weight_decay(start_wd=0.01, "
      "end_wd=0.1, wd_incr_steps=1000, wd_incr_style='cosine')",
      SOURCE, NULL},
     NULL,
     megatron_weight_decay},
};

const struct taperi_family taperi_family_megatron = {"megatron", rows,
                                                     sizeof rows /
                                                         sizeof *rows};
