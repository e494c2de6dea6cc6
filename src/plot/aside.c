/* See aside.h. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "plot/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plot/glyph.h"

bool plot_fail(struct plot_error *err, enum plot_status status,
               const char *format, ...)
{
    if (!err) return false;
    char raw[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    err->status = status;
    plot_glyph_fit(raw, sizeof raw, false, err->message, sizeof err->message);
    return false;
}

static void release(struct plot_aside *a)
{
    free(a->temporary);
    free(a->target);
    *a = (struct plot_aside){NULL, NULL, NULL};
}

/* Room for the name of a temporary file, and how many names are tried. */
#define SUFFIX 40
#define TRIES 100

/* Makes a new file "dir/.name.PID-N" for the target "dir/name". Its rights are
 * those of the file it replaces, or what the umask leaves. */
static int open_temporary(struct plot_aside *a, const struct stat *old)
{
    const char *slash = strrchr(a->target, '/');
    const size_t folder = slash ? (size_t)(slash + 1 - a->target) : 0;
    const size_t size = strlen(a->target) + SUFFIX;
    char *name = malloc(size);
    if (!name) return -1;

    int fd = -1;
    for (int n = 0; n < TRIES; n++) {
        snprintf(name, size, "%.*s.%s.%ld-%d", (int)folder, a->target,
                 a->target + folder, (long)getpid(), n);
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) break;
    }
    if (fd < 0) {
        const int reason = errno;
        free(name);
        errno = reason;
        return -1;
    }
    if (old) (void)fchmod(fd, old->st_mode & 0777);
    a->temporary = name;
    return fd;
}

bool plot_aside_open(struct plot_aside *a, const char *path,
                     struct plot_error *err)
{
    struct stat old;
    const bool exists = stat(path, &old) == 0;
    *a = (struct plot_aside){NULL, NULL, NULL};
    a->target = exists ? realpath(path, NULL) : strdup(path);
    /* A pipe behind /dev/stdout has no path of its own. */
    if (!a->target && exists) a->target = strdup(path);

    int fd = -1;
    if (a->target && exists && S_ISDIR(old.st_mode))
        errno = EISDIR;
    else if (a->target && exists && !S_ISREG(old.st_mode))
        fd = open(path, O_WRONLY | O_CLOEXEC);
    else if (a->target && path[0])
        fd = open_temporary(a, exists ? &old : NULL);
    else if (a->target)
        errno = ENOENT;
    if (fd >= 0) a->file = fdopen(fd, "wb");
    if (a->file) return true;

    plot_fail(err, PLOT_E_WRITE, "cannot write '%s': %s", path,
              strerror(errno));
    if (fd >= 0) close(fd);
    if (a->temporary) unlink(a->temporary);
    release(a);
    return false;
}

bool plot_aside_commit(struct plot_aside *a, struct plot_error *err)
{
    bool ok = !ferror(a->file) && fflush(a->file) == 0;
    /* A device or a pipe need not know fsync. */
    if (ok && a->temporary) ok = fsync(fileno(a->file)) == 0;
    int reason = errno;
    if (fclose(a->file) != 0 && ok) {
        ok = false;
        reason = errno;
    }
    if (ok && a->temporary && rename(a->temporary, a->target) != 0) {
        ok = false;
        reason = errno;
    }
    if (!ok) {
        plot_fail(err, PLOT_E_WRITE, "cannot write '%s': %s", a->target,
                  strerror(reason));
        if (a->temporary) unlink(a->temporary);
    }
    release(a);
    return ok;
}

void plot_aside_abandon(struct plot_aside *a)
{
    if (a->file) fclose(a->file);
    if (a->temporary) unlink(a->temporary);
    release(a);
}
