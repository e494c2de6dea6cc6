/* How a person stops a run: the first Ctrl-C (or SIGTERM, or a terminal that
 * closes) asks, and the loop ends after the step it is in and writes a
 * checkpoint; a second one ends the process at once. */
#ifndef TAPER_TASK_STOP_H
#define TAPER_TASK_STOP_H

#include <stdbool.h>

/* Installs the handlers, except of a signal that the process was started to
 * ignore, as nohup does, and lets a write beyond a file-size limit fail with
 * an error instead of a signal. Clears an earlier request. */
void task_stop_install(void);

/* Puts back what was there before, and forgets a request. */
void task_stop_remove(void);

/* Whether a stop was asked for. */
bool task_stop_requested(void);

#endif
