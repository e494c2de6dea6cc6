/* The table of what reads a setting: see readers.h. */
#include "task/readers.h"

#include <stdio.h>
#include <string.h>

#define READ(name, other) \
    .setting = TASK_SETTING_##name, .by = TASK_SETTING_##other

static const struct task_reader readers[] = {
    {READ(momentum, optimizer), .values = {"sgd", "muon"}},
    {READ(nesterov, optimizer), .values = {"sgd", "muon"}},
    {READ(nesterov, momentum), .planned = true},
    {READ(other_rate, optimizer), .values = {"muon"}},
    {READ(decay_all, weight_decay), .planned = true},
    {READ(monitor, controller)},
    /* of images */
    {READ(pad, crop)},
    {READ(whiten_epochs, model), .values = {"airbench94"}},
    /* of texts */
    {READ(min_count, tokenizer), .values = {"words"}},
    /* of agents */
    {READ(baseline, algorithm), .values = {"reinforce"}},
    {READ(episodes, algorithm), .values = {"reinforce"}},
    {READ(env_steps, algorithm), .values = {"ppo"}},
    {READ(envs, algorithm), .values = {"ppo"}},
    {READ(horizon, algorithm), .values = {"ppo"}},
    {READ(update_epochs, algorithm), .values = {"ppo"}},
    {READ(gae_lambda, algorithm), .values = {"ppo"}},
    {READ(clip_range, algorithm), .values = {"ppo"}},
    /* The baseline that PPO has by default is its own. */
    {READ(value_weight, baseline), .values = {"value"}},
};
enum { READERS = sizeof readers / sizeof readers[0] };

const struct task_reader *task_reader_at(size_t index)
{
    return index < READERS ? &readers[index] : NULL;
}

static bool is_off(const char *value)
{
    return strcmp(value, "0") == 0 || strcmp(value, "none") == 0;
}

/* Whether the row lets its setting be read where the other has this value. */
static bool admits(const struct task_reader *r, const char *value)
{
    if (!r->values[0]) return !is_off(value);
    for (size_t i = 0; i < TASK_READER_VALUES && r->values[i]; i++)
        if (strcmp(r->values[i], value) == 0) return true;
    return false;
}

/* "sgd or muon": those of the values that the task takes. */
static void name_values(const struct task_settings *s,
                        const struct task_reader *r, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < TASK_READER_VALUES && r->values[i]; i++)
        if (task_setting_takes(task_setting_at(r->by), s->task, r->values[i]))
            used += (size_t)snprintf(out + used, size - used, "%s%s",
                                     used ? " or " : "", r->values[i]);
}

static enum task_status refuse(const struct task_settings *s,
                               const struct task_reader *r, const char *value,
                               struct task_error *err)
{
    const char *const name = task_setting_at(r->setting)->name;
    const char *const by = task_setting_at(r->by)->name;
    char values[64];
    name_values(s, r, values, sizeof values);
    if (!r->values[0])
        return task_fail(err, TASK_E_USAGE,
                         "--%s is read with a --%s other than %s only, and "
                         "this run's is %s: leave it out, or take another --%s",
                         name, by, value, value, by);
    return task_fail(err, TASK_E_USAGE,
                     "--%s is read with --%s %s only, and this run's %s is %s: "
                     "leave it out, or take --%s %s",
                     name, by, values, by, value, by, r->values[0]);
}

enum task_status task_setting_check_read(const struct task_settings *s,
                                         const struct task_setting *row,
                                         struct task_error *err)
{
    for (size_t i = 0; i < READERS; i++) {
        const struct task_reader *const r = &readers[i];
        char value[TASK_SETTING_TEXT];
        if (task_setting_at(r->setting) != row || (r->planned && s->plan))
            continue;
        if (task_setting_text(s, task_setting_at(r->by), value) &&
            !admits(r, value))
            return refuse(s, r, value, err);
    }
    return TASK_OK;
}

enum task_status task_settings_check_read(const struct task_settings *s,
                                          struct task_error *err)
{
    enum task_status status = TASK_OK;
    for (size_t i = 0; i < TASK_SETTING_COUNT && status == TASK_OK; i++)
        if (task_settings_given(s, task_setting_at(i)->name) &&
            !task_setting_says_no(s, task_setting_at(i)))
            status = task_setting_check_read(s, task_setting_at(i), err);
    return status;
}
