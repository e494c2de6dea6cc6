/* Locks that say which processes work on a store: see store_owner.h. */
#define _GNU_SOURCE /* F_OFD_SETLK: locks of an open file, not of a process */
#include "study/store_owner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Numbers are positions in a file, which may be any up to 2^40. */
static const int64_t number_mask = ((int64_t)1 << 40) - 1;

static char *lock_path(const char *store)
{
    static const char suffix[] = "-lock";
    char *path = malloc(strlen(store) + sizeof suffix);
    if (path) strcat(strcpy(path, store), suffix);
    return path;
}

/* `length` 0 reaches to the end of every file. */
static struct flock range(int64_t first, int64_t length)
{
    struct flock lock = {0};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = first;
    lock.l_len = length;
    return lock;
}

/* A number that others hardly have; if they do, the lock tells. */
static int64_t draw(uint64_t attempt)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    uint64_t x = (uint64_t)now.tv_nsec + ((uint64_t)now.tv_sec << 30);
    x ^= ((uint64_t)getpid() << 40) + attempt;
    x *= UINT64_C(0x9E3779B97F4A7C15); /* spreads the bits: golden ratio */
    return 1 + (int64_t)((x >> 20) & (uint64_t)number_mask);
}

/* Whether `path` still names the open file: who was last may have removed it
 * between our opening and locking it. */
static bool still_there(int fd, const char *path)
{
    struct stat open_file, named;
    return fstat(fd, &open_file) == 0 && stat(path, &named) == 0 &&
           open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

/* One attempt: 0, EAGAIN for another one, or what is wrong. */
static int attempt_begin(struct study_owner *o, const char *path,
                         uint64_t attempt)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) return errno;
    const int64_t number = draw(attempt);
    struct flock lock = range(number, 1);
    int error = fcntl(fd, F_OFD_SETLK, &lock) == 0 ? 0 : errno;
    if (!error && !still_there(fd, path)) error = EAGAIN;
    if (error) {
        (void)close(fd);
        return error == EACCES ? EAGAIN : error;
    }
    *o = (struct study_owner){.number = number, .fd = fd};
    return 0;
}

int study_owner_begin(struct study_owner *o, const char *store)
{
    if (o->number) return 0;
    char *path = lock_path(store);
    if (!path) return ENOMEM;
    int error = EAGAIN;
    for (uint64_t i = 0; i < 1000 && error == EAGAIN; i++) {
        const struct timespec pause = {.tv_nsec = 1000000};
        if (i) (void)nanosleep(&pause, NULL);
        error = attempt_begin(o, path, i);
    }
    free(path);
    return error;
}

static bool locked(int fd, int64_t number)
{
    struct flock lock = range(number, 1);
    return fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

bool study_owner_alive(const struct study_owner *o, const char *store,
                       int64_t number)
{
    if (o->number) return number == o->number || locked(o->fd, number);
    char *path = lock_path(store);
    if (!path) return true;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const int error = errno;
    free(path);
    if (fd < 0) return error != ENOENT;
    const bool alive = locked(fd, number);
    (void)close(fd);
    return alive;
}

void study_owner_end(struct study_owner *o, const char *store)
{
    if (!o->number) return;
    /* All of the file is ours only if nobody else has a byte of it, and who
     * comes now waits until it is gone. */
    struct flock all = range(0, 0);
    char *path = lock_path(store);
    if (path && fcntl(o->fd, F_OFD_SETLK, &all) == 0) (void)unlink(path);
    free(path);
    (void)close(o->fd);
    *o = (struct study_owner){0};
}
