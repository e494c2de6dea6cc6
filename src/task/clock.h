/* Seconds of a clock that never jumps; its zero means nothing. */
#ifndef TAPER_TASK_CLOCK_H
#define TAPER_TASK_CLOCK_H

#include <time.h>

static inline double task_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
