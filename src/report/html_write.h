/* Pieces of HTML. What people wrote comes only through report_html_text,
 * report_html_string and what is built on them: nothing of it can be markup or
 * a script. */
#ifndef TAPER_REPORT_HTML_WRITE_H
#define TAPER_REPORT_HTML_WRITE_H

#include <stdio.h>

#include "plot/figure.h"
#include "report/grid.h"

/* Text between tags or within a quoted attribute, made valid UTF-8. */
void report_html_text(FILE *out, const char *text);

/* A string of JSON within a script element, quotes included. */
void report_html_string(FILE *out, const char *text);

/* A figure as JSON, for page.js. */
void report_html_figure(FILE *out, const struct plot_figure *f);

/* How a grid is shown. */
struct report_html_table {
    const char *label;          /* for who cannot see it */
    const char *const *details; /* [row_count] shown below the name, or NULL */
    const size_t *slots;        /* [row_count] colours beside the name, or
                                   NULL */
    size_t name;                /* column of the name */
    bool cards;                 /* rows become cards on a phone */
};

/* A table that scrolls by itself where it is too wide. */
void report_html_table(FILE *out, const struct report_grid *g,
                       const struct report_html_table *how);

#endif
