/* From trials to tables: see analysis.h. Trials are sorted, so that each
 * table, row and peak is a run of neighbours, and read off in one pass. */
#include "study/analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/analysis_inside.h"
#include "study/design.h"

/* A run of sorted trials. */
struct run {
    const struct study_trial *const *trials; /* [n] */
    size_t n;
};

enum study_state study_outcome(const struct study_trial *t)
{
    return t->state == STUDY_DONE && !study_metric_counts(t->metric)
               ? STUDY_DIVERGED
               : t->state;
}

void study_count(struct study_counts *counts, enum study_state state)
{
    counts->trials++;
    counts->done += state == STUDY_DONE;
    counts->diverged += state == STUDY_DIVERGED;
    counts->failed += state == STUDY_FAILED;
    counts->halved += state == STUDY_HALVED;
    counts->waiting += state == STUDY_WAITING || state == STUDY_RUNNING;
}

size_t study_finished(const struct study_counts *counts)
{
    return counts->done + counts->diverged;
}

static const char *name_of(const struct study_trial *t)
{
    return t->name ? t->name : "";
}

static int order(double a, double b)
{
    return (a > b) - (a < b);
}

/* By budget, name, role, peak and seed: what tells trials apart. */
static int by_identity(const struct study_trial *a, const struct study_trial *b)
{
    int r = order(a->budget, b->budget);
    if (!r) r = strcmp(name_of(a), name_of(b));
    if (!r) r = (a->role > b->role) - (a->role < b->role);
    if (!r) r = order(a->peak, b->peak);
    if (!r) r = (a->seed > b->seed) - (a->seed < b->seed);
    return r;
}

/* By identity; of the same trial twice the one that counts comes first. */
static int by_place(const void *left, const void *right)
{
    const struct study_trial *a = *(const struct study_trial *const *)left;
    const struct study_trial *b = *(const struct study_trial *const *)right;
    int r = by_identity(a, b);
    if (!r) r = (b->state == STUDY_DONE) - (a->state == STUDY_DONE);
    if (!r) r = (a->id < b->id) - (a->id > b->id);
    return r;
}

static bool same_budget(const struct study_trial *a,
                        const struct study_trial *b)
{
    return order(a->budget, b->budget) == 0;
}

static bool same_name(const struct study_trial *a, const struct study_trial *b)
{
    return strcmp(name_of(a), name_of(b)) == 0;
}

static bool same_role(const struct study_trial *a, const struct study_trial *b)
{
    return a->role == b->role;
}

static bool same_peak(const struct study_trial *a, const struct study_trial *b)
{
    return order(a->peak, b->peak) == 0;
}

typedef bool same_fn(const struct study_trial *a, const struct study_trial *b);

/* Takes the trials off the front of *rest that are the same as its first. */
static struct run take(struct run *rest, same_fn *same)
{
    size_t n = 0;
    while (n < rest->n && same(rest->trials[0], rest->trials[n]))
        n++;
    const struct run out = {rest->trials, n};
    rest->trials += n;
    rest->n -= n;
    return out;
}

/* How many runs `take` would give. */
static size_t runs(struct run all, same_fn *same)
{
    size_t n = 0;
    for (; all.n > 0; n++)
        (void)take(&all, same);
    return n;
}

static struct study_counts count_run(struct run r)
{
    struct study_counts counts = {0};
    for (size_t i = 0; i < r.n; i++)
        study_count(&counts, study_outcome(r.trials[i]));
    return counts;
}

/* The metrics of the done trials into values[], which has room for the run. */
static size_t read_values(struct run r, double *values)
{
    size_t n = 0;
    for (size_t i = 0; i < r.n; i++)
        if (study_outcome(r.trials[i]) == STUDY_DONE)
            values[n++] = r.trials[i]->metric;
    return n;
}

/* Fills in the peaks of a row from its tuning trials. */
static bool fill_peaks(struct study_row *row, struct run tune, double best)
{
    if (tune.n == 0) return true;
    double *values = calloc(tune.n, sizeof *values);
    row->peaks = calloc(runs(tune, same_peak), sizeof *row->peaks);
    if (!values || !row->peaks) {
        free(values);
        return false;
    }
    while (tune.n > 0) {
        const struct run at = take(&tune, same_peak);
        struct study_tried *out = &row->peaks[row->peak_count++];
        out->peak = at.trials[0]->peak;
        out->counts = count_run(at);
        out->moments = study_moments(values, read_values(at, values));
        out->ci95 = study_t_interval(out->moments);
        out->best = order(out->peak, best) == 0;
    }
    free(values);
    return true;
}

/* The run of score trials at `peak`, which may be empty. */
static struct run at_peak(struct run score, double peak)
{
    while (score.n > 0) {
        const struct run at = take(&score, same_peak);
        if (order(at.trials[0]->peak, peak) == 0) return at;
    }
    return (struct run){score.trials, 0};
}

/* The peak with the most score trials done; of equals the smaller. */
static double busiest_peak(struct run score)
{
    double best = 0.0;
    size_t most = 0;
    for (bool first = true; score.n > 0; first = false) {
        const struct run at = take(&score, same_peak);
        const size_t done = count_run(at).done;
        if (!first && done <= most) continue;
        best = at.trials[0]->peak;
        most = done;
    }
    return best;
}

/* Decides the peak of the row and whether it is at an edge of those tried. */
static double choose_peak(struct study_row *row, struct run score,
                          struct study_peak tuned)
{
    row->peak = tuned.best;
    if (tuned.tried == 0) {
        row->peak = busiest_peak(score);
        return NAN; /* none proved best */
    }
    if (!tuned.all_bad && tuned.lowest) row->edge = STUDY_EDGE_LOWEST;
    if (!tuned.all_bad && tuned.highest) row->edge = STUDY_EDGE_HIGHEST;
    return tuned.best;
}

/* Seeds and metrics of the score trials; seeds that diverged beside them. */
static bool fill_values(struct study_ranked *out, struct run at)
{
    struct study_row *row = &out->row;
    row->counts = count_run(at);
    row->seeds = calloc(row->counts.done + 1, sizeof *row->seeds);
    row->values = calloc(row->counts.done + 1, sizeof *row->values);
    out->diverged = calloc(row->counts.diverged + 1, sizeof *out->diverged);
    if (!row->seeds || !row->values || !out->diverged) return false;

    size_t done = 0, diverged = 0;
    double seconds = 0.0;
    for (size_t i = 0; i < at.n; i++) {
        const struct study_trial *t = at.trials[i];
        const enum study_state outcome = study_outcome(t);
        if (outcome == STUDY_DIVERGED) out->diverged[diverged++] = t->seed;
        if (outcome != STUDY_DONE) continue;
        row->seeds[done] = t->seed;
        row->values[done++] = t->metric;
        seconds += t->seconds;
    }
    row->seconds = done ? seconds / (double)done : NAN;
    row->moments = study_moments(row->values, done);
    row->ci95 = study_t_interval(row->moments);
    row->boot95 = (struct study_interval){NAN, NAN};
    if (done < STUDY_BOOTSTRAP_BELOW)
        row->boot95 = study_bootstrap_interval(row->values, done);
    return true;
}

/* The text that ran at the row's peak, from whichever trial has it. */
static const char *schedule_at(struct run score, struct run tune, double peak)
{
    const struct run at[] = {at_peak(score, peak), at_peak(tune, peak)};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < at[k].n; i++)
            if (at[k].trials[i]->schedule) return at[k].trials[i]->schedule;
    return NULL;
}

/* One schedule's trials, sorted by role, peak and seed. */
static bool fill_row(struct study_ranked *out, struct run all, bool maximize,
                     const struct study_trials *trials)
{
    struct study_row *row = &out->row;
    const struct study_trial *first = all.trials[0];
    struct run tune = {all.trials, 0}, score = {all.trials, 0};
    while (all.n > 0) {
        const struct run part = take(&all, same_role);
        *(part.trials[0]->role == STUDY_TUNE ? &tune : &score) = part;
    }
    row->name = name_of(first);
    row->spec = first->spec ? first->spec : "";
    row->probability_best = NAN;

    const struct study_peak tuned =
        study_best_peak(trials, row->name, first->budget, maximize);
    const double best = choose_peak(row, score, tuned);
    const struct run at = at_peak(score, row->peak);
    row->elsewhere = score.n - at.n;
    row->schedule = schedule_at(score, tune, row->peak);
    return fill_peaks(row, tune, best) && fill_values(out, at);
}

static void free_row(struct study_row *row)
{
    free(row->peaks);
    free(row->seeds);
    free(row->values);
}

static void add_counts(struct study_counts *to, const struct study_counts *from)
{
    to->trials += from->trials;
    to->done += from->done;
    to->diverged += from->diverged;
    to->failed += from->failed;
    to->halved += from->halved;
    to->waiting += from->waiting;
}

/* Ranks and judges the rows. */
static bool settle_rows(struct study_ranked *rows, size_t n, bool maximize)
{
    study_rank_rows(rows, n, maximize);
    return study_judge_rows(rows, n, maximize);
}

/* Moves the rows, whole or not, to the table, which releases them. */
static void hand_over(struct study_table *table, struct study_ranked *rows,
                      size_t n)
{
    table->row_count = n;
    for (size_t i = 0; i < n; i++) {
        table->rows[i] = rows[i].row;
        add_counts(&table->counts, &rows[i].row.counts);
        free(rows[i].diverged);
    }
}

/* One budget's trials. */
static bool fill_table(struct study_table *table, struct run all,
                       const struct study_question *question,
                       const struct study_trials *trials)
{
    const size_t count = runs(all, same_name);
    struct study_ranked *rows = calloc(count, sizeof *rows);
    table->budget = all.trials[0]->budget;
    table->rows = calloc(count, sizeof *table->rows);
    bool good = rows && table->rows;
    for (size_t i = 0; good && i < count; i++)
        good = fill_row(&rows[i], take(&all, same_name), question->maximize,
                        trials);
    good = good && settle_rows(rows, count, question->maximize);
    if (rows && table->rows) hand_over(table, rows, count);
    free(rows);
    return good && study_compare_rows(table, question);
}

/* Leaves out all but the first of trials that are the same. */
static size_t without_doubles(const struct study_trial **sorted, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || by_identity(sorted[kept - 1], sorted[i]) != 0)
            sorted[kept++] = sorted[i];
    return kept;
}

static bool fill_analysis(struct study_analysis *out,
                          const struct study_trial **sorted,
                          const struct study_trials *trials)
{
    for (size_t i = 0; i < trials->count; i++)
        sorted[i] = &trials->items[i];
    qsort(sorted, trials->count, sizeof *sorted, by_place);
    struct run all = {sorted, without_doubles(sorted, trials->count)};
    for (size_t i = 0; i < all.n; i++)
        study_count(all.trials[i]->role == STUDY_TUNE ? &out->tune
                                                      : &out->score,
                    study_outcome(all.trials[i]));

    out->tables = calloc(runs(all, same_budget) + 1, sizeof *out->tables);
    if (!out->tables) return false;
    while (all.n > 0) {
        struct study_table *table = &out->tables[out->table_count++];
        const struct run part = take(&all, same_budget);
        if (!fill_table(table, part, &out->question, trials)) return false;
    }
    return true;
}

enum study_status study_analyse(const struct study_question *question,
                                const struct study_trials *trials,
                                struct study_analysis *out,
                                struct study_error *err)
{
    *out = (struct study_analysis){.question = *question};
    const struct study_trial **sorted =
        calloc(trials->count + 1, sizeof *sorted);
    const bool good = sorted && fill_analysis(out, sorted, trials);
    free(sorted);
    if (good) return STUDY_OK;
    study_analysis_free(out);
    return study_fail(err, STUDY_E_MEMORY,
                      "there is no memory left to analyse the study");
}

void study_analysis_free(struct study_analysis *a)
{
    for (size_t k = 0; k < a->table_count; k++) {
        for (size_t i = 0; i < a->tables[k].row_count; i++)
            free_row(&a->tables[k].rows[i]);
        free(a->tables[k].rows);
        free(a->tables[k].pairs);
    }
    free(a->tables);
    *a = (struct study_analysis){0};
}
