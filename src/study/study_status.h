/* What a study can say went wrong: a status to act on and one line to show.
 * Nothing in this folder prints or exits; the program does. */
#ifndef TAPER_STUDY_STUDY_STATUS_H
#define TAPER_STUDY_STUDY_STATUS_H

enum study_status {
    STUDY_OK,
    STUDY_E_USAGE,   /* what was asked contradicts itself or the store */
    STUDY_E_MEMORY,  /* the system gave no memory */
    STUDY_E_FILE,    /* a file could not be read or written */
    STUDY_E_FORMAT,  /* the store is foreign, newer or damaged */
    STUDY_E_PROCESS, /* no process could be started */
    STUDY_E_STOPPED  /* a signal asked the study to stop; it can go on */
};

struct study_error {
    enum study_status status;
    char message[1200]; /* one line, without the program's name */
};

/* Fills `err` (which may be NULL) as printf would and returns `status`, so
 * that a function can end on it. */
__attribute__((format(printf, 3, 4))) enum study_status
study_fail(struct study_error *err, enum study_status status,
           const char *format, ...);

#endif
