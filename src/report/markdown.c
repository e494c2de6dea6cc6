/* The report for a pull request. What people wrote (names, specs, commands)
 * appears as code or escaped, so that nothing in it is Markdown. */
#include <stdlib.h>
#include <string.h>

#include <taper.h>

#include "plot/glyph.h"
#include "report/format.h"
#include "report/grid.h"
#include "report/provenance.h"

/* Text in which nothing is markup, on one line and valid as UTF-8. */
static void write_plain(const char *text, FILE *out)
{
    for (size_t left = strlen(text); left;) {
        const struct plot_glyph g = plot_glyph_first(text, left, false);
        if (!g.text[1] && strchr("\\`*_{}[]<>#|~&!$", g.text[0]))
            fputc('\\', out);
        fputs(g.text, out);
        text += g.bytes;
        left -= g.bytes;
    }
}

/* The longest run of backticks in a text: code is fenced by one more. */
static size_t longest_ticks(const char *text)
{
    size_t longest = 0;
    while (*text) {
        const size_t run = strspn(text, "`");
        if (run > longest) longest = run;
        text += run ? run : 1;
    }
    return longest;
}

static void write_ticks(size_t n, FILE *out)
{
    while (n--)
        fputc('`', out);
}

/* Code within a line of a table, where a bar would end the cell. */
static void write_code(const char *text, FILE *out)
{
    const size_t ticks = longest_ticks(text) + 1;
    write_ticks(ticks, out);
    if (ticks > 1) fputc(' ', out);
    for (size_t left = strlen(text); left;) {
        const struct plot_glyph g = plot_glyph_first(text, left, false);
        if (strcmp(g.text, "|") == 0) fputc('\\', out);
        fputs(g.text, out);
        text += g.bytes;
        left -= g.bytes;
    }
    if (ticks > 1) fputc(' ', out);
    write_ticks(ticks, out);
}

/* A block of code that keeps its lines. */
static void write_block(const char *language, const char *text, FILE *out)
{
    const size_t ticks = longest_ticks(text) + 1;
    write_ticks(ticks < 3 ? 3 : ticks, out);
    fprintf(out, "%s\n", language);
    for (size_t left = strlen(text); left;) {
        const struct plot_glyph g = plot_glyph_first(text, left, false);
        fputs(text[0] == '\n' ? "\n" : g.text, out);
        text += g.bytes;
        left -= g.bytes;
    }
    fputc('\n', out);
    write_ticks(ticks < 3 ? 3 : ticks, out);
    fputs("\n\n", out);
}

static void write_grid(const struct report_grid *g, FILE *out)
{
    fputc('|', out);
    for (size_t k = 0; k < g->column_count; k++)
        fprintf(out, " %s |", g->columns[k].title);
    fputs("\n|", out);
    for (size_t k = 0; k < g->column_count; k++)
        fputs(g->columns[k].right ? "---:|" : "---|", out);
    fputc('\n', out);
    for (size_t i = 0; i < g->row_count; i++) {
        fputc('|', out);
        for (size_t k = 0; k < g->column_count; k++) {
            fputc(' ', out);
            write_plain(report_cell(g, i, k), out);
            fputs(" |", out);
        }
        fputc('\n', out);
    }
    fputc('\n', out);
}

static void write_sentences(const struct report *r, size_t table, FILE *out)
{
    bool any = false;
    for (size_t k = 0; k < r->words.count; k++) {
        const struct study_sentence *const s = &r->words.sentences[k];
        if (s->table != table) continue;
        fputs(s->tone == STUDY_CAUTION ? "- **Careful:** " : "- ", out);
        write_plain(s->text, out);
        fputc('\n', out);
        any = true;
    }
    if (any) fputc('\n', out);
}

/* What ran under which name. */
static void write_schedules(const struct study_table *t, FILE *out)
{
    fputs("| schedule | what ran |\n|---|---|\n", out);
    for (size_t k = 0; k < t->row_count; k++) {
        const struct study_row *const row = &t->rows[k];
        const char *const text = row->schedule ? row->schedule : row->spec;
        fputs("| ", out);
        write_plain(row->name, out);
        fputs(" | ", out);
        write_code(text ? text : "", out);
        fputs(" |\n", out);
    }
    fputc('\n', out);
}

static bool write_table(const struct report *r, size_t index, FILE *out)
{
    const struct study_table *const t = &r->analysis.tables[index];
    char budget[REPORT_WORDS];
    report_budget_words(r, t->budget, budget);
    if (r->analysis.table_count > 1 && budget[0]) {
        fputs("## At ", out);
        write_plain(budget, out);
        fputs("\n\n", out);
    }
    write_sentences(r, index, out);
    struct report_grid g;
    if (!report_ranking(r, t, &g)) return false;
    write_grid(&g, out);
    report_grid_free(&g);

    if (t->pair_count) {
        if (!report_pairs(r, t, &g)) return false;
        fputs("<details><summary>Every two schedules, paired by seed"
              "</summary>\n\n",
              out);
        write_grid(&g, out);
        report_grid_free(&g);
        fputs("</details>\n\n", out);
    }
    fputs("<details><summary>What ran</summary>\n\n", out);
    write_schedules(t, out);
    fputs("</details>\n\n", out);
    return true;
}

static void write_trials(size_t n, FILE *out)
{
    fprintf(out, "%zu trial%s", n, n == 1 ? "" : "s");
}

static bool write_repeat(const struct report *r, FILE *out)
{
    char *const command = report_command(r);
    struct report_machine *machines = NULL;
    size_t count = 0;
    const bool ok = command && report_machines(r, &machines, &count);
    if (ok) {
        fputs("## To repeat it\n\n", out);
        write_block("sh", command, out);
        char time[32];
        report_duration(report_seconds(r), time);
        write_trials(r->trials.count, out);
        fprintf(out, ", %s of computing. Written by taper %s", time,
                taper_version());
        fputs(count ? "; the trials ran on:\n\n" : ".\n", out);
        for (size_t k = 0; k < count; k++) {
            fputs("- ", out);
            write_plain(machines[k].words, out);
            if (count > 1) {
                fputs(" (", out);
                write_trials(machines[k].trials, out);
                fputc(')', out);
            }
            fputc('\n', out);
        }
    }
    free(machines);
    free(command);
    return ok;
}

bool report_markdown(const struct report *r, FILE *out)
{
    char metric[REPORT_WORDS];
    report_metric_words(r, metric);
    fputs("# Schedules compared by ", out);
    write_plain(metric, out);
    fputs("\n\n", out);
    const char *const better =
        r->analysis.question.maximize ? "higher" : "lower";
    fprintf(out,
            "%c%s is better; intervals are for the mean of a schedule, at "
            "95 %%.\n\n",
            better[0] - 'a' + 'A', better + 1);
    if (!r->analysis.table_count)
        fputs("This study has no trials yet.\n\n", out);
    for (size_t k = 0; k < r->analysis.table_count; k++)
        if (!write_table(r, k, out)) return false;
    return write_repeat(r, out);
}
