/* Numbers in words: see format.h. */
#include "report/format.h"

#include <math.h>
#include <string.h>

#include <taper.h>

#include "study/facts.h"

void report_metric_words(const struct report *r, char out[REPORT_WORDS])
{
    const char *const metric = r->analysis.question.metric;
    (void)study_key_words(metric ? metric : "metric", out, REPORT_WORDS);
}

void report_budget_words(const struct report *r, double budget,
                         char out[REPORT_WORDS])
{
    out[0] = '\0';
    if (!(budget > 0.0)) return;
    char number[REPORT_WORDS];
    report_number(budget, number);
    const char *const unit = report_fact(r, STUDY_FACT_UNIT);
    (void)snprintf(out, REPORT_WORDS, "%.32s %.48s", number,
                   unit && unit[0] ? unit : "steps");
    const size_t n = strlen(out);
    if (budget == 1.0 && out[n - 1] == 's') out[n - 1] = '\0';
}

static double scale_of(const struct report *r)
{
    return study_metric_unit(&r->analysis).scale;
}

/* Two digits of a number: 1 for 0.34 is 2 decimals, for 34 none. */
static int decimals_of(double v)
{
    const int d = 1 - (int)floor(log10(v));
    return d < 0 ? 0 : d > 6 ? 6 : d;
}

int report_decimals(const struct report *r, const struct study_table *t)
{
    double spread = INFINITY, size = 0.0;
    for (size_t k = 0; k < t->row_count; k++) {
        const struct study_moments *m = &t->rows[k].moments;
        if (m->std > 0.0) spread = fmin(spread, m->std);
        if (isfinite(m->mean)) size = fmax(size, fabs(m->mean));
    }
    spread *= scale_of(r);
    size *= scale_of(r);
    if (size > 0.0 && size < 1e-4) return REPORT_EXPONENT;
    /* No more than six digits in all: a spread of rounding is none. */
    if (isfinite(spread) && spread > 0.0)
        return decimals_of(fmax(spread, 1e-5 * size));
    return size > 0.0 ? decimals_of(size / 100.0) : 2;
}

void report_bare(const struct report *r, double v, int decimals, bool sign,
                 char out[REPORT_WORDS])
{
    const double shown = v * scale_of(r);
    if (!isfinite(shown))
        (void)snprintf(out, REPORT_WORDS, "-");
    else if (fabs(shown) >= 1e7)
        (void)snprintf(out, REPORT_WORDS, sign ? "%+.4g" : "%.4g", shown);
    else if (decimals == REPORT_EXPONENT)
        (void)snprintf(out, REPORT_WORDS, sign ? "%+.3g" : "%.3g", shown);
    else
        (void)snprintf(out, REPORT_WORDS, sign ? "%+.*f" : "%.*f", decimals,
                       shown);
}

void report_value(const struct report *r, double v, int decimals,
                  char out[REPORT_WORDS])
{
    char bare[REPORT_WORDS];
    report_bare(r, v, decimals, false, bare);
    (void)snprintf(out, REPORT_WORDS, "%.40s%.40s", bare,
                   isfinite(v) ? study_metric_unit(&r->analysis).value : "");
}

void report_interval(const struct report *r, struct study_interval i,
                     int decimals, char out[REPORT_WORDS])
{
    char low[REPORT_WORDS], high[REPORT_WORDS];
    report_bare(r, i.low, decimals, false, low);
    report_bare(r, i.high, decimals, false, high);
    if (isfinite(i.low) && isfinite(i.high))
        (void)snprintf(out, REPORT_WORDS, "%.40s to %.40s", low, high);
    else
        (void)snprintf(out, REPORT_WORDS, "-");
}

void report_share(double p, char out[REPORT_WORDS])
{
    if (isnan(p))
        (void)snprintf(out, REPORT_WORDS, "-");
    else if (p < 0.01)
        (void)snprintf(out, REPORT_WORDS, "< 1 %%");
    else if (p > 0.99)
        (void)snprintf(out, REPORT_WORDS, "> 99 %%");
    else
        (void)snprintf(out, REPORT_WORDS, "%.0f %%", 100.0 * p);
}

void report_p(double p, char out[REPORT_WORDS])
{
    if (isnan(p))
        (void)snprintf(out, REPORT_WORDS, "-");
    else if (p < 0.001)
        (void)snprintf(out, REPORT_WORDS, "< 0.001");
    else
        (void)snprintf(out, REPORT_WORDS, p < 0.1 ? "%.3f" : "%.2f", p);
}

void report_number(double v, char out[REPORT_WORDS])
{
    char text[TAPER_NUMBER_SIZE] = "-";
    if (isfinite(v)) (void)taper_format_number(v, text);
    (void)snprintf(out, REPORT_WORDS, "%s", text);
}

/* Whether a schedule is among the rows of tables after `after`. */
static bool came_before(const struct report *r, size_t after, const char *name)
{
    for (size_t t = after + 1; t < r->analysis.table_count; t++)
        for (size_t k = 0; k < r->analysis.tables[t].row_count; k++)
            if (strcmp(r->analysis.tables[t].rows[k].name, name) == 0)
                return true;
    return false;
}

size_t report_slot(const struct report *r, const char *name)
{
    size_t slot = 0;
    for (size_t t = r->analysis.table_count; t-- > 0;)
        for (size_t k = 0; k < r->analysis.tables[t].row_count; k++) {
            const char *const here = r->analysis.tables[t].rows[k].name;
            if (strcmp(here, name) == 0) return slot;
            if (!came_before(r, t, here)) slot++;
        }
    return slot;
}
