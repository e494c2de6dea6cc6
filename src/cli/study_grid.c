/* Tables of `taper study`: see study.h. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/study.h"
#include "plot/glyph.h"

/* A text with every byte made visible, and the columns that it takes; NULL if
 * memory runs out. */
static char *visible(const char *text, size_t *width)
{
    char *out = NULL;
    size_t size = 0, len = strlen(text);
    FILE *const f = open_memstream(&out, &size);
    *width = 0;
    if (!f) return NULL;
    while (len) {
        const struct plot_glyph g = plot_glyph_first(text, len, false);
        (void)fputs(g.text, f);
        *width += (size_t)g.width;
        text += g.bytes;
        len -= g.bytes;
    }
    if (fclose(f) == 0) return out;
    free(out);
    return NULL;
}

static void add(struct cli_grid *g, char *cell)
{
    char **const cells = realloc(g->cells, (g->count + 1) * sizeof *cells);
    if (cells) g->cells = cells;
    if (cells && cell) {
        cells[g->count++] = cell;
        return;
    }
    free(cell);
    g->no_memory = true;
}

void cli_grid_add(struct cli_grid *g, const char *format, ...)
{
    char text[512];
    size_t width;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    add(g, visible(text, &width));
}

void cli_grid_number(struct cli_grid *g, double value)
{
    if (isfinite(value))
        cli_grid_add(g, "%.6g", value);
    else
        cli_grid_add(g, "%s", "");
}

/* The columns that the cells of a column need. */
static size_t width_of(const struct cli_grid *g, size_t column)
{
    size_t most = 0;
    for (size_t k = column; k < g->count; k += g->columns) {
        size_t width;
        free(visible(g->cells[k], &width));
        if (width > most) most = width;
    }
    return most;
}

static void print_row(const struct cli_grid *g, size_t row,
                      const size_t *widths)
{
    for (size_t c = 0; c < g->columns; c++) {
        const char *const cell = g->cells[row * g->columns + c];
        size_t width;
        free(visible(cell, &width));
        const bool last = c + 1 == g->columns;
        (void)printf("%s%*s", cell, last ? 0 : (int)(widths[c] - width + 2),
                     "");
    }
    (void)putchar('\n');
}

void cli_grid_free(struct cli_grid *g)
{
    for (size_t k = 0; k < g->count; k++)
        free(g->cells[k]);
    free(g->cells);
    *g = (struct cli_grid){.columns = g->columns};
}

int cli_grid_print(struct cli_grid *g)
{
    size_t *const widths = calloc(g->columns, sizeof *widths);
    const bool ok = widths && !g->no_memory;
    for (size_t c = 0; ok && c < g->columns; c++)
        widths[c] = width_of(g, c);
    for (size_t r = 0; ok && r < g->count / g->columns; r++)
        print_row(g, r, widths);
    free(widths);
    cli_grid_free(g);
    return ok ? CLI_DONE : cli_failed("out of memory");
}
