/* Good settings for each network or algorithm of a task, so that a run needs no
 * options at all. A recipe is text: option and value, as the command line would
 * have them. */
#ifndef TAPER_TASK_RECIPE_H
#define TAPER_TASK_RECIPE_H

#include "task/settings.h"
#include "task/task_status.h"

#include <stddef.h>

struct task_recipe {
    enum task_for task;
    const char *key; /* the model, or the algorithm of an agent */
    const char *optimizer;
    const char *schedule; /* default of this pair of key and optimiser */
    const char *rest;     /* "batch=512 epochs=24 ..." */
};

/* The recipe for a key, and for an optimiser unless it is NULL; the first row
 * of a key is its default. NULL if there is none. */
const struct task_recipe *task_recipe_find(enum task_for task, const char *key,
                                           const char *optimizer);

/* Fills in every setting that the person did not give: from what suits the data
 * set, then from the recipe of the key and optimiser, then from the defaults
 * that the whole task shares. Where
 * there is a plan, the schedule is left to it. */
enum task_status task_recipe_apply(struct task_settings *s, enum task_for task,
                                   const char *key, struct task_error *err);

#endif
