/* What a range test came to: in words, as JSON, as a picture and as a table. */
#ifndef CLI_FIND_RESULT_H
#define CLI_FIND_RESULT_H

#include "cli/find.h"
#include "cli/options.h"

struct find_result {
    const struct find_test *test; /* borrowed */
    struct study_range_curve curve;
    struct study_range_verdict verdict;
    double low, high; /* of the suggestions without one of the sweeps;
                         0: unknown */
};

/* Judges the sweeps. False if memory runs out; the result can be cleared either
 * way. */
bool find_result_make(const struct find_test *t, struct find_result *out);
void find_result_clear(struct find_result *r);

/* Whether a file of this name gets the points, and no picture. */
bool find_is_table(const char *path);

/* Refuses the names of files that have no known format, before anything is
 * trained. Returns CLI_GO, or the status to exit with. */
int find_check_files(const struct cli_texts *files);

/* Writes every file, a picture or (.csv) the points. Returns CLI_GO, or the
 * status to exit with. */
int find_write_files(const struct find_result *r,
                     const struct cli_texts *files);

/* Print the picture and the words, or the JSON object. Return CLI_DONE, or
 * CLI_FAILED where there is nothing to suggest, after saying what to do. */
int find_print(const struct find_result *r, bool picture);
int find_print_json(const struct find_result *r);

#endif
