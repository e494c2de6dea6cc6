/* See whole_file.h. */
#include "task/whole_file.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Bytes that the name of a file that is being written may have more. */
enum { ASIDE_MAX = 40 };

enum task_status task_path(char out[TASK_PATH_SIZE], const char *folder,
                           const char *name, struct task_error *err)
{
    const int n = snprintf(out, TASK_PATH_SIZE, "%s/%s", folder, name);
    if (n < 0 || n >= TASK_PATH_SIZE - ASIDE_MAX)
        return task_fail(err, TASK_E_FILE, "%.60s...: the path is too long",
                         folder);
    return TASK_OK;
}

static enum task_status fail_write(const struct task_file *f, int error,
                                   struct task_error *err)
{
    return task_fail(err, TASK_E_FILE, "cannot write %s: %s", f->path,
                     strerror(error));
}

static enum task_status begin(struct task_file *f, const char *path,
                              enum file_writers writers, struct task_error *err)
{
    *f = (struct task_file){.path = path};
    const int reason = file_aside_open(&f->aside, path, writers);
    return reason ? fail_write(f, reason, err) : TASK_OK;
}

enum task_status task_file_begin(struct task_file *f, const char *path,
                                 struct task_error *err)
{
    return begin(f, path, FILE_OF_ONE, err);
}

enum task_status task_file_begin_fresh(struct task_file *f, const char *path,
                                       struct task_error *err)
{
    return begin(f, path, FILE_OF_FIRST, err);
}

void task_file_write(struct task_file *f, const void *bytes, size_t size)
{
    if (f->error) return;
    errno = 0;
    if (fwrite(bytes, 1, size, f->aside.stream) != size)
        f->error = errno ? errno : EIO;
}

enum task_status task_file_commit(struct task_file *f, struct task_error *err)
{
    int reason = f->error;
    if (reason)
        file_aside_abandon(&f->aside);
    else
        reason = file_aside_commit(&f->aside);
    return reason ? fail_write(f, reason, err) : TASK_OK;
}

void task_file_abandon(struct task_file *f)
{
    file_aside_abandon(&f->aside);
}

enum task_status task_file_replace(const char *path, const void *bytes,
                                   size_t size, struct task_error *err)
{
    struct task_file f;
    const enum task_status status = task_file_begin(&f, path, err);
    if (status != TASK_OK) return status;
    task_file_write(&f, bytes, size);
    return task_file_commit(&f, err);
}

static enum task_status read_all(FILE *stream, const char *path, size_t size,
                                 char **bytes, struct task_error *err)
{
    char *const buffer = malloc(size + 1);
    if (!buffer)
        return task_fail(err, TASK_E_MEMORY, "%s: no memory for %zu bytes",
                         path, size);
    if (fread(buffer, 1, size, stream) != size) {
        free(buffer);
        return task_fail(err, TASK_E_FILE,
                         "cannot read %s: it ends early or the disk failed",
                         path);
    }
    buffer[size] = '\0';
    *bytes = buffer;
    return TASK_OK;
}

enum task_status task_file_read(const char *path, size_t limit, char **bytes,
                                size_t *size, struct task_error *err)
{
    *bytes = NULL;
    *size = 0;
    FILE *const stream = fopen(path, "rb");
    if (!stream)
        return task_fail(err, TASK_E_FILE, "cannot read %s: %s", path,
                         strerror(errno));
    enum task_status status;
    struct stat info;
    if (fstat(fileno(stream), &info) != 0)
        status = task_fail(err, TASK_E_FILE, "cannot read %s: %s", path,
                           strerror(errno));
    else if (!S_ISREG(info.st_mode))
        status = task_fail(err, TASK_E_FORMAT, "%s is not a file", path);
    else if ((uintmax_t)info.st_size > limit)
        status = task_fail(err, TASK_E_FORMAT,
                           "%s is too large: %lld bytes, at most %zu", path,
                           (long long)info.st_size, limit);
    else
        status = read_all(stream, path, (size_t)info.st_size, bytes, err);
    if (status == TASK_OK) *size = (size_t)info.st_size;
    (void)fclose(stream);
    return status;
}
