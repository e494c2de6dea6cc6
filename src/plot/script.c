/* Lays out a figure for gnuplot. All margins, ticks and the legend are placed
 * here and not by gnuplot, so that panels line up, long names never cover a
 * curve, and every version of gnuplot draws the same picture. */
#include "plot/script.h"

#include <math.h>
#include <string.h>

#include "plot/axis.h"
#include "plot/glyph.h"
#include "plot/thin.h"

/* Okabe and Ito's colours, which people with any colour vision tell apart; the
 * yellow is darkened to read on white. */
static const char *const palette[PLOT_COLOURS] = {"#0072b2", "#d55e00",
                                                  "#009e73", "#cc79a7",
                                                  "#56b4e9", "#e69f00",
                                                  "#b5a100", "#555555"};

/* Sizes in units of which the picture is WIDTH wide; text is FONT high. */
#define WIDTH 800.0
#define FONT 13.0
#define LETTER (0.60 * FONT) /* mean width of a letter, rather too much */
#define LINE (1.55 * FONT)   /* from one line of text to the next */
#define EDGE 16.0            /* free space around everything */

/* Curves of no more points than this show each one. */
#define FEW_POINTS 30

/* Longest texts, in letters, that have room beside a wide left margin. Digits
 * and signs are wider than LETTER, up to 0.67 FONT, and a title has a larger
 * font; a longer text ends in "...". */
#define TITLE_LETTERS 62
#define NAME_LETTERS 74
#define LABEL_LETTERS 40
#define ROW_LETTERS 34

/* Names of rows stand beside other text and need all of their width. */
#define WIDEST_LETTER (0.67 * FONT)

/* Height of a row, and of what stands around all of them. */
#define ROW (1.9 * FONT)
#define AROUND_ROWS (1.5 * FONT)

/* How each kind of picture is asked for: size, font and line widths follow
 * from the number of output units (pixels, or inches) for one unit here. */
static const struct {
    const char *terminal;
    double scale;      /* of the size */
    double text_scale; /* of font and lines */
    size_t columns;    /* that curves are thinned to */
} kinds[] = {
    [PLOT_PNG] = {"pngcairo noenhanced background '#ffffff' font 'sans,", 1.5,
                  1.5, 1200},
    [PLOT_SVG] = {"svg noenhanced background '#ffffff' font 'sans-serif,", 1.0,
                  1.0, 800},
    [PLOT_PDF] = {"pdfcairo noenhanced background '#ffffff' font 'sans,", 0.01,
                  1.44, 1600},
};

/* What the parts of one script share. Lengths in units, y from the bottom. */
struct layout {
    const struct plot_figure *figure;
    FILE *out;
    size_t columns;     /* that curves are thinned to */
    double text_scale;  /* of font and lines */
    double left, right; /* edges of the panels */
    double height;      /* of the picture */
    double panel;       /* height of one panel */
    double gap;         /* between panels */
    double bottom;      /* of the lowest panel */
    double legend_top;
    size_t legend_columns;
    double legend_width; /* of one column */
    struct plot_axis x;
    struct plot_ticks x_ticks;
};

/* A text as a gnuplot string in which every byte but letters and spaces is an
 * octal escape: there is nothing left to interpret. Digits are escaped too,
 * because gnuplot takes any number of them into the escape before. */
static void write_string(FILE *out, const char *text, size_t letters)
{
    char shown[1024];
    plot_glyph_fit(text, letters, false, shown, sizeof shown);
    fputc('"', out);
    for (const char *s = shown; *s; s++) {
        const unsigned char c = (unsigned char)*s;
        const bool harmless =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ';
        if (harmless)
            fputc(c, out);
        else
            fprintf(out, "\\%03o", (unsigned)c);
    }
    fputc('"', out);
}

static bool has_text(const char *s)
{
    return s && s[0];
}

static size_t width_of(const char *text, size_t letters)
{
    char shown[1024];
    return plot_glyph_fit(text, letters, false, shown, sizeof shown);
}

static size_t y_ticks_wanted(double panel)
{
    return panel > 280 ? 6 : 5;
}

/* Letters of the longest name of a row. */
static size_t row_letters(const struct plot_panel *panel)
{
    size_t letters = 0;
    for (size_t k = 0; k < panel->row_count; k++) {
        const size_t w = width_of(panel->rows[k].name, ROW_LETTERS);
        if (w > letters) letters = w;
    }
    return letters;
}

/* Left margin: the widest tick label or row's name of any panel, and the y
 * label. */
static double find_left(const struct plot_figure *f, double panel)
{
    size_t letters = 1, names = 0;
    bool labelled = false;
    for (size_t p = 0; p < f->count; p++) {
        if (row_letters(&f->panels[p]) > names)
            names = row_letters(&f->panels[p]);
        const struct plot_axis y = plot_axis_y(&f->panels[p]);
        struct plot_ticks ticks;
        plot_axis_ticks(&y, y_ticks_wanted(panel), false, &ticks);
        for (size_t k = 0; k < ticks.count; k++)
            if (strlen(ticks.text[k]) > letters)
                letters = strlen(ticks.text[k]);
        if (has_text(f->panels[p].ylabel)) labelled = true;
    }
    const double widest =
        fmax((double)letters * LETTER, (double)names * WIDEST_LETTER);
    return EDGE + widest + 26 + (labelled ? LINE : 0);
}

/* The legend is a table with columns as wide as its longest name. */
static double place_legend(struct layout *l)
{
    const struct plot_figure *f = l->figure;
    const size_t entries = plot_legend_count(f);
    if (!entries) return 0.0;
    size_t letters = 1;
    for (size_t p = 0; p < f->count; p++)
        for (size_t k = 0; k < f->panels[p].count; k++) {
            if (!plot_in_legend(f, p, k)) continue;
            const size_t w =
                width_of(f->panels[p].curves[k].name, NAME_LETTERS);
            if (w > letters) letters = w;
        }
    l->legend_width = 84 + (double)letters * LETTER;
    const double fit = floor((l->right - l->left) / l->legend_width);
    l->legend_columns = fit < 1 ? 1 : (size_t)fit;
    if (l->legend_columns > entries) l->legend_columns = entries;
    const size_t rows = (entries + l->legend_columns - 1) / l->legend_columns;
    return (double)rows * LINE + 6;
}

/* Panels are equally high; those of rows as the longest needs. */
static double panel_height(const struct plot_figure *f)
{
    size_t rows = 0;
    for (size_t p = 0; p < f->count; p++)
        if (f->panels[p].row_count > rows) rows = f->panels[p].row_count;
    if (rows) return (double)rows * ROW + AROUND_ROWS;
    return f->count == 1 ? 340 : f->count == 2 ? 240 : 190;
}

static void place(struct layout *l)
{
    const struct plot_figure *f = l->figure;
    l->panel = panel_height(f);
    l->gap = 22;
    l->left = find_left(f, l->panel);
    l->right = WIDTH - EDGE - 12;
    l->bottom = EDGE + LINE + 4 + (has_text(f->xlabel) ? LINE + 10 : 0);
    const double title = has_text(f->title) ? 2 * LINE : 8;
    const double legend = place_legend(l);
    const double panels =
        (double)f->count * l->panel + (double)(f->count - 1) * l->gap;
    l->height = l->bottom + panels + 10 + legend + title + EDGE / 2;
    l->legend_top = l->height - EDGE / 2 - title;
}

static void write_header(const struct layout *l, enum plot_format format)
{
    fprintf(l->out,
            "set encoding utf8\n"
            "set terminal %s%.6g' size %.8g,%.8g linewidth %g\n",
            kinds[format].terminal, FONT * kinds[format].text_scale,
            WIDTH * kinds[format].scale, l->height * kinds[format].scale,
            kinds[format].text_scale);
    fputs("set border 3 lw 1 lc rgb '#707070'\n"
          "set tics out nomirror scale 0.6,0.3 textcolor rgb '#303030'\n"
          "set grid xtics ytics lt 1 lw 0.7 lc rgb '#e2e2e2' back\n"
          "unset key\n",
          l->out);
    fprintf(l->out, "set xrange [%.17g:%.17g] noextend\n", l->x.low, l->x.high);
    if (l->x.log) fputs("set logscale x\n", l->out);
}

static void write_ticks(FILE *out, char axis, const struct plot_axis *a,
                        const struct plot_ticks *ticks, bool labelled)
{
    fprintf(out, "set %ctics (", axis);
    for (size_t k = 0; k < ticks->count; k++)
        fprintf(out, "%s'%s' %.17g", k ? ", " : "",
                labelled ? ticks->text[k] : "", ticks->at[k]);
    fputs(")\n", out);
    if (!a->log || a->high / a->low > 1e6) return;
    /* Small ticks at 2 to 9 times each power show that the axis is a
     * logarithmic one; more decades than six would make them a smear. */
    for (double d = floor(log10(a->low)); d <= log10(a->high); d++)
        for (int m = 2; m <= 9; m++) {
            const double v = m * pow(10.0, d);
            if (v > a->low && v < a->high)
                fprintf(out, "set %ctics add ('' %.17g 1)\n", axis, v);
        }
}

static void write_text_at(const struct layout *l, const char *text,
                          size_t letters, double x, double y, const char *how)
{
    fputs("set label ", l->out);
    write_string(l->out, text, letters);
    fprintf(l->out, " at screen %.8g, screen %.8g %s\n", x / WIDTH,
            y / l->height, how);
}

static void write_colour(const struct layout *l, size_t slot)
{
    fprintf(l->out, " lc rgb '%s'", palette[slot % PLOT_COLOURS]);
}

/* A colour that is used again is dashed. */
static void write_dash(const struct layout *l, size_t slot)
{
    if (slot >= PLOT_COLOURS)
        fprintf(l->out, " dt %zu", 2 + (slot / PLOT_COLOURS - 1) % 4);
}

static void write_legend(const struct layout *l)
{
    const struct plot_figure *f = l->figure;
    if (!plot_legend_count(f)) return;
    size_t entry = 0;
    for (size_t p = 0; p < f->count; p++)
        for (size_t k = 0; k < f->panels[p].count; k++) {
            if (!plot_in_legend(f, p, k)) continue;
            const double x =
                l->left + l->legend_width * (double)(entry % l->legend_columns);
            const double y = l->legend_top -
                             LINE * ((double)(entry / l->legend_columns) + 0.5);
            const size_t slot = plot_colour_slot(f, p, k);
            fprintf(l->out,
                    "set arrow from screen %.8g, screen %.8g to screen %.8g, "
                    "screen %.8g nohead lw 3",
                    x / WIDTH, y / l->height, (x + 22) / WIDTH, y / l->height);
            write_colour(l, slot);
            write_dash(l, slot);
            fputc('\n', l->out);
            write_text_at(l, f->panels[p].curves[k].name, NAME_LETTERS, x + 30,
                          y, "left tc rgb '#303030'");
            entry++;
        }
}

/* Title and axis labels of the whole picture. They belong to the first panel
 * that is drawn, as gnuplot draws labels with plots. */
static void write_texts(const struct layout *l)
{
    const struct plot_figure *f = l->figure;
    const double middle = (l->left + l->right) / 2;
    if (has_text(f->title)) {
        char how[64];
        snprintf(how, sizeof how, "center font ',%.6g'",
                 1.3 * FONT * l->text_scale);
        write_text_at(l, f->title, TITLE_LETTERS, middle,
                      l->height - EDGE / 2 - LINE, how);
    }
    if (has_text(f->xlabel))
        write_text_at(l, f->xlabel, TITLE_LETTERS, middle, EDGE / 2 + LINE / 2,
                      "center tc rgb '#303030'");
    for (size_t p = 0; p < f->count; p++) {
        if (!has_text(f->panels[p].ylabel)) continue;
        const double below = (double)(f->count - 1 - p);
        const double y = l->bottom + below * (l->panel + l->gap) + l->panel / 2;
        write_text_at(l, f->panels[p].ylabel, LABEL_LETTERS,
                      EDGE / 2 + LINE / 2, y, "center rotate tc rgb '#303030'");
    }
}

static void write_point(const struct layout *l, const struct plot_axis *y,
                        double px, double py)
{
    if (isnan(plot_axis_place(y, py)))
        fputc('\n', l->out); /* an empty line ends a stroke */
    else
        fprintf(l->out, "%.12g %.9g\n", px, py);
}

/* The data of a curve's band or bars as $band: x, y, low, high. */
static void write_band(const struct layout *l, const struct plot_curve *c,
                       const struct plot_axis *y, size_t index)
{
    fprintf(l->out, "$band%zu << END\n", index);
    for (size_t i = 0; i < c->n; i++) {
        const bool whole = !isnan(plot_axis_place(y, c->y[i])) &&
                           isfinite(c->low[i]) && isfinite(c->high[i]);
        if (whole)
            fprintf(l->out, "%.12g %.9g %.9g %.9g\n", c->x[i], c->y[i],
                    fmax(c->low[i], y->low), c->high[i]);
        else
            fputc('\n', l->out);
    }
    fputs("END\n", l->out);
}

/* The data of a curve as $line and, if its points are few, as $dots. */
static bool write_data(const struct layout *l, const struct plot_curve *c,
                       const struct plot_axis *y, size_t index)
{
    struct plot_points p = {NULL, NULL, 0, 0};
    const double span = y->log ? INFINITY : y->high - y->low;
    const bool ok = plot_thin_curve(c, &l->x, span, l->columns, &p);
    fprintf(l->out, "$line%zu << END\n", index);
    for (size_t i = 0; ok && i < p.n; i++)
        write_point(l, y, p.x[i], p.y[i]);
    fputs("END\n", l->out);
    plot_points_free(&p);
    if (c->n > FEW_POINTS) return ok;
    fprintf(l->out, "$dots%zu << END\n", index);
    for (size_t i = 0; i < c->n; i++)
        write_point(l, y, c->x[i], c->y[i]);
    fputs("END\n", l->out);
    return ok;
}

/* Whether anything of the curve can be seen. gnuplot takes an empty curve for
 * an error. */
static bool is_visible(const struct plot_curve *c, const struct plot_axis *y)
{
    for (size_t i = 0; i < c->n; i++)
        if (!isnan(plot_axis_place(y, c->y[i]))) return true;
    return false;
}

/* Whether anything of the band can be seen. */
static bool has_band(const struct plot_curve *c, const struct plot_axis *y)
{
    for (size_t i = 0; c->low && c->high && i < c->n; i++)
        if (!isnan(plot_axis_place(y, c->y[i])) && isfinite(c->low[i]) &&
            isfinite(c->high[i]))
            return true;
    return false;
}

static void plot_bands(const struct layout *l, size_t index,
                       const struct plot_axis *y)
{
    const struct plot_panel *panel = &l->figure->panels[index];
    for (size_t k = 0; k < panel->count; k++) {
        if (!has_band(&panel->curves[k], y)) continue;
        if (panel->curves[k].bars)
            fprintf(l->out,
                    ", $band%zu using 1:2:3:4 with yerrorbars pt 0 lw 1.5", k);
        else
            fprintf(l->out,
                    ", $band%zu using 1:3:4 with filledcurves fs transparent "
                    "solid 0.18 noborder",
                    k);
        write_colour(l, plot_colour_slot(l->figure, index, k));
    }
}

static void plot_curves(const struct layout *l, size_t index,
                        const struct plot_axis *y)
{
    const struct plot_panel *panel = &l->figure->panels[index];
    for (size_t k = 0; k < panel->count; k++) {
        if (!is_visible(&panel->curves[k], y)) continue;
        const size_t slot = plot_colour_slot(l->figure, index, k);
        fprintf(l->out, ", $line%zu using 1:2 with lines lw 2", k);
        write_colour(l, slot);
        write_dash(l, slot);
        if (panel->curves[k].n > FEW_POINTS) continue;
        fprintf(l->out, ", $dots%zu using 1:2 with points pt 7 ps 0.8", k);
        write_colour(l, slot);
    }
}

static void set_margins(const struct layout *l, size_t index)
{
    const double below = (double)(l->figure->count - 1 - index);
    const double base = l->bottom + below * (l->panel + l->gap);
    fprintf(l->out,
            "set lmargin at screen %.8g\nset rmargin at screen %.8g\n"
            "set bmargin at screen %.8g\nset tmargin at screen %.8g\n",
            l->left / WIDTH, l->right / WIDTH, base / l->height,
            (base + l->panel) / l->height);
}

static bool write_panel(const struct layout *l, size_t index)
{
    const struct plot_panel *panel = &l->figure->panels[index];
    const struct plot_axis y = plot_axis_y(panel);
    struct plot_ticks ticks;
    plot_axis_ticks(&y, y_ticks_wanted(l->panel), false, &ticks);

    for (size_t k = 0; k < panel->count; k++) {
        const struct plot_curve *c = &panel->curves[k];
        if (has_band(c, &y)) write_band(l, c, &y, k);
        if (is_visible(c, &y) && !write_data(l, c, &y, k)) return false;
    }
    set_margins(l, index);
    fprintf(l->out, "%s logscale y\nset yrange [%.17g:%.17g] noextend\n",
            y.log ? "set" : "unset", y.low, y.high);
    write_ticks(l->out, 'y', &y, &ticks, true);
    write_ticks(l->out, 'x', &l->x, &l->x_ticks, index + 1 == l->figure->count);

    /* A curve of nothing keeps the axes of an empty panel. */
    fputs("plot NaN notitle", l->out);
    plot_bands(l, index, &y);
    plot_curves(l, index, &y);
    fputc('\n', l->out);
    return true;
}

/* The data of a row as $row, its value between the ends of its interval, and as
 * $points. Rows lie at -1, -2, ... from the top. */
static void write_row(const struct layout *l, const struct plot_row *r,
                      size_t index)
{
    const bool interval = isfinite(r->low) && isfinite(r->high);
    const double at = -(double)index - 1.0;
    fprintf(l->out, "$row%zu << END\n%.12g %g %.12g %.12g\nEND\n", index,
            r->value, at, interval ? r->low : r->value,
            interval ? r->high : r->value);
    fprintf(l->out, "$points%zu << END\n", index);
    for (size_t i = 0; i < r->n; i++)
        if (!isnan(plot_axis_place(&l->x, r->points[i])))
            fprintf(l->out, "%.12g %g\n", r->points[i], at);
    fputs("END\n", l->out);
}

static bool has_points(const struct layout *l, const struct plot_row *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (!isnan(plot_axis_place(&l->x, r->points[i]))) return true;
    return false;
}

static void plot_row(const struct layout *l, size_t panel, size_t index)
{
    const struct plot_row *r = &l->figure->panels[panel].rows[index];
    if (isnan(plot_axis_place(&l->x, r->value))) return;
    const size_t slot = plot_colour_slot(l->figure, panel, index);
    if (has_points(l, r)) {
        fprintf(l->out, ", $points%zu using 1:2 with points pt 6 ps 0.7",
                index);
        write_colour(l, slot);
    }
    fprintf(l->out, ", $row%zu using 1:2:3:4 with xerrorbars pt 7 ps 1.1 lw 2",
            index);
    write_colour(l, slot);
}

static void write_rows(const struct layout *l, size_t index)
{
    const struct plot_panel *panel = &l->figure->panels[index];
    for (size_t k = 0; k < panel->row_count; k++)
        if (!isnan(plot_axis_place(&l->x, panel->rows[k].value)))
            write_row(l, &panel->rows[k], k);
    set_margins(l, index);
    fprintf(l->out, "unset logscale y\nset yrange [%g:-0.3] noextend\n",
            -(double)panel->row_count - 0.7);
    fputs("set ytics (", l->out);
    for (size_t k = 0; k < panel->row_count; k++) {
        if (k) fputs(", ", l->out);
        write_string(l->out, panel->rows[k].name, ROW_LETTERS);
        fprintf(l->out, " %g", -(double)k - 1.0);
    }
    fputs(")\n", l->out);
    write_ticks(l->out, 'x', &l->x, &l->x_ticks, index + 1 == l->figure->count);
    fputs("plot NaN notitle", l->out);
    for (size_t k = 0; k < panel->row_count; k++)
        plot_row(l, index, k);
    fputc('\n', l->out);
}

enum plot_status plot_script(const struct plot_figure *f,
                             enum plot_format format, FILE *out)
{
    struct layout l = {
        .figure = f,
        .out = out,
        .columns = kinds[format].columns,
        .text_scale = kinds[format].text_scale,
        .x = plot_axis_x(f),
    };
    plot_axis_ticks(&l.x, 8, plot_x_is_whole(f), &l.x_ticks);
    place(&l);
    write_header(&l, format);
    write_texts(&l);
    write_legend(&l);
    fputs("set multiplot\n", out);
    for (size_t p = 0; p < f->count; p++) {
        if (f->panels[p].row_count)
            write_rows(&l, p);
        else if (!write_panel(&l, p))
            return PLOT_E_MEMORY;
        fputs("unset label\nunset arrow\n", out);
    }
    fputs("unset multiplot\n", out);
    return ferror(out) ? PLOT_E_WRITE : PLOT_OK;
}
