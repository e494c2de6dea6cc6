/* A study that is about to run: what `taper compare` makes of its options,
 * whichever task it is for, and the file that it is kept in. */
#ifndef CLI_COMPARE_STUDY_H
#define CLI_COMPARE_STUDY_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/compare_options.h"
#include "cli/compare_schedules.h"
#include "study/runner.h"
#include "study/store.h"

struct compare_study {
    const char *task;   /* "image"; "exec" for a person's own training */
    const char *metric; /* key of the result's JSON object */
    const char *unit;   /* of budgets: "epochs", "steps" */
    bool maximize, halving;
    char *choices; /* the task's options in the table's order, or the command;
                      owned */
    struct compare_numbers peaks, budgets;
    struct compare_schedules schedules;
    bool knows_run; /* `run` is what schedules are for, but for its steps */
    taper_run run;
    struct study_task hooks; /* prepare and collect of the task, which get
                                hooks.ctx */
};

void compare_study_free(struct compare_study *s); /* zeroed is legal */

/* The entries of a plan, which point into the schedules; to be freed. NULL if
 * memory runs out. */
struct study_entry;
struct study_entry *compare_entries(const struct compare_schedules *s);

/* Where the study is kept unless --db says so: studies/TASK-HASH.db, where the
 * hash is of what tells studies apart, so that the same command finds the same
 * file. To be freed; NULL if memory runs out. */
char *compare_default_path(const struct compare_study *s);

/* Opens the study's file, made on demand, and sees that it is of this study.
 * `told` is the command as it was given, for the record. On failure prints the
 * complaint and returns the status to exit with, with *out NULL; else CLI_GO.
 */
int compare_open(const struct compare_study *s, const char *path,
                 const char *told, struct study_store **out);

/* Prints a study's error; returns CLI_WRONG or CLI_FAILED. */
int cli_study_failed(enum study_status status, const struct study_error *err);

/* ---- texts of a command ---- */

/* Texts in a list that ends in NULL, as execv takes it. */
struct compare_list {
    char **items; /* [count + 1], owned; NULL while empty */
    size_t count;
    bool no_memory; /* something is missing */
};

void compare_list_add(struct compare_list *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void compare_list_free(struct compare_list *l);

/* Hands the two lists over to a command; STUDY_E_MEMORY, with both released,
 * if something is missing in one. */
enum study_status compare_list_give(struct compare_list *argv,
                                    struct compare_list *environment,
                                    struct study_command *out,
                                    struct study_error *err);

#endif
