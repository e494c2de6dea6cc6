/* The binary versions of CIFAR-10 and CIFAR-100: records of label bytes and
 * 3 x 32 x 32 pixels. */
#ifndef TAPER_DATA_CIFAR_H
#define TAPER_DATA_CIFAR_H

#include "data/error.h"

#include <stddef.h>
#include <stdint.h>

#define DATA_CIFAR_PIXELS ((size_t)3 * 32 * 32)

/* CIFAR-100 has a coarse label before the fine one; the fine one is used. */
struct data_cifar_kind {
    const char *name;
    size_t label_bytes; /* per record; the last one is the label */
    size_t classes;
};

extern const struct data_cifar_kind data_cifar10, data_cifar100;

/* The records in a file of `size` bytes: >= 1 on success. */
enum data_status data_cifar_count(const struct data_cifar_kind *kind,
                                  size_t size, const char *name, size_t *count,
                                  struct data_error *err);

/* Copy the first `count` records, at most what data_cifar_count() gave.
 *
 *   pixels  [count, 3, 32, 32]
 *   labels  [count]
 *
 * A label out of range is an error that names the record.
 */
enum data_status data_cifar_copy(const struct data_cifar_kind *kind,
                                 const uint8_t *bytes, size_t count,
                                 const char *name, uint8_t *pixels,
                                 int32_t *labels, struct data_error *err);

#endif
