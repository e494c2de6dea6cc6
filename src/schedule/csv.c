/* Reads a table of steps and values: lines of numbers with commas between, as
 * `taper table` and `taper train` write them and every spreadsheet. The first
 * column is the step; the value is in the one that is asked for, or the second
 * of two, or the one that the first line calls `lr` or `value`. Blank lines and
 * what follows a # are passed over. Lines may end in CR LF. */
#include "schedule/points.h"

#include "schedule/block.h"
#include "schedule/maths.h"

struct csv_reader {
    struct taperi_expansion *x;
    int i; /* the argument to complain about */
    struct taperi_slice name;
    struct taperi_slice wanted; /* the name of the column; or empty */
    double line;                /* number of the line, from 1 */
    size_t columns;             /* in every row; 0 until the first line */
    size_t column;              /* the one that holds the value, from 0 */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct taperi_slice trimmed(struct taperi_slice s)
{
    while (s.len > 0 && is_blank(s.text[0])) {
        s.text++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.text[s.len - 1]))
        s.len--;
    return s;
}

/* Take what comes before `mark`, or all, from the front of *rest, with the
 * mark. */
static struct taperi_slice before_mark(struct taperi_slice *rest, char mark)
{
    struct taperi_slice head = {rest->text, 0};
    while (head.len < rest->len && rest->text[head.len] != mark)
        head.len++;
    const size_t gone = head.len < rest->len ? head.len + 1 : head.len;
    rest->text += gone;
    rest->len -= gone;
    return head;
}

/* Field k of a line; empty if there are not as many. */
static struct taperi_slice field_at(struct taperi_slice line, size_t k)
{
    while (k-- > 0)
        before_mark(&line, ',');
    return trimmed(before_mark(&line, ','));
}

static size_t count_fields(struct taperi_slice line)
{
    size_t count = 1;
    for (size_t k = 0; k < line.len; k++)
        count += line.text[k] == ',';
    return count;
}

static bool read_field(struct taperi_slice field, double *out)
{
    return field.len > 0 &&
           taper_read_number(field.text, field.len, out) == TAPER_OK;
}

static void refuse_line(struct csv_reader *r, const char *what)
{
    taperi_refuse(r->x, r->i, "%q, line %g: %s", r->name, r->line, what);
}

static void read_row(struct csv_reader *r, struct taperi_slice line,
                     struct taperi_path *path)
{
    double step, value;
    if (count_fields(line) != r->columns ||
        !read_field(field_at(line, 0), &step) ||
        !read_field(field_at(line, r->column), &value))
        refuse_line(r, r->columns == 2
                           ? "a step, a comma and a value are expected"
                           : "a step and a value in its column are expected");
    else if (!taperi_is_whole(step, 0.0, TAPERI_LENGTH_MAX))
        refuse_line(r, "a step must be a whole number from 0 to 2^53");
    else if (path->count > 0 && step <= path->last[0].step)
        refuse_line(r, "the steps must go up");
    else
        taperi_path_add(path, step, value);
}

/* ------------------------------------------------------------- columns */

/* Whether a line has names for columns, so no number, and two at least. */
static bool is_header(struct taperi_slice line)
{
    double ignored;
    struct taperi_slice rest = line;
    while (rest.len > 0)
        if (read_field(trimmed(before_mark(&rest, ',')), &ignored))
            return false;
    return field_at(line, 0).len > 0 && field_at(line, 1).len > 0;
}

/* The column of that name, which may be in quotes; r->columns if there is
 * none. */
static size_t find_column(const struct csv_reader *r, struct taperi_slice line,
                          struct taperi_slice name)
{
    for (size_t i = 0; i < r->columns; i++) {
        struct taperi_slice field = trimmed(before_mark(&line, ','));
        if (field.len >= 2 && field.text[0] == '"' &&
            field.text[field.len - 1] == '"') {
            field.text++;
            field.len -= 2;
        }
        size_t k = 0;
        while (k < name.len && k < field.len && field.text[k] == name.text[k])
            k++;
        if (k == name.len && k == field.len) return i;
    }
    return r->columns;
}

/* Learn the columns from the first line. */
static void choose_column(struct csv_reader *r, struct taperi_slice line,
                          bool header)
{
    static const struct taperi_slice rate = {"lr", 2}, value = {"value", 5};
    r->columns = count_fields(line);
    r->column = 1;
    if (!header) {
        if (r->wanted.len > 0)
            refuse_line(r, "the names of the columns are expected");
        else if (r->columns != 2)
            refuse_line(r, "a step, a comma and a value are expected");
    } else if (r->wanted.len > 0) {
        r->column = find_column(r, line, r->wanted);
        if (r->column == r->columns)
            taperi_refuse(r->x, r->i, "%q has no column %q; it has %q", r->name,
                          r->wanted, line);
    } else if (r->columns > 2) {
        r->column = find_column(r, line, rate);
        if (r->column == r->columns) r->column = find_column(r, line, value);
        if (r->column == r->columns)
            taperi_refuse(r->x, r->i,
                          "%q has no column 'lr' or 'value'; say by column= "
                          "which it is of %q",
                          r->name, line);
    }
}

void taperi_points_read(struct taperi_expansion *x, int i,
                        struct taperi_slice name, struct taperi_slice wanted,
                        struct taperi_slice text, struct taperi_path *path)
{
    struct csv_reader r = {.x = x, .i = i, .name = name, .wanted = wanted};
    const size_t mark = taperi_mark_length(text.text, text.len);
    text.text += mark;
    text.len -= mark;
    while (text.len > 0 && !taperi_failed(x)) {
        struct taperi_slice line = before_mark(&text, '\n');
        r.line += 1.0;
        line = trimmed(before_mark(&line, '#'));
        if (line.len == 0) continue;
        const bool header = r.columns == 0 && is_header(line);
        if (r.columns == 0) choose_column(&r, line, header);
        if (!header && !taperi_failed(x)) read_row(&r, line, path);
    }
    if (path->count == 0 && !taperi_failed(x))
        taperi_refuse(x, i, "%q holds no points", name);
}
