/* The logs of a run as a table of formats: see log.h. */
#include "task/log.h"

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

static enum task_status open_one(struct task_log *log, const char *folder,
                                 size_t kind, uint64_t size,
                                 struct task_error *err)
{
    const struct format *const format = &formats[kind];
    struct task_log_file *const f = &log->files[kind];
    char path[TASK_PATH_SIZE];
    enum task_status status = task_path(path, folder, format->file, err);
    if (status == TASK_OK) status = task_log_file_open(f, path, err);
    if (status == TASK_OK) status = task_log_file_keep(f, size, err);
    if (status != TASK_OK || size > 0 || !format->begin) return status;
    unsigned char record[TASK_LOG_RECORD_SIZE];
    const size_t n = format->begin(log->flushed, record);
    return task_log_file_append(f, record, n, err);
}

enum task_status task_log_open(struct task_log *log, const char *folder,
                               unsigned kinds,
                               const struct task_columns *columns,
                               const uint64_t sizes[TASK_LOGS],
                               struct task_error *err)
{
    log->kinds = 0;
    log->columns = *columns;
    log->flushed = now();
    for (size_t kind = 0; kind < TASK_LOGS; kind++) {
        if (!(kinds >> kind & 1)) continue;
        log->files[kind].fd = -1;
        log->kinds |= 1u << kind;
        const enum task_status status =
            open_one(log, folder, kind, sizes[kind], err);
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
        unsigned char record[TASK_LOG_RECORD_SIZE];
        const size_t n = formats[kind].row(&log->columns, row, time, record);
        const enum task_status status =
            task_log_file_append(&log->files[kind], record, n, err);
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
