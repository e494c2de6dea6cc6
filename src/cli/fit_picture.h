/* The picture of a fit. */
#ifndef CLI_FIT_PICTURE_H
#define CLI_FIT_PICTURE_H

#include "cli/law_logs.h"

/* Losses of each run with what the law gives for them, and below it by how much
 * that is too high; points before step `from` are left out.
 *
 *   predicted  [logs][points]
 *   file       NULL: in the terminal
 *
 * Returns the status to exit with. */
int cli_fit_show(const struct cli_law_logs *logs, double *const *predicted,
                 int64_t from, const char *file);

/* What a run is called in pictures: its path without folders and extension.
 * The result is freed by the caller; NULL without memory. */
char *cli_law_name(const char *path);

#endif
