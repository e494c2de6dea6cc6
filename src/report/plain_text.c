/* The report in the terminal: the ranking as a table, then the sentences. */
#include <stdlib.h>
#include <string.h>

#include "plot/glyph.h"
#include "report/format.h"
#include "report/grid.h"

enum {
    LEAST_COLUMNS = 60,
    LEAST_NAME = 16, /* a name is not shortened below this */
    CELL_BYTES = 1024
};

static size_t width_of(const char *text)
{
    char shown[CELL_BYTES];
    return plot_glyph_fit(text, CELL_BYTES / 8, false, shown, sizeof shown);
}

/* Columns that a narrow terminal does without, the first one first: sentences
 * tell of failures, and the interval of the spread. */
static const char *const spare[] = {"std",      "failed",    "given up",
                                    "diverged", "best peak", "P(best)"};

/* How wide the columns are; 0 for one that is left out. */
static size_t natural_widths(const struct report_grid *g,
                             size_t widths[REPORT_COLUMNS])
{
    size_t total = 0;
    for (size_t k = 0; k < g->column_count; k++) {
        widths[k] = strlen(g->columns[k].title);
        for (size_t i = 0; i < g->row_count; i++) {
            const size_t w = width_of(report_cell(g, i, k));
            if (w > widths[k]) widths[k] = w;
        }
        total += widths[k] + (k ? 2 : 0);
    }
    return total;
}

/* Leaves out what is spare until the rest fits beside a short name, and then
 * shortens names to fit. */
static void find_widths(const struct report_grid *g, size_t columns,
                        size_t widths[REPORT_COLUMNS])
{
    size_t total = natural_widths(g, widths);
    if (!g->column_count) return;
    size_t *const name = &widths[g->widest];
    const size_t least = *name < LEAST_NAME ? *name : LEAST_NAME;
    for (size_t s = 0; s < sizeof spare / sizeof spare[0]; s++)
        for (size_t k = 0; k < g->column_count; k++) {
            if (total - *name + least <= columns) break;
            if (!widths[k] || strcmp(g->columns[k].title, spare[s]) != 0)
                continue;
            total -= widths[k] + 2;
            widths[k] = 0;
        }
    const size_t rest = total - *name;
    if (total > columns)
        *name = rest + least < columns ? columns - rest : least;
}

/* One line of a table, row 0 being the headings. Spaces are written when
 * something follows them. */
static void write_line(const struct report_grid *g, size_t row,
                       const size_t widths[REPORT_COLUMNS], FILE *out)
{
    size_t spaces = 0;
    for (size_t k = 0; k < g->column_count; k++) {
        if (!widths[k]) continue;
        const char *const text =
            row ? report_cell(g, row - 1, k) : g->columns[k].title;
        char shown[CELL_BYTES];
        const size_t w =
            plot_glyph_fit(text, widths[k], false, shown, sizeof shown);
        const size_t pad = widths[k] - w;
        spaces += g->columns[k].right ? pad : 0;
        if (w) {
            fprintf(out, "%*s%s", (int)spaces, "", shown);
            spaces = 0;
        }
        spaces += (g->columns[k].right ? 0 : pad) + 2;
    }
    fputc('\n', out);
}

static void write_grid(const struct report_grid *g, size_t columns, FILE *out)
{
    size_t widths[REPORT_COLUMNS];
    find_widths(g, columns, widths);
    for (size_t i = 0; i <= g->row_count; i++)
        write_line(g, i, widths, out);
}

/* A sentence as an item of a list, broken at spaces. */
static void write_wrapped(const char *text, size_t columns, FILE *out)
{
    size_t at = 1;
    fputc('-', out);
    while (*text) {
        const size_t bytes = strcspn(text, " ");
        char word[CELL_BYTES];
        (void)snprintf(word, sizeof word, "%.*s", (int)bytes, text);
        const size_t width = width_of(word);
        if (at > 2 && at + 1 + width > columns) {
            fputs("\n ", out);
            at = 1;
        }
        fprintf(out, " %.*s", (int)bytes, text);
        at += 1 + width;
        text += bytes;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void write_heading(const struct report *r, const struct study_table *t,
                          FILE *out)
{
    char metric[REPORT_WORDS], budget[REPORT_WORDS];
    report_metric_words(r, metric);
    report_budget_words(r, t->budget, budget);
    char shown[CELL_BYTES];
    (void)plot_glyph_fit(metric, sizeof shown / 8, false, shown, sizeof shown);
    fprintf(out, "%s, %s is better", shown,
            r->analysis.question.maximize ? "higher" : "lower");
    (void)plot_glyph_fit(budget, sizeof shown / 8, false, shown, sizeof shown);
    fprintf(out, "%s%s\n\n", shown[0] ? "; " : "", shown);
}

static bool write_table(const struct report *r, size_t index, size_t columns,
                        FILE *out)
{
    const struct study_table *const t = &r->analysis.tables[index];
    struct report_grid g;
    if (!report_ranking(r, t, &g)) return false;
    write_heading(r, t, out);
    write_grid(&g, columns, out);
    report_grid_free(&g);
    bool any = false;
    for (size_t k = 0; k < r->words.count; k++) {
        if (r->words.sentences[k].table != index) continue;
        if (!any) fputc('\n', out);
        any = true;
        write_wrapped(r->words.sentences[k].text, columns, out);
    }
    return true;
}

bool report_text(const struct report *r, size_t columns, FILE *out)
{
    if (columns < LEAST_COLUMNS) columns = LEAST_COLUMNS;
    if (!r->analysis.table_count) fputs("This study has no trials yet.\n", out);
    for (size_t k = 0; k < r->analysis.table_count; k++) {
        if (k) fputc('\n', out);
        if (!write_table(r, k, columns, out)) return false;
    }
    return true;
}
