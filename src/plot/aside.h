/* Files that a person names, whole or not there (file/file_aside.h), with the
 * errors of pictures; and how these are made. */
#ifndef PLOT_ASIDE_H
#define PLOT_ASIDE_H

#include <stdbool.h>
#include <stdio.h>

#include "file/file_aside.h"
#include "plot/figure.h"

/* A file being written. */
struct plot_aside {
    FILE *file; /* to write to, until commit or abandon */
    struct file_aside aside;
};

/* Opens a new file beside `path`. What exists under that name and is no plain
 * file (a device, a pipe) is written in place. On failure fills in *err, which
 * may be NULL, leaves *a zeroed and returns false. */
bool plot_aside_open(struct plot_aside *a, const char *path,
                     struct plot_error *err);

/* Flushes the file to disk and moves it into place. On failure removes it,
 * fills in *err and returns false. Releases *a either way. */
bool plot_aside_commit(struct plot_aside *a, struct plot_error *err);

/* Removes the unfinished file and releases *a; a zeroed *a is legal. */
void plot_aside_abandon(struct plot_aside *a);

/* Sets *err (NULL is legal) to the status and a formatted message, in which
 * every control byte is escaped. Returns false, for returning at once. */
bool plot_fail(struct plot_error *err, enum plot_status status,
               const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
