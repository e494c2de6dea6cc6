/* Hand-written kernels for what lies between two convolutions.
 *
 * Pooling, batch normalisation, activations and the loss are bound by memory,
 * so the gain is in touching it once: these kernels fuse what a library's
 * separate primitives cannot. Convolutions and products stay with oneDNN.
 *
 * kernels_impl.h is compiled once for each instruction set and
 * nn_kernels_best() picks among them. All kernels are single-threaded, allocate
 * nothing, and give the same bits for the same input on the same machine.
 * Arithmetic is f32 whatever the storage; sums over pixels end in double, so
 * their error does not grow with the batch. A NaN comes out of everything it
 * goes into, and shows.
 *
 * Results of several megabytes are written past the caches when they begin on
 * a 64-byte boundary: align large tensors. */
#ifndef TAPER_NN_KERNELS_H
#define TAPER_NN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum nn_type { NN_F32, NN_BF16 }; /* bf16 is stored as uint16_t */
enum nn_activation { NN_IDENTITY, NN_RELU, NN_GELU }; /* GELU: exact, by erf */

/* Activations lie as [images, blocks, height, width, lanes]: channel c is lane
 * c % lanes of block c / lanes. This covers nchw (lanes = 1), nhwc (blocks = 1,
 * lanes = channels) and oneDNN's nChw16c. Lanes past the last channel hold zero
 * and every kernel keeps them zero, as oneDNN requires. Vectors run along the
 * lanes: all layouts work, but nchw at about a tenth of the others' speed. */
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

struct nn_sequence_kernels;   /* nn/sequence.h */
struct nn_perceptron_kernels; /* nn/perceptron.h */

struct nn_kernels {
    const char *name; /* "avx512", "avx2", "generic" */
    const struct nn_sequence_kernels *sequence;     /* those for encoders */
    const struct nn_perceptron_kernels *perceptron; /* small dense layers */

    /* Training: batch statistics are computed and left in mean, variance. */
    void (*norm_forward)(const struct nn_norm *n, const void *x, void *y);
    /* Evaluation: mean and variance are given (running statistics); pooled and
     * winner are not touched. y may be x when pool is 1. */
    void (*norm_infer)(const struct nn_norm *n, const void *x, void *y);
    /* dy is overwritten (scratch). dx has x's layout and must not be dy unless
     * pool is 1. dscale and dshift [channels] are set, not added to. dx may be
     * NULL when nobody needs it. Needs mean, variance, pooled and winner as
     * norm_forward left them; a and b are worked out again, so that several
     * normalisations may share them. */
    void (*norm_backward)(const struct nn_norm *n, void *dy, void *dx,
                          float *dscale, float *dshift);

    /* Max pooling alone: window `pool`, 1 to 16, stride `pool`. Of equal maxima
     * the first wins, row by row. `winner` may be NULL in forward when there
     * will be no backward. Backward sets all of dx, dropped rows and columns to
     * zero. */
    void (*max_forward)(const struct nn_layout *in, size_t pool, const void *x,
                        void *y, uint8_t *winner);
    void (*max_backward)(const struct nn_layout *in, size_t pool,
                         const void *dy, const uint8_t *winner, void *dx);
    /* Mean over windows of `pool` x `pool`, stride `pool`, of any size. */
    void (*mean_forward)(const struct nn_layout *in, size_t pool, const void *x,
                         void *y);
    void (*mean_backward)(const struct nn_layout *in, size_t pool,
                          const void *dy, void *dx);

    /* y = act(x + bias): bias [channels], padded, or NULL. x may be y, except
     * that backward needs x as it was. Backward: dx = dy * act'(x + bias);
     * dbias [channels] is set. Either may be NULL; dx may be dy. */
    void (*activate_forward)(const struct nn_layout *in, enum nn_activation act,
                             const float *bias, const void *x, void *y);
    void (*activate_backward)(const struct nn_layout *in,
                              enum nn_activation act, const float *bias,
                              const void *x, const void *dy, void *dx,
                              float *dbias);

    /* y = a + b over n values; y may be a or b. */
    void (*add)(enum nn_type type, size_t n, const void *a, const void *b,
                void *y);

    /* Softmax cross-entropy over `rows` rows of `classes` logits, row-major
     * f32 at `stride` values a row. Target: 1 - smoothing on the label plus
     * smoothing / classes on every class (PyTorch's label_smoothing).
     * Writes dlogits = weight * (softmax - target), unless dlogits is NULL;
     * returns the SUM of the rows' losses and adds to *correct the number of
     * rows whose largest logit is the label (the first of equal ones counts).
     * dlogits may be logits and has its stride; what lies between the rows is
     * left alone. A label outside [0, classes) makes the loss NaN. */
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

/* to[i] is the bf16 value nearest to from[i], as f32; they may be one. */
void nn_round_to_bf16(size_t n, const float *from, float *to);

#endif
