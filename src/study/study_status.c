/* Filling in an error: see study_status.h. */
#include "study/study_status.h"

#include <stdarg.h>
#include <stdio.h>

enum study_status study_fail(struct study_error *err, enum study_status status,
                             const char *format, ...)
{
    if (!err) return status;
    err->status = status;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    return status;
}
