/* What is said when a data set cannot be opened. */
#ifndef TAPER_TASK_DATA_ERROR_H
#define TAPER_TASK_DATA_ERROR_H

#include "data/error.h"
#include "task/task_status.h"

#include <stddef.h>

/* `name` is what was asked for and `known` gives the sets that taper knows,
 * NULL past the last: a near miss gets a suggestion, and counts as wrong usage.
 */
enum task_status task_data_error(const struct data_error *why, const char *name,
                                 const char *(*known)(size_t index),
                                 struct task_error *err);

#endif
