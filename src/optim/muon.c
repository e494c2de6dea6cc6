/* Muon: see muon.h. */
#include "optim/muon.h"

#include <math.h>
#include <string.h>

/* x -> a x + b x^3 + c x^5, three times: singular values of 0.02 and more of
 * the norm come out between 0.68 and 1.20. Coefficients and count are those of
 * Keller Jordan's cifar10-airbench. */
#define TURN_A 3.4445F
#define TURN_B (-4.7750F)
#define TURN_C 2.0315F
enum { TURNS = 3 };

/* Keeps the division by a norm of 0 defined. */
#define LEAST_NORM 1e-7

/* A matrix X [rows, columns] and the space to work in. */
struct work {
    size_t rows, columns, count;
    size_t side;  /* the smaller of rows and columns */
    float *x;     /* [count] */
    float *other; /* [count], the next X */
    float *gram;  /* [side, side]: X X' or X' X */
    float *sum;   /* [side, side]: b gram + c gram gram */
};

static struct work work_of(const struct optim_group *g, float *scratch)
{
    const size_t rows = g->rows, columns = g->count / g->rows;
    const size_t side = rows < columns ? rows : columns;
    return (struct work){.rows = rows,
                         .columns = columns,
                         .count = g->count,
                         .side = side,
                         .x = scratch,
                         .other = scratch + g->count,
                         .gram = scratch + 2 * g->count,
                         .sum = scratch + 2 * g->count + side * side};
}

size_t optim_matrix_scratch(const struct optim_group *group)
{
    const size_t columns = group->count / group->rows;
    const size_t side = group->rows < columns ? group->rows : columns;
    return 2 * (group->count + side * side);
}

static void scale(float *restrict x, size_t n, float by)
{
    for (size_t i = 0; i < n; i++)
        x[i] *= by;
}

/* X = a X + (b G + c G G) X with G = X X', or from the other side where X has
 * more rows than columns: the same polynomial of its singular values. */
static bool turn(struct work *w, optim_product_fn *product)
{
    const bool wide = w->rows <= w->columns;
    const size_t s = w->side;
    const struct optim_product gram = {.m = s,
                                       .n = s,
                                       .k = w->count / s,
                                       .a_turned = !wide,
                                       .b_turned = wide,
                                       .alpha = 1,
                                       .a = w->x,
                                       .b = w->x,
                                       .c = w->gram};
    const struct optim_product sum = {.m = s,
                                      .n = s,
                                      .k = s,
                                      .alpha = TURN_C,
                                      .beta = TURN_B,
                                      .a = w->gram,
                                      .b = w->gram,
                                      .c = w->sum};
    const struct optim_product next = {.m = w->rows,
                                       .n = w->columns,
                                       .k = s,
                                       .alpha = 1,
                                       .beta = TURN_A,
                                       .a = wide ? w->sum : w->x,
                                       .b = wide ? w->x : w->sum,
                                       .c = w->other};
    if (!product(&gram)) return false;
    memcpy(w->sum, w->gram, s * s * sizeof *w->sum);
    memcpy(w->other, w->x, w->count * sizeof *w->x);
    if (!product(&sum) || !product(&next)) return false;
    w->other = w->x;
    w->x = next.c;
    return true;
}

/* The momentum moves, and X becomes the direction to turn. In a run without
 * momentum that is the gradient. */
static void follow(const struct optim_options *o, float gradient_scale,
                   const float *restrict g, float *restrict m,
                   float *restrict x, size_t n)
{
    const float momentum = (float)o->momentum;
    for (size_t i = 0; i < n; i++) {
        const float d = g[i] * gradient_scale;
        const float mean = m ? momentum * m[i] + d : d;
        x[i] = o->nesterov ? d + momentum * mean : mean;
        if (m) m[i] = mean;
    }
}

bool optim_step_matrix(const struct optim_options *options,
                       const struct optim_block *block,
                       const struct optim_group *group,
                       const struct optim_update *update,
                       optim_product_fn *product, float *scratch)
{
    if (group->lr_scale == 0.0) return true;
    const double lr =
        (group->own_lr ? group->lr : update->lr) * group->lr_scale;
    struct work w = work_of(group, scratch);
    follow(options, (float)update->gradient_scale,
           block->gradients + group->offset,
           block->moments[0] ? block->moments[0] + group->offset : NULL, w.x,
           w.count);
    if (lr == 0.0) return true;

    scale(w.x, w.count, (float)(1.0 / (optim_norm(w.x, w.count) + LEAST_NORM)));
    for (int i = 0; i < TURNS; i++)
        if (!turn(&w, product)) return false;

    float *restrict to = block->weights + group->offset;
    const float *restrict x = w.x;
    const double norm = optim_norm(to, w.count);
    const float keep = norm > 0 ? (float)(sqrt((double)w.rows) / norm) : 1;
    const float rate = (float)lr;
    for (size_t i = 0; i < w.count; i++)
        to[i] = to[i] * keep - rate * x[i];
    return true;
}
