/* The folders in which trials leave their files. */
#ifndef TAPER_STUDY_RUNNER_FOLDER_H
#define TAPER_STUDY_RUNNER_FOLDER_H

#include <stdint.h>

/* The absolute path of a folder, which is made; its parent has to exist. NULL
 * with errno set. The caller frees it. */
char *study_folder_make(const char *path);

/* "PARENT/ID", made and empty: what an earlier attempt left there is removed.
 * NULL with errno set. The caller frees it. */
char *study_folder_fresh(const char *parent, int64_t id);

/* Removes a folder and all that is in it; follows no link out of it. 0 or an
 * errno; a folder that is not there is no error. */
int study_folder_remove(const char *path);

#endif
