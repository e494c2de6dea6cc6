/* What the constructors of timm, fairseq, DeepSpeed, Megatron, Caffe, darknet
 * and llm.c share: warm-ups, milestones and restarts. They build
 * kinds, and give a node of the builder, or TAPER_NO_NODE after an error. */
#ifndef TAPER_SCHEDULE_PEER_CYCLES_H
#define TAPER_SCHEDULE_PEER_CYCLES_H

#include "schedule/peer_common.h"

/* A line over `steps`, to begin a sequence with; TAPER_NO_NODE if that is 0. */
taper_node taperi_ramp(taper_builder *b, double from, double to, double steps);

/* from sqrt(steps / (t + steps)): the decay after a warm-up of so many steps.
 * After none it is `from` at first, and then from / sqrt(t). */
taper_node taperi_inverse_sqrt(taper_builder *b, double from, double steps);

/* What a node, which is no part yet, reads at a step. 0 after an error. */
double taperi_node_value(struct taperi_expansion *x, taper_node node,
                         double step);

/* `first` until the first of the steps that argument `at` lists in rising
 * order, and from each of them on times another factor: argument `factors`
 * lists these, or all are `factor` if that number is below 0. `offset` is added
 * to the steps. */
taper_node taperi_milestones(struct taperi_expansion *x,
                             struct taperi_levels *l, double first, int at,
                             int factors, double factor, double offset);

/* Warm restarts. Cycle i is length * stretch^i steps long, which need not be
 * whole, and scale^i times as high. */
struct taperi_restarts {
    double length, stretch, scale;
    double times; /* 0: for ever */
    double from, to;
    bool keep; /* cycles end on `to`, which is not scaled */
};

/* The curve of one cycle; `what` is the caller's. */
typedef taper_node taperi_cycle(taper_builder *b, const void *what, double from,
                                double to, taper_span over);
/* Half a cosine. */
taperi_cycle taperi_cosine_cycle;

taper_node taperi_restart(taper_builder *b, const struct taperi_restarts *r,
                          taperi_cycle *cycle, const void *what);

#endif
