/* See log_rows.h. */
#include "log/log_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void log_rows_begin(struct log_rows *rows, struct log_run *run, bool rates,
                    enum log_column wanted)
{
    *rows = (struct log_rows){.run = run,
                              .wanted = wanted,
                              .rates = rates,
                              .last = -1,
                              .last_finite = true};
}

/* realloc that leaves the column as it was on failure. */
static bool resize(double **column, size_t rows)
{
    double *const more = realloc(*column, (rows ? rows : 1) * sizeof *more);
    if (more) *column = more;
    return more != NULL;
}

static enum log_status set_room(struct log_rows *rows, size_t room,
                                struct log_error *err)
{
    struct log_run *const run = rows->run;
    int64_t *const step = realloc(run->step, (room ? room : 1) * sizeof *step);
    if (!step) return log_no_memory(err);
    run->step = step;
    if (!resize(&run->value, room) ||
        (rows->rates && !resize(&run->rate, room)))
        return log_no_memory(err);
    rows->room = room;
    return LOG_OK;
}

void log_rows_not_finite(struct log_rows *rows)
{
    rows->run->found.not_finite++;
    rows->last_finite = false;
}

enum log_status log_rows_add(struct log_rows *rows, const struct log_row *row,
                             struct log_error *err)
{
    struct log_run *const run = rows->run;
    const double rate = rows->rates ? row->value[LOG_RATE] : NAN;
    double value = row->value[rows->wanted];
    if (isfinite(value)) rows->last_finite = true;
    if (value < 0 || (rows->wanted == LOG_LOSS && value == 0)) {
        run->found.not_positive++;
        value = NAN;
    }
    run->found.rows++;
    run->found.backwards += row->step < rows->last;
    rows->last = row->step;
    if (isnan(value) && isnan(rate)) return LOG_OK;
    if (run->count == rows->room) {
        const enum log_status status =
            set_room(rows, rows->room ? 2 * rows->room : 1024, err);
        if (status != LOG_OK) return status;
    }
    const size_t at = run->count++;
    run->step[at] = row->step;
    run->value[at] = value;
    if (rows->rates) run->rate[at] = rate;
    return LOG_OK;
}

/* ---------------------------------------------------------------- sorting */

/* A row's step and where it came in the log. */
struct place {
    int64_t step;
    size_t row;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *const x = a, *const y = b;
    if (x->step != y->step) return x->step < y->step ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Puts one column into the order of the places, through `spare`. */
static void permute(double *column, const struct place *places, size_t n,
                    double *spare)
{
    for (size_t i = 0; i < n; i++)
        spare[i] = column[places[i].row];
    memcpy(column, spare, n * sizeof *column);
}

/* By step, and rows of one step as they came. */
static enum log_status sort_rows(struct log_rows *rows, struct log_error *err)
{
    struct log_run *const run = rows->run;
    const size_t n = run->count;
    struct place *const places = malloc((n + 1) * sizeof *places);
    double *const spare = malloc((n + 1) * sizeof *spare);
    if (places && spare) {
        for (size_t i = 0; i < n; i++)
            places[i] = (struct place){run->step[i], i};
        qsort(places, n, sizeof *places, compare_places);
        permute(run->value, places, n, spare);
        if (rows->rates) permute(run->rate, places, n, spare);
        for (size_t i = 0; i < n; i++)
            run->step[i] = places[i].step;
    }
    const bool ok = places && spare;
    free(places);
    free(spare);
    return ok ? LOG_OK : log_no_memory(err);
}

/* Of two values of one step the later one counts. */
static void merge(double *column, bool again, size_t to, size_t from)
{
    if (!again || !isnan(column[from])) column[to] = column[from];
}

/* Merges rows of one step, which lie beside each other. */
static void merge_rows(struct log_rows *rows)
{
    struct log_run *const run = rows->run;
    size_t kept = 0;
    for (size_t i = 0; i < run->count; i++) {
        const bool again = kept > 0 && run->step[kept - 1] == run->step[i];
        const size_t to = again ? kept - 1 : kept++;
        if (again && !isnan(run->value[to]) && !isnan(run->value[i]))
            run->found.duplicates++;
        run->step[to] = run->step[i];
        merge(run->value, again, to, i);
        if (rows->rates) merge(run->rate, again, to, i);
    }
    run->count = kept;
}

/* A column without any value is none. */
static void drop_empty(const struct log_run *run, double **column)
{
    bool any = false;
    for (size_t i = 0; *column && i < run->count && !any; i++)
        any = !isnan((*column)[i]);
    if (any) return;
    free(*column);
    *column = NULL;
}

static enum log_status check_rates(const struct log_run *run, const char *file,
                                   struct log_error *err)
{
    for (size_t i = 0; run->rate && i < run->count; i++)
        if (run->rate[i] < 0)
            return log_fail(err, LOG_E_FORMAT,
                            "%s: the rate at step %lld is %g, and a rate is 0 "
                            "or more",
                            file, (long long)run->step[i], run->rate[i]);
    return LOG_OK;
}

enum log_status log_rows_end(struct log_rows *rows, const char *file,
                             struct log_error *err)
{
    struct log_run *const run = rows->run;
    enum log_status status = LOG_OK;
    if (run->found.backwards > 0 && run->count > 0)
        status = sort_rows(rows, err);
    if (status != LOG_OK) return status;
    if (run->count > 0) merge_rows(rows);
    run->found.diverged = !rows->last_finite;
    status = set_room(rows, run->count, err);
    if (status != LOG_OK) return status;
    drop_empty(run, &run->rate);
    drop_empty(run, &run->value);
    status = check_rates(run, file, err);
    if (status != LOG_OK || run->value) return status;
    const char *const what = rows->wanted == LOG_LOSS ? "loss" : "norm";
    if (run->found.not_finite > 0)
        return log_fail(err, LOG_E_FORMAT,
                        "%s has no finite %s: the run diverged", file, what);
    return log_fail(err, LOG_E_FORMAT, "%s has no rows with a %s%s", file, what,
                    run->found.not_positive ? " above 0" : "");
}
