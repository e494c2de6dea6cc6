/* One copy of the network for one thread: its primitives, its activations, its
 * gradients, all in memory planned before the first step. */
#ifndef TAPER_NN_REPLICA_H
#define TAPER_NN_REPLICA_H

#include "nn/engine.h"
#include "nn/parameters.h"

struct nn_replica;

/* What all replicas share; borrowed. */
struct nn_shared {
    const struct nn_architecture *architecture;
    const struct nn_tables *tables;
    const struct nn_kernels *kernels;
    enum nn_type precision;
    bool winograd, channels_last;
    const float *weights; /* [tables->size] */
    const float *buffers; /* [tables->buffer_size] */
};

/* A replica for `images` images a step, made on the thread that will run it.
 * `gradients` [tables->size] is borrowed. */
enum nn_status nn_replica_create(const struct nn_shared *shared, int images,
                                 float *gradients, struct nn_replica **out,
                                 struct nn_error *err);
void nn_replica_destroy(struct nn_replica *r); /* NULL is legal */

size_t nn_replica_memory(const struct nn_replica *r); /* bytes */

/* Forward and backward over the replica's images; leaves its gradients and
 * the batch statistics. */
enum nn_status nn_replica_step(struct nn_replica *r, const float *images,
                               const int32_t *labels, double smoothing,
                               double weight, struct nn_result *result);

/* Logits [n, classes] of n <= images images by the running statistics. */
enum nn_status nn_replica_infer(struct nn_replica *r, const float *images,
                                size_t n, float *logits);

/* Mean and variance [channels] of the last batch at normalisation layer `i`,
 * and over how many values each was taken. */
size_t nn_replica_statistics(const struct nn_replica *r, int i,
                             const float **mean, const float **variance);

#endif
