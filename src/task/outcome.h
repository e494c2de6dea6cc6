/* What a run leaves behind when its last update is done: the network, a
 * picture and a summary. */
#ifndef TAPER_TASK_OUTCOME_H
#define TAPER_TASK_OUTCOME_H

#include "task/loop.h"
#include "task/metrics.h"
#include "task/progress.h"
#include "task/rundir.h"
#include "task/settings.h"
#include "task/task_status.h"

/* Draws curves.png: the rate, the loss of each update with its moving average,
 * and the first score with the series beside it. Without gnuplot this is a
 * note, not an error. */
void task_outcome_draw(const struct task_rundir *d, const char *title,
                       const struct task_job *job,
                       const struct task_table *table,
                       struct task_progress *progress);

/* Mean loss over the last epoch's updates (or over all, if there are fewer). */
double task_outcome_final_loss(const struct task_table *table,
                               int64_t steps_per_epoch);

/* The keys that every task's summary.json has, in their order, with the job's
 * scores among them; NULL without memory. `status` is "done" or "diverged"
 * and `samples` the samples an update. */
cJSON *task_outcome_summary(const struct task_settings *s, const char *task,
                            const struct task_job *job,
                            const struct task_counters *counters,
                            double final_loss, double samples,
                            const char *status);

/* Writes the parts of the job as model.safetensors, with this metadata. */
enum task_status task_outcome_model(const struct task_rundir *d,
                                    const struct task_job *job,
                                    const struct task_pair *metadata,
                                    size_t pairs, struct task_error *err);

/* The moving average of n values that curves.png shows: exponential with a
 * memory of n / 50 values (at most 100), towards both sides so that it does not
 * lag. At the ends, where one side is missing, the other counts alone. Values
 * that are not finite are skipped. `weights` [n] is scratch. */
void task_smooth(const double *values, size_t n, double *out, double *weights);

#endif
