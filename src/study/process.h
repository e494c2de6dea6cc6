/* One command as a process: started in a group of its own, heard, ended.
 *
 * The group ends with this process, however that ends: the command itself
 * because the kernel is told so, and what it started because a guard process
 * knows of the group (study/process_guard.h). Only what makes itself a session
 * of its own gets away. */
#ifndef TAPER_STUDY_PROCESS_H
#define TAPER_STUDY_PROCESS_H

#include "study/cores.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What to start. Borrowed. */
struct study_launch {
    char *const *argv;        /* ends with NULL; argv[0] is looked for in PATH
                                 unless it has a slash */
    char *const *environment; /* all of it, ends with NULL */
    const struct study_cores *cores; /* to run on; count 0: any */
    int guard;                       /* study_guard's descriptor; -1: none */
};

struct study_process {
    pid_t pid; /* of the command and of its group; 0: none */
    int ended; /* a descriptor that is readable once it has ended; -1 where
                  the kernel has none: ask study_process_ended often */
    int out,
        err; /* what it prints, to be read without waiting; -1 at its end */
};

/* Starts the command, with /dev/null as standard input. 0, or the errno of what
 * failed, with *p zeroed and *exec_failed telling whether it was the command
 * that cannot be run, not the system that has no room for a process. */
int study_process_start(struct study_process *p,
                        const struct study_launch *launch, bool *exec_failed);

/* Whether the command has ended. It stays to be reaped. */
bool study_process_ended(const struct study_process *p);

/* Sends a signal to the whole group. */
void study_process_signal(const struct study_process *p, int signal_number);

/* After the end: kills what is left of the group, closes everything and
 * returns the status as waitpid gives it. Zeroes *p. Read `out` and `err`
 * before. */
int study_process_reap(struct study_process *p);

enum { STUDY_WHY_SIZE = 120 };

/* In words why a command with this wait status failed: "exit status 1",
 * "killed by signal 11 (Segmentation fault)"; "" after exit 0. The shell's 128
 * + n for a command that signal n killed is understood. */
void study_process_why(int status, char why[STUDY_WHY_SIZE]);

#endif
