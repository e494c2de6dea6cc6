/* A trainer as a value: what a task has of its own, and the frame that all of
 * them share. `taper train NAME` is task_train of the trainer with that name.
 *
 *     settings, run.json --> prepare --> run.json --> train --> summary.json */
#ifndef TAPER_TASK_TRAINER_H
#define TAPER_TASK_TRAINER_H

#include "task/progress.h"
#include "task/run.h"
#include "task/settings.h"
#include "task/task_status.h"
#include "task/whole_file.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

struct task_trainer {
    const char *name;  /* "image" */
    const char *about; /* one line without a full stop */
    enum task_for bit; /* the settings that it reads have this bit */
    const char *score; /* the key of summary.json that a person asks for */
    size_t size;       /* bytes of its state, zeroed before prepare */
    /* Fills in what the person did not choose, as far as it does not depend on
     * the data: what --help shows as defaults. */
    enum task_status (*settle)(struct task_settings *s, struct task_error *err);
    /* Everything between that and task_run_train: data, network, schedule,
     * task_run_record. `run` stays where it is. */
    enum task_status (*prepare)(void *self, struct task_run *run,
                                struct task_error *err);
    /* Ends in task_run_train. */
    enum task_status (*train)(void *self, cJSON **summary,
                              struct task_error *err);
    /* Legal after a prepare that failed at any place. */
    void (*release)(void *self);
};

extern const struct task_trainer task_image, task_text, task_cartpole;

/* The trainers in the order of help texts; NULL past the last. */
const struct task_trainer *task_trainer_at(size_t index);

/* The one of that name, or NULL. */
const struct task_trainer *task_trainer_find(const char *name);

/* Fills in what the person did not choose, as the trainer's settle does, and
 * refuses a choice that the task does not take and a setting that a run with
 * all the others would ignore. Of a new run: one that is resumed has all of its
 * settings from run.json. */
enum task_status task_trainer_settle(const struct task_trainer *trainer,
                                     struct task_settings *settings,
                                     struct task_error *err);

/* Trains from beginning (or, with `resume`, from its checkpoint) to end.
 *
 *   settings   what the person gave; every other field is filled in
 *   progress   `stream` and `terminal` set; receives progress and notes
 *   path       set to the folder of the run; empty if there is none yet
 *   summary    what was written to summary.json, or NULL; the caller frees it.
 *              A run that had ended before gives its summary and TASK_OK.
 */
enum task_status task_train(const struct task_trainer *trainer,
                            struct task_settings *settings, bool resume,
                            struct task_progress *progress,
                            char path[TASK_PATH_SIZE], cJSON **summary,
                            struct task_error *err);

#endif
