/* The shapes that the constructors of several peers share, as kinds. */
#include "schedule/peer_common.h"

#include "schedule/builder.h"
#include "schedule/maths.h"

void taperi_refuse_last_epoch(struct taperi_expansion *x, int i)
{
    taperi_default_only(x, i,
                        "a schedule has no past, so ask it for the step at "
                        "which the run resumes");
}

/* ------------------------------------------------------------ sequences */

taper_node taperi_join(taper_builder *b, taper_node whole, taper_node part)
{
    if (whole == TAPER_NO_NODE || part == TAPER_NO_NODE) return part;
    if (b->drafts[whole].kind != TAPERI_SEQUENCE) {
        const struct taperi_draft sequence = taperi_draft_make(TAPERI_SEQUENCE);
        const taper_node first = whole;
        whole = taperi_builder_add(b, &sequence);
        taperi_builder_append(b, whole, first);
    }
    if (b->drafts[part].kind != TAPERI_SEQUENCE) {
        taperi_builder_append(b, whole, part);
        return whole;
    }
    taper_node next = b->drafts[part].child;
    while ((part = next) != TAPER_NO_NODE) {
        next = b->drafts[part].next;
        b->drafts[part].next = TAPER_NO_NODE;
        b->drafts[part].used = false;
        taperi_builder_append(b, whole, part);
    }
    return whole;
}

/* Let a constant or a decay without an end take `over` steps, by itself or as
 * the last part of a sequence of curves. Returns false if it is no such part,
 * or takes as much already. */
static bool limit(taper_builder *b, taper_node node, double over)
{
    struct taperi_draft *draft = &b->drafts[node];
    if (draft->kind == TAPERI_SEQUENCE) {
        const taper_node last = draft->last;
        for (node = draft->child; node != last; node = draft->next) {
            draft = &b->drafts[node];
            if (draft->child != TAPER_NO_NODE ||
                draft->over.unit != TAPER_STEPS || draft->over.amount >= over)
                return false;
            over -= draft->over.amount;
        }
        return limit(b, node, over);
    }
    if (draft->kind == TAPERI_CONSTANT)
        draft->kind = TAPERI_HOLD;
    else if (draft->over.unit != TAPER_FOREVER)
        return false;
    draft->over = taper_steps(over);
    return true;
}

taper_node taperi_first_steps(taper_builder *b, taper_node part, double over)
{
    if (part == TAPER_NO_NODE || limit(b, part, over)) return part;
    const struct taperi_draft *const draft = &b->drafts[part];
    if (draft->child == TAPER_NO_NODE && draft->over.unit == TAPER_STEPS &&
        draft->over.amount == over)
        return part;
    return taper_build_cut(b, part, taper_steps(over));
}

taper_node taperi_in_turn(struct taperi_expansion *x, int schedules, int starts)
{
    const struct taperi_argument *s = taperi_items(x, schedules);
    const struct taperi_argument *a = taperi_items(x, starts);
    const struct taperi_slice name = x->parameter[starts].name;
    taper_node whole = TAPER_NO_NODE;
    double now = 0.0;
    if (taperi_count(x, schedules) != taperi_count(x, starts) + 1)
        return taperi_refuse(x, starts, "%q must be one less than %q", name,
                             x->parameter[schedules].name);
    for (; s && a; s = taperi_item_after(x, s), a = taperi_item_after(x, a)) {
        const double step = taperi_item_whole(x, a);
        const taper_node node = taperi_item_schedule(x, s);
        if (step < now)
            return taperi_refuse(x, starts, "%q must be in rising order", name);
        if (step > now)
            whole = taperi_join(x->b, whole,
                                taperi_first_steps(x->b, node, step - now));
        now = step;
    }
    if (!s) return TAPER_NO_NODE;
    return taperi_join(x->b, whole, taperi_item_schedule(x, s));
}

void taperi_level_until(struct taperi_levels *l, double value, double step)
{
    if (!(step > l->now)) return;
    const taper_span over = taper_steps(step - l->now);
    l->whole = taperi_join(l->b, l->whole, taper_build_hold(l->b, value, over));
    l->now = step;
}

taper_node taperi_level_for_ever(struct taperi_levels *l, double value)
{
    return taperi_join(l->b, l->whole, taper_build_constant(l->b, value));
}

/* --------------------------------------------------------------- decays */

taper_node taperi_decay(taper_builder *b, double from, double rate,
                        double every)
{
    if (rate == 0.0) {
        struct taperi_levels l = {b, TAPER_NO_NODE, 0.0};
        taperi_level_until(&l, from, every);
        return taperi_level_for_ever(&l, 0.0);
    }
    if (rate == 1.0) return taper_build_constant(b, from);
    return taper_build_exp_rate(b, from, rate, taper_steps(every), every > 1.0,
                                taper_forever());
}

taper_node taperi_power_decay(taper_builder *b, double from, double to,
                              double over, double power)
{
    const taper_span span = taper_steps(taperi_whole_or_1(over));
    if (power == 0.0) return taper_build_constant(b, from);
    return taperi_stretch_to(b,
                             power == 1.0
                                 ? taper_build_linear(b, from, to, span)
                                 : taper_build_poly(b, from, to, span, power),
                             over);
}

double taperi_natural_exp(double x)
{
    const double down = taperi_max(x, -x) * -0x1.71547652b82fep+0; /* log2 e */
    const double part = taperi_exp2_share(down).part;
    if (x <= 0.0) return part;
    return part > 0.0 ? 1.0 / part : DBL_MAX;
}

/* Cycle k = 1, 2, ... is the part of a decay over k `over` steps that is left
 * when it begins, so it is as long as the others and k^power times lower. It
 * ends on the step at which the next one would begin: that is why all but the
 * first value are read one step late. */
taper_node taperi_power_cycles(taper_builder *b, double from, double to,
                               double over, double power)
{
    const taper_span span = taper_steps(over);
    taper_node cycle = taperi_power_decay(b, from - to, 0.0, over, power);
    cycle = taper_build_cut(b, taper_build_shift(b, cycle, 1.0), span);
    const taper_node factors[] = {
        taper_build_repeat(b, cycle, 0, 1.0, 1.0),
        taper_build_stair(b,
                          taper_build_inverse(b, 1.0, 1.0, power, span,
                                              taper_forever()),
                          span),
    };
    const taper_node sum[] = {taper_build_constant(b, to),
                              taper_build_product(b, factors, 2)};
    const taper_node parts[] = {
        taper_build_hold(b, from, taper_steps(1.0)),
        to == 0.0 ? sum[1] : taper_build_add(b, sum, 2),
    };
    return taper_build_then(b, parts, 2);
}

taper_node taperi_linear_factors(struct taperi_expansion *x, int lr, int factor,
                                 double over)
{
    const double rate = taperi_not_negative(x, lr);
    const double start = taperi_number_in(x, factor, 0.0, 1.0);
    const double end = taperi_number_in(x, factor + 1, 0.0, 1.0);
    if (!(start > 0.0))
        return taperi_refuse(x, factor,
                             "%q must be above 0: linear(0, to, over) starts "
                             "from 0",
                             x->parameter[factor].name);
    return taper_build_linear(x->b, rate * start, rate * end,
                              taper_steps(over));
}

taper_node taperi_warm_restarts(struct taperi_expansion *x, int lr, int t_0)
{
    const int t_mult = t_0 + 1, eta_min = t_0 + 2;
    const taper_span over = taper_steps(taperi_steps_from_1(x, t_0));
    const taper_node cycle =
        taper_build_cosine(x->b, taperi_not_negative(x, lr),
                           taperi_number(x, eta_min), over);
    return taper_build_repeat(x->b, cycle, 0, taperi_count_from_1(x, t_mult),
                              1.0);
}

/* --------------------------------------------- phases of a real length */

bool taperi_is_length(double steps)
{
    return steps > TAPERI_LENGTH_MAX ||
           taperi_is_whole(steps, 0.0, TAPERI_LENGTH_MAX);
}

double taperi_whole_or_1(double steps)
{
    return taperi_is_length(steps) ? steps : 1.0;
}

taper_node taperi_stretch_to(taper_builder *b, taper_node node, double steps)
{
    return taperi_is_length(steps)
               ? node
               : taper_build_stretch(b, node, taper_steps(steps));
}

/* A length such as 0.07 * 100 - 1 is meant to be 6, however it was rounded. */
static double meant(double x)
{
    if (!(x >= 0.0 && x < 0x1p50)) return x;
    const double whole = taperi_nearest(x);
    const double off = taperi_max(x - whole, whole - x);
    return off <= 0x1p-50 * (x + 1.0) ? whole : x;
}

taper_node taperi_curve_over(taper_builder *b, enum taperi_curve curve,
                             double from, double to, double over)
{
    const taper_span span = taper_steps(taperi_whole_or_1(over));
    const taper_node node = curve == TAPERI_CURVE_COSINE
                                ? taper_build_cosine(b, from, to, span)
                                : taper_build_linear(b, from, to, span);
    return taperi_stretch_to(b, node, over);
}

taper_node taperi_phases(taper_builder *b, enum taperi_curve curve,
                         const struct taperi_phase *phases, size_t count)
{
    const double stop = phases[count - 1].end;
    taper_node whole = TAPER_NO_NODE;
    double begin = 0.0; /* of the phase; `now` is its first step */
    double now = 0.0;
    for (size_t i = 0; i < count; i++) {
        const struct taperi_phase *p = &phases[i];
        const double end = meant(p->end);
        double next = end;
        if (!taperi_is_length(end))
            next = end < 0.0 ? 0.0 : taperi_floor(end) + 1.0;
        next = taperi_min(next, stop);
        taper_node part = TAPER_NO_NODE;
        /* A phase may have begun and have no step but the last one of all. */
        if (next > now || (now == stop && begin < stop && stop < end)) {
            part = taperi_curve_over(b, curve, p->from, p->to, end - begin);
            if (now != begin) part = taper_build_shift(b, part, now - begin);
            if (i + 1 < count) part = taperi_first_steps(b, part, next - now);
        } else if (i + 1 == count && (begin < end || now == 0.0)) {
            part = taper_build_constant(b, p->to);
        }
        if (part != TAPER_NO_NODE) whole = taperi_join(b, whole, part);
        begin = end;
        now = taperi_max(now, next);
    }
    return whole;
}

taper_node taperi_one_cycle(taper_builder *b, const struct taperi_one_cycle *c)
{
    const double stop = c->steps - 1.0, rise = c->pct * c->steps;
    const struct taperi_phase three[] = {
        {rise - 1.0, c->first, c->peak},
        {2.0 * rise - 2.0, c->peak, c->first},
        {stop, c->first, c->last},
    };
    const struct taperi_phase two[] = {
        {rise - 1.0, c->first, c->peak},
        {stop, c->peak, c->last},
    };
    return c->three_phase ? taperi_phases(b, c->curve, three, 3)
                          : taperi_phases(b, c->curve, two, 2);
}

/* ---------------------------------------------------------------- cycles */

/* How many steps to make one of, so that both sides take whole ones; 0 if they
 * have too many decimals for that. */
static double steps_for_one(const struct taperi_cyclic *c)
{
    enum { most = 1000 };
    for (double fine = 1.0; fine <= most; fine += 1.0)
        if (taperi_is_length(c->up * fine) && taperi_is_length(c->down * fine))
            return fine;
    return 0.0;
}

void taperi_cyclic_mode(struct taperi_expansion *x, struct taperi_cyclic *c,
                        int i)
{
    const int up = i - 1, down = i, mode = i + 1, gamma = i + 2;
    const int scale_fn = i + 3;
    const int shape =
        taperi_choice(x, mode, "triangular|triangular2|exp_range");
    c->up = taperi_real_steps_above_0(x, up);
    c->down = taperi_has(x, down) ? taperi_real_steps_above_0(x, down) : c->up;
    if (steps_for_one(c) == 0.0)
        taperi_refuse(x, up, "%q and %q may have three decimals at most",
                      x->parameter[up].name, x->parameter[down].name);
    c->scale = shape == 1 ? 0.5 : 1.0;
    c->rate = shape == 2 ? taperi_number_above(x, gamma, 0.0) : 1.0;
    taperi_default_only(x, scale_fn,
                        "write the cycles as schedules, within repeat(...)");
}

taper_node taperi_cyclic(taper_builder *b, const struct taperi_cyclic *c)
{
    const bool same = c->scale == 1.0 && c->rate == 1.0;
    const double low = same ? c->low : 0.0, high = c->high - (c->low - low);
    const double fine = steps_for_one(c);
    const taper_node sides[] = {
        taper_build_linear(b, low, high, taper_steps(c->up * fine)),
        taper_build_linear(b, high, low, taper_steps(c->down * fine)),
    };
    taper_node all =
        taper_build_repeat(b, taper_build_then(b, sides, 2), 0, 1.0, c->scale);
    if (fine > 1.0) all = taper_build_stretch(b, all, taper_steps(1.0 / fine));
    if (c->rate != 1.0) {
        const taper_node factors[] = {all, taperi_decay(b, 1.0, c->rate, 1.0)};
        all = taper_build_product(b, factors, 2);
    }
    if (c->low == low) return all;
    const taper_node sum[] = {taper_build_constant(b, c->low), all};
    return taper_build_add(b, sum, 2);
}
