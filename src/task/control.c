/* Settings to a controller, with what only a run can check. */
#include "task/control.h"

#include <string.h>

static const char train_loss[] = "train_loss";

static enum task_status find_monitor(const char *name,
                                     const char *const *scores, size_t count,
                                     size_t *out, struct task_error *err)
{
    *out = 0;
    if (strcmp(name, train_loss) == 0) return TASK_OK;
    for (*out = 1; *out <= count; ++*out)
        if (strcmp(name, scores[*out - 1]) == 0) return TASK_OK;
    return task_fail(err, TASK_E_USAGE, "--monitor %.80s is not evaluated here",
                     name);
}

static enum task_status refuse_text(const char *text, const taper_error *why,
                                    struct task_error *err)
{
    return task_fail(err, TASK_E_USAGE,
                     "--controller '%.300s', at character %zu: %s", text,
                     why->position + 1, why->message);
}

/* An accuracy rises and a loss falls: the other direction would lower the rate
 * for as long as the network learns. A controller that acts on command only
 * looks at none. */
static enum task_status check_mode(const taper_controller *c,
                                   const char *monitor, struct task_error *err)
{
    const bool rises = strstr(monitor, "loss") == NULL;
    const bool listens = c->rule != TAPER_RULE_NONE && c->patience >= 0;
    if (!listens || rises == (c->mode == 1)) return TASK_OK;
    return task_fail(err, TASK_E_USAGE,
                     "--monitor %.80s is better when it is %s: give the "
                     "controller mode=%s",
                     monitor, rises ? "larger" : "smaller",
                     rises ? "max" : "min");
}

/* That the early cool-down could be entered at the first update. */
static enum task_status check_cooldown(const taper_controller *c,
                                       const taper_schedule *schedule,
                                       struct task_error *err)
{
    taper_controller trial = *c;
    if (c->rule != TAPER_RULE_COOLDOWN ||
        taper_controller_trigger(&trial, schedule, 0))
        return TASK_OK;
    return task_fail(err, TASK_E_USAGE,
                     "--controller cooldown begins the schedule's last part "
                     "early, and this schedule is one part: give one such as "
                     "'linear(0, 1e-3, 5%%) then hold() then linear(to=0, "
                     "over=20%%)'");
}

enum task_status task_control_parse(const struct task_settings *s,
                                    const taper_schedule *schedule,
                                    const char *const *scores, size_t count,
                                    struct task_control *out,
                                    struct task_error *err)
{
    *out = (struct task_control){0};
    if (!s->controller) return TASK_OK;
    taper_error why;
    if (taper_controller_parse(s->controller, strlen(s->controller),
                               &out->controller, &why) != TAPER_OK)
        return refuse_text(s->controller, &why, err);
    enum task_status status =
        find_monitor(s->monitor, scores, count, &out->monitor, err);
    if (status == TASK_OK)
        status = check_mode(&out->controller, s->monitor, err);
    if (status == TASK_OK)
        status = check_cooldown(&out->controller, schedule, err);
    return status;
}
