/* Runs what a study lacks. */
#ifndef CLI_COMPARE_RUN_H
#define CLI_COMPARE_RUN_H

#include "cli/compare_study.h"

/* Runs the trials of the study that its store lacks. Returns CLI_DONE when all
 * are over, some of them perhaps failed; else prints the complaint and returns
 * the status to exit with. */
int compare_run(const struct compare_study *s, const struct compare_options *o,
                struct study_store *store);

#endif
