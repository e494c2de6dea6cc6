/* The names of a trial's states, and its release: see trial.h. */
#include "study/trial.h"

#include <stdlib.h>

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

const char *study_state_name(enum study_state state)
{
    static const char *const names[] = {"waiting", "running",  "done",
                                        "failed",  "diverged", "halved"};
    return names[state];
}
