/* JSON lines: one object for each logged update, whose keys are the columns.
 * Objects need not have the same keys, so that all lines are looked at for
 * names before a value is read; of values within values nothing is read. What
 * Python writes that is no JSON, NaN and Infinity, is understood. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/log_columns.h"
#include "log/log_number.h"
#include "log/log_open.h"
#include "log/log_rows.h"

enum {
    NAMES_LINES = 1000, /* lines that are looked at for names */
    DEPTH_MAX = 64      /* of values within values */
};

/* A place in a line. */
struct cursor {
    const char *at, *end;
};

/* ------------------------------------------------------------- one object */

static void skip_blanks(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t'))
        c->at++;
}

static bool take(struct cursor *c, char want)
{
    skip_blanks(c);
    if (c->at == c->end || *c->at != want) return false;
    c->at++;
    return true;
}

/* A string, at whose first quote the cursor stands: what is between the
 * quotes, escapes as they are. None has a byte 0, so that it can be compared
 * as C's strings are. */
static bool take_string(struct cursor *c, const char **text, size_t *len)
{
    if (!take(c, '"')) return false;
    *text = c->at;
    for (; c->at < c->end && *c->at != '"'; c->at++)
        if (*c->at == '\\' && ++c->at == c->end) return false;
    *len = (size_t)(c->at - *text);
    return !memchr(*text, 0, *len) && take(c, '"');
}

/* Passes over an array or an object, at whose first bracket the cursor stands.
 */
static bool skip_nested(struct cursor *c)
{
    int depth = 0;
    do {
        const char *text;
        size_t len;
        if (c->at == c->end) return false;
        if (*c->at == '"') {
            if (!take_string(c, &text, &len)) return false;
            continue;
        }
        if (*c->at == '[' || *c->at == '{') depth++;
        if (*c->at == ']' || *c->at == '}') depth--;
        if (depth > DEPTH_MAX) return false;
        c->at++;
    } while (depth > 0);
    return true;
}

/* A member of an object. */
struct member {
    const char *key, *value; /* a value that is no number or word: "" */
    size_t key_len, value_len;
    bool object; /* the value is an object */
};

/* Takes "key": value. */
static bool take_member(struct cursor *c, struct member *m)
{
    m->value = "";
    m->value_len = 0;
    m->object = false;
    if (!take_string(c, &m->key, &m->key_len) || !take(c, ':')) return false;
    skip_blanks(c);
    if (c->at == c->end) return false;
    m->object = *c->at == '{';
    if (*c->at == '[' || m->object) return skip_nested(c);
    if (*c->at == '"') return take_string(c, &m->value, &m->value_len);
    m->value = c->at;
    while (c->at < c->end && *c->at != ',' && *c->at != '}')
        c->at++;
    m->value_len = (size_t)(c->at - m->value);
    return true;
}

/* What is done with each member of a line's object. */
typedef void on_member(void *context, const struct member *m);

/* Reads a line, which must be one object. */
static bool read_object(const struct log_line *line, on_member *each,
                        void *context)
{
    struct cursor c = {line->text, line->text + line->len};
    struct member m;
    if (!take(&c, '{')) return false;
    if (!take(&c, '}')) {
        do {
            if (!take_member(&c, &m)) return false;
            each(context, &m);
        } while (take(&c, ','));
        if (!take(&c, '}')) return false;
    }
    skip_blanks(&c);
    return c.at == c.end;
}

/* ----------------------------------------------------------------- reading */

/* A line that is kept until the names are known. */
struct kept {
    char *text; /* owned */
    struct log_line line;
};

struct reader {
    struct log_stream *stream;
    struct log_rows rows;
    struct log_list names;
    struct log_choice choice;
    struct log_row row;         /* of the current line */
    bool not_finite;            /* its loss */
    bool bad_number;            /* some value that is wanted is no number */
    char object[LOG_NAME_SIZE]; /* the first key whose value is an object */
    struct kept *kept;          /* [NAMES_LINES] */
    size_t kept_count;
};

static void add_name(void *context, const struct member *m)
{
    struct reader *const r = context;
    (void)log_list_find(&r->names, m->key, m->key_len);
    if (m->object && !r->object[0])
        (void)snprintf(r->object, sizeof r->object, "%.*s", (int)m->key_len,
                       m->key);
}

static void add_value(void *context, const struct member *m)
{
    struct reader *const r = context;
    for (size_t c = 0; c < LOG_COLUMNS; c++) {
        if (r->choice.of[c] == LOG_NONE || m->key_len >= LOG_NAME_SIZE)
            continue;
        const char *const name = r->names.names[r->choice.of[c]];
        if (strncmp(name, m->key, m->key_len) != 0 || name[m->key_len] != '\0')
            continue;
        const enum log_number_kind kind =
            log_number(m->value, m->value_len, &r->row.value[c]);
        r->bad_number = r->bad_number || kind == LOG_NO_NUMBER;
        if (c > LOG_RATE) r->not_finite = kind == LOG_NOT_FINITE;
    }
}

static enum log_status refuse_line(const struct reader *r, uint64_t number,
                                   const char *what, struct log_error *err)
{
    return log_fail(err, LOG_E_FORMAT, "%s, line %llu: %s", r->stream->name,
                    (unsigned long long)number, what);
}

static const char not_an_object[] = "one JSON object a line is expected";

static bool is_blank(const struct log_line *line)
{
    struct cursor c = {line->text, line->text + line->len};
    skip_blanks(&c);
    return c.at == c.end;
}

static enum log_status read_row(struct reader *r, const struct log_line *line,
                                uint64_t number, struct log_error *err)
{
    struct log_findings *const found = &r->rows.run->found;
    if (is_blank(line)) return LOG_OK;
    r->row = (struct log_row){0, {NAN, NAN, NAN, NAN}};
    r->not_finite = r->bad_number = false;
    if (!read_object(line, add_value, r)) {
        found->torn = !line->whole;
        return line->whole ? refuse_line(r, number, not_an_object, err)
                           : LOG_OK;
    }
    if (r->bad_number)
        return refuse_line(r, number, "a step, rate, loss or norm is no number",
                           err);
    if (isnan(r->row.value[LOG_STEP])) {
        found->without_step++;
        return LOG_OK;
    }
    if (!log_is_step(r->row.value[LOG_STEP], &r->row.step))
        return refuse_line(r, number,
                           "the step is no whole number from 0 to 2^53", err);
    if (r->not_finite) log_rows_not_finite(&r->rows);
    return log_rows_add(&r->rows, &r->row, err);
}

/* Keeps the first lines, and looks at them for names. */
static enum log_status look_at_names(struct reader *r, struct log_error *err)
{
    r->kept = calloc(NAMES_LINES, sizeof *r->kept);
    if (!r->kept) return log_no_memory(err);
    while (r->kept_count < NAMES_LINES) {
        struct kept *const k = &r->kept[r->kept_count];
        const enum log_status status =
            log_stream_line(r->stream, &k->line, err);
        if (status != LOG_OK || !k->line.text) return status;
        k->text = malloc(k->line.len + 1);
        if (!k->text) return log_no_memory(err);
        memcpy(k->text, k->line.text, k->line.len);
        k->line.text = k->text;
        r->kept_count++;
        if (!is_blank(&k->line) && !read_object(&k->line, add_name, r) &&
            k->line.whole)
            return refuse_line(r, r->stream->line, not_an_object, err);
    }
    return LOG_OK;
}

static enum log_status read_rows(struct reader *r, struct log_error *err)
{
    for (size_t i = 0; i < r->kept_count; i++) {
        const enum log_status status =
            read_row(r, &r->kept[i].line, i + 1, err);
        if (status != LOG_OK) return status;
    }
    for (;;) {
        struct log_line line;
        enum log_status status = log_stream_line(r->stream, &line, err);
        if (status != LOG_OK) return status;
        if (!line.text) return log_rows_end(&r->rows, r->stream->name, err);
        status = read_row(r, &line, r->stream->line, err);
        if (status != LOG_OK) return status;
    }
}

/* Which keys the columns are. Where they are not among those of the lines, but
 * there are objects within the lines, they are likely in there. */
static enum log_status choose(struct reader *r,
                              const struct log_request *request,
                              struct log_error *err)
{
    const char *const name = r->stream->name;
    const struct log_source source = {name, "key", false, false};
    const enum log_status status =
        log_choose(&r->names, &source, request->names, request->wanted,
                   &r->choice, err);
    if (status != LOG_E_FORMAT || !r->object[0]) return status;
    return log_fail(err, LOG_E_FORMAT,
                    "%s is nested: its \"%s\" is an object, and only keys of "
                    "the line itself are read: write one flat object a line, "
                    "like {\"step\": 1, \"lr\": 0.1, \"loss\": 2}",
                    name, r->object);
}

enum log_status log_read_lines(struct log_stream *s,
                               const struct log_request *request,
                               struct log_run *out, struct log_error *err)
{
    struct reader r = {.stream = s};
    enum log_status status = look_at_names(&r, err);
    if (status == LOG_OK) status = choose(&r, request, err);
    if (status == LOG_OK) {
        log_keep_names(&r.names, &r.choice, out);
        log_rows_begin(&r.rows, out, r.choice.of[LOG_RATE] != LOG_NONE,
                       request->wanted);
        status = read_rows(&r, err);
    }
    for (size_t i = 0; i < r.kept_count; i++)
        free(r.kept[i].text);
    free(r.kept);
    log_list_free(&r.names);
    return status;
}
