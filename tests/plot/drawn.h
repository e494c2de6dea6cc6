/* Pictures in the terminal as text, for tests that look at them. */
#ifndef TESTS_PLOT_DRAWN_H
#define TESTS_PLOT_DRAWN_H

#include "plot/terminal.h"

/* The drawing as text, which the caller frees; fails the test if there is
 * none. */
char *drawn(const struct plot_figure *f, struct plot_terminal t);

#endif
