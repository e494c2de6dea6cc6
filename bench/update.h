/* What the benchmarks of training steps share: an update of all weights on the
 * engine's threads, random numbers, and the order of times for a median. */
#ifndef TAPER_BENCH_UPDATE_H
#define TAPER_BENCH_UPDATE_H

#include "nn/engine.h"
#include "optim/optim.h"

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static inline double bench_seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Uniform on [0, 1); `context` points to the state, a uint64_t. */
static inline double bench_uniform(void *context)
{
    uint64_t *state = context;
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (double)(*state >> 11) * 0x1p-53;
}

/* For qsort of doubles. */
static inline int bench_by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct bench_update {
    const struct optim_rule *rule;
    struct optim_options options; /* the rule's own */
    struct optim_group group;     /* all weights */
    struct optim_block block;
    struct optim_update update;
};

/* Updates by this rule; false without memory for its moments. */
static inline bool bench_update_create(struct bench_update *u,
                                       struct nn_engine *e, const char *rule,
                                       double lr, double weight_decay)
{
    const size_t size = nn_engine_size(e);
    *u = (struct bench_update){.rule = optim_rule_find(rule),
                               .group = {.count = size,
                                         .lr_scale = 1,
                                         .weight_decay = weight_decay},
                               .block = {.count = size,
                                         .weights = nn_engine_weights(e),
                                         .gradients = nn_engine_gradients(e)},
                               .update = {.lr = lr, .gradient_scale = 1}};
    u->options = u->rule->defaults;
    for (size_t i = 0; i < u->rule->moments; i++)
        if (!(u->block.moments[i] = calloc(size, sizeof(float)))) return false;
    return true;
}

static inline void bench_update_free(struct bench_update *u)
{
    for (size_t i = 0; i < OPTIM_MOMENTS_MAX; i++)
        free(u->block.moments[i]);
}

static inline void bench_update_slice(void *context, size_t begin, size_t end)
{
    const struct bench_update *u = context;
    optim_step_range(u->rule, &u->options, &u->block, &u->group, 1, &u->update,
                     begin, end);
}

/* Update number `step` by the gradients that are there. */
static inline void bench_update_run(struct bench_update *u, struct nn_engine *e,
                                    int64_t step)
{
    u->update.step = step;
    nn_engine_parallel(e, u->block.count, bench_update_slice, u);
}

#endif
