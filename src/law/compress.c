/* A binary tree over the gaps. A node knows the moments of its gaps; seen from
 * far enough it is as good as two gaps that have the same moments up to the
 * second, and, where gaps lie evenly, the third. */
#include "law/compress.h"

#include <stdlib.h>

/* A node is far enough if its width is less than this share of its distance,
 * and if its rates are within this factor, in logarithms, since their power
 * need not be as smooth as the kernel. Losses then are off by 1e-7 of
 * themselves. */
static const double near = 0.3;
static const double apart = 0.6;

/* Leaves are groups of neighbouring gaps in runs of more than this many. */
enum { LEAVES = 1 << 16 };

/* A run of gaps of one sign. Means are weighed by the gaps. */
struct cell {
    double gap;                   /* their sum; 0: no gap */
    double time, rate, slope;     /* means: time before, ln eta, d time */
    double spread;                /* sum of gap (time - mean)^2 */
    double with_rate, with_slope; /* the same of products with time */
    double time_low, time_high;
    double rate_low, rate_high;
    size_t last; /* step of the last gap */
    bool mixed;  /* gaps of both signs: moments are of no use */
};

struct tree {
    size_t leaves;     /* a power of two */
    size_t size;       /* steps in a leaf */
    struct cell *cell; /* [2 leaves]: children of i are 2i and 2i + 1 */
    const double *rates;
    const struct law_times *times;
    double least; /* rate */
};

static struct cell gap_at(const struct tree *t, size_t k)
{
    const double before = t->times->at[k - 1];
    const double rate = log(fmax(t->rates[k], t->least));
    return (struct cell){
        .gap = t->rates[k] - t->rates[k - 1],
        .time = before,
        .rate = rate,
        .slope = t->times->slope ? t->times->slope[k - 1] : 0.0,
        .time_low = before,
        .time_high = before,
        .rate_low = rate,
        .rate_high = rate,
        .last = k,
    };
}

/* Both together, b after a. */
static struct cell merge(const struct cell *a, const struct cell *b)
{
    if (a->gap == 0.0 && !a->mixed) return *b;
    if (b->gap == 0.0 && !b->mixed) return *a;
    struct cell c = {
        .gap = a->gap + b->gap,
        .time_low = a->time_low,
        .time_high = b->time_high,
        .rate_low = fmin(a->rate_low, b->rate_low),
        .rate_high = fmax(a->rate_high, b->rate_high),
        .last = b->last,
        .mixed = a->mixed || b->mixed || (a->gap < 0.0) != (b->gap < 0.0),
    };
    if (c.mixed) return c;
    const double share = b->gap / c.gap, both = a->gap * share;
    const double dt = b->time - a->time, dr = b->rate - a->rate;
    const double ds = b->slope - a->slope;
    c.time = a->time + share * dt;
    c.rate = a->rate + share * dr;
    c.slope = a->slope + share * ds;
    c.spread = a->spread + b->spread + both * dt * dt;
    c.with_rate = a->with_rate + b->with_rate + both * dt * dr;
    c.with_slope = a->with_slope + b->with_slope + both * dt * ds;
    return c;
}

static bool grow(double **array, size_t room)
{
    double *bigger = realloc(*array, room * sizeof *bigger);
    if (bigger) *array = bigger;
    return bigger != NULL;
}

static bool reserve(struct law_nodes *nodes, size_t more)
{
    if (nodes->n + more <= nodes->room) return true;
    const size_t room = 2 * (nodes->n + more) + 64;
    if (!grow(&nodes->gap, room) || !grow(&nodes->time, room) ||
        !grow(&nodes->log_rate, room) || !grow(&nodes->slope, room))
        return false;
    nodes->room = room;
    return true;
}

void law_nodes_free(struct law_nodes *nodes)
{
    free(nodes->gap);
    free(nodes->time);
    free(nodes->log_rate);
    free(nodes->slope);
    *nodes = (struct law_nodes){0};
}

/* A point of the curve. */
struct view {
    const struct tree *tree;
    size_t step;
    double time, slope; /* at the point */
    struct law_nodes *nodes;
};

/* One gap as the point sees it; `offset` is in time from the cell's mean, in
 * standard deviations `sd`. */
static void put(struct view *v, const struct cell *c, double gap, double sd,
                double offset)
{
    struct law_nodes *nodes = v->nodes;
    const size_t i = nodes->n++;
    const double per = sd > 0.0 ? offset / (c->gap * sd) : 0.0;
    nodes->gap[i] = gap;
    nodes->time[i] = v->time - (c->time + offset * sd);
    nodes->log_rate[i] = c->rate + per * c->with_rate;
    nodes->slope[i] = v->slope - (c->slope + per * c->with_slope);
}

static bool put_cell(struct view *v, const struct cell *c)
{
    if (!reserve(v->nodes, 2)) return false;
    const double sd = sqrt(fmax(c->spread / c->gap, 0.0));
    if (sd > 0.0) {
        put(v, c, 0.5 * c->gap, sd, -1.0);
        put(v, c, 0.5 * c->gap, sd, 1.0);
    } else {
        put(v, c, c->gap, 0.0, 0.0);
    }
    return true;
}

static bool put_leaf(struct view *v, size_t leaf)
{
    const struct tree *t = v->tree;
    const size_t begin = leaf * t->size, end = begin + t->size;
    for (size_t k = begin > 0 ? begin : 1; k < end && k <= v->step; k++) {
        if (t->rates[k] == t->rates[k - 1]) continue;
        const struct cell c = gap_at(t, k);
        if (!put_cell(v, &c)) return false;
    }
    return true;
}

static bool far(const struct view *v, const struct cell *c)
{
    return !c->mixed && c->last <= v->step &&
           c->time_high - c->time_low <= near * (v->time - c->time_high) &&
           c->rate_high - c->rate_low <= apart;
}

/* The gaps below node i, whose leaves are [first, first + leaves). */
static bool look(struct view *v, size_t i, size_t first, size_t leaves)
{
    const struct cell *c = &v->tree->cell[i];
    if (c->last == 0 || first * v->tree->size > v->step) return true;
    if (far(v, c)) return put_cell(v, c);
    if (leaves == 1) return put_leaf(v, first);
    return look(v, 2 * i, first, leaves / 2) &&
           look(v, 2 * i + 1, first + leaves / 2, leaves / 2);
}

static bool plant(struct tree *t, size_t steps)
{
    t->size = (steps + LEAVES - 1) / LEAVES;
    t->leaves = 1;
    while (t->leaves * t->size < steps)
        t->leaves *= 2;
    t->cell = calloc(2 * t->leaves, sizeof *t->cell);
    if (!t->cell) return false;
    for (size_t k = 1; k < steps; k++) {
        if (t->rates[k] == t->rates[k - 1]) continue;
        struct cell *leaf = &t->cell[t->leaves + k / t->size];
        const struct cell gap = gap_at(t, k);
        *leaf = merge(leaf, &gap);
    }
    for (size_t i = t->leaves - 1; i > 0; i--)
        t->cell[i] = merge(&t->cell[2 * i], &t->cell[2 * i + 1]);
    return true;
}

bool law_compress(const double *rates, size_t steps, double least,
                  const struct law_times *times, const int64_t *at, size_t n,
                  struct law_nodes *nodes, size_t *first)
{
    struct tree tree = {.rates = rates, .times = times, .least = least};
    bool done = plant(&tree, steps);
    for (size_t i = 0; done && i < n; i++) {
        const size_t step = (size_t)at[i];
        struct view view = {&tree, step, times->at[step],
                            times->slope ? times->slope[step] : 0.0, nodes};
        first[i] = nodes->n;
        done = look(&view, 1, 0, tree.leaves);
    }
    free(tree.cell);
    return done;
}
