/* The tables of a report: see grid.h. A kind of table is a list of columns, of
 * which those that would be empty are left out. */
#include "report/grid.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a cell is made from; each kind of table sets what it needs. */
struct source {
    const struct report *report;
    const struct study_table *table;
    const struct study_row *row;
    const struct study_pair *pair;
    const struct study_tried *tried;
    const struct study_trial *trial;
    int decimals;
};

/* Writes a cell. Text that somebody wrote, of any length, is returned instead;
 * else the buffer is. */
typedef const char *cell_fn(const struct source *s, char out[REPORT_WORDS]);

struct column {
    const char *title;
    bool right;
    cell_fn *write;
};

const char *report_cell(const struct report_grid *g, size_t row, size_t column)
{
    const char *const text = g->cells[row * g->column_count + column];
    return text ? text : "";
}

void report_grid_free(struct report_grid *g)
{
    for (size_t k = 0; g->cells && k < g->row_count * g->column_count; k++)
        free(g->cells[k]);
    free(g->cells);
    *g = (struct report_grid){.cells = NULL};
}

/* Whether a column says something in any row. */
static bool is_wanted(const struct column *c, const struct source *rows,
                      size_t count)
{
    for (size_t k = 0; k < count; k++) {
        char out[REPORT_WORDS] = "";
        const char *const text = c->write(&rows[k], out);
        if (text[0] && strcmp(text, "-") != 0) return true;
    }
    return false;
}

/* Fills in the cells of the rows; the first `always` columns stay even if they
 * are empty. */
static bool make(const struct column *columns, size_t count, size_t always,
                 const struct source *rows, size_t row_count,
                 struct report_grid *g)
{
    const struct column *chosen[REPORT_COLUMNS];
    *g = (struct report_grid){.row_count = row_count};
    for (size_t k = 0; k < count && g->column_count < REPORT_COLUMNS; k++) {
        if (k >= always && !is_wanted(&columns[k], rows, row_count)) continue;
        chosen[g->column_count] = &columns[k];
        g->columns[g->column_count].title = columns[k].title;
        g->columns[g->column_count++].right = columns[k].right;
    }
    g->cells = calloc(row_count * g->column_count + 1, sizeof *g->cells);
    bool ok = g->cells != NULL;
    for (size_t i = 0; ok && i < row_count; i++)
        for (size_t k = 0; ok && k < g->column_count; k++) {
            char out[REPORT_WORDS] = "";
            char *const cell = strdup(chosen[k]->write(&rows[i], out));
            g->cells[i * g->column_count + k] = cell;
            ok = cell != NULL;
        }
    if (!ok) report_grid_free(g);
    return ok;
}

/* Gives the unit of a value or of a difference to the heading called `title`.
 * The text lies in the grid, which therefore is not copied. */
static void name_unit(struct report_grid *g, const char *title,
                      const char *unit)
{
    if (!unit[0]) return;
    for (size_t k = 0; k < g->column_count; k++)
        if (strcmp(g->columns[k].title, title) == 0) {
            (void)snprintf(g->unit_title, sizeof g->unit_title, "%s,%s", title,
                           unit);
            g->columns[k].title = g->unit_title;
        }
}

/* ----------------------------------------------------------------- ranking */

static const char *rank(const struct source *s, char out[REPORT_WORDS])
{
    if (s->row->rank)
        (void)snprintf(out, REPORT_WORDS, "%zu", s->row->rank);
    else
        (void)snprintf(out, REPORT_WORDS, "-");
    return out;
}

static const char *row_name(const struct source *s, char out[REPORT_WORDS])
{
    (void)out;
    return s->row->name;
}

static const char *row_seeds(const struct source *s, char out[REPORT_WORDS])
{
    const struct study_counts *const c = &s->row->counts;
    if (c->done == c->trials)
        (void)snprintf(out, REPORT_WORDS, "%zu", c->done);
    else
        (void)snprintf(out, REPORT_WORDS, "%zu of %zu", c->done, c->trials);
    return out;
}

static const char *row_mean(const struct source *s, char out[REPORT_WORDS])
{
    report_bare(s->report, s->row->moments.mean, s->decimals, false, out);
    return out;
}

static const char *row_interval(const struct source *s, char out[REPORT_WORDS])
{
    report_interval(s->report, s->row->ci95, s->decimals, out);
    return out;
}

static const char *row_std(const struct source *s, char out[REPORT_WORDS])
{
    report_bare(s->report, s->row->moments.std, s->decimals, false, out);
    return out;
}

/* A best peak at the end of what was tried carries an arrow. */
static const char *row_peak(const struct source *s, char out[REPORT_WORDS])
{
    static const char *const arrows[] = {[STUDY_EDGE_NONE] = "",
                                         [STUDY_EDGE_LOWEST] = " (lowest)",
                                         [STUDY_EDGE_HIGHEST] = " (highest)"};
    char number[REPORT_WORDS];
    report_number(s->row->peak > 0.0 ? s->row->peak : NAN, number);
    (void)snprintf(out, REPORT_WORDS, "%.60s%s", number, arrows[s->row->edge]);
    return out;
}

static const char *row_best(const struct source *s, char out[REPORT_WORDS])
{
    report_share(s->row->probability_best, out);
    return out;
}

static const char *some(size_t n, char out[REPORT_WORDS])
{
    if (n) (void)snprintf(out, REPORT_WORDS, "%zu", n);
    return out;
}

static const char *row_diverged(const struct source *s, char out[REPORT_WORDS])
{
    return some(s->row->counts.diverged, out);
}

static const char *row_failed(const struct source *s, char out[REPORT_WORDS])
{
    return some(s->row->counts.failed, out);
}

static const char *row_halved(const struct source *s, char out[REPORT_WORDS])
{
    return some(s->row->counts.halved, out);
}

bool report_ranking(const struct report *r, const struct study_table *t,
                    struct report_grid *out)
{
    static const struct column columns[] = {
        {"rank", true, rank},
        {"schedule", false, row_name},
        {"seeds", true, row_seeds},
        {"mean", true, row_mean},
        {"95 % interval", true, row_interval},
        {"std", true, row_std},
        {"best peak", true, row_peak},
        {"P(best)", true, row_best},
        {"diverged", true, row_diverged},
        {"failed", true, row_failed},
        {"given up", true, row_halved},
    };
    const int decimals = report_decimals(r, t);
    struct source *rows = calloc(t->row_count + 1, sizeof *rows);
    if (!rows) return false;
    for (size_t k = 0; k < t->row_count; k++)
        rows[k] = (struct source){.report = r,
                                  .table = t,
                                  .row = &t->rows[k],
                                  .decimals = decimals};
    const bool ok = make(columns, sizeof columns / sizeof columns[0], 4, rows,
                         t->row_count, out);
    free(rows);
    out->widest = 1;
    if (ok) name_unit(out, "mean", study_metric_unit(&r->analysis).value);
    return ok;
}

/* ------------------------------------------------------------------- pairs */

static const char *pair_a(const struct source *s, char out[REPORT_WORDS])
{
    (void)out;
    return s->table->rows[s->pair->a].name;
}

static const char *pair_b(const struct source *s, char out[REPORT_WORDS])
{
    (void)out;
    return s->table->rows[s->pair->b].name;
}

static const char *pair_seeds(const struct source *s, char out[REPORT_WORDS])
{
    (void)snprintf(out, REPORT_WORDS, "%zu", s->pair->n);
    return out;
}

static const char *pair_difference(const struct source *s,
                                   char out[REPORT_WORDS])
{
    report_bare(s->report, s->pair->paired.difference.mean, s->decimals, true,
                out);
    return out;
}

static const char *pair_interval(const struct source *s, char out[REPORT_WORDS])
{
    const struct study_interval i = s->pair->paired.interval;
    char low[REPORT_WORDS], high[REPORT_WORDS];
    report_bare(s->report, i.low, s->decimals, true, low);
    report_bare(s->report, i.high, s->decimals, true, high);
    if (isfinite(i.low) && isfinite(i.high))
        (void)snprintf(out, REPORT_WORDS, "%.40s to %.40s", low, high);
    return out;
}

static const char *pair_p(const struct source *s, char out[REPORT_WORDS])
{
    report_p(s->pair->p_holm, out);
    return out;
}

static const char *pair_verdict(const struct source *s, char out[REPORT_WORDS])
{
    (void)out;
    if (s->pair->n < 2) return "too few seeds";
    return s->pair->apart ? "told apart" : "cannot be told apart";
}

static const char *pair_needed(const struct source *s, char out[REPORT_WORDS])
{
    if (isnan(s->pair->needed))
        (void)snprintf(out, REPORT_WORDS, "-");
    else if (isinf(s->pair->needed))
        (void)snprintf(out, REPORT_WORDS, "> %d", STUDY_SEEDS_MOST);
    else
        (void)snprintf(out, REPORT_WORDS, "%.0f", s->pair->needed);
    return out;
}

/* One digit more than means have: differences are small. */
bool report_pairs(const struct report *r, const struct study_table *t,
                  struct report_grid *out)
{
    static const struct column columns[] = {
        {"a", false, pair_a},
        {"b", false, pair_b},
        {"seeds", true, pair_seeds},
        {"a - b", true, pair_difference},
        {"95 % interval", true, pair_interval},
        {"p (Holm)", true, pair_p},
        {"verdict", false, pair_verdict},
        {"seeds needed", true, pair_needed},
    };
    const int decimals = report_decimals(r, t);
    struct source *rows = calloc(t->pair_count + 1, sizeof *rows);
    if (!rows) return false;
    for (size_t k = 0; k < t->pair_count; k++)
        rows[k] = (struct source){.report = r,
                                  .table = t,
                                  .pair = &t->pairs[k],
                                  .decimals = decimals};
    const bool ok = make(columns, sizeof columns / sizeof columns[0], 4, rows,
                         t->pair_count, out);
    free(rows);
    if (ok) name_unit(out, "a - b", study_metric_unit(&r->analysis).difference);
    return ok;
}

/* ------------------------------------------------------------------- peaks */

static const char *tried_peak(const struct source *s, char out[REPORT_WORDS])
{
    report_number(s->tried->peak, out);
    return out;
}

static const char *tried_seeds(const struct source *s, char out[REPORT_WORDS])
{
    (void)snprintf(out, REPORT_WORDS, "%zu", s->tried->counts.done);
    return out;
}

static const char *tried_mean(const struct source *s, char out[REPORT_WORDS])
{
    report_bare(s->report, s->tried->moments.mean, s->decimals, false, out);
    return out;
}

static const char *tried_std(const struct source *s, char out[REPORT_WORDS])
{
    report_bare(s->report, s->tried->moments.std, s->decimals, false, out);
    return out;
}

static const char *tried_diverged(const struct source *s,
                                  char out[REPORT_WORDS])
{
    return some(s->tried->counts.diverged, out);
}

static const char *tried_failed(const struct source *s, char out[REPORT_WORDS])
{
    return some(s->tried->counts.failed, out);
}

static const char *tried_best(const struct source *s, char out[REPORT_WORDS])
{
    (void)out;
    return s->tried->best ? "best" : "";
}

bool report_peaks(const struct report *r, const struct study_table *t,
                  struct report_grid *out)
{
    static const struct column columns[] = {
        {"schedule", false, row_name},  {"peak", true, tried_peak},
        {"seeds", true, tried_seeds},   {"mean", true, tried_mean},
        {"std", true, tried_std},       {"diverged", true, tried_diverged},
        {"failed", true, tried_failed}, {"chosen", false, tried_best},
    };
    size_t count = 0;
    for (size_t k = 0; k < t->row_count; k++)
        count += t->rows[k].peak_count;
    struct source *rows = calloc(count + 1, sizeof *rows);
    if (!rows) return false;
    const int decimals = report_decimals(r, t);
    size_t at = 0;
    for (size_t k = 0; k < t->row_count; k++)
        for (size_t i = 0; i < t->rows[k].peak_count; i++)
            rows[at++] = (struct source){.report = r,
                                         .table = t,
                                         .row = &t->rows[k],
                                         .tried = &t->rows[k].peaks[i],
                                         .decimals = decimals};
    const bool ok =
        make(columns, sizeof columns / sizeof columns[0], 4, rows, count, out);
    free(rows);
    if (ok) name_unit(out, "mean", study_metric_unit(&r->analysis).value);
    return ok;
}

/* ------------------------------------------------------------------ trials */

static const char *trial_name(const struct source *s, char out[REPORT_WORDS])
{
    (void)out;
    return s->trial->name ? s->trial->name : "";
}

static const char *trial_id(const struct source *s, char out[REPORT_WORDS])
{
    (void)snprintf(out, REPORT_WORDS, "%" PRId64, s->trial->id);
    return out;
}

static const char *trial_role(const struct source *s, char out[REPORT_WORDS])
{
    (void)out;
    return study_role_name(s->trial->role);
}

static const char *trial_peak(const struct source *s, char out[REPORT_WORDS])
{
    report_number(s->trial->peak > 0.0 ? s->trial->peak : NAN, out);
    return out;
}

static const char *trial_budget(const struct source *s, char out[REPORT_WORDS])
{
    report_number(s->trial->budget > 0.0 ? s->trial->budget : NAN, out);
    return out;
}

static const char *trial_seed(const struct source *s, char out[REPORT_WORDS])
{
    (void)snprintf(out, REPORT_WORDS, "%" PRId64, s->trial->seed);
    return out;
}

static const char *trial_state(const struct source *s, char out[REPORT_WORDS])
{
    (void)out;
    return study_state_name(s->trial->state);
}

static const char *trial_metric(const struct source *s, char out[REPORT_WORDS])
{
    const bool done = s->trial->state == STUDY_DONE;
    report_number(done ? s->trial->metric : NAN, out);
    return out;
}

static const char *trial_seconds(const struct source *s, char out[REPORT_WORDS])
{
    if (s->trial->seconds > 0.0)
        (void)snprintf(out, REPORT_WORDS, "%.3g", s->trial->seconds);
    return out;
}

bool report_trials(const struct report *r, struct report_grid *out)
{
    static const struct column columns[] = {
        {"trial", true, trial_id},        {"schedule", false, trial_name},
        {"role", false, trial_role},      {"peak", true, trial_peak},
        {"budget", true, trial_budget},   {"seed", true, trial_seed},
        {"state", false, trial_state},    {"metric", true, trial_metric},
        {"seconds", true, trial_seconds},
    };
    struct source *rows = calloc(r->trials.count + 1, sizeof *rows);
    if (!rows) return false;
    for (size_t k = 0; k < r->trials.count; k++)
        rows[k] = (struct source){.report = r, .trial = &r->trials.items[k]};
    const bool ok = make(columns, sizeof columns / sizeof columns[0], 3, rows,
                         r->trials.count, out);
    free(rows);
    return ok;
}
