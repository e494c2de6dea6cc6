/* Curves of trials: see series.h. */
#include "report/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

enum {
    SAME_MOST = 120, /* points that are shown as they are */
    BINS = 100       /* into which longer logs of seeds are brought */
};

/* Points of one trial with both coordinates known, x ascending. */
struct points {
    double *x, *y;
    size_t n;
};

static void free_points(struct points *p)
{
    free(p->x);
    free(p->y);
    *p = (struct points){NULL, NULL, 0};
}

void report_series_free(struct report_series *s)
{
    free(s->x);
    free(s->mean);
    free(s->low);
    free(s->high);
    *s = (struct report_series){.n = 0};
}

static bool allocate(struct report_series *s, size_t n)
{
    s->x = calloc(n + 1, sizeof *s->x);
    s->mean = calloc(n + 1, sizeof *s->mean);
    s->low = calloc(n + 1, sizeof *s->low);
    s->high = calloc(n + 1, sizeof *s->high);
    if (s->x && s->mean && s->low && s->high) return true;
    report_series_free(s);
    return false;
}

static double number_of(const cJSON *item)
{
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

/* False if memory runs out; a trial without the column has no points. */
static bool read_points(const struct study_trial *t, const char *key,
                        struct points *out)
{
    *out = (struct points){NULL, NULL, 0};
    cJSON *const root = t->curve ? cJSON_Parse(t->curve) : NULL;
    const cJSON *const column = cJSON_GetObjectItemCaseSensitive(root, key);
    if (!cJSON_IsArray(column)) {
        cJSON_Delete(root);
        return true;
    }
    const size_t n = (size_t)cJSON_GetArraySize(column);
    const cJSON *const steps = cJSON_GetObjectItemCaseSensitive(root, "step");
    const cJSON *step = cJSON_IsArray(steps) ? steps->child : NULL;
    out->x = calloc(n + 1, sizeof *out->x);
    out->y = calloc(n + 1, sizeof *out->y);
    const bool ok = out->x && out->y;
    size_t row = 0;
    for (const cJSON *y = column->child; ok && y; y = y->next, row++) {
        const double x = steps ? number_of(step) : (double)row;
        if (step) step = step->next;
        const bool forward = !out->n || x > out->x[out->n - 1];
        if (!isfinite(x) || !isfinite(number_of(y)) || !forward) continue;
        out->x[out->n] = x;
        out->y[out->n++] = number_of(y);
    }
    cJSON_Delete(root);
    if (!ok) free_points(out);
    return ok;
}

/* Whether the trial is one that a row of a table is made of. */
static bool belongs(const struct study_trial *t,
                    const struct study_table *table,
                    const struct study_row *row, enum study_state state)
{
    const char *const name = t->name ? t->name : t->spec;
    return t->role == STUDY_SCORE && t->state == state && name &&
           strcmp(name, row->name) == 0 && t->budget == table->budget &&
           t->peak == row->peak;
}

/* The points of all trials in that state that have any: [*count], owned. */
static bool collect(const struct report *r, const struct study_table *table,
                    const struct study_row *row, enum study_state state,
                    const char *key, struct points **out, size_t *count)
{
    *count = 0;
    *out = calloc(r->trials.count + 1, sizeof **out);
    bool ok = *out != NULL;
    for (size_t k = 0; ok && k < r->trials.count; k++) {
        const struct study_trial *const t = &r->trials.items[k];
        if (!belongs(t, table, row, state)) continue;
        struct points *const p = &(*out)[*count];
        ok = read_points(t, key, p);
        if (ok && p->n)
            ++*count;
        else
            free_points(p);
    }
    if (ok) return true;
    for (size_t k = 0; k < *count; k++)
        free_points(&(*out)[k]);
    free(*out);
    *out = NULL;
    return false;
}

static bool same_steps(const struct points *p, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        if (p[k].n > SAME_MOST || p[k].n != p[0].n) return false;
        if (memcmp(p[k].x, p[0].x, p[0].n * sizeof *p[0].x) != 0) return false;
    }
    return true;
}

/* What one seed says between `from` and `to`: the mean of its points there; if
 * there is none the line through its neighbours at the middle; NaN beyond its
 * ends. *at is where it was left, for the next call. */
static double value_between(const struct points *p, double from, double to,
                            size_t *at)
{
    while (*at < p->n && p->x[*at] < from)
        ++*at;
    double sum = 0.0;
    size_t count = 0;
    for (size_t k = *at; k < p->n && p->x[k] < to; k++, count++)
        sum += p->y[k];
    if (count) return sum / (double)count;
    if (*at == 0 || *at == p->n) return NAN;
    const double x0 = p->x[*at - 1], x1 = p->x[*at];
    const double u = ((from + to) / 2 - x0) / (x1 - x0);
    return p->y[*at - 1] + u * (p->y[*at] - p->y[*at - 1]);
}

/* Adds up what the seeds say at point k; false if none says anything. */
static bool sum_up(struct report_series *s, size_t k, const double *values,
                   size_t count)
{
    size_t known = 0;
    double sum = 0.0, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i])) continue;
        sum += values[i];
        low = fmin(low, values[i]);
        high = fmax(high, values[i]);
        known++;
    }
    if (!known) return false;
    s->mean[k] = sum / (double)known;
    s->low[k] = low;
    s->high[k] = high;
    return true;
}

static bool merge_same(const struct points *p, size_t count, double *values,
                       struct report_series *out)
{
    if (!allocate(out, p[0].n)) return false;
    for (size_t k = 0; k < p[0].n; k++) {
        for (size_t i = 0; i < count; i++)
            values[i] = p[i].y[k];
        out->x[k] = p[0].x[k];
        (void)sum_up(out, k, values, count);
    }
    out->n = p[0].n;
    return true;
}

static bool merge_bins(const struct points *p, size_t count, double *values,
                       struct report_series *out)
{
    size_t *const at = calloc(count, sizeof *at);
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        low = fmin(low, p[i].x[0]);
        high = fmax(high, p[i].x[p[i].n - 1]);
    }
    const double width = (high - low) / BINS;
    const bool ok = at && allocate(out, BINS);
    for (size_t k = 0; ok && k < BINS; k++) {
        const double from = low + width * (double)k;
        /* The last point lies on the edge of the last bin, and within it. */
        const double to = k + 1 < BINS ? from + width : INFINITY;
        for (size_t i = 0; i < count; i++)
            values[i] = value_between(&p[i], from, to, &at[i]);
        const double middle = k ? from + width / 2 : low;
        out->x[out->n] = k + 1 < BINS ? middle : high;
        if (sum_up(out, out->n, values, count)) out->n++;
    }
    free(at);
    return ok;
}

static bool merge(struct points *p, size_t count, struct report_series *out)
{
    double *const values = calloc(count + 1, sizeof *values);
    bool ok = values != NULL;
    if (ok && count)
        ok = same_steps(p, count) ? merge_same(p, count, values, out)
                                  : merge_bins(p, count, values, out);
    out->seeds = count;
    free(values);
    for (size_t k = 0; k < count; k++)
        free_points(&p[k]);
    free(p);
    return ok;
}

bool report_gather(const struct report *r, const struct study_table *t,
                   const struct study_row *row, const char *key,
                   struct report_series *out)
{
    struct points *p = NULL;
    size_t count = 0;
    *out = (struct report_series){.n = 0};
    if (!collect(r, t, row, STUDY_DONE, key, &p, &count)) return false;
    if (!count) {
        free(p);
        if (!collect(r, t, row, STUDY_DIVERGED, key, &p, &count)) return false;
    }
    return merge(p, count, out);
}

bool report_first(const struct report *r, const struct study_table *t,
                  const struct study_row *row, const char *key,
                  struct report_series *out)
{
    *out = (struct report_series){.n = 0};
    for (size_t k = 0; k < r->trials.count; k++) {
        const struct study_trial *const trial = &r->trials.items[k];
        if (!belongs(trial, t, row, STUDY_DONE) &&
            !belongs(trial, t, row, STUDY_DIVERGED))
            continue;
        struct points p;
        if (!read_points(trial, key, &p)) return false;
        const bool found = p.n > 0;
        const bool ok = !found || allocate(out, p.n);
        for (size_t i = 0; ok && i < p.n; i++) {
            out->x[i] = p.x[i];
            out->mean[i] = out->low[i] = out->high[i] = p.y[i];
        }
        out->n = ok ? p.n : 0;
        out->seeds = 1;
        free_points(&p);
        if (found || !ok) return ok;
    }
    return true;
}

/* Columns that say where a trial is, and not how well it does. */
static bool is_place(const char *name)
{
    static const char *const places[] = {"step", "epoch", "lr", "env_steps",
                                         "episodes"};
    for (size_t k = 0; k < sizeof places / sizeof places[0]; k++)
        if (strcmp(name, places[k]) == 0) return true;
    return false;
}

/* How much a column tells: the loss first, then the metric, then the returns
 * that an agent saw in training, then anything else. */
enum { ANYTHING = 1, RETURNS, METRIC, LOSS };
static int worth(const struct report *r, const char *name)
{
    const char *const metric = r->analysis.question.metric;
    if (is_place(name)) return 0;
    if (strcmp(name, "loss") == 0) return LOSS;
    if (metric && strcmp(name, metric) == 0) return METRIC;
    return strcmp(name, "episode_return") == 0 ? RETURNS : ANYTHING;
}

/* Two points with a number make a line. */
static bool has_line(const cJSON *column)
{
    size_t known = 0;
    for (const cJSON *v = column->child; v && known < 2; v = v->next)
        known += isfinite(number_of(v)) ? 1 : 0;
    return known == 2;
}

static const cJSON *best_column(const struct report *r, const cJSON *root,
                                int below)
{
    const cJSON *best = NULL;
    for (const cJSON *c = root ? root->child : NULL; c; c = c->next) {
        const int w = c->string ? worth(r, c->string) : 0;
        if (w == 0 || w >= below || !cJSON_IsArray(c) || !has_line(c)) continue;
        if (!best || w > worth(r, best->string)) best = c;
    }
    return best;
}

size_t report_measures(const struct report *r, char **out, size_t most)
{
    size_t count = 0;
    for (size_t k = 0; k < r->trials.count && !count; k++) {
        const struct study_trial *const t = &r->trials.items[k];
        cJSON *const root = t->curve ? cJSON_Parse(t->curve) : NULL;
        for (int below = LOSS + 1; count < most;) {
            const cJSON *const c = best_column(r, root, below);
            if (!c || (count > 1 && worth(r, c->string) == ANYTHING)) break;
            below = worth(r, c->string);
            out[count] = strdup(c->string);
            if (!out[count]) break;
            count++;
        }
        cJSON_Delete(root);
    }
    return count;
}
