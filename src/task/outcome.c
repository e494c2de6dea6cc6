/* Picture, summary and weights of a finished run. */
#include "task/outcome.h"

#include "plot/gnuplot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One pass of the average, forwards or backwards: adds the weighted sum up to
 * each value, and the sum of its weights. */
static void smooth_pass(const double *values, size_t n, bool backwards,
                        double keep, double *sums, double *weights)
{
    double sum = 0, weight = 0;
    for (size_t k = 0; k < n; k++) {
        const size_t i = backwards ? n - 1 - k : k;
        const bool counts = isfinite(values[i]);
        sum = keep * sum + (counts ? values[i] : 0.0);
        weight = keep * weight + (counts ? 1.0 : 0.0);
        sums[i] += sum;
        weights[i] += weight;
    }
}

void task_smooth(const double *values, size_t n, double *out, double *weights)
{
    const double memory = fmin(100.0, (double)n / 50.0);
    const double keep = memory > 1 ? 1.0 - 1.0 / memory : 0.0;
    for (size_t i = 0; i < n; i++)
        out[i] = weights[i] = 0;
    smooth_pass(values, n, false, keep, out, weights);
    smooth_pass(values, n, true, keep, out, weights);
    for (size_t i = 0; i < n; i++)
        out[i] = weights[i] > 0 ? out[i] / weights[i] : NAN;
}

/* The rows that have a value in this column, as a curve; `x` and `y` are
 * [table->count]. */
static struct plot_curve filled_rows(const struct task_table *table,
                                     const char *column, double *x, double *y)
{
    const double *const value = task_table_column(table, column);
    size_t n = 0;
    for (size_t i = 0; value && i < table->count; i++) {
        if (isnan(value[i])) continue;
        x[n] = table->step[i];
        y[n++] = value[i];
    }
    return (struct plot_curve){.x = x, .y = y, .n = n};
}

/* The first score, and the series that is drawn beside it. `room` holds
 * [4 * table->count] values. */
static struct plot_panel score_panel(const struct task_columns *c,
                                     const struct task_table *table,
                                     char name[TASK_WORDS],
                                     char beside[TASK_WORDS], double *room,
                                     struct plot_curve curves[2])
{
    const size_t n = table->count;
    curves[0] = filled_rows(table, c->scores[0], room, room + n);
    struct plot_panel panel = {.ylabel = task_column_words(c->scores[0], name),
                               .curves = curves};
    panel.count = curves[0].n > 1;
    if (!c->beside) return panel;
    curves[0].name = name;
    curves[1] = filled_rows(table, c->beside, room + 2 * n, room + 3 * n);
    curves[1].name = task_column_words(c->beside, beside);
    if (curves[1].n > 1) panel.count++;
    if (panel.count == 1 && curves[0].n <= 1) panel.curves++;
    return panel;
}

void task_outcome_draw(const struct task_rundir *d, const char *title,
                       const struct task_job *job,
                       const struct task_table *table,
                       struct task_progress *progress)
{
    const size_t n = table->count;
    double *const smooth = malloc((5 * n + 1) * sizeof *smooth);
    char path[TASK_PATH_SIZE], name[TASK_WORDS], beside[TASK_WORDS];
    if (!smooth || n == 0 ||
        task_path(path, d->path, TASK_CURVES_FILE, NULL) != TASK_OK) {
        free(smooth);
        return;
    }
    double *const room = smooth + n;
    task_smooth(table->loss, n, smooth, room);
    const struct plot_curve rate = {.x = table->step,
                                    .y = table->lr,
                                    .n = n,
                                    .upright_jumps = true};
    const struct plot_curve losses[] = {
        {.name = "each step", .x = table->step, .y = table->loss, .n = n},
        {.name = "moving average", .x = table->step, .y = smooth, .n = n}};
    struct plot_curve scores[2];
    const struct plot_panel panels[] = {
        {.ylabel = "rate", .curves = &rate, .count = 1},
        {.ylabel = "loss", .curves = losses, .count = 2},
        score_panel(&job->columns, table, name, beside, room, scores)};
    const struct plot_figure figure = {.title = title,
                                       .xlabel = "step",
                                       .panels = panels,
                                       .count = panels[2].count > 0 ? 3 : 2};
    struct plot_error why;
    if (!plot_file(&figure, path, &why))
        task_progress_note(progress, "note: no %s: %s", path, why.message);
    free(smooth);
}

double task_outcome_final_loss(const struct task_table *table,
                               int64_t steps_per_epoch)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = table->count; i-- > 0; n++) {
        const double last = table->step[table->count - 1];
        if (last - table->step[i] >= (double)steps_per_epoch) break;
        sum += table->loss[i];
    }
    return n ? sum / (double)n : NAN;
}

cJSON *task_outcome_summary(const struct task_settings *s, const char *task,
                            const struct task_job *job,
                            const struct task_counters *counters,
                            double final_loss, double samples,
                            const char *status)
{
    cJSON *const o = cJSON_CreateObject();
    /* cJSON writes null for what is not finite. */
    cJSON_AddStringToObject(o, "task", task);
    cJSON_AddStringToObject(o, "data", s->data);
    cJSON_AddStringToObject(o, "model", s->model);
    cJSON_AddStringToObject(o, "schedule", s->schedule);
    cJSON_AddNumberToObject(o, "seed", (double)s->seed);
    cJSON_AddNumberToObject(o, "epochs", s->epochs);
    cJSON_AddNumberToObject(o, "steps", (double)counters->step);
    for (size_t i = 0; i < job->columns.score_count; i++)
        cJSON_AddNumberToObject(o, job->columns.scores[i],
                                counters->scored ? counters->score[i] : NAN);
    cJSON_AddNumberToObject(o, "final_loss", final_loss);
    const double seconds = counters->train_seconds;
    cJSON_AddNumberToObject(o, "train_seconds", round(seconds * 1e6) / 1e6);
    cJSON_AddNumberToObject(o, "total_seconds",
                            round(counters->total_seconds * 1e3) / 1e3);
    cJSON_AddNumberToObject(o, "samples_per_second",
                            seconds > 0 ? round((double)counters->step *
                                                samples / seconds * 10) /
                                              10
                                        : NAN);
    cJSON_AddNumberToObject(o, "threads", (double)s->threads);
    cJSON_AddStringToObject(o, "precision", s->precision);
    if (cJSON_AddStringToObject(o, "status", status)) return o;
    cJSON_Delete(o);
    return NULL;
}

enum task_status task_outcome_model(const struct task_rundir *d,
                                    const struct task_job *job,
                                    const struct task_pair *metadata,
                                    size_t pairs, struct task_error *err)
{
    char path[TASK_PATH_SIZE];
    enum task_status status = task_path(path, d->path, TASK_MODEL_FILE, err);
    if (status != TASK_OK) return status;
    struct task_tensor *const tensors =
        calloc(job->part_count + 1, sizeof *tensors);
    if (!tensors) return task_fail(err, TASK_E_MEMORY, "out of memory");
    for (size_t i = 0; i < job->part_count; i++)
        tensors[i] = job->parts[i].tensor;
    status = task_safetensors_write(path, tensors, job->part_count, metadata,
                                    pairs, err);
    free(tensors);
    return status;
}
