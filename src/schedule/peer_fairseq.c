/* The schedulers of fairseq, under the names by which it registers them, with
 * the fields of their configuration. */
#include "schedule/maths.h"
#include "schedule/peer_cycles.h"
#include "schedule/shapes.h"

/* The one rate that all but `fixed` take, as a number or a list of it. */
static double fairseq_rate(struct taperi_expansion *x, int i)
{
    const struct taperi_argument *a = taperi_items(x, i);
    if (taperi_count(x, i) != 1)
        taperi_refuse(x, i, "one rate is expected; fairseq.fixed takes many");
    return a ? taperi_item_number(x, a) : 0.0;
}

/* The rate that a warm-up begins with; below 0 is `otherwise`. */
static double fairseq_first_rate(struct taperi_expansion *x, int i,
                                 double otherwise)
{
    const double first = taperi_number(x, i);
    return first < 0.0 ? otherwise : first;
}

static taper_node fairseq_cosine(struct taperi_expansion *x)
{
    enum { warmup, init, rate, min_lr, t_mult, period, shrink, max_update };
    const double steps = taperi_whole_steps(x, warmup);
    const double lr = fairseq_rate(x, rate), low = taperi_number(x, min_lr);
    struct taperi_restarts r = {
        .stretch = taperi_number_above(x, t_mult, 0.0),
        .scale = taperi_not_negative(x, shrink),
        .from = lr,
        .to = low,
    };
    if (x->argument[period].type == TAPERI_NUMBER &&
        x->argument[period].number <= 0.0)
        r.length = taperi_whole_steps(x, max_update) - steps;
    else
        r.length = taperi_steps(x, period);
    if (!(lr > low))
        return taperi_refuse(x, rate, "'lr' must be above 'min_lr'");
    if (!(r.length >= 1.0))
        return taperi_refuse(x, period,
                             "a period must be at least 1 step: "
                             "'lr_period_updates', or 'max_update' without "
                             "'warmup_updates'");
    return taperi_join(x->b,
                       taperi_ramp(x->b, fairseq_first_rate(x, init, low), lr,
                                   steps),
                       taperi_restart(x->b, &r, taperi_cosine_cycle, NULL));
}

/* Up and down, `half` steps each. */
static taper_node fairseq_triangle(taper_builder *b, double low, double high,
                                   double half)
{
    return taper_build_after(b,
                             taper_build_linear(b, low, high,
                                                taper_steps(half)),
                             TAPER_AFTER_MIRROR);
}

/* Triangles of which each is `scale` times as high as the one before it. */
static taper_node fairseq_triangles(taper_builder *b, double low, double high,
                                    double half, double scale)
{
    const taper_node sides[] = {taper_build_linear(b, low, high,
                                                   taper_steps(half)),
                                taper_build_linear(b, TAPER_PREVIOUS, low,
                                                   taper_steps(half))};
    return taper_build_repeat(b, taper_build_then(b, sides, 2), 0, 1.0, scale);
}

static taper_node fairseq_triangular(struct taperi_expansion *x)
{
    enum { max_lr, period, shrink, shrink_min, rate };
    const double high = taperi_number(x, max_lr), low = fairseq_rate(x, rate);
    const double half = taperi_floor(0.5 * taperi_steps(x, period));
    const double scale = taperi_not_negative(x, shrink);
    if (!(high > low))
        return taperi_refuse(x, max_lr, "'max_lr' must be above 'lr'");
    if (half < 1.0)
        return taperi_refuse(x, period,
                             "'lr_period_updates' must be at least 2");
    if (scale == 1.0) return fairseq_triangle(x->b, low, high, half);
    if (taperi_flag(x, shrink_min))
        return fairseq_triangles(x->b, low, high, half, scale);
    /* The peak shrinks and the floor does not: one sum of each. */
    const taper_node parts[] = {fairseq_triangles(x->b, 0.0, high, half, scale),
                                fairseq_triangle(x->b, low, 0.0, half)};
    return taper_build_add(x->b, parts, 2);
}

/* The lengths of the three stages. */
static void fairseq_stages(struct taperi_expansion *x, double *stage)
{
    enum { warmup, hold, decay, ratio, init, final, max_update };
    if (!taperi_has(x, ratio)) {
        for (int i = warmup; i <= decay; i++)
            stage[i] = taperi_whole_steps(x, i);
        return;
    }
    const double total = taperi_steps(x, max_update);
    const struct taperi_argument *a = taperi_items(x, ratio);
    double sum = 0.0;
    for (int i = warmup; a && i <= decay; i++, a = taperi_item_after(x, a)) {
        const double part = taperi_item_number(x, a);
        if (!(part >= 0.0)) sum = 2.0;
        sum += part;
        stage[i] = taperi_floor(
            taperi_min(taperi_max(total * part, 0.0), TAPERI_LENGTH_MAX));
    }
    if (taperi_count(x, ratio) != 3 || !(sum > 1.0 - 1e-9 && sum < 1.0 + 1e-9))
        taperi_refuse(x, ratio, "three parts of 1 are expected");
}

static taper_node fairseq_tri_stage(struct taperi_expansion *x)
{
    enum { warmup, hold, decay, ratio, init, final, max_update, rate };
    double stage[3] = {0.0, 0.0, 0.0};
    fairseq_stages(x, stage);
    const double lr = fairseq_rate(x, rate);
    const double last = taperi_number_above(x, final, 0.0) * lr;
    if (stage[0] + stage[1] + stage[2] == 0.0)
        return taperi_refuse(x, -1, "the stages have no steps");
    taper_node whole =
        taperi_ramp(x->b, taperi_number(x, init) * lr, lr, stage[warmup]);
    if (stage[hold] > 0.0)
        whole =
            taperi_join(x->b, whole,
                        taper_build_hold(x->b, lr, taper_steps(stage[hold])));
    return taperi_join(x->b, whole,
                       stage[decay] > 0.0
                           ? taper_build_exp(x->b, lr, last,
                                             taper_steps(stage[decay]))
                           : taper_build_constant(x->b, last));
}

static taper_node fairseq_inverse_sqrt(struct taperi_expansion *x)
{
    enum { warmup, init, rate };
    const double steps = taperi_whole_steps(x, warmup);
    const double lr = fairseq_rate(x, rate);
    return taperi_join(x->b,
                       taperi_ramp(x->b, fairseq_first_rate(x, init, 0.0), lr,
                                   steps),
                       taperi_inverse_sqrt(x->b, lr, steps));
}

static taper_node fairseq_polynomial(struct taperi_expansion *x)
{
    enum { warmup, force_anneal, end_lr, power, total, rate };
    const double steps = taperi_whole_steps(x, warmup);
    const double last = taperi_steps_from_1(x, total);
    const double lr = fairseq_rate(x, rate), end = taperi_number(x, end_lr);
    taperi_default_only(
        x, force_anneal,
        "fairseq scales what is left of the rate by fairseq_epochs");
    if (steps >= last) {
        /* The end comes after the last update of the warm-up. */
        const taper_node warm = taperi_ramp(x->b, 0.0, lr, steps);
        return taperi_join(x->b,
                           taper_build_cut(x->b, warm,
                                           taper_steps(steps + 1.0)),
                           taper_build_constant(x->b, end));
    }
    return taperi_join(x->b, taperi_ramp(x->b, 0.0, lr, steps),
                       taperi_power_decay(x->b, lr, end, last - steps,
                                          taperi_number_above(x, power, 0.0)));
}

static taper_node fairseq_step(struct taperi_expansion *x)
{
    enum { warmup, init, rate, min_lr, period, decay };
    const double steps = taperi_whole_steps(x, warmup);
    const double lr = fairseq_rate(x, rate);
    const double low = taperi_not_negative(x, min_lr);
    const double every = taperi_steps_from_1(x, period);
    const double factor = taperi_number_in(x, decay, 0.0, 1.0);
    if (!(lr > low))
        return taperi_refuse(x, rate, "'lr' must be above 'min_lr'");
    taper_node stairs = taperi_decay(x->b, lr, factor, every);
    if (low > 0.0) stairs = taper_build_clamp(x->b, stairs, low, DBL_MAX);
    return taperi_join(x->b,
                       taperi_ramp(x->b, fairseq_first_rate(x, init, low), lr,
                                   steps),
                       stairs);
}

/* A rate for each epoch, the last one for ever; from epoch `force_anneal` on,
 * counted from 1, the last one shrinks in each. */
static taper_node fairseq_epochs(struct taperi_expansion *x, int rate,
                                 int anneal, double shrink)
{
    const struct taperi_argument *a = taperi_items(x, rate);
    const taper_span epoch = taper_epochs(1.0);
    taper_node whole = TAPER_NO_NODE;
    double left = DBL_MAX, lr = 0.0;
    if (taperi_has(x, anneal))
        left = taperi_number_in(x, anneal, 1.0, TAPERI_LENGTH_MAX) - 1.0;
    for (; a; a = taperi_item_after(x, a)) {
        lr = taperi_item_number(x, a);
        const bool last = taperi_item_after(x, a) == NULL;
        if (last && left == DBL_MAX)
            return taperi_join(x->b, whole, taper_build_constant(x->b, lr));
        if (left < 1.0 && !last) continue;
        const taper_span over = last ? taper_epochs(left) : epoch;
        if (left >= 1.0)
            whole = taperi_join(x->b, whole, taper_build_hold(x->b, lr, over));
        left -= 1.0;
    }
    return taperi_join(x->b, whole,
                       taper_build_exp_rate(x->b, lr * shrink, shrink, epoch,
                                            true, taper_forever()));
}

static taper_node fairseq_fixed(struct taperi_expansion *x)
{
    enum { anneal, shrink, warmup, rate };
    const double steps = taperi_whole_steps(x, warmup);
    const double factor = taperi_number_above(x, shrink, 0.0);
    /* The first update has 1 part of `steps`, the last one all. */
    const double first = steps > 0.0 ? 1.0 / steps : 1.0;
    const taper_span over = taper_steps(taperi_max(steps - 1.0, 0.0));
    if (taperi_count(x, rate) == 1 && !taperi_has(x, anneal)) {
        const double lr = fairseq_rate(x, rate);
        return steps > 1.0 ? taper_build_linear(x->b, lr * first, lr, over)
                           : taper_build_constant(x->b, lr);
    }
    const taper_node rates = fairseq_epochs(x, rate, anneal, factor);
    if (steps <= 1.0) return rates;
    const taper_node factors[] = {taper_build_linear(x->b, first, 1.0, over),
                                  rates};
    return taper_build_product(x->b, factors, 2);
}

/* ------------------------------------------------------ rates by hand */

/* What a dict such as {"1-10": 0.1, "12,15": 0.05} says of one of the numbers
 * that its keys list: of an epoch, counted from 1, or of an update. */
struct manual {
    double at;
    double best; /* the highest number up to `at` so far, or -1 */
    double rate; /* the one that is given last for it */
    double next; /* the lowest number at which the rate may be another */
    int ranges;
};

static void take_range(struct manual *m, double first, double last, double rate)
{
    const double reached = taperi_min(m->at, last);
    m->ranges++;
    if (first <= reached && reached >= m->best) {
        m->best = reached;
        m->rate = rate;
    }
    if (last >= m->at)
        m->next = taperi_min(m->next, first > m->at ? first : last + 1.0);
}

/* Takes "3", "3-9", or several of them with commas between. Returns false if
 * the key is something else. */
static bool take_key(struct manual *m, struct taperi_slice key, double rate)
{
    double bound[2] = {0.0, 0.0};
    int which = 0;
    bool digit = false;
    for (size_t k = 0; k <= key.len; k++) {
        const char c = k < key.len ? key.text[k] : ',';
        if (c >= '0' && c <= '9') {
            bound[which] =
                taperi_min(bound[which] * 10.0 + (c - '0'), TAPERI_LENGTH_MAX);
            digit = true;
        } else if (c == '-' && which == 0 && digit) {
            which = 1;
            digit = false;
        } else if (c == ',' && digit) {
            take_range(m, bound[0], bound[which], rate);
            bound[0] = bound[1] = 0.0;
            which = 0;
            digit = false;
        } else if (c != ' ') {
            return false;
        }
    }
    return true;
}

/* What argument i says of number `at`; the rate is `otherwise` if it has none
 * up to it. */
static struct manual manual_at(struct taperi_expansion *x, int i, double at,
                               double otherwise)
{
    enum { ranges_max = 1000 }; /* each is searched for among all */
    struct manual m = {at, -1.0, otherwise, DBL_MAX, 0};
    if (!taperi_has(x, i)) return m;
    if (x->argument[i].type != TAPERI_DICT)
        taperi_refuse(x, i, "%q must be a dict, such as {'1-10': 0.1}",
                      x->parameter[i].name);
    const struct taperi_argument *key = taperi_items(x, i), *rate;
    for (; key && (rate = taperi_item_after(x, key)) != NULL;
         key = taperi_item_after(x, rate))
        if (!take_key(&m, key->text, taperi_item_number(x, rate)))
            taperi_refuse(x, i, "the keys of %q are '3', '3-9' or '3,5,7'",
                          x->parameter[i].name);
        else if (m.ranges > ranges_max)
            taperi_refuse(x, i, "these are too many ranges");
    if (taperi_failed(x)) m.next = DBL_MAX;
    return m;
}

/* The update with which an epoch begins. */
static double epoch_start(struct taperi_expansion *x, int i, double epoch)
{
    const struct taperi_argument start = {.type = TAPERI_NUMBER,
                                          .number = epoch - 1.0,
                                          .unit = TAPER_EPOCHS,
                                          .place = x->argument[i].place};
    return taperi_round(taperi_item_steps(x, &start));
}

enum { manual_epochs, manual_updates, manual_lr };

/* Add the levels of argument i from number `at` on that begin before update
 * `stop`. Returns the last rate. */
static double manual_levels(struct taperi_expansion *x, struct taperi_levels *l,
                            int i, double at, double rate, double stop)
{
    struct manual m = manual_at(x, i, at, rate);
    while (m.next < DBL_MAX) {
        const double next = m.next;
        const double step = i == manual_epochs ? epoch_start(x, i, next) : next;
        if (step >= stop) break;
        rate = m.rate;
        m = manual_at(x, i, next, rate);
        if (m.rate != rate) taperi_level_until(l, rate, step);
    }
    return m.rate;
}

/* Once an update is listed, epochs count no more. */
static taper_node fairseq_manual(struct taperi_expansion *x)
{
    struct taperi_levels l = {x->b, TAPER_NO_NODE, 0.0};
    const double start = manual_at(x, manual_updates, -1.0, 0.0).next;
    double rate = fairseq_rate(x, manual_lr);
    rate = manual_at(x, manual_updates, 1.0, rate).rate;
    rate = manual_levels(x, &l, manual_epochs, 1.0, rate, start);
    if (start < DBL_MAX) {
        const double first = manual_at(x, manual_updates, start, rate).rate;
        if (first != rate) taperi_level_until(&l, rate, start);
        rate = manual_levels(x, &l, manual_updates, start, first, DBL_MAX);
    }
    return taperi_level_for_ever(&l, rate);
}

#define FAIRSEQ_SOURCE "fairseq 0.12.2, fairseq.optim.lr_scheduler"

static const struct taperi_name rows[] = {
    {{"fairseq.cosine",
      "fairseq.cosine(warmup_updates=0, warmup_init_lr=-1, *, lr, min_lr=0.0, "
      "t_mult=1.0, lr_period_updates=-1, lr_shrink=0.1, max_update=None)",
      "warm-up, then warm restarts for ever, each cycle lr_shrink times as "
      "high",
      "fairseq.cosine(lr=0.1, warmup_updates=100, max_update=1000)",
      FAIRSEQ_SOURCE,
      "restarts come at the step they should; fairseq takes a logarithm for "
      "the "
      "cycle and is one step late at some"},
     NULL,
     fairseq_cosine},
    {{"fairseq.triangular",
      "fairseq.triangular(max_lr, lr_period_updates=5000, lr_shrink=0.1, "
      "shrink_min=False, *, lr)",
      "from lr to max_lr and back for ever, each peak lr_shrink times as high",
      "fairseq.triangular(max_lr=0.1, lr_period_updates=100, lr=0.01)",
      FAIRSEQ_SOURCE, NULL},
     NULL,
     fairseq_triangular},
    {{"fairseq.tri_stage",
      "fairseq.tri_stage(warmup_steps=0, hold_steps=0, decay_steps=0, "
      "phase_ratio=None, init_lr_scale=0.01, final_lr_scale=0.01, "
      "max_update=None, *, lr)",
      "warm-up, hold, and an exponential decay to final_lr_scale * lr",
      "fairseq.tri_stage(warmup_steps=100, hold_steps=400, decay_steps=500, "
      "lr=0.1)",
      FAIRSEQ_SOURCE,
      "without steps of decay the rate ends at once; fairseq divides "
      "by 0"},
     NULL,
     fairseq_tri_stage},
    {{"fairseq.inverse_sqrt",
      "fairseq.inverse_sqrt(warmup_updates=4000, warmup_init_lr=-1, *, lr)",
      "warm-up, then lr sqrt(warmup_updates / t)",
      "fairseq.inverse_sqrt(warmup_updates=100, lr=0.1)", FAIRSEQ_SOURCE,
      "without a warm-up it is lr / sqrt(t); fairseq divides by 0"},
     NULL,
     fairseq_inverse_sqrt},
    {{"fairseq.polynomial_decay",
      "fairseq.polynomial_decay(warmup_updates=0, force_anneal=None, "
      "end_learning_rate=0.0, power=1.0, *, total_num_update, lr)",
      "warm-up from 0, then a polynomial to end_learning_rate",
      "fairseq.polynomial_decay(warmup_updates=100, total_num_update=1000, "
      "lr=0.1)",
      FAIRSEQ_SOURCE, NULL},
     NULL,
     fairseq_polynomial},
    {{"fairseq.step",
      "fairseq.step(warmup_updates=0, warmup_init_lr=-1, *, lr, min_lr=0.0, "
      "lr_deacy_period=25000, lr_decay=0.5)",
      "warm-up, then times lr_decay after each lr_deacy_period (fairseq's "
      "spelling)",
      "fairseq.step(lr=0.1, lr_deacy_period=100)", FAIRSEQ_SOURCE, NULL},
     NULL,
     fairseq_step},
    {{"fairseq.fixed",
      "fairseq.fixed(force_anneal=None, lr_shrink=0.1, warmup_updates=0, *, "
      "lr)",
      "a rate for each epoch; from epoch force_anneal on times lr_shrink each",
      "fairseq.fixed(warmup_updates=100, lr=0.1)", FAIRSEQ_SOURCE, NULL},
     NULL,
     fairseq_fixed},
    {{"fairseq.manual", "fairseq.manual(epoch2lr=None, update2lr=None, *, lr)",
      "rates by hand: keys are epochs, counted from 1, or updates, as '3', "
      "'3-9' or '3,5,7'; each rate stays until the next one, and epochs count "
      "no more once an update is listed",
      "fairseq.manual(update2lr={'100-199': 0.05, '200': 0.01}, lr=0.1)",
      FAIRSEQ_SOURCE, NULL},
     NULL,
     fairseq_manual},
};

const struct taperi_family taperi_family_fairseq = {"fairseq", rows,
                                                    sizeof rows / sizeof *rows};
