/* Trials as values: copies, lists, the names of their states. See trial.h. */
#include "study/trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool study_metric_counts(double metric)
{
    return fabs(metric) <= STUDY_METRIC_MOST; /* not so for NaN */
}

void study_trial_clear(struct study_trial *t)
{
    free(t->name);
    free(t->spec);
    free(t->schedule);
    free(t->error);
    free(t->curve);
    free(t->summary);
    free(t->machine);
    *t = (struct study_trial){0};
}

/* Replaces a text that is another's by a copy; NULL stays NULL. */
static bool own(char **text)
{
    if (!*text) return true;
    *text = strdup(*text);
    return *text != NULL;
}

bool study_trial_copy(struct study_trial *out, const struct study_trial *t)
{
    *out = *t;
    char **const texts[] = {&out->name,   &out->spec,  &out->schedule,
                            &out->error,  &out->curve, &out->summary,
                            &out->machine};
    enum { COUNT = sizeof texts / sizeof texts[0] };
    for (size_t i = 0; i < COUNT; i++)
        if (!own(texts[i])) {
            for (size_t k = i; k < COUNT; k++)
                *texts[k] = NULL; /* not copied: still those of `t` */
            study_trial_clear(out);
            return false;
        }
    return true;
}

bool study_trial_same(const struct study_trial *a, const struct study_trial *b)
{
    return a->role == b->role && a->seed == b->seed && !(a->peak < b->peak) &&
           !(a->peak > b->peak) && !(a->budget < b->budget) &&
           !(a->budget > b->budget) && strcmp(a->schedule, b->schedule) == 0;
}

bool study_trials_push(struct study_trials *trials, struct study_trial *t)
{
    if (trials->count == trials->capacity) {
        const size_t capacity = trials->capacity ? 2 * trials->capacity : 16;
        struct study_trial *items =
            realloc(trials->items, capacity * sizeof *items);
        if (!items) return false;
        trials->items = items;
        trials->capacity = capacity;
    }
    trials->items[trials->count++] = *t;
    *t = (struct study_trial){0};
    return true;
}

void study_trials_clear(struct study_trials *trials)
{
    for (size_t i = 0; i < trials->count; i++)
        study_trial_clear(&trials->items[i]);
    free(trials->items);
    *trials = (struct study_trials){0};
}

static const char *const states[] = {"waiting", "running",  "done",
                                     "failed",  "diverged", "halved"};

const char *study_state_name(enum study_state state)
{
    return states[state];
}

bool study_state_read(const char *name, enum study_state *out)
{
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (strcmp(name, states[i]) == 0) {
            *out = (enum study_state)i;
            return true;
        }
    return false;
}

const char *study_role_name(enum study_role role)
{
    return role == STUDY_TUNE ? "tune" : "score";
}

bool study_state_over(enum study_state state)
{
    return state != STUDY_WAITING && state != STUDY_RUNNING;
}
