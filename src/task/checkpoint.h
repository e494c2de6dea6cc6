/* A checkpoint: everything that the next step depends on, in one safetensors
 * file. Written whole or not at all, so a run that is killed at any moment
 * continues from the last one and ends in the same bits. */
#ifndef TAPER_TASK_CHECKPOINT_H
#define TAPER_TASK_CHECKPOINT_H

#include "task/log.h"
#include "task/metrics.h"
#include "task/safetensors.h"
#include "task/task_status.h"

#include <stdbool.h>
#include <stdint.h>
#include <taper.h>

/* Numbers that a run carries from step to step. */
struct task_counters {
    int64_t step;          /* updates done */
    int64_t position;      /* where in the schedule the last of them read */
    uint64_t metrics_size; /* bytes of metrics.csv that belong to them */
    uint64_t log_size[TASK_LOGS]; /* and of each log */
    double loss_sum;       /* of the steps since the last row of metrics.csv */
    int64_t loss_count;    /* how many steps these are */
    double grad_norm;      /* of the last update, before clipping */
    double watched_sum;    /* of their losses since the last evaluation */
    int64_t watched_count; /* and how many these are */
    taper_controller controller; /* what it has made of the evaluations */
    bool scored;                 /* whether anything was evaluated yet */
    bool pending; /* the evaluation of the last update, and its row of
                     metrics.csv, are still to come */
    double score[TASK_SCORES]; /* the latest evaluation */
    double train_seconds;      /* steps alone, over all processes of the run */
    double total_seconds;      /* with evaluations and checkpoints */
};

/* A named array that is saved and restored. */
struct task_part {
    struct task_tensor tensor; /* tensor.data is `values` */
    void *values;
};

/* `identity` names the run: a checkpoint of another one is refused. */
enum task_status task_checkpoint_save(const char *path, const char *identity,
                                      const struct task_part *parts,
                                      size_t count,
                                      const struct task_counters *counters,
                                      struct task_error *err);

/* Restores all parts and the counters. On failure some parts may have been
 * overwritten, so a caller that goes on must start anew. *found is false,
 * with TASK_OK, when there is no file yet. */
enum task_status task_checkpoint_load(const char *path, const char *identity,
                                      const struct task_part *parts,
                                      size_t count,
                                      struct task_counters *counters,
                                      bool *found, struct task_error *err);

#endif
