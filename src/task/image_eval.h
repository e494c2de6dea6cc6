/* Scores a network on a set of images, by one view or by several. */
#ifndef TAPER_TASK_IMAGE_EVAL_H
#define TAPER_TASK_IMAGE_EVAL_H

#include "data/loader.h"
#include "nn/engine.h"
#include "task/progress.h"
#include "task/scores.h"
#include "task/task_status.h"

#include <stdbool.h>
#include <stddef.h>

struct task_image_eval {
    struct nn_engine *engine;       /* borrowed */
    struct data_loader *loader;     /* of the test set, DATA_EVALUATION */
    struct task_progress *progress; /* borrowed; NULL: none is shown */
    size_t count, classes;
    float *batch;    /* [batch, classes] logits of one batch */
    double *logits;  /* [count, classes], summed over the views */
    int32_t *labels; /* [count] */
    struct task_scores scores;
};

/* `batch` is the engine's. Statistics are those of the training set. */
enum task_status
task_image_eval_create(struct task_image_eval *e, struct nn_engine *engine,
                       const struct data_set *test,
                       const struct data_statistics *statistics, size_t batch,
                       struct task_error *err);
void task_image_eval_free(struct task_image_eval *e); /* zeroed is legal */

/* Share of images whose largest logit is the label, and mean cross-entropy.
 * `views` averages the logits of six views as airbench94 does: the image and
 * its mirror image at half the weight, both moved by one pixel along each
 * diagonal direction at the other half. TASK_E_STOPPED when a stop was asked
 * for: the scores are then those of no evaluation. */
enum task_status task_image_eval_run(struct task_image_eval *e, bool views,
                                     double *accuracy, double *loss,
                                     struct task_error *err);

#endif
