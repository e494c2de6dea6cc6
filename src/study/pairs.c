/* All pairs of a table's rows, seed by seed: see study_pair in analysis.h. */
#include <math.h>
#include <stdlib.h>

#include "study/analysis_inside.h"

size_t study_pair_index(const struct study_table *table, size_t i, size_t j)
{
    const size_t a = i < j ? i : j, b = i < j ? j : i;
    /* Rows before a have row_count - 1, row_count - 2, ... pairs. */
    return a * (2 * table->row_count - a - 1) / 2 + (b - a - 1);
}

/* Room for the values of two rows on their common seeds. */
struct columns {
    double *a, *b; /* [room] */
};

/* Gathers the common seeds into `c` and returns their number. */
static size_t match(const struct study_row *a, const struct study_row *b,
                    struct columns *c)
{
    size_t n = 0, i = 0, j = 0;
    while (i < a->counts.done && j < b->counts.done) {
        if (a->seeds[i] < b->seeds[j]) {
            i++;
        } else if (a->seeds[i] > b->seeds[j]) {
            j++;
        } else {
            c->a[n] = a->values[i++];
            c->b[n++] = b->values[j++];
        }
    }
    return n;
}

/* Counts on how many seeds a is better. */
static void count_wins(struct study_pair *pair, const struct columns *c,
                       bool maximize)
{
    for (size_t i = 0; i < pair->n; i++) {
        const bool above = c->a[i] > c->b[i], below = c->a[i] < c->b[i];
        pair->wins += maximize ? above : below;
        pair->losses += maximize ? below : above;
        pair->ties += !above && !below;
    }
}

static void compare_pair(const struct study_table *table,
                         struct study_pair *pair, struct columns *c,
                         bool maximize)
{
    const struct study_row *a = &table->rows[pair->a];
    const struct study_row *b = &table->rows[pair->b];
    pair->n = match(a, b, c);
    pair->lost = a->counts.done + b->counts.done - 2 * pair->n;
    pair->paired = study_paired(c->a, c->b, pair->n);
    pair->weakened = a->counts.halved > 0 || b->counts.halved > 0;
    count_wins(pair, c, maximize);
}

/* x rounded to one significant digit, for x > 0 and finite. */
static double one_digit(double x)
{
    const double unit = pow(10.0, floor(log10(x)));
    return unit > 0.0 ? round(x / unit) * unit : x;
}

/* What a further study would take. */
static void plan(struct study_pair *pair, double difference, double alpha)
{
    const struct study_moments *d = &pair->paired.difference;
    const double seen = fabs(d->mean);
    pair->sought = pair->needed = pair->detectable = NAN;
    if (difference > 0.0)
        pair->sought = difference;
    else if (seen > 0.0 && isfinite(seen))
        pair->sought = one_digit(seen);
    if (!(d->std > 0.0)) return;
    pair->needed = study_needed(pair->sought / d->std, alpha);
    pair->detectable = study_detectable((double)pair->n, alpha) * d->std;
    if (!isfinite(pair->detectable)) pair->detectable = NAN;
}

/* Corrects the p-values of all pairs for their number. */
static bool correct(struct study_table *table)
{
    double *p = calloc(table->pair_count + 1, sizeof *p);
    if (!p) return false;
    for (size_t k = 0; k < table->pair_count; k++) {
        p[k] = table->pairs[k].paired.p;
        table->comparisons += isnan(p[k]) ? 0 : 1;
    }
    const bool good = study_holm(p, table->pair_count);
    for (size_t k = 0; k < table->pair_count; k++) {
        table->pairs[k].p_holm = p[k];
        table->pairs[k].apart = p[k] < STUDY_ALPHA;
    }
    free(p);
    return good;
}

/* Which rows are surely worse than the first. */
static void tell_from_best(struct study_table *table, bool maximize)
{
    if (table->row_count == 0 || table->rows[0].rank != 1) return;
    for (size_t i = 1; i < table->row_count; i++) {
        const struct study_pair *pair =
            &table->pairs[study_pair_index(table, 0, i)];
        const double mean = pair->paired.difference.mean;
        table->rows[i].told_from_best =
            pair->apart && (maximize ? mean > 0.0 : mean < 0.0);
    }
}

/* Compares every two rows; `c` has room for the longest. */
static void compare_all(struct study_table *table, struct columns *c,
                        bool maximize)
{
    for (size_t a = 0; a < table->row_count; a++)
        for (size_t b = a + 1; b < table->row_count; b++) {
            struct study_pair *pair = &table->pairs[table->pair_count++];
            *pair = (struct study_pair){.a = a, .b = b};
            compare_pair(table, pair, c, maximize);
        }
}

bool study_compare_rows(struct study_table *table,
                        const struct study_question *question)
{
    const size_t rows = table->row_count;
    size_t room = 1;
    for (size_t i = 0; i < rows; i++)
        if (table->rows[i].counts.done > room)
            room = table->rows[i].counts.done;

    struct columns c = {calloc(room, sizeof *c.a), calloc(room, sizeof *c.b)};
    table->pairs = calloc(rows * rows / 2 + 1, sizeof *table->pairs);
    bool good = c.a && c.b && table->pairs;
    if (good) {
        compare_all(table, &c, question->maximize);
        good = correct(table);
        const size_t family = table->comparisons ? table->comparisons : 1;
        for (size_t k = 0; k < table->pair_count; k++)
            plan(&table->pairs[k], question->difference,
                 STUDY_ALPHA / (double)family);
        tell_from_best(table, question->maximize);
    }
    free(c.a);
    free(c.b);
    return good;
}
