/* Characters, small letters and words. See word_walk.h for the rules. */
#include "data/word_walk.h"

#include <string.h>

static bool is_continuation(const uint8_t *at)
{
    return (*at & 0xc0) == 0x80;
}

/* The bytes of the valid UTF-8 character past ASCII at `at` (Unicode 15, table
 * 3-7) and its code point, or 0. */
static size_t decode(const uint8_t *at, const uint8_t *end, uint32_t *point)
{
    const ptrdiff_t left = end - at;
    const uint8_t first = *at;
    if (first >= 0xc2 && first < 0xe0 && left >= 2 && is_continuation(at + 1)) {
        *point = (uint32_t)(first & 0x1f) << 6 | (at[1] & 0x3f);
        return 2;
    }
    if (first >= 0xe0 && first < 0xf0 && left >= 3 && is_continuation(at + 1) &&
        is_continuation(at + 2)) {
        *point = (uint32_t)(first & 0x0f) << 12 |
                 (uint32_t)(at[1] & 0x3f) << 6 | (at[2] & 0x3f);
        const bool surrogate = *point >= 0xd800 && *point < 0xe000;
        return *point >= 0x800 && !surrogate ? 3 : 0;
    }
    if (first >= 0xf0 && first < 0xf5 && left >= 4 && is_continuation(at + 1) &&
        is_continuation(at + 2) && is_continuation(at + 3)) {
        *point = (uint32_t)(first & 0x07) << 18 |
                 (uint32_t)(at[1] & 0x3f) << 12 |
                 (uint32_t)(at[2] & 0x3f) << 6 | (at[3] & 0x3f);
        return *point >= 0x10000 && *point < 0x110000 ? 4 : 0;
    }
    return 0;
}

static enum data_character_kind ascii_kind(uint8_t c)
{
    if ((uint8_t)((c | 0x20) - 'a') < 26) return DATA_CHARACTER_LETTER;
    if ((uint8_t)(c - '0') < 10) return DATA_CHARACTER_DIGIT;
    if (c == ' ' || (c >= '\t' && c <= '\r')) return DATA_CHARACTER_SPACE;
    return DATA_CHARACTER_OTHER;
}

static bool is_punctuation(uint32_t point)
{
    return point < 0xc0 || point == 0xd7 || point == 0xf7 ||
           (point >= 0x2000 && point < 0x2070) ||
           (point >= 0x3000 && point < 0x3020);
}

size_t data_character(const uint8_t *at, const uint8_t *end,
                      enum data_character_kind *kind)
{
    if (*at < 0x80) {
        *kind = ascii_kind(*at);
        return 1;
    }
    uint32_t point;
    const size_t size = decode(at, end, &point);
    *kind = size > 0 && !is_punctuation(point) ? DATA_CHARACTER_LETTER
                                               : DATA_CHARACTER_OTHER;
    return size > 0 ? size : 1;
}

/* The capitals of two bytes by ranges: `stride` 2 means that capitals and
 * small letters take turns. */
static const struct capitals {
    uint16_t first, last, stride;
    int16_t to_small;
} capitals[] = {
    {0x00c0, 0x00d6, 1, 32},   {0x00d8, 0x00de, 1, 32}, {0x0100, 0x012e, 2, 1},
    {0x0132, 0x0136, 2, 1},    {0x0139, 0x0147, 2, 1},  {0x014a, 0x0176, 2, 1},
    {0x0178, 0x0178, 1, -121}, {0x0179, 0x017d, 2, 1},  {0x0391, 0x03a1, 1, 32},
    {0x03a3, 0x03ab, 1, 32},   {0x0400, 0x040f, 1, 80}, {0x0410, 0x042f, 1, 32},
};

static uint32_t small(uint32_t point)
{
    for (size_t i = 0; i < sizeof capitals / sizeof *capitals; i++) {
        const struct capitals *c = &capitals[i];
        if (point >= c->first && point <= c->last)
            return (point - c->first) % c->stride == 0
                       ? (uint32_t)((int32_t)point + c->to_small)
                       : point;
    }
    return point;
}

void data_character_lower(const uint8_t *from, size_t size, uint8_t *to)
{
    if (size == 1) {
        *to = (uint8_t)(*from - 'A') < 26 ? (uint8_t)(*from | 0x20) : *from;
    } else if (size == 2) {
        const uint32_t point =
            small((uint32_t)(from[0] & 0x1f) << 6 | (from[1] & 0x3f));
        to[0] = (uint8_t)(0xc0 | point >> 6);
        to[1] = (uint8_t)(0x80 | (point & 0x3f));
    } else {
        memcpy(to, from, size);
    }
}

struct data_word_walk data_word_walk(const void *text, size_t size,
                                     bool lowercase)
{
    const uint8_t *at = text;
    return (struct data_word_walk){.at = at,
                                   .end = size > 0 ? at + size : at,
                                   .lowercase = lowercase,
                                   .space_before = size > 0};
}

static bool is_space(const uint8_t *at)
{
    return *at < 0x80 && ascii_kind(*at) == DATA_CHARACTER_SPACE;
}

static bool is_letter(const uint8_t *at, const uint8_t *end)
{
    enum data_character_kind kind;
    if (at == end) return false;
    data_character(at, end, &kind);
    return kind == DATA_CHARACTER_LETTER;
}

/* Whether the apostrophe at `at` begins 's, 't, 'm, 'd, 're, 've or 'll and no
 * longer word. */
static bool begins_contraction(const uint8_t *at, const uint8_t *end)
{
    static const char *const endings[] = {"s", "t", "m", "d", "re", "ve", "ll"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t size = strlen(endings[i]);
        if ((size_t)(end - at) < 1 + size) continue;
        bool same = true;
        for (size_t k = 0; k < size; k++)
            same = same && (at[1 + k] | 0x20) == endings[i][k];
        if (same) return !is_letter(at + 1 + size, end);
    }
    return false;
}

/* White space up to the space that belongs to the word behind it. `n` bytes of
 * the word are written already. */
static size_t take_space(struct data_word_walk *w, uint8_t *word, size_t n)
{
    while (n < DATA_WORD_MAX && w->at < w->end && is_space(w->at)) {
        const bool leads =
            *w->at == ' ' && w->at + 1 < w->end && !is_space(w->at + 1);
        if (leads && n > 0) break;
        word[n++] = *w->at++;
    }
    return n;
}

/* What the next character counts as, given the run that it would continue. */
static size_t classify(const struct data_word_walk *w, bool in_letters,
                       enum data_character_kind *kind)
{
    const size_t size = data_character(w->at, w->end, kind);
    if (*w->at != '\'') return size;
    if (in_letters ? is_letter(w->at + 1, w->end)
                   : begins_contraction(w->at, w->end))
        *kind = DATA_CHARACTER_LETTER;
    return size;
}

size_t data_word_next(struct data_word_walk *w, uint8_t word[DATA_WORD_MAX])
{
    size_t n = 0;
    if (w->space_before) {
        word[n++] = ' ';
        w->space_before = false;
    } else if (w->at == w->end) {
        return 0;
    } else if (*w->at == ' ') {
        word[n++] = *w->at++;
    }
    if (w->at == w->end || is_space(w->at)) return take_space(w, word, n);

    enum data_character_kind run, kind;
    size_t size = classify(w, false, &run);
    kind = run;
    while (kind == run && size <= DATA_WORD_MAX - n) {
        if (w->lowercase)
            data_character_lower(w->at, size, word + n);
        else
            memcpy(word + n, w->at, size);
        n += size;
        w->at += size;
        if (w->at == w->end) break;
        size = classify(w, run == DATA_CHARACTER_LETTER, &kind);
    }
    return n;
}
