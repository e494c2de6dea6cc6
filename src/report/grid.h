/* Tables of text: made once from a study, written as plain text, Markdown or
 * HTML by whoever shows them. Cells hold what people wrote, as they wrote it:
 * making it safe is the writer's business. */
#ifndef TAPER_REPORT_GRID_H
#define TAPER_REPORT_GRID_H

#include "report/format.h"
#include "report/report.h"

enum { REPORT_COLUMNS = 12 };

/* Everything is owned; a zeroed grid is empty. */
struct report_grid {
    struct {
        const char *title; /* static, or `unit_title` */
        bool right;        /* numbers, which stand under each other */
    } columns[REPORT_COLUMNS];
    size_t column_count, row_count;
    char **cells; /* [row_count, column_count] */
    char unit_title[REPORT_WORDS];
    size_t widest; /* column that is shortened where there is no room */
};

/* Each makes a grid, which the caller gives to report_grid_free; false, with an
 * empty grid, if memory runs out. Columns in which nothing would stand are
 * left out. */

/* Rank, schedule, seeds, mean, interval, spread, peak, probability. */
bool report_ranking(const struct report *r, const struct study_table *t,
                    struct report_grid *out);

/* Every two schedules: seeds, difference, interval, p, verdict, seeds needed.
 */
bool report_pairs(const struct report *r, const struct study_table *t,
                  struct report_grid *out);

/* What tuning saw: one row for each schedule and peak. */
bool report_peaks(const struct report *r, const struct study_table *t,
                  struct report_grid *out);

/* Every trial of the study. */
bool report_trials(const struct report *r, struct report_grid *out);

/* What a cell holds, never NULL. */
const char *report_cell(const struct report_grid *g, size_t row, size_t column);

void report_grid_free(struct report_grid *g);

#endif
