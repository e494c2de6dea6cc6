/* See complain.h. */
#include "cli/complain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/file.h"
#include "plot/glyph.h"
#include "plot/terminal.h"

/* Columns of a schedule's text that are shown at most, and how many of them
 * stand before the place at fault if the text is longer. */
#define SHOWN 76
#define BEFORE 40

static void complain(const char *format, va_list args)
{
    char raw[1024], shown[2048];
    vsnprintf(raw, sizeof raw, format, args);
    plot_glyph_fit(raw, sizeof shown, false, shown, sizeof shown);
    fprintf(stderr, "taper: %s\n", shown);
}

void cli_complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain(format, args);
    va_end(args);
}

int cli_wrong(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain(format, args);
    va_end(args);
    return CLI_WRONG;
}

int cli_failed(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain(format, args);
    va_end(args);
    return CLI_FAILED;
}

/* Columns that `len` bytes take when every byte is visible. */
static size_t columns_of(const char *text, size_t len)
{
    size_t columns = 0;
    while (len) {
        const struct plot_glyph g = plot_glyph_first(text, len, false);
        columns += (size_t)g.width;
        text += g.bytes;
        len -= g.bytes;
    }
    return columns;
}

/* Prints what lies between two columns of the text; returns how many columns
 * that took. A piece that begins before `from` is left out. */
static size_t print_window(const char *text, size_t from, size_t to)
{
    size_t column = 0, printed = 0, len = strlen(text);
    while (len && column < to) {
        const struct plot_glyph g = plot_glyph_first(text, len, false);
        if (column >= from && column + (size_t)g.width <= to) {
            fputs(g.text, stderr);
            printed += (size_t)g.width;
        }
        column += (size_t)g.width;
        text += g.bytes;
        len -= g.bytes;
    }
    return printed;
}

/* The first piece at or after `column`, so that a window begins with a whole
 * one and the marks stay below what they mean. */
static size_t round_up(const char *text, size_t column)
{
    size_t at = 0, len = strlen(text);
    while (len && at < column) {
        const struct plot_glyph g = plot_glyph_first(text, len, false);
        at += (size_t)g.width;
        text += g.bytes;
        len -= g.bytes;
    }
    return at;
}

/* Prints `where` and the message. The options are called as the facts are that
 * a text needs: see CLI_RUN_OPTIONS. */
static void complain_message(const char *where, const taper_error *err)
{
    if (err->needs)
        cli_complain("%s%s: give --%s N", where, err->message, err->needs);
    else
        cli_complain("%s%s", where, err->message);
}

/* Prints the text and marks the place at fault. */
static void show_place(const char *text, const taper_error *err)
{
    const size_t len = strlen(text);
    if (!len) return;
    const size_t position = err->position < len ? err->position : len;
    const size_t length =
        err->length < len - position ? err->length : len - position;
    const size_t mark = columns_of(text, position);
    const size_t width = columns_of(text + position, length);

    size_t from = 0, to = columns_of(text, len);
    const bool left_out = to > SHOWN && mark > BEFORE;
    if (left_out) from = round_up(text, mark - BEFORE);
    const bool cut = to > from + SHOWN;
    if (cut) to = from + SHOWN;

    fputs(left_out ? "  ..." : "  ", stderr);
    const size_t end = from + print_window(text, from, to);
    fputs(cut ? "...\n" : "\n", stderr);
    fprintf(stderr, "%*s^", (int)(mark - from + (left_out ? 5 : 2)), "");
    for (size_t k = 1; k < width && mark + k < end; k++)
        fputc('~', stderr);
    fputc('\n', stderr);
}

void cli_complain_schedule(const char *text, const taper_error *err)
{
    complain_message("", err);
    show_place(text, err);
}

void cli_complain_plan(const char *file, const char *text,
                       const taper_error *err)
{
    size_t start = 0, line = 1;
    for (size_t k = 0; text[k] && k < err->position; k++)
        if (text[k] == '\n') {
            start = k + 1;
            line++;
        }
    char where[300] = "";
    if (file || line > 1)
        snprintf(where, sizeof where,
                 "%s%sline %zu: ", file ? cli_file_name(file) : "",
                 file ? ", " : "", line);
    complain_message(where, err);
    char *shown = strndup(text + start, strcspn(text + start, "\r\n"));
    if (!shown) return;
    taper_error in_line = *err;
    in_line.position -= start;
    show_place(shown, &in_line);
    free(shown);
}
