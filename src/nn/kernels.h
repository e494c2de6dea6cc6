/* Hand-written kernels for what lies between two convolutions.
 *
 * Pooling, batch normalisation, activations and the loss are bound by memory,
 * so the gain is in touching it once: these kernels fuse what a library's
 * separate primitives cannot. Convolutions and products stay with oneDNN.
 *
 * kernels.c is compiled once for each instruction set; nn_kernels_best() picks
 * one when the program starts. All kernels are single-threaded, allocate
 * nothing, and give the same bits for the same input on the same machine. */
#ifndef TAPER_NN_KERNELS_H
#define TAPER_NN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum nn_type { NN_F32, NN_BF16 }; /* bf16 is stored as uint16_t */
enum nn_activation { NN_IDENTITY, NN_RELU, NN_GELU }; /* GELU: exact, by erf */

/* Activations lie as [images, blocks, height, width, lanes]: channel c is lane
 * c % lanes of block c / lanes. This covers nchw (lanes = 1), nhwc (blocks = 1,
 * lanes = channels) and oneDNN's nChw16c. Lanes past the last channel hold zero
 * and every kernel keeps them zero, as oneDNN requires. */
struct nn_layout {
    enum nn_type type;
    size_t images, channels, height, width;
    size_t blocks, lanes; /* blocks * lanes >= channels */
};

/* One batch normalisation with what surrounds it:
 *     x -> max pooling (pool x pool, stride pool; 1: none) -> normalise
 *       -> activation -> y
 * Arrays named [channels] are padded by their owner to blocks * lanes values
 * (zeros past the last channel). Rows and columns that do not fill a window
 * are dropped, as in PyTorch's default (floor) mode. */
struct nn_norm {
    struct nn_layout in; /* of x; y has in.height / pool rows ... */
    size_t pool;         /* 1, 2 or 3 */
    enum nn_activation activation;
    double epsilon;             /* added to the variance, > 0 */
    const float *scale, *shift; /* [channels] gamma and beta */
    float *mean, *variance;     /* [channels] of this batch (biased) */
    void *pooled;               /* the pooled x, kept for backward; when
                                   pool is 1, x itself */
    uint8_t *winner;            /* index in its window of each maximum;
                                   unused when pool is 1 */
    float *a, *b;               /* [channels] scratch: y = act(a * p + b) */
};

struct nn_kernels {
    const char *name; /* "avx512", "avx2", "generic" */

    /* Training: batch statistics are computed and left in mean, variance. */
    void (*norm_forward)(const struct nn_norm *n, const void *x, void *y);
    /* Evaluation: mean and variance are given (running statistics). */
    void (*norm_infer)(const struct nn_norm *n, const void *x, void *y);
    /* dy is overwritten (scratch). dx has x's layout and must not be dy unless
     * pool is 1. dscale and dshift [channels] are set, not added to. dx may be
     * NULL when nobody needs it. */
    void (*norm_backward)(const struct nn_norm *n, void *dy, void *dx,
                          float *dscale, float *dshift);

    /* Max pooling alone: window `pool`, stride `pool`. */
    void (*max_forward)(const struct nn_layout *in, size_t pool, const void *x,
                        void *y, uint8_t *winner);
    void (*max_backward)(const struct nn_layout *in, size_t pool,
                         const void *dy, const uint8_t *winner, void *dx);
    /* Mean over windows of `pool` x `pool`, stride `pool`. */
    void (*mean_forward)(const struct nn_layout *in, size_t pool, const void *x,
                         void *y);
    void (*mean_backward)(const struct nn_layout *in, size_t pool,
                          const void *dy, void *dx);

    /* y = act(x + bias): bias [channels], padded, or NULL. x may be y, except
     * that backward needs x as it was. Backward: dx = dy * act'(x + bias);
     * dbias [channels] is set unless NULL. dx may be dy. */
    void (*activate_forward)(const struct nn_layout *in, enum nn_activation act,
                             const float *bias, const void *x, void *y);
    void (*activate_backward)(const struct nn_layout *in,
                              enum nn_activation act, const float *bias,
                              const void *x, const void *dy, void *dx,
                              float *dbias);

    /* y = a + b, and y += a, over n values. */
    void (*add)(enum nn_type type, size_t n, const void *a, const void *b,
                void *y);

    /* Softmax cross-entropy over `rows` rows of `classes` logits, row-major
     * f32 at `stride` values a row. Target: 1 - smoothing on the label plus
     * smoothing / classes on every class (PyTorch's label_smoothing).
     * Writes dlogits = weight * (softmax - target), unless dlogits is NULL;
     * returns the SUM of the rows' losses and adds to *correct the number of
     * rows whose largest logit is the label. */
    double (*cross_entropy)(size_t rows, size_t classes, size_t stride,
                            const float *logits, const int32_t *labels,
                            double smoothing, double weight, float *dlogits,
                            size_t *correct);
};

/* The fastest kernels this CPU runs. */
const struct nn_kernels *nn_kernels_best(void);

/* All kernels this CPU runs, for tests: NULL past the last. */
const struct nn_kernels *nn_kernels_at(size_t index);

/* bf16 <-> f32, round to nearest even; NaN stays NaN. */
float nn_from_bf16(uint16_t x);
uint16_t nn_to_bf16(float x);

#endif
