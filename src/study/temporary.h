/* A folder below $TMPDIR for what a run needs while it lasts.
 *
 * Who is killed leaves it behind. Its process holds a lock on it, which the
 * kernel gives back however the process ends, and the name says during which
 * run of which kernel that was: a folder of this one that nobody has locked is
 * abandoned, and the next taper that needs such a folder here removes it. */
#ifndef TAPER_STUDY_TEMPORARY_H
#define TAPER_STUDY_TEMPORARY_H

struct study_temporary {
    char *path; /* owned; NULL: none */
    int lock;   /* the folder, open and locked; -1: it cannot be locked */
};

/* Where such folders are: $TMPDIR, or /tmp. */
const char *study_temporary_place(void);

/* Makes an empty folder, readable by nobody else, whose path is absolute and
 * has less than 512 bytes. 0, or an errno with *out zeroed. */
int study_temporary_make(struct study_temporary *out);

/* Removes it, and what others have abandoned meanwhile; zeroed is legal. */
void study_temporary_remove(struct study_temporary *t);

#endif
