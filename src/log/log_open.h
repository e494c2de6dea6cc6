/* What the readers of formats share. */
#ifndef LOG_LOG_OPEN_H
#define LOG_LOG_OPEN_H

#include "log/log_stream.h"
#include "log/loss_log.h"

/* What a caller of log_read asked for. */
struct log_request {
    const struct log_names *names; /* or NULL */
    enum log_column wanted;        /* LOG_LOSS or LOG_NORM */
};

/* A table with a header: commas, tabs, semicolons or blanks between fields. */
enum log_status log_read_table(struct log_stream *s,
                               const struct log_request *request,
                               struct log_run *out, struct log_error *err);

/* One JSON object a line. */
enum log_status log_read_lines(struct log_stream *s,
                               const struct log_request *request,
                               struct log_run *out, struct log_error *err);

/* Whether bytes from the front of a file are an event file's. */
bool log_is_events(const char *bytes, size_t n);

/* Event files that follow on each other, in the order of `paths`. */
enum log_status log_read_events(char *const *paths, size_t count,
                                const struct log_request *request,
                                struct log_run *out, struct log_error *err);

/* A folder: taper's own run, event files, or log.jsonl. */
enum log_status log_read_folder(const char *path,
                                const struct log_request *request,
                                struct log_run *out, struct log_error *err);

/* A file of any format. */
enum log_status log_read_file(const char *path,
                              const struct log_request *request,
                              struct log_run *out, struct log_error *err);

#endif
