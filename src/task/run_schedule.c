/* From the text of a schedule, or of a plan, to what the run uses: its units
 * resolved by the facts of the run, its rates checked, its text kept with
 * everything in steps. */
#include "task/run.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What run.json says under a key; NULL if this is a new run. */
static const char *recorded(const struct task_run *run, const char *key)
{
    return cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(run->dir.run, key));
}

/* The texts with everything in steps. */
static enum task_status describe(struct task_run *run, struct task_error *err)
{
    const taper_plan *const plan = run->hyper.plan;
    const size_t n = taper_describe(run->schedule, NULL, 0);
    const size_t m = plan ? taper_plan_describe(plan, NULL, 0) : 0;
    run->canonical = malloc(n + 1);
    run->plan = plan ? malloc(m + 1) : NULL;
    if (!run->canonical || (plan && !run->plan))
        return task_fail(err, TASK_E_MEMORY, "out of memory");
    (void)taper_describe(run->schedule, run->canonical, n + 1);
    if (!plan) return TASK_OK;
    (void)taper_plan_describe(plan, run->plan, m + 1);
    return task_settings_set(run->settings, task_setting_find("schedule"),
                             run->canonical, false, err);
}

/* The same of a resumed run: those of its run.json, whatever this version of
 * taper would write. */
static enum task_status keep_texts(struct task_run *run, struct task_error *err)
{
    const char *const canonical = recorded(run, "canonical");
    const char *const plan = run->hyper.plan ? recorded(run, "plan") : NULL;
    run->canonical = canonical ? strdup(canonical) : NULL;
    run->plan = plan ? strdup(plan) : NULL;
    if (!run->canonical)
        return task_fail(err, TASK_E_FORMAT,
                         "%s/" TASK_RUN_FILE " is damaged: it has no schedule",
                         run->dir.path);
    return TASK_OK;
}

/* ---- units ---- */

/* A unit as a schedule sees it: the member of taper_run that its text needs,
 * by which it is recognised, and what run.json and messages call it. */
static const struct unit {
    const char *needs, *name, *plural;
} units[] = {
    [TASK_UNIT_UPDATE] = {NULL, "update", "updates"},
    [TASK_UNIT_SAMPLE] = {"batch", "sample", "environment steps"},
    [TASK_UNIT_EPISODE] = {"epoch", "episode", "episodes"},
};
enum { UNITS = sizeof units / sizeof units[0] };

/* How many of its unit the run has; 0: not known. */
static int64_t positions(const struct task_length *length, enum task_unit unit)
{
    if (unit == TASK_UNIT_SAMPLE) return length->all_samples;
    return unit == TASK_UNIT_EPISODE ? length->all_episodes : length->steps;
}

/* How many of them are checked: where nobody knows, a million. */
static int64_t reach(const struct task_length *length, enum task_unit unit)
{
    const int64_t n = positions(length, unit);
    return n > 0 ? n : 1000000;
}

static taper_run facts_of(const struct task_run *run,
                          const struct task_length *length)
{
    taper_run facts = {.steps = positions(length, run->unit),
                       .files = run->settings->files};
    if (!length->counts) {
        facts.epoch = (double)length->steps_per_epoch;
        facts.batch = length->samples;
        facts.tokens = length->tokens;
    }
    if (run->unit == TASK_UNIT_SAMPLE) facts.batch = 1;
    if (run->unit == TASK_UNIT_EPISODE) facts.epoch = 1;
    return facts;
}

/* ---- refusals ---- */

/* Refuses rates below 0, which would climb where they should descend. */
static enum task_status check_rates(const struct task_run *run,
                                    const struct task_length *length,
                                    struct task_error *err)
{
    const struct task_reach r =
        task_reach_of(run->schedule, reach(length, run->unit), 0, DBL_MAX);
    if (r.outside < 0) return TASK_OK;
    char text[TAPER_NUMBER_SIZE];
    (void)taper_format_number(r.value, text);
    return task_fail(err, TASK_E_USAGE,
                     "--schedule '%.300s' is %s at step %lld: a rate must be 0 "
                     "or more",
                     run->settings->schedule, text, (long long)r.outside);
}

/* A trainer knows every fact of its run that there is, so the general message
 * would ask for a number that nobody can give. */
static void say_missing(const struct task_run *run,
                        const struct task_length *length, taper_error *why)
{
    char *const out = why->message;
    const size_t size = sizeof why->message;
    if (strcmp(why->needs, "tokens") == 0)
        (void)
            snprintf(out, size,
                     "there are no tokens (tok) in this task: give the length "
                     "in ep, %% or smp");
    else if (strcmp(why->needs, "steps") == 0)
        (void)snprintf(out, size,
                       "how many %s this run will have is not known before it "
                       "ends: give every length in %s",
                       units[run->unit].plural,
                       run->unit == TASK_UNIT_EPISODE ? "ep" : "smp");
    else if (length->counts)
        (void)snprintf(out, size,
                       "the text counts environment steps (smp) and episodes "
                       "(ep): it can count one of them only");
    why->needs = NULL;
}

static enum task_status refuse_text(const struct task_run *run,
                                    const struct task_length *length,
                                    const char *text, const taper_error *error,
                                    struct task_error *err)
{
    taper_error why = *error;
    if (why.code == TAPER_E_NOMEM)
        return task_fail(err, TASK_E_MEMORY, "%s", why.message);
    if (run->resume)
        return task_fail(err, TASK_E_FORMAT,
                         "%s/" TASK_RUN_FILE " is damaged: its schedule or "
                         "plan is none",
                         run->dir.path);
    if (why.code == TAPER_E_RUN && why.needs) say_missing(run, length, &why);
    const enum task_status status =
        task_fail(err, TASK_E_USAGE, "--%s '%.300s', at character %zu: %s",
                  run->settings->plan ? "plan" : "schedule", text,
                  why.position + 1, why.message);
    if (err) err->schedule = why;
    return status;
}

/* ---- parsing ---- */

/* Either a schedule or a plan, by the settings. */
static taper_status parse_text(struct task_run *run, const char *text,
                               const struct task_length *length,
                               taper_plan **plan, taper_error *why)
{
    const taper_run facts = facts_of(run, length);
    const size_t n = strlen(text);
    *plan = NULL;
    return run->settings->plan
               ? taper_plan_parse(text, n, &facts, NULL, plan, why)
               : taper_parse(text, n, &facts, NULL, &run->schedule, why);
}

/* The same; the unit of a new agent's run is that of the text. */
static taper_status parse_unit(struct task_run *run, const char *text,
                               const struct task_length *length,
                               taper_plan **plan, taper_error *why)
{
    const taper_status status = parse_text(run, text, length, plan, why);
    if (status != TAPER_E_RUN || !length->counts || run->resume) return status;
    for (int i = 1; i < UNITS; i++)
        if (why->needs && strcmp(why->needs, units[i].needs) == 0) {
            run->unit = (enum task_unit)i;
            return parse_text(run, text, length, plan, why);
        }
    return status;
}

/* Takes over the plan, with its lr as the schedule of the run and of its
 * settings. */
static enum task_status take_plan(struct task_run *run, taper_plan *plan,
                                  const struct task_length *length,
                                  struct task_error *err)
{
    const enum task_status status =
        task_hyper_open(&run->hyper, plan, run->bit, run->settings, run->resume,
                        reach(length, run->unit), err);
    if (status != TASK_OK) return status;
    const size_t lr = run->hyper.of[TASK_HYPER_LR];
    if (taper_copy(taper_plan_schedule(plan, lr), NULL, &run->schedule) !=
        TAPER_OK)
        return task_fail(err, TASK_E_MEMORY, "out of memory");
    return TASK_OK;
}

enum task_status task_run_steps(double epochs, int64_t steps_per_epoch,
                                int64_t *steps, struct task_error *err)
{
    /* 1.1 epochs of 10 steps are 11 steps, though 1.1 * 10 > 11 in binary. */
    const double n = ceil(epochs * (double)steps_per_epoch * (1 - 1e-12));
    if (!(n >= 1 && n <= 1e12))
        return task_fail(err, TASK_E_USAGE, "--epochs %g makes no run", epochs);
    *steps = (int64_t)n;
    return TASK_OK;
}

/* The unit that run.json names. */
static void keep_unit(struct task_run *run)
{
    const char *const name = recorded(run, "unit");
    for (int i = 0; name && i < UNITS; i++)
        if (strcmp(name, units[i].name) == 0) run->unit = (enum task_unit)i;
}

const char *task_unit_name(enum task_unit unit)
{
    return units[unit].name;
}

/* The controller, which reads the schedule by updates alone. */
static enum task_status parse_control(struct task_run *run,
                                      const char *const *scores, size_t count,
                                      struct task_error *err)
{
    const enum task_status status =
        task_control_parse(run->settings, run->schedule, scores, count,
                           &run->control, err);
    if (status != TASK_OK || run->unit == TASK_UNIT_UPDATE ||
        run->control.controller.rule == TAPER_RULE_NONE)
        return status;
    return task_fail(err, TASK_E_USAGE,
                     "--controller needs a schedule that counts updates, and "
                     "this one counts %s",
                     units[run->unit].plural);
}

enum task_status task_run_schedule(struct task_run *run,
                                   const struct task_length *length,
                                   const char *const *scores, size_t count,
                                   struct task_error *err)
{
    const struct task_settings *const s = run->settings;
    run->steps = length->steps;
    run->steps_per_epoch = length->steps_per_epoch;
    run->samples = length->samples;
    if (run->resume) keep_unit(run);
    const char *text = s->plan ? s->plan : s->schedule;
    if (run->resume) text = recorded(run, s->plan ? "plan" : "canonical");
    if (!text)
        return task_fail(err, TASK_E_FORMAT,
                         "%s/" TASK_RUN_FILE " is damaged: it has no schedule",
                         run->dir.path);
    taper_plan *plan;
    taper_error why;
    if (parse_unit(run, text, length, &plan, &why) != TAPER_OK)
        return refuse_text(run, length, text, &why, err);
    enum task_status status = plan ? take_plan(run, plan, length, err)
                                   : check_rates(run, length, err);
    if (status == TASK_OK)
        status = run->resume ? keep_texts(run, err) : describe(run, err);
    return status == TASK_OK ? parse_control(run, scores, count, err) : status;
}
