/* Logs written by the tests of their readers. */
#ifndef TESTS_LOG_SCRATCH_LOG_H
#define TESTS_LOG_SCRATCH_LOG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "log/loss_log.h"

/* A file in a folder of its own, with these bytes; its name, until the next
 * call. */
const char *scratch_log(const void *bytes, size_t size);

/* Reads a log of this text; fails the test if that fails. `columns` is as for
 * --columns, or NULL. The caller gives it to log_run_free. */
struct log_run log_of(const char *text, const char *columns);

/* The same for the norms of gradients instead of losses. */
struct log_run norms_of(const char *text);

/* Reads a log of this text, which must fail with one line that holds `part`. */
void assert_refused(const char *text, const char *columns,
                    enum log_status status, const char *part);

#endif
