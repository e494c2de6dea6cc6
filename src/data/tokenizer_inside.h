/* What the files that make, use, write and read tokenizers share. */
#ifndef TAPER_DATA_TOKENIZER_INSIDE_H
#define TAPER_DATA_TOKENIZER_INSIDE_H

#include "data/dictionary.h"
#include "data/tokenizer.h"
#include "data/word_walk.h"

enum {
    BYTE_TOKENS = 256,
    /* The first id that a merge may have. */
    FIRST_MERGE = DATA_TOKEN_FIRST + BYTE_TOKENS,
    /* Of one word: each byte is a token at most. */
    MOST_TOKENS = DATA_WORD_MAX
};

/* Two neighbouring tokens that become one. */
struct merge {
    int32_t left, right, made;
};

/* A place in the table that finds a merge by its pair. */
struct merge_slot {
    uint64_t pair; /* left in the high half; no pair is 0, which is free */
    int32_t rank;  /* the merge's number: smaller ones come first */
    int32_t made;
};

struct data_tokenizer {
    enum data_tokenizer_kind kind;
    bool keep_case;
    /* What a token spells: number + DATA_TOKEN_FIRST is the id. */
    struct data_dictionary spellings;

    /* Byte pairs alone. */
    struct merge *merges; /* [merge_count], in the order they are made */
    size_t merge_count, merge_room;
    struct merge_slot *slots; /* [slot_count], a power of two */
    size_t slot_count;
};

/* A tokenizer without merges or words: byte pairs know all bytes already. NULL
 * without memory. */
struct data_tokenizer *data_tokenizer_new(enum data_tokenizer_kind kind,
                                          bool keep_case);

/* Append a merge of two ids that exist, their bytes together at most
 * DATA_WORD_MAX, and set the id that it makes. That is an older one if a token
 * spells the same, which learning cannot bring about: where a word's part is
 * its own token now, the same part was cut the same way in every word. False
 * without memory. */
bool data_tokenizer_merge(struct data_tokenizer *t, int32_t left, int32_t right,
                          int32_t *made);

/* Find merges by their pairs from now on: the last step of making one. */
bool data_tokenizer_finish(struct data_tokenizer *t);

/* The ids of one word of data_word_next(). At most MOST_TOKENS. */
size_t data_tokenizer_word(const struct data_tokenizer *t, const uint8_t *word,
                           size_t size, int32_t ids[MOST_TOKENS]);

/* The same by either kind. data_tokenizer_bpe_word() needs the table of
 * data_tokenizer_finish(). */
size_t data_tokenizer_bpe_word(const struct data_tokenizer *t,
                               const uint8_t *word, size_t size,
                               int32_t ids[MOST_TOKENS]);
size_t data_tokenizer_words_word(const struct data_tokenizer *t,
                                 const uint8_t *word, size_t size,
                                 int32_t ids[MOST_TOKENS]);

/* Go through the parts of a word that the kind "words" has: *at runs from 0 to
 * `size`. Returns the bytes of the next part, which end at *at; 0 at the end.
 */
size_t data_tokenizer_next_part(const uint8_t *word, size_t size, size_t *at);

/* Every distinct word of the texts and how often it occurs. */
struct word_counts {
    struct data_dictionary words;
    uint64_t *counts; /* [room], words.count in use */
    size_t room;
};

void data_word_counts_free(struct word_counts *w);

/* Count once more. False without memory. */
bool data_word_counts_add(struct word_counts *w, const uint8_t *word,
                          size_t size);

/* Fill a new tokenizer from the words counted: of the kind "words" or of byte
 * pairs. `size` and `min_count` as in the options, without zeros. False without
 * memory. */
bool data_tokenizer_learn_words(struct data_tokenizer *t,
                                const struct word_counts *w, size_t size,
                                uint64_t min_count);
bool data_tokenizer_learn_bpe(struct data_tokenizer *t,
                              const struct word_counts *w, size_t size,
                              uint64_t min_count);

#endif
