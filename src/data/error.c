/* Formats the one line that a failure of the data folder shows. */
#include "data/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PATH_SHOWN = 400 }; /* bytes; leaves the reason most of the message */

/* A file name may hold anything but NUL; the message stays one line. */
static void blank_control_characters(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127) *text = '?';
}

enum data_status data_fail(struct data_error *err, enum data_status status,
                           const char *path, const char *format, ...)
{
    if (!err) return status;

    size_t used = 0;
    err->status = status;
    err->message[0] = '\0';
    if (path) {
        const size_t length = strlen(path);
        const char *cut = length > PATH_SHOWN ? "..." : "";
        const char *tail =
            length > PATH_SHOWN ? path + length - PATH_SHOWN : path;
        const int n =
            snprintf(err->message, sizeof err->message, "%s%s: ", cut, tail);
        used = n > 0 ? (size_t)n : 0;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err->message + used, sizeof err->message - used, format,
              arguments);
    va_end(arguments);
    blank_control_characters(err->message);
    return status;
}

enum data_status data_fail_system(struct data_error *err, const char *path,
                                  const char *what, int code)
{
    char reason[128] = "unknown error";
    strerror_r(code, reason, sizeof reason);
    return data_fail(err, code == ENOENT ? DATA_E_NOT_FOUND : DATA_E_READ, path,
                     "%s: %s", what, reason);
}
