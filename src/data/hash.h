/* XXH64: the fingerprint that tells data sets apart in a run's records. */
#ifndef TAPER_DATA_HASH_H
#define TAPER_DATA_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The 64-bit xxHash of Yann Collet's specification ("xxHash fast digest
 * algorithm", version 0.1.1). Not cryptographic. Several pieces are hashed by
 * passing one's hash as the next one's seed. */
uint64_t data_hash(const void *bytes, size_t size, uint64_t seed);

#endif
