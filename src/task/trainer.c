/* The frame around every trainer, and the list of them. */
#include "task/trainer.h"

#include "task/metrics.h"
#include "task/model.h"
#include "task/readers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct task_trainer *const trainers[] = {&task_image, &task_text,
                                                      &task_cartpole};
enum { TRAINERS = sizeof trainers / sizeof trainers[0] };

const struct task_trainer *task_trainer_at(size_t index)
{
    return index < TRAINERS ? trainers[index] : NULL;
}

const struct task_trainer *task_trainer_find(const char *name)
{
    for (size_t i = 0; i < TRAINERS; i++)
        if (strcmp(trainers[i]->name, name) == 0) return trainers[i];
    return NULL;
}

/* Refuses the choices of other tasks. */
static enum task_status check_choices(const struct task_trainer *trainer,
                                      const struct task_settings *s,
                                      struct task_error *err)
{
    for (size_t i = 0; i < TASK_SETTING_COUNT; i++) {
        const struct task_setting *const row = task_setting_at(i);
        char text[TASK_SETTING_TEXT], takes[TASK_SETTING_TEXT];
        if (!row->choices || !task_setting_text(s, row, text) ||
            task_setting_takes(row, trainer->bit, text))
            continue;
        task_setting_value(row, trainer->bit, takes);
        return task_fail(err, TASK_E_USAGE,
                         "--%s %s is not for %s, which takes %s: leave it out",
                         row->name, text, trainer->name, takes);
    }
    return TASK_OK;
}

enum task_status task_trainer_settle(const struct task_trainer *trainer,
                                     struct task_settings *settings,
                                     struct task_error *err)
{
    settings->task = trainer->bit;
    enum task_status status = check_choices(trainer, settings, err);
    if (status == TASK_OK) status = trainer->settle(settings, err);
    return status == TASK_OK ? task_settings_check_read(settings, err) : status;
}

/* What needs no data to be refused. */
static enum task_status check_words(const struct task_settings *s, bool resume,
                                    struct task_error *err)
{
    unsigned logs;
    const enum task_status status = task_log_parse(s->log, &logs, err);
    if (status != TASK_OK) return status;
    if (resume || !s->plan || !s->schedule) return TASK_OK;
    return task_fail(err, TASK_E_USAGE,
                     "--plan and --schedule exclude each other: the plan's "
                     "lr is the schedule");
}

static enum task_status work(const struct task_trainer *trainer, void *self,
                             struct task_run *run, char path[TASK_PATH_SIZE],
                             cJSON **summary, struct task_error *err)
{
    enum task_status status = TASK_OK;
    if (run->finished)
        *summary = cJSON_Duplicate(run->dir.summary, true);
    else
        status = run->resume ? trainer->settle(run->settings, err)
                             : task_trainer_settle(trainer, run->settings, err);
    if (status == TASK_OK && !run->finished)
        status = trainer->prepare(self, run, err);
    if (status != TASK_OK) return status;
    (void)snprintf(path, TASK_PATH_SIZE, "%s", run->dir.path);
    return run->finished ? TASK_OK : trainer->train(self, summary, err);
}

enum task_status task_train(const struct task_trainer *trainer,
                            struct task_settings *settings, bool resume,
                            struct task_progress *progress,
                            char path[TASK_PATH_SIZE], cJSON **summary,
                            struct task_error *err)
{
    path[0] = '\0';
    *summary = NULL;
    void *const self = calloc(1, trainer->size);
    if (!self) return task_fail(err, TASK_E_MEMORY, "out of memory");
    char score[TASK_WORDS];
    progress->score = task_column_words(trainer->score, score);
    struct task_run run = {0};
    enum task_status status = check_words(settings, resume, err);
    /* An agent refuses bf16 on every CPU. */
    if (status == TASK_OK && (trainer->bit & TASK_FOR_DATA))
        status = task_settle_precision(settings, progress, err);
    if (status == TASK_OK)
        status = task_run_open(&run, trainer->name, trainer->bit, settings,
                               resume, progress, err);
    if (status == TASK_OK)
        status = work(trainer, self, &run, path, summary, err);
    trainer->release(self);
    task_run_close(&run);
    free(self);
    progress->score = NULL;
    return status;
}
