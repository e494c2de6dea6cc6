/* The gaps of a schedule as a point of its curve sees them: near ones one by
 * one, far ones in groups, so that a fit that evaluates the law thousands of
 * times need not sum over every step of every run. */
#ifndef LAW_COMPRESS_H
#define LAW_COMPRESS_H

#include "law/law.h"

/* What the groups are made of, one array each, shared by all points. */
struct law_nodes {
    size_t n, room;
    double *gap;      /* eta_k - eta_{k-1}, summed */
    double *time;     /* from before the gap to the point */
    double *log_rate; /* ln eta_k, floored */
    double *slope;    /* d time / d ln rho */
};

/* The time before each step, [steps], and its derivative by ln rho, which may
 * be NULL: it is taken to be 0. */
struct law_times {
    const double *at; /* after each step */
    const double *slope;
};

/* Append to `nodes` the gaps that the points at[0..n) of a run see, and set
 * first[i] to the place where those of point i begin; they end where the next
 * begin. Rates are taken to be at least `least`. A sum over nodes of gap
 * f(time) for f like the laws' kernels differs from that over gaps by about
 * 1e-6 of itself.
 *
 * Returns false if memory ran out. */
bool law_compress(const double *rates, size_t steps, double least,
                  const struct law_times *times, const int64_t *at, size_t n,
                  struct law_nodes *nodes, size_t *first);

void law_nodes_free(struct law_nodes *nodes);

#endif
