/* How a row becomes bytes: TensorBoard's events and JSON lines. Pure functions
 * of the row and its time; task/log.h writes the files. */
#ifndef TAPER_TASK_LOG_FORMAT_H
#define TAPER_TASK_LOG_FORMAT_H

#include "task/metrics.h"

#include <stddef.h>
#include <stdint.h>

enum {
    TASK_LOG_NAME_SIZE = 48,    /* bytes of a column's name, with its NUL */
    TASK_LOG_RECORD_SIZE = 2048 /* bytes that hold any record */
};

/* CRC-32C (Castagnoli): RFC 3720, section 12.1. */
uint32_t task_log_crc32c(const void *bytes, size_t n);

/* Every function below writes at most TASK_LOG_RECORD_SIZE bytes to `out` and
 * returns how many. `time` is in seconds since 1970. */

/* What an event file begins with: its version. */
size_t task_log_event_version(double time, unsigned char *out);

/* One event with a scalar for each value that the row has: what training
 * measures as train/NAME, scores as test/NAME without their "test_". */
size_t task_log_event(const struct task_columns *columns,
                      const struct task_row *row, double time,
                      unsigned char *out);

/* One line with its newline. `time` is not in it. */
size_t task_log_line(const struct task_columns *columns,
                     const struct task_row *row, double time,
                     unsigned char *out);

#endif
