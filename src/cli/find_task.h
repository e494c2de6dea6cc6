/* Range tests of taper's own tasks: a run of the trainer under a rate that
 * rises, in this process, looked at after every update and ended when it has
 * shown enough. */
#ifndef CLI_FIND_TASK_H
#define CLI_FIND_TASK_H

#include "cli/find.h"
#include "cli/task_options.h"

/* What a test of a task is where the person did not choose. */
struct find_defaults {
    double from, to;
    int64_t steps, sweeps;
};

struct find_defaults find_task_defaults(const struct task_trainer *trainer,
                                        const struct cli_task_texts *given);

/* Whether the person may choose this setting: not the schedule, and nothing
 * about the length and the records of a run. */
bool find_task_takes(const struct task_setting *row);

/* Fills in all sweeps. `folder` is one that exists and is empty, for the runs.
 * Complains and returns the status to exit with, or CLI_GO. */
int find_task_run(const struct task_trainer *trainer,
                  const struct cli_task_texts *given, const char *folder,
                  struct find_test *t);

#endif
