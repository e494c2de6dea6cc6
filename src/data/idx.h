/* The IDX format of MNIST: a magic number, big-endian sizes, bytes. */
#ifndef TAPER_DATA_IDX_H
#define TAPER_DATA_IDX_H

#include "data/error.h"

#include <stddef.h>
#include <stdint.h>

#define DATA_IDX_MAX_DIMENSIONS 3

struct data_idx {
    size_t dimensions;                    /* 1 (labels) or 3 (images) */
    size_t size[DATA_IDX_MAX_DIMENSIONS]; /* each >= 1 */
    const uint8_t *values;                /* borrowed from the bytes parsed */
};

/* Parse a whole file of unsigned bytes with `dimensions` dimensions.
 *
 *   name  the file's name, for the error
 *   out   valid as long as `bytes`; undefined on failure
 *
 * The sizes must account for every byte of the file: nothing is allocated, and
 * a header that lies is an error.
 */
enum data_status data_idx_parse(const uint8_t *bytes, size_t size,
                                size_t dimensions, const char *name,
                                struct data_idx *out, struct data_error *err);

#endif
