/* See log_status.h. */
#include "log/log_status.h"

#include <stdarg.h>
#include <stdio.h>

enum log_status log_fail(struct log_error *err, enum log_status status,
                         const char *format, ...)
{
    va_list args;
    err->status = status;
    va_start(args, format);
    (void)vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return status;
}

enum log_status log_no_memory(struct log_error *err)
{
    return log_fail(err, LOG_E_MEMORY, "out of memory");
}
