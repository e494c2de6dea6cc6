/* The kind "words": the most frequent words and punctuation characters. */
#include "data/tokenizer_inside.h"

#include <stdlib.h>
#include <string.h>

/* A run of other characters is taken apart, so that "." is one token wherever
 * it stands; a run of white space is nothing. */
size_t data_tokenizer_next_part(const uint8_t *word, size_t size, size_t *at)
{
    enum data_character_kind kind;
    while (*at < size && word[*at] <= ' ') {
        data_character(word + *at, word + size, &kind);
        if (kind != DATA_CHARACTER_SPACE) break;
        ++*at;
    }
    if (*at == size) return 0;

    const size_t first = data_character(word + *at, word + size, &kind);
    /* An apostrophe alone in front of letters begins a contraction. */
    enum data_character_kind next = DATA_CHARACTER_OTHER;
    if (word[*at] == '\'' && *at + 1 < size)
        data_character(word + *at + 1, word + size, &next);
    const bool whole =
        kind != DATA_CHARACTER_OTHER || next == DATA_CHARACTER_LETTER;
    const size_t part = whole ? size - *at : first;
    *at += part;
    return part;
}

size_t data_tokenizer_words_word(const struct data_tokenizer *t,
                                 const uint8_t *word, size_t size,
                                 int32_t ids[MOST_TOKENS])
{
    size_t n = 0, at = 0, part;
    while ((part = data_tokenizer_next_part(word, size, &at)) > 0) {
        const size_t number =
            data_dictionary_find(&t->spellings, word + at - part, part);
        ids[n++] = number == DATA_ABSENT ? DATA_TOKEN_UNKNOWN
                                         : (int32_t)number + DATA_TOKEN_FIRST;
    }
    return n;
}

struct candidate {
    const uint8_t *bytes;
    size_t size;
    uint64_t count;
};

/* The order of ids: frequent words first, equals by their bytes. */
static int compare(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    if (a->count != b->count) return a->count > b->count ? -1 : 1;
    const int order =
        memcmp(a->bytes, b->bytes, a->size < b->size ? a->size : b->size);
    if (order != 0) return order;
    return a->size < b->size ? -1 : a->size > b->size;
}

bool data_tokenizer_learn_words(struct data_tokenizer *t,
                                const struct word_counts *w, size_t size,
                                uint64_t min_count)
{
    size_t n = 0;
    if (w->words.count == 0) return true;
    struct candidate *all = malloc(w->words.count * sizeof *all);
    if (!all) return false;
    for (size_t i = 0; i < w->words.count; i++) {
        if (w->counts[i] < min_count) continue;
        all[n].bytes = data_dictionary_bytes(&w->words, i, &all[n].size);
        all[n++].count = w->counts[i];
    }
    qsort(all, n, sizeof *all, compare);
    if (n > size - DATA_TOKEN_FIRST) n = size - DATA_TOKEN_FIRST;
    bool done = true;
    for (size_t i = 0; done && i < n; i++)
        done = data_dictionary_add(&t->spellings, all[i].bytes, all[i].size) !=
               DATA_ABSENT;
    free(all);
    return done;
}
