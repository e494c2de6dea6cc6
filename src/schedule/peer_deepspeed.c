/* The schedulers of DeepSpeed, which steps them after each update: the first
 * update uses what the constructor sets. */
#include "schedule/maths.h"
#include "schedule/peer_cycles.h"
#include "schedule/shapes.h"

enum { deepspeed_log, deepspeed_linear };

/* The warm-up that is `steps` long, at least 2, which DeepSpeed sees one
 * update late: `from` twice, and then on. A logarithm is at `to` by itself one
 * update earlier. */
static taper_node deepspeed_late_warmup(taper_builder *b, double from,
                                        double to, double steps, int type)
{
    const taper_node first = taper_build_hold(b, from, taper_steps(1.0));
    const taper_node rise =
        type == deepspeed_linear
            ? taper_build_linear(b, from, to, taper_steps(steps))
            : taper_build_log(b, from, to, taper_steps(steps - 1.0));
    const taper_node whole = taperi_join(b, first, rise);
    if (type == deepspeed_linear) return whole;
    return taperi_join(b, whole, taper_build_hold(b, to, taper_steps(1.0)));
}

static double deepspeed_warmup_steps(struct taperi_expansion *x, int i)
{
    return taperi_max(taperi_steps_from_1(x, i), 2.0);
}

static int deepspeed_warmup_type(struct taperi_expansion *x, int i)
{
    return taperi_choice(x, i, "log|linear");
}

static taper_node deepspeed_warmup(struct taperi_expansion *x)
{
    enum { min_lr, max_lr, num_steps, type, last, lr };
    const double low = taperi_number(x, min_lr);
    const double high = taperi_number(x, taperi_has(x, max_lr) ? max_lr : lr);
    const double steps = deepspeed_warmup_steps(x, num_steps);
    taperi_refuse_last_epoch(x, last);
    return deepspeed_late_warmup(x->b, low, high, steps,
                                 deepspeed_warmup_type(x, type));
}

static taper_node deepspeed_decay(struct taperi_expansion *x)
{
    enum { total, min_lr, max_lr, num_steps, type, last };
    const double low = taperi_number(x, min_lr);
    const double high = taperi_number(x, max_lr);
    const double steps = deepspeed_warmup_steps(x, num_steps);
    const double rest = taperi_whole_steps(x, total) - steps;
    taperi_refuse_last_epoch(x, last);
    return taperi_join(x->b,
                       deepspeed_late_warmup(x->b, low, high, steps,
                                             deepspeed_warmup_type(x, type)),
                       taper_build_linear(x->b, high, low,
                                          taper_steps(taperi_max(rest, 0.0))));
}

/* On time: the peak comes at update `steps`, and so the cosine is DeepSpeed's
 * from there on. */
static taper_node deepspeed_cosine(struct taperi_expansion *x)
{
    enum { total, min_ratio, num_steps, cos_ratio, type, last, lr };
    const double high = taperi_number(x, lr);
    const double low = high * taperi_number(x, min_ratio);
    const double end = high * taperi_not_negative(x, cos_ratio);
    const double steps = deepspeed_warmup_steps(x, num_steps);
    const double rest = taperi_whole_steps(x, total) - steps;
    taper_node whole = TAPER_NO_NODE;
    taperi_refuse_last_epoch(x, last);
    if (deepspeed_warmup_type(x, type) == deepspeed_linear) {
        whole = taperi_ramp(x->b, low, high, steps);
    } else {
        whole = taper_build_hold(x->b, low, taper_steps(1.0));
        whole = taperi_join(x->b, whole,
                            taper_build_log(x->b, low, high,
                                            taper_steps(steps - 1.0)));
    }
    if (rest > 0.0)
        return taperi_join(x->b, whole,
                           taper_build_cosine(x->b, high, end,
                                              taper_steps(rest)));
    whole = taperi_join(x->b, whole,
                        taper_build_hold(x->b, high, taper_steps(1.0)));
    return taperi_join(x->b, whole, taper_build_constant(x->b, end));
}

/* The smallest whole number >= a / b, of whole a >= 0 and b >= 1. */
static double deepspeed_quotient_up(double a, double b)
{
    const double q = taperi_whole_times(a, b);
    return q * b < a ? q + 1.0 : q;
}

/* Half of a cycle, up or down, as a line or in `count` stairs. A step has the
 * value of the stair below it. */
static void deepspeed_half_cycle(struct taperi_levels *l, double low,
                                 double high, double over, double count,
                                 bool down)
{
    const double start = l->now;
    if (count == 0.0) {
        const taper_node line =
            taper_build_linear(l->b, down ? high : low, down ? low : high,
                               taper_steps(over));
        l->whole = taperi_join(l->b, l->whole, line);
        l->now = start + over;
        return;
    }
    for (double t = 0.0; t < over;) {
        const double below = down ? over - t : t;
        const double stair = taperi_whole_times(below * count, over);
        const double next =
            down ? over - deepspeed_quotient_up(stair * over, count) + 1.0
                 : deepspeed_quotient_up((stair + 1.0) * over, count);
        t = taperi_min(next, over);
        taperi_level_until(l, low + (high - low) * (stair / count), start + t);
    }
}

/* A count of stairs; `otherwise` if there is none. */
static double deepspeed_stair_count(struct taperi_expansion *x, int i,
                                    double otherwise)
{
    if (!taperi_has(x, i)) return otherwise;
    const double count = taperi_number_in(x, i, 0.0, 10000.0);
    if (taperi_floor(count) == count) return count;
    taperi_refuse(x, i, "%q must be whole", x->parameter[i].name);
    return 0.0;
}

static taper_node deepspeed_one_cycle(struct taperi_expansion *x)
{
    enum { min_lr, max_lr, rate, up, down, up_stairs, down_stairs, every };
    enum { last = 12 };
    const double low = taperi_number(x, min_lr);
    const double high = taperi_number(x, max_lr);
    const double fall = taperi_not_negative(x, rate);
    const double first = taperi_steps_from_1(x, up);
    const double second =
        taperi_has(x, down) ? taperi_whole_steps(x, down) : first;
    const double stairs = deepspeed_stair_count(x, up_stairs, 0.0);
    const double stairs_down = deepspeed_stair_count(x, down_stairs, stairs);
    const double per = taperi_steps(x, every);
    struct taperi_levels l = {x->b, TAPER_NO_NODE, 0.0};
    taperi_refuse_last_epoch(x, last);
    if (first > 0x1p32 || second > 0x1p32)
        return taperi_refuse(x, up, "a cycle must be shorter than 2^33 steps");
    deepspeed_half_cycle(&l, low, high, first, stairs, false);
    deepspeed_half_cycle(&l, low, high, second, stairs_down, true);
    if (fall == 0.0 || per == 0.0) return taperi_level_for_ever(&l, low);
    const bool whole = taperi_is_whole(per, 1.0, TAPERI_LENGTH_MAX);
    return taperi_join(x->b, l.whole,
                       taper_build_inverse(x->b, low, whole ? fall : fall / per,
                                           1.0, taper_steps(whole ? per : 1.0),
                                           taper_forever()));
}

static taper_node deepspeed_range_test(struct taperi_expansion *x)
{
    enum { min_lr, step_size, step_rate, staircase, last };
    /* A line has an end; this one is as far as the digits of a test reach. */
    enum { intervals = 1000000 };
    const double low = taperi_number(x, min_lr);
    const double every = taperi_steps_from_1(x, step_size);
    const double slope = taperi_number(x, step_rate);
    const double high = low * (1.0 + slope * intervals);
    const taper_node line =
        taper_build_linear(x->b, low, high, taper_steps(every * intervals));
    taperi_refuse_last_epoch(x, last);
    return taperi_flag(x, staircase)
               ? taper_build_stair(x->b, line, taper_steps(every))
               : line;
}

#define DEEPSPEED_SOURCE "DeepSpeed 0.19.8, deepspeed.runtime.lr_schedules"
#define DEEPSPEED_WARMUP \
    "warmup_num_steps=1000, warmup_type='log', " \
    "last_batch_iteration=-1"

static const struct taperi_name rows[] = {
    {{"deepspeed.WarmupLR",
      "deepspeed.WarmupLR(warmup_min_lr=0.0, "
      "warmup_max_lr=None, " DEEPSPEED_WARMUP ", *, lr=0.001)",
      "up to warmup_max_lr by a logarithm or a line, one update late",
      "deepspeed.WarmupLR(warmup_max_lr=0.1, warmup_num_steps=100)",
      DEEPSPEED_SOURCE, NULL},
     NULL,
     deepspeed_warmup},
    {{"deepspeed.WarmupDecayLR",
      "deepspeed.WarmupDecayLR(total_num_steps, warmup_min_lr=0.0, "
      "warmup_max_lr=0.001, " DEEPSPEED_WARMUP ")",
      "as WarmupLR, then a line down to warmup_min_lr",
      "deepspeed.WarmupDecayLR(total_num_steps=1000, warmup_num_steps=100)",
      DEEPSPEED_SOURCE, NULL},
     NULL,
     deepspeed_decay},
    {{"deepspeed.WarmupCosineLR",
      "deepspeed.WarmupCosineLR(total_num_steps, warmup_min_ratio=0.0, "
      "warmup_num_steps=1000, cos_min_ratio=0.0001, "
      "warmup_type='log', "
      "last_batch_iteration=-1, *, lr)",
      "warm-up to lr, then a cosine to cos_min_ratio * lr",
      "deepspeed.WarmupCosineLR(total_num_steps=1000, warmup_num_steps=100, "
      "lr=0.1)",
      DEEPSPEED_SOURCE,
      "the first update has warmup_min_ratio * lr, where DeepSpeed has 0, and "
      "a linear warm-up reaches lr, where DeepSpeed's is one update late"},
     NULL,
     deepspeed_cosine},
    {{"deepspeed.OneCycle",
      "deepspeed.OneCycle(cycle_min_lr, cycle_max_lr, decay_lr_rate=0.0, "
      "cycle_first_step_size=2000, cycle_second_step_size=None, "
      "cycle_first_stair_count=0, cycle_second_stair_count=None, "
      "decay_step_size=0, cycle_momentum=True, cycle_min_mom=0.8, "
      "cycle_max_mom=0.9, decay_mom_rate=0.0, last_batch_iteration=-1)",
      "up and down once, as lines or in stairs, then inverse time",
      "deepspeed.OneCycle(0.01, 0.1, cycle_first_step_size=400)",
      DEEPSPEED_SOURCE, "the rate; momentum is a schedule of its own"},
     NULL,
     deepspeed_one_cycle},
    {{"deepspeed.LRRangeTest",
      "deepspeed.LRRangeTest(lr_range_test_min_lr=0.001, "
      "lr_range_test_step_size=2000, lr_range_test_step_rate=1.0, "
      "lr_range_test_staircase=False, last_batch_iteration=-1)",
      "a line up, or stairs: min_lr (1 + step_rate t / step_size)",
      "deepspeed.LRRangeTest(1e-4, 100)", DEEPSPEED_SOURCE,
      "it ends after a million intervals of step_size"},
     NULL,
     deepspeed_range_test},
};

const struct taperi_family taperi_family_deepspeed = {"deepspeed", rows,
                                                      sizeof rows /
                                                          sizeof *rows};
