/* Which processors trials run on, so that they do not disturb each other. */
#ifndef TAPER_STUDY_CORES_H
#define TAPER_STUDY_CORES_H

#include <stddef.h>

enum { STUDY_CORES_MAX = 1024 };

/* Processors by number, in the order in which slots get them: of those that
 * share a core one each comes first, so that few jobs get whole cores. */
struct study_cores {
    int cpu[STUDY_CORES_MAX]; /* [count] */
    size_t count;             /* 0: not known */
};

/* Those that this process may run on. */
struct study_cores study_cores_allowed(void);

/* Those for slot `slot`, 0 ... jobs - 1, of `jobs` with `threads` each: the
 * slot's own where the jobs together take more than half of all and at most all
 * of them, else all. Fewer jobs find room by themselves, and another study on
 * the machine would be given the very same processors. */
struct study_cores study_cores_of(const struct study_cores *all, int slot,
                                  int jobs, int threads);

#endif
