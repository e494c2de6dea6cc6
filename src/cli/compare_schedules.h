/* The schedules that a study compares: read from the command line and from a
 * file, parsed before anything runs, each with a name of its own. */
#ifndef CLI_COMPARE_SCHEDULES_H
#define CLI_COMPARE_SCHEDULES_H

#include <taper.h>

#include "cli/options.h"

struct compare_schedules {
    struct compare_schedule {
        char *name;  /* as the person called it; else the spec */
        char *spec;  /* without comments and needless white space */
        char **text; /* [runs]: canonical, in each of the runs */
    } * items;
    size_t count;
    size_t runs;
};

/* Refuses a text that goes into tables, pictures and files and holds a byte
 * that is no visible character; `what` says what it is. CLI_GO if it is fine.
 */
int compare_check_letters(const char *what, const char *text);

/* Read "spec" or "name=spec": `given`, one by one, and then the lines of
 * `file`, if that is not NULL. Each must be a schedule in each of the `count`
 * `runs`, and none may be the same as another. On failure prints the complaint
 * and returns the status to exit with, with nothing in *out; else CLI_GO, and
 * *out is the caller's to compare_schedules_free. */
int compare_read_schedules(const struct cli_texts *given, const char *file,
                           const taper_run *runs, size_t count,
                           struct compare_schedules *out);

void compare_schedules_free(struct compare_schedules *s); /* zeroed is legal */

#endif
