/* How a person stops a command that works for long. The first Ctrl-C (or
 * SIGTERM, or a terminal that closes) is noted, so that the command can end
 * tidily; a second one ends the process at once. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

/* Installs the handlers, except of a signal that the process was started to
 * ignore, as nohup does. */
void cli_interrupt_install(void);

/* Puts back what was there before. */
void cli_interrupt_remove(void);

bool cli_interrupted(void);

#endif
