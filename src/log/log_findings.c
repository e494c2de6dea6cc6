/* What a log is like between its rows: how far apart its losses are, and where
 * some are missing. */
#include "log/log_findings.h"

#include <math.h>
#include <stdlib.h>

/* Of so many distances the median is taken; more tell nothing more. */
enum { SAMPLES = 4096, GAP = 5 };

static int compare_steps(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Distances between losses, every `stride`th of them into `out`. Returns how
 * many, and the largest with where it begins. */
static size_t take_distances(const struct log_run *run, size_t stride,
                             int64_t *out, int64_t *largest, int64_t *at)
{
    int64_t before = -1;
    size_t seen = 0, n = 0;
    *largest = *at = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (isnan(run->value[i])) continue;
        const int64_t distance = run->step[i] - before;
        if (before >= 0 && distance > *largest) {
            *largest = distance;
            *at = before;
        }
        if (before >= 0 && seen++ % stride == 0 && n < SAMPLES)
            out[n++] = distance;
        before = run->step[i];
    }
    return n;
}

void log_find_gaps(struct log_run *run)
{
    int64_t distances[SAMPLES], largest, at;
    const size_t n =
        take_distances(run, run->count / SAMPLES + 1, distances, &largest, &at);
    if (n == 0) return;
    qsort(distances, n, sizeof distances[0], compare_steps);
    run->found.spacing = distances[n / 2];
    if (largest < GAP * run->found.spacing) return;
    run->found.gap = largest;
    run->found.gap_at = at;
}
