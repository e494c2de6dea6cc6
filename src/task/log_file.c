/* Appending and cutting back: see log_file.h. */
#include "task/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum task_status task_log_file_fail(const struct task_log_file *f, int error,
                                    struct task_error *err)
{
    return task_fail(err, TASK_E_FILE, "cannot write %s: %s", f->path,
                     strerror(error));
}

enum task_status task_log_file_open(struct task_log_file *f, const char *path,
                                    struct task_error *err)
{
    f->size = 0;
    f->used = 0;
    (void)snprintf(f->path, sizeof f->path, "%s", path);
    f->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    return f->fd < 0 ? task_log_file_fail(f, errno, err) : TASK_OK;
}

enum task_status task_log_file_keep(struct task_log_file *f, uint64_t size,
                                    struct task_error *err)
{
    struct stat info;
    if (fstat(f->fd, &info) != 0) return task_log_file_fail(f, errno, err);
    if ((uint64_t)info.st_size < size)
        return task_fail(err, TASK_E_FORMAT,
                         "%s is shorter than its checkpoint says: the run "
                         "cannot be continued",
                         f->path);
    if (ftruncate(f->fd, (off_t)size) != 0 ||
        lseek(f->fd, (off_t)size, SEEK_SET) < 0)
        return task_log_file_fail(f, errno, err);
    f->size = size;
    f->used = 0;
    return TASK_OK;
}

enum task_status task_log_file_flush(struct task_log_file *f, bool durable,
                                     struct task_error *err)
{
    size_t done = 0;
    while (done < f->used) {
        const ssize_t n = write(f->fd, f->buffer + done, f->used - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return task_log_file_fail(f, n < 0 ? errno : EIO, err);
        done += (size_t)n;
    }
    f->used = 0;
    if (durable && fsync(f->fd) != 0) return task_log_file_fail(f, errno, err);
    return TASK_OK;
}

enum task_status task_log_file_append(struct task_log_file *f,
                                      const void *bytes, size_t n,
                                      struct task_error *err)
{
    if (f->used + n > sizeof f->buffer) {
        const enum task_status status = task_log_file_flush(f, false, err);
        if (status != TASK_OK) return status;
    }
    memcpy(f->buffer + f->used, bytes, n);
    f->used += n;
    f->size += n;
    return TASK_OK;
}

void task_log_file_close(struct task_log_file *f)
{
    if (f->fd >= 0) (void)close(f->fd);
    f->fd = -1;
}
