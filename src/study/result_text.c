/* The end of a stream, and UTF-8: see result_text.h. */
#include "study/result_text.h"

#include <ctype.h>
#include <string.h>

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

/* The bytes of the UTF-8 sequence at `s`; 0 if there is none. Overlong ones,
 * halves of pairs and what lies beyond U+10FFFF are none. */
static size_t sequence(const unsigned char *s)
{
    const unsigned char c = s[0], d = s[1];
    if (c < 0x80) return 1;
    const size_t n = c >= 0xc2 && c < 0xe0   ? 2
                     : (c & 0xf0) == 0xe0    ? 3
                     : c >= 0xf0 && c < 0xf5 ? 4
                                             : 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    if ((c == 0xe0 && d < 0xa0) || (c == 0xed && d >= 0xa0) ||
        (c == 0xf0 && d < 0x90) || (c == 0xf4 && d >= 0x90))
        return 0;
    return n;
}

void study_clean_text(char *text)
{
    while (*text) {
        const size_t n = sequence((const unsigned char *)text);
        if (!n) *text = '?';
        text += n ? n : 1;
    }
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
    study_clean_text(out);
}
