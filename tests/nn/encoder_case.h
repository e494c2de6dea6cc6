/* What the tests of the encoder share: a small network with everything in it,
 * and batches of texts. */
#ifndef TAPER_TESTS_ENCODER_CASE_H
#define TAPER_TESTS_ENCODER_CASE_H

#include "nn/encoder.h"
#include "nn/engine_case.h"

enum { TEXTS = 5, CLASSES = 3, VOCABULARY = 23 };

/* Two layers, three heads of a width that fills no vector. */
static inline struct nn_encoder small_encoder(double dropout)
{
    return (struct nn_encoder){.vocabulary = VOCABULARY,
                               .length = 21,
                               .dim = 30,
                               .layers = 2,
                               .heads = 3,
                               .feed = 44,
                               .classes = CLASSES,
                               .pooling = NN_POOL_MEAN,
                               .dropout = dropout};
}

struct texts {
    struct nn_input in;
    int32_t *tokens; /* [TEXTS, in.length] */
    int32_t lengths[TEXTS], labels[TEXTS];
};

/* Texts of one token up to `length` of them, the same whatever the padding up
 * to `padded` tokens, which is token `garbage`. */
static inline struct texts texts_of(size_t length, size_t padded,
                                    int32_t garbage)
{
    struct texts t = {.tokens = malloc(TEXTS * padded * sizeof *t.tokens)};
    assert_non_null(t.tokens);
    uint64_t seed = 11;
    for (size_t i = 0; i < TEXTS; i++) {
        const size_t own = 1 + (length - 1) * i / (TEXTS - 1);
        t.lengths[i] = (int32_t)own;
        t.labels[i] = (int32_t)(i % CLASSES);
        for (size_t k = 0; k < padded; k++)
            t.tokens[i * padded + k] = garbage;
        for (size_t k = 0; k < own; k++)
            t.tokens[i * padded + k] =
                (int32_t)(case_uniform(&seed) * VOCABULARY);
    }
    t.in = (struct nn_input){.tokens = t.tokens,
                             .length = padded,
                             .noise = {0x123456789abcdefU, 42}};
    return t;
}

/* The input, with pointers into the texts where they lie now. */
static inline const struct nn_input *input_of(struct texts *t)
{
    t->in.tokens = t->tokens;
    t->in.lengths = t->lengths;
    return &t->in;
}

/* Weights by the rules of the network, then moved, so that what starts as zero
 * or one is in play, and embeddings far enough apart to be told apart. */
static inline struct nn_engine *encoder_of(const struct nn_encoder *shape,
                                           struct nn_options o)
{
    struct nn_engine *e;
    struct nn_error error = {0};
    if (nn_encoder_create(shape, &o, &e, &error)) fail_msg("%s", error.message);
    uint64_t seed = 7;
    nn_initialise(e, case_uniform, &seed);
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < p[i].count; k++)
            nn_engine_weights(e)[p[i].offset + k] +=
                (float)(0.6 * case_uniform(&seed) - 0.3);
    return e;
}

static inline double encoder_step(struct nn_engine *e, struct texts *t)
{
    struct nn_result r;
    assert_int_equal(nn_engine_step(e, input_of(t), t->labels, 0.1, 1.0, &r),
                     NN_OK);
    return r.loss;
}

#endif
