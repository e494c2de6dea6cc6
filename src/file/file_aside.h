/* Writes a file aside, flushes it to the disk and moves it into place, so that
 * a name has either its old content or the new one, whatever happens meanwhile:
 * a crash, a full disk, a reader at the wrong moment. */
#ifndef TAPER_FILE_ASIDE_H
#define TAPER_FILE_ASIDE_H

#include <stdbool.h>
#include <stdio.h>

/* Who else may write the same name, which decides what the file is called
 * until it is whole. */
enum file_writers {
    FILE_OF_MANY, /* "dir/.name.PID-N", a long name cut: each process writes a
                     file of its own, and the last one to commit is the one
                     that counts */
    FILE_OF_ONE,  /* "dir/name.tmp": one process at a time, as under a lock;
                     what a killed one left behind is overwritten */
    FILE_OF_FIRST /* as of many, but nothing may have the name yet: of several
                     that commit, one succeeds and the others get EEXIST. A file
                     system without hard links cannot promise it */
};

/* A file being written. */
struct file_aside {
    FILE *stream;    /* to write to, until commit or abandon */
    char *temporary; /* its name meanwhile; NULL when it is written in place */
    char *target;    /* where it goes, symbolic links followed */
    enum file_writers writers;
};

/* Opens a new file beside `path`, with the rights of the one it will replace.
 * What exists under that name and is no plain file (a device, a pipe) is
 * written in place. Returns 0, or the errno of the failure with *a zeroed. */
int file_aside_open(struct file_aside *a, const char *path,
                    enum file_writers writers);

/* Flushes the file to the disk and gives it its name. Returns 0, or an errno:
 * then what was written is removed and what had the name is untouched. A write
 * that failed earlier counts. Releases *a either way. */
int file_aside_commit(struct file_aside *a);

/* Removes the unfinished file and releases *a; a zeroed *a is legal. */
void file_aside_abandon(struct file_aside *a);

#endif
