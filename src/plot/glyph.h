/* Makes any text safe to show. Names and schedules come from files and command
 * lines: control bytes must not reach a terminal, and broken UTF-8 must not
 * reach a picture. Both appear as escapes instead. */
#ifndef PLOT_GLYPH_H
#define PLOT_GLYPH_H

#include <stdbool.h>
#include <stddef.h>

/* One visible piece of a text. */
struct plot_glyph {
    size_t bytes; /* of the input that it stands for, >= 1 */
    int width;    /* columns on a terminal: 0 (combining) to 4 ("\x1b") */
    char text[8]; /* what to write, with a NUL */
};

/* The first piece of the `len` >= 1 bytes at `s`: a character of valid UTF-8 as
 * it is, anything that is invalid, a control or a bidirectional override as
 * the escape "\xNN". With `ascii` every other character beyond ASCII becomes
 * "?". */
struct plot_glyph plot_glyph_first(const char *s, size_t len, bool ascii);

/* Writes the NUL-terminated `s` into out[cap] (cap >= 8), at most `width`
 * columns wide; a longer text keeps its beginning and ends in "...". NULL reads
 * as "". Returns the width of what was written. */
size_t plot_glyph_fit(const char *s, size_t width, bool ascii, char *out,
                      size_t cap);

/* The bytes of the character that the NUL-terminated `s` begins with; 0 if
 * those are no valid UTF-8. */
size_t plot_glyph_bytes(const char *s);

/* Replaces each byte of `text` that is not UTF-8 by a question mark, for
 * readers who take nothing else: parsers of JSON, SQLite. */
void plot_glyph_clean(char *text);

#endif
