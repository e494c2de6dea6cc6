/* A process that watches over the groups of processes of trials and kills them
 * when the study has ended without doing so: by SIGKILL, a crash, a pulled
 * terminal. The kernel's own way (PR_SET_PDEATHSIG) reaches children only, not
 * what a trial's shell has started. */
#ifndef TAPER_STUDY_PROCESS_GUARD_H
#define TAPER_STUDY_PROCESS_GUARD_H

#include <stdbool.h>
#include <sys/types.h>

struct study_guard {
    pid_t pid; /* 0: there is none */
    int fd;    /* where it is told; closes on exec; -1: none */
};

/* Starts a guard. 0 or an errno. */
int study_guard_begin(struct study_guard *g);

/* Tells the guard that a group exists, or that it has ended. Safe to call
 * between fork and exec. -1 for `fd` is legal and does nothing. */
void study_guard_tell(int fd, pid_t group, bool exists);

/* Lets the guard go; kills groups that it was not told the end of. */
void study_guard_end(struct study_guard *g);

#endif
