/* Image classification: what `taper train image` runs. */
#ifndef TAPER_TASK_IMAGE_TASK_H
#define TAPER_TASK_IMAGE_TASK_H

#include "task/progress.h"
#include "task/settings.h"
#include "task/task_status.h"
#include "task/whole_file.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

/* Trains from beginning (or, with `resume`, from its checkpoint) to end.
 *
 *   settings   what the person gave; every other field is filled in
 *   progress   `stream` and `terminal` set; receives progress and notes
 *   path       set to the folder of the run; empty if there is none yet
 *   summary    what was written to summary.json, or NULL; the caller frees it.
 *              A run that had ended before gives its summary and TASK_OK.
 */
enum task_status task_image_train(struct task_settings *settings, bool resume,
                                  struct task_progress *progress,
                                  char path[TASK_PATH_SIZE], cJSON **summary,
                                  struct task_error *err);

#endif
