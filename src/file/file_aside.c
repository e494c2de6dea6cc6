/* See file_aside.h. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "file/file_aside.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room for what the name of a temporary file has more than its target's, how
 * many such names are tried, and how many links are followed. */
enum { SUFFIX = 40, TRIES = 100, LINKS = 40 };

static void release(struct file_aside *a)
{
    free(a->temporary);
    free(a->target);
    *a = (struct file_aside){.stream = NULL};
}

/* Bytes of a name that its temporary file has too: what is added then stays
 * within the 255 bytes of the longest name. No character of UTF-8 is cut in
 * two, which some file systems refuse. */
static size_t kept_length(const char *name)
{
    enum { MOST = 200 };
    size_t n = strlen(name);
    if (n <= MOST) return n;
    for (n = MOST; n > 0 && ((unsigned char)name[n] & 0xc0) == 0x80;)
        n--;
    return n;
}

/* Creates the temporary file under the first name that is free. */
static int create_new(const struct file_aside *a, size_t size)
{
    const char *const slash = strrchr(a->target, '/');
    const size_t folder = slash ? (size_t)(slash + 1 - a->target) : 0;
    const char *const name = a->target + folder;
    int fd = -1;
    for (int n = 0; n < TRIES; n++) {
        (void)snprintf(a->temporary, size, "%.*s.%.*s.%ld-%d", (int)folder,
                       a->target, (int)kept_length(name), name, (long)getpid(),
                       n);
        fd = open(a->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) break;
    }
    return fd;
}

/* Makes the temporary file. Its rights are those of the file that it replaces,
 * or what the umask leaves. */
static int open_temporary(struct file_aside *a, const struct stat *old)
{
    const size_t size = strlen(a->target) + SUFFIX;
    a->temporary = malloc(size);
    if (!a->temporary) return -1;
    int fd;
    if (a->writers == FILE_OF_ONE) {
        (void)snprintf(a->temporary, size, "%s.tmp", a->target);
        fd = open(a->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    } else {
        fd = create_new(a, size);
    }
    if (fd >= 0 && old) (void)fchmod(fd, old->st_mode & 0777);
    return fd;
}

/* Where a symbolic link leads, seen from where `path` is; NULL with errno set,
 * EINVAL where it is no link. */
static char *read_link(const char *path)
{
    char to[PATH_MAX];
    const ssize_t n = readlink(path, to, sizeof to - 1);
    if (n < 0) return NULL;
    to[n] = '\0';
    const char *const slash = to[0] == '/' ? NULL : strrchr(path, '/');
    const size_t folder = slash ? (size_t)(slash + 1 - path) : 0;
    char *const joined = malloc(folder + (size_t)n + 1);
    if (!joined) return NULL;
    memcpy(joined, path, folder);
    memcpy(joined + folder, to, (size_t)n + 1);
    return joined;
}

/* The end of a chain of links to what is not there yet. realpath() knows only
 * what is. NULL with errno set on failure. */
static char *follow_links(const char *path)
{
    char *target = strdup(path);
    for (int n = 0; target; n++) {
        char *const next = read_link(target);
        if (!next && errno != ENOMEM) return target;
        free(target);
        target = next;
        if (n < LINKS) continue;
        free(target);
        errno = ELOOP;
        return NULL;
    }
    return NULL;
}

/* The target of `path`: of a link that of the file behind it, unless nothing
 * may have the name yet. A pipe behind /dev/stdout has no path of its own. NULL
 * with errno set on failure. */
static char *find_target(const char *path, bool exists,
                         enum file_writers writers)
{
    char *const real = exists ? realpath(path, NULL) : NULL;
    if (real) return real;
    return exists || writers == FILE_OF_FIRST ? strdup(path)
                                              : follow_links(path);
}

/* What is written to: the temporary file, or what is no plain file itself. -1
 * with errno set is a failure. */
static int open_for(struct file_aside *a, const char *path,
                    const struct stat *old)
{
    errno = ENOENT;
    if (!path[0]) return -1;
    errno = EISDIR;
    if (old && S_ISDIR(old->st_mode)) return -1;
    return old && !S_ISREG(old->st_mode) ? open(path, O_WRONLY | O_CLOEXEC)
                                         : open_temporary(a, old);
}

int file_aside_open(struct file_aside *a, const char *path,
                    enum file_writers writers)
{
    struct stat old;
    const bool exists = writers != FILE_OF_FIRST && stat(path, &old) == 0;
    *a = (struct file_aside){.writers = writers};
    a->target = find_target(path, exists, writers);
    const int fd = a->target ? open_for(a, path, exists ? &old : NULL) : -1;
    if (fd >= 0) a->stream = fdopen(fd, "wb");
    if (a->stream) return 0;

    const int reason = errno;
    if (fd >= 0) (void)close(fd);
    if (fd >= 0 && a->temporary) (void)unlink(a->temporary);
    release(a);
    return reason;
}

/* Makes a rename in the folder of `path`, which is cut up, durable. Some file
 * systems refuse to open or synchronise a folder; the data itself is safe by
 * then. */
static void sync_folder(char *path)
{
    const int fd = open(dirname(path), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    (void)fsync(fd);
    (void)close(fd);
}

/* Gives the file its name; the errno of doing so, or 0. */
static int settle(const struct file_aside *a)
{
    if (a->writers == FILE_OF_FIRST) {
        if (link(a->temporary, a->target) == 0) {
            (void)unlink(a->temporary);
            return 0;
        }
        /* FAT and its kin have no hard links. */
        if (errno != EPERM && errno != ENOSYS && errno != EOPNOTSUPP)
            return errno;
        if (access(a->target, F_OK) == 0) return EEXIST;
    }
    return rename(a->temporary, a->target) == 0 ? 0 : errno;
}

/* Why a stream cannot be closed as whole: a write that failed before, in
 * which case errno may still say why, or one that fails now. 0: it is whole. */
static int flush(const struct file_aside *a)
{
    const int before = errno ? errno : EIO;
    const bool failed = ferror(a->stream) != 0;
    if (fflush(a->stream) != 0) return errno;
    if (failed) return before;
    /* A device or a pipe need not know fsync. */
    return a->temporary && fsync(fileno(a->stream)) != 0 ? errno : 0;
}

int file_aside_commit(struct file_aside *a)
{
    int reason = flush(a);
    if (fclose(a->stream) != 0 && !reason) reason = errno;
    if (a->temporary && !reason) reason = settle(a);
    if (a->temporary && reason) (void)unlink(a->temporary);
    if (a->temporary && !reason) sync_folder(a->target);
    release(a);
    return reason;
}

void file_aside_abandon(struct file_aside *a)
{
    if (a->stream) (void)fclose(a->stream);
    if (a->temporary) (void)unlink(a->temporary);
    release(a);
}
