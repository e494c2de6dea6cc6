/* Hand-written kernels for what lies between the products of an encoder.
 *
 * A batch is `texts` texts padded to `length` tokens, lengths[t] of which, 1 to
 * `length`, belong to text t. Rows are tokens: [texts, length, dim] is also
 * [rows, dim] with rows = texts * length. The residual stream, which runs
 * through all layers, is f32; a `type` is how the values are stored that feed
 * a matrix product or come from one. What lies in the padding has no influence
 * on anything outside it and may be any garbage where a function says so.
 *
 * As everywhere in nn/kernels.h: single-threaded, no allocation, arithmetic in
 * f32, sums over rows end in double, the same bits for the same input on the
 * same machine, and a NaN comes out of everything it goes into. A result may
 * take the place of an argument only where that is said. Arrays are row-major
 * and dense; any alignment will do, 64 bytes is fastest. */
#ifndef TAPER_NN_SEQUENCE_H
#define TAPER_NN_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/kernels.h"

/* Which values dropout keeps (Srivastava et al., JMLR 15, 2014): one bit for
 * each, and what the kept ones are multiplied with, so that the expectation
 * stays. Value k of row r is kept when bit k % 8 of
 * bits[r * nn_keep_stride(width) + k / 8] is set. No bits: no dropout, at no
 * cost. Forward and backward take the same. */
struct nn_keep {
    const uint8_t *bits; /* [rows, nn_keep_stride(width)] or NULL */
    float scale;         /* nn_keep_scale(rate) */
};

/* Names the masks of one place in the network for some rows of the batch. */
struct nn_dropout {
    double rate;       /* share of values dropped, [0, 1) */
    uint64_t noise[2]; /* of the step */
    uint32_t site;     /* the place in the network, below 65536 */
    uint64_t row;      /* index in the whole batch of the first row, the last
                          one below 2^32 */
};

/* Bytes of a mask's row. */
size_t nn_keep_stride(size_t width);

/* 1 / (1 - rate), where rate is rounded to a multiple of 2^-16 as the masks
 * are, at most 1 - 2^-16: the expectation is kept exactly. */
float nn_keep_scale(double rate);

/* Values of scratch, in double, for kernels that sum over rows `width` wide.
 * It is also used as memory for floats, so it comes from an allocation and is
 * no array of doubles. */
size_t nn_sum_scratch(size_t width);

enum { NN_ATTENTION_LONGEST = 4096 }; /* tokens in a text at most */

struct nn_embedding {
    size_t texts, length, dim;
    size_t vocabulary;      /* rows of the token table */
    size_t positions;       /* rows of the position table, >= length */
    const int32_t *tokens;  /* [texts, length], each in [0, vocabulary); never
                               read in the padding */
    const int32_t *lengths; /* [texts] */
    struct nn_keep keep;    /* rows: texts * length, width: dim */
};

/* Layer normalisation (Ba et al. 2016, arXiv 1607.06450) of rows of x:
 * y = (x - mean) / deviation * scale + shift with
 * deviation = sqrt(variance + epsilon), the variance biased. */
struct nn_layer_norm {
    enum nn_type type; /* of y and dy */
    size_t rows, width;
    double epsilon;             /* > 0; 1e-5 in PyTorch */
    const float *scale, *shift; /* [width] gamma and beta */
    float *mean, *inverse;      /* [rows] set by forward, read by backward;
                                   inverse is 1 / deviation */
};

/* Softmax over the keys of scaled dot-product attention (Vaswani et al. 2017,
 * arXiv 1706.03762). All matrices are [texts, heads, length, length]: a row is
 * one query, its values are the keys. */
struct nn_attention {
    enum nn_type type;           /* of probabilities and dscores */
    size_t texts, heads, length; /* length <= NN_ATTENTION_LONGEST */
    const int32_t *lengths;      /* [texts] */
    double scale;        /* > 0, times the scores: 1 / sqrt(dim / heads) */
    struct nn_keep keep; /* rows: texts * heads * length, width: length */
};

/* Where element (i, j) of matrix (o, p) of a stack lies, in values from the
 * start: o * outer + p * inner + i * row + j * column. */
struct nn_matrix {
    size_t row, column;
    size_t outer, inner;
};

/* One product for each head of each text: outer counts texts, inner heads. */
struct nn_heads {
    size_t texts, heads, length;
    const int32_t *lengths;   /* [texts] */
    size_t n, k;              /* 0: the text's own length */
    struct nn_matrix a, b, c; /* c.column is 1 */
};

/* Values of scratch for heads of `head` values in texts of `length` tokens. */
size_t nn_heads_scratch(size_t length, size_t head);

struct nn_sequence_kernels {
    /* Sets `keep` [rows, nn_keep_stride(width)], width at most 2^19, by
     * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
     * 1, 2, 3", SC 2011): a bit is a function of noise, site, row and place in
     * the row only. Counter (row, site 2^16 + k / 8, noise[1]) under key
     * noise[0], low halves first, gives the 16-bit numbers of values k = 8 i to
     * 8 i + 7 of a row, low halves first; a value is dropped when its number is
     * below 2^16 times the rate, rounded. Bits past the width are arbitrary. */
    void (*dropout_mask)(const struct nn_dropout *d, size_t rows, size_t width,
                         uint8_t *keep);

    /* y [texts, length, dim] = drop(token[id] + position[place]); rows in the
     * padding are set to zero. Tables: [vocabulary, dim], [positions, dim]. */
    void (*embed_forward)(const struct nn_embedding *e, const float *token,
                          const float *position, float *y);
    /* Sets dtoken [vocabulary, dim] and dposition [positions, dim] whole, zero
     * where no token was. Every gradient is summed in the order of the texts.
     * dy is not read in the padding. scratch: vocabulary + texts * length
     * values. */
    void (*embed_backward)(const struct nn_embedding *e, const float *dy,
                           float *dtoken, float *dposition, uint32_t *scratch);

    /* y [rows, width] of n->type from x. */
    void (*layer_norm_forward)(const struct nn_layer_norm *n, const float *x,
                               void *y);
    /* dx is set, or added to when `add`, which is how the gradient joins that
     * of the residual path. dscale and dshift [width] are set. scratch:
     * nn_sum_scratch(width) values. x and dx differ; dy may be dx when it is
     * f32 and `add` is false. */
    void (*layer_norm_backward)(const struct nn_layer_norm *n, const float *x,
                                const void *dy, bool add, float *dx,
                                float *dscale, float *dshift, double *scratch);

    /* C[own, n] = A[own, k] B[k, n] in f32 for every head, as long as its text
     * is: what attention multiplies when texts are short. Unless n is the
     * text's own length too, the rows of C in the padding are set to zero; all
     * else behind a text's own length is neither read nor written. scratch:
     * nn_heads_scratch() values. */
    void (*heads_product)(const struct nn_heads *h, const float *a,
                          const float *b, float *c, float *scratch);

    /* probabilities = softmax(scale * scores) over the text's own keys, 0 at
     * the others; rows of queries in the padding are set to zero. Unless
     * keep.bits is NULL, also dropped = drop(probabilities), which the next
     * product reads; else `dropped` is left alone and may be NULL. Scores in
     * the padding, of queries as of keys, may be any garbage. Probabilities
     * may take the place of the scores when they are f32. */
    void (*softmax_forward)(const struct nn_attention *a, const float *scores,
                            void *probabilities, void *dropped);
    /* dscores, scale included, from the gradient of what forward gave to the
     * next product (`dropped`, or probabilities without dropout); zero in the
     * padding, where ddropped may be any garbage. It may take the place of
     * ddropped when it is f32. */
    void (*softmax_backward)(const struct nn_attention *a,
                             const void *probabilities, const float *ddropped,
                             void *dscores);

    /* The inner activation of the feed-forward: y = drop(gelu(x + bias)), GELU
     * exact, by erf. y may be x, except that backward needs x as it was. */
    void (*gelu_forward)(enum nn_type type, size_t rows, size_t width,
                         const float *bias, struct nn_keep keep, const void *x,
                         void *y);
    /* dx = drop(dy) gelu'(x + bias), which may be dy; dbias [width], its sum
     * over rows, is set. scratch: nn_sum_scratch(width) values. */
    void (*gelu_backward)(enum nn_type type, size_t rows, size_t width,
                          const float *bias, struct nn_keep keep, const void *x,
                          const void *dy, void *dx, float *dbias,
                          double *scratch);

    /* The end of a residual branch: y = x + drop(branch + bias), x and y f32,
     * branch of `type`. y may be x. */
    void (*residual_forward)(enum nn_type type, size_t rows, size_t width,
                             const float *bias, struct nn_keep keep,
                             const float *x, const void *branch, float *y);
    /* dbranch = drop(dy); dbias [width], its sum over rows, is set. dx is dy.
     * scratch: nn_sum_scratch(width) values. */
    void (*residual_backward)(enum nn_type type, size_t rows, size_t width,
                              struct nn_keep keep, const float *dy,
                              void *dbranch, float *dbias, double *scratch);

    /* y = x + bias, which may be x. */
    void (*bias_forward)(enum nn_type type, size_t rows, size_t width,
                         const float *bias, const void *x, void *y);
    /* dbias [width], the sum of dy over rows, is set. scratch:
     * nn_sum_scratch(width) values. */
    void (*bias_backward)(enum nn_type type, size_t rows, size_t width,
                          const void *dy, float *dbias, double *scratch);

    /* One row for each text, y [texts, dim]: the mean of its own tokens' rows
     * of x [texts, length, dim], or the first of them. */
    void (*pool_mean_forward)(size_t texts, size_t length, size_t dim,
                              const int32_t *lengths, const float *x, float *y);
    void (*pool_first_forward)(size_t texts, size_t length, size_t dim,
                               const float *x, float *y);
    /* All of dx [texts, length, dim] is set, zero where the text's row does
     * not depend on it. */
    void (*pool_mean_backward)(size_t texts, size_t length, size_t dim,
                               const int32_t *lengths, const float *dy,
                               float *dx);
    void (*pool_first_backward)(size_t texts, size_t length, size_t dim,
                                const float *dy, float *dx);
};

#endif
