/* Optax's schedules: the functions of optax.schedules, by their own names and
 * arguments. `schedule(count)` of Optax is the value at step `count`. */
#include "schedule/maths.h"
#include "schedule/peer_parts.h"
#include "schedule/shapes.h"

/* -------------------------------------------------------- one transition */

static taper_node expand_constant(struct taperi_expansion *x)
{
    return taper_build_constant(x->b, taperi_number(x, 0));
}

/* `whole`, then `value` for `over` whole steps. */
static taper_node hold_for(struct taperi_expansion *x, taper_node whole,
                           double value, double over)
{
    if (over == 0.0) return whole;
    const taper_span span = taper_steps(over);
    return taperi_join(x->b, whole, taper_build_hold(x->b, value, span));
}

/* A transition of 0 steps does not happen: the first value stays. */
static taper_node transition(struct taperi_expansion *x, double from, double to,
                             double power, double steps, double begin)
{
    if (steps == 0.0 || power == 0.0) return taper_build_constant(x->b, from);
    return taperi_join(x->b, hold_for(x, TAPER_NO_NODE, from, begin),
                       taperi_power_decay(x->b, from, to, steps, power));
}

static taper_node expand_polynomial(struct taperi_expansion *x)
{
    enum { init, end, power, steps, begin };
    const double from = taperi_number(x, init), to = taperi_number(x, end);
    const double degree = taperi_not_negative(x, power);
    const double over = taperi_real_steps(x, steps);
    return transition(x, from, to, degree, over, taperi_whole_steps(x, begin));
}

static taper_node expand_linear(struct taperi_expansion *x)
{
    enum { init, end, steps, begin };
    const double from = taperi_number(x, init), to = taperi_number(x, end);
    const double over = taperi_real_steps(x, steps);
    return transition(x, from, to, 1.0, over, taperi_whole_steps(x, begin));
}

/* The five arguments of an exponential decay from `rate` on, which starts from
 * `from`, after `whole`. */
static taper_node exponential(struct taperi_expansion *x, taper_node whole,
                              double from, int first)
{
    enum { steps, rate, begin, stairs, end };
    const double factor = taperi_not_negative(x, first + rate);
    const double per = taperi_real_steps(x, first + steps);
    const double wait = taperi_whole_steps(x, first + begin);
    if (per == 0.0 || factor == 0.0)
        return taperi_join(x->b, whole, taper_build_constant(x->b, from));

    taper_node node =
        taper_build_exp_rate(x->b, from, factor,
                             taper_steps(taperi_whole_or_1(per)),
                             taperi_flag(x, first + stairs), taper_forever());
    node = taperi_stretch_to(x->b, node, per);
    if (!taperi_has(x, first + end))
        return taperi_join(x->b, hold_for(x, whole, from, wait), node);
    const double bound = taperi_number(x, first + end);
    node = taperi_join(x->b, hold_for(x, TAPER_NO_NODE, from, wait), node);
    node = taper_build_clamp(x->b, node, factor < 1.0 ? bound : -DBL_MAX,
                             factor < 1.0 ? DBL_MAX : bound);
    return taperi_join(x->b, whole, node);
}

static taper_node expand_exponential(struct taperi_expansion *x)
{
    return exponential(x, TAPER_NO_NODE, taperi_number(x, 0), 1);
}

static taper_node cosine(struct taperi_expansion *x, double from, double to,
                         double steps, double exponent)
{
    const taper_span over = taper_steps(taperi_whole_or_1(steps));
    return taperi_stretch_to(x->b,
                             exponent == 1.0
                                 ? taper_build_cosine(x->b, from, to, over)
                                 : taper_build_bent_cosine(x->b, from, to, over,
                                                           exponent, 1.0),
                             steps);
}

static taper_node expand_cosine(struct taperi_expansion *x)
{
    enum { init, steps, alpha, exponent };
    const double from = taperi_number(x, init);
    const double over = taperi_real_steps_above_0(x, steps);
    const double to = from * taperi_number(x, alpha);
    return cosine(x, from, to, over, taperi_number_above(x, exponent, 0.0));
}

/* ------------------------------------------------------ piece by piece */

/* An entry of a dict of boundaries and scales. */
struct knot {
    double step, scale;
};

/* The entry with the lowest step above `after` in argument i: a dict need not
 * be in order, and of two equal keys the last counts. Returns false if there
 * is none, or after an error. */
static bool next_knot(struct taperi_expansion *x, int i, double after,
                      struct knot *out)
{
    if (!taperi_has(x, i)) return false;
    if (x->argument[i].type != TAPERI_DICT) {
        taperi_refuse(x, i, "%q must be a dict, such as {100: 0.1}",
                      x->parameter[i].name);
        return false;
    }
    const struct taperi_argument *key = taperi_items(x, i);
    bool found = false;
    while (key) {
        const struct taperi_argument *value = taperi_item_after(x, key);
        if (!value) break;
        const double step = taperi_item_whole(x, key);
        const double scale = taperi_item_number(x, value);
        if (scale < 0.0)
            taperi_refuse(x, i, "scale factors must not be negative");
        if (step > after && (!found || step <= out->step)) {
            out->step = step;
            out->scale = scale;
            found = true;
        }
        key = taperi_item_after(x, value);
    }
    return found && !taperi_failed(x);
}

static taper_node expand_piecewise_constant(struct taperi_expansion *x)
{
    enum { init, boundaries };
    double value = taperi_number(x, init);
    struct knot k = {-1.0, 1.0};
    struct taperi_levels levels = {x->b, TAPER_NO_NODE, 0.0};
    while (next_knot(x, boundaries, k.step, &k)) {
        taperi_level_until(&levels, value, k.step);
        value = taperi_saturate(value * k.scale);
    }
    return taperi_level_for_ever(&levels, value);
}

/* A line through points, the last of which holds. */
struct path {
    bool smooth; /* half cosines between the points, or lines */
    double step, value;
    taper_node whole; /* so far */
};

static void path_to(struct taperi_expansion *x, struct path *p, struct knot k)
{
    const double from = p->value;
    const taper_span over = taper_steps(k.step - p->step);
    p->value = taperi_saturate(from * k.scale);
    p->step = k.step;
    if (over.amount == 0.0) return;
    p->whole =
        taperi_join(x->b, p->whole,
                    p->smooth ? taper_build_cosine(x->b, from, p->value, over)
                              : taper_build_linear(x->b, from, p->value, over));
}

static taper_node path_end(struct taperi_expansion *x, const struct path *p)
{
    if (p->whole != TAPER_NO_NODE) return p->whole;
    return taper_build_constant(x->b, p->value);
}

static taper_node expand_piecewise_interpolate(struct taperi_expansion *x)
{
    enum { type, init, boundaries };
    struct path p = {taperi_choice(x, type, "linear|cosine") == 1, 0.0,
                     taperi_number(x, init), TAPER_NO_NODE};
    struct knot k = {-1.0, 1.0};
    while (next_knot(x, boundaries, k.step, &k))
        path_to(x, &p, k);
    return path_end(x, &p);
}

/* Knots that fall together are one, the last, as in the dict that Optax makes
 * of them. */
static taper_node one_cycle(struct taperi_expansion *x, bool smooth,
                            double start, const struct knot *knots,
                            size_t count)
{
    struct path p = {smooth, 0.0, start, TAPER_NO_NODE};
    for (size_t i = 0; i < count; i++)
        if (i + 1 == count || knots[i].step < knots[i + 1].step)
            path_to(x, &p, knots[i]);
    return path_end(x, &p);
}

static taper_node expand_linear_onecycle(struct taperi_expansion *x)
{
    enum { steps, peak, start, final, down_by, end_by };
    const double n = taperi_steps_from_1(x, steps),
                 top = taperi_number(x, peak);
    const double up = taperi_number_in(x, start, 0.0, 1.0);
    const double down = taperi_number_in(x, final, up, 1.0);
    const double first = taperi_number_above(x, down_by, 0.0);
    const double last = taperi_number_above(x, end_by, 0.0);
    const struct knot knots[] = {{taperi_floor(up * n), first},
                                 {taperi_floor(down * n), 1.0 / first},
                                 {n, 1.0 / last}};
    return one_cycle(x, false, top / first, knots, 3);
}

static taper_node expand_cosine_onecycle(struct taperi_expansion *x)
{
    enum { steps, peak, start, down_by, end_by };
    const double n = taperi_steps_from_1(x, steps),
                 top = taperi_number(x, peak);
    const double up = taperi_number_in(x, start, 0.0, 1.0);
    const double first = taperi_number_above(x, down_by, 0.0);
    const double last = taperi_number_above(x, end_by, 0.0);
    const struct knot knots[] = {{taperi_floor(up * n), first},
                                 {n, 1.0 / (first * last)}};
    return one_cycle(x, true, top / first, knots, 2);
}

/* ------------------------------------------------------------- warm-up */

static taper_node expand_warmup_constant(struct taperi_expansion *x)
{
    enum { init, peak, steps };
    const double from = taperi_number(x, init), to = taperi_number(x, peak);
    return transition(x, from, to, 1.0, taperi_whole_steps(x, steps), 0.0);
}

/* `whole`, and then the line from argument 0 to argument 1 over argument 2. */
static taper_node warm_up(struct taperi_expansion *x, taper_node whole)
{
    enum { init, peak, steps };
    const double from = taperi_number(x, init), to = taperi_number(x, peak);
    const double over = taperi_whole_steps(x, steps);
    if (over == 0.0) return whole;
    return taperi_join(x->b, whole,
                       taper_build_linear(x->b, from, to, taper_steps(over)));
}

/* The same, and then the cosine that takes what the warm-up leaves. */
static taper_node warm_cosine(struct taperi_expansion *x, taper_node whole)
{
    enum { init, peak, warmup, steps, end, exponent };
    const double top = taperi_number(x, peak), low = taperi_number(x, end);
    const double warm = taperi_whole_steps(x, warmup);
    const double over = taperi_real_steps(x, steps) - warm;
    if (!taperi_failed(x) && over <= 0.0)
        return taperi_refuse(x, steps,
                             "'decay_steps' counts the warm-up as well, so it "
                             "must be above 'warmup_steps'");
    whole = warm_up(x, whole);
    return taperi_join(x->b, whole,
                       cosine(x, top, top == 0.0 ? 0.0 : low, over,
                              taperi_number_above(x, exponent, 0.0)));
}

static taper_node expand_warmup_cosine(struct taperi_expansion *x)
{
    return warm_cosine(x, TAPER_NO_NODE);
}

static taper_node expand_warmup_exponential(struct taperi_expansion *x)
{
    enum { init, peak, warmup, steps };
    const taper_node whole = warm_up(x, TAPER_NO_NODE);
    return exponential(x, whole, taperi_number(x, peak), steps);
}

/* ----------------------------------------------- schedules in a row */

#define WARMUP_COSINE \
    "optax.warmup_cosine_decay_schedule(init_value, peak_value, " \
    "warmup_steps, decay_steps, end_value=0.0, exponent=1.0)"

static taper_node expand_sgdr(struct taperi_expansion *x)
{
    enum { decay_steps = 3 }; /* of a cycle, which the next one follows */
    taper_node whole = TAPER_NO_NODE;
    const struct taperi_argument *a = taperi_items(x, 0);
    if (!a) return taperi_refuse(x, 0, "'cosine_kwargs' lists no cycle");
    for (; a; a = taperi_item_after(x, a)) {
        struct taperi_expansion cycle;
        if (!taperi_keywords(x, WARMUP_COSINE, a, &cycle)) break;
        taperi_whole_steps(&cycle, decay_steps);
        whole = warm_cosine(&cycle, whole);
    }
    return whole;
}

static taper_node expand_join(struct taperi_expansion *x)
{
    enum { schedules, boundaries };
    return taperi_in_turn(x, schedules, boundaries);
}

/* ---------------------------------------------------------------- rows */

#define SOURCE "Optax 0.2.8, optax.schedules"

static const struct taperi_name rows[] = {
    {{"optax.constant_schedule", "optax.constant_schedule(value)",
      "the same for ever", "optax.constant_schedule(0.1)", SOURCE, NULL},
     NULL,
     expand_constant},
    {{"optax.linear_schedule",
      "optax.linear_schedule(init_value, end_value, transition_steps, "
      "transition_begin=0)",
      "the first value until transition_begin, then a line",
      "optax.linear_schedule(0.1, 0.0, 1000)", SOURCE,
      "0 transition_steps keep init_value for ever, as in Optax"},
     NULL,
     expand_linear},
    {{"optax.polynomial_schedule",
      "optax.polynomial_schedule(init_value, end_value, power, "
      "transition_steps, transition_begin=0)",
      "end + (init - end) (1 - t/T)^power from transition_begin on",
      "optax.polynomial_schedule(0.1, 0.001, 2, 1000)", SOURCE,
      "0 transition_steps keep init_value for ever, as in Optax"},
     NULL,
     expand_polynomial},
    {{"optax.exponential_decay",
      "optax.exponential_decay(init_value, transition_steps, decay_rate, "
      "transition_begin=0, staircase=False, end_value=None)",
      "init rate^(t/T) from transition_begin on, down or up to end_value",
      "optax.exponential_decay(0.1, 100, 0.9, staircase=True)", SOURCE,
      "0 transition_steps and a decay_rate of 0 keep init_value for ever, as "
      "in Optax; a negative decay_rate is an error"},
     NULL,
     expand_exponential},
    {{"optax.cosine_decay_schedule",
      "optax.cosine_decay_schedule(init_value, decay_steps, alpha=0.0, "
      "exponent=1.0)",
      "init ((1 - alpha) (1/2 (1 + cos(pi t/T)))^exponent + alpha)",
      "optax.cosine_decay_schedule(0.1, 1000, alpha=0.1)", SOURCE, NULL},
     NULL,
     expand_cosine},
    {{"optax.piecewise_constant_schedule",
      "optax.piecewise_constant_schedule(init_value, "
      "boundaries_and_scales=None)",
      "times another factor from each boundary on",
      "optax.piecewise_constant_schedule(0.1, {500: 0.1, 800: 0.1})", SOURCE,
      NULL},
     NULL,
     expand_piecewise_constant},
    {{"optax.piecewise_interpolate_schedule",
      "optax.piecewise_interpolate_schedule(interpolate_type, init_value, "
      "boundaries_and_scales=None)",
      "from factor to factor, in lines or in half cosines",
      "optax.piecewise_interpolate_schedule('cosine', 0.1, {500: 0.1, 800: "
      "0.1})",
      SOURCE, NULL},
     NULL,
     expand_piecewise_interpolate},
    {{"optax.linear_onecycle_schedule",
      "optax.linear_onecycle_schedule(transition_steps, peak_value, "
      "pct_start=0.3, pct_final=0.85, div_factor=25.0, "
      "final_div_factor=10000.0)",
      "three lines: from peak/div up to the peak, back, and down to "
      "peak/div/final_div",
      "optax.linear_onecycle_schedule(1000, 0.1)", SOURCE,
      "a phase of 0 steps is not seen, as in Optax"},
     NULL,
     expand_linear_onecycle},
    {{"optax.cosine_onecycle_schedule",
      "optax.cosine_onecycle_schedule(transition_steps, peak_value, "
      "pct_start=0.3, div_factor=25.0, final_div_factor=10000.0)",
      "half a cosine from peak/div up to the peak, and one down to "
      "peak/div/final_div",
      "optax.cosine_onecycle_schedule(1000, 0.1)", SOURCE, NULL},
     NULL,
     expand_cosine_onecycle},
    {{"optax.warmup_constant_schedule",
      "optax.warmup_constant_schedule(init_value, peak_value, warmup_steps)",
      "a line up to the peak, which then holds",
      "optax.warmup_constant_schedule(0.0, 0.1, 100)", SOURCE,
      "0 warmup_steps keep init_value for ever, as in Optax"},
     NULL,
     expand_warmup_constant},
    {{"optax.warmup_cosine_decay_schedule", WARMUP_COSINE,
      "a line up to the peak, then half a cosine; decay_steps count both",
      "optax.warmup_cosine_decay_schedule(0.0, 0.1, 100, 1000)", SOURCE, NULL},
     NULL,
     expand_warmup_cosine},
    {{"optax.warmup_exponential_decay_schedule",
      "optax.warmup_exponential_decay_schedule(init_value, peak_value, "
      "warmup_steps, transition_steps, decay_rate, transition_begin=0, "
      "staircase=False, end_value=None)",
      "a line up to the peak, then peak rate^(t/T)",
      "optax.warmup_exponential_decay_schedule(0.0, 0.1, 100, 50, 0.9)", SOURCE,
      NULL},
     NULL,
     expand_warmup_exponential},
    {{"optax.sgdr_schedule", "optax.sgdr_schedule(cosine_kwargs)",
      "cycles of warmup_cosine_decay_schedule, one after the other",
      "optax.sgdr_schedule([{'init_value': 0.0, 'peak_value': 0.1, "
      "'warmup_steps': 10, 'decay_steps': 500}])",
      SOURCE, NULL},
     NULL,
     expand_sgdr},
    {{"optax.join_schedules", "optax.join_schedules(schedules, boundaries)",
      "one schedule after the other, each with its own time from 0",
      "optax.join_schedules([optax.linear_schedule(0.0, 0.1, 100), "
      "optax.cosine_decay_schedule(0.1, 900)], [100])",
      SOURCE, "boundaries must increase"},
     NULL,
     expand_join},
};

const struct taperi_family taperi_family_optax = {"optax", rows,
                                                  sizeof rows / sizeof *rows};
