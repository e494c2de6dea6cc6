/* Encodes a set of texts. Most words of a text have been seen before, so each
 * is encoded once and its ids are remembered. */
#include "data/tokens.h"

#include "data/tokenizer_inside.h"

#include <stdlib.h>
#include <string.h>

/* A file of rubbish has nothing but new words; those past this many are
 * encoded each time. */
static const size_t MOST_WORDS = (size_t)1 << 20;

/* Ids that grow. */
struct ids {
    int32_t *values;
    size_t count, room;
};

/* What words became: the ids of word k are those from ends[k - 1] to ends[k].
 */
struct memo {
    struct data_dictionary words;
    size_t *ends; /* [room] */
    size_t room;
    struct ids ids;
};

static bool append(struct ids *ids, const int32_t *values, size_t n)
{
    if (ids->room - ids->count < n) {
        const size_t room = 2 * ids->room + n + 1024;
        if (room > SIZE_MAX / sizeof *ids->values) return false;
        int32_t *grown = realloc(ids->values, room * sizeof *grown);
        if (!grown) return false;
        ids->values = grown;
        ids->room = room;
    }
    if (n > 0) memcpy(ids->values + ids->count, values, n * sizeof *values);
    ids->count += n;
    return true;
}

static void memo_free(struct memo *m)
{
    data_dictionary_free(&m->words);
    free(m->ends);
    free(m->ids.values);
}

/* The word was added as the last one: encode it and remember. */
static bool remember(struct memo *m, const struct data_tokenizer *t,
                     const uint8_t *word, size_t size)
{
    int32_t found[MOST_TOKENS];
    if (m->words.count > m->room) {
        size_t *ends = realloc(m->ends, m->words.capacity * sizeof *ends);
        if (!ends) return false;
        m->ends = ends;
        m->room = m->words.capacity;
    }
    const size_t n = data_tokenizer_word(t, word, size, found);
    if (!append(&m->ids, found, n)) return false;
    m->ends[m->words.count - 1] = m->ids.count;
    return true;
}

/* The ids of a word, and how many; valid until the next call. False without
 * memory. */
static bool look_up(struct memo *m, const struct data_tokenizer *t,
                    const uint8_t *word, size_t size,
                    int32_t found[MOST_TOKENS], const int32_t **ids, size_t *n)
{
    const size_t known = m->words.count;
    const size_t number = known < MOST_WORDS
                              ? data_dictionary_add(&m->words, word, size)
                              : data_dictionary_find(&m->words, word, size);
    *ids = found;
    if (number == DATA_ABSENT) {
        *n = data_tokenizer_word(t, word, size, found);
        return known >= MOST_WORDS;
    }
    if (number == known && !remember(m, t, word, size)) return false;
    const size_t first = number > 0 ? m->ends[number - 1] : 0;
    *n = m->ends[number] - first;
    if (*n > 0) *ids = m->ids.values + first;
    return true;
}

/* Append one text's ids, at most `length`, and count what it would have had. */
static bool encode(struct memo *m, const struct data_tokenizer *t,
                   const void *text, size_t size, size_t length,
                   struct ids *ids, size_t *before)
{
    static const int32_t class_token = DATA_TOKEN_CLASS;
    struct data_word_walk walk =
        data_word_walk(text, size, !data_tokenizer_keeps_case(t));
    uint8_t word[DATA_WORD_MAX];
    int32_t found[MOST_TOKENS];
    size_t bytes, n = 1;

    if (!append(ids, &class_token, 1)) return false;
    while ((bytes = data_word_next(&walk, word)) > 0) {
        const int32_t *values;
        size_t more;
        if (!look_up(m, t, word, bytes, found, &values, &more)) return false;
        const size_t room = n < length ? length - n : 0;
        if (!append(ids, values, more < room ? more : room)) return false;
        n += more;
    }
    *before = n;
    return true;
}

static bool encode_all(const struct data_texts *texts,
                       const struct data_tokenizer *t, size_t length,
                       struct memo *m, struct data_tokens *tokens)
{
    struct ids ids = {0};
    bool done = true;
    for (size_t i = 0; done && i < texts->count; i++) {
        const size_t first = texts->offsets[i];
        size_t before = 0;
        done = encode(m, t, texts->bytes + first, texts->offsets[i + 1] - first,
                      length, &ids, &before);
        const size_t kept = before < length ? before : length;
        if (kept > tokens->longest) tokens->longest = kept;
        tokens->cut += before > length;
        tokens->ids_before += before;
        tokens->offsets[i + 1] = ids.count;
    }
    for (size_t i = 0; i < ids.count; i++)
        tokens->unknown += ids.values[i] == DATA_TOKEN_UNKNOWN;
    tokens->ids = ids.values;
    return done;
}

enum data_status data_tokens_create(const struct data_texts *texts,
                                    const struct data_tokenizer *tokenizer,
                                    size_t length, struct data_tokens *tokens,
                                    struct data_error *err)
{
    *tokens = (struct data_tokens){0};
    if (length == 0)
        return data_fail(err, DATA_E_ARGUMENT, NULL,
                         "a text must have room for at least one token");

    struct memo memo = {0};
    tokens->count = texts->count;
    tokens->classes = texts->classes;
    tokens->vocabulary = data_tokenizer_size(tokenizer);
    tokens->offsets = calloc(texts->count + 1, sizeof *tokens->offsets);
    tokens->labels = calloc(texts->count, sizeof *tokens->labels);
    bool done = tokens->offsets && tokens->labels;
    if (done) {
        memcpy(tokens->labels, texts->labels,
               texts->count * sizeof *tokens->labels);
        done = encode_all(texts, tokenizer, length, &memo, tokens);
    }
    memo_free(&memo);
    if (done) return DATA_OK;
    data_tokens_free(tokens);
    return data_fail(err, DATA_E_MEMORY, NULL,
                     "no memory for the tokens of %zu texts", texts->count);
}

void data_tokens_free(struct data_tokens *tokens)
{
    free(tokens->ids);
    free(tokens->offsets);
    free(tokens->labels);
    *tokens = (struct data_tokens){0};
}
