/* Named random streams: everything random in training is drawn from one.
 *
 * A stream is a pure function of (seed, name, index, sub-index), so a resumed
 * run needs no generator state: it asks for the same stream again. Streams
 * that differ in any of the four are independent, e.g.
 *
 *     data_stream(seed, "shuffle", epoch, 0)
 *     data_stream(seed, "augment", epoch, sample)
 *     data_stream(seed, "weights", layer, 0)
 *
 * The generator is Philox4x64-10 (Salmon, Moraes, Dror, Shaw: "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011), the one behind numpy.random.Philox.
 * Its key is (seed, FNV-1a hash of the name) and its counter (block, sub-index,
 * index, 0). Only integer arithmetic and correctly rounded double operations
 * are used, so the numbers are the same on every machine. */
#ifndef TAPER_DATA_RANDOM_H
#define TAPER_DATA_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* A position in a stream. Plain data: copying it copies the position. */
struct data_random {
    uint64_t key[2];
    uint64_t counter[4]; /* of the block to compute next */
    uint64_t block[4];   /* the values of the current block */
    unsigned used;       /* values of `block` already handed out, 0 to 4 */
};

/* The beginning of a stream. `name` is hashed, not kept. Cannot fail. */
struct data_random data_stream(uint64_t seed, const char *name, uint64_t index,
                               uint64_t sub);

uint64_t data_random_u64(struct data_random *r);

/* Uniform on the multiples of 2^-53 in [0, 1). */
double data_random_uniform(struct data_random *r);

/* Uniform on 0 ... n-1 without bias (Lemire, "Fast random integer generation in
 * an interval", 2019); 0 if n is 0. */
uint64_t data_random_below(struct data_random *r, uint64_t n);

/* Put the n values into a uniformly drawn order (Fisher-Yates). */
void data_random_shuffle(struct data_random *r, uint32_t *values, size_t n);

/* Philox4x64-10 itself: the four values of one counter under one key. */
void data_philox(const uint64_t counter[4], const uint64_t key[2],
                 uint64_t out[4]);

#endif
