/* The parts of `taper study`, one for each of its words. */
#ifndef CLI_STUDY_H
#define CLI_STUDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/options.h"
#include "study/store.h"

struct cli_study_options {
    const char *output; /* file; NULL: standard output */
    bool curves, json;
};

/* Each takes the arguments after its word and returns the status to exit
 * with. */
int cli_study_list(const struct cli_words *words,
                   const struct cli_study_options *o);
int cli_study_show(const struct cli_words *words,
                   const struct cli_study_options *o);
int cli_study_merge(const struct cli_words *words,
                    const struct cli_study_options *o);
int cli_study_export(const struct cli_words *words,
                     const struct cli_study_options *o);

/* Opens a study to look at it; complains and returns false if that fails. */
bool cli_study_open(const char *path, struct study_store **out);

/* A time as "2026-01-31T12:00:00Z"; "" if it is 0. */
enum { CLI_TIME = 32 };
void cli_time(double seconds, char out[CLI_TIME]);

/* The line of a trial's error that says most, without its end: what taper
 * complained of, or else the last one, where most programs say it. */
const char *cli_study_reason(const char *error, int *len);

/* ---- tables for people ---- */

/* Rows of texts, whose columns are as wide as their widest cell. */
struct cli_grid {
    char **cells; /* [count], owned, row by row */
    size_t columns, count;
    bool no_memory;
};

/* Adds one cell, with control bytes made visible. A zeroed grid with `columns`
 * set is empty. */
void cli_grid_add(struct cli_grid *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a number, or nothing if it is not finite. */
void cli_grid_number(struct cli_grid *g, double value);

/* Prints the rows to standard output and releases the grid. Returns the status
 * to exit with. */
int cli_grid_print(struct cli_grid *g);

void cli_grid_free(struct cli_grid *g);

#endif
