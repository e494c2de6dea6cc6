/* The words of `taper train --help` and of each task's own help. */
#ifndef CLI_TRAIN_HELP_H
#define CLI_TRAIN_HELP_H

#include "cli/command.h"
#include "task/trainer.h"

/* What a task's help says besides its options. */
struct cli_train_words {
    const char *task, *details, *example;
};

/* Of the trainer of that name; every trainer has some. */
const struct cli_train_words *cli_train_words(const char *task);

/* What all tasks have in common, for `taper train --help`. */
extern const char cli_train_details[];
extern const char cli_train_example[];

#endif
