/* Text without libc: a bounded writer that works like snprintf, and errors. */
#include "schedule/text.h"

/* As much of a quoted text as an error message shows. */
enum { quoted_max = 40 };

size_t taperi_length_of(const char *text)
{
    size_t len = 0;
    while (text[len] != '\0')
        len++;
    return len;
}

bool taperi_slice_is(struct taperi_slice s, const char *word)
{
    for (size_t i = 0; i < s.len; i++)
        if (word[i] == '\0' || word[i] != s.text[i]) return false;
    return word[s.len] == '\0';
}

size_t taperi_mark_length(const char *text, size_t len)
{
    static const char mark[] = "\xef\xbb\xbf";
    for (size_t i = 0; i < 3; i++)
        if (i >= len || text[i] != mark[i]) return 0;
    return 3;
}

void taperi_write_char(struct taperi_writer *w, char c)
{
    if (w->len + 1 < w->cap) w->buf[w->len] = c;
    w->len++;
}

void taperi_write_text(struct taperi_writer *w, const char *text)
{
    for (; *text != '\0'; text++)
        taperi_write_char(w, *text);
}

void taperi_write_number(struct taperi_writer *w, double value)
{
    char buf[TAPER_NUMBER_SIZE];
    taper_format_number(value, buf);
    taperi_write_text(w, buf);
}

size_t taperi_write_end(struct taperi_writer *w)
{
    if (w->cap > 0) w->buf[w->len < w->cap ? w->len : w->cap - 1] = '\0';
    return w->len;
}

/* Bytes that a terminal would act on are shown as a question mark. */
static void write_quoted(struct taperi_writer *w, struct taperi_slice s)
{
    const size_t shown = s.len > quoted_max ? quoted_max - 3 : s.len;
    taperi_write_char(w, '\'');
    for (size_t i = 0; i < shown; i++) {
        const char c = s.text[i];
        taperi_write_char(w, c >= ' ' && c <= '~' ? c : '?');
    }
    if (shown < s.len) taperi_write_text(w, "...");
    taperi_write_char(w, '\'');
}

taper_status taperi_fail_list(taper_error *err, taper_status code,
                              struct taperi_place place, const char *format,
                              va_list args)
{
    if (!err) return code;
    err->code = code;
    err->position = place.position;
    err->length = place.length;
    err->needs = NULL;

    struct taperi_writer w = {err->message, sizeof err->message, 0};
    for (const char *c = format; *c != '\0'; c++) {
        if (*c != '%') {
            taperi_write_char(&w, *c);
            continue;
        }
        switch (*++c) {
        case 's':
            taperi_write_text(&w, va_arg(args, const char *));
            break;
        case 'g':
            taperi_write_number(&w, va_arg(args, double));
            break;
        case 'q':
            write_quoted(&w, va_arg(args, struct taperi_slice));
            break;
        default:
            taperi_write_char(&w, *c);
        }
    }
    /* A sentence that is too long shows that it goes on. */
    const size_t room = sizeof err->message - 1;
    for (size_t i = room - 3; w.len > room && i < room; i++)
        err->message[i] = '.';
    taperi_write_end(&w);
    return code;
}

taper_status taperi_fail(taper_error *err, taper_status code,
                         struct taperi_place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    taperi_fail_list(err, code, place, format, args);
    va_end(args);
    return code;
}
