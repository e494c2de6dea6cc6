/* One pass over the test texts, shortest first. */
#include "task/text_eval.h"

#include "task/stop.h"

#include <stdlib.h>

enum task_status task_text_eval_create(struct task_text_eval *e,
                                       struct nn_engine *engine,
                                       const struct data_tokens *test,
                                       size_t batch, const int *lengths,
                                       size_t length_count,
                                       struct task_error *err)
{
    const struct data_token_batch_options options = {.mode = DATA_EVALUATION,
                                                     .batch = batch,
                                                     .lengths = lengths,
                                                     .length_count =
                                                         length_count};
    *e = (struct task_text_eval){.engine = engine};
    struct data_error why;
    e->logits = malloc(batch * test->classes * sizeof *e->logits);
    e->row = malloc(test->classes * sizeof *e->row);
    if (!e->logits || !e->row || !task_scores_create(&e->scores, test->classes))
        return task_fail(err, TASK_E_MEMORY,
                         "out of memory for the scores of the test texts");
    if (data_token_batches_create(test, &options, &e->batches, &why) != DATA_OK)
        return task_fail(err, TASK_E_DATA, "%s", why.message);
    return TASK_OK;
}

void task_text_eval_free(struct task_text_eval *e)
{
    data_token_batches_destroy(e->batches);
    task_scores_free(&e->scores);
    free(e->logits);
    free(e->row);
    *e = (struct task_text_eval){0};
}

static void add_batch(struct task_text_eval *e,
                      const struct data_token_batch *b)
{
    const size_t classes = e->scores.classes;
    for (size_t i = 0; i < b->n; i++) {
        for (size_t c = 0; c < classes; c++)
            e->row[c] = (double)e->logits[i * classes + c];
        task_scores_add(&e->scores, e->row, b->labels[i]);
    }
}

enum task_status task_text_eval_run(struct task_text_eval *e,
                                    struct task_error *err)
{
    const size_t count = data_token_batches_count(e->batches);
    task_scores_reset(&e->scores);
    for (size_t i = 0; i < count; i++) {
        if (task_stop_requested())
            return task_fail(err, TASK_E_STOPPED, "stopped in an evaluation");
        if (e->progress)
            task_progress_evaluation(e->progress, (double)i / (double)count);
        const struct data_token_batch *const b =
            data_token_batches_get(e->batches, 0, i);
        const struct nn_input in = {.tokens = b->tokens,
                                    .lengths = b->lengths,
                                    .length = b->length};
        if (nn_engine_infer(e->engine, &in, b->n, e->logits) != NN_OK)
            return task_fail(err, TASK_E_ENGINE,
                             "the network failed on the test texts");
        add_batch(e, b);
    }
    return TASK_OK;
}
