/* taper's own tasks as the task of a study: a trial is `taper train` with the
 * options that were given for the study. */
#ifndef CLI_COMPARE_TASK_H
#define CLI_COMPARE_TASK_H

#include "cli/compare_study.h"
#include "cli/task_options.h"

/* Whether an option of `taper train` is one of a study as well; the others are
 * set for each trial. */
bool compare_passes(const struct task_setting *row);

/* What a trial runs. */
struct compare_task {
    const struct task_trainer *trainer;
    const struct cli_task_texts *given; /* borrowed */
    const char *budget; /* the option that says how long a run is: "epochs" */
};

/* Fills in what is of the task: all but peaks and schedules. `task` is filled
 * in as well; it and `o` must outlive the study. Complains and returns the
 * status to exit with, or CLI_GO. */
int compare_task_begin(const struct compare_options *o,
                       const struct task_trainer *trainer,
                       struct compare_task *task, struct compare_study *s);

/* The functions of a trial; `ctx` is a compare_task. */
enum study_status compare_task_prepare(void *ctx, const struct study_trial *t,
                                       const struct study_place *place,
                                       struct study_command *out,
                                       struct study_error *err);
enum study_status compare_task_collect(void *ctx, struct study_trial *t,
                                       const struct study_output *output,
                                       struct study_error *err);

#endif
