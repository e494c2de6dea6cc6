/* The training engine: one network, replicated once per thread.
 *
 * Each thread owns a replica (its share of the batch, its activations, its
 * gradients) and runs oneDNN single-threaded; the gradients are then added in
 * a fixed order. Threads meet a few times a step (behind the backward pass,
 * the sum and each nn_engine_parallel) and never by spinning, so a busy
 * neighbour slows one thread and not all; and the sum has the same bits in
 * every run with the same number of threads. docs/training.md holds the
 * measurements behind this choice.
 *
 * All memory is planned and taken when an engine is made. No later call
 * allocates, but for what oneDNN takes and gives back within a product. */
#ifndef TAPER_NN_ENGINE_H
#define TAPER_NN_ENGINE_H

#include "nn/architecture.h"
#include "nn/status.h"

struct nn_engine;

/* One batch of n rows; a row is one image or one text. Which fields are read
 * depends on the network: images for image networks, the others for encoders
 * (nn/encoder.h). All arrays are borrowed for the call. */
struct nn_input {
    const float *images;    /* [n, channels, height, width], normalised */
    const int32_t *tokens;  /* [n, length], each in [0, vocabulary); those past
                               a row's own length are never read */
    const int32_t *lengths; /* [n] of the rows themselves, 1 to length */
    size_t length;          /* one of nn_encoder_lengths() */
    uint64_t noise[2];      /* names the dropout masks of this step; they are
                               a function of it and of the place in the batch
                               and in the network, not of the threads */
};

struct nn_options {
    int batch;              /* rows a step, over all threads, >= threads */
    int threads;            /* >= 1 */
    enum nn_type precision; /* NN_BF16 needs nn_has_bf16() or emulate_bf16 */
    bool emulate_bf16;      /* for tests: slow, the same rounding */
    bool direct;            /* for tests: no Winograd convolutions, which are
                               up to twice as fast and round differently */
    bool channels_last;     /* for tests: nhwc, the layout of CPUs with AMX,
                               and direct convolutions */
};

/* True when this CPU multiplies bf16 in hardware (AVX-512 BF16 or AMX). */
bool nn_has_bf16(void);

/* True when it multiplies tiles of bf16 by AMX, and the system lets it. */
bool nn_has_amx_bf16(void);

/* *out is NULL on failure. Weights start as zero: see nn_initialise. */
enum nn_status nn_engine_create(const struct nn_architecture *architecture,
                                const struct nn_options *options,
                                struct nn_engine **out, struct nn_error *err);
void nn_engine_destroy(struct nn_engine *e); /* NULL is legal */

/* NULL when the network is no image network. */
const struct nn_architecture *nn_engine_architecture(const struct nn_engine *e);

/* The trained parameters: one block of floats in plain layout, with a table
 * that names its parts in order. Gradients have the same offsets. The caller
 * may write weights between calls (the optimiser does). */
size_t nn_engine_size(const struct nn_engine *e); /* floats */
float *nn_engine_weights(struct nn_engine *e);
float *nn_engine_gradients(struct nn_engine *e);
const struct nn_parameter *nn_engine_parameters(const struct nn_engine *e,
                                                size_t *count);

/* What is not trained but belongs to the model: running means and variances
 * of the normalisations ("norm1.running_mean", ...). */
size_t nn_engine_buffer_size(const struct nn_engine *e); /* floats */
float *nn_engine_buffers(struct nn_engine *e);
const struct nn_parameter *nn_engine_buffer_table(const struct nn_engine *e,
                                                  size_t *count);

/* One forward and backward pass over a whole batch.
 *
 *   in         the whole batch
 *   labels     [batch], each in [0, classes)
 *   smoothing  label smoothing in [0, 1)
 *   weight     times every gradient: 1.0 / batch trains on the mean loss
 *
 * Leaves the sum over the replicas in nn_engine_gradients and moves the
 * running statistics. `result` gets the SUM of the losses and the number of
 * rows whose largest logit was the label. NN_E_ARGUMENT when an encoder's
 * batch has an illegal length or a token that is none; nothing has been
 * changed then but the gradients. */
struct nn_result {
    double loss;
    size_t correct;
};
enum nn_status nn_engine_step(struct nn_engine *e, const struct nn_input *in,
                              const int32_t *labels, double smoothing,
                              double weight, struct nn_result *result);

/* Logits [n, classes] of n <= batch rows, by the running statistics and
 * without dropout. */
enum nn_status nn_engine_infer(struct nn_engine *e, const struct nn_input *in,
                               size_t n, float *logits);

/* Calls fn(context, begin, end) on every thread with its share of [0, n), and
 * returns when all have. Shares are multiples of 64, but for the last: floats
 * of two threads are then on different cache lines. */
typedef void nn_slice_fn(void *context, size_t begin, size_t end);
void nn_engine_parallel(struct nn_engine *e, size_t n, nn_slice_fn *fn,
                        void *context);

/* Bytes that a replica's planned memory takes, for `run.json` and messages. */
size_t nn_engine_memory(const struct nn_engine *e);

/* Sets every parameter by its `start` (the whitening filters stay zero until
 * nn_whiten) and the running statistics to mean 0, variance 1. `uniform`
 * returns numbers in [0, 1); the order of the calls is fixed. */
typedef double nn_uniform_fn(void *context);
void nn_initialise(struct nn_engine *e, nn_uniform_fn *uniform, void *context);

/* Sets the whitening filters, if the network has them, from `n` normalised
 * images: eigenvectors of the covariance of their patches over the square
 * root of (eigenvalue + 5e-4), and their negatives (airbench94). */
enum nn_status nn_whiten(struct nn_engine *e, const float *images, size_t n);

#endif
