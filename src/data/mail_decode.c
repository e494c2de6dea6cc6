/* The encodings that bytes travel in through mails: base64, quoted-printable,
 * and the encoded words of headers. */
#include "data/mail.h"

#include <string.h>
#include <strings.h>

/* A letter's 6 bits, or -1. */
static int base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool data_base64_decode(const uint8_t *text, size_t size,
                        struct data_buffer *out)
{
    uint8_t block[3 * 256];
    size_t used = 0;
    uint32_t bits = 0; /* the last letters, newest lowest */
    int letters = 0;   /* of the group of four that is being read */

    for (size_t i = 0; i < size && text[i] != '='; i++) {
        const int value = base64_value(text[i]);
        if (value < 0) continue;
        bits = bits << 6 | (uint32_t)value;
        if (++letters < 4) continue;
        letters = 0;
        block[used++] = (uint8_t)(bits >> 16);
        block[used++] = (uint8_t)(bits >> 8);
        block[used++] = (uint8_t)bits;
        if (used < sizeof block) continue;
        if (!data_buffer_append(out, block, used)) return false;
        used = 0;
    }
    /* Two letters left over hold one byte, three hold two. */
    if (letters == 2) block[used++] = (uint8_t)(bits >> 4);
    if (letters == 3) {
        block[used++] = (uint8_t)(bits >> 10);
        block[used++] = (uint8_t)(bits >> 2);
    }
    return data_buffer_append(out, block, used);
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

/* How many bytes an escape takes at `text`, and the byte it stands for, or -1
 * for a line that goes on. 0: no escape. */
static size_t read_escape(const uint8_t *text, size_t size, int *byte)
{
    *byte = -1;
    if (size < 2 || text[0] != '=') return 0;
    if (text[1] == '\n') return 2;
    if (size < 3) return 0;
    if (text[1] == '\r' && text[2] == '\n') return 3;
    const int high = hex_value(text[1]), low = hex_value(text[2]);
    if (high < 0 || low < 0) return 0;
    *byte = high << 4 | low;
    return 3;
}

bool data_quoted_decode(const uint8_t *text, size_t size,
                        struct data_buffer *out)
{
    if (size == 0) return true; /* `text` may be NULL */
    size_t begin = 0, i = 0; /* [begin, i): bytes that stand for themselves */
    while (i < size) {
        const uint8_t *escape = memchr(text + i, '=', size - i);
        if (!escape) break;
        i = (size_t)(escape - text);
        int byte;
        const size_t taken = read_escape(escape, size - i, &byte);
        if (taken == 0) {
            i++;
            continue;
        }
        const uint8_t decoded = (uint8_t)byte;
        if (!data_buffer_append(out, text + begin, i - begin)) return false;
        if (byte >= 0 && !data_buffer_append(out, &decoded, 1)) return false;
        i += taken;
        begin = i;
    }
    return data_buffer_append(out, text + begin, size - begin);
}

/* An encoded word: =?charset?B or Q?text?= */
struct word {
    const uint8_t *text;
    size_t size;  /* of the text */
    size_t taken; /* bytes of the whole word; 0: this is none */
    bool base64;
};

static struct word read_word(const uint8_t *at, const uint8_t *end)
{
    struct word word = {.taken = 0};
    if (end - at < 8 || at[0] != '=' || at[1] != '?') return word;
    /* RFC 2047 allows words of 75 bytes; what is longer than 1000 is none, so
     * that a search never costs more than that. */
    if (end - at > 1000) end = at + 1000;
    const uint8_t *mark = memchr(at + 2, '?', (size_t)(end - at) - 2);
    if (!mark || end - mark < 5 || mark[2] != '?') return word;
    const uint8_t kind = mark[1] | 0x20;
    if (kind != 'b' && kind != 'q') return word;

    const uint8_t *text = mark + 3;
    const uint8_t *close = memchr(text, '?', (size_t)(end - text));
    if (!close || close + 1 == end || close[1] != '=') return word;
    word.text = text;
    word.size = (size_t)(close - text);
    word.taken = (size_t)(close - at) + 2;
    word.base64 = kind == 'b';
    return word;
}

static bool append_word(const struct word *word, struct data_buffer *out)
{
    const size_t begin = out->size;
    if (word->base64) return data_base64_decode(word->text, word->size, out);
    if (!data_buffer_append(out, word->text, word->size)) return false;
    for (size_t i = begin; i < out->size; i++)
        if (out->bytes[i] == '_') out->bytes[i] = ' ';
    /* The escapes are decoded where they stand: they only get shorter. */
    size_t to = begin;
    for (size_t i = begin; i < out->size;) {
        int byte;
        const size_t taken = read_escape(out->bytes + i, out->size - i, &byte);
        if (byte >= 0) out->bytes[to++] = (uint8_t)byte;
        if (taken == 0) out->bytes[to++] = out->bytes[i];
        i += taken > 0 ? taken : 1;
    }
    out->size = to;
    return true;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool data_words_decode(const uint8_t *value, size_t size,
                       struct data_buffer *out)
{
    if (size == 0) return true; /* `value` may be NULL */
    const uint8_t *at = value, *end = value + size;
    while (at < end && is_space(*at))
        at++;
    while (end > at && is_space(end[-1]))
        end--;
    while (at < end) {
        const struct word word = read_word(at, end);
        if (word.taken == 0) {
            /* A fold is a line's end and the space that begins the next. */
            if (*at != '\r' && *at != '\n' && !data_buffer_append(out, at, 1))
                return false;
            at++;
            continue;
        }
        if (!append_word(&word, out)) return false;
        at += word.taken;
        /* Space between two encoded words is not part of either. */
        const uint8_t *next = at;
        while (next < end && is_space(*next))
            next++;
        if (read_word(next, end).taken > 0) at = next;
    }
    return true;
}
