/* The end of a stream, and UTF-8: see result_text.h. */
#include "study/result_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot/glyph.h"

void study_tail_take(struct study_tail *tail, const char *bytes, size_t size)
{
    if (size > STUDY_TAIL_BYTES) {
        tail->seen += size - STUDY_TAIL_BYTES;
        bytes += size - STUDY_TAIL_BYTES;
        size = STUDY_TAIL_BYTES;
    }
    for (size_t i = 0; i < size; i++)
        tail->bytes[(tail->seen + i) % STUDY_TAIL_BYTES] = bytes[i];
    tail->seen += size;
}

void study_tail_text(const struct study_tail *tail, char *out)
{
    const size_t size =
        tail->seen < STUDY_TAIL_BYTES ? tail->seen : STUDY_TAIL_BYTES;
    const size_t first = tail->seen - size;
    for (size_t i = 0; i < size; i++) {
        const char c = tail->bytes[(first + i) % STUDY_TAIL_BYTES];
        out[i] = c ? c : '?';
    }
    out[size] = '\0';
    const char *newline = first ? strchr(out, '\n') : NULL;
    if (newline && newline[1])
        (void)memmove(out, newline + 1, strlen(newline + 1) + 1);
    size_t length = strlen(out);
    while (length && isspace((unsigned char)out[length - 1]))
        out[--length] = '\0';
    plot_glyph_clean(out);
}

char *study_legible_text(const char *text)
{
    char *const copy = malloc(4 * strlen(text) + 1);
    char *out = copy;
    while (copy && *text) {
        const size_t n = plot_glyph_bytes(text);
        if (n)
            memcpy(out, text, n);
        else
            (void)sprintf(out, "\\x%02x", (unsigned)(unsigned char)*text);
        out += n ? n : 4;
        text += n ? n : 1;
    }
    if (copy) *out = '\0';
    return copy;
}
