/* A tokenizer as a text file:
 *
 *     taper tokenizer 1
 *     kind bpe                  or: kind words
 *     case lower                or: case kept
 *     lines 7741
 *     \s t                      a merge: two tokens' bytes
 *     \st h                     or, of words, one word
 *     ...
 *     hash 0123456789abcdef     XXH64 of everything before this line
 *
 * Tokens are written as they are but for "\s", a space, "\\", a backslash, and
 * "\x" with two hexadecimal digits, which stands for controls and for the bytes
 * of a token that is not valid UTF-8. Merges are in the order in which they are
 * made and name their tokens by their bytes, so that the file can be read by
 * people; ids follow from the order. */
#include "data/hash.h"
#include "data/tokenizer_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char head[] = "taper tokenizer 1";
enum { HASH_LINE = 5 + 16 + 1 }; /* bytes: "hash ", digits, newline */

/* Bytes appended to a buffer; `failed` once memory ran out. */
struct output {
    struct data_buffer *buffer;
    bool failed;
};

static void put(struct output *o, const void *bytes, size_t size)
{
    o->failed = o->failed || !data_buffer_append(o->buffer, bytes, size);
}

static bool is_utf8(const uint8_t *bytes, size_t size)
{
    enum data_character_kind kind;
    for (size_t i = 0, step; i < size; i += step) {
        step = data_character(bytes + i, bytes + size, &kind);
        if (step == 1 && bytes[i] >= 0x80) return false;
    }
    return true;
}

static void put_token(struct output *o, const struct data_tokenizer *t,
                      int32_t id)
{
    size_t size;
    const uint8_t *bytes =
        data_dictionary_bytes(&t->spellings, (size_t)id - DATA_TOKEN_FIRST,
                              &size);
    const bool plain = is_utf8(bytes, size);
    for (size_t i = 0; i < size; i++) {
        char hex[5];
        if (bytes[i] == ' ') {
            put(o, "\\s", 2);
        } else if (bytes[i] == '\\') {
            put(o, "\\\\", 2);
        } else if (bytes[i] < ' ' || bytes[i] == 127 ||
                   (bytes[i] >= 0x80 && !plain)) {
            snprintf(hex, sizeof hex, "\\x%02x", bytes[i]);
            put(o, hex, 4);
        } else {
            put(o, bytes + i, 1);
        }
    }
}

static size_t line_count(const struct data_tokenizer *t)
{
    return t->kind == DATA_TOKENIZER_BPE ? t->merge_count : t->spellings.count;
}

enum data_status data_tokenizer_write(const struct data_tokenizer *t,
                                      struct data_buffer *text,
                                      struct data_error *err)
{
    const bool bpe = t->kind == DATA_TOKENIZER_BPE;
    struct output o = {.buffer = text};
    char line[128];
    text->size = 0;
    const int n =
        snprintf(line, sizeof line, "%s\nkind %s\ncase %s\nlines %zu\n", head,
                 bpe ? "bpe" : "words", t->keep_case ? "kept" : "lower",
                 line_count(t));
    put(&o, line, (size_t)n);
    for (size_t i = 0; i < line_count(t); i++) {
        if (bpe) {
            put_token(&o, t, t->merges[i].left);
            put(&o, " ", 1);
            put_token(&o, t, t->merges[i].right);
        } else {
            put_token(&o, t, (int32_t)i + DATA_TOKEN_FIRST);
        }
        put(&o, "\n", 1);
    }
    if (!o.failed) {
        snprintf(line, sizeof line, "hash %016" PRIx64 "\n",
                 data_hash(text->bytes, text->size, 0));
        put(&o, line, HASH_LINE);
    }
    return o.failed ? data_fail(err, DATA_E_MEMORY, NULL,
                                "no memory to write a tokenizer")
                    : DATA_OK;
}

struct input {
    const uint8_t *at, *end;
    size_t line; /* the next line's number, from 1 */
    const char *name;
    struct data_error *err;
};

static enum data_status damaged(const struct input *in, const char *what)
{
    return data_fail(in->err, DATA_E_FORMAT, in->name, "line %zu: %s", in->line,
                     what);
}

/* The next line, without its newline. False if there is none. */
static bool next_line(struct input *in, const uint8_t **line, size_t *size)
{
    const size_t left = (size_t)(in->end - in->at);
    const uint8_t *newline = left > 0 ? memchr(in->at, '\n', left) : NULL;
    if (!newline) return false;
    *line = in->at;
    *size = (size_t)(newline - in->at);
    in->at = newline + 1;
    in->line++;
    return true;
}

/* Whether the next line is `want`; it is then passed. */
static bool take_line(struct input *in, const char *want)
{
    struct input ahead = *in;
    const uint8_t *line;
    size_t size;
    if (!next_line(&ahead, &line, &size) || size != strlen(want) ||
        memcmp(line, want, size) != 0)
        return false;
    *in = ahead;
    return true;
}

static bool take_count(struct input *in, size_t *count)
{
    const uint8_t *line;
    size_t size;
    struct input ahead = *in;
    if (!next_line(&ahead, &line, &size) || size < 7 || size > 13 ||
        memcmp(line, "lines ", 6) != 0)
        return false;
    *count = 0;
    for (size_t i = 6; i < size; i++) {
        if (line[i] < '0' || line[i] > '9') return false;
        *count = *count * 10 + (size_t)(line[i] - '0');
    }
    if (*count > DATA_MAX_VOCABULARY) return false;
    *in = ahead;
    return true;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of an escape at `line`, of which `left` bytes are left; sets how
 * many it takes. -1 if it is none. */
static int unescape(const uint8_t *line, size_t left, size_t *taken)
{
    *taken = 2;
    if (left >= 2 && line[1] == 's') return ' ';
    if (left >= 2 && line[1] == '\\') return '\\';
    *taken = 4;
    if (left < 4 || line[1] != 'x') return -1;
    const int high = hex_digit(line[2]), low = hex_digit(line[3]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* The token that begins at *at and ends at a space or the line's end. Returns
 * its bytes, 1 to DATA_WORD_MAX; 0 if it is none. */
static size_t take_token(const uint8_t *line, size_t size, size_t *at,
                         uint8_t token[DATA_WORD_MAX])
{
    size_t n = 0;
    while (*at < size && line[*at] != ' ') {
        size_t taken = 1;
        int byte = line[*at];
        if (byte == '\\') byte = unescape(line + *at, size - *at, &taken);
        if (byte < 0 || n == DATA_WORD_MAX) return 0;
        token[n++] = (uint8_t)byte;
        *at += taken;
    }
    return n;
}

/* What is wrong with the line, or NULL. `memory` is set where it ran out. */
static const char *read_merge(struct data_tokenizer *t, const uint8_t *line,
                              size_t size, bool *memory)
{
    uint8_t token[2][DATA_WORD_MAX];
    int32_t ids[2], made;
    size_t at = 0, bytes = 0;
    for (int i = 0; i < 2; i++) {
        const size_t n = take_token(line, size, &at, token[i]);
        if (n == 0) return "expected two tokens";
        const size_t number = data_dictionary_find(&t->spellings, token[i], n);
        if (number == DATA_ABSENT) return "a token that no line above makes";
        ids[i] = (int32_t)number + DATA_TOKEN_FIRST;
        bytes += n;
        if (i == 0 && (at == size || line[at++] != ' '))
            return "expected two tokens";
    }
    if (at != size) return "expected two tokens and no more";
    if (bytes > DATA_WORD_MAX) return "a token that is longer than any word";
    const size_t known = t->spellings.count;
    *memory = !data_tokenizer_merge(t, ids[0], ids[1], &made);
    return t->spellings.count == known && !*memory
               ? "a token that a line above makes already"
               : NULL;
}

static const char *read_word(struct data_tokenizer *t, const uint8_t *line,
                             size_t size, bool *memory)
{
    uint8_t word[DATA_WORD_MAX];
    size_t at = 0;
    const size_t known = t->spellings.count;
    const size_t n = take_token(line, size, &at, word);
    if (n == 0 || at != size) return "expected one word";
    const size_t number = data_dictionary_add(&t->spellings, word, n);
    *memory = number == DATA_ABSENT;
    return number < known ? "a word that stands above already" : NULL;
}

static enum data_status read_lines(struct input *in, size_t count,
                                   struct data_tokenizer *t)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *line;
        size_t size;
        bool memory = false;
        struct input ahead = *in;
        if (!next_line(&ahead, &line, &size))
            return damaged(in, "the tokenizer ends early");
        const char *wrong = t->kind == DATA_TOKENIZER_BPE
                                ? read_merge(t, line, size, &memory)
                                : read_word(t, line, size, &memory);
        if (wrong) return damaged(in, wrong);
        if (memory) return DATA_E_MEMORY;
        *in = ahead;
    }
    if (in->at != in->end)
        return damaged(in, "more lines than the head promises");
    return DATA_OK;
}

/* Cut the last line off and check its hash of what is before it. */
static bool take_hash(struct input *in)
{
    char want[HASH_LINE + 1];
    const size_t size = (size_t)(in->end - in->at);
    if (size < HASH_LINE) return false;
    in->end -= HASH_LINE;
    snprintf(want, sizeof want, "hash %016" PRIx64 "\n",
             data_hash(in->at, size - HASH_LINE, 0));
    return memcmp(in->end, want, HASH_LINE) == 0;
}

static enum data_status read_all(struct input *in, struct data_tokenizer **out)
{
    size_t count;
    const bool bpe = take_line(in, "kind bpe");
    if (!bpe && !take_line(in, "kind words"))
        return damaged(in, "expected 'kind bpe' or 'kind words'");
    const bool kept = take_line(in, "case kept");
    if (!kept && !take_line(in, "case lower"))
        return damaged(in, "expected 'case lower' or 'case kept'");
    if (!take_count(in, &count))
        return damaged(in, "expected 'lines' and their number");

    *out = data_tokenizer_new(bpe ? DATA_TOKENIZER_BPE : DATA_TOKENIZER_WORDS,
                              kept);
    if (!*out) return DATA_E_MEMORY;
    const enum data_status status = read_lines(in, count, *out);
    if (status != DATA_OK) return status;
    return data_tokenizer_finish(*out) ? DATA_OK : DATA_E_MEMORY;
}

enum data_status data_tokenizer_read(const void *text, size_t size,
                                     const char *name,
                                     struct data_tokenizer **out,
                                     struct data_error *err)
{
    struct input in = {.at = text, .line = 1, .name = name, .err = err};
    struct data_tokenizer *t = NULL;
    *out = NULL;
    in.end = size > 0 ? in.at + size : in.at;
    struct input whole = in;
    if (!take_line(&in, head))
        return data_fail(err, DATA_E_FORMAT, name,
                         "not a tokenizer of this version: the first line is "
                         "not '%s'",
                         head);
    if (!take_hash(&whole))
        return data_fail(err, DATA_E_FORMAT, name,
                         "the tokenizer was cut or changed: its last line is "
                         "not the hash of those before it");
    in.end = whole.end;

    const enum data_status status = read_all(&in, &t);
    if (status == DATA_OK) {
        *out = t;
        return DATA_OK;
    }
    data_tokenizer_destroy(t);
    return status == DATA_E_MEMORY ? data_fail(err, DATA_E_MEMORY, name,
                                               "no memory to read a tokenizer")
                                   : status;
}
