/* Finds out what a log is, by its first bytes, and has it read. */
#include "log/log_open.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "log/log_findings.h"

/* Bytes by which a file is recognised. */
enum { LOOK = 4096 };

/* Whether text comes that is no table: an object. */
static bool is_lines(const char *bytes, size_t n)
{
    while (n && (*bytes == ' ' || *bytes == '\t' || *bytes == '\r' ||
                 *bytes == '\n'))
        bytes++, n--;
    return n && *bytes == '{';
}

/* Whether a control byte comes that is in no table: a byte 0 is in no text but
 * UTF-16, and most files that are none have one soon. */
static bool is_binary(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)bytes[i];
        if (c < ' ' && !(c >= '\t' && c <= '\r')) return true;
    }
    return false;
}

/* Whether the bytes begin an array of objects, which is JSON, but not lines of
 * it. */
static bool is_array(const char *bytes, size_t n)
{
    static const char blanks[] = " \t\r\n";
    size_t i = 0;
    while (i < n && bytes[i] && strchr(blanks, bytes[i]))
        i++;
    if (i == n || bytes[i] != '[') return false;
    i++;
    while (i < n && bytes[i] && strchr(blanks, bytes[i]))
        i++;
    return i < n && bytes[i] == '{';
}

static enum log_status refuse_bytes(const struct log_stream *s,
                                    struct log_error *err)
{
    return log_fail(err, LOG_E_FORMAT,
                    "%s is no log: it is neither text (UTF-8) nor an event "
                    "file of TensorBoard",
                    s->name);
}

static enum log_status read_stream(struct log_stream *s,
                                   const struct log_request *request,
                                   struct log_run *out, struct log_error *err)
{
    static const char mark[] = "\xef\xbb\xbf";
    enum log_status status = log_stream_fill(s, LOOK, err);
    if (status != LOG_OK) return status;
    if (log_stream_left(s) >= 3 && memcmp(log_stream_bytes(s), mark, 3) == 0)
        log_stream_take(s, 3);
    const char *const bytes = log_stream_bytes(s);
    const size_t left = log_stream_left(s), look = left < LOOK ? left : LOOK;
    if (look == 0) return log_fail(err, LOG_E_FORMAT, "%s is empty", s->name);
    if (is_binary(bytes, look)) return refuse_bytes(s, err);
    if (is_array(bytes, look))
        return log_fail(err, LOG_E_FORMAT,
                        "%s is one array of JSON: of JSON, one object a line "
                        "is read, as jq -c '.[]' writes it",
                        s->name);
    return is_lines(bytes, look) ? log_read_lines(s, request, out, err)
                                 : log_read_table(s, request, out, err);
}

/* Whether a path can be read once more from the front: no pipe can. */
static bool is_plain_file(const char *path)
{
    struct stat info;
    return strcmp(path, "-") != 0 && stat(path, &info) == 0 &&
           S_ISREG(info.st_mode);
}

enum log_status log_read_file(const char *path,
                              const struct log_request *request,
                              struct log_run *out, struct log_error *err)
{
    struct log_stream s;
    enum log_status status = log_stream_open(&s, path, err);
    if (status != LOG_OK) return status;
    status = log_stream_fill(&s, LOOK, err);
    const bool events = status == LOG_OK && log_is_events(log_stream_bytes(&s),
                                                          log_stream_left(&s));
    if (status == LOG_OK && !events)
        status = read_stream(&s, request, out, err);
    log_stream_close(&s);
    if (!events) return status;
    if (!is_plain_file(path))
        return log_fail(err, LOG_E_USAGE,
                        "an event file is read twice, so not from a pipe or "
                        "standard input: give its name");
    char *const one = (char *)(uintptr_t)path;
    return log_read_events(&one, 1, request, out, err);
}

enum log_status log_read(const char *path, const struct log_names *names,
                         enum log_column wanted, struct log_run *out,
                         struct log_error *err)
{
    const struct log_request request = {names, wanted};
    struct stat info;
    *out = (struct log_run){.count = 0};
    const bool folder = strcmp(path, "-") != 0 && stat(path, &info) == 0 &&
                        S_ISDIR(info.st_mode);
    const enum log_status status =
        folder ? log_read_folder(path, &request, out, err)
               : log_read_file(path, &request, out, err);
    if (status == LOG_OK)
        log_find_gaps(out);
    else
        log_run_free(out);
    return status;
}

void log_run_free(struct log_run *run)
{
    free(run->step);
    free(run->rate);
    free(run->value);
    free(run->schedule);
    *run = (struct log_run){.count = 0};
}
