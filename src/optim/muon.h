/* Muon: matrices move along their orthogonalised momentum.
 *
 * The momentum's singular values are all brought near 1 by a polynomial, so
 * that one update turns every direction by as much as any other (Jordan et al.,
 * "Muon: An optimizer for hidden layers in neural networks", 2024). A filter
 * [out, in, height, width] is the matrix [out, in * height * width]. What is no
 * matrix, and the first and last layers, which are better off with it, take
 * SGD. */
#ifndef TAPER_OPTIM_MUON_H
#define TAPER_OPTIM_MUON_H

#include "optim/optim.h"

/* C = alpha A B + beta C, all dense, row after row. */
struct optim_product {
    size_t m, n, k;
    bool a_turned; /* A is [k, m] in memory, otherwise [m, k] */
    bool b_turned; /* B is [n, k] in memory, otherwise [k, n] */
    float alpha, beta;
    const float *a, *b;
    float *c; /* [m, n], overlaps neither */
};

/* Who computes it, called by any of the threads that step matrices; false where
 * it cannot, for want of memory. */
typedef bool optim_product_fn(const struct optim_product *p);

/* Floats that a step of this matrix may overwrite. */
size_t optim_matrix_scratch(const struct optim_group *group);

/* One update of a group with rows: its norm becomes sqrt(rows), in place of any
 * weight decay, and then it moves. Matrices do not depend on each other, so
 * that threads may step them in any order. Allocates nothing, unless `product`
 * does. False when a product failed; the weights are then as they were. */
bool optim_step_matrix(const struct optim_options *options,
                       const struct optim_block *block,
                       const struct optim_group *group,
                       const struct optim_update *update,
                       optim_product_fn *product, float *scratch);

#endif
