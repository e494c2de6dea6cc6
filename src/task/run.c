/* The frame around a training loop: see run.h. */
#include "task/run.h"

#include "task/outcome.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Rows of metrics.csv that a run has at most, unless it was asked for more. */
#define ROWS_MAX INT64_C(100000)

/* ---- settings ---- */

static enum task_status check_ended(struct task_run *run,
                                    struct task_error *err)
{
    const char *const status = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(run->dir.summary, "status"));
    if (!status || strcmp(status, "diverged") != 0) {
        run->finished = run->dir.summary != NULL;
        return TASK_OK;
    }
    return task_fail(err, TASK_E_DIVERGED,
                     "the run in %s diverged and cannot be continued: begin a "
                     "new one with a smaller rate",
                     run->dir.path);
}

enum task_status task_run_open(struct task_run *run, const char *task,
                               enum task_for bit,
                               struct task_settings *settings, bool resume,
                               struct task_progress *progress,
                               struct task_error *err)
{
    *run = (struct task_run){.task = task,
                             .bit = bit,
                             .settings = settings,
                             .progress = progress,
                             .resume = resume};
    if (!resume) return TASK_OK;
    enum task_status status =
        task_rundir_open(&run->dir, task, settings->out, err);
    if (status != TASK_OK) return status;
    char path[TASK_PATH_SIZE];
    status = task_path(path, run->dir.path, TASK_RUN_FILE, err);
    if (status != TASK_OK) return status;
    status =
        task_settings_from_json(settings, bit,
                                cJSON_GetObjectItemCaseSensitive(run->dir.run,
                                                                 "options"),
                                path, err);
    return status == TASK_OK ? check_ended(run, err) : status;
}

/* ---- run.json ---- */

/* FNV-1a, over several texts. */
static uint64_t hash_text(uint64_t h, const char *text)
{
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return (h ^ 0xff) * UINT64_C(0x100000001b3);
}

/* Names what the run computes: settings, schedule and data. A setting that
 * may change on the way is not part of it, and one that the run does not read
 * only where its run.json lists it, as earlier versions did. */
static enum task_status set_identity(struct task_run *run, const char *data,
                                     struct task_error *err)
{
    cJSON *const options =
        task_settings_to_json(run->settings, run->bit,
                              cJSON_GetObjectItemCaseSensitive(run->dir.run,
                                                               "options"));
    for (size_t i = 0; i < task_setting_count(); i++) {
        const struct task_setting *const row = task_setting_at(i);
        char key[32];
        task_setting_key(row, key);
        if (row->free) cJSON_DeleteItemFromObjectCaseSensitive(options, key);
    }
    char *const text = options ? cJSON_PrintUnformatted(options) : NULL;
    cJSON_Delete(options);
    if (!text) return task_fail(err, TASK_E_MEMORY, "out of memory");
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    h = hash_text(h, run->task);
    h = hash_text(h, text);
    h = hash_text(h, run->plan ? run->plan : run->canonical);
    h = hash_text(h, data);
    cJSON_free(text);
    (void)snprintf(run->identity, sizeof run->identity, "%016llx",
                   (unsigned long long)h);
    return TASK_OK;
}

static const char *text_of(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* Refuses to go on with other data, and says when the bits may differ. */
static enum task_status check_record(const struct task_run *run,
                                     const cJSON *data, const cJSON *model,
                                     struct task_error *err)
{
    const cJSON *const old = run->dir.run;
    const char *const was =
        text_of(cJSON_GetObjectItemCaseSensitive(old, "data"), "fingerprint");
    if (!was || strcmp(was, text_of(data, "fingerprint")) != 0)
        return task_fail(err, TASK_E_DATA,
                         "the data '%.300s' are not those that the run in %s "
                         "began with",
                         run->settings->data, run->dir.path);
    const cJSON *const then = cJSON_GetObjectItemCaseSensitive(old, "software");
    const cJSON *const now =
        cJSON_GetObjectItemCaseSensitive(model, "software");
    if (!cJSON_Compare(then, now, true))
        task_progress_note(run->progress,
                           "note: %s was begun by another version or on "
                           "another CPU: the last bits may differ",
                           run->dir.path);
    return TASK_OK;
}

static void add_stamp(cJSON *record)
{
    char stamp[32] = "";
    const time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc))
        (void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
    cJSON_AddStringToObject(record, "started", stamp);
}

/* Moves every item of `from` to the end of `to`. */
static void move_items(cJSON *to, cJSON *from)
{
    while (from && from->child) {
        cJSON *const item = cJSON_DetachItemViaPointer(from, from->child);
        cJSON_AddItemToObject(to, item->string, item);
    }
}

static cJSON *make_record(const struct task_run *run, cJSON *data, cJSON *model)
{
    cJSON *const o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "task", run->task);
    add_stamp(o);
    cJSON_AddStringToObject(o, "schedule", run->settings->schedule);
    cJSON_AddStringToObject(o, "canonical", run->canonical);
    if (run->plan) cJSON_AddStringToObject(o, "plan", run->plan);
    if (run->unit != TASK_UNIT_UPDATE)
        cJSON_AddStringToObject(o, "unit", task_unit_name(run->unit));
    cJSON_AddNumberToObject(o, "steps", (double)run->steps);
    cJSON_AddNumberToObject(o, "steps_per_epoch", (double)run->steps_per_epoch);
    cJSON *const options = task_settings_to_json(run->settings, run->bit, NULL);
    if (!options) {
        cJSON_Delete(o);
        return NULL;
    }
    cJSON_AddItemToObject(o, "options", options);
    cJSON_AddItemToObject(o, "data", cJSON_Duplicate(data, true));
    move_items(o, model);
    return o;
}

enum task_status task_run_record(struct task_run *run, cJSON *data,
                                 cJSON *model, struct task_error *err)
{
    const char *const fingerprint = text_of(data, "fingerprint");
    enum task_status status =
        fingerprint && model ? set_identity(run, fingerprint, err)
                             : task_fail(err, TASK_E_MEMORY, "out of memory");
    if (status == TASK_OK && run->resume) {
        status = check_record(run, data, model, err);
    } else if (status == TASK_OK) {
        status =
            task_rundir_create(&run->dir, run->task, run->settings->out, err);
        if (status == TASK_OK) {
            cJSON *const record = make_record(run, data, model);
            status = task_rundir_write(&run->dir, TASK_RUN_FILE, record, err);
            cJSON_Delete(record);
        }
    }
    cJSON_Delete(data);
    cJSON_Delete(model);
    return status;
}

/* ---- training and results ---- */

/* Steps of a number of epochs, at least one; 0 stays 0. */
static int64_t epochs_to_steps(const struct task_run *run, double epochs)
{
    if (!(epochs > 0)) return 0;
    const double steps = round(epochs * (double)run->steps_per_epoch);
    return steps < 1 ? 1 : steps > 1e15 ? 0 : (int64_t)steps;
}

static int64_t log_interval(const struct task_run *run)
{
    const int64_t asked = run->settings->log_every;
    return asked > 0 ? asked : (run->steps + ROWS_MAX - 1) / ROWS_MAX;
}

static enum task_status finish(struct task_run *run, const struct task_job *job,
                               const struct task_counters *counters,
                               const struct task_extras *extras,
                               const char *metrics, const char *how,
                               cJSON **summary, struct task_error *err)
{
    struct task_table table;
    enum task_status status = task_table_read(metrics, &table, err);
    if (status != TASK_OK) return status;
    if (run->settings->pictures)
        task_outcome_draw(&run->dir, run->settings->schedule, job, &table,
                          run->progress);
    *summary =
        task_outcome_summary(run->settings, run->task, job, counters,
                             task_outcome_final_loss(&table,
                                                     run->steps_per_epoch),
                             run->samples, how);
    task_table_free(&table);
    if (*summary)
        cJSON_AddStringToObject(*summary, "canonical", run->canonical);
    if (*summary && extras->summarise) extras->summarise(job->self, *summary);
    return task_rundir_write(&run->dir, TASK_SUMMARY_FILE, *summary, err);
}

/* What the run and its settings say of how the loop trains. */
static enum task_status complete(const struct task_run *run,
                                 struct task_plan *plan, struct task_error *err)
{
    const struct task_settings *const s = run->settings;
    plan->schedule = run->schedule;
    plan->control = run->control;
    plan->lookahead = s->lookahead;
    plan->eval_every = epochs_to_steps(run, s->eval_every);
    plan->log_every = log_interval(run);
    plan->checkpoint_every = s->checkpoint_every;
    plan->identity = run->identity;
    plan->folder = run->dir.path;
    plan->watch = s->watch;
    return task_log_parse(s->log, &plan->logs, err);
}

enum task_status task_run_train(struct task_run *run,
                                const struct task_job *job,
                                const struct task_plan *plan,
                                const struct task_extras *extras,
                                cJSON **summary, struct task_error *err)
{
    *summary = NULL;
    char checkpoint[TASK_PATH_SIZE], metrics[TASK_PATH_SIZE];
    enum task_status status =
        task_path(checkpoint, run->dir.path, TASK_CHECKPOINT_FILE, err);
    if (status == TASK_OK)
        status = task_path(metrics, run->dir.path, TASK_METRICS_FILE, err);
    if (status != TASK_OK) return status;

    struct task_plan whole = *plan;
    whole.checkpoint = checkpoint;
    whole.metrics = metrics;
    status = complete(run, &whole, err);
    if (status != TASK_OK) return status;
    run->progress->steps = run->steps;
    run->progress->steps_per_epoch = run->steps_per_epoch;
    run->progress->samples_per_step = run->samples;

    struct task_counters counters;
    status = task_loop_run(job, &whole, run->progress, &counters, err);
    if (status == TASK_E_DIVERGED) {
        const enum task_status written =
            finish(run, job, &counters, extras, metrics, "diverged", summary,
                   NULL);
        (void)written; /* that the run diverged is what the person must know */
        return status;
    }
    if (status == TASK_OK)
        status = task_outcome_model(&run->dir, job, extras->metadata,
                                    extras->pairs, err);
    if (status == TASK_OK)
        status =
            finish(run, job, &counters, extras, metrics, "done", summary, err);
    return status;
}

void task_run_close(struct task_run *run)
{
    task_rundir_close(&run->dir);
    taper_free(run->schedule, NULL);
    task_hyper_close(&run->hyper);
    free(run->canonical);
    free(run->plan);
    *run = (struct task_run){0};
}
