/* UTF-8 decoding and escaping, without the C locale: the result must not
 * depend on where the program runs. */
#include "plot/glyph.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Decodes one character and returns its length, or 0 if the bytes are not
 * shortest-form UTF-8 of a character that exists. */
static size_t decode(const unsigned char *s, size_t len, uint32_t *c)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = 0;
    if (s[0] < 0x80) {
        *c = s[0];
        return 1;
    }
    if ((s[0] & 0xe0) == 0xc0) n = 2;
    if ((s[0] & 0xf0) == 0xe0) n = 3;
    if ((s[0] & 0xf8) == 0xf0) n = 4;
    if (n == 0 || n > len) return 0;
    *c = s[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
        *c = *c << 6 | (s[i] & 0x3fu);
    }
    const bool surrogate = *c >= 0xd800 && *c <= 0xdfff;
    return *c < least[n] || *c > 0x10ffff || surrogate ? 0 : n;
}

/* Ranges of characters that need care; width -1 marks what is never shown. */
static const struct {
    uint32_t first, last;
    int width;
} ranges[] = {
    {0x0000, 0x001f, -1},  {0x007f, 0x009f, -1}, {0x0300, 0x036f, 0},
    {0x1100, 0x115f, 2},   {0x200b, 0x200d, 0},  {0x200e, 0x200f, -1},
    {0x2028, 0x202e, -1},  {0x2066, 0x2069, -1}, {0x2e80, 0xa4cf, 2},
    {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},  {0xfe00, 0xfe0f, 0},
    {0xfe30, 0xfe6f, 2},   {0xfeff, 0xfeff, -1}, {0xff00, 0xff60, 2},
    {0xffe0, 0xffe6, 2},   {0xfffe, 0xffff, -1}, {0x1f300, 0x1faff, 2},
    {0x20000, 0x3fffd, 2},
};

static int width_of(uint32_t c)
{
    for (size_t k = 0; k < sizeof ranges / sizeof ranges[0]; k++)
        if (c >= ranges[k].first && c <= ranges[k].last) return ranges[k].width;
    return 1;
}

struct plot_glyph plot_glyph_first(const char *s, size_t len, bool ascii)
{
    struct plot_glyph g = {1, 1, ""};
    uint32_t c = 0;
    const size_t n = decode((const unsigned char *)s, len, &c);
    const int width = n ? width_of(c) : -1;
    if (width < 0) {
        g.width = snprintf(g.text, sizeof g.text, "\\x%02x",
                           (unsigned)(unsigned char)s[0]);
        return g;
    }
    g.bytes = n;
    if (ascii && n > 1) {
        strcpy(g.text, "?");
        return g;
    }
    g.width = width;
    memcpy(g.text, s, n);
    return g;
}

size_t plot_glyph_fit(const char *s, size_t width, bool ascii, char *out,
                      size_t cap)
{
    const size_t dots = width < 3 ? width : 3;
    size_t used = 0, bytes = 0;         /* written so far */
    size_t cut_used = 0, cut_bytes = 0; /* as far as dots would still fit */
    size_t left = s ? strlen(s) : 0;
    while (left) {
        const struct plot_glyph g = plot_glyph_first(s, left, ascii);
        const size_t n = strlen(g.text), w = (size_t)g.width;
        if (used + w > width || bytes + n >= cap) {
            memcpy(out + cut_bytes, "...", dots);
            out[cut_bytes + dots] = '\0';
            return cut_used + dots;
        }
        memcpy(out + bytes, g.text, n);
        used += w;
        bytes += n;
        s += g.bytes;
        left -= g.bytes;
        if (used + dots <= width && bytes + dots < cap) {
            cut_used = used;
            cut_bytes = bytes;
        }
    }
    out[bytes] = '\0';
    return used;
}

/* A NUL continues no character, so nothing beyond it is looked at. */
size_t plot_glyph_bytes(const char *s)
{
    uint32_t c;
    return decode((const unsigned char *)s, 4, &c);
}

void plot_glyph_clean(char *text)
{
    while (*text) {
        const size_t n = plot_glyph_bytes(text);
        if (!n) *text = '?';
        text += n ? n : 1;
    }
}
