/* Who works on a store: each process has a number, and a lock on the byte of
 * that number in a file beside the store for as long as it lives. The kernel
 * gives the lock back however the process ends, and knows of it in other
 * containers and, where the file system can, on other machines, which a process
 * id does not. */
#ifndef TAPER_STUDY_STORE_OWNER_H
#define TAPER_STUDY_STORE_OWNER_H

#include <stdbool.h>
#include <stdint.h>

struct study_owner {
    int64_t number; /* > 0; 0: this process has none yet */
    int fd;         /* of the lock file; valid if number is not 0 */
};

/* Gets a number, unless *o has one. 0, or the errno of what failed. */
int study_owner_begin(struct study_owner *o, const char *store);

/* Whether a process with this number is alive. One that cannot be asked about
 * counts as alive. */
bool study_owner_alive(const struct study_owner *o, const char *store,
                       int64_t number);

/* Gives the number back, and removes the lock file if it was the last. */
void study_owner_end(struct study_owner *o, const char *store);

#endif
