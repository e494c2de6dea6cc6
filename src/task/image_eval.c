/* Evaluation: logits of all images are kept, so that views can be summed. */
#include "task/image_eval.h"

#include "task/stop.h"

#include <stdlib.h>
#include <string.h>

/* A view and its weight in the average. */
struct weighted_view {
    struct data_view view;
    double weight;
};

static const struct weighted_view plain[] = {{{false, 0, 0}, 1.0}};

/* A mirrored image that moves left is a left-moving image that is mirrored the
 * other way round, hence the signs of the mirrored ones. */
static const struct weighted_view six[] = {
    {{false, 0, 0}, 0.25},  {{true, 0, 0}, 0.25},     {{false, 1, 1}, 0.125},
    {{true, -1, 1}, 0.125}, {{false, -1, -1}, 0.125}, {{true, 1, -1}, 0.125}};

enum task_status
task_image_eval_create(struct task_image_eval *e, struct nn_engine *engine,
                       const struct data_set *test,
                       const struct data_statistics *statistics, size_t batch,
                       struct task_error *err)
{
    *e = (struct task_image_eval){.engine = engine,
                                  .count = test->count,
                                  .classes = test->classes};
    const size_t side = test->height < test->width ? test->height : test->width;
    const struct data_loader_options options = {.mode = DATA_EVALUATION,
                                                .batch = batch,
                                                .statistics = *statistics,
                                                .padding = side > 1 ? 1 : 0,
                                                .pad = DATA_PAD_REFLECT};
    e->batch = malloc(batch * e->classes * sizeof *e->batch);
    e->logits = malloc(e->count * e->classes * sizeof *e->logits);
    e->labels = malloc(e->count * sizeof *e->labels);
    if (!e->batch || !e->logits || !e->labels ||
        !task_scores_create(&e->scores, e->classes)) {
        task_image_eval_free(e);
        return task_fail(err, TASK_E_MEMORY,
                         "out of memory for the scores of %zu test images",
                         test->count);
    }
    memcpy(e->labels, test->labels, e->count * sizeof *e->labels);
    struct data_error why;
    if (data_loader_create(test, &options, &e->loader, &why) != DATA_OK) {
        task_image_eval_free(e);
        return task_fail(err, TASK_E_DATA, "%s", why.message);
    }
    return TASK_OK;
}

void task_image_eval_free(struct task_image_eval *e)
{
    data_loader_destroy(e->loader);
    task_scores_free(&e->scores);
    free(e->batch);
    free(e->logits);
    free(e->labels);
    *e = (struct task_image_eval){0};
}

/* Adds the weighted logits of all images under one view. `before` and `all`
 * are the images, each once a view, before this view and in the whole
 * evaluation. */
static enum task_status add_view(struct task_image_eval *e,
                                 const struct weighted_view *v, size_t before,
                                 size_t all, struct task_error *err)
{
    double *sum = e->logits;
    size_t done = before;
    data_loader_start_view(e->loader, v->view);
    const struct data_batch *b;
    while ((b = data_loader_next(e->loader))) {
        if (task_stop_requested())
            return task_fail(err, TASK_E_STOPPED, "stopped in an evaluation");
        if (e->progress)
            task_progress_evaluation(e->progress, (double)done / (double)all);
        const struct nn_input in = {.images = b->images};
        if (nn_engine_infer(e->engine, &in, b->n, e->batch) != NN_OK)
            return task_fail(err, TASK_E_ENGINE,
                             "the network failed on the test images");
        for (size_t i = 0; i < b->n * e->classes; i++)
            *sum++ += v->weight * (double)e->batch[i];
        done += b->n;
        data_loader_release(e->loader);
    }
    return TASK_OK;
}

enum task_status task_image_eval_run(struct task_image_eval *e, bool views,
                                     double *accuracy, double *loss,
                                     struct task_error *err)
{
    const struct weighted_view *const list = views ? six : plain;
    const size_t n = views ? sizeof six / sizeof six[0] : 1;
    for (size_t i = 0; i < e->count * e->classes; i++)
        e->logits[i] = 0;
    for (size_t i = 0; i < n; i++) {
        const enum task_status status =
            add_view(e, &list[i], i * e->count, n * e->count, err);
        if (status != TASK_OK) return status;
    }
    task_scores_reset(&e->scores);
    for (size_t i = 0; i < e->count; i++)
        task_scores_add(&e->scores, e->logits + i * e->classes, e->labels[i]);
    *accuracy = task_scores_accuracy(&e->scores);
    *loss = task_scores_loss(&e->scores);
    return TASK_OK;
}
