/* See drawn.h. */
#include "drawn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *drawn(const struct plot_figure *f, struct plot_terminal t)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(plot_terminal_draw(f, &t, out), PLOT_OK);
    assert_int_equal(fclose(out), 0);
    char *copy = strdup(text);
    free(text);
    assert_non_null(copy);
    return copy;
}
