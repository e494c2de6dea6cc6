/* What a study came to, as `taper compare` prints it at the end. */
#ifndef CLI_COMPARE_RESULT_H
#define CLI_COMPARE_RESULT_H

#include <stdbool.h>

struct study_store;

/* Prints the ranking and the sentences, or with `json` what `taper report
 * --json` prints. Returns the status to exit with. */
int compare_print_result(struct study_store *store, bool json);

#endif
