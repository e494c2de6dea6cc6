/* The rate of dropout as an integer, in one place for masks and scale. */
#ifndef TAPER_NN_KERNELS_SEQUENCE_KEEP_H
#define TAPER_NN_KERNELS_SEQUENCE_KEEP_H

#include <stdint.h>

/* A value is dropped when its 16-bit number is below this, 0 to 65535. */
static inline uint32_t keep_threshold(double rate)
{
    const double t = rate * 65536.0 + 0.5;
    if (!(t >= 1.0)) return 0;
    return t < 65535.0 ? (uint32_t)t : 65535u;
}

#endif
