/* A file that is only appended to, through a buffer of our own, so that the
 * loop neither allocates nor makes a system call per step. It counts its bytes:
 * a checkpoint keeps the count, and the run that continues from it cuts the
 * file back to that many, so that no row is there twice and none is missing. */
#ifndef TAPER_TASK_LOG_FILE_H
#define TAPER_TASK_LOG_FILE_H

#include "task/task_status.h"
#include "task/whole_file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct task_log_file {
    char path[TASK_PATH_SIZE];
    int fd;        /* -1: closed */
    uint64_t size; /* bytes in the file and in the buffer together */
    size_t used;   /* bytes of the buffer, not yet in the file */
    char buffer[1 << 15];
};

/* Opens PATH, creating it. On failure the file is closed. */
enum task_status task_log_file_open(struct task_log_file *f, const char *path,
                                    struct task_error *err);

/* Keeps the first `size` bytes and forgets the rest; fails with TASK_E_FORMAT
 * if the file is shorter. Before the first append. */
enum task_status task_log_file_keep(struct task_log_file *f, uint64_t size,
                                    struct task_error *err);

/* Appends n bytes, at most those of the buffer. */
enum task_status task_log_file_append(struct task_log_file *f,
                                      const void *bytes, size_t n,
                                      struct task_error *err);

/* Hands the buffer to the system; `durable` also waits for the disk. */
enum task_status task_log_file_flush(struct task_log_file *f, bool durable,
                                     struct task_error *err);

/* Closes without flushing; legal when closed. */
void task_log_file_close(struct task_log_file *f);

/* "cannot write PATH: ..." with the system's words for `error`. */
enum task_status task_log_file_fail(const struct task_log_file *f, int error,
                                    struct task_error *err);

#endif
