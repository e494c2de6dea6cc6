/* Folders that are gone after their process: see temporary.h. */
#define _GNU_SOURCE /* asprintf */
#include "study/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "study/runner_folder.h"

/* "taper-", what the kernel calls its run since it was started, a dash; six
 * letters follow. */
enum { BOOT = 36, PREFIX = 6 + BOOT + 1, LETTERS = 6, ATTEMPTS = 100 };

/* Names of files below a longer path would not find room everywhere. */
enum { PLACE_MOST = 400 };

const char *study_temporary_place(void)
{
    const char *const place = getenv("TMPDIR");
    return place && *place ? place : "/tmp";
}

/* False, with a prefix that nothing is looked for by, if the kernel does not
 * say. */
static bool make_prefix(char prefix[PREFIX + 1])
{
    char boot[BOOT + 1] = "";
    FILE *const in = fopen("/proc/sys/kernel/random/boot_id", "re");
    const bool known = in && fread(boot, 1, BOOT, in) == BOOT;
    if (in) (void)fclose(in);
    (void)snprintf(prefix, PREFIX + 1, "taper-%s-", known ? boot : "run");
    return known;
}

/* Opens a folder of ours and locks it: *fd becomes -1 where the file system
 * has no locks. EWOULDBLOCK: another has the lock; ENOENT: it has been removed
 * meanwhile. */
static int lock(const char *path, int *fd)
{
    struct stat opened, named;
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0) return errno;
    int error = flock(*fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
    const bool unlocked = error && error != EWOULDBLOCK;
    if (!error &&
        (fstat(*fd, &opened) != 0 || lstat(path, &named) != 0 ||
         opened.st_ino != named.st_ino || opened.st_dev != named.st_dev))
        error = ENOENT;
    if (!error && opened.st_uid != geteuid()) error = EPERM;
    if (!error) return 0;
    (void)close(*fd);
    *fd = -1;
    return unlocked ? 0 : error;
}

/* Removes what nobody holds any more. What is written into it at this moment,
 * by a trial that is about to be killed, is left to the next. */
static void sweep(void)
{
    char prefix[PREFIX + 1];
    DIR *const place =
        make_prefix(prefix) ? opendir(study_temporary_place()) : NULL;
    const struct dirent *entry;
    while (place && (entry = readdir(place))) {
        char *path;
        int fd;
        if (strncmp(entry->d_name, prefix, PREFIX) != 0 ||
            strlen(entry->d_name) != PREFIX + LETTERS ||
            asprintf(&path, "%s/%s", study_temporary_place(), entry->d_name) <
                0)
            continue;
        if (lock(path, &fd) == 0 && fd >= 0) {
            (void)study_folder_remove(path);
            (void)close(fd);
        }
        free(path);
    }
    if (place) (void)closedir(place);
}

int study_temporary_make(struct study_temporary *out)
{
    char prefix[PREFIX + 1];
    int error = EWOULDBLOCK;
    *out = (struct study_temporary){.lock = -1};
    char *const place = realpath(study_temporary_place(), NULL);
    if (!place) return errno;
    if (strlen(place) > PLACE_MOST) {
        free(place);
        return ENAMETOOLONG;
    }
    (void)make_prefix(prefix);
    sweep();
    /* Between making and locking it another may take it for abandoned. */
    for (int i = 0; i < ATTEMPTS && (error == EWOULDBLOCK || error == ENOENT);
         i++) {
        free(out->path);
        if (asprintf(&out->path, "%s/%sXXXXXX", place, prefix) < 0) {
            out->path = NULL;
            error = ENOMEM;
            break;
        }
        if (!mkdtemp(out->path)) {
            error = errno;
            break;
        }
        error = lock(out->path, &out->lock);
        if (error && error != EWOULDBLOCK) (void)rmdir(out->path);
    }
    free(place);
    if (!error) return 0;
    free(out->path);
    *out = (struct study_temporary){.lock = -1};
    return error;
}

void study_temporary_remove(struct study_temporary *t)
{
    if (!t->path) return;
    (void)study_folder_remove(t->path);
    if (t->lock >= 0) (void)close(t->lock);
    free(t->path);
    *t = (struct study_temporary){.lock = -1};
    sweep();
}
