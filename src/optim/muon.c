/* Muon: see muon.h. */
#include "optim/muon.h"

#include <math.h>
#include <string.h>

/* x -> a x + b x^3 + c x^5, three times: singular values of 0.02 and more of
 * the norm come out between 0.5 and 1.3. Coefficients and count are those of
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
static void turn(struct work *w, optim_product_fn *product)
{
    const bool wide = w->rows <= w->columns;
    const size_t s = w->side;
    product(&(struct optim_product){s, s, w->count / s, !wide, wide, 1, 0, w->x,
                                    w->x, w->gram});
    memcpy(w->sum, w->gram, s * s * sizeof *w->sum);
    product(&(struct optim_product){s, s, s, false, false, TURN_C, TURN_B,
                                    w->gram, w->gram, w->sum});
    memcpy(w->other, w->x, w->count * sizeof *w->x);
    product(&(struct optim_product){w->rows, w->columns, s, false, false, 1,
                                    TURN_A, wide ? w->sum : w->x,
                                    wide ? w->x : w->sum, w->other});
    float *const next = w->other;
    w->other = w->x;
    w->x = next;
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

void optim_step_matrix(const struct optim_options *options,
                       const struct optim_block *block,
                       const struct optim_group *group,
                       const struct optim_update *update,
                       optim_product_fn *product, float *scratch)
{
    if (group->lr_scale == 0.0) return;
    const double lr =
        (group->own_lr ? group->lr : update->lr) * group->lr_scale;
    struct work w = work_of(group, scratch);
    follow(options, (float)update->gradient_scale,
           block->gradients + group->offset,
           block->moments[0] ? block->moments[0] + group->offset : NULL, w.x,
           w.count);
    if (lr == 0.0) return;

    scale(w.x, w.count, (float)(1.0 / (optim_norm(w.x, w.count) + LEAST_NORM)));
    for (int i = 0; i < TURNS; i++)
        turn(&w, product);

    float *restrict to = block->weights + group->offset;
    const float *restrict x = w.x;
    double keep = 1.0 - lr * group->weight_decay;
    if (group->scale_free) {
        const double norm = optim_norm(to, w.count);
        keep = norm > 0 ? sqrt((double)w.rows) / norm : 1.0;
    }
    const float kept = (float)keep, rate = (float)lr;
    for (size_t i = 0; i < w.count; i++)
        to[i] = to[i] * kept - rate * x[i];
}
