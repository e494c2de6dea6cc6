/* JSON lines: one object for each row, with every column in every line, so
 * that a reader of tables needs no second pass to learn the columns. */
#include "task/log_format.h"
#include "task/number.h"

#include <math.h>
#include <stdio.h>
#include <taper.h>

enum {
    /* Quotes, colon, comma and the number. */
    FIELD_SIZE = TASK_LOG_NAME_SIZE + 4 + TASK_NUMBER_SIZE,
    /* The step, the epoch, the rate, the loss, the norm. */
    FIELDS = 5 + TASK_SERIES + TASK_SCORES
};
_Static_assert(FIELDS *FIELD_SIZE + 4 <= TASK_LOG_RECORD_SIZE,
               "a record holds every line");
_Static_assert(TAPER_NUMBER_SIZE <= TASK_NUMBER_SIZE,
               "a field holds a rate as well");

struct line {
    char *text; /* [TASK_LOG_RECORD_SIZE] */
    size_t used;
};

static void put(struct line *line, const char *name, const char *value)
{
    const int n =
        snprintf(line->text + line->used, TASK_LOG_RECORD_SIZE - line->used,
                 "%c\"%.*s\":%s", line->used ? ',' : '{',
                 TASK_LOG_NAME_SIZE - 1, name, value);
    line->used += (size_t)n;
}

static void put_whole(struct line *line, const char *name, int64_t value)
{
    char number[TASK_NUMBER_SIZE];
    (void)snprintf(number, sizeof number, "%lld", (long long)value);
    put(line, name, number);
}

/* JSON has no word for what is not finite. */
static void put_double(struct line *line, const char *name, double value)
{
    char number[TAPER_NUMBER_SIZE];
    (void)taper_format_number(value, number);
    put(line, name, isfinite(value) ? number : "null");
}

static void put_single(struct line *line, const char *name, double value)
{
    char number[TASK_NUMBER_SIZE];
    put(line, name,
        isfinite((float)value) ? task_number_single(value, number) : "null");
}

size_t task_log_line(const struct task_columns *columns,
                     const struct task_row *row, double time,
                     unsigned char *out)
{
    (void)time;
    struct line line = {.text = (char *)out};
    put_whole(&line, "step", row->step);
    put_whole(&line, "epoch", row->epoch);
    put_double(&line, "lr", row->lr);
    put_single(&line, "loss", row->loss);
    put_single(&line, "grad_norm", row->grad_norm);
    for (size_t i = 0; i < columns->series_count; i++)
        put_double(&line, columns->series[i], row->series[i]);
    for (size_t i = 0; i < columns->score_count; i++)
        put_single(&line, columns->scores[i],
                   row->scored ? row->score[i] : NAN);
    line.text[line.used++] = '}';
    line.text[line.used++] = '\n';
    return line.used;
}
