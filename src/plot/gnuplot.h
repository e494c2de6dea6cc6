/* Draws a figure into a PNG, SVG or PDF file with gnuplot. */
#ifndef PLOT_GNUPLOT_H
#define PLOT_GNUPLOT_H

#include <stdbool.h>

#include "plot/figure.h"
#include "plot/script.h"

/* The extensions that plot_file knows, for messages: ".png, .svg, .pdf". */
#define PLOT_FILE_KINDS ".png, .svg, .pdf"

/* The format that the extension of `path` names, in either case. Returns
 * false, with *err filled in, for any other. */
bool plot_file_format(const char *path, enum plot_format *out,
                      struct plot_error *err);

/* Draws the figure into `path`, whose extension says the format. The file is
 * written aside and renamed. gnuplot is looked for along PATH and runs without
 * a shell. On failure fills in *err, which may be NULL, and returns false;
 * an existing file is then untouched. */
bool plot_file(const struct plot_figure *f, const char *path,
               struct plot_error *err);

#endif
