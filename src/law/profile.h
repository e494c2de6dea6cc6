/* The final loss of rates that are straight lines between a few points, with
 * its derivatives, from fewer sums than there are steps: for searches, which
 * ask for it thousands of times. */
#ifndef LAW_PROFILE_H
#define LAW_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <taper_law.h>

/* Steps that are summed as one: `width` of them, with the rate of the one in
 * the middle, `share` of the way from one point to the next, and a gap that is
 * `part` of the whole way. */
struct law_cell {
    size_t from;  /* the point before */
    double share; /* in [0, 1] */
    double part;  /* in [0, 1]; 0 for step 0, before which there is no gap */
    double width; /* in steps */
    double fade;  /* momentum law: what a gap of 1 adds to the loss, over C */
};

/* A law and where the points lie. All memory is the profile's own. */
struct law_profile {
    const taper_law_params *params; /* borrowed */
    double least;                   /* that eta^-gamma takes */
    double scale;                   /* eta_ref^(1 - rho) */
    size_t points, cells, room;
    double *at; /* [points] steps, increasing from 0; the last is one after
                   the last step; need not be whole */
    struct law_cell *cell; /* [cells] */
    double *rate, *pull;   /* [cells] for the derivatives: the rate, and how
                              the loss answers to the time after a cell */
};

/* Makes room for `points` points, each but the last followed by at most `most`
 * cells. `peak` is the largest rate there will be. False: out of memory. */
bool law_profile_begin(struct law_profile *p, const taper_law_params *params,
                       double peak, size_t points, size_t most);
void law_profile_end(struct law_profile *p);

/* Takes the places of the points, which stand in p->at, with up to `split(i)`
 * cells after point i. */
void law_profile_place(struct law_profile *p, size_t (*split)(size_t i));

/* The loss for rates at the points, value[points], all >= 0. `gradient`
 * [points] is set to its derivatives, or NULL. */
double law_profile_loss(struct law_profile *p, const double *value,
                        double *gradient);

#endif
