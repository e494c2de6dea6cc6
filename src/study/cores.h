/* Which processors trials run on, so that they do not disturb each other. */
#ifndef TAPER_STUDY_CORES_H
#define TAPER_STUDY_CORES_H

#include <stdbool.h>
#include <stddef.h>

enum { STUDY_CORES_MAX = 1024 };

/* Processors by number, in the order in which slots get them: those that share
 * a core come last, so that few jobs get cores of their own. */
struct study_cores {
    int cpu[STUDY_CORES_MAX]; /* [count] */
    size_t count;             /* 0: not known */
};

/* Those that this process may run on. */
struct study_cores study_cores_allowed(void);

/* Those for slot `slot` of `jobs` with `threads` each: the slot's own where
 * jobs * threads <= all->count, else all. */
struct study_cores study_cores_of(const struct study_cores *all, int slot,
                                  int jobs, int threads);

#endif
