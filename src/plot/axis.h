/* Where values lie on an axis, which ticks it carries, and how they read.
 * The terminal and gnuplot draw the same ticks because both ask here. */
#ifndef PLOT_AXIS_H
#define PLOT_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#include "plot/figure.h"

/* The visible part of an axis: low < high, both finite; both > 0 if log. */
struct plot_axis {
    double low, high;
    bool log;
};

/* The widest set of ticks an axis is given, and the room that one label takes,
 * with its NUL. */
#define PLOT_TICKS 16
#define PLOT_TICK_TEXT 32

struct plot_ticks {
    double at[PLOT_TICKS];
    char text[PLOT_TICKS][PLOT_TICK_TEXT];
    size_t count;
};

/* The axis that shows every finite value of the panel, with a little air. It
 * starts at 0 when the values reach down far enough for 0 to mean something,
 * and is some sensible axis even when there is nothing to show. A logarithmic
 * one covers the highest eight decades; what is lower lies at its lower end. */
struct plot_axis plot_axis_y(const struct plot_panel *panel);

/* The x axis that all panels of the figure share: from the first to the last
 * x. Curves on a linear one need no air; points on a logarithmic one and ends
 * of rows have a little. */
struct plot_axis plot_axis_x(const struct plot_figure *f);

/* Whether every x in the figure is a whole number. */
bool plot_x_is_whole(const struct plot_figure *f);

/* Place of v on the axis: 0 at low, 1 at high, never outside; NaN if v cannot
 * be shown (not finite, or not positive on a logarithmic axis). */
double plot_axis_place(const struct plot_axis *a, double v);

/* Round values on the axis, about `wanted` of them (2 to PLOT_TICKS - 1).
 * `whole` forbids fractions. Labels of a linear axis share one form: decimals,
 * or powers of ten ("5e-4"), or, for whole axes that pass 9999, the language's
 * suffixes ("20k", "1.5M", "3B") and T for 1e12. */
void plot_axis_ticks(const struct plot_axis *a, size_t wanted, bool whole,
                     struct plot_ticks *out);

#endif
