/* Thins a curve to what a picture can show. Ten million steps become at most
 * four points for each column of pixels: the first, lowest, highest and last
 * that fall into it, in their order, so that no peak is lost and every line
 * enters and leaves a column where it should. Points can be given a piece at a
 * time, so that a long curve never has to be in memory. */
#ifndef PLOT_THIN_H
#define PLOT_THIN_H

#include <stdbool.h>
#include <stddef.h>

#include "plot/axis.h"
#include "plot/figure.h"

/* Points that the curve keeps; x and y are owned, released by
 * plot_points_free(). A zeroed struct is an empty list. */
struct plot_points {
    double *x, *y; /* [n] */
    size_t n, capacity;
};

/* A thinning in progress. */
struct plot_thin {
    struct plot_points *out; /* borrowed */
    struct plot_axis x;      /* from the left to the right edge */
    double columns;          /* across, >= 1 */
    double column;           /* that the points below lie in; -1: none yet */
    struct plot_extreme {
        double x, y;
        size_t order; /* of arrival within the column */
    } first, lowest, highest, last;
    bool gap; /* the last point that arrived was not finite */
};

/* Thins to `columns` columns from x = low to x = high, appending to `out`. */
void plot_thin_begin(struct plot_thin *t, struct plot_points *out, double low,
                     double high, size_t columns);

/* Adds n points, x ascending over all calls. A run of y that are not finite
 * becomes one NaN in `out`. Returns false when memory runs out. */
bool plot_thin_add(struct plot_thin *t, const double *x, const double *y,
                   size_t n);

/* Writes out the last column. Returns false when memory runs out. */
bool plot_thin_end(struct plot_thin *t);

/* All at once on the axis `x`, with sudden changes drawn upright where the
 * curve asks for it: `span` is the height of the picture in units of y, below a
 * hundredth of which no change counts as sudden. */
bool plot_thin_curve(const struct plot_curve *c, const struct plot_axis *x,
                     double span, size_t columns, struct plot_points *out);

void plot_points_free(struct plot_points *p);

#endif
