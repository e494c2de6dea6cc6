/* The logs of a run as a table of formats: see log.h. */
#include "task/log.h"

#include <math.h>
#include <string.h>
#include <time.h>

/* Seconds that a row may wait in the buffer when others follow it. */
#define FLUSH_EVERY 2.0

/* One row for each task_log_kind. */
static const struct format {
    const char *name, *file;
    size_t (*begin)(double time, unsigned char *out); /* NULL: nothing */
    size_t (*row)(const struct task_columns *columns,
                  const struct task_row *row, double time, unsigned char *out);
} formats[TASK_LOGS] = {
    [TASK_LOG_TENSORBOARD] = {"tensorboard", TASK_EVENTS_FILE,
                              task_log_event_version, task_log_event},
    [TASK_LOG_JSONL] = {"jsonl", TASK_LINES_FILE, NULL, task_log_line},
};

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- which ---- */

static bool same(const char *word, size_t n, const char *name)
{
    return strlen(name) == n && memcmp(word, name, n) == 0;
}

static enum task_status refuse(const char *word, size_t n,
                               struct task_error *err)
{
    static const char *const names[] = {"tensorboard", "jsonl", "none"};
    char shown[64];
    if (same(word, n, "none"))
        return task_fail(err, TASK_E_USAGE,
                         "--log none means no log, and stands alone");
    (void)snprintf(shown, sizeof shown, "%.*s", (int)(n < 60 ? n : 60), word);
    return task_unknown("log", shown, "", names, sizeof names / sizeof *names,
                        err);
}

enum task_status task_log_parse(const char *text, unsigned *kinds,
                                struct task_error *err)
{
    *kinds = 0;
    if (!text || !*text || strcmp(text, "none") == 0) return TASK_OK;
    for (const char *word = text;; word++) {
        const size_t n = strcspn(word, ",");
        size_t kind = 0;
        while (kind < TASK_LOGS && !same(word, n, formats[kind].name))
            kind++;
        if (kind == TASK_LOGS) return refuse(word, n, err);
        *kinds |= 1u << kind;
        word += n;
        if (!*word) return TASK_OK;
    }
}

/* ---- the files ---- */

static enum task_status append(struct task_log *log, size_t kind,
                               const struct task_row *row, double time,
                               struct task_error *err)
{
    unsigned char record[TASK_LOG_RECORD_SIZE];
    const size_t n = formats[kind].row(&log->columns, row, time, record);
    return task_log_file_append(&log->files[kind], record, n, err);
}

/* Row i of metrics.csv as it was. One whose scores are all empty was not
 * scored. */
static struct task_row row_of(const struct task_table *t,
                              const struct task_columns *columns, size_t i)
{
    struct task_row row = {.step = (int64_t)t->step[i],
                           .epoch = (int64_t)t->epoch[i],
                           .lr = t->lr[i],
                           .loss = t->loss[i],
                           .grad_norm = t->grad_norm[i]};
    for (size_t k = 0; k < columns->series_count; k++)
        row.series[k] = t->extra[k][i];
    for (size_t k = 0; k < columns->score_count; k++) {
        row.score[k] = t->extra[columns->series_count + k][i];
        row.scored = row.scored || !isnan(row.score[k]);
    }
    return row;
}

static enum task_status begin(struct task_log *log, size_t kind,
                              const struct task_table *past,
                              struct task_error *err)
{
    enum task_status status = task_log_file_keep(&log->files[kind], 0, err);
    if (status == TASK_OK && formats[kind].begin) {
        unsigned char record[TASK_LOG_RECORD_SIZE];
        const size_t n = formats[kind].begin(log->flushed, record);
        status = task_log_file_append(&log->files[kind], record, n, err);
    }
    for (size_t i = 0; i < past->count && status == TASK_OK; i++) {
        const struct task_row row = row_of(past, &log->columns, i);
        status = append(log, kind, &row, log->flushed, err);
    }
    return status;
}

static enum task_status open_one(struct task_log *log, const char *folder,
                                 size_t kind, const char *metrics,
                                 uint64_t size, struct task_error *err)
{
    struct task_log_file *const f = &log->files[kind];
    char path[TASK_PATH_SIZE];
    enum task_status status = task_path(path, folder, formats[kind].file, err);
    if (status == TASK_OK) status = task_log_file_open(f, path, err);
    if (status != TASK_OK) return status;
    if (size > 0) {
        status = task_log_file_keep(f, size, err);
        if (status != TASK_E_FORMAT) return status;
    }
    struct task_table past = {0};
    status = metrics ? task_table_read(metrics, &past, err) : TASK_OK;
    if (status == TASK_OK) status = begin(log, kind, &past, err);
    task_table_free(&past);
    return status;
}

enum task_status
task_log_open(struct task_log *log, const char *folder, unsigned kinds,
              const struct task_columns *columns, const char *metrics,
              const uint64_t sizes[TASK_LOGS], struct task_error *err)
{
    log->kinds = 0;
    log->columns = *columns;
    log->flushed = now();
    for (size_t kind = 0; kind < TASK_LOGS; kind++) {
        if (!(kinds >> kind & 1)) continue;
        log->files[kind].fd = -1;
        log->kinds |= 1u << kind;
        const enum task_status status =
            open_one(log, folder, kind, metrics, sizes[kind], err);
        if (status == TASK_OK) continue;
        task_log_close(log);
        return status;
    }
    return TASK_OK;
}

enum task_status task_log_add(struct task_log *log, const struct task_row *row,
                              struct task_error *err)
{
    if (!log->kinds) return TASK_OK;
    const double time = now();
    for (size_t kind = 0; kind < TASK_LOGS; kind++) {
        if (!(log->kinds >> kind & 1)) continue;
        const enum task_status status = append(log, kind, row, time, err);
        if (status != TASK_OK) return status;
    }
    /* A clock that was set back must not hold everything back. */
    if (time - log->flushed < FLUSH_EVERY && time >= log->flushed)
        return TASK_OK;
    log->flushed = time;
    return task_log_flush(log, false, err);
}

enum task_status task_log_flush(struct task_log *log, bool durable,
                                struct task_error *err)
{
    for (size_t kind = 0; kind < TASK_LOGS; kind++) {
        if (!(log->kinds >> kind & 1)) continue;
        const enum task_status status =
            task_log_file_flush(&log->files[kind], durable, err);
        if (status != TASK_OK) return status;
    }
    return TASK_OK;
}

void task_log_sizes(const struct task_log *log, uint64_t sizes[TASK_LOGS])
{
    for (size_t kind = 0; kind < TASK_LOGS; kind++)
        sizes[kind] = log->kinds >> kind & 1 ? log->files[kind].size : 0;
}

void task_log_close(struct task_log *log)
{
    for (size_t kind = 0; kind < TASK_LOGS; kind++)
        if (log->kinds >> kind & 1) task_log_file_close(&log->files[kind]);
    log->kinds = 0;
}
