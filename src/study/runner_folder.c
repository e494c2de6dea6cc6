/* Folders of trials: see runner_folder.h. */
#define _GNU_SOURCE /* nftw, asprintf */
#include "study/runner_folder.h"

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

char *study_folder_make(const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST) return NULL;
    return realpath(path, NULL);
}

static int remove_entry(const char *path, const struct stat *info, int kind,
                        struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path) == 0 || errno == ENOENT ? 0 : errno;
}

int study_folder_remove(const char *path)
{
    /* 16: as many folders are open at a time, however deep it is. */
    const int result = nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return result >= 0 ? result : errno == ENOENT ? 0 : errno;
}

char *study_folder_fresh(const char *parent, int64_t id)
{
    char *path;
    if (asprintf(&path, "%s/%" PRId64, parent, id) < 0) {
        errno = ENOMEM;
        return NULL;
    }
    int error = mkdir(path, 0777) == 0 ? 0 : errno;
    /* Another study on the same store was done and took the empty parent. */
    if (error == ENOENT && (mkdir(parent, 0777) == 0 || errno == EEXIST))
        error = mkdir(path, 0777) == 0 ? 0 : errno;
    if (error == EEXIST) {
        error = study_folder_remove(path);
        if (!error && mkdir(path, 0777) != 0) error = errno;
    }
    if (!error) return path;
    free(path);
    errno = error;
    return NULL;
}
