/* What the constructors of several peers are made of: the shapes that most
 * frameworks have, each under names of its own. What gives a node gives
 * TAPER_NO_NODE after an error. */
#ifndef TAPER_SCHEDULE_PEER_COMMON_H
#define TAPER_SCHEDULE_PEER_COMMON_H

#include "schedule/expand.h"

/* `last_epoch`, which must be left as it is. */
void taperi_refuse_last_epoch(struct taperi_expansion *x, int i);

/* ------------------------------------------------------------ sequences */

/* `whole` with one more part at its end; `whole` may be TAPER_NO_NODE at
 * first, and one part alone stays itself. A part that is a sequence gives its
 * parts. */
taper_node taperi_join(taper_builder *b, taper_node whole, taper_node part);

/* The first `over` whole steps of a part: a curve or a constant that can say so
 * itself does. */
taper_node taperi_first_steps(taper_builder *b, taper_node part, double over);

/* The schedules of a list, one after the other, each in its own time from 0:
 * argument `starts` lists the step at which each but the first begins. */
taper_node taperi_in_turn(struct taperi_expansion *x, int schedules,
                          int starts);

/* Values that stay until a step is reached. Start with {b, TAPER_NO_NODE, 0};
 * steps need not rise: one that is not past all before it takes no time. */
struct taperi_levels {
    taper_builder *b;
    taper_node whole;
    double now; /* the step that the last level reached */
};
void taperi_level_until(struct taperi_levels *l, double value, double step);
taper_node taperi_level_for_ever(struct taperi_levels *l, double value);

/* --------------------------------------------------------------- decays */

/* from rate^floor(t / every), or from rate^t for `every` = 1. A `rate` of 0 is
 * 0 from the first time on at which it applies. */
taper_node taperi_decay(taper_builder *b, double from, double rate,
                        double every);

/* to + (from - to) (1 - t/T)^power over `over` steps, which need not be whole:
 * a straight line for power 1, and `from` for ever for power 0. */
taper_node taperi_power_decay(taper_builder *b, double from, double to,
                              double over, double power);

/* e^x, good to about 1e-15 |x| + 1e-16, and 0 where it is below 2^-1020. */
double taperi_natural_exp(double x);

/* from to `to` like that, at first over `over` steps; when it has ended it goes
 * on as if it had been twice, then three times as long, and so on for ever. */
taper_node taperi_power_cycles(taper_builder *b, double from, double to,
                               double over, double power);

/* PyTorch's and Paddle's LinearLR: a line over `over` steps between two factors
 * of argument `lr`, which are the arguments `factor` and the one after it. */
taper_node taperi_linear_factors(struct taperi_expansion *x, int lr, int factor,
                                 double over);

/* Their CosineAnnealingWarmRestarts, from argument `lr`: the arguments T_0,
 * T_mult and eta_min begin at number `t_0`. */
taper_node taperi_warm_restarts(struct taperi_expansion *x, int lr, int t_0);

/* --------------------------------------------- phases of a real length */

/* Whether steps are whole and not below 0. Every number above 2^53 is whole: a
 * length of as many is refused where it is resolved. */
bool taperi_is_length(double steps);

/* A node over so many steps that it is: of taperi_whole_or_1(steps), which
 * taperi_stretch_to then brings to `steps` if they are not whole. */
double taperi_whole_or_1(double steps);
taper_node taperi_stretch_to(taper_builder *b, taper_node node, double steps);

enum taperi_curve { TAPERI_CURVE_COSINE, TAPERI_CURVE_LINEAR };
/* The same as words for taperi_choice. */
#define TAPERI_CURVE_WORDS "cos|linear"

/* Half a cosine or a line over `over` steps, which need not be whole. */
taper_node taperi_curve_over(taper_builder *b, enum taperi_curve curve,
                             double from, double to, double over);

/* A phase from where the one before it ended to `end`, in steps from the start
 * of all, which need not be whole and may be before 0. */
struct taperi_phase {
    double end;
    double from, to;
};

/* One phase after the other. The last one ends on a whole step, at which all
 * ends even if an earlier phase would go on. A phase that has no step is
 * skipped. */
taper_node taperi_phases(taper_builder *b, enum taperi_curve curve,
                         const struct taperi_phase *phases, size_t count);

/* PyTorch's and Paddle's OneCycleLR: from `first` to `peak`, then down to
 * `last`; or in three phases back to `first` as fast as it came, and then to
 * `last`. The phases end one step early, as the peers count: at pct steps - 1
 * (then 2 pct steps - 2) and steps - 1. */
struct taperi_one_cycle {
    double first, peak, last;
    double steps; /* whole, at least 1 */
    double pct;   /* in [0, 1] */
    enum taperi_curve curve;
    bool three_phase;
};
taper_node taperi_one_cycle(taper_builder *b, const struct taperi_one_cycle *c);

/* PyTorch's and Paddle's CyclicLR: from `low` to `high` in `up` steps and back
 * in `down`, for ever. */
struct taperi_cyclic {
    double low, high;
    double up, down; /* above 0; whole, or with three decimals at most */
    double scale;    /* each cycle is so many times as high: 1 or 0.5 */
    double rate;     /* the height changes by this factor each step; > 0 */
};
/* Set `down`, `scale` and `rate` by what both peers have in the same order from
 * argument `i` on: step_size_down, mode, gamma and scale_fn. */
void taperi_cyclic_mode(struct taperi_expansion *x, struct taperi_cyclic *c,
                        int i);
taper_node taperi_cyclic(taper_builder *b, const struct taperi_cyclic *c);

#endif
