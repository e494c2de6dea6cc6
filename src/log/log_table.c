/* Tables with a header: one line for each logged update, numbers with commas,
 * tabs, semicolons or blanks between them. Blank lines and those that begin
 * with # are passed over; a header that comes again, as it does when a run that
 * appends was started again, is passed over and counted. */
#include <math.h>
#include <string.h>

#include <taper.h>

#include "log/log_columns.h"
#include "log/log_number.h"
#include "log/log_open.h"
#include "log/log_rows.h"

/* A reading in progress. */
struct table {
    struct log_stream *stream;
    struct log_rows rows;
    struct log_list header;
    struct log_choice choice;
    char separator; /* ' ': any number of blanks */
    bool named;     /* the first line has names */
    size_t last;    /* the last column that is read */
};

struct field {
    const char *text;
    size_t len;
};

/* ---------------------------------------------------------------- fields */

static struct field trimmed(struct field f)
{
    while (f.len && (f.text[0] == ' ' || f.text[0] == '\t'))
        f.text++, f.len--;
    while (f.len && (f.text[f.len - 1] == ' ' || f.text[f.len - 1] == '\t'))
        f.len--;
    return f;
}

/* Takes the field that *rest begins with, and the separator behind it. Within
 * quotes a separator is none. */
static struct field take_field(struct field *rest, char separator)
{
    size_t n = 0;
    if (separator == ' ') {
        *rest = trimmed(*rest);
        while (n < rest->len && rest->text[n] != ' ' && rest->text[n] != '\t')
            n++;
    } else if (rest->len && rest->text[0] == '"') {
        const char *const quote = memchr(rest->text + 1, '"', rest->len - 1);
        n = quote ? (size_t)(quote - rest->text) : 0;
        while (n < rest->len && rest->text[n] != separator)
            n++;
    } else {
        while (n < rest->len && rest->text[n] != separator)
            n++;
    }
    struct field f = trimmed((struct field){rest->text, n});
    const size_t gone = n < rest->len ? n + 1 : n;
    rest->text += gone;
    rest->len -= gone;
    if (f.len >= 2 && f.text[0] == '"' && f.text[f.len - 1] == '"')
        f = (struct field){f.text + 1, f.len - 2};
    return f;
}

static char separator_of(struct field line)
{
    static const char separators[] = {'\t', ',', ';'};
    for (size_t i = 0; i < sizeof separators; i++)
        if (memchr(line.text, separators[i], line.len)) return separators[i];
    return ' ';
}

/* ---------------------------------------------------------------- header */

/* Takes the next line with something in it; its text is NULL at the end. */
static enum log_status take_line(struct log_stream *s, struct log_line *line,
                                 struct log_error *err)
{
    for (;;) {
        const enum log_status status = log_stream_line(s, line, err);
        if (status != LOG_OK || !line->text) return status;
        const struct field f = trimmed((struct field){line->text, line->len});
        if (f.len > 0 && f.text[0] != '#') return LOG_OK;
    }
}

/* Learns the columns from the first line. Without a name among its fields they
 * are called by their numbers, and the line is a row. */
static enum log_status read_header(struct table *t, struct field line,
                                   struct log_error *err)
{
    struct field rest = line;
    t->separator = separator_of(line);
    for (size_t n = 0; rest.len > 0 && !t->named; n++) {
        const struct field f = take_field(&rest, t->separator);
        double value;
        t->named = log_number(f.text, f.len, &value) == LOG_NO_NUMBER;
    }
    rest = line;
    while (rest.len > 0) {
        const struct field f = take_field(&rest, t->separator);
        char number[TAPER_NUMBER_SIZE];
        if (t->header.count == LOG_NAMES_MAX)
            return log_fail(err, LOG_E_FORMAT,
                            "%s is no log: its first line has more than %d "
                            "columns",
                            t->stream->name, LOG_NAMES_MAX);
        const size_t len =
            taper_format_number((double)(t->header.count + 1), number);
        if (!(t->named ? log_list_add(&t->header, f.text, f.len)
                       : log_list_add(&t->header, number, len)))
            return log_no_memory(err);
    }
    return LOG_OK;
}

/* Without a header, columns have to be asked for by their numbers. */
static enum log_status refuse_nameless(const struct table *t,
                                       struct log_error *err)
{
    return log_fail(err, LOG_E_FORMAT,
                    "%s has no header: begin it with a line such as "
                    "step,lr,loss, or say which of its %zu columns is which: "
                    "--columns step=1,lr=2,loss=3",
                    t->stream->name, t->header.count);
}

static enum log_status choose(struct table *t,
                              const struct log_request *request,
                              struct log_run *out, struct log_error *err)
{
    const struct log_source source = {t->stream->name, "column", false, true};
    const struct log_names *const asked = request->names;
    if (!t->named &&
        !(asked && asked->name[LOG_STEP][0] && asked->name[request->wanted][0]))
        return refuse_nameless(t, err);
    const enum log_status status = log_choose(&t->header, &source, asked,
                                              request->wanted, &t->choice, err);
    if (status != LOG_OK) return status;
    log_keep_names(&t->header, &t->choice, out);
    t->last = 0;
    for (size_t c = 0; c < LOG_COLUMNS; c++)
        if (t->choice.of[c] != LOG_NONE && t->choice.of[c] > t->last)
            t->last = t->choice.of[c];
    log_rows_begin(&t->rows, out, t->choice.of[LOG_RATE] != LOG_NONE,
                   request->wanted);
    return LOG_OK;
}

/* ------------------------------------------------------------------ rows */

static enum log_status refuse_field(const struct table *t, size_t c,
                                    struct field f, struct log_error *err)
{
    static const char *const words[LOG_COLUMNS] = {"step", "rate", "loss",
                                                   "norm"};
    return log_fail(err, LOG_E_FORMAT, "%s, line %llu: the %s '%.*s' is no %s",
                    t->stream->name, (unsigned long long)t->stream->line,
                    words[c], f.len > 60 ? 60 : (int)f.len, f.text,
                    c == LOG_STEP ? "whole number from 0 to 2^53" : "number");
}

/* Whether the fields of a row are the header's once more. */
static bool is_header(const struct table *t, const struct field *fields)
{
    for (size_t c = 0; t->named && c < LOG_COLUMNS; c++) {
        const size_t of = t->choice.of[c];
        if (of == LOG_NONE) continue;
        const char *const name = t->header.names[of];
        if (strlen(name) != fields[c].len ||
            memcmp(name, fields[c].text, fields[c].len) != 0)
            return false;
    }
    return t->named;
}

/* The fields of a line that are read; what it does not have is empty. Returns
 * how many fields it has, as far as they were looked at. */
static size_t take_fields(const struct table *t, struct field line,
                          struct field fields[LOG_COLUMNS])
{
    size_t n = 0;
    for (size_t c = 0; c < LOG_COLUMNS; c++)
        fields[c] = (struct field){"", 0};
    while (n <= t->last && line.len > 0) {
        const struct field f = take_field(&line, t->separator);
        for (size_t c = 0; c < LOG_COLUMNS; c++)
            if (t->choice.of[c] == n) fields[c] = f;
        n++;
    }
    return n;
}

static enum log_status read_row(struct table *t, const struct log_line *line,
                                struct log_error *err)
{
    struct log_findings *const found = &t->rows.run->found;
    struct field fields[LOG_COLUMNS];
    struct log_row row = {0, {NAN, NAN, NAN, NAN}};
    const size_t n =
        take_fields(t, (struct field){line->text, line->len}, fields);
    if (!line->whole && n <= t->last) {
        found->torn = true;
        return LOG_OK;
    }
    bool not_finite = false;
    for (size_t c = 0; c < LOG_COLUMNS; c++) {
        const enum log_number_kind kind =
            log_number(fields[c].text, fields[c].len, &row.value[c]);
        if (kind == LOG_NO_NUMBER && c == LOG_STEP && is_header(t, fields)) {
            found->headers++;
            return LOG_OK;
        }
        if (kind == LOG_NO_NUMBER || (c == LOG_STEP && kind == LOG_NUMBER &&
                                      !log_is_step(row.value[c], &row.step)))
            return refuse_field(t, c, fields[c], err);
        not_finite = not_finite || (c > LOG_RATE && kind == LOG_NOT_FINITE);
    }
    if (isnan(row.value[LOG_STEP])) {
        found->without_step++;
        return LOG_OK;
    }
    if (not_finite) log_rows_not_finite(&t->rows);
    return log_rows_add(&t->rows, &row, err);
}

static enum log_status read_rows(struct table *t, struct log_line *line,
                                 struct log_error *err)
{
    enum log_status status = LOG_OK;
    if (t->named) status = take_line(t->stream, line, err);
    while (status == LOG_OK && line->text) {
        status = read_row(t, line, err);
        if (status == LOG_OK) status = take_line(t->stream, line, err);
    }
    if (status != LOG_OK) return status;
    if (t->rows.run->found.rows == 0 && !t->rows.run->found.without_step)
        return log_fail(err, LOG_E_FORMAT, "%s has a header and no rows",
                        t->stream->name);
    return log_rows_end(&t->rows, t->stream->name, err);
}

enum log_status log_read_table(struct log_stream *s,
                               const struct log_request *request,
                               struct log_run *out, struct log_error *err)
{
    struct table t = {.stream = s};
    struct log_line line;
    enum log_status status = take_line(s, &line, err);
    if (status == LOG_OK && !line.text)
        status = log_fail(err, LOG_E_FORMAT, "%s is empty", s->name);
    if (status == LOG_OK)
        status = read_header(&t, (struct field){line.text, line.len}, err);
    if (status == LOG_OK) status = choose(&t, request, out, err);
    if (status == LOG_OK) status = read_rows(&t, &line, err);
    log_list_free(&t.header);
    return status;
}
