/* Makes tokenizers, encodes and decodes. See tokenizer.h. */
#include "data/tokenizer.h"

#include "data/hash.h"
#include "data/tokenizer_inside.h"

#include <stdlib.h>
#include <string.h>

static const size_t DEFAULT_SIZE = 8000;
static const uint64_t DEFAULT_MIN_COUNT = 2;

void data_tokenizer_destroy(struct data_tokenizer *t)
{
    if (!t) return;
    data_dictionary_free(&t->spellings);
    free(t->merges);
    free(t->slots);
    free(t);
}

struct data_tokenizer *data_tokenizer_new(enum data_tokenizer_kind kind,
                                          bool keep_case)
{
    struct data_tokenizer *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->kind = kind;
    t->keep_case = keep_case;
    for (int b = 0; kind == DATA_TOKENIZER_BPE && b < BYTE_TOKENS; b++) {
        const uint8_t byte = (uint8_t)b;
        if (data_dictionary_add(&t->spellings, &byte, 1) == DATA_ABSENT) {
            data_tokenizer_destroy(t);
            return NULL;
        }
    }
    return t;
}

size_t data_tokenizer_size(const struct data_tokenizer *t)
{
    return DATA_TOKEN_FIRST + t->spellings.count;
}

enum data_tokenizer_kind data_tokenizer_kind(const struct data_tokenizer *t)
{
    return t->kind;
}

bool data_tokenizer_keeps_case(const struct data_tokenizer *t)
{
    return t->keep_case;
}

/* Merges decide the spellings of byte pairs, but not the other way round. */
uint64_t data_tokenizer_fingerprint(const struct data_tokenizer *t)
{
    const uint64_t shape[] = {t->kind, t->keep_case, t->spellings.count,
                              t->merge_count};
    uint64_t hash = data_hash(shape, sizeof shape, 0);
    for (size_t i = 0; i < t->spellings.count; i++) {
        size_t size;
        const uint8_t *bytes = data_dictionary_bytes(&t->spellings, i, &size);
        hash = data_hash(bytes, size, hash);
    }
    return data_hash(t->merges, t->merge_count * sizeof *t->merges, hash);
}

void data_word_counts_free(struct word_counts *w)
{
    data_dictionary_free(&w->words);
    free(w->counts);
    *w = (struct word_counts){0};
}

bool data_word_counts_add(struct word_counts *w, const uint8_t *word,
                          size_t size)
{
    const size_t known = w->words.count;
    const size_t number = data_dictionary_add(&w->words, word, size);
    if (number == DATA_ABSENT) return false;
    if (number >= w->room) {
        uint64_t *counts =
            realloc(w->counts, w->words.capacity * sizeof *counts);
        if (!counts) return false;
        w->counts = counts;
        w->room = w->words.capacity;
    }
    if (number == known) w->counts[number] = 0;
    w->counts[number]++;
    return true;
}

static bool count_words(const struct data_texts *texts,
                        enum data_tokenizer_kind kind, bool keep_case,
                        struct word_counts *w)
{
    uint8_t word[DATA_WORD_MAX];
    for (size_t i = 0; i < texts->count; i++) {
        const size_t first = texts->offsets[i];
        struct data_word_walk walk =
            data_word_walk(texts->bytes + first, texts->offsets[i + 1] - first,
                           !keep_case);
        size_t size;
        while ((size = data_word_next(&walk, word)) > 0) {
            size_t at = 0, part;
            if (kind == DATA_TOKENIZER_BPE) {
                if (!data_word_counts_add(w, word, size)) return false;
                continue;
            }
            while ((part = data_tokenizer_next_part(word, size, &at)) > 0)
                if (!data_word_counts_add(w, word + at - part, part))
                    return false;
        }
    }
    return true;
}

static bool learn(const struct data_texts *texts,
                  const struct data_tokenizer_options *o,
                  struct data_tokenizer *t)
{
    struct word_counts w = {0};
    const size_t size = o->size > 0 ? o->size : DEFAULT_SIZE;
    const uint64_t min_count =
        o->min_count > 0 ? (uint64_t)o->min_count : DEFAULT_MIN_COUNT;
    bool done = count_words(texts, o->kind, o->keep_case, &w);
    if (done && o->kind == DATA_TOKENIZER_BPE)
        done = data_tokenizer_learn_bpe(t, &w, size, min_count);
    else if (done)
        done = data_tokenizer_learn_words(t, &w, size, min_count);
    data_word_counts_free(&w);
    return done && data_tokenizer_finish(t);
}

enum data_status
data_tokenizer_train(const struct data_texts *texts,
                     const struct data_tokenizer_options *options,
                     struct data_tokenizer **out, struct data_error *err)
{
    static const struct data_tokenizer_options defaults = {0};
    const struct data_tokenizer_options *o = options ? options : &defaults;
    const size_t least = o->kind == DATA_TOKENIZER_BPE
                             ? (size_t)FIRST_MERGE
                             : (size_t)DATA_TOKEN_FIRST + 1;
    *out = NULL;
    if (o->size != 0 && (o->size < least || o->size > DATA_MAX_VOCABULARY))
        return data_fail(err, DATA_E_ARGUMENT, NULL,
                         "a vocabulary of %zu is not between %zu and %d",
                         o->size, least, DATA_MAX_VOCABULARY);

    struct data_tokenizer *t = data_tokenizer_new(o->kind, o->keep_case);
    if (!t || !learn(texts, o, t)) {
        data_tokenizer_destroy(t);
        return data_fail(err, DATA_E_MEMORY, NULL,
                         "no memory to make a tokenizer of %zu texts",
                         texts->count);
    }
    *out = t;
    return DATA_OK;
}

size_t data_tokenizer_word(const struct data_tokenizer *t, const uint8_t *word,
                           size_t size, int32_t ids[MOST_TOKENS])
{
    return t->kind == DATA_TOKENIZER_BPE
               ? data_tokenizer_bpe_word(t, word, size, ids)
               : data_tokenizer_words_word(t, word, size, ids);
}

size_t data_tokenizer_encode(const struct data_tokenizer *t, const void *text,
                             size_t size, int32_t *ids, size_t most)
{
    struct data_word_walk walk = data_word_walk(text, size, !t->keep_case);
    uint8_t word[DATA_WORD_MAX];
    int32_t found[MOST_TOKENS];
    size_t n = 1, bytes;

    if (most > 0) ids[0] = DATA_TOKEN_CLASS;
    while ((bytes = data_word_next(&walk, word)) > 0) {
        const size_t count = data_tokenizer_word(t, word, bytes, found);
        const size_t room = n < most ? most - n : 0;
        const size_t kept = count < room ? count : room;
        if (kept > 0) memcpy(ids + n, found, kept * sizeof *ids);
        n += count;
    }
    return n;
}

/* The end of a text that is written as far as it fits and counted in full. */
struct writer {
    uint8_t *text;
    size_t most, size;
};

static void put(struct writer *w, const void *bytes, size_t size)
{
    const size_t room = w->size < w->most ? w->most - w->size : 0;
    const size_t kept = size < room ? size : room;
    if (kept > 0) memcpy(w->text + w->size, bytes, kept);
    w->size += size;
}

size_t data_tokenizer_decode(const struct data_tokenizer *t, const int32_t *ids,
                             size_t n, void *text, size_t most)
{
    struct writer w = {.text = text, .most = most};
    const bool words = t->kind == DATA_TOKENIZER_WORDS;
    bool first = true;
    for (size_t i = 0; i < n; i++) {
        size_t size = strlen("[unknown]");
        const uint8_t *bytes = (const uint8_t *)"[unknown]";
        const bool known = ids[i] >= DATA_TOKEN_FIRST &&
                           (size_t)ids[i] < data_tokenizer_size(t);
        if (!known && !(words && ids[i] == DATA_TOKEN_UNKNOWN)) continue;
        if (known)
            bytes =
                data_dictionary_bytes(&t->spellings,
                                      (size_t)ids[i] - DATA_TOKEN_FIRST, &size);
        if (words && !first) put(&w, " ", 1);
        /* The space that was thought before the text. */
        const size_t skipped = !words && first && bytes[0] == ' ';
        put(&w, bytes + skipped, size - skipped);
        first = false;
    }
    return w.size;
}
