/* A network as the loop sees it, whatever it computes: blocks of floats, the
 * table that names their parts, and a parameter group for each.
 *
 *     task_model_of_engine    or the fields by hand, for another network
 *     task_model_prepare      parts and groups, by the settings
 *     task_model_bind         a plan's groups; before the run gets a folder
 *     task_model_plan, task_model_job
 *     task_model_free */
#ifndef TAPER_TASK_MODEL_H
#define TAPER_TASK_MODEL_H

#include "nn/engine.h"
#include "task/loop.h"
#include "task/progress.h"
#include "task/run.h"
#include "task/settings.h"

#include <cjson/cJSON.h>

struct task_model {
    /* Borrowed from the network. */
    const struct nn_parameter *parameters, *buffer_table; /* may be NULL */
    size_t parameter_count, buffer_count;
    float *weights, *gradients, *buffers;
    size_t size, buffer_size; /* floats */
    /* Owned. */
    struct task_part *parts; /* parameters, then buffers */
    size_t part_count;
    struct optim_group *groups; /* one for each parameter, in their order */
};

/* The blocks and tables of an engine; all other fields zero. */
struct task_model task_model_of_engine(struct nn_engine *engine);

/* Makes the parts and the groups. The rate and the decay of a group follow from
 * what its parameter is for. */
enum task_status task_model_prepare(struct task_model *m,
                                    const struct task_settings *s,
                                    struct task_error *err);

/* The group that a parameter is in besides that of its role, "head" for
 * instance; NULL: none. */
typedef const char *task_group_fn(const void *self,
                                  const struct nn_parameter *p);

/* Binds the names of the run's plan that have a group to the model's groups:
 * those of the roles (weight, bias, norm, embedding, whiten) and those that
 * `group` names. Then refuses knobs that the rule does not take. */
enum task_status task_model_bind(const struct task_model *m,
                                 struct task_run *run, task_group_fn *group,
                                 const void *self, struct task_error *err);

/* The rule and the knobs, with the largest value of everything that the plan
 * drives: what can be trained with that, and has memory for it, can be with all
 * of them. */
struct task_plan task_model_plan(const struct task_model *m,
                                 const struct task_settings *s,
                                 struct task_hyper *hyper);

/* Sets the fields of the job that are the model's, and its length, which is the
 * run's. */
void task_model_job(const struct task_model *m, const struct task_run *run,
                    struct task_job *job);

/* For run.json: parameters, memory (bytes) and the software that computes;
 * NULL without memory. */
cJSON *task_model_describe(const struct task_model *m, size_t memory);

void task_model_free(struct task_model *m); /* zeroed is legal */

/* Before an engine: f32 in place of bf16, with a note, on a CPU that would only
 * imitate bf16, which is slower and less exact; the run's files say so. */
enum task_status task_settle_precision(struct task_settings *s,
                                       struct task_progress *progress,
                                       struct task_error *err);

/* Makes the batch and the threads that the person did not choose fit `count`
 * training samples, called so in messages ("images"). A thread by default has
 * at least `share` samples of a batch. */
enum task_status task_settle_batch(struct task_settings *s, int64_t count,
                                   const char *samples, int64_t share,
                                   struct task_error *err);

/* Batch, threads and precision of the settings. A run that was begun in bf16 is
 * refused where there is none. */
enum task_status task_engine_options(const struct task_settings *s,
                                     struct nn_options *out,
                                     struct task_error *err);

/* Weights as the seed names them. */
void task_engine_initialise(struct nn_engine *engine,
                            const struct task_settings *s);

#endif
