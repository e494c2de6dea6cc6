/* Rows in the terminal: a name, an interval with its value, and the points that
 * it was made of, one line each. */
#include <math.h>
#include <stdlib.h>

#include "plot/glyph.h"
#include "plot/terminal_inside.h"

/* The parts of a row, in the order in which one covers another. */
enum mark { NOTHING, BAR, POINT, LEFT_END, RIGHT_END, VALUE };

static const char *const box_marks[] = {" ", "─", "∘", "├", "┤", "●"};
static const char *const plain_marks[] = {" ", "-", ".", "[", "]", "O"};

size_t plot_row_margin(const struct plot_panel *panel, size_t columns)
{
    const size_t most = columns * 2 / 5;
    size_t margin = 1;
    for (size_t k = 0; k < panel->row_count; k++) {
        char shown[512];
        const size_t width = plot_glyph_fit(panel->rows[k].name, most, false,
                                            shown, sizeof shown);
        if (width + 1 > margin) margin = width + 1;
    }
    return margin;
}

static void put(const struct plot_drawing *d, unsigned char *line, double x,
                enum mark mark)
{
    if (isnan(plot_axis_place(&d->x, x))) return;
    unsigned char *const cell = &line[plot_dot_column(d, x, d->columns)];
    if (mark > *cell) *cell = (unsigned char)mark;
}

static void lay_out(const struct plot_drawing *d, const struct plot_row *r,
                    unsigned char *line)
{
    if (isnan(plot_axis_place(&d->x, r->value))) return;
    if (!isnan(plot_axis_place(&d->x, r->low)) &&
        !isnan(plot_axis_place(&d->x, r->high))) {
        const size_t last = plot_dot_column(d, r->high, d->columns);
        for (size_t k = plot_dot_column(d, r->low, d->columns); k <= last; k++)
            line[k] = BAR;
        put(d, line, r->low, LEFT_END);
        put(d, line, r->high, RIGHT_END);
    }
    for (size_t k = 0; k < r->n; k++)
        put(d, line, r->points[k], POINT);
    put(d, line, r->value, VALUE);
}

static void write_row(const struct plot_drawing *d, const struct plot_row *r,
                      size_t slot, const unsigned char *line)
{
    const bool ascii = !d->terminal->unicode;
    const char *const *marks = ascii ? plain_marks : box_marks;
    char shown[512];
    const size_t width =
        plot_glyph_fit(r->name, d->margin - 1, ascii, shown, sizeof shown);
    plot_spaces(d, d->margin - 1 - width);
    fprintf(d->out, "%s ", shown);
    plot_use_faint(d);
    fputs(d->frame->left, d->out);
    plot_use_plain(d);

    size_t used = d->columns; /* spaces at the end are not written */
    while (used && !line[used - 1])
        used--;
    if (used) plot_use_colour(d, slot);
    for (size_t k = 0; k < used; k++)
        fputs(marks[line[k]], d->out);
    if (used) plot_use_plain(d);
    fputc('\n', d->out);
}

bool plot_draw_rows(const struct plot_drawing *d, size_t panel)
{
    const struct plot_panel *const p = &d->figure->panels[panel];
    for (size_t k = 0; k < p->row_count; k++) {
        unsigned char *line = calloc(d->columns, 1);
        if (!line) return false;
        lay_out(d, &p->rows[k], line);
        write_row(d, &p->rows[k], plot_colour_slot(d->figure, panel, k), line);
        free(line);
    }
    return true;
}
