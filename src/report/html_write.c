/* Escaping, tables and figures of the page: see html_write.h. */
#include "report/html_write.h"

#include <math.h>
#include <string.h>

#include <taper.h>

#include "plot/glyph.h"

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void report_html_text(FILE *out, const char *text)
{
    for (size_t left = strlen(text); left;) {
        const struct plot_glyph g = plot_glyph_first(text, left, false);
        const bool space = text[0] == '\n' || text[0] == '\t';
        const char *const escape = g.text[1] ? NULL : entity(g.text[0]);
        if (space)
            fputc(text[0], out);
        else
            fputs(escape ? escape : g.text, out);
        text += g.bytes;
        left -= g.bytes;
    }
}

/* Letters that could end the script element, or a string of JavaScript, are
 * escapes of JSON. A glyph has no control bytes. */
void report_html_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (size_t left = strlen(text); left;) {
        const struct plot_glyph g = plot_glyph_first(text, left, false);
        for (const char *c = g.text; *c; c++)
            if (strchr("\"\\<>&'/", *c))
                fprintf(out, "\\u%04x", (unsigned)(unsigned char)*c);
            else
                fputc(*c, out);
        text += g.bytes;
        left -= g.bytes;
    }
    fputc('"', out);
}

/* Seven digits are more than a screen shows. */
static void json_number(FILE *out, double v)
{
    if (isfinite(v))
        fprintf(out, "%.7g", v);
    else
        fputs("null", out);
}

static void json_numbers(FILE *out, const char *key, const double *v, size_t n)
{
    fprintf(out, ",\"%s\":[", key);
    for (size_t k = 0; k < n; k++) {
        if (k) fputc(',', out);
        json_number(out, v[k]);
    }
    fputc(']', out);
}

static void json_curve(FILE *out, const struct plot_curve *c, size_t slot)
{
    fputs("{\"name\":", out);
    report_html_string(out, c->name ? c->name : "");
    fprintf(out, ",\"slot\":%zu,\"bars\":%s", slot, c->bars ? "true" : "false");
    json_numbers(out, "x", c->x, c->n);
    json_numbers(out, "y", c->y, c->n);
    if (c->low && c->high) {
        json_numbers(out, "low", c->low, c->n);
        json_numbers(out, "high", c->high, c->n);
    }
    fputc('}', out);
}

static void json_row(FILE *out, const struct plot_row *r, size_t slot)
{
    fputs("{\"name\":", out);
    report_html_string(out, r->name ? r->name : "");
    fprintf(out, ",\"slot\":%zu,\"value\":", slot);
    json_number(out, r->value);
    fputs(",\"low\":", out);
    json_number(out, r->low);
    fputs(",\"high\":", out);
    json_number(out, r->high);
    json_numbers(out, "points", r->points, r->n);
    fputc('}', out);
}

static void json_panel(FILE *out, const struct plot_figure *f, size_t index)
{
    const struct plot_panel *const p = &f->panels[index];
    fputs("{\"y\":", out);
    report_html_string(out, p->ylabel ? p->ylabel : "");
    fprintf(out, ",\"logY\":%s,\"%s\":[", p->log_y ? "true" : "false",
            p->row_count ? "rows" : "curves");
    for (size_t k = 0; k < p->count; k++) {
        if (k) fputc(',', out);
        json_curve(out, &p->curves[k], plot_colour_slot(f, index, k));
    }
    for (size_t k = 0; k < p->row_count; k++) {
        if (k) fputc(',', out);
        json_row(out, &p->rows[k], plot_colour_slot(f, index, k));
    }
    fputs("]}", out);
}

void report_html_figure(FILE *out, const struct plot_figure *f)
{
    fputs("{\"x\":", out);
    report_html_string(out, f->xlabel ? f->xlabel : "");
    fprintf(out, ",\"logX\":%s,\"panels\":[", f->log_x ? "true" : "false");
    for (size_t k = 0; k < f->count; k++) {
        if (k) fputc(',', out);
        json_panel(out, f, k);
    }
    fputs("]}", out);
}

static void name_cell(FILE *out, const struct report_grid *g, size_t row,
                      size_t column, const struct report_html_table *how)
{
    fputs("<td class=\"name\">", out);
    if (how->slots)
        fprintf(out, "<span class=\"swatch s%zu%s\"></span>",
                how->slots[row] % PLOT_COLOURS,
                how->slots[row] < PLOT_COLOURS ? "" : " again");
    report_html_text(out, report_cell(g, row, column));
    if (how->details && how->details[row]) {
        fputs("<code>", out);
        report_html_text(out, how->details[row]);
        fputs("</code>", out);
    }
    fputs("</td>", out);
}

static void plain_cell(FILE *out, const struct report_grid *g, size_t row,
                       size_t column)
{
    fprintf(out, "<td%s data-label=\"",
            g->columns[column].right ? " class=\"n\"" : "");
    report_html_text(out, g->columns[column].title);
    fputs("\">", out);
    report_html_text(out, report_cell(g, row, column));
    fputs("</td>", out);
}

void report_html_table(FILE *out, const struct report_grid *g,
                       const struct report_html_table *how)
{
    fputs("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"",
          out);
    report_html_text(out, how->label);
    fprintf(out, "\"><table class=\"data%s\">\n<thead><tr>",
            how->cards ? " cards" : "");
    for (size_t k = 0; k < g->column_count; k++) {
        fprintf(out, "<th scope=\"col\"%s>",
                g->columns[k].right ? " class=\"n\"" : "");
        report_html_text(out, g->columns[k].title);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < g->row_count; i++) {
        fputs("<tr>", out);
        for (size_t k = 0; k < g->column_count; k++)
            if (k == how->name)
                name_cell(out, g, i, k, how);
            else
                plain_cell(out, g, i, k);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}
