/* A person's own training as the task of a study: a command for the shell,
 * which learns its schedule from the environment and prints JSON lines
 * (study/result.h). docs/compare.md tells people about it. */
#ifndef CLI_COMPARE_EXEC_H
#define CLI_COMPARE_EXEC_H

#include <stdint.h>

#include "cli/compare_study.h"

/* Whether the arguments have --exec, whatever else they are. */
bool compare_has_exec(int argc, char **argv);

#ifndef TAPER_HAVE_TRAIN
/* Refuses a task, which this build has no trainer for. */
int compare_no_trainers(const char *task);
#endif

/* Fills in what is of the task: all but peaks and schedules. `o` must outlive
 * the study. Complains and returns the status to exit with, or CLI_GO. */
int compare_exec_begin(const struct compare_options *o,
                       struct compare_study *s);

/* What the trial of a command runs: /bin/sh with the command, and the variables
 * that tell it about the trial. Writes place->folder/lr.csv, the rate of every
 * step of the budget. `ctx` is the command. */
enum study_status compare_exec_prepare(void *ctx, const struct study_trial *t,
                                       const struct study_place *place,
                                       struct study_command *out,
                                       struct study_error *err);

/* Writes a schedule, canonical text in steps, as a table of `steps` lines
 * "step,value" below that header. */
enum study_status compare_write_table(const char *path, const char *schedule,
                                      int64_t steps, struct study_error *err);

#endif
