/* JSON lines: one object for each row, with every column in every line, so
 * that a reader of tables needs no second pass to learn the columns. */
#include "task/log_format.h"
#include "task/number.h"

#include <math.h>
#include <stdio.h>
#include <taper.h>

enum {
    /* Quotes, colon, comma and the number. */
    FIELD_SIZE = TASK_LOG_NAME_SIZE + 4 + TASK_NUMBER_SIZE
};
_Static_assert((TASK_LOG_COLUMNS + 3) * FIELD_SIZE + 3 <= TASK_LOG_RECORD_SIZE,
               "a record holds every line");
_Static_assert(TAPER_NUMBER_SIZE <= TASK_NUMBER_SIZE,
               "a field holds the rate as well");

size_t task_log_line(const struct task_log_columns *columns,
                     const struct task_log_row *row, double time,
                     unsigned char *out)
{
    (void)time;
    char *const text = (char *)out;
    char number[TASK_NUMBER_SIZE], rate[TAPER_NUMBER_SIZE];
    (void)taper_format_number(row->lr, rate);
    int n = snprintf(text, TASK_LOG_RECORD_SIZE,
                     "{\"step\":%lld,\"epoch\":%lld,\"lr\":%s",
                     (long long)row->step, (long long)row->epoch,
                     isfinite(row->lr) ? rate : "null");
    for (size_t i = 0; i < columns->count; i++) {
        /* JSON has no word for what is not finite, also as a float. */
        const bool known = row->there[i] && isfinite((float)row->values[i]);
        n += snprintf(text + n, TASK_LOG_RECORD_SIZE - (size_t)n,
                      ",\"%.*s\":%s", TASK_LOG_NAME_SIZE - 1, columns->names[i],
                      known ? task_number_single(row->values[i], number)
                            : "null");
    }
    n += snprintf(text + n, TASK_LOG_RECORD_SIZE - (size_t)n, "}\n");
    return (size_t)n;
}
