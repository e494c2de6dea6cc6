/* Which settings a run reads: some belong to one optimiser, algorithm,
 * tokenizer or network, or to another setting that is on. What a run would
 * ignore is refused when it begins, and run.json does not list it. */
#ifndef TAPER_TASK_READERS_H
#define TAPER_TASK_READERS_H

#include "task/settings.h"
#include "task/task_status.h"

#include <stddef.h>

/* TASK_OK if a run with these settings reads the row's; otherwise TASK_E_USAGE,
 * and what does read it. A choice that is not made yet may be any. */
enum task_status task_setting_check_read(const struct task_settings *s,
                                         const struct task_setting *row,
                                         struct task_error *err);

/* The same for all that the person gave, but for flags that say no. */
enum task_status task_settings_check_read(const struct task_settings *s,
                                          struct task_error *err);

/* The table, for tests: a setting is read with these values of another, which
 * comes before it in the table of settings; without any, where the other is
 * neither 0 nor "none". */
enum { TASK_READER_VALUES = 2 };
struct task_reader {
    size_t setting, by; /* TASK_SETTING_... */
    const char *values[TASK_READER_VALUES];
    bool planned; /* a plan may drive `by`: with one, this row says nothing */
};
const struct task_reader *task_reader_at(size_t index); /* NULL past the last */

#endif
