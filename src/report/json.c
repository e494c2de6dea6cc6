/* The report for programs. Members that are not known are null, numbers read
 * back to the same double. */
#include <math.h>
#include <string.h>

#include <taper.h>

#include "report/report.h"
#include "study/facts.h"

/* Each add_* hands over nothing on failure, which is want of memory; *ok then
 * turns false, and the caller deletes all of it at the end. */
static void add(cJSON *o, const char *key, cJSON *item, bool *ok)
{
    if (o && item && cJSON_AddItemToObject(o, key, item)) return;
    cJSON_Delete(item);
    *ok = false;
}

static cJSON *number(double v)
{
    char text[TAPER_NUMBER_SIZE];
    if (!isfinite(v)) return cJSON_CreateNull();
    (void)taper_format_number(v, text);
    return cJSON_CreateRaw(text);
}

static cJSON *text_or_null(const char *s)
{
    return s ? cJSON_CreateString(s) : cJSON_CreateNull();
}

/* 0 stands for none of a budget or a peak. */
static cJSON *positive(double v)
{
    return v > 0.0 ? number(v) : cJSON_CreateNull();
}

static cJSON *count(size_t n)
{
    return cJSON_CreateNumber((double)n);
}

/* Appends a number; NULL, with the array released, if memory runs out, as for
 * an array that is NULL already. */
static cJSON *append(cJSON *array, double v)
{
    cJSON *const item = number(v);
    if (array && item && cJSON_AddItemToArray(array, item)) return array;
    cJSON_Delete(item);
    cJSON_Delete(array);
    return NULL;
}

/* [lo, hi], or null. */
static cJSON *interval(struct study_interval i)
{
    if (!isfinite(i.low) || !isfinite(i.high)) return cJSON_CreateNull();
    return append(append(cJSON_CreateArray(), i.low), i.high);
}

static cJSON *numbers(const double *v, size_t n)
{
    cJSON *a = cJSON_CreateArray();
    for (size_t k = 0; k < n; k++)
        a = append(a, v[k]);
    return a;
}

static cJSON *seeds(const int64_t *v, size_t n)
{
    cJSON *a = cJSON_CreateArray();
    for (size_t k = 0; k < n; k++)
        a = append(a, (double)v[k]);
    return a;
}

static void add_counts(cJSON *o, const struct study_counts *c, bool *ok)
{
    add(o, "trials", count(c->trials), ok);
    add(o, "done", count(c->done), ok);
    add(o, "diverged", count(c->diverged), ok);
    add(o, "failed", count(c->failed), ok);
    add(o, "halved", count(c->halved), ok);
    add(o, "waiting", count(c->waiting), ok);
}

/* Appends an object to an array, made by the caller member by member. */
static cJSON *append_object(cJSON *array, bool *ok)
{
    cJSON *const o = cJSON_CreateObject();
    if (array && o && cJSON_AddItemToArray(array, o)) return o;
    cJSON_Delete(o);
    *ok = false;
    return NULL;
}

static cJSON *peaks(const struct study_row *row)
{
    bool ok = true;
    cJSON *const a = cJSON_CreateArray();
    for (size_t k = 0; k < row->peak_count && ok; k++) {
        const struct study_tried *const p = &row->peaks[k];
        cJSON *const o = append_object(a, &ok);
        add(o, "peak", number(p->peak), &ok);
        add_counts(o, &p->counts, &ok);
        add(o, "mean", number(p->moments.mean), &ok);
        add(o, "std", number(p->moments.std), &ok);
        add(o, "ci95", interval(p->ci95), &ok);
        add(o, "best", cJSON_CreateBool(p->best), &ok);
    }
    if (ok) return a;
    cJSON_Delete(a);
    return NULL;
}

static const char *edge_name(enum study_edge edge)
{
    static const char *const names[] = {[STUDY_EDGE_NONE] = NULL,
                                        [STUDY_EDGE_LOWEST] = "lowest",
                                        [STUDY_EDGE_HIGHEST] = "highest"};
    return names[edge];
}

static double chosen_peak(const struct study_row *row)
{
    for (size_t k = 0; k < row->peak_count; k++)
        if (row->peaks[k].best) return row->peaks[k].peak;
    return 0.0;
}

static void add_schedule(cJSON *array, const struct study_table *t,
                         const struct study_row *row, bool *ok)
{
    cJSON *const o = append_object(array, ok);
    add(o, "name", text_or_null(row->name), ok);
    add(o, "schedule", text_or_null(row->schedule ? row->schedule : row->spec),
        ok);
    add(o, "spec", text_or_null(row->spec), ok);
    add(o, "budget", positive(t->budget), ok);
    add(o, "peak", positive(row->peak), ok);
    add(o, "rank", row->rank ? count(row->rank) : cJSON_CreateNull(), ok);
    add_counts(o, &row->counts, ok);
    add(o, "mean", number(row->moments.mean), ok);
    add(o, "std", number(row->moments.std), ok);
    add(o, "ci95", interval(row->ci95), ok);
    add(o, "bootstrap95", interval(row->boot95), ok);
    add(o, "probability_best", number(row->probability_best), ok);
    add(o, "told_from_best", cJSON_CreateBool(row->told_from_best), ok);
    add(o, "best_peak", positive(chosen_peak(row)), ok);
    add(o, "peak_edge", text_or_null(edge_name(row->edge)), ok);
    add(o, "peaks", peaks(row), ok);
    add(o, "seeds", seeds(row->seeds, row->counts.done), ok);
    add(o, "values", numbers(row->values, row->counts.done), ok);
    add(o, "seconds", number(row->seconds), ok);
}

static void add_pair(cJSON *array, const struct study_table *t,
                     const struct study_pair *p, bool *ok)
{
    cJSON *const o = append_object(array, ok);
    add(o, "a", text_or_null(t->rows[p->a].name), ok);
    add(o, "b", text_or_null(t->rows[p->b].name), ok);
    add(o, "budget", positive(t->budget), ok);
    add(o, "seeds", count(p->n), ok);
    add(o, "unpaired", count(p->lost), ok);
    add(o, "wins", count(p->wins), ok);
    add(o, "ties", count(p->ties), ok);
    add(o, "losses", count(p->losses), ok);
    add(o, "difference", number(p->paired.difference.mean), ok);
    add(o, "std", number(p->paired.difference.std), ok);
    add(o, "ci95", interval(p->paired.interval), ok);
    add(o, "p", number(p->paired.p), ok);
    add(o, "p_permutation", number(p->paired.p_flip), ok);
    add(o, "p_holm", number(p->p_holm), ok);
    add(o, "apart", cJSON_CreateBool(p->apart), ok);
    add(o, "weakened", cJSON_CreateBool(p->weakened), ok);
    add(o, "sought", number(p->sought), ok);
    add(o, "needed_seeds", number(p->needed), ok);
    add(o, "detectable", number(p->detectable), ok);
}

static const char *tone_name(enum study_tone tone)
{
    static const char *const names[] = {[STUDY_FINDING] = "finding",
                                        [STUDY_PLAN] = "plan",
                                        [STUDY_CAUTION] = "caution"};
    return names[tone];
}

static void add_sentences(cJSON *array, const struct report *r, bool *ok)
{
    for (size_t k = 0; k < r->words.count; k++) {
        const struct study_sentence *const s = &r->words.sentences[k];
        const bool placed = s->table < r->analysis.table_count;
        cJSON *const o = append_object(array, ok);
        add(o, "tone", text_or_null(tone_name(s->tone)), ok);
        add(o, "budget",
            positive(placed ? r->analysis.tables[s->table].budget : 0.0), ok);
        add(o, "text", text_or_null(s->text), ok);
    }
}

static void add_study(cJSON *o, const struct report *r, bool *ok)
{
    const struct study_question *const q = &r->analysis.question;
    add(o, "file", text_or_null(r->path), ok);
    add(o, "metric", text_or_null(q->metric), ok);
    add(o, "direction",
        cJSON_CreateString(q->maximize ? "maximize" : "minimize"), ok);
    add(o, "unit", text_or_null(q->budget_unit), ok);
    add(o, "trials", count(r->trials.count), ok);
    cJSON *const facts = cJSON_CreateObject();
    for (size_t k = 0; k < r->fact_count; k++)
        add(facts, r->facts[k].key, text_or_null(r->facts[k].value), ok);
    add(o, "facts", facts, ok);
}

cJSON *report_json(const struct report *r)
{
    bool ok = true;
    cJSON *const root = cJSON_CreateObject();
    cJSON *const study = cJSON_CreateObject();
    cJSON *const schedules = cJSON_CreateArray();
    cJSON *const pairs = cJSON_CreateArray();
    cJSON *const sentences = cJSON_CreateArray();
    add_study(study, r, &ok);
    for (size_t k = 0; k < r->analysis.table_count; k++) {
        const struct study_table *const t = &r->analysis.tables[k];
        for (size_t i = 0; i < t->row_count; i++)
            add_schedule(schedules, t, &t->rows[i], &ok);
        for (size_t i = 0; i < t->pair_count; i++)
            add_pair(pairs, t, &t->pairs[i], &ok);
    }
    add_sentences(sentences, r, &ok);
    add(root, "study", study, &ok);
    add(root, "schedules", schedules, &ok);
    add(root, "pairs", pairs, &ok);
    add(root, "sentences", sentences, &ok);
    if (ok) return root;
    cJSON_Delete(root);
    return NULL;
}
