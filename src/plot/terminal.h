/* Draws a figure as text: braille dots where the locale is UTF-8, plain ASCII
 * elsewhere, in colour where a person looks at it. */
#ifndef PLOT_TERMINAL_H
#define PLOT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "plot/figure.h"

/* What the output can show. */
struct plot_terminal {
    size_t columns; /* of characters, e.g. 80; less than 40 reads as 40 */
    size_t rows;    /* that the picture should fit into, e.g. 24 */
    bool unicode;   /* braille and box-drawing characters */
    bool colour;    /* ANSI escapes; else curves carry letters */
};

/* What the open file `fd` can show. A terminal has its own size, and colour
 * unless NO_COLOR is set (and not empty) or TERM is "dumb"; anything else has
 * 80 columns, 24 rows and no colour. Unicode follows the environment's
 * LC_ALL, LC_CTYPE or LANG. */
struct plot_terminal plot_terminal_detect(int fd);

/* A time left, as a line of progress shows it: "1h02m", "3m07s", "12s"; "0s"
 * for what is negative, not finite or longer than three years. */
void plot_duration(double seconds, char *out, size_t size);

/* Writes the figure to `out`, a few lines of text per panel. Returns PLOT_OK,
 * PLOT_E_MEMORY or PLOT_E_WRITE. */
enum plot_status plot_terminal_draw(const struct plot_figure *f,
                                    const struct plot_terminal *t, FILE *out);

#endif
