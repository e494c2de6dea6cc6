/* Turns texts into token ids and back.
 *
 * Two kinds, both made from the training texts and both deterministic:
 *
 *   byte pairs  Byte-pair encoding (Sennrich, Haddow, Birch 2016) over bytes,
 *               as in GPT-2: every byte has a token, so any text can be
 *               written and nothing is unknown. Within each word the pair of
 *               neighbouring tokens that occurs most often becomes one token,
 *               again and again; of equals the pair whose left token was made
 *               first, then whose right one was.
 *   words       The most frequent words and single punctuation characters, of
 *               equals the one whose bytes are smaller; all others are unknown.
 *
 * Both see the words that data/word_walk.h cuts a text into; words drop the
 * white space. */
#ifndef TAPER_DATA_TOKENIZER_H
#define TAPER_DATA_TOKENIZER_H

#include "data/file.h"
#include "data/texts.h"

#include <stdbool.h>

/* The ids that no text decides. Byte pairs: byte b is DATA_TOKEN_FIRST + b and
 * merges follow in their order. Words: the most frequent is the first. */
enum data_token {
    DATA_TOKEN_PADDING,
    DATA_TOKEN_UNKNOWN, /* of words; byte pairs never make it */
    DATA_TOKEN_CLASS,   /* begins every text */
    DATA_TOKEN_FIRST
};

enum data_tokenizer_kind { DATA_TOKENIZER_BPE, DATA_TOKENIZER_WORDS };

#define DATA_MAX_VOCABULARY 1000000

/* What a caller may choose; zero everywhere is the default. */
struct data_tokenizer_options {
    enum data_tokenizer_kind kind;
    /* Ids at most, those that no text decides included: 259 (byte pairs) or 4
     * (words) to DATA_MAX_VOCABULARY; 0 is 8000. Small texts give fewer. */
    size_t size;
    /* Words seen, and pairs merged, fewer times than this are left out; 0 is
     * 2. */
    size_t min_count;
    /* Tell capitals from small letters; see data_character_lower() for those
     * that are made small otherwise. Small letters are no worse and need fewer
     * tokens: on TREC's 500 test questions a linear classifier of byte pairs
     * and their neighbours is right 86.6 % of the time with small letters
     * and 86.1 % with both (means of three seeds: two or three questions
     * apart). */
    bool keep_case;
};

struct data_tokenizer;

/* Make a tokenizer from the words of `texts`; `options` may be NULL.
 *
 * Returns DATA_OK, DATA_E_ARGUMENT or DATA_E_MEMORY; *out is NULL on failure.
 * The caller releases *out with data_tokenizer_destroy(). Takes about a second
 * of processor time for the 33 MB of IMDB's training reviews. */
enum data_status
data_tokenizer_train(const struct data_texts *texts,
                     const struct data_tokenizer_options *options,
                     struct data_tokenizer **out, struct data_error *err);

/* NULL is legal. */
void data_tokenizer_destroy(struct data_tokenizer *t);

/* Every id is in [0, size). */
size_t data_tokenizer_size(const struct data_tokenizer *t);
enum data_tokenizer_kind data_tokenizer_kind(const struct data_tokenizer *t);
bool data_tokenizer_keeps_case(const struct data_tokenizer *t);

/* Of everything that decides an encoding: equal for equal tokenizers. */
uint64_t data_tokenizer_fingerprint(const struct data_tokenizer *t);

/* Write the first `most` ids of a text of `size` bytes, the class token first.
 * Returns how many ids the whole text has, at least 1; more than `most` means
 * that it was cut. `ids` may be NULL if `most` is 0. Cannot fail, allocates
 * nothing, safe from any thread. To encode a whole set, see data/tokens.h,
 * which remembers words and so is faster. */
size_t data_tokenizer_encode(const struct data_tokenizer *t, const void *text,
                             size_t size, int32_t *ids, size_t most);

/* Write the first `most` bytes of the text of `n` ids and return how many it
 * has. Byte pairs give back every byte that was encoded, capitals made small
 * unless case was kept. Words are joined by single spaces, unknown ones read
 * "[unknown]". Ids outside the vocabulary, padding and class tokens are
 * nothing. `text` may be NULL if `most` is 0; no NUL is added. */
size_t data_tokenizer_decode(const struct data_tokenizer *t, const int32_t *ids,
                             size_t n, void *text, size_t most);

/* The tokenizer as a text file: lines, of which the first names the format and
 * its version and the last holds a hash of those before it. The buffer's
 * content is replaced. Returns DATA_OK or DATA_E_MEMORY. */
enum data_status data_tokenizer_write(const struct data_tokenizer *t,
                                      struct data_buffer *text,
                                      struct data_error *err);

/* Read what data_tokenizer_write() wrote; the tokenizer encodes as the one that
 * was written. `name` is the file's, for errors.
 *
 * Returns DATA_OK, DATA_E_FORMAT (the text was cut or changed, or is another
 * version's) or DATA_E_MEMORY; *out is NULL on failure. */
enum data_status data_tokenizer_read(const void *text, size_t size,
                                     const char *name,
                                     struct data_tokenizer **out,
                                     struct data_error *err);

#endif
