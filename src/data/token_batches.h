/* Batches of texts of similar length, each padded no further than it needs.
 *
 * In training an epoch is shuffled, cut into pools of some dozen batches, and
 * each pool is sorted by length and cut into batches, whose order is shuffled
 * in turn: texts of one length meet, so that short ones do not pay for long
 * ones, and yet no two epochs have the same batches. Evaluation goes through
 * the set once, sorted by length.
 *
 * What a batch holds is a pure function of (set, options, epoch, index), so
 * training resumed at any (epoch, index) sees the same bits, whatever was asked
 * before. All memory is taken at creation. */
#ifndef TAPER_DATA_TOKEN_BATCHES_H
#define TAPER_DATA_TOKEN_BATCHES_H

#include "data/loader.h"
#include "data/tokens.h"

struct data_token_batch_options {
    enum data_mode mode;
    size_t batch; /* texts, >= 1; training: <= the set's count */
    uint64_t seed;
    /* Training: batches of one pool; 0 is 64. 1 is plain shuffling. */
    size_t pool;
    /* The row lengths that a batch may have, rising, the last at least the
     * set's longest. Copied. */
    const int *lengths; /* [length_count] */
    size_t length_count;
};

struct data_token_batch {
    const int32_t *tokens;   /* [n, length], DATA_TOKEN_PADDING past a text's
                                end; 64-byte aligned */
    const int32_t *lengths;  /* [n], ids of each text, in [1, length] */
    const int32_t *labels;   /* [n] */
    const uint32_t *samples; /* [n], the texts' numbers in the set */
    size_t n;      /* options.batch, or less at the end of an evaluation */
    size_t length; /* the smallest of the row lengths that holds all */
    uint64_t epoch;
    size_t index; /* of this batch in its epoch, from 0 */
};

/* Tokens of a step, on average over the batches of epoch 0. */
struct data_token_usage {
    double real;   /* ids of texts */
    double padded; /* places of [n, length], >= real */
};

struct data_token_batches;

/* Plan the batches of `set`, which must outlive them.
 *
 * Returns DATA_OK, DATA_E_ARGUMENT or DATA_E_MEMORY; *out is NULL on failure.
 * The caller releases *out with data_token_batches_destroy(). */
enum data_status
data_token_batches_create(const struct data_tokens *set,
                          const struct data_token_batch_options *options,
                          struct data_token_batches **out,
                          struct data_error *err);

/* NULL is legal. */
void data_token_batches_destroy(struct data_token_batches *b);

/* Batches in one epoch, >= 1: count / batch, rounded down in training (the rest
 * of a shuffle is left out of its epoch) and up in evaluation. */
size_t data_token_batches_count(const struct data_token_batches *b);

struct data_token_usage
data_token_batches_usage(const struct data_token_batches *b);

/* Any batch; it stays valid until the next call. In training an `index` past
 * the epoch's end counts on into the following epochs; in evaluation it gives
 * NULL and `epoch` does not matter. Going through an epoch in order costs one
 * copy of the tokens; each change of epoch costs a shuffle of the set. */
const struct data_token_batch *
data_token_batches_get(struct data_token_batches *b, uint64_t epoch,
                       size_t index);

#endif
