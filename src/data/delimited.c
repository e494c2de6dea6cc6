/* Splits TSV and CSV into rows, finds the columns of the label and of the
 * texts, and adds one text for each row. */
#include "data/delimited.h"

#include "data/texts.h"

#include <string.h>
#include <strings.h>

enum { MAX_COLUMNS = 64 };

/* One column of a row: bytes of the file, without the quotes around it. */
struct field {
    const uint8_t *bytes;
    size_t size;
    bool quoted; /* quotes within are written twice */
};

struct reader {
    const uint8_t *begin, *at, *end; /* the file, and the next byte of it */
    const uint8_t *row;              /* where the row begins */
    const char *path;
    char separator;
    size_t most; /* fields to split a row into; the last takes the rest */
    struct field fields[MAX_COLUMNS];
    size_t count; /* fields of the row */
};

/* Lines are counted only when one is to be named. */
static size_t line_of(const struct reader *r, const uint8_t *place)
{
    size_t line = 1;
    for (const uint8_t *at = r->begin; at < place; at++)
        line += *at == '\n';
    return line;
}

/* The end of what stands before `c`, or of the text. */
static const uint8_t *find(const uint8_t *at, const uint8_t *end, char c)
{
    const uint8_t *found = memchr(at, c, (size_t)(end - at));
    return found ? found : end;
}

static bool ends_line(const struct reader *r, const uint8_t *at)
{
    return at == r->end || *at == '\n' ||
           (*at == '\r' && at + 1 < r->end && at[1] == '\n');
}

/* Step over what ends a line. */
static const uint8_t *next_line(const struct reader *r, const uint8_t *at)
{
    if (at < r->end && *at == '\r') at++;
    return at < r->end ? at + 1 : at;
}

/* Split the line into at most r->most fields. */
static enum data_status read_tabbed(struct reader *r)
{
    const uint8_t *const line_end = find(r->at, r->end, '\n');
    const uint8_t *end = line_end;
    if (end > r->at && end[-1] == '\r' && end < r->end) end--;

    const uint8_t *at = r->at;
    r->count = 0;
    for (;;) {
        const uint8_t *tab = r->count + 1 < r->most ? find(at, end, '\t') : end;
        r->fields[r->count++] = (struct field){at, (size_t)(tab - at), false};
        if (tab == end) break;
        at = tab + 1;
    }
    r->at = next_line(r, line_end);
    return DATA_OK;
}

/* Read a field that begins with a quote; r->at ends up behind the closing one.
 */
static enum data_status read_quoted(struct reader *r, struct field *field,
                                    struct data_error *err)
{
    const uint8_t *const open = r->at, *at = open + 1;
    for (;;) {
        at = find(at, r->end, '"');
        if (at == r->end)
            return data_fail(err, DATA_E_FORMAT, r->path,
                             "line %zu: a quote opens here and is never closed",
                             line_of(r, open));
        if (at + 1 == r->end || at[1] != '"') break;
        at += 2;
    }
    *field = (struct field){open + 1, (size_t)(at - open) - 1, true};
    r->at = at + 1;
    if (ends_line(r, r->at) || *r->at == ',') return DATA_OK;
    return data_fail(err, DATA_E_FORMAT, r->path,
                     "line %zu: text follows a closing quote; quotes within a "
                     "text are written twice",
                     line_of(r, at));
}

static void read_bare(struct reader *r, struct field *field)
{
    const uint8_t *at = r->at;
    while (!ends_line(r, at) && *at != ',')
        at++;
    *field = (struct field){r->at, (size_t)(at - r->at), false};
    r->at = at;
}

static enum data_status read_commas(struct reader *r, struct data_error *err)
{
    r->count = 0;
    for (;;) {
        if (r->count == MAX_COLUMNS)
            return data_fail(err, DATA_E_FORMAT, r->path,
                             "line %zu: has more than %d columns",
                             line_of(r, r->row), MAX_COLUMNS);
        struct field *field = &r->fields[r->count++];
        if (r->at < r->end && *r->at == '"') {
            const enum data_status status = read_quoted(r, field, err);
            if (status != DATA_OK) return status;
        } else {
            read_bare(r, field);
        }
        if (ends_line(r, r->at)) break;
        r->at++;
    }
    r->at = next_line(r, r->at);
    return DATA_OK;
}

/* Read the next row that is not empty; r->count is 0 past the last. */
static enum data_status read_row(struct reader *r, struct data_error *err)
{
    while (r->at < r->end && ends_line(r, r->at))
        r->at = next_line(r, r->at);
    r->row = r->at;
    r->count = 0;
    if (r->at == r->end) return DATA_OK;
    return r->separator == ',' ? read_commas(r, err) : read_tabbed(r);
}

/* What columns are usually called that hold labels, and texts. Only columns of
 * the second list are read as texts where a file names its columns: others
 * (label_text, stars, ...) may give the label away. */
static const char *const label_names[] = {"label",       "labels",
                                          "class",       "class index",
                                          "class_index", "category",
                                          "target",      "sentiment",
                                          "polarity",    "v1"};
static const char *const text_names[] = {
    "text",        "texts",   "sentence", "title",          "description",
    "content",     "review",  "comment",  "message",        "body",
    "subject",     "summary", "headline", "article",        "abstract",
    "tweet",       "post",    "question", "question title", "question content",
    "best answer", "v2"};
enum {
    LABEL_NAMES = sizeof label_names / sizeof label_names[0],
    TEXT_NAMES = sizeof text_names / sizeof text_names[0]
};

static bool is_one_of(const struct field *field, const char *const *names,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == field->size &&
            strncasecmp(names[i], (const char *)field->bytes, field->size) == 0)
            return true;
    return false;
}

/* The columns of a file. */
struct columns {
    size_t count; /* 0: not known yet */
    size_t label; /* which one holds the label */
    bool text[MAX_COLUMNS];
};

/* Whether the row names columns; if so, which is which. */
static bool read_header(const struct reader *r, struct columns *columns)
{
    struct columns named = {.count = r->count, .label = MAX_COLUMNS};
    bool any_text = false;
    for (size_t i = 0; i < r->count; i++) {
        const struct field *field = &r->fields[i];
        if (named.label == MAX_COLUMNS &&
            is_one_of(field, label_names, LABEL_NAMES))
            named.label = i;
        else if (is_one_of(field, text_names, TEXT_NAMES))
            named.text[i] = any_text = true;
    }
    if (named.label == MAX_COLUMNS || !any_text) return false;
    *columns = named;
    return true;
}

/* Without names the label comes first and everything else is text. */
static enum data_status assume_columns(const struct reader *r,
                                       struct columns *columns,
                                       struct data_error *err)
{
    if (r->count < 2)
        return data_fail(err, DATA_E_FORMAT, r->path,
                         "line %zu: has no %s: a line is a label, a %s and a "
                         "text",
                         line_of(r, r->row),
                         r->separator == ',' ? "comma" : "tab",
                         r->separator == ',' ? "comma" : "tab");
    *columns = (struct columns){.count = r->separator == ',' ? r->count : 2};
    for (size_t i = 1; i < columns->count; i++)
        columns->text[i] = true;
    return DATA_OK;
}

static enum data_status check_row(const struct reader *r,
                                  const struct columns *columns,
                                  struct data_error *err)
{
    if (r->count == columns->count) return DATA_OK;
    if (r->count == 1)
        return data_fail(err, DATA_E_FORMAT, r->path,
                         "line %zu: has no %s between a label and a text",
                         line_of(r, r->row),
                         r->separator == ',' ? "comma" : "tab");
    return data_fail(err, DATA_E_FORMAT, r->path,
                     "line %zu: has %zu columns where the first line has %zu%s",
                     line_of(r, r->row), r->count, columns->count,
                     r->separator == ','
                         ? "; a text with commas needs double quotes around it"
                         : "");
}

static enum data_status add_label(const struct reader *r,
                                  const struct field *field,
                                  struct data_labels *labels, int32_t *number,
                                  struct data_error *err)
{
    uint8_t name[DATA_MAX_LABEL];
    size_t size = 0, i = 0;
    for (; i < field->size && size < DATA_MAX_LABEL; i++) {
        name[size++] = field->bytes[i];
        if (field->quoted && field->bytes[i] == '"') i++;
    }
    if (size == 0)
        return data_fail(err, DATA_E_FORMAT, r->path, "line %zu: has no label",
                         line_of(r, r->row));
    if (i < field->size)
        return data_fail(err, DATA_E_FORMAT, r->path,
                         "line %zu: has a label of more than %d bytes; does "
                         "the label come first?",
                         line_of(r, r->row), DATA_MAX_LABEL);
    return data_labels_number(labels, name, size, r->path, number, err);
}

/* Add a field to the text that is being built; quotes written twice lose one.
 */
static enum data_status put_field(struct data_text_list *list,
                                  const struct field *field, const char *path,
                                  struct data_error *err)
{
    const uint8_t *at = field->bytes, *const end = at + field->size;
    while (at < end) {
        const uint8_t *stop = field->quoted ? find(at, end, '"') : end;
        if (stop < end) stop++; /* the first quote of two is kept */
        const enum data_status status =
            data_text_put(list, at, (size_t)(stop - at), path, err);
        if (status != DATA_OK) return status;
        at = stop < end ? stop + 1 : stop;
    }
    return DATA_OK;
}

static enum data_status add_text(const struct reader *r,
                                 const struct columns *columns,
                                 struct data_text_list *list, int32_t label,
                                 struct data_error *err)
{
    bool any = false;
    enum data_status status = DATA_OK;
    for (size_t i = 0; status == DATA_OK && i < columns->count; i++) {
        if (!columns->text[i] || r->fields[i].size == 0) continue;
        if (any) status = data_text_put(list, " ", 1, r->path, err);
        any = true;
        if (status == DATA_OK)
            status = put_field(list, &r->fields[i], r->path, err);
    }
    if (status != DATA_OK) return status;

    const size_t size = list->bytes.size - data_text_begin(list, list->count);
    if (size > DATA_MAX_TEXT)
        return data_fail(err, DATA_E_FORMAT, r->path,
                         "line %zu: has a text of %zu bytes; at most %zu are "
                         "read",
                         line_of(r, r->row), size, DATA_MAX_TEXT);
    return data_text_end(list, label, r->path, err);
}

/* Read the first row: names of columns, or already a text. */
static enum data_status read_first(struct reader *r, struct columns *columns,
                                   struct data_error *err)
{
    enum data_status status = read_row(r, err);
    if (status != DATA_OK) return status;
    if (r->count == 0)
        return data_fail(err, DATA_E_FORMAT, r->path,
                         "holds nothing but "
                         "empty lines");
    if (read_header(r, columns)) {
        /* A label in the last column would take a text's tabs for its own. */
        r->most = columns->label + 1 == columns->count ? columns->count + 1
                                                       : columns->count;
        if (r->most > MAX_COLUMNS) r->most = MAX_COLUMNS;
        status = read_row(r, err);
        if (status == DATA_OK && r->count == 0)
            return data_fail(err, DATA_E_FORMAT, r->path,
                             "holds nothing but the names of its columns");
        return status;
    }
    if (r->separator != ',') { /* split it again, as a label and a text */
        r->most = 2;
        r->at = r->row;
        status = read_row(r, err);
    }
    return status == DATA_OK ? assume_columns(r, columns, err) : status;
}

enum data_status data_delimited_parse(const uint8_t *bytes, size_t size,
                                      char separator, const char *path,
                                      struct data_labels *labels,
                                      struct data_text_list *list,
                                      struct data_error *err)
{
    struct columns columns = {0};
    struct reader r = {.begin = bytes,
                       .at = bytes,
                       .end = bytes + size,
                       .path = path,
                       .separator = separator,
                       .most = MAX_COLUMNS};
    enum data_status status = read_first(&r, &columns, err);
    while (status == DATA_OK && r.count > 0) {
        int32_t label = 0;
        status = check_row(&r, &columns, err);
        if (status == DATA_OK)
            status =
                add_label(&r, &r.fields[columns.label], labels, &label, err);
        if (status == DATA_OK)
            status = add_text(&r, &columns, list, label, err);
        if (status == DATA_OK) status = read_row(&r, err);
    }
    return status;
}
