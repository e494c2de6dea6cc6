/* The folder of a run and its two JSON files.
 *
 *   run.json           everything needed to repeat the run; written first
 *   metrics.csv        one row per update (task/metrics.h), and the same for
 *                      other programs where it was asked for (task/log.h)
 *   checkpoint         what the next update depends on (task/checkpoint.h)
 *   model.safetensors  the trained network
 *   tokenizer.txt      what made its tokens (text)
 *   curves.png         rate, loss and scores over the updates
 *   summary.json       how it ended; written last, so that a folder that has
 *                      one is complete */
#ifndef TAPER_TASK_RUNDIR_H
#define TAPER_TASK_RUNDIR_H

#include "task/task_status.h"
#include "task/whole_file.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

#define TASK_RUN_FILE "run.json"
#define TASK_METRICS_FILE "metrics.csv"
#define TASK_CHECKPOINT_FILE "checkpoint"
#define TASK_MODEL_FILE "model.safetensors"
#define TASK_TOKENIZER_FILE "tokenizer.txt"
#define TASK_CURVES_FILE "curves.png"
#define TASK_SUMMARY_FILE "summary.json"

struct task_rundir {
    char path[TASK_PATH_SIZE];
    cJSON *run;     /* run.json, of a run that is resumed; else NULL */
    cJSON *summary; /* summary.json, if the run has ended; else NULL */
};

/* Makes a folder for a new run: `out`, or if it is NULL one below runs/ that is
 * named by task and time. A folder that holds a run already is refused, and so
 * is one that holds any file by a name of the list above. */
enum task_status task_rundir_create(struct task_rundir *d, const char *task,
                                    const char *out, struct task_error *err);

/* Opens the folder of a run of `task` to resume it. */
enum task_status task_rundir_open(struct task_rundir *d, const char *task,
                                  const char *out, struct task_error *err);

void task_rundir_close(struct task_rundir *d); /* zeroed is legal */

/* Writes `json` as NAME in the folder; run.json only where there is none, so
 * that of two runs that begin at one moment one is refused. A NULL `json` is
 * reported as want of memory, so that callers need not check what they built.
 */
enum task_status task_rundir_write(const struct task_rundir *d,
                                   const char *name, const cJSON *json,
                                   struct task_error *err);

#endif
