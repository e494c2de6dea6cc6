/* The one place where messages of src/nn are formatted. */
#include "nn/status.h"
#include <stdarg.h>
#include <stdio.h>

enum nn_status nn_fail(struct nn_error *err, enum nn_status code,
                       const char *format, ...)
{
    if (!err) return code;
    va_list args;
    va_start(args, format);
    err->code = code;
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return code;
}
