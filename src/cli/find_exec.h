/* Range tests of a person's own training: a command for the shell that learns
 * its schedule from the environment, as in `taper compare`, and prints a JSON
 * object with "step" and "loss" on a line of its own as often as it can. */
#ifndef CLI_FIND_EXEC_H
#define CLI_FIND_EXEC_H

#include "cli/find.h"

/* Fills in all sweeps of the command t->subject, whose points have the key
 * t->value. `folder` is one that exists and is empty. A command that fails, or
 * prints no point, is complained about with the end of what it said. Returns
 * the status to exit with, or CLI_GO. */
int find_exec_run(const char *folder, struct find_test *t);

#endif
