/* The pictures of a study as plain data (plot/figure.h), which the terminal,
 * gnuplot and the page draw alike. */
#ifndef TAPER_REPORT_FIGURES_H
#define TAPER_REPORT_FIGURES_H

#include "plot/figure.h"
#include "report/report.h"

enum report_kind {
    REPORT_INTERVALS, /* the mean of each schedule with its interval */
    REPORT_RATES,     /* learning rate by step */
    REPORT_CURVES,    /* loss and success by step, seeds as a band */
    REPORT_PEAKS,     /* metric by peak, as tuning saw it */
    REPORT_KINDS
};

/* "intervals", "rates", "curves", "peaks". */
const char *report_kind_name(enum report_kind kind);

/* A figure and what it borrows. */
struct report_figure {
    struct plot_figure figure; /* no panels if there is nothing to show */
    struct plot_panel *panels;
    void **kept; /* [kept_count], blocks that the figure points into */
    size_t kept_count;
};

/* Draws tables first ... first + count - 1 of the analysis, one panel or more
 * for each. The report has to be loaded with curves for REPORT_RATES and
 * REPORT_CURVES. Names and labels are borrowed from the report. False, with an
 * empty figure, if memory runs out; the caller frees it. */
bool report_draw(const struct report *r, enum report_kind kind, size_t first,
                 size_t count, struct report_figure *out);

void report_figure_free(struct report_figure *f); /* zeroed is legal */

/* Why a figure of this kind is empty, and what to do, as one line. */
const char *report_kind_missing(enum report_kind kind);

#endif
