/* See data_error.h. */
#include "task/data_error.h"

#include <string.h>
#include <taper.h>

enum task_status task_data_error(const struct data_error *why, const char *name,
                                 const char *(*known)(size_t index),
                                 struct task_error *err)
{
    enum { NAMES = 16 };
    const char *names[NAMES];
    size_t n = 0;
    if (why->status != DATA_E_NOT_FOUND)
        return task_fail(err, TASK_E_DATA, "%s", why->message);
    for (; n < NAMES && known(n); n++) {
        names[n] = known(n);
        if (strcmp(names[n], name) == 0)
            return task_fail(err, TASK_E_DATA, "%s", why->message);
    }
    const char *const near = taper_suggest(name, strlen(name), names, n);
    return task_fail(err, TASK_E_USAGE, "%s%s%s%s", why->message,
                     near ? ": did you mean " : "", near ? near : "",
                     near ? "?" : "");
}
