/* Panels of figures from tables of an analysis: see figures.h. */
#include "report/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <taper.h>

#include "report/format.h"
#include "report/series.h"

enum {
    LABEL_BYTES = 2 * REPORT_WORDS,
    MEASURES = 3,      /* panels of REPORT_CURVES for each table */
    RATE_SAMPLES = 256 /* of a schedule that no trial logged */
};

/* A loss that falls by more than this is drawn on a logarithmic axis. */
#define LOG_RATIO 50.0

const char *report_kind_name(enum report_kind kind)
{
    static const char *const names[REPORT_KINDS] = {
        [REPORT_INTERVALS] = "intervals",
        [REPORT_RATES] = "rates",
        [REPORT_CURVES] = "curves",
        [REPORT_PEAKS] = "peaks",
    };
    return names[kind];
}

const char *report_kind_missing(enum report_kind kind)
{
    static const char *const why[REPORT_KINDS] = {
        [REPORT_INTERVALS] = "this study has no trial that is done yet",
        [REPORT_RATES] = "no trial of this study logged its learning rate: "
                         "print JSON lines with \"step\" and \"lr\"",
        [REPORT_CURVES] = "no trial of this study logged a curve: print JSON "
                          "lines with \"step\" and \"loss\"",
        [REPORT_PEAKS] = "this study tuned no peaks: 'taper compare --peak "
                         "1e-4,3e-4,1e-3' does",
    };
    return why[kind];
}

void report_figure_free(struct report_figure *f)
{
    for (size_t k = 0; k < f->kept_count; k++)
        free(f->kept[k]);
    free(f->kept);
    free(f->panels);
    *f = (struct report_figure){.kept = NULL};
}

/* Hands a block over to the figure; frees it and returns NULL if memory runs
 * out. NULL passes through. */
static void *keep(struct report_figure *f, void *block)
{
    if (!block) return NULL;
    void **const grown = realloc(f->kept, (f->kept_count + 1) * sizeof *grown);
    if (!grown) {
        free(block);
        return NULL;
    }
    f->kept = grown;
    f->kept[f->kept_count++] = block;
    return block;
}

/* "30000 steps" of "30000 environment steps": panels are not tall. */
static void shorten(char *budget)
{
    char *const blank = strchr(budget, ' ');
    const char *const last = strrchr(budget, ' ');
    if (blank && last != blank) memmove(blank, last, strlen(last) + 1);
}

/* "loss, 10 epochs": the budget only where there are several. */
static char *label(const struct report *r, struct report_figure *f,
                   const char *what, const struct study_table *t, bool several)
{
    char budget[REPORT_WORDS] = "";
    if (several) report_budget_words(r, t->budget, budget);
    shorten(budget);
    char *const text = keep(f, calloc(1, LABEL_BYTES));
    if (!text) return NULL;
    (void)snprintf(text, LABEL_BYTES, "%s%s%s", what,
                   what[0] && budget[0] ? ", " : "", budget);
    return text;
}

/* A column's key in words with its unit: "test accuracy (%)". */
static void key_words(const char *key, struct study_unit unit,
                      char out[REPORT_WORDS])
{
    char words[REPORT_WORDS];
    (void)study_key_words(key, words, sizeof words);
    (void)snprintf(out, REPORT_WORDS, unit.value[0] ? "%.60s (%.20s)" : "%.60s",
                   words, unit.value + strspn(unit.value, " "));
}

static size_t colour_of(const struct report *r, const struct study_row *row)
{
    return 1 + report_slot(r, row->name);
}

/* --------------------------------------------------------------- intervals */

static bool add_intervals(const struct report *r, const struct study_table *t,
                          bool several, struct report_figure *f)
{
    const double scale = study_metric_unit(&r->analysis).scale;
    struct plot_row *const rows =
        keep(f, calloc(t->row_count + 1, sizeof *rows));
    if (!rows) return false;
    bool any = false;
    for (size_t k = 0; k < t->row_count; k++) {
        const struct study_row *const from = &t->rows[k];
        double *const points =
            keep(f, calloc(from->counts.done + 1, sizeof *points));
        if (!points) return false;
        for (size_t i = 0; i < from->counts.done; i++)
            points[i] = scale * from->values[i];
        rows[k] = (struct plot_row){
            .name = from->name,
            .value = scale * from->moments.mean,
            .low = scale * from->ci95.low,
            .high = scale * from->ci95.high,
            .points = points,
            .n = from->counts.done,
            .colour = colour_of(r, from),
        };
        any = any || isfinite(rows[k].value);
    }
    if (!any) return true;
    char *const text = label(r, f, "", t, several);
    if (!text) return false;
    f->panels[f->figure.count++] =
        (struct plot_panel){.ylabel = text,
                            .rows = rows,
                            .row_count = t->row_count};
    return true;
}

/* ------------------------------------------------------------------- rates */

/* The rate of a schedule that no trial logged, where its steps are known. */
static bool sample(const struct study_table *t, const struct study_row *row,
                   struct report_series *out)
{
    const char *const text = row->schedule;
    taper_schedule *s = NULL;
    taper_error why;
    taper_run run = {.steps = (int64_t)fmin(t->budget, 9e15)};
    if (!text ||
        taper_parse(text, strlen(text), &run, NULL, &s, &why) != TAPER_OK)
        return true;
    const int64_t own = taper_length(s);
    const int64_t steps = run.steps > 0          ? run.steps
                          : own != TAPER_ENDLESS ? own
                                                 : 0;
    const size_t n = steps > RATE_SAMPLES ? RATE_SAMPLES : (size_t)steps;
    out->x = calloc(n + 1, sizeof *out->x);
    out->mean = calloc(n + 1, sizeof *out->mean);
    const bool ok = out->x && out->mean;
    for (size_t k = 0; ok && k < n; k++) {
        const double share = n > 1 ? (double)k / (double)(n - 1) : 0.0;
        const int64_t step = llround(share * (double)(steps - 1));
        out->x[k] = (double)step;
        out->mean[k] = taper_at(s, step);
    }
    out->n = ok ? n : 0;
    taper_free(s, NULL);
    if (!ok) report_series_free(out);
    return ok;
}

/* Hands the arrays of a series over to the figure as a curve. */
static bool keep_series(struct report_figure *f, struct report_series *s,
                        double scale, bool band, struct plot_curve *c)
{
    for (size_t k = 0; k < s->n; k++) {
        s->mean[k] *= scale;
        if (s->low) s->low[k] *= scale;
        if (s->high) s->high[k] *= scale;
    }
    c->n = s->n;
    c->x = keep(f, s->x);
    c->y = keep(f, s->mean);
    double *const low = keep(f, s->low), *const high = keep(f, s->high);
    if (band && s->seeds > 1) {
        c->low = low;
        c->high = high;
    }
    *s = (struct report_series){.n = 0};
    return c->x && c->y;
}

static bool is_steps(const struct report *r)
{
    const char *const unit = r->analysis.question.budget_unit;
    return unit && strcmp(unit, "steps") == 0;
}

static bool add_rates(const struct report *r, const struct study_table *t,
                      bool several, struct report_figure *f)
{
    struct plot_curve *const curves =
        keep(f, calloc(t->row_count + 1, sizeof *curves));
    if (!curves) return false;
    size_t count = 0;
    for (size_t k = 0; k < t->row_count; k++) {
        struct report_series s;
        if (!report_first(r, t, &t->rows[k], "lr", &s)) return false;
        if (!s.n && is_steps(r) && !sample(t, &t->rows[k], &s)) return false;
        if (!s.n) {
            report_series_free(&s);
            continue;
        }
        struct plot_curve *const c = &curves[count++];
        *c = (struct plot_curve){.name = t->rows[k].name,
                                 .upright_jumps = true,
                                 .colour = colour_of(r, &t->rows[k])};
        if (!keep_series(f, &s, 1.0, false, c)) return false;
    }
    if (!count) return true;
    char *const text = label(r, f, "learning rate", t, several);
    if (!text) return false;
    f->panels[f->figure.count++] =
        (struct plot_panel){.ylabel = text, .curves = curves, .count = count};
    return true;
}

/* ------------------------------------------------------------------ curves */

/* Whether a loss spans so much that a linear axis would hide its end. */
static bool is_steep(const struct plot_curve *curves, size_t count)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < curves[k].n; i++) {
            low = fmin(low, curves[k].y[i]);
            high = fmax(high, curves[k].y[i]);
        }
    return low > 0.0 && high / low > LOG_RATIO;
}

/* The unit of a column: from the series of all rows. */
static struct study_unit unit_of(const char *key, const struct report_series *s,
                                 size_t count)
{
    double most = 0.0;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < s[k].n; i++)
            most = fmax(most, fmax(fabs(s[k].low[i]), fabs(s[k].high[i])));
    return study_unit(key, most);
}

/* Hands the series of all rows that have any over, and releases them;
 * returns how many, or -1 if memory runs out. */
static int keep_all(const struct report *r, const struct study_table *t,
                    struct report_series *series, double scale,
                    struct report_figure *f, struct plot_curve *curves)
{
    int count = 0;
    for (size_t k = 0; k < t->row_count; k++) {
        if (!series[k].n || count < 0) {
            report_series_free(&series[k]);
            continue;
        }
        struct plot_curve *const c = &curves[count++];
        *c = (struct plot_curve){.name = t->rows[k].name,
                                 .colour = colour_of(r, &t->rows[k])};
        if (!keep_series(f, &series[k], scale, true, c)) count = -1;
    }
    return count;
}

static bool add_measure(const struct report *r, const struct study_table *t,
                        const char *key, bool several, struct report_figure *f)
{
    struct plot_curve *const curves =
        keep(f, calloc(t->row_count + 1, sizeof *curves));
    struct report_series *const series =
        calloc(t->row_count + 1, sizeof *series);
    bool ok = curves && series;
    for (size_t k = 0; ok && k < t->row_count; k++)
        ok = report_gather(r, t, &t->rows[k], key, &series[k]);
    struct study_unit unit = {1.0, "", ""};
    if (ok) unit = unit_of(key, series, t->row_count);
    const int kept =
        curves && series ? keep_all(r, t, series, unit.scale, f, curves) : -1;
    free(series);
    if (!ok || kept < 0) return false;
    if (!kept) return true;
    const size_t count = (size_t)kept;
    char words[REPORT_WORDS];
    key_words(key, unit, words);
    char *const text = label(r, f, words, t, several);
    if (!text) return false;
    f->panels[f->figure.count++] = (struct plot_panel){
        .ylabel = text,
        .curves = curves,
        .count = count,
        .log_y = strstr(key, "loss") && is_steep(curves, count),
    };
    return true;
}

static bool add_curves(const struct report *r, const struct study_table *t,
                       bool several, struct report_figure *f)
{
    char *keys[MEASURES] = {NULL};
    const size_t count = report_measures(r, keys, MEASURES);
    bool ok = true;
    for (size_t k = 0; k < count; k++) {
        ok = ok && add_measure(r, t, keys[k], several, f);
        free(keys[k]);
    }
    return ok;
}

/* ------------------------------------------------------------------- peaks */

static bool make_peaks(const struct study_row *row, double scale,
                       struct report_figure *f, struct plot_curve *c)
{
    const size_t n = row->peak_count;
    double *const block = keep(f, calloc(4 * n + 1, sizeof *block));
    if (!block) return false;
    double *const x = block, *const y = x + n, *const low = y + n,
                  *const high = low + n;
    for (size_t k = 0; k < n; k++) {
        const struct study_tried *const p = &row->peaks[k];
        x[k] = p->peak;
        y[k] = scale * p->moments.mean;
        low[k] = scale * (p->moments.mean - p->moments.std);
        high[k] = scale * (p->moments.mean + p->moments.std);
    }
    c->x = x;
    c->y = y;
    c->low = low;
    c->high = high;
    c->n = n;
    return true;
}

static bool add_peaks(const struct report *r, const struct study_table *t,
                      bool several, struct report_figure *f)
{
    const double scale = study_metric_unit(&r->analysis).scale;
    struct plot_curve *const curves =
        keep(f, calloc(t->row_count + 1, sizeof *curves));
    if (!curves) return false;
    size_t count = 0;
    bool any = false;
    for (size_t k = 0; k < t->row_count; k++) {
        if (!t->rows[k].peak_count) continue;
        struct plot_curve *const c = &curves[count++];
        *c = (struct plot_curve){.name = t->rows[k].name,
                                 .bars = true,
                                 .colour = colour_of(r, &t->rows[k])};
        if (!make_peaks(&t->rows[k], scale, f, c)) return false;
        for (size_t i = 0; i < c->n; i++)
            any = any || isfinite(c->y[i]);
    }
    if (!any) return true;
    char words[REPORT_WORDS];
    key_words(r->analysis.question.metric, study_metric_unit(&r->analysis),
              words);
    char *const text = label(r, f, words, t, several);
    if (!text) return false;
    f->panels[f->figure.count++] =
        (struct plot_panel){.ylabel = text, .curves = curves, .count = count};
    return true;
}

/* ------------------------------------------------------------------ figure */

static const char *xlabel(const struct report *r, enum report_kind kind,
                          struct report_figure *f)
{
    if (kind == REPORT_PEAKS) return "peak learning rate";
    if (kind != REPORT_INTERVALS) return "step";
    char *const text = keep(f, calloc(1, REPORT_WORDS));
    if (text)
        key_words(r->analysis.question.metric, study_metric_unit(&r->analysis),
                  text);
    return text;
}

bool report_draw(const struct report *r, enum report_kind kind, size_t first,
                 size_t count, struct report_figure *out)
{
    static bool (*const add[REPORT_KINDS])(const struct report *,
                                           const struct study_table *, bool,
                                           struct report_figure *) = {
        [REPORT_INTERVALS] = add_intervals,
        [REPORT_RATES] = add_rates,
        [REPORT_CURVES] = add_curves,
        [REPORT_PEAKS] = add_peaks,
    };
    *out = (struct report_figure){.kept = NULL};
    out->panels = calloc(MEASURES * count + 1, sizeof *out->panels);
    bool ok = out->panels != NULL;
    for (size_t k = first; ok && k < first + count; k++)
        ok = add[kind](r, &r->analysis.tables[k], count > 1, out);
    out->figure.panels = out->panels;
    out->figure.log_x = kind == REPORT_PEAKS;
    out->figure.xlabel = ok ? xlabel(r, kind, out) : NULL;
    if (!ok) report_figure_free(out);
    return ok;
}
