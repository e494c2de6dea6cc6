/* The report as one HTML page: the answer first, then the evidence, then how to
 * repeat it. It loads nothing, and its policy forbids that it ever does. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <taper.h>

#include "report/figures.h"
#include "report/format.h"
#include "report/grid.h"
#include "report/html_write.h"
#include "report/page.h"
#include "report/provenance.h"
#include "study/facts.h"

bool report_has_charts(void)
{
    return report_uplot_js[0] != '\0';
}

static void put_bytes(FILE *out, const unsigned char *bytes)
{
    fputs((const char *)bytes, out);
}

/* ------------------------------------------------------------------- head */

static void title(const struct report *r, FILE *out)
{
    const char *const task = report_fact(r, STUDY_FACT_TASK);
    char metric[REPORT_WORDS];
    report_metric_words(r, metric);
    if (metric[0] >= 'a' && metric[0] <= 'z')
        metric[0] = (char)(metric[0] - 'a' + 'A');
    report_html_text(out, metric);
    fputs(" by schedule", out);
    if (!task || strcmp(task, "exec") == 0) return;
    fputs(": ", out);
    report_html_text(out, task);
}

static void head(const struct report *r, FILE *out)
{
    fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n"
          "<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, "
          "initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
          "'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
          "img-src data:\">\n"
          "<link rel=\"icon\" href=\"data:,\">\n<title>",
          out);
    title(r, out);
    fputs("</title>\n<style>\n", out);
    put_bytes(out, report_uplot_css);
    fputc('\n', out);
    put_bytes(out, report_page_css);
    fputs("</style>\n</head>\n<body>\n<header>\n<h1>", out);
    title(r, out);
    fputs("</h1>\n", out);
}

/* "42 trials (2 diverged, 1 failed), 3.2 h of computing." */
static void summary(const struct report *r, FILE *out)
{
    static const enum study_state said[] = {STUDY_DIVERGED, STUDY_FAILED,
                                            STUDY_HALVED, STUDY_WAITING,
                                            STUDY_RUNNING};
    fprintf(out, "<p class=\"meta\">%s is better. %zu trial%s",
            r->analysis.question.maximize ? "Higher" : "Lower", r->trials.count,
            r->trials.count == 1 ? "" : "s");
    bool any = false;
    for (size_t k = 0; k < sizeof said / sizeof said[0]; k++) {
        size_t n = 0;
        for (size_t i = 0; i < r->trials.count; i++)
            n += r->trials.items[i].state == said[k];
        if (!n) continue;
        fprintf(out, "%s%zu %s", any ? ", " : " (", n,
                said[k] == STUDY_HALVED ? "given up early"
                                        : study_state_name(said[k]));
        any = true;
    }
    char time[32];
    report_duration(report_seconds(r), time);
    fprintf(out, "%s, %s of computing.</p>\n</header>\n<main>\n",
            any ? ")" : "", time);
}

/* ---------------------------------------------------------------- figures */

/* What a figure shows, in words for everybody. */
static const char *caption(enum report_kind kind)
{
    static const char *const captions[REPORT_KINDS] = {
        [REPORT_INTERVALS] = "Disc: mean. Bar: 95 % interval of the mean "
                             "(Student's t). Circles: one for each seed.",
        [REPORT_RATES] = "The learning rate that each schedule gave.",
        [REPORT_CURVES] = "Line: mean of the seeds. Band: from the lowest to "
                          "the highest of them.",
        [REPORT_PEAKS] = "Means of the trials that chose the peak, with one "
                         "standard deviation. Their seeds do not count in the "
                         "ranking.",
    };
    return captions[kind];
}

static const char *heading(enum report_kind kind)
{
    static const char *const headings[REPORT_KINDS] = {
        [REPORT_INTERVALS] = "Means and their intervals",
        [REPORT_RATES] = "Learning rates",
        [REPORT_CURVES] = "Along the way",
        [REPORT_PEAKS] = "Result by peak learning rate",
    };
    return headings[kind];
}

static bool figure(const struct report *r, enum report_kind kind, size_t table,
                   FILE *out)
{
    struct report_figure f;
    if (!report_draw(r, kind, table, 1, &f)) return false;
    if (f.figure.count) {
        fprintf(out,
                "<h3>%s</h3>\n<figure data-group=\"%zu\" data-alt=\"Chart: "
                "%s. The tables of this page have the numbers.\">\n"
                "<script type=\"application/json\">",
                heading(kind), table, heading(kind));
        report_html_figure(out, &f.figure);
        fprintf(out, "</script>\n<figcaption>%s</figcaption>\n</figure>\n",
                caption(kind));
    }
    report_figure_free(&f);
    return true;
}

/* ----------------------------------------------------------------- tables */

static void sentences(const struct report *r, size_t table, FILE *out)
{
    static const char *const classes[] = {[STUDY_FINDING] = "finding",
                                          [STUDY_PLAN] = "plan",
                                          [STUDY_CAUTION] = "caution"};
    bool any = false;
    for (size_t k = 0; k < r->words.count; k++) {
        const struct study_sentence *const s = &r->words.sentences[k];
        if (s->table != table) continue;
        if (!any) fputs("<ul class=\"sentences\">\n", out);
        any = true;
        fprintf(out, "<li class=\"%s\">%s", classes[s->tone],
                s->tone == STUDY_CAUTION ? "<b>Careful:</b> " : "");
        report_html_text(out, s->text);
        fputs("</li>\n", out);
    }
    if (any) fputs("</ul>\n", out);
}

static bool ranking(const struct report *r, const struct study_table *t,
                    FILE *out)
{
    struct report_grid g = {.cells = NULL};
    const char **details = calloc(t->row_count + 1, sizeof *details);
    size_t *slots = calloc(t->row_count + 1, sizeof *slots);
    const bool ok = details && slots && report_ranking(r, t, &g);
    for (size_t k = 0; ok && k < t->row_count; k++) {
        const struct study_row *const row = &t->rows[k];
        const bool said = row->spec && strcmp(row->spec, row->name) != 0;
        details[k] = said ? row->spec : NULL;
        slots[k] = report_slot(r, row->name);
    }
    if (ok)
        report_html_table(out, &g,
                          &(struct report_html_table){.label = "Ranking",
                                                      .details = details,
                                                      .slots = slots,
                                                      .name = 1,
                                                      .cards = true});
    report_grid_free(&g);
    free(slots);
    free(details);
    return ok;
}

/* A grid behind a summary that opens it. */
static void folded(const struct report_grid *g, const char *label, FILE *out)
{
    fprintf(out, "<details><summary>%s</summary>\n", label);
    report_html_table(out, g,
                      &(struct report_html_table){.label = label,
                                                  .name = REPORT_COLUMNS});
    fputs("</details>\n", out);
}

static bool pairs(const struct report *r, const struct study_table *t,
                  FILE *out)
{
    struct report_grid g;
    if (!t->pair_count) return true;
    if (!report_pairs(r, t, &g)) return false;
    folded(&g, "Every two schedules, paired by seed", out);
    report_grid_free(&g);
    return true;
}

static bool peaks(const struct report *r, const struct study_table *t,
                  FILE *out)
{
    struct report_grid g;
    if (!report_peaks(r, t, &g)) return false;
    if (g.row_count) folded(&g, "Every peak that was tried", out);
    report_grid_free(&g);
    return true;
}

static bool section(const struct report *r, size_t index, FILE *out)
{
    const struct study_table *const t = &r->analysis.tables[index];
    char budget[REPORT_WORDS];
    report_budget_words(r, t->budget, budget);
    fputs("<section>\n<h2>Result", out);
    if (budget[0]) {
        fputs(" at ", out);
        report_html_text(out, budget);
    }
    fputs("</h2>\n", out);
    sentences(r, index, out);
    const bool ok = ranking(r, t, out) &&
                    figure(r, REPORT_INTERVALS, index, out) &&
                    pairs(r, t, out) && figure(r, REPORT_RATES, index, out) &&
                    figure(r, REPORT_CURVES, index, out) &&
                    figure(r, REPORT_PEAKS, index, out) && peaks(r, t, out);
    fputs("</section>\n", out);
    return ok;
}

/* ----------------------------------------------------------------- repeat */

static void machines(const struct report_machine *list, size_t count, FILE *out)
{
    for (size_t k = 0; k < count; k++) {
        fputs("<dt>machine</dt><dd>", out);
        report_html_text(out, list[k].words);
        if (count > 1)
            fprintf(out, " (%zu trial%s)", list[k].trials,
                    list[k].trials == 1 ? "" : "s");
        fputs("</dd>\n", out);
    }
}

static void facts(const struct report *r, FILE *out)
{
    for (size_t k = 0; k < r->fact_count; k++) {
        if (strcmp(r->facts[k].key, STUDY_FACT_ASKED) == 0) continue;
        if (!r->facts[k].value[0]) continue;
        fputs("<dt>", out);
        report_html_text(out, r->facts[k].key);
        fputs("</dt><dd>", out);
        report_html_text(out, r->facts[k].value);
        fputs("</dd>\n", out);
    }
    fputs("<dt>study</dt><dd>", out);
    report_html_text(out, r->path);
    fputs("</dd>\n", out);
}

/* What ran under each name, with the peak in it. */
static void what_ran(const struct report *r, FILE *out)
{
    if (!r->analysis.table_count) return;
    fputs("<h3>What ran</h3>\n<dl class=\"facts\">\n", out);
    for (size_t t = 0; t < r->analysis.table_count; t++)
        for (size_t k = 0; k < r->analysis.tables[t].row_count; k++) {
            const struct study_table *const table = &r->analysis.tables[t];
            const struct study_row *const row = &table->rows[k];
            char budget[REPORT_WORDS];
            report_budget_words(r, table->budget, budget);
            fputs("<dt>", out);
            report_html_text(out, row->name);
            if (r->analysis.table_count > 1) {
                fputs(", ", out);
                report_html_text(out, budget);
            }
            fputs("</dt><dd><code>", out);
            report_html_text(out, row->schedule ? row->schedule : row->spec);
            fputs("</code></dd>\n", out);
        }
    fputs("</dl>\n", out);
}

/* Failures are rare and their reasons matter: the first few in full. */
static void failures(const struct report *r, FILE *out)
{
    enum { MOST = 20 };
    size_t shown = 0;
    for (size_t k = 0; k < r->trials.count && shown < MOST; k++) {
        const struct study_trial *const t = &r->trials.items[k];
        if (t->state != STUDY_FAILED) continue;
        shown++;
        fprintf(out,
                "<details><summary>Why trial %lld failed: ", (long long)t->id);
        report_html_text(out, t->name ? t->name : "");
        fprintf(out, ", seed %lld</summary>\n<pre>", (long long)t->seed);
        report_html_text(out, t->error ? t->error : "it said nothing");
        fputs("</pre></details>\n", out);
    }
}

static bool repeat(const struct report *r, FILE *out)
{
    char *const command = report_command(r);
    struct report_machine *list = NULL;
    size_t count = 0;
    struct report_grid g = {.cells = NULL};
    const bool ok =
        command && report_machines(r, &list, &count) && report_trials(r, &g);
    if (ok) {
        fputs("<section>\n<h2>To repeat it</h2>\n<pre>", out);
        report_html_text(out, command);
        fputs("</pre>\n<dl class=\"facts\">\n", out);
        facts(r, out);
        machines(list, count, out);
        fputs("</dl>\n", out);
        what_ran(r, out);
        if (g.row_count) folded(&g, "Every trial", out);
        failures(r, out);
        fputs("</section>\n", out);
    }
    report_grid_free(&g);
    free(list);
    free(command);
    return ok;
}

static void foot(FILE *out)
{
    fprintf(out,
            "</main>\n<noscript><p>The charts need JavaScript; the tables have "
            "their numbers.</p></noscript>\n<footer>\n<p>Written by taper %s. "
            "Charts by uPlot.</p>\n<details><summary>Licence of "
            "uPlot</summary><pre>",
            taper_version());
    report_html_text(out, (const char *)report_uplot_licence);
    fputs("</pre></details>\n</footer>\n<script>\n"
          /* A print, and a screen that is zoomed in on, want finer charts than
           * the screen has dots. */
          "Object.defineProperty(window, 'devicePixelRatio', {value: "
          "Math.max(2, window.devicePixelRatio || 1)});\n",
          out);
    put_bytes(out, report_uplot_js);
    fputs("</script>\n<script>\n", out);
    put_bytes(out, report_page_js);
    fputs("</script>\n</body>\n</html>\n", out);
}

bool report_html(const struct report *r, FILE *out)
{
    if (!report_has_charts()) return false;
    head(r, out);
    summary(r, out);
    bool ok = true;
    if (!r->analysis.table_count)
        fputs("<p>This study has no trials yet.</p>\n", out);
    for (size_t k = 0; ok && k < r->analysis.table_count; k++)
        ok = section(r, k, out);
    ok = ok && repeat(r, out);
    foot(out);
    return ok;
}
