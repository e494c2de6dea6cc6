/* One way to report a failure, shared by the whole folder. */
#include "task/task_status.h"

#include <stdarg.h>
#include <stdio.h>

enum task_status task_fail(struct task_error *err, enum task_status status,
                           const char *format, ...)
{
    if (!err) return status;
    err->status = status;
    err->schedule.code = TAPER_OK;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    return status;
}
