/* What the parts of a fit share: its prepared runs, and where its starts
 * ended. */
#ifndef LAW_FIT_H
#define LAW_FIT_H

#include "law/search.h"

enum { LAW_STARTS = 64 };

/* Where one search ended. */
struct law_end {
    taper_law_params params;
    double cost; /* with the prior */
    bool converged;
};

/* Ends by their cost, the best first. */
struct law_ends {
    size_t n;
    struct law_end end[LAW_STARTS];
};

/* A fit in the making. */
struct law_fitting {
    taper_law_fit_options options;
    struct law_problem problem;
    struct law_search search;
    struct law_ends starts; /* over fewer points, with the clock fixed */
    struct law_ends ends;   /* from the best of them, over all points */
};

/* Check the options and the runs, and make ready to search. Given back with
 * law_fitting_free, whatever was returned. */
taper_law_status law_fitting_make(const taper_law_run *runs, size_t count,
                                  const taper_law_fit_options *options,
                                  struct law_fitting *out,
                                  taper_law_error *err);
void law_fitting_free(struct law_fitting *f);

/* A second problem and search over a few hundred of the same points, with the
 * clock fixed at `clock`. Both are given back by the caller, whatever was
 * returned. */
taper_law_status law_fitting_thin(const struct law_fitting *f, double clock,
                                  struct law_problem *problem,
                                  struct law_search *search,
                                  taper_law_error *err);

/* Search from all starts, then from where the best ended. */
taper_law_status law_fitting_search(struct law_fitting *f,
                                    taper_law_error *err);

/* The number of ends whose cost is within 1 % of the best. */
size_t law_ends_equal(const struct law_ends *ends);

/* Say what the fit tells and what it does not: condition, estimates, flags.
 * The parameters, the quality and the counts are there already. */
void law_fit_identify(struct law_fitting *f, taper_law_fit *fit);

/* The predicted losses at the points of the problem, exactly, [points]. */
taper_law_status law_fit_predict(const struct law_problem *p,
                                 const taper_law_params *q, double *out,
                                 taper_law_error *err);

#endif
