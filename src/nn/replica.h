/* What the engine asks of a network, whichever kind it is.
 *
 * A network is a description (its parameters and what its kind needs to know)
 * and one replica of it for each thread: primitives, activations and gradients
 * in memory planned before the first step. The engine calls a replica through
 * the table of its kind and knows nothing else about it; chain.c has the image
 * networks, encoder.c the text classifier. */
#ifndef TAPER_NN_REPLICA_H
#define TAPER_NN_REPLICA_H

#include "nn/engine.h"

struct nn_replica_kind;

/* The first member of every replica, so that a pointer to one is a pointer to
 * the other. */
struct nn_replica {
    const struct nn_replica_kind *kind;
};

/* A block of floats and the table of its parts. */
struct nn_block {
    const struct nn_parameter *part; /* [parts] */
    size_t parts, size;              /* rows, floats */
};

/* A network as the engine holds it. */
struct nn_network {
    const struct nn_replica_kind *kind;
    const char *rows; /* what its batches consist of: "images" */
    int classes;
    struct nn_block parameters, buffers;
    /* What the kind needs beyond that: one piece of memory from malloc, which
     * the engine frees. It must not move while the engine lives. */
    void *description;
    const struct nn_architecture *architecture; /* inside it; or NULL */
};

/* What all replicas of a network share; borrowed. */
struct nn_shared {
    const struct nn_network *network;
    const struct nn_options *options;
    const struct nn_kernels *kernels;
    const float *weights; /* [network->parameters.size] */
    const float *buffers; /* [network->buffers.size] */
};

/* The rows first ... first + rows - 1 of a batch. */
struct nn_share {
    const struct nn_input *in;
    size_t first, rows;
};

struct nn_replica_kind {
    /* A replica for `rows` rows a step, made on the thread that will run it.
     * `gradients` [parameters.size] is borrowed. */
    enum nn_status (*create)(const struct nn_shared *shared, size_t rows,
                             float *gradients, struct nn_replica **out,
                             struct nn_error *err);
    void (*destroy)(struct nn_replica *r);        /* never NULL */
    size_t (*memory)(const struct nn_replica *r); /* bytes */

    /* Forward and backward over all its rows; sets its gradients and leaves
     * the statistics of the batch. `labels` are those of its own rows. */
    enum nn_status (*step)(struct nn_replica *r, const struct nn_share *share,
                           const int32_t *labels, double smoothing,
                           double weight, struct nn_result *result);

    /* Logits [share->rows, classes] of no more rows than it was made for. */
    enum nn_status (*infer)(struct nn_replica *r, const struct nn_share *share,
                            float *logits);

    /* Moves the network's buffers by what the replicas saw in the last step.
     * NULL: it has no buffers. */
    void (*settle)(struct nn_replica *const *replicas, int count,
                   float *buffers);
};

/* An engine for `network`, whose description it takes over, also when it
 * fails. */
enum nn_status nn_engine_build(const struct nn_network *network,
                               const struct nn_options *options,
                               struct nn_engine **out, struct nn_error *err);

#endif
