/* The constructors of torch.optim.lr_scheduler, with PyTorch's parameters and
 * numbers. What PyTorch takes from the optimizer is `lr`; the momentum, or
 * beta1, that CyclicLR and OneCycleLR drive as well is a schedule of its own
 * here, of the same arguments. LambdaLR
 * and MultiplicativeLR run code, which a text cannot hold, and
 * ReduceLROnPlateau is a controller. */
#include "schedule/peer_common.h"
#include "schedule/shapes.h"

static taper_node torch_step(struct taperi_expansion *x)
{
    enum { step_size, gamma, last_epoch, verbose, lr };
    const double every = taperi_steps_from_1(x, step_size);
    taperi_refuse_last_epoch(x, last_epoch);
    return taperi_decay(x->b, taperi_not_negative(x, lr),
                        taperi_not_negative(x, gamma), every);
}

/* The nearest milestone after step `now`, or at 0 if `now` is below; how often
 * it is listed is *times. Milestones need not be in order. */
static double torch_milestone(struct taperi_expansion *x, double now,
                              int *times)
{
    double next = TAPERI_LENGTH_MAX;
    *times = 0;
    for (const struct taperi_argument *a = taperi_items(x, 0); a;
         a = taperi_item_after(x, a)) {
        const double at = taperi_item_whole(x, a);
        if (at <= now || at > next) continue;
        if (at < next) *times = 0;
        next = at;
        ++*times;
    }
    return next;
}

static taper_node torch_multi_step(struct taperi_expansion *x)
{
    enum { milestones, gamma, last_epoch, verbose, lr };
    enum { milestones_max = 1000 }; /* each is searched for among all */
    const double rate = taperi_not_negative(x, gamma);
    struct taperi_levels l = {x->b, TAPER_NO_NODE, 0.0};
    double value = taperi_not_negative(x, lr), now = -1.0;
    int times;
    taperi_refuse_last_epoch(x, last_epoch);
    if (taperi_count(x, milestones) > milestones_max)
        return taperi_refuse(x, milestones, "these are too many milestones");
    for (now = torch_milestone(x, now, &times); times > 0;
         now = torch_milestone(x, now, &times)) {
        taperi_level_until(&l, value, now);
        for (; times > 0; times--)
            value *= rate;
    }
    return taperi_level_for_ever(&l, value);
}

static taper_node torch_constant(struct taperi_expansion *x)
{
    enum { factor, total_iters, last_epoch, verbose, lr };
    const double rate = taperi_not_negative(x, lr);
    const double low = rate * taperi_number_in(x, factor, 0.0, 1.0);
    struct taperi_levels l = {x->b, TAPER_NO_NODE, 0.0};
    taperi_refuse_last_epoch(x, last_epoch);
    taperi_level_until(&l, low, taperi_whole_steps(x, total_iters));
    return taperi_level_for_ever(&l, rate);
}

static taper_node torch_linear(struct taperi_expansion *x)
{
    enum { start_factor, end_factor, total_iters, last_epoch, verbose, lr };
    const double over = taperi_whole_steps(x, total_iters);
    taperi_refuse_last_epoch(x, last_epoch);
    return taperi_linear_factors(x, lr, start_factor, over);
}

static taper_node torch_exponential(struct taperi_expansion *x)
{
    enum { gamma, last_epoch, verbose, lr };
    taperi_refuse_last_epoch(x, last_epoch);
    return taperi_decay(x->b, taperi_not_negative(x, lr),
                        taperi_not_negative(x, gamma), 1.0);
}

static taper_node torch_polynomial(struct taperi_expansion *x)
{
    enum { total_iters, power, last_epoch, verbose, lr };
    const double over = taperi_whole_steps(x, total_iters);
    taperi_refuse_last_epoch(x, last_epoch);
    return taperi_power_decay(x->b, taperi_not_negative(x, lr), 0.0, over,
                              taperi_not_negative(x, power));
}

static taper_node torch_cosine(struct taperi_expansion *x)
{
    enum { t_max, eta_min, last_epoch, verbose, lr };
    const double over = taperi_steps(x, t_max);
    if (!(over > 0.0))
        return taperi_refuse(x, t_max, "'T_max' must be above 0");
    taperi_refuse_last_epoch(x, last_epoch);
    return taperi_curve_over(x->b, TAPERI_CURVE_COSINE,
                             taperi_not_negative(x, lr),
                             taperi_number(x, eta_min), over);
}

static taper_node torch_warm_restarts(struct taperi_expansion *x)
{
    enum { t_0, t_mult, eta_min, last_epoch, verbose, lr };
    taperi_refuse_last_epoch(x, last_epoch);
    return taperi_warm_restarts(x, lr, t_0);
}

/* What CyclicLR and OneCycleLR do to the momentum, in arguments i to i + 2:
 * cycle_momentum, base_momentum and max_momentum. It is highest where the rate
 * is lowest. */
struct momentum {
    double base, max;
};

static struct momentum torch_momentum(struct taperi_expansion *x, int i)
{
    if (!taperi_flag(x, i))
        taperi_refuse(x, i,
                      "there is no momentum with cycle_momentum=False: write "
                      "the number that it stays at");
    const struct momentum m = {taperi_not_negative(x, i + 1),
                               taperi_not_negative(x, i + 2)};
    return m;
}

enum {
    cyclic_base_lr,
    cyclic_max_lr,
    cyclic_down = 3,
    cyclic_momentum = 8,
    cyclic_last_epoch = 11
};

static struct taperi_cyclic torch_cycles(struct taperi_expansion *x)
{
    struct taperi_cyclic c = {
        .low = taperi_not_negative(x, cyclic_base_lr),
        .high = taperi_not_negative(x, cyclic_max_lr),
    };
    taperi_cyclic_mode(x, &c, cyclic_down);
    taperi_refuse_last_epoch(x, cyclic_last_epoch);
    return c;
}

static taper_node torch_cyclic(struct taperi_expansion *x)
{
    const struct taperi_cyclic c = torch_cycles(x);
    return taperi_cyclic(x->b, &c);
}

static taper_node torch_cyclic_momentum(struct taperi_expansion *x)
{
    struct taperi_cyclic c = torch_cycles(x);
    const struct momentum m = torch_momentum(x, cyclic_momentum);
    c.low = m.max;
    c.high = m.base;
    return taperi_cyclic(x->b, &c);
}

enum {
    one_max_lr,
    one_total_steps,
    one_epochs,
    one_steps_per_epoch,
    one_pct_start,
    one_anneal_strategy,
    one_momentum,
    one_div_factor = 9,
    one_final_div_factor,
    one_three_phase,
    one_last_epoch
};

static struct taperi_one_cycle torch_phases(struct taperi_expansion *x)
{
    struct taperi_one_cycle c = {.peak = taperi_not_negative(x, one_max_lr)};
    c.first = c.peak / taperi_number_above(x, one_div_factor, 0.0);
    c.last = c.first / taperi_number_above(x, one_final_div_factor, 0.0);
    c.pct = taperi_number_in(x, one_pct_start, 0.0, 1.0);
    c.curve = (enum taperi_curve)taperi_choice(x, one_anneal_strategy,
                                               TAPERI_CURVE_WORDS);
    c.three_phase = taperi_flag(x, one_three_phase);
    c.steps = 1.0;
    taperi_refuse_last_epoch(x, one_last_epoch);
    if (taperi_has(x, one_total_steps))
        c.steps = taperi_steps_from_1(x, one_total_steps);
    else if (taperi_has(x, one_epochs) && taperi_has(x, one_steps_per_epoch))
        c.steps = taperi_count_from_1(x, one_epochs) *
                  taperi_steps_from_1(x, one_steps_per_epoch);
    else
        taperi_refuse(x, -1,
                      "torch.OneCycleLR needs 'total_steps', or 'epochs' and "
                      "'steps_per_epoch'");
    return c;
}

static taper_node torch_one_cycle(struct taperi_expansion *x)
{
    const struct taperi_one_cycle c = torch_phases(x);
    return taperi_one_cycle(x->b, &c);
}

static taper_node torch_one_cycle_momentum(struct taperi_expansion *x)
{
    struct taperi_one_cycle c = torch_phases(x);
    const struct momentum m = torch_momentum(x, one_momentum);
    c.first = c.last = m.max;
    c.peak = m.base;
    return taperi_one_cycle(x->b, &c);
}

static taper_node torch_sequential(struct taperi_expansion *x)
{
    enum { schedulers, milestones, last_epoch };
    taperi_refuse_last_epoch(x, last_epoch);
    return taperi_in_turn(x, schedulers, milestones);
}

/* Every scheduler has the rate of the optimizer as its factor, so one factor
 * of it is taken out again for each after the first. */
static taper_node torch_chained(struct taperi_expansion *x)
{
    enum { schedulers, optimizer, lr };
    const double rate = taperi_not_negative(x, lr);
    const size_t count = taperi_count(x, schedulers);
    const struct taperi_argument *a = taperi_items(x, schedulers);
    if (!a) return taperi_refuse(x, schedulers, "there must be a scheduler");
    if (count == 1) return taperi_item_schedule(x, a);
    if (rate == 0.0) return taper_build_constant(x->b, 0.0);

    const struct taperi_draft product = taperi_draft_make(TAPERI_PRODUCT);
    const taper_node whole = taperi_builder_add(x->b, &product);
    double factor = 1.0;
    for (size_t k = 1; k < count; k++)
        factor /= rate;
    if (factor != 1.0)
        taperi_builder_append(x->b, whole, taper_build_constant(x->b, factor));
    for (; a; a = taperi_item_after(x, a))
        taperi_builder_append(x->b, whole, taperi_item_schedule(x, a));
    return taperi_failed(x) ? TAPER_NO_NODE : whole;
}

#define TORCH_SOURCE "torch.optim.lr_scheduler of PyTorch 2.15"
#define TORCH_PAST "last_epoch=-1, verbose=False"
#define TORCH_OPTIMIZER TORCH_PAST ", *, lr)"
#define TORCH_CYCLIC_ARGUMENTS \
    "(base_lr, max_lr, step_size_up=2000, step_size_down=None, " \
    "mode='triangular', gamma=1.0, scale_fn=None, scale_mode='cycle', " \
    "cycle_momentum=True, base_momentum=0.8, max_momentum=0.9, " TORCH_PAST \
    ")"
#define TORCH_ONE_CYCLE_ARGUMENTS \
    "(max_lr, total_steps=None, epochs=None, steps_per_epoch=None, " \
    "pct_start=0.3, anneal_strategy='cos', cycle_momentum=True, " \
    "base_momentum=0.85, max_momentum=0.95, div_factor=25.0, " \
    "final_div_factor=10000.0, three_phase=False, " TORCH_PAST ")"

static const struct taperi_name torch_rows[] = {
    {{"torch.StepLR", "torch.StepLR(step_size, gamma=0.1, " TORCH_OPTIMIZER,
      "lr gamma^floor(t / step_size)",
      "torch.StepLR(lr=0.1, step_size=30, gamma=0.1)", TORCH_SOURCE,
      "PyTorch loses a decay when last_epoch is given with a new optimizer; "
      "here a run resumes by its step"},
     NULL,
     torch_step},
    {{"torch.MultiStepLR",
      "torch.MultiStepLR(milestones, gamma=0.1, " TORCH_OPTIMIZER,
      "lr, times gamma from each milestone on",
      "torch.MultiStepLR(lr=0.1, milestones=[30, 80], gamma=0.1)", TORCH_SOURCE,
      NULL},
     NULL,
     torch_multi_step},
    {{"torch.ConstantLR",
      "torch.ConstantLR(factor=0.3333333333333333, "
      "total_iters=5, " TORCH_OPTIMIZER,
      "lr factor for total_iters steps, then lr",
      "torch.ConstantLR(lr=0.1, factor=0.5, total_iters=4)", TORCH_SOURCE,
      "PyTorch divides by zero after a factor of 0, and never ends a constant "
      "of total_iters=0"},
     NULL,
     torch_constant},
    {{"torch.LinearLR",
      "torch.LinearLR(start_factor=0.3333333333333333, end_factor=1.0, "
      "total_iters=5, " TORCH_OPTIMIZER,
      "a line from lr start_factor to lr end_factor over total_iters steps",
      "torch.LinearLR(lr=0.1, start_factor=0.1, total_iters=20)", TORCH_SOURCE,
      NULL},
     NULL,
     torch_linear},
    {{"torch.ExponentialLR", "torch.ExponentialLR(gamma, " TORCH_OPTIMIZER,
      "lr gamma^t", "torch.ExponentialLR(lr=0.1, gamma=0.9)", TORCH_SOURCE,
      NULL},
     NULL,
     torch_exponential},
    {{"torch.PolynomialLR",
      "torch.PolynomialLR(total_iters=5, power=1.0, " TORCH_OPTIMIZER,
      "lr (1 - t / total_iters)^power, then 0",
      "torch.PolynomialLR(lr=0.1, total_iters=100, power=2)", TORCH_SOURCE,
      NULL},
     NULL,
     torch_polynomial},
    {{"torch.CosineAnnealingLR",
      "torch.CosineAnnealingLR(T_max, eta_min=0.0, " TORCH_OPTIMIZER,
      "half a cosine from lr to eta_min over T_max steps",
      "torch.CosineAnnealingLR(lr=0.1, T_max=50, eta_min=0.001)", TORCH_SOURCE,
      "stays at eta_min; PyTorch rises again after T_max, drifts, and divides "
      "by zero for some T_max that are not whole"},
     NULL,
     torch_cosine},
    {{"torch.CosineAnnealingWarmRestarts",
      "torch.CosineAnnealingWarmRestarts(T_0, T_mult=1, "
      "eta_min=0.0, " TORCH_OPTIMIZER,
      "half cosines from lr to eta_min, each T_mult times as long as the one "
      "before",
      "torch.CosineAnnealingWarmRestarts(lr=0.1, T_0=10, T_mult=2)",
      TORCH_SOURCE,
      "restarts at the exact step, where PyTorch's step(epoch) and last_epoch "
      "miss it"},
     NULL,
     torch_warm_restarts},
    {{"torch.CyclicLR", "torch.CyclicLR" TORCH_CYCLIC_ARGUMENTS,
      "triangles between two rates; triangular2 halves them each cycle, "
      "exp_range lowers them by gamma each step",
      "torch.CyclicLR(base_lr=0.01, max_lr=0.1, step_size_up=100)",
      TORCH_SOURCE,
      "the momentum that PyTorch drives as well is torch.CyclicLR.momentum"},
     NULL,
     torch_cyclic},
    {{"torch.CyclicLR.momentum",
      "torch.CyclicLR.momentum" TORCH_CYCLIC_ARGUMENTS,
      "the momentum, or beta1, of torch.CyclicLR: from max_momentum down to "
      "base_momentum and back",
      "torch.CyclicLR.momentum(base_lr=0.01, max_lr=0.1, step_size_up=100)",
      TORCH_SOURCE, NULL},
     NULL,
     torch_cyclic_momentum},
    {{"torch.OneCycleLR", "torch.OneCycleLR" TORCH_ONE_CYCLE_ARGUMENTS,
      "up from max_lr / div_factor to max_lr, then down to that over "
      "final_div_factor",
      "torch.OneCycleLR(max_lr=0.1, total_steps=100)", TORCH_SOURCE,
      "stays at its end, where PyTorch goes on for one step, below 0 if the "
      "strategy is linear; a first phase without length is skipped, where "
      "PyTorch divides by zero; the momentum that PyTorch drives as well is "
      "torch.OneCycleLR.momentum"},
     NULL,
     torch_one_cycle},
    {{"torch.OneCycleLR.momentum",
      "torch.OneCycleLR.momentum" TORCH_ONE_CYCLE_ARGUMENTS,
      "the momentum, or beta1, of torch.OneCycleLR: from max_momentum down to "
      "base_momentum and back, lowest at the peak",
      "torch.OneCycleLR.momentum(max_lr=0.1, total_steps=100)", TORCH_SOURCE,
      NULL},
     NULL,
     torch_one_cycle_momentum},
    {{"torch.SequentialLR",
      "torch.SequentialLR(schedulers, milestones, " TORCH_PAST ", *, lr=None)",
      "one scheduler after the other, each from its own start; lr, given "
      "first, "
      "is that of them all",
      "torch.SequentialLR(lr=0.1, schedulers=[torch.LinearLR(total_iters=20), "
      "torch.ExponentialLR(gamma=0.9)], milestones=[20])",
      TORCH_SOURCE,
      "every scheduler has the rate that it says, where in PyTorch one that "
      "sets the optimizer's rate changes it for the others"},
     NULL,
     torch_sequential},
    {{"torch.ChainedScheduler",
      "torch.ChainedScheduler(schedulers, optimizer=None, *, lr)",
      "all schedulers at once: lr, given first, times the product of their "
      "factors",
      "torch.ChainedScheduler(lr=0.1, schedulers=[torch.ConstantLR(factor=0.5),"
      " torch.ExponentialLR(gamma=0.9)])",
      TORCH_SOURCE,
      "the true product, which PyTorch misses with an eta_min other than 0, "
      "and with a SequentialLR, which sets the rate anew where it goes on"},
     NULL,
     torch_chained},
};

const struct taperi_family taperi_family_torch = {"torch", torch_rows,
                                                  sizeof torch_rows /
                                                      sizeof *torch_rows};
