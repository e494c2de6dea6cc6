/* warmup(s, over): any schedule, begun gently. What is warmed up is delayed: it
 * begins when the warm-up is over, so that none of it is lost. */
#include "schedule/builder.h"
#include "schedule/recipes.h"

/* A warm-up of `steps`: up to `top`, in the first update `first` of it. */
struct ramp {
    double top;
    double first;
    double steps; /* whole, at least 1 */
    bool counted; /* 1/n in update 0, 2/n in the next: top in the last one */
    int shape;
};

enum { EXP = 1, CONSTANT = 2 };
#define SHAPES "linear|exp|constant|cosine|square|sqrt|sine|log"

typedef taper_node curve(taper_builder *, double, double, taper_span);
static curve *const curves[] = {
    taper_build_linear, taper_build_exp,    NULL,
    taper_build_cosine, taper_build_square, taper_build_sqrt,
    taper_build_sine,   taper_build_log,
};

static taper_node build_ramp(struct taperi_expansion *x, const struct ramp *r,
                             taper_node next)
{
    const double bottom = r->first * r->top;
    const taper_span over = taper_steps(r->counted ? r->steps - 1.0 : r->steps);
    const taper_span all = taper_steps(r->steps);
    taper_node part[3];
    size_t count = 0;
    part[count++] = r->shape == CONSTANT
                        ? taper_build_hold(x->b, bottom, all)
                        : curves[r->shape](x->b, bottom, r->top, over);
    if (r->counted && r->shape != CONSTANT)
        part[count++] = taper_build_hold(x->b, r->top, taper_steps(1.0));
    part[count++] = next;
    return taper_build_then(x->b, part, count);
}

/* Whether the value that a part begins with can be read off it: that of a
 * curve with a length is what it was given, save for two that begin elsewhere.
 */
static bool begins_with(const struct taperi_expansion *x, taper_node node,
                        double *value)
{
    if (node < 0) return false;
    const struct taperi_draft *draft = &x->b->drafts[node];
    const struct taperi_behaviour *kind = taperi_behaviours[draft->kind];
    const bool fixed =
        draft->over.unit != TAPER_REST && draft->over.unit != TAPER_FOREVER;
    if (kind->has_child || kind->has_parts || draft->previous ||
        draft->kind == TAPERI_LOGISTIC || draft->kind == TAPERI_CHEBYSHEV ||
        (fixed && draft->over.amount == 0.0))
        return false;
    *value = draft->given[0];
    return true;
}

taper_node taperi_expand_warmup(struct taperi_expansion *x)
{
    enum { s, over, shape, first };
    const taper_node node = taperi_schedule(x, s);
    struct ramp r = {.top = 1.0};
    r.steps = taperi_whole_steps(x, over);
    r.shape = taperi_choice(x, shape, SHAPES);
    r.counted = x->argument[first].type == TAPERI_TEXT;
    if (r.counted)
        (void)taperi_choice(x, first, "1/n");
    else
        r.first = taperi_not_negative(x, first);
    if (taperi_failed(x) || r.steps == 0.0) return node;
    if (r.counted) r.first = 1.0 / r.steps;
    if (r.shape == EXP && r.first == 0.0)
        return taperi_refuse(x, first,
                             "a geometric warm-up cannot begin at 0: give "
                             "'first', as in first=0.01 or first='1/n'");
    if (begins_with(x, node, &r.top) && r.top != 0.0)
        return build_ramp(x, &r, node);
    r.top = 1.0;
    const taper_node factors[] = {build_ramp(x, &r,
                                             taper_build_constant(x->b, 1.0)),
                                  taper_build_shift(x->b, node, -r.steps)};
    return taper_build_product(x->b, factors, 2);
}
