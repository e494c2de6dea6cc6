/* Random numbers that are functions of a seed and a counter: the same whatever
 * was drawn before. */
#ifndef LAW_RANDOM_H
#define LAW_RANDOM_H

#include <stdint.h>

/* The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
static inline uint64_t law_mix(uint64_t z)
{
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Uniform in [0, 1): number `counter` of the stream (seed, stream). */
static inline double law_uniform(uint64_t seed, uint64_t stream,
                                 uint64_t counter)
{
    const uint64_t bits = law_mix(law_mix(law_mix(seed) ^ stream) + counter);
    return (double)(bits >> 11) * 0x1p-53;
}

#endif
