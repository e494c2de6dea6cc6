/* Minimises a smooth function of many variables from its values and gradients:
 * L-BFGS, which knows the curvature from the latest steps that it took (Nocedal
 * and Wright, Numerical Optimization, 2006, algorithms 7.4 and 7.5).
 *
 * It is written here because the libraries that have it would become
 * dependencies of whoever links this one, for two hundred lines: GSL's licence
 * binds the program, NLopt is a shared library more to ship, and neither leaves
 * the order of its sums, and with it the bits of a result, to us. */
#ifndef LAW_LBFGS_H
#define LAW_LBFGS_H

#include <stdbool.h>
#include <stddef.h>

/* The value at x [n], with its gradient [n]. A value that is not finite is
 * taken as too large: the search goes less far. */
typedef double law_objective(void *ctx, const double *x, double *gradient);

struct law_lbfgs {
    law_objective *objective;
    void *ctx;
    size_t n;              /* variables, >= 1 */
    size_t history;        /* steps remembered, >= 1; memory 2 history + 5 times
                              n doubles */
    int iterations;        /* at most */
    double value_change;   /* stop when one iteration gains less than this,
                              relative to the value; >= 0 */
    double gradient_limit; /* stop when no derivative is larger; >= 0 */
};

struct law_minimum {
    double value;
    int iterations;
    int evaluations;
    bool converged; /* false: out of iterations, or not finite at the start */
};

/* Moves x [n] from a start to a minimum near it: never to a larger value. The
 * same bits every time. Returns false, with x as it was, when out of memory. */
bool law_lbfgs_minimise(const struct law_lbfgs *search, double *x,
                        struct law_minimum *out);

#endif
