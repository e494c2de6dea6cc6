/* Somebody who looks on while a run trains and may end it: a range test, which
 * wants the loss of every update and stops when it has seen enough. */
#ifndef TAPER_TASK_WATCH_H
#define TAPER_TASK_WATCH_H

#include "task/metrics.h"

#include <stdbool.h>

struct task_watch {
    void *self; /* first argument of the function */

    /* Told of every update: its step, epoch, rate, loss and norm, and the
     * job's series after it, by the names that `columns` has. The loss is NaN
     * where the update diverged, and was then not made. There are no scores.
     * Both are gone after the call.
     *
     * False ends the run with TASK_E_STOPPED as it is: nothing is evaluated or
     * saved, so that the folder is worth nothing to --resume. */
    bool (*update)(void *self, const struct task_columns *columns,
                   const struct task_row *row);
};

#endif
