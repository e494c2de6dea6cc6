/* Runs made ready for fitting: the points that are used, and the gaps that each
 * of them sees. */
#ifndef LAW_PROBLEM_H
#define LAW_PROBLEM_H

#include "law/compress.h"

struct law_point {
    size_t run;
    int64_t step;
    double loss, log_loss; /* loss > 0 */
    double S;              /* the clock after the step */
    double slope;          /* d S / d ln rho */
    size_t first;          /* its first node */
};

struct law_problem {
    const taper_law_run *runs; /* borrowed */
    size_t count;
    taper_law_kind kind;
    double eta_ref; /* the largest rate */
    double peak;    /* the same; 0: all rates are 0 */
    double clock;   /* the rho that nodes and S are for */
    size_t points, dropped;
    struct law_point *point; /* [points + 1]: the last one ends the nodes */
    struct law_nodes nodes;
};

/* Check the runs, choose the points and compress the gaps by the clock rho. The
 * points of a run that has more than `most` are binned. Given back with
 * law_problem_free, whatever was returned. */
taper_law_status law_problem_make(const taper_law_run *runs, size_t count,
                                  const taper_law_fit_options *options,
                                  double clock, size_t most,
                                  struct law_problem *out,
                                  taper_law_error *err);
void law_problem_free(struct law_problem *p);

/* Go over to another clock. Returns false if memory ran out. */
bool law_problem_clock(struct law_problem *p, double clock);

/* The parts of the law at point i for parameters whose clock is that of the
 * problem: predicted = L0 + amount * answer + A * power. */
struct law_parts {
    double power;  /* S^-alpha */
    double answer; /* to the gaps: of B (multi-power) or C (momentum) */
};
struct law_parts law_problem_parts(const struct law_problem *p,
                                   const taper_law_params *q, size_t i);

/* The predicted loss at point i, and what it changes by for a change of the
 * logarithm of each parameter; of lambda that of 1 - lambda. */
double law_problem_slopes(const struct law_problem *p,
                          const taper_law_params *q, size_t i,
                          double slopes[TAPER_LAW_PARAMS]);

#endif
