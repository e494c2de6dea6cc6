/* The picture in the terminal: title, panels with their axes, legend. */
#include "plot/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "plot/axis.h"
#include "plot/canvas.h"
#include "plot/glyph.h"
#include "plot/terminal_inside.h"
#include "plot/thin.h"

/* Xterm's 256 colours nearest to a palette (Okabe and Ito's) that people with
 * any colour vision tell apart, lightened to read on black and on white. */
static const unsigned char ansi[PLOT_COLOURS] = {32, 208, 36,  169,
                                                 74, 166, 178, 245};

/* Tells curves apart where there is no colour. */
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char ascii_dots[] = "*+ox#%&$";

static const struct plot_frame box = {"│", "┤", "─", "┬", "└", "━━"};
static const struct plot_frame plain = {"|", "+", "-", "+", "+", "--"};

static bool locale_is_utf8(void)
{
    const locale_t l = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (!l) return false;
    const bool utf8 = strcmp(nl_langinfo_l(CODESET, l), "UTF-8") == 0;
    freelocale(l);
    return utf8;
}

struct plot_terminal plot_terminal_detect(int fd)
{
    struct plot_terminal t = {80, 24, locale_is_utf8(), false};
    if (!isatty(fd)) return t;
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row) {
        t.columns = size.ws_col;
        t.rows = size.ws_row;
    }
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    t.colour = !(no_color && no_color[0]) && term && strcmp(term, "dumb") != 0;
    return t;
}

/* Switches to a curve's colour, to the faint one of the axes, or back. */
void plot_use_colour(const struct plot_drawing *d, size_t slot)
{
    if (d->terminal->colour)
        fprintf(d->out, "\033[38;5;%um", (unsigned)ansi[slot % PLOT_COLOURS]);
}

void plot_use_faint(const struct plot_drawing *d)
{
    if (d->terminal->colour) fputs("\033[38;5;245m", d->out);
}

void plot_use_plain(const struct plot_drawing *d)
{
    if (d->terminal->colour) fputs("\033[0m", d->out);
}

void plot_spaces(const struct plot_drawing *d, size_t n)
{
    fprintf(d->out, "%*s", (int)n, "");
}

/* A line of text, centred above or below the canvas if it fits there. */
static void centred(const struct plot_drawing *d, const char *text)
{
    char shown[1024];
    const size_t total = d->margin + 1 + d->columns;
    const size_t width =
        plot_glyph_fit(text, total, !d->terminal->unicode, shown, sizeof shown);
    size_t start = d->margin + 1;
    start =
        width < d->columns ? start + (d->columns - width) / 2 : total - width;
    plot_spaces(d, start);
    fprintf(d->out, "%s\n", shown);
}

static size_t dot_row(const struct plot_axis *y, double v, size_t dots)
{
    return (size_t)lround((1.0 - plot_axis_place(y, v)) * (double)(dots - 1));
}

size_t plot_dot_column(const struct plot_drawing *d, double v, size_t dots)
{
    return (size_t)lround(plot_axis_place(&d->x, v) * (double)(dots - 1));
}

/* One dot of a cell in two, which reads as a shade: lines drawn later cover it.
 * Bars are whole lines. */
static void draw_band(const struct plot_drawing *d, const struct plot_curve *b,
                      const struct plot_axis *y, size_t slot,
                      struct plot_canvas *c)
{
    const unsigned char owner = (unsigned char)(slot % PLOT_NO_OWNER);
    size_t next = 0; /* column that has not been shaded */
    for (size_t i = 0; b->low && b->high && i < b->n; i++) {
        const double low = plot_axis_place(y, b->low[i]);
        const double high = plot_axis_place(y, b->high[i]);
        if (isnan(low) || isnan(high)) continue;
        const size_t x = plot_dot_column(d, b->x[i], c->dots_x);
        const size_t top = dot_row(y, b->high[i], c->dots_y);
        const size_t bottom = dot_row(y, b->low[i], c->dots_y);
        if (b->bars) plot_canvas_line(c, x, top, x, bottom, owner);
        if (b->bars || x < next) continue;
        for (size_t dot = top; dot <= bottom; dot++)
            if ((x / 2 + dot / 2) % 2 == 0 && x % 2 == 0 && dot % 2 == 0)
                plot_canvas_dot(c, x, dot, owner);
        next = x + 1;
    }
}

static bool draw_curve(const struct plot_drawing *d,
                       const struct plot_curve *curve,
                       const struct plot_axis *y, size_t slot,
                       struct plot_canvas *c)
{
    struct plot_points p = {NULL, NULL, 0, 0};
    const double span = y->log ? INFINITY : y->high - y->low;
    const bool ok = plot_thin_curve(curve, &d->x, span, c->dots_x, &p);
    const unsigned char owner = (unsigned char)(slot % PLOT_NO_OWNER);
    bool joined = false;
    size_t last_x = 0, last_y = 0;
    for (size_t i = 0; ok && i < p.n; i++) {
        if (isnan(plot_axis_place(y, p.y[i]))) {
            joined = false;
            continue;
        }
        const size_t px = plot_dot_column(d, p.x[i], c->dots_x);
        const size_t py = dot_row(y, p.y[i], c->dots_y);
        plot_canvas_line(c, joined ? last_x : px, joined ? last_y : py, px, py,
                         owner);
        joined = true;
        last_x = px;
        last_y = py;
    }
    plot_points_free(&p);
    return ok;
}

/* The canvas row on which `owner` is highest in a column, or rows if it is
 * hidden there. */
static size_t find_owner(const struct plot_canvas *c, size_t column,
                         size_t owner)
{
    for (size_t row = 0; row < c->rows; row++)
        if (c->owner[row * c->columns + column] == owner) return row;
    return c->rows;
}

/* Puts a curve's letter onto it a few times, away from the other letters.
 * Letters are kept in `marks`, [rows, columns], 0 where there is none. */
static void mark_curve(const struct plot_canvas *c, size_t slot, size_t slots,
                       char *marks)
{
    const size_t pieces = 3 * slots, width = c->columns / pieces;
    for (size_t piece = slot; piece < pieces; piece += slots)
        for (size_t k = 0; k < width; k++) {
            const size_t column = piece * width + (width / 2 + k) % width;
            const size_t row = find_owner(c, column, slot);
            if (row == c->rows) continue;
            marks[row * c->columns + column] = letters[slot % 26];
            break;
        }
}

static void write_cell(const struct plot_drawing *d,
                       const struct plot_canvas *c, const char *marks,
                       size_t cell)
{
    if (marks[cell]) {
        fputc(marks[cell], d->out);
        return;
    }
    if (!c->bits[cell]) {
        fputc(' ', d->out);
        return;
    }
    if (d->terminal->unicode) {
        char text[4];
        plot_canvas_braille(c->bits[cell], text);
        fputs(text, d->out);
        return;
    }
    fputc(ascii_dots[c->owner[cell] % (sizeof ascii_dots - 1)], d->out);
}

static void write_row(const struct plot_drawing *d, const struct plot_canvas *c,
                      const char *marks, const char *label, size_t row)
{
    plot_spaces(d, d->margin - strlen(label));
    fputs(label, d->out);
    plot_use_faint(d);
    fputs(label[0] ? d->frame->tick_left : d->frame->left, d->out);
    plot_use_plain(d);

    size_t used = c->columns; /* spaces at the end of a row are not written */
    while (used && !c->bits[row * c->columns + used - 1])
        used--;
    size_t owner = PLOT_NO_OWNER;
    for (size_t k = 0; k < used; k++) {
        const size_t cell = row * c->columns + k;
        if (c->bits[cell] && c->owner[cell] != owner) {
            owner = c->owner[cell];
            plot_use_colour(d, owner);
        }
        write_cell(d, c, marks, cell);
    }
    if (owner != PLOT_NO_OWNER) plot_use_plain(d);
    fputc('\n', d->out);
}

/* The canvas with the labels of its y axis. */
static void write_canvas(const struct plot_drawing *d,
                         const struct plot_canvas *c, const char *marks,
                         const struct plot_axis *y,
                         const struct plot_ticks *ticks)
{
    for (size_t row = 0; row < c->rows; row++) {
        const char *label = "";
        for (size_t k = 0; k < ticks->count; k++)
            if (dot_row(y, ticks->at[k], c->dots_y) / c->cell_y == row)
                label = ticks->text[k];
        write_row(d, c, marks, label, row);
    }
}

static void write_x_axis(const struct plot_drawing *d)
{
    plot_use_faint(d);
    plot_spaces(d, d->margin);
    fputs(d->frame->corner, d->out);
    size_t next = 0;
    for (size_t column = 0; column < d->columns; column++) {
        const bool tick =
            next < d->x_ticks.count &&
            plot_dot_column(d, d->x_ticks.at[next], d->columns) == column;
        fputs(tick ? d->frame->tick_bottom : d->frame->bottom, d->out);
        if (tick) next++;
    }
    plot_use_plain(d);
    fputc('\n', d->out);
}

/* Labels under their ticks, moved left where they would leave the picture. */
static void write_x_labels(const struct plot_drawing *d)
{
    const size_t total = d->margin + 1 + d->columns;
    size_t at = 0;
    for (size_t k = 0; k < d->x_ticks.count; k++) {
        const char *text = d->x_ticks.text[k];
        const size_t width = strlen(text);
        const size_t middle =
            d->margin + 1 + plot_dot_column(d, d->x_ticks.at[k], d->columns);
        size_t start = middle > width / 2 ? middle - width / 2 : 0;
        if (start + width > total) start = total - width;
        if (start < at + (at > 0)) continue;
        plot_spaces(d, start - at);
        fputs(text, d->out);
        at = start + width;
    }
    fputc('\n', d->out);
}

static size_t y_ticks_wanted(size_t rows)
{
    return rows / 4 < 2 ? 2 : rows / 4;
}

/* Columns that the widest y label or row's name of any panel takes. */
static size_t find_margin(const struct plot_figure *f, size_t rows,
                          size_t columns)
{
    size_t margin = 4;
    for (size_t p = 0; p < f->count; p++) {
        if (f->panels[p].row_count) {
            const size_t names = plot_row_margin(&f->panels[p], columns);
            if (names > margin) margin = names;
            continue;
        }
        const struct plot_axis y = plot_axis_y(&f->panels[p]);
        struct plot_ticks ticks;
        plot_axis_ticks(&y, y_ticks_wanted(rows), false, &ticks);
        for (size_t k = 0; k < ticks.count; k++)
            if (strlen(ticks.text[k]) + 1 > margin)
                margin = strlen(ticks.text[k]) + 1;
    }
    return margin;
}

static void write_ylabel(const struct plot_drawing *d, const char *label)
{
    if (!label || !label[0]) return;
    char shown[512];
    plot_glyph_fit(label, d->margin + d->columns, !d->terminal->unicode, shown,
                   sizeof shown);
    fprintf(d->out, " %s\n", shown);
}

static bool draw_panel(const struct plot_drawing *d, size_t index)
{
    const struct plot_panel *panel = &d->figure->panels[index];
    const struct plot_axis y = plot_axis_y(panel);
    struct plot_ticks ticks;
    plot_axis_ticks(&y, y_ticks_wanted(d->rows), false, &ticks);

    struct plot_canvas c;
    char *marks = calloc(d->columns * d->rows, 1);
    bool ok = plot_canvas_init(&c, d->columns, d->rows, d->terminal->unicode) &&
              marks;
    for (size_t k = 0; ok && k < panel->count; k++)
        draw_band(d, &panel->curves[k], &y,
                  plot_colour_slot(d->figure, index, k), &c);
    for (size_t k = 0; ok && k < panel->count; k++)
        ok = draw_curve(d, &panel->curves[k], &y,
                        plot_colour_slot(d->figure, index, k), &c);
    const size_t entries = plot_legend_count(d->figure);
    const bool lettered =
        d->terminal->unicode && !d->terminal->colour && entries > 1;
    for (size_t k = 0; ok && lettered && k < panel->count; k++)
        mark_curve(&c, plot_colour_slot(d->figure, index, k), entries, marks);

    if (ok) {
        write_ylabel(d, panel->ylabel);
        write_canvas(d, &c, marks, &y, &ticks);
        write_x_axis(d);
    }
    plot_canvas_free(&c);
    free(marks);
    return ok;
}

/* One entry a line: schedules are long, and lines are easy to read. */
static void write_legend(const struct plot_drawing *d)
{
    if (!plot_legend_count(d->figure)) return;
    const bool lone = plot_legend_count(d->figure) == 1;
    for (size_t p = 0; p < d->figure->count; p++)
        for (size_t k = 0; k < d->figure->panels[p].count; k++) {
            if (!plot_in_legend(d->figure, p, k)) continue;
            const size_t slot = plot_colour_slot(d->figure, p, k);
            char shown[1024];
            plot_glyph_fit(d->figure->panels[p].curves[k].name,
                           d->columns > 8 ? d->columns - 4 : 4,
                           !d->terminal->unicode, shown, sizeof shown);
            plot_spaces(d, d->margin + 1);
            plot_use_colour(d, slot);
            if (d->terminal->colour || (lone && d->terminal->unicode))
                fputs(d->frame->dash, d->out);
            else if (d->terminal->unicode)
                fprintf(d->out, "%c ", letters[slot % 26]);
            else
                fprintf(d->out, "%c ",
                        ascii_dots[slot % (sizeof ascii_dots - 1)]);
            plot_use_plain(d);
            fprintf(d->out, " %s\n", shown);
        }
}

/* Rows of each canvas: what the terminal has, less what stands around the
 * canvases, and no taller than a third of the width. */
static size_t choose_rows(const struct plot_figure *f,
                          const struct plot_terminal *t, size_t columns)
{
    size_t around = 3 + plot_legend_count(f); /* title, x labels, x label */
    for (size_t p = 0; p < f->count; p++)
        around += f->panels[p].ylabel && f->panels[p].ylabel[0] ? 2 : 1;
    /* One line stays for the prompt that follows. */
    const size_t room = t->rows > around + 1 ? t->rows - around - 1 : 0;
    const size_t each = room / f->count, most = columns / 3;
    return each < 6 ? 6 : each > most ? most : each;
}

void plot_duration(double seconds, char *out, size_t size)
{
    const long s = seconds > 0 && seconds < 1e8 ? lround(seconds) : 0;
    if (s >= 3600)
        (void)snprintf(out, size, "%ldh%02ldm", s / 3600, s / 60 % 60);
    else if (s >= 60)
        (void)snprintf(out, size, "%ldm%02lds", s / 60, s % 60);
    else
        (void)snprintf(out, size, "%lds", s);
}

enum plot_status plot_terminal_draw(const struct plot_figure *f,
                                    const struct plot_terminal *t, FILE *out)
{
    const size_t columns = t->columns < 40 ? 40 : t->columns;
    const size_t rows = choose_rows(f, t, columns);
    const size_t margin = find_margin(f, rows, columns);
    struct plot_drawing d = {
        .figure = f,
        .terminal = t,
        .frame = t->unicode ? &box : &plain,
        .out = out,
        .margin = margin,
        .columns = columns - margin - 1,
        .rows = rows,
        .x = plot_axis_x(f),
    };
    /* Beside long names little room is left, and ticks stand closer. */
    const size_t wanted = d.columns / 12 < 4 ? 4 : d.columns / 12;
    plot_axis_ticks(&d.x, wanted, plot_x_is_whole(f), &d.x_ticks);
    if (f->title && f->title[0]) centred(&d, f->title);
    for (size_t p = 0; p < f->count; p++)
        if (f->panels[p].row_count) {
            write_ylabel(&d, f->panels[p].ylabel);
            if (!plot_draw_rows(&d, p)) return PLOT_E_MEMORY;
            write_x_axis(&d);
        } else if (!draw_panel(&d, p)) {
            return PLOT_E_MEMORY;
        }
    write_x_labels(&d);
    if (f->xlabel && f->xlabel[0]) centred(&d, f->xlabel);
    write_legend(&d);
    return ferror(out) ? PLOT_E_WRITE : PLOT_OK;
}
