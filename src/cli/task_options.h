/* taper's own tasks on the command line: which one is meant, and its options,
 * which are the table of task/settings.h. */
#ifndef CLI_TASK_OPTIONS_H
#define CLI_TASK_OPTIONS_H

#include "cli/options.h"
#include "task/settings.h"
#include "task/trainer.h"

enum { CLI_TASK_HELP = 240 };

/* What was given for each setting of the table, whatever the task; NULL: not
 * given. The texts are borrowed from argv. */
struct cli_task_texts {
    const char *text[TASK_SETTING_COUNT];
};

/* The options of one task. The rows point into the struct, which therefore
 * stays where it is. */
struct cli_task_options {
    struct cli_option rows[TASK_SETTING_COUNT];
    char help[TASK_SETTING_COUNT][CLI_TASK_HELP];
    char value[TASK_SETTING_COUNT][TASK_SETTING_TEXT];
    size_t count;
};

/* Fills in the rows, with the task's defaults in their help; they store into a
 * struct whose member of type cli_task_texts lies at `offset`. */
void cli_task_options(const struct task_trainer *trainer, size_t offset,
                      struct cli_task_options *out);

/* The first argument that is a task; it may stand behind options. NULL: none
 * is. */
const struct task_trainer *cli_find_task(int argc, char **argv);

/* What to say where none is: help if that was asked for, or what is wrong.
 * Returns the status to exit with. `example` follows "e.g. taper". */
int cli_no_task(const struct cli_command *command, const char *example,
                int argc, char **argv);

/* Refuses an option that only other tasks have, and what other trainers call
 * the rate: the general message would suggest one that is spelt alike and means
 * something else. Returns CLI_GO if there is none. */
int cli_refuse_foreign(const struct cli_command *command,
                       const struct task_trainer *trainer, int argc,
                       char **argv);

/* Puts what was given into the trainer's settings, which have none yet, but a
 * plan: that is the text in `plan`, or NULL. */
enum task_status cli_task_set(const struct task_trainer *trainer,
                              const struct cli_task_texts *given,
                              const char *plan, struct task_settings *settings,
                              struct task_error *err);

#endif
