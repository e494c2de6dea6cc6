/* The warm-ups, milestones and restarts of peers, as kinds. */
#include "schedule/peer_cycles.h"

#include "schedule/builder.h"
#include "schedule/maths.h"

taper_node taperi_ramp(taper_builder *b, double from, double to, double steps)
{
    return steps > 0.0 ? taper_build_linear(b, from, to, taper_steps(steps))
                       : TAPER_NO_NODE;
}

taper_node taperi_inverse_sqrt(taper_builder *b, double from, double steps)
{
    const taper_span per = taper_steps(taperi_max(steps, 1.0));
    const taper_node curve =
        taper_build_inverse(b, from, 1.0, 0.5, per, taper_forever());
    if (steps > 0.0) return curve;
    return taperi_join(b, taper_build_hold(b, from, per), curve);
}

double taperi_node_value(struct taperi_expansion *x, taper_node node,
                         double step)
{
    taper_schedule *s;
    if (taper_build(x->b, node, &x->run, &x->b->allocator, &s,
                    taperi_builder_error(x->b)) != TAPER_OK)
        return 0.0;
    const double value = taper_at_real(s, step);
    taper_free(s, &x->b->allocator);
    return value;
}

taper_node taperi_milestones(struct taperi_expansion *x,
                             struct taperi_levels *l, double first, int at,
                             int factors, double factor, double offset)
{
    const struct taperi_argument *a = taperi_items(x, at), *f = NULL;
    double before = 0.0;
    if (factors >= 0) f = taperi_items(x, factors);
    for (; a; a = taperi_item_after(x, a)) {
        const double step = taperi_item_steps(x, a);
        if (step < before)
            return taperi_refuse(x, at, "%q must be in rising order",
                                 x->parameter[at].name);
        taperi_level_until(l, first, step + offset);
        if (f) factor = taperi_item_number(x, f);
        if (f) f = taperi_item_after(x, f);
        first = taperi_saturate(first * factor);
        before = step;
    }
    return taperi_level_for_ever(l, first);
}

/* ------------------------------------------------------------- restarts */

/* Whether every cycle starts on a whole step. */
static bool starts_are_whole(const struct taperi_restarts *r)
{
    enum { few = 64 };
    double start = 0.0, length = r->length;
    if (!taperi_is_length(length)) return false;
    if (taperi_is_length(r->stretch) || r->times == 1.0) return true;
    if (r->times == 0.0 || r->times > few) return false;
    for (double i = 0.0; i < r->times; i += 1.0) {
        start += length;
        length *= r->stretch;
        if (!taperi_is_length(start)) return false;
    }
    return true;
}

/* A repeat rounds the starts of its cycles to whole steps. Those that should
 * not be rounded are made of more steps than the peer has, so many for one of
 * its own, and stretched to its length. A power of 2 rounds nothing itself. */
static double steps_for_one(const struct taperi_restarts *r)
{
    if (starts_are_whole(r)) return 1.0;
    if (r->stretch == 1.0) return 1.0 / r->length;
    /* As many as leave room for all cycles, or for 2^13 of the first length. */
    const double most = 0x1p13 * r->length;
    double all = most, fine = 1.0;
    if (r->times > 0.0)
        all = taperi_min(most, r->length *
                                   taperi_geometric_sum(r->stretch, r->times));
    while (all * fine < 0x1p51)
        fine *= 2.0;
    return fine;
}

taper_node taperi_cosine_cycle(taper_builder *b, const void *what, double from,
                               double to, taper_span over)
{
    (void)what;
    return taper_build_cosine(b, from, to, over);
}

taper_node taperi_restart(taper_builder *b, const struct taperi_restarts *r,
                          taperi_cycle *cycle, const void *what)
{
    const double fine = steps_for_one(r);
    const taper_span over = taper_steps(taperi_round(r->length * fine));
    const int64_t times = (int64_t)taperi_min(r->times, TAPERI_LENGTH_MAX);

    taper_node node;
    if (times == 1) {
        node = cycle(b, what, r->from, r->to, over);
    } else if (!r->keep || r->scale == 1.0 || r->to == 0.0) {
        node = taper_build_repeat(b, cycle(b, what, r->from, r->to, over),
                                  times, r->stretch, r->scale);
    } else {
        /* The peak shrinks and the floor does not: one sum of each. */
        const taper_node parts[] = {
            taper_build_repeat(b, cycle(b, what, r->from, 0.0, over), times,
                               r->stretch, r->scale),
            taper_build_repeat(b, cycle(b, what, 0.0, r->to, over), times,
                               r->stretch, 1.0)};
        node = taper_build_add(b, parts, 2);
    }
    if (fine == 1.0) return node;
    return taper_build_stretch(b, node, taper_steps(r->length / over.amount));
}
