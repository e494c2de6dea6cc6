/* Scores an encoder on a set of texts. */
#ifndef TAPER_TASK_TEXT_EVAL_H
#define TAPER_TASK_TEXT_EVAL_H

#include "data/token_batches.h"
#include "nn/engine.h"
#include "task/progress.h"
#include "task/scores.h"
#include "task/task_status.h"

struct task_text_eval {
    struct nn_engine *engine; /* borrowed */
    struct data_token_batches *batches;
    struct task_progress *progress; /* borrowed; NULL: none is shown */
    struct task_scores scores;      /* of the last run */
    float *logits;                  /* [batch, classes] */
    double *row;                    /* [classes] */
};

/* `batch` is the engine's, `lengths` the row lengths that it takes. */
enum task_status task_text_eval_create(struct task_text_eval *e,
                                       struct nn_engine *engine,
                                       const struct data_tokens *test,
                                       size_t batch, const int *lengths,
                                       size_t length_count,
                                       struct task_error *err);
void task_text_eval_free(struct task_text_eval *e); /* zeroed is legal */

/* Leaves the counts of the whole set in e->scores. TASK_E_STOPPED when a stop
 * was asked for: they are then those of no evaluation. */
enum task_status task_text_eval_run(struct task_text_eval *e,
                                    struct task_error *err);

#endif
