/* The schedules of Hugging Face's transformers: the functions of its
 * optimization.py, by their own names and arguments, and get_scheduler, which
 * finds them by a name. `lr` stands for the optimizer. The value at step t is
 * the rate with which optimizer.step() is called for the time number t. */
#include "schedule/maths.h"
#include "schedule/peer_parts.h"
#include "schedule/shapes.h"

/* What most of them begin with. */
struct run {
    double lr;
    double warmup; /* whole steps */
    double decay;  /* whole steps after the warm-up; not below 0 */
};

/* `lr` is the last parameter of all, as it comes with the optimizer, which is
 * the first in Python. */
static double lr_of(struct taperi_expansion *x)
{
    const int last = (int)x->count - 1;
    for (int i = 0; i < last; i++)
        if (taperi_slice_is(x->parameter[i].name, "last_epoch"))
            taperi_refuse_last_epoch(x, i);
    return taperi_number(x, last);
}

/* num_warmup_steps and num_training_steps, the first two arguments. */
static struct run run_of(struct taperi_expansion *x)
{
    struct run r;
    r.lr = lr_of(x);
    r.warmup = taperi_whole_steps(x, 0);
    r.decay = taperi_max(taperi_whole_steps(x, 1) - r.warmup, 0.0);
    return r;
}

/* The line from 0 up to the rate, and then `rest`. */
static taper_node warmed(struct taperi_expansion *x, double lr, double warmup,
                         taper_node rest)
{
    return taperi_warmed(x->b, 0.0, lr, warmup, rest);
}

static taper_node expand_constant(struct taperi_expansion *x)
{
    return taper_build_constant(x->b, lr_of(x));
}

static taper_node expand_constant_warmed(struct taperi_expansion *x)
{
    const double lr = lr_of(x), warmup = taperi_whole_steps(x, 0);
    return warmed(x, lr, warmup, taper_build_constant(x->b, lr));
}

static taper_node expand_linear(struct taperi_expansion *x)
{
    const struct run r = run_of(x);
    return warmed(x, r.lr, r.warmup,
                  taper_build_linear(x->b, r.lr, 0.0, taper_steps(r.decay)));
}

/* -------------------------------------------------------------- cosines */

/* At least one step, as transformers has it. */
static double cosine_steps(const struct run *r)
{
    return taperi_max(r->decay, 1.0);
}

static taper_node expand_cosine(struct taperi_expansion *x)
{
    enum { warmup, training, cycles };
    const struct run r = run_of(x);
    return warmed(x, r.lr, r.warmup,
                  taperi_cosine_waves(x->b, r.lr, 0.0, cosine_steps(&r),
                                      taperi_not_negative(x, cycles)));
}

static taper_node expand_hard_restarts(struct taperi_expansion *x)
{
    enum { warmup, training, cycles };
    const struct run r = run_of(x);
    const double times = taperi_number_in(x, cycles, 0.0, TAPERI_LENGTH_MAX);
    const double steps = cosine_steps(&r), each = steps / times;
    const bool ends = taperi_is_whole(times, 1.0, TAPERI_LENGTH_MAX);
    taper_node node =
        times > 0.0 ? taper_build_cosine(x->b, r.lr, 0.0,
                                         taper_steps(taperi_whole_or_1(each)))
                    : taper_build_constant(x->b, r.lr);
    if (times > 1.0)
        node =
            taper_build_repeat(x->b, node, ends ? (int64_t)times : 0, 1.0, 1.0);
    if (times > 0.0) node = taperi_stretch_to(x->b, node, each);
    if (!ends) /* within a cosine, from which it drops to 0 */
        node = taperi_join(x->b, taperi_first_steps(x->b, node, steps),
                           taper_build_constant(x->b, 0.0));
    return warmed(x, r.lr, r.warmup, node);
}

/* The value that a cosine ends on: argument i, or the next one times lr. */
static double floor_of(struct taperi_expansion *x, int i, double lr)
{
    const bool value = taperi_has(x, i), rate = taperi_has(x, i + 1);
    if (value == rate) {
        taperi_refuse(x, value ? i : -1,
                      "one of 'min_lr' and 'min_lr_rate' must be given%s",
                      value ? ", not both" : "");
        return 0.0;
    }
    if (value) return taperi_not_negative(x, i);
    return lr * taperi_not_negative(x, i + 1);
}

static taper_node expand_cosine_floor(struct taperi_expansion *x)
{
    enum { warmup, training, cycles, last_epoch, floor };
    const struct run r = run_of(x);
    const double waves = taperi_not_negative(x, cycles);
    const double low = floor_of(x, floor, r.lr);
    return warmed(x, r.lr, r.warmup,
                  taperi_cosine_waves(x->b, r.lr, low, cosine_steps(&r),
                                      waves));
}

/* The warm-up counts from 1, so that it reaches the rate a step early; so does
 * the cosine, which goes on from there. */
static taper_node expand_cosine_floor_warmed(struct taperi_expansion *x)
{
    enum { warmup, training, cycles, last_epoch, floor, floor_rate, first };
    const struct run r = run_of(x);
    const double waves = taperi_not_negative(x, cycles);
    const double low = floor_of(x, floor, r.lr);
    const double start = taperi_has(x, first)
                             ? r.lr * taperi_number(x, first)
                             : r.lr / taperi_max(r.warmup, 1.0);
    const taper_node node =
        taperi_cosine_waves(x->b, r.lr, low, cosine_steps(&r), waves);
    if (r.warmup == 0.0) return taper_build_shift(x->b, node, 1.0);
    if (r.warmup == 1.0 && start != r.lr)
        return taperi_join(x->b,
                           taper_build_hold(x->b, start, taper_steps(1.0)),
                           taper_build_shift(x->b, node, 1.0));
    return taperi_warmed(x->b, start, r.lr, r.warmup - 1.0, node);
}

/* ------------------------------------------------------- other decays */

static taper_node expand_polynomial(struct taperi_expansion *x)
{
    enum { warmup, training, end, power };
    const struct run r = run_of(x);
    const double low = taperi_number(x, end);
    const double degree = taperi_not_negative(x, power);
    if (!(r.lr > low))
        return taperi_refuse(x, end, "'lr_end' must be below 'lr'");
    if (degree == 0.0) { /* until num_training_steps are past, if at all */
        struct taperi_levels l = {x->b, TAPER_NO_NODE, 0.0};
        if (r.decay > 0.0) taperi_level_until(&l, r.lr, r.decay + 1.0);
        return warmed(x, r.lr, r.warmup, taperi_level_for_ever(&l, low));
    }
    return warmed(x, r.lr, r.warmup,
                  taperi_power_decay(x->b, r.lr, low, r.decay, degree));
}

static taper_node expand_inverse_sqrt(struct taperi_expansion *x)
{
    enum { warmup, timescale };
    const double lr = lr_of(x), warm = taperi_whole_steps(x, warmup);
    double scale = warm > 0.0 ? warm : 10000.0;
    if (taperi_has(x, timescale)) scale = taperi_steps_from_1(x, timescale);
    return warmed(x, lr, warm,
                  taper_build_inverse(x->b, lr, 1.0, 0.5, taper_steps(scale),
                                      taper_forever()));
}

/* ------------------------------------ warm up, stay stable and decay */

enum { wsd_linear, wsd_cosine, wsd_sqrt };
static const char wsd_types[] = "linear|cosine|1-sqrt";

/* The steps in which the rate stays: as given, or what is left of the run. */
static double stable_steps(struct taperi_expansion *x, double others)
{
    enum { warmup, decay, training, stable };
    if (taperi_has(x, stable)) return taperi_whole_steps(x, stable);
    if (!taperi_has(x, training)) {
        taperi_refuse(x, -1,
                      "'num_training_steps' or 'num_stable_steps' must "
                      "be given");
        return 0.0;
    }
    const double rest = taperi_whole_steps(x, training) - others;
    if (rest < 0.0)
        taperi_refuse(x, training,
                      "warm-up and decay are longer than "
                      "'num_training_steps'");
    return rest;
}

static taper_node wsd_warmup(taper_builder *b, int type, double from, double to,
                             double steps)
{
    switch (type) {
    case wsd_cosine:
        return taper_build_cosine(b, from, to, taper_steps(steps));
    case wsd_sqrt:
        return taper_build_poly(b, from, to, taper_steps(steps), 0.5);
    default:
        return taper_build_linear(b, from, to, taper_steps(steps));
    }
}

/* Ends on `to` or, where the waves end elsewhere, jumps to it. */
static taper_node wsd_decay(struct taperi_expansion *x, taper_node whole,
                            int type, double from, double to, double steps)
{
    enum { cycles = 7 };
    const double waves = taperi_not_negative(x, cycles);
    taper_node node = TAPER_NO_NODE;
    if (type == wsd_linear)
        node = taper_build_linear(x->b, from, to, taper_steps(steps));
    else if (type == wsd_sqrt)
        node = taper_build_sqrt(x->b, from, to, taper_steps(steps));
    else if (steps > 0.0)
        node = taperi_cosine_waves(x->b, from, to, steps, waves);
    if (node != TAPER_NO_NODE) whole = taperi_join(x->b, whole, node);
    if (type != wsd_cosine || (waves == 0.5 && steps > 0.0)) return whole;
    return taperi_join(x->b, whole, taper_build_constant(x->b, to));
}

static taper_node expand_wsd(struct taperi_expansion *x)
{
    enum { warmup, decay, training, stable, warmup_type, decay_type, ratio };
    const double lr = lr_of(x), warm = taperi_whole_steps(x, warmup);
    const double cool = taperi_whole_steps(x, decay);
    const double stay = stable_steps(x, warm + cool);
    const int up = taperi_choice(x, warmup_type, wsd_types);
    const int down = taperi_choice(x, decay_type, wsd_types);
    const double low = lr * taperi_not_negative(x, ratio);
    taper_node whole = TAPER_NO_NODE;
    if (warm > 0.0) whole = wsd_warmup(x->b, up, low, lr, warm);
    if (stay > 0.0)
        whole = taperi_join(x->b, whole,
                            taper_build_hold(x->b, lr, taper_steps(stay)));
    return wsd_decay(x, whole, down, lr, low, cool);
}

/* --------------------------------------------------------- get_scheduler */

static taper_node expand_any(struct taperi_expansion *x);

/* ---------------------------------------------------------------- rows */

#define SOURCE "transformers 5.23.0, optimization.py"
#define NOTE_COSINE \
    "past num_training_steps it holds, where transformers rises again"

/* The order of the first ones is that of `kinds` in expand_any. */
static const struct taperi_name rows[] = {
    {{"hf.get_constant_schedule",
      "hf.get_constant_schedule(last_epoch=-1, *, lr)", "the same for ever",
      "hf.get_constant_schedule(lr=0.1)", SOURCE, NULL},
     NULL,
     expand_constant},
    {{"hf.get_constant_schedule_with_warmup",
      "hf.get_constant_schedule_with_warmup(num_warmup_steps, last_epoch=-1, "
      "*, lr)",
      "a line from 0 up to lr, which then holds",
      "hf.get_constant_schedule_with_warmup(100, lr=0.1)", SOURCE, NULL},
     NULL,
     expand_constant_warmed},
    {{"hf.get_linear_schedule_with_warmup",
      "hf.get_linear_schedule_with_warmup(num_warmup_steps, "
      "num_training_steps, last_epoch=-1, *, lr)",
      "a line from 0 up to lr, then one down to 0",
      "hf.get_linear_schedule_with_warmup(100, 1000, lr=0.1)", SOURCE, NULL},
     NULL,
     expand_linear},
    {{"hf.get_cosine_schedule_with_warmup",
      "hf.get_cosine_schedule_with_warmup(num_warmup_steps, "
      "num_training_steps, num_cycles=0.5, last_epoch=-1, *, lr)",
      "a line from 0 up to lr, then waves of a cosine between lr and 0, half "
      "a wave by default",
      "hf.get_cosine_schedule_with_warmup(100, 1000, lr=0.1)", SOURCE,
      NOTE_COSINE},
     NULL,
     expand_cosine},
    {{"hf.get_cosine_with_hard_restarts_schedule_with_warmup",
      "hf.get_cosine_with_hard_restarts_schedule_with_warmup("
      "num_warmup_steps, num_training_steps, num_cycles=1, last_epoch=-1, *, "
      "lr)",
      "a line from 0 up to lr, then num_cycles half cosines down to 0",
      "hf.get_cosine_with_hard_restarts_schedule_with_warmup(100, 1000, "
      "num_cycles=3, lr=0.1)",
      SOURCE, NULL},
     NULL,
     expand_hard_restarts},
    {{"hf.get_polynomial_decay_schedule_with_warmup",
      "hf.get_polynomial_decay_schedule_with_warmup(num_warmup_steps, "
      "num_training_steps, lr_end=1e-07, power=1.0, last_epoch=-1, *, lr)",
      "a line from 0 up to lr, then lr_end + (lr - lr_end) (1 - t/T)^power",
      "hf.get_polynomial_decay_schedule_with_warmup(100, 1000, power=2.0, "
      "lr=0.1)",
      SOURCE,
      "num_warmup_steps may be num_training_steps, where transformers "
      "divides by 0"},
     NULL,
     expand_polynomial},
    {{"hf.get_inverse_sqrt_schedule",
      "hf.get_inverse_sqrt_schedule(num_warmup_steps, timescale=None, "
      "last_epoch=-1, *, lr)",
      "a line from 0 up to lr, then lr / sqrt(1 + t/timescale), for ever",
      "hf.get_inverse_sqrt_schedule(100, lr=0.1)", SOURCE, NULL},
     NULL,
     expand_inverse_sqrt},
    {{"hf.get_cosine_with_min_lr_schedule_with_warmup",
      "hf.get_cosine_with_min_lr_schedule_with_warmup(num_warmup_steps, "
      "num_training_steps, num_cycles=0.5, last_epoch=-1, min_lr=None, "
      "min_lr_rate=None, *, lr)",
      "a line from 0 up to lr, then waves of a cosine between lr and min_lr",
      "hf.get_cosine_with_min_lr_schedule_with_warmup(100, 1000, "
      "min_lr_rate=0.1, lr=0.1)",
      SOURCE, NOTE_COSINE},
     NULL,
     expand_cosine_floor},
    {{"hf.get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
      "hf.get_cosine_with_min_lr_schedule_with_warmup_lr_rate("
      "num_warmup_steps, num_training_steps, num_cycles=0.5, last_epoch=-1, "
      "min_lr=None, min_lr_rate=None, warmup_lr_rate=None, *, lr)",
      "a line from lr/W or warmup_lr_rate lr up to lr, then waves of a cosine "
      "between lr and min_lr",
      "hf.get_cosine_with_min_lr_schedule_with_warmup_lr_rate(100, 1000, "
      "min_lr_rate=0.1, lr=0.1)",
      SOURCE,
      "from num_training_steps on it holds min_lr, where transformers rises "
      "again"},
     NULL,
     expand_cosine_floor_warmed},
    {{"hf.get_wsd_schedule",
      "hf.get_wsd_schedule(num_warmup_steps, num_decay_steps, "
      "num_training_steps=None, num_stable_steps=None, warmup_type='linear', "
      "decay_type='cosine', min_lr_ratio=0, num_cycles=0.5, last_epoch=-1, *, "
      "lr)",
      "warm up from min_lr_ratio lr, stay at lr, decay to min_lr_ratio lr",
      "hf.get_wsd_schedule(100, 200, 1000, lr=0.1)", SOURCE,
      "warm-up and decay must fit into num_training_steps"},
     NULL,
     expand_wsd},
    {{"hf.get_scheduler",
      "hf.get_scheduler(name, num_warmup_steps=None, "
      "num_training_steps=None, scheduler_specific_kwargs=None, *, lr)",
      "any of the others by its name: linear, cosine, cosine_with_restarts, "
      "polynomial, constant, constant_with_warmup, inverse_sqrt, "
      "cosine_with_min_lr, cosine_warmup_with_min_lr, warmup_stable_decay",
      "hf.get_scheduler('linear', num_warmup_steps=100, "
      "num_training_steps=1000, lr=0.1)",
      SOURCE, "as the function that it finds"},
     NULL,
     expand_any},
};

static taper_node expand_any(struct taperi_expansion *x)
{
    enum { name, warmup, training, more };
    enum { by_metric = 10 }; /* the first of those that are */
    static const char kinds[] =
        "constant|constant_with_warmup|linear|cosine|cosine_with_restarts|"
        "polynomial|inverse_sqrt|cosine_with_min_lr|"
        "cosine_warmup_with_min_lr|warmup_stable_decay|"
        "reduce_lr_on_plateau|greedy";
    const int kind = taperi_choice(x, name, kinds);
    if (kind >= by_metric)
        return taperi_refuse(x, name,
                             "%q reacts to a metric, so it is a controller "
                             "and no schedule",
                             x->argument[name].text);
    const struct taperi_name *row = &rows[kind];
    const struct taperi_argument *d =
        taperi_has(x, more) ? &x->argument[more] : NULL;
    struct taperi_expansion call;
    if (!taperi_keywords(x, row->shape.usage, d, &call)) return TAPER_NO_NODE;
    return row->expand(&call);
}

const struct taperi_family taperi_family_hf = {"hf", rows,
                                               sizeof rows / sizeof *rows};
