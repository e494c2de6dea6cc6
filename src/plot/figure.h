/* What there is to draw, as plain data: curves in panels in a figure. Every
 * output (terminal, PNG, SVG, PDF) draws the same figure, so that a caller
 * describes a picture once and need not know where it will appear. */
#ifndef PLOT_FIGURE_H
#define PLOT_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

/* One line through n points. Everything is borrowed. A y that is not finite
 * breaks the line; so does a y <= 0 on a logarithmic axis. */
struct plot_curve {
    const char *name;   /* UTF-8, for the legend; NULL or "": no entry */
    const double *x;    /* [n], finite, ascending; > 0 if the figure's is log */
    const double *y;    /* [n] */
    size_t n;           /* may be 0 */
    bool upright_jumps; /* a value holds until the next x: sudden changes are
                           drawn upright. For schedules, not for noisy data */
    /* [n] each, a band about the line, drawn at every point: such a curve is
     * one of few thousand points. NULL: none; not finite: none there. */
    const double *low, *high;
    bool bars;     /* low to high is a bar at each point, and no band */
    size_t colour; /* 1 + the slot of its colour; 0: by its name */
};

/* A value with an interval, lying along x, under a name of its own. */
struct plot_row {
    const char *name;     /* UTF-8, beside the row */
    double value;         /* NaN: nothing is drawn but the name */
    double low, high;     /* ends of the interval; NaN: none */
    const double *points; /* [n], what the value was made of, drawn small */
    size_t n;
    size_t colour; /* 1 + the slot of its colour; 0: by its name */
};

/* Curves that share a y axis, or rows. */
struct plot_panel {
    const char *ylabel; /* UTF-8; may be NULL */
    const struct plot_curve *curves;
    size_t count; /* of curves */
    bool log_y;
    const struct plot_row *rows; /* from the top; instead of curves */
    size_t row_count;
};

/* Panels one above the other, which share their x axis. Curves of the same
 * name have the same colour in every panel and one entry in the legend. */
struct plot_figure {
    const char *title;  /* UTF-8; may be NULL */
    const char *xlabel; /* UTF-8; may be NULL */
    const struct plot_panel *panels;
    size_t count; /* of panels, >= 1 */
    bool log_x;
};

/* Colours repeat after this many differently named curves; lines that repeat
 * one are dashed where the output can. */
#define PLOT_COLOURS 8

/* The colour of a curve or row, counted from 0 over the whole figure: what it
 * asks for, or the slot of the first one of the same name, or a slot of its own
 * if it has no name. */
size_t plot_colour_slot(const struct plot_figure *f, size_t panel,
                        size_t curve);

/* Whether the curve is the first of its name, so that it (and no later one)
 * belongs into the legend. False for a curve without a name, and for rows,
 * whose names stand beside them. */
bool plot_in_legend(const struct plot_figure *f, size_t panel, size_t curve);

/* How many entries the legend has. A lone curve needs no legend, so 1 counts
 * as 0 when nothing else is drawn. */
size_t plot_legend_count(const struct plot_figure *f);

enum plot_status {
    PLOT_OK,
    PLOT_E_MEMORY,
    PLOT_E_FORMAT,  /* the file's extension names no known format */
    PLOT_E_GNUPLOT, /* gnuplot is not installed */
    PLOT_E_FAILED,  /* gnuplot failed */
    PLOT_E_WRITE    /* the output could not be written */
};

/* What went wrong, as one line for the user without a full stop. */
struct plot_error {
    enum plot_status status;
    char message[512];
};

#endif
