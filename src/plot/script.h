/* Writes the gnuplot commands that draw a figure. Text in, text out: nothing
 * here runs gnuplot. */
#ifndef PLOT_SCRIPT_H
#define PLOT_SCRIPT_H

#include <stdio.h>

#include "plot/figure.h"

enum plot_format { PLOT_PNG, PLOT_SVG, PLOT_PDF };

/* Writes commands whose picture gnuplot puts on its standard output. Texts of
 * the figure appear only as escaped bytes, so that none can be a command.
 * Returns PLOT_OK, PLOT_E_MEMORY or PLOT_E_WRITE. */
enum plot_status plot_script(const struct plot_figure *f,
                             enum plot_format format, FILE *out);

#endif
