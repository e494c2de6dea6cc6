/* Least squares within bounds, robust to outliers: the Levenberg-Marquardt
 * method on Huber's function. */
#ifndef LAW_LEAST_SQUARES_H
#define LAW_LEAST_SQUARES_H

#include <stdbool.h>
#include <stddef.h>

/* More parameters than any law has. */
enum { LAW_LSQ_MAX = 12 };

struct law_lsq {
    size_t params;    /* <= LAW_LSQ_MAX */
    size_t residuals; /* the first `robust` count by Huber's function, the
                         others by half their square */
    size_t robust;
    double huber;     /* where Huber's function goes straight */
    double tolerance; /* it ends when three steps in a row gain less than this
                         share of the cost */
    double low[LAW_LSQ_MAX], high[LAW_LSQ_MAX];
    /* Set r[residuals] and, unless it is NULL, J[residuals][params]. Returns
     * false where there is no finite value. */
    bool (*eval)(void *ctx, const double *x, double *r, double *J);
    void *ctx;
    double *r, *J; /* [residuals], [residuals][params]: memory to work in */
};

struct law_lsq_end {
    double cost;
    int evaluations;
    bool converged; /* false: out of iterations, or no finite value */
};

/* Huber's function of r: r^2 / 2 up to `huber`, then a straight line. */
double law_huber(double r, double huber);

/* Go from x to a minimum, in at most `iterations` steps. */
struct law_lsq_end law_lsq_solve(const struct law_lsq *p, double *x,
                                 int iterations);

/* Solve the symmetric positive definite system M z = b of order n, in place of
 * b; M is overwritten. Returns false if it is not definite. */
bool law_cholesky(double (*M)[LAW_LSQ_MAX], double *b, size_t n);

#endif
