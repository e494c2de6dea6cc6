/* A labelled set of texts as token ids in memory. */
#ifndef TAPER_DATA_TOKENS_H
#define TAPER_DATA_TOKENS_H

#include "data/texts.h"
#include "data/tokenizer.h"

struct data_tokens {
    size_t count;        /* texts, >= 1 */
    int32_t *ids;        /* [offsets[count]] */
    size_t *offsets;     /* [count + 1] into ids; a text has at least one id,
                            the class token */
    int32_t *labels;     /* [count], in [0, classes) */
    size_t classes;      /* as of the texts */
    size_t vocabulary;   /* every id is in [0, vocabulary) */
    size_t longest;      /* ids of the longest text, after cutting */
    size_t cut;          /* texts that were longer than allowed */
    uint64_t ids_before; /* of all texts together before they were cut */
    uint64_t unknown;    /* ids that are DATA_TOKEN_UNKNOWN, after cutting */
};

/* Encode every text, cut to its first `length` ids, the class token included.
 *
 *   length  >= 1
 *   tokens  filled in on success; zeroed on failure
 *
 * Nothing is kept of `texts` and `tokenizer`. Returns DATA_OK, DATA_E_ARGUMENT
 * or DATA_E_MEMORY. The caller releases the set with data_tokens_free(). Takes
 * about a second for 33 MB of reviews. */
enum data_status data_tokens_create(const struct data_texts *texts,
                                    const struct data_tokenizer *tokenizer,
                                    size_t length, struct data_tokens *tokens,
                                    struct data_error *err);

/* Legal on a zeroed set; leaves it zeroed. */
void data_tokens_free(struct data_tokens *tokens);

#endif
