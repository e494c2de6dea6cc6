/* The files of a run folder, whole or absent (file/file_aside.h), with the
 * errors of trainers: a crash at any moment leaves either the old file or the
 * new one, never half of one. Files are read whole as well. */
#ifndef TAPER_TASK_WHOLE_FILE_H
#define TAPER_TASK_WHOLE_FILE_H

#include "file/file_aside.h"
#include "task/task_status.h"

#include <stddef.h>

#define TASK_PATH_SIZE 4096 /* bytes of a path and its NUL */

struct task_file {
    struct file_aside aside;
    int error;        /* errno of the first write that failed, or 0 */
    const char *path; /* borrowed until the commit */
};

/* Opens PATH.tmp. The name is fixed, so what a killed process left behind is
 * overwritten by the next one. */
enum task_status task_file_begin(struct task_file *f, const char *path,
                                 struct task_error *err);

/* The same for a file that nothing must hold yet: of several processes that
 * commit one name, one succeeds. A file system without hard links cannot
 * promise it. */
enum task_status task_file_begin_fresh(struct task_file *f, const char *path,
                                       struct task_error *err);

/* Appends bytes. A failure is kept until task_file_commit reports it. */
void task_file_write(struct task_file *f, const void *bytes, size_t size);

/* Makes the file durable and gives it its name. On failure nothing is left
 * behind and the old file, if there was one, is untouched. */
enum task_status task_file_commit(struct task_file *f, struct task_error *err);

/* Removes what was written so far; after a commit: no effect. */
void task_file_abandon(struct task_file *f);

/* begin, write `size` bytes, commit. */
enum task_status task_file_replace(const char *path, const void *bytes,
                                   size_t size, struct task_error *err);

/* Reads a whole file of at most `limit` bytes into memory that the caller
 * frees; a NUL follows the last byte. */
enum task_status task_file_read(const char *path, size_t limit, char **bytes,
                                size_t *size, struct task_error *err);

/* "FOLDER/NAME" into `out`; fails if it does not fit. */
enum task_status task_path(char out[TASK_PATH_SIZE], const char *folder,
                           const char *name, struct task_error *err);

#endif
