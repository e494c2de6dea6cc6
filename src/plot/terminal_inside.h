/* What the files that draw in a terminal share; for terminal*.c only. */
#ifndef PLOT_TERMINAL_INSIDE_H
#define PLOT_TERMINAL_INSIDE_H

#include "plot/axis.h"
#include "plot/terminal.h"

/* The characters that axes are made of. */
struct plot_frame {
    const char *left, *tick_left, *bottom, *tick_bottom, *corner, *dash;
};

/* Everything that the parts of one drawing share. */
struct plot_drawing {
    const struct plot_figure *figure;
    const struct plot_terminal *terminal;
    const struct plot_frame *frame;
    FILE *out;
    size_t margin;  /* columns for tick labels or names, left of the axis */
    size_t columns; /* of the canvases */
    size_t rows;    /* of each canvas */
    struct plot_axis x;
    struct plot_ticks x_ticks;
};

/* Switches to a curve's colour, to the faint one of the axes, or back. */
void plot_use_colour(const struct plot_drawing *d, size_t slot);
void plot_use_faint(const struct plot_drawing *d);
void plot_use_plain(const struct plot_drawing *d);

/* Writes n spaces. */
void plot_spaces(const struct plot_drawing *d, size_t n);

/* The place of x on a line of `dots` dots, from 0. */
size_t plot_dot_column(const struct plot_drawing *d, double x, size_t dots);

/* Columns that the names of a panel of rows take in a picture that is
 * `columns` wide. */
size_t plot_row_margin(const struct plot_panel *panel, size_t columns);

/* Draws a panel of rows without its x axis, one line a row. Returns false when
 * memory runs out. */
bool plot_draw_rows(const struct plot_drawing *d, size_t panel);

#endif
