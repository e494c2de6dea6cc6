/* See aside.h. */
#include "plot/aside.h"

#include <stdarg.h>
#include <string.h>

#include "plot/glyph.h"

bool plot_fail(struct plot_error *err, enum plot_status status,
               const char *format, ...)
{
    if (!err) return false;
    char raw[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    err->status = status;
    plot_glyph_fit(raw, sizeof raw, false, err->message, sizeof err->message);
    return false;
}

/* false, with *err saying that `path` cannot be written for `reason`, an
 * errno. */
static bool refuse(struct plot_error *err, const char *path, int reason)
{
    return plot_fail(err, PLOT_E_WRITE, "cannot write '%s': %s", path,
                     strerror(reason));
}

bool plot_aside_open(struct plot_aside *a, const char *path,
                     struct plot_error *err)
{
    const int reason = file_aside_open(&a->aside, path, FILE_OF_MANY);
    a->file = a->aside.stream;
    return reason == 0 || refuse(err, path, reason);
}

bool plot_aside_commit(struct plot_aside *a, struct plot_error *err)
{
    char target[sizeof err->message];
    (void)snprintf(target, sizeof target, "%s", a->aside.target);
    a->file = NULL;
    const int reason = file_aside_commit(&a->aside);
    return reason == 0 || refuse(err, target, reason);
}

void plot_aside_abandon(struct plot_aside *a)
{
    a->file = NULL;
    file_aside_abandon(&a->aside);
}
