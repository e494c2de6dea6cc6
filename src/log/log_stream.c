/* See log_stream.h. */
#include "log/log_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_ROOM = 1 << 18 };

/* The path, or its end behind "..." if it does not fit. */
static void set_name(struct log_stream *s, const char *path)
{
    const size_t len = strlen(path), room = sizeof s->name - 1;
    if (len <= room) {
        memcpy(s->name, path, len + 1);
        return;
    }
    memcpy(s->name, "...", 3);
    memcpy(s->name + 3, path + len - (room - 3), room - 2);
}

enum log_status log_stream_open(struct log_stream *s, const char *path,
                                struct log_error *err)
{
    *s = (struct log_stream){.fd = -1};
    const bool standard = strcmp(path, "-") == 0;
    set_name(s, standard ? "standard input" : path);
    s->fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0)
        return log_fail(err, LOG_E_FILE, "cannot read %s: %s", s->name,
                        strerror(errno));
    s->buffer = malloc(FIRST_ROOM);
    s->room = FIRST_ROOM;
    if (s->buffer) return LOG_OK;
    log_stream_close(s);
    return log_no_memory(err);
}

void log_stream_close(struct log_stream *s)
{
    if (s->fd >= 0) (void)close(s->fd);
    free(s->buffer);
    *s = (struct log_stream){.fd = -1};
}

const char *log_stream_bytes(const struct log_stream *s)
{
    return s->buffer + s->begin;
}

size_t log_stream_left(const struct log_stream *s)
{
    return s->end - s->begin;
}

void log_stream_take(struct log_stream *s, size_t n)
{
    s->begin += n;
    s->offset += n;
}

/* Makes room for n bytes from `begin` on, and for one more. */
static enum log_status make_room(struct log_stream *s, size_t n,
                                 struct log_error *err)
{
    if (s->begin > 0 && s->begin + n >= s->room) {
        memmove(s->buffer, s->buffer + s->begin, log_stream_left(s));
        s->end -= s->begin;
        s->begin = 0;
    }
    size_t room = s->room;
    while (room <= n)
        room *= 2;
    if (room == s->room) return LOG_OK;
    char *const more = realloc(s->buffer, room);
    if (!more) return log_no_memory(err);
    s->buffer = more;
    s->room = room;
    return LOG_OK;
}

enum log_status log_stream_fill(struct log_stream *s, size_t n,
                                struct log_error *err)
{
    if (log_stream_left(s) >= n || s->ended) return LOG_OK;
    const enum log_status status = make_room(s, n, err);
    if (status != LOG_OK) return status;
    while (log_stream_left(s) < n) {
        const ssize_t got = read(s->fd, s->buffer + s->end, s->room - s->end);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return log_fail(err, LOG_E_FILE, "cannot read %s: %s", s->name,
                            strerror(errno));
        s->ended = got == 0;
        if (s->ended) break;
        s->end += (size_t)got;
    }
    return LOG_OK;
}

enum log_status log_stream_line(struct log_stream *s, struct log_line *line,
                                struct log_error *err)
{
    size_t seen = 0; /* bytes that hold no end of a line */
    *line = (struct log_line){NULL, 0, false};
    for (;;) {
        const char *const text = log_stream_bytes(s);
        const size_t left = log_stream_left(s);
        const char *const end =
            left > seen ? memchr(text + seen, '\n', left - seen) : NULL;
        if (end || s->ended) {
            if (!end && left == 0) return LOG_OK;
            const size_t len = end ? (size_t)(end - text) : left;
            s->line++;
            log_stream_take(s, end ? len + 1 : len);
            const bool cr = len > 0 && text[len - 1] == '\r';
            *line = (struct log_line){text, cr ? len - 1 : len, end != NULL};
            return LOG_OK;
        }
        seen = left;
        if (left >= LOG_PIECE_MAX)
            return log_fail(err, LOG_E_FORMAT,
                            "%s is no log: a line of it is longer than 16 MB",
                            s->name);
        const enum log_status status = log_stream_fill(s, left + 1, err);
        if (status != LOG_OK) return status;
    }
}
