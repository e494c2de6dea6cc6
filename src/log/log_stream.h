/* A file read once from front to back: as lines, or as so many bytes. */
#ifndef LOG_LOG_STREAM_H
#define LOG_LOG_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/log_status.h"

/* A longer line or record is none of a log. */
enum { LOG_PIECE_MAX = 1 << 24 };

struct log_stream {
    int fd;            /* -1: closed */
    char name[256];    /* of the file, for messages; its end if it is long */
    char *buffer;      /* owned */
    size_t room;       /* bytes of the buffer */
    size_t begin, end; /* what is in it and was not yet taken */
    bool ended;        /* nothing comes after the buffer */
    uint64_t line;     /* number of the line that was taken last, from 1 */
    uint64_t offset;   /* bytes taken so far */
};

/* Opens a file, or standard input for "-". On failure *s is closed. */
enum log_status log_stream_open(struct log_stream *s, const char *path,
                                struct log_error *err);
void log_stream_close(struct log_stream *s); /* closed is legal */

/* Puts at least n bytes into the buffer, or all that is left, without taking
 * them; n <= LOG_PIECE_MAX. */
enum log_status log_stream_fill(struct log_stream *s, size_t n,
                                struct log_error *err);

/* What is in the buffer. */
const char *log_stream_bytes(const struct log_stream *s);
size_t log_stream_left(const struct log_stream *s);

/* Takes n bytes of the buffer. */
void log_stream_take(struct log_stream *s, size_t n);

/* One line of a text. */
struct log_line {
    const char *text; /* valid until the next line is taken; NULL: the end */
    size_t len;       /* without the end of the line */
    bool whole;       /* false: the file ends without an end of this line */
};

/* Takes the next line. */
enum log_status log_stream_line(struct log_stream *s, struct log_line *line,
                                struct log_error *err);

#endif
