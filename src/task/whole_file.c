/* Durable writes and bounded reads on POSIX files. */
#include "task/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ASIDE_MAX = 32 }; /* bytes that the name of a file aside has more */

enum task_status task_path(char out[TASK_PATH_SIZE], const char *folder,
                           const char *name, struct task_error *err)
{
    const int n = snprintf(out, TASK_PATH_SIZE, "%s/%s", folder, name);
    /* Room is kept for the ".tmp" of a file that is being written. */
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
                              const char *suffix, struct task_error *err)
{
    f->stream = NULL;
    f->error = 0;
    const int n = snprintf(f->path, sizeof f->path, "%s", path);
    if (n < 0 || n >= TASK_PATH_SIZE - ASIDE_MAX)
        return task_fail(err, TASK_E_FILE, "%.60s...: the path is too long",
                         path);
    memcpy(f->aside, f->path, (size_t)n);
    memcpy(f->aside + n, suffix, strlen(suffix) + 1);
    f->stream = fopen(f->aside, "wb");
    return f->stream ? TASK_OK : fail_write(f, errno, err);
}

enum task_status task_file_begin(struct task_file *f, const char *path,
                                 struct task_error *err)
{
    f->fresh = false;
    return begin(f, path, ".tmp", err);
}

enum task_status task_file_begin_fresh(struct task_file *f, const char *path,
                                       struct task_error *err)
{
    char suffix[ASIDE_MAX];
    (void)snprintf(suffix, sizeof suffix, ".%ld.tmp", (long)getpid());
    f->fresh = true;
    return begin(f, path, suffix, err);
}

void task_file_write(struct task_file *f, const void *bytes, size_t size)
{
    if (f->error) return;
    errno = 0;
    if (fwrite(bytes, 1, size, f->stream) != size)
        f->error = errno ? errno : EIO;
}

/* Makes a rename in the folder of `path` durable. Some file systems refuse to
 * open or synchronise a folder; the data itself is safe by then. */
static void sync_folder(const char *path)
{
    char copy[TASK_PATH_SIZE];
    (void)snprintf(copy, sizeof copy, "%s", path);
    const int fd = open(dirname(copy), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    (void)fsync(fd);
    (void)close(fd);
}

/* Gives the file its name; the error of doing so, or 0. */
static int settle(const struct task_file *f)
{
    if (!f->fresh) return rename(f->aside, f->path) == 0 ? 0 : errno;
    if (link(f->aside, f->path) == 0) {
        (void)unlink(f->aside);
        return 0;
    }
    /* FAT and its kin have no hard links. */
    if (errno != EPERM && errno != ENOSYS && errno != EOPNOTSUPP) return errno;
    if (access(f->path, F_OK) == 0) return EEXIST;
    return rename(f->aside, f->path) == 0 ? 0 : errno;
}

enum task_status task_file_commit(struct task_file *f, struct task_error *err)
{
    FILE *const stream = f->stream;
    f->stream = NULL;
    int error = f->error;
    if (fflush(stream) != 0 && !error) error = errno;
    if (!error && fsync(fileno(stream)) != 0) error = errno;
    if (fclose(stream) != 0 && !error) error = errno;
    if (!error) error = settle(f);
    if (error) {
        (void)unlink(f->aside);
        return fail_write(f, error, err);
    }
    sync_folder(f->path);
    return TASK_OK;
}

void task_file_abandon(struct task_file *f)
{
    if (!f->stream) return;
    (void)fclose(f->stream);
    f->stream = NULL;
    (void)unlink(f->aside);
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
