/* The texts of statuses, and how a function says what went wrong. */
#include "law/law.h"

#include <stdarg.h>
#include <stdio.h>

#define TEXT(name, text) text,
static const char *const texts[] = {TAPER_LAW_STATUS_LIST(TEXT)};
#undef TEXT

const char *taper_law_status_text(taper_law_status status)
{
    const size_t i = (size_t)status;
    return i < sizeof texts / sizeof texts[0] ? texts[i] : "unknown status";
}

taper_law_status law_fail(taper_law_error *err, taper_law_status code,
                          size_t run, size_t index, const char *format, ...)
{
    if (!err) return code;
    err->code = code;
    err->run = run;
    err->index = index;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    return code;
}
