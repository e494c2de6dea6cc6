/* The search for the parameters of a law: the coordinates in which it is done,
 * where it starts, and one descent. */
#ifndef LAW_SEARCH_H
#define LAW_SEARCH_H

#include "law/least_squares.h"
#include "law/problem.h"

/* The logarithms that are searched. A and C are measured where the data are:
 * A by its term at a point in their midst, C by its product with eta^-gamma at
 * the peak rate (momentum: by what it comes to in the end, C / (1 - lambda)).
 * Otherwise A would have to follow every change of alpha, and C of gamma. A
 * parameter that is fixed is measured as it is. */
struct law_search {
    struct law_problem *problem;
    const taper_law_fit_options *options;
    double clock;                       /* rho where it is not searched */
    bool clock_free;                    /* rho is searched */
    size_t n;                           /* coordinates */
    taper_law_param which[LAW_LSQ_MAX]; /* [n] */
    double low[LAW_LSQ_MAX], high[LAW_LSQ_MAX];
    double log_S;          /* of the point in their midst */
    double log_rate;       /* of the peak */
    double drop;           /* the losses' range */
    double least;          /* the lowest loss */
    double tolerance;      /* of the solver */
    const double *targets; /* [points] log losses to fit instead; or NULL */
    double *memory;        /* of the solver */
    bool no_memory;        /* a step was given up for want of memory */
};

/* Returns false if memory ran out. Given back with law_search_free. */
bool law_search_make(struct law_problem *problem,
                     const taper_law_fit_options *options, double clock,
                     bool clock_free, struct law_search *out);
void law_search_free(struct law_search *s);

/* Start number `index`; the same for the same seed. */
taper_law_params law_search_start(const struct law_search *s, int index);

/* Go from *q to a minimum. Sets *cost to the cost there, the prior
 * included. */
bool law_search_descend(struct law_search *s, taper_law_params *q,
                        double *cost);

/* The coordinates of a parameter set, within the bounds; and back. */
void law_search_enter(const struct law_search *s, const taper_law_params *q,
                      double *x);
taper_law_params law_search_leave(const struct law_search *s, const double *x);

#endif
