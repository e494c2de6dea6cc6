/* Which schedule ranks where, and how surely the first is best: see
 * study_row in analysis.h. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/analysis_inside.h"

static int order(double a, double b)
{
    return (a > b) - (a < b);
}

/* Share of the seeds with a result that diverged. */
static double share_diverged(const struct study_counts *c)
{
    const size_t finished = study_finished(c);
    return finished ? (double)c->diverged / (double)finished : 0.0;
}

/* Means that differ by no more than their rounding are equal. */
static int by_mean(double a, double b)
{
    const double magnitude = fmax(fabs(a), fabs(b));
    return fabs(a - b) <= 16.0 * DBL_EPSILON * magnitude ? 0 : order(a, b);
}

/* Below 0 if a ranks before b, 0 if they share a rank. Rows without a value
 * come last. Of those that --halving gave up the one that lasted longer ranks
 * first, as it beat those that fell before it. */
static int by_merit(const struct study_row *a, const struct study_row *b,
                    bool maximize)
{
    int r = (a->counts.done == 0) - (b->counts.done == 0);
    if (!r) r = (a->counts.halved > 0) - (b->counts.halved > 0);
    if (!r && a->counts.halved > 0)
        r = order((double)study_finished(&b->counts),
                  (double)study_finished(&a->counts));
    if (!r) r = order(share_diverged(&a->counts), share_diverged(&b->counts));
    if (!r && a->counts.done > 0) {
        r = by_mean(a->moments.mean, b->moments.mean);
        if (maximize) r = -r;
    }
    return r;
}

static int for_maximizing(const void *left, const void *right)
{
    const struct study_ranked *a = left, *b = right;
    const int r = by_merit(&a->row, &b->row, true);
    return r ? r : strcmp(a->row.name, b->row.name);
}

static int for_minimizing(const void *left, const void *right)
{
    const struct study_ranked *a = left, *b = right;
    const int r = by_merit(&a->row, &b->row, false);
    return r ? r : strcmp(a->row.name, b->row.name);
}

void study_rank_rows(struct study_ranked *rows, size_t n, bool maximize)
{
    qsort(rows, n, sizeof *rows, maximize ? for_maximizing : for_minimizing);
    for (size_t i = 0; i < n; i++) {
        struct study_row *row = &rows[i].row;
        const struct study_row *ahead = i ? &rows[i - 1].row : NULL;
        if (row->counts.done == 0) continue;
        row->rank = i + 1;
        if (ahead && by_merit(ahead, row, maximize) == 0)
            row->rank = ahead->rank;
    }
}

static int by_seed(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Every seed with a result in any row, ascending, once; *count of them. The
 * caller frees. NULL if memory runs out. */
static int64_t *all_seeds(const struct study_ranked *rows, size_t n,
                          size_t *count)
{
    size_t room = 1;
    for (size_t i = 0; i < n; i++)
        room += study_finished(&rows[i].row.counts);
    int64_t *seeds = calloc(room, sizeof *seeds);
    if (!seeds) return NULL;

    size_t all = 0;
    for (size_t i = 0; i < n; i++) {
        const struct study_counts *c = &rows[i].row.counts;
        for (size_t k = 0; k < c->done; k++)
            seeds[all++] = rows[i].row.seeds[k];
        for (size_t k = 0; k < c->diverged; k++)
            seeds[all++] = rows[i].diverged[k];
    }
    qsort(seeds, all, sizeof *seeds, by_seed);
    *count = 0;
    for (size_t k = 0; k < all; k++)
        if (*count == 0 || seeds[*count - 1] != seeds[k])
            seeds[(*count)++] = seeds[k];
    return seeds;
}

/* One row as study_probability_best wants it: higher is better, x[seeds]. */
static void spread_row(const struct study_ranked *r, const int64_t *seeds,
                       size_t n, bool maximize, double *x)
{
    const struct study_counts *c = &r->row.counts;
    size_t done = 0, diverged = 0;
    for (size_t s = 0; s < n; s++) {
        x[s] = NAN;
        if (done < c->done && r->row.seeds[done] == seeds[s]) {
            const double value = r->row.values[done++];
            x[s] = maximize ? value : -value;
        } else if (diverged < c->diverged &&
                   r->diverged[diverged] == seeds[s]) {
            x[s] = -INFINITY;
            diverged++;
        }
    }
}

bool study_judge_rows(struct study_ranked *rows, size_t n, bool maximize)
{
    size_t seeds = 0;
    int64_t *seed = all_seeds(rows, n, &seeds);
    double *x = calloc(n * seeds + 1, sizeof *x);
    double *p = calloc(n + 1, sizeof *p);
    bool good = seed && x && p;
    if (good) {
        for (size_t i = 0; i < n; i++)
            spread_row(&rows[i], seed, seeds, maximize, x + i * seeds);
        good = study_probability_best(x, n, seeds, p);
        for (size_t i = 0; i < n; i++)
            rows[i].row.probability_best = p[i];
    }
    free(seed);
    free(x);
    free(p);
    return good;
}
