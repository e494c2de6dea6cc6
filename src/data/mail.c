/* Takes a mail apart: headers, parts, encodings. Works on spans of the mail's
 * bytes; only decoded parts are copied. */
#include "data/mail.h"

#include <string.h>
#include <strings.h>

/* Parts within parts; deeper ones are left out. Each level is one more pass
 * over the bytes. */
enum { MAX_DEPTH = 8 };

struct span {
    const uint8_t *at, *end;
};

static size_t length(struct span s)
{
    return (size_t)(s.end - s.at);
}

/* The headers of a mail or a part that say how to read it. Empty: absent. */
struct headers {
    struct span subject, type, encoding, disposition;
};

static const uint8_t *line_end(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
    return newline ? newline + 1 : end;
}

static bool is_blank_line(struct span line)
{
    return length(line) == 0 || *line.at == '\n' ||
           (length(line) >= 2 && line.at[0] == '\r' && line.at[1] == '\n');
}

/* Whether the text begins with `word`, in lower or upper case. */
static bool begins_with(struct span text, const char *word)
{
    const size_t n = strlen(word);
    return length(text) >= n &&
           strncasecmp((const char *)text.at, word, n) == 0;
}

static struct span skip_spaces(struct span s)
{
    while (s.at < s.end && (*s.at == ' ' || (*s.at >= '\t' && *s.at <= '\r')))
        s.at++;
    return s;
}

/* Keep the value of a header that is wanted and not there yet. */
static void keep_header(struct headers *headers, struct span field)
{
    const struct {
        const char *name;
        struct span *value;
    } wanted[] = {{"Subject:", &headers->subject},
                  {"Content-Type:", &headers->type},
                  {"Content-Transfer-Encoding:", &headers->encoding},
                  {"Content-Disposition:", &headers->disposition}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (!wanted[i].value->at && begins_with(field, wanted[i].name)) {
            field.at += strlen(wanted[i].name);
            *wanted[i].value = skip_spaces(field);
        }
}

/* Read the headers; what remains is the body. */
static struct headers read_headers(struct span *mail)
{
    struct headers headers = {{0}, {0}, {0}, {0}};
    const uint8_t *at = mail->at;
    while (at < mail->end) {
        const uint8_t *end = line_end(at, mail->end);
        if (is_blank_line((struct span){at, end})) {
            at = end;
            break;
        }
        /* A line that begins with a space goes on with the header. */
        while (end < mail->end && (*end == ' ' || *end == '\t'))
            end = line_end(end, mail->end);
        keep_header(&headers, (struct span){at, end});
        at = end;
    }
    mail->at = at;
    return headers;
}

/* The value of a parameter such as boundary="..." of a header. */
static struct span parameter(struct span header, const char *name)
{
    const size_t n = strlen(name);
    const uint8_t *at = header.at;
    while (at < header.end) {
        at = memchr(at, ';', (size_t)(header.end - at));
        if (!at) break;
        const struct span rest = skip_spaces((struct span){at + 1, header.end});
        at = rest.at;
        if (!begins_with(rest, name)) continue;
        struct span value = skip_spaces((struct span){at + n, rest.end});
        if (length(value) == 0 || *value.at != '=') continue;
        value = skip_spaces((struct span){value.at + 1, rest.end});
        const bool quoted = length(value) > 0 && *value.at == '"';
        value.at += quoted;
        const uint8_t *stop = value.at;
        while (stop < value.end &&
               (quoted ? *stop != '"' : *stop > ' ' && *stop != ';'))
            stop++;
        return (struct span){value.at, stop};
    }
    return (struct span){0};
}

static bool read_entity(struct span part, int depth, bool is_mail,
                        struct data_buffer *out);

/* Whether a boundary's line may end so: nothing, space or the closing "--". A
 * boundary may be another one's beginning. */
static bool ends_boundary(const uint8_t *at, const uint8_t *end)
{
    return at == end || *at <= ' ' ||
           (end - at >= 2 && at[0] == '-' && at[1] == '-');
}

/* Find the next line "--boundary" from `at` on; `*rest` is the line's end. An
 * absent one is the end of the body. */
static const uint8_t *find_boundary(struct span body, struct span boundary,
                                    const uint8_t **rest)
{
    const size_t n = length(boundary);
    for (const uint8_t *at = body.at; at < body.end;
         at = line_end(at, body.end))
        if ((size_t)(body.end - at) >= n + 2 && at[0] == '-' && at[1] == '-' &&
            memcmp(at + 2, boundary.at, n) == 0 &&
            ends_boundary(at + 2 + n, body.end)) {
            *rest = at + 2 + n;
            return at;
        }
    *rest = body.end;
    return body.end;
}

/* Whether there is anything but space from `begin` on. */
static bool says_something(const struct data_buffer *out, size_t begin)
{
    for (size_t i = begin; i < out->size; i++)
        if (out->bytes[i] > ' ') return true;
    return false;
}

/* Whether a part is a plain text, by its headers. */
static bool is_plain(struct span part)
{
    const struct headers headers = read_headers(&part);
    return length(headers.type) == 0 || begins_with(headers.type, "text/plain");
}

enum choice { EVERY_PART, PLAIN_PARTS, FIRST_PART };

/* Read the parts between boundaries. Other choices than EVERY_PART stop at the
 * first part that says something. */
static bool read_parts(struct span body, struct span boundary,
                       enum choice choice, int depth, struct data_buffer *out)
{
    const size_t begin = out->size;
    const uint8_t *rest;
    find_boundary(body, boundary, &rest);
    while (rest < body.end) {
        if (body.end - rest >= 2 && rest[0] == '-' && rest[1] == '-') break;
        body.at = line_end(rest, body.end);
        const struct span part = {body.at,
                                  find_boundary(body, boundary, &rest)};
        if (choice == PLAIN_PARTS && !is_plain(part)) continue;
        if (choice != EVERY_PART) out->size = begin;
        if (out->size > begin && !data_buffer_append(out, "\n", 1))
            return false;
        if (!read_entity(part, depth + 1, false, out)) return false;
        if (choice != EVERY_PART && says_something(out, begin)) break;
    }
    return true;
}

static bool read_multipart(const struct headers *headers, struct span body,
                           struct span boundary, int depth,
                           struct data_buffer *out)
{
    if (!begins_with(headers->type, "multipart/alternative"))
        return read_parts(body, boundary, EVERY_PART, depth, out);
    const size_t begin = out->size;
    if (!read_parts(body, boundary, PLAIN_PARTS, depth, out)) return false;
    if (says_something(out, begin)) return true;
    out->size = begin;
    return read_parts(body, boundary, FIRST_PART, depth, out);
}

/* Some senders of HTML do not say that it is. */
static bool looks_like_html(struct span text)
{
    text = skip_spaces(text);
    return begins_with(text, "<html") || begins_with(text, "<!doctype html");
}

/* Append text with LF for CRLF and without NULs. */
static bool append_plain(struct span text, struct data_buffer *out)
{
    const size_t begin = out->size;
    if (!data_buffer_append(out, text.at, length(text))) return false;
    size_t to = begin;
    for (size_t i = begin; i < out->size; i++) {
        const uint8_t c = out->bytes[i];
        const bool fold =
            c == '\r' && i + 1 < out->size && out->bytes[i + 1] == '\n';
        if (c != 0 && !fold) out->bytes[to++] = c;
    }
    out->size = to;
    return true;
}

static bool append_text(bool html, struct span text, struct data_buffer *out)
{
    return html || looks_like_html(text)
               ? data_html_text(text.at, length(text), out)
               : append_plain(text, out);
}

static bool read_text(const struct headers *headers, struct span body,
                      struct data_buffer *out)
{
    const bool html = begins_with(headers->type, "text/html");
    const bool base64 = begins_with(headers->encoding, "base64");
    if (!base64 && !begins_with(headers->encoding, "quoted-printable"))
        return append_text(html, body, out);

    struct data_buffer decoded = {0};
    bool done = base64 ? data_base64_decode(body.at, length(body), &decoded)
                       : data_quoted_decode(body.at, length(body), &decoded);
    if (done && decoded.size > 0)
        done = append_text(html,
                           (struct span){decoded.bytes,
                                         decoded.bytes + decoded.size},
                           out);
    data_buffer_free(&decoded);
    return done;
}

/* The subject on a line of its own. */
static bool read_subject(struct span subject, struct data_buffer *out)
{
    struct data_buffer line = {0};
    bool done = data_words_decode(subject.at, length(subject), &line);
    if (done && line.size > 0)
        done = append_plain((struct span){line.bytes, line.bytes + line.size},
                            out);
    data_buffer_free(&line);
    return done && data_buffer_append(out, "\n", 1);
}

/* Read a mail, or one part of one. */
static bool read_entity(struct span part, int depth, bool is_mail,
                        struct data_buffer *out)
{
    if (depth > MAX_DEPTH) return true;
    const struct headers headers = read_headers(&part);
    if (is_mail && !read_subject(headers.subject, out)) return false;
    if (!is_mail && begins_with(headers.disposition, "attachment")) return true;
    if (begins_with(headers.type, "message/rfc822"))
        return read_entity(part, depth + 1, true, out);
    if (begins_with(headers.type, "multipart/")) {
        const struct span boundary = parameter(headers.type, "boundary");
        const uint8_t *rest = part.end;
        if (length(boundary) > 0) find_boundary(part, boundary, &rest);
        if (rest < part.end)
            return read_multipart(&headers, part, boundary, depth, out);
        return append_text(false, part, out);
    }
    /* A type that is missing or malformed is read as text. */
    const bool other = length(headers.type) > 0 &&
                       memchr(headers.type.at, '/', length(headers.type)) &&
                       !begins_with(headers.type, "text");
    return other || read_text(&headers, part, out);
}

bool data_mail_text(const uint8_t *mail, size_t size, struct data_buffer *out)
{
    static const uint8_t nothing[1];
    if (size == 0) mail = nothing; /* it may be NULL */
    return read_entity((struct span){mail, mail + size}, 0, true, out);
}
