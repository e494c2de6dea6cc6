/* The inside of a replica, shared by its two halves: replica_plan.c decides
 * where everything lies, replica.c runs on it. */
#ifndef TAPER_NN_REPLICA_NODE_H
#define TAPER_NN_REPLICA_NODE_H

#include "nn/arena.h"
#include "nn/product.h"
#include "nn/replica.h"

struct node {
    const struct nn_layer *layer;
    struct nn_layout in, out;
    void *x, *y;                /* y of this layer; x is y of the one before */
    void *dy, *dx;              /* gradients of the same */
    struct nn_product *product; /* NN_CONV, NN_DENSE */
    void *kept;                 /* its weights as oneDNN wants them */
    size_t pool;                /* resolved: 1 when there is none */
    uint8_t *winner;
    void *pooled;
    /* Channel vectors, padded with zeros to blocks * lanes floats. */
    float *scale, *shift, *dscale, *dshift;
    float *mean, *variance;                 /* of this batch */
    float *running_mean, *running_variance; /* for inference */
    float *a, *b;
};

struct nn_replica {
    struct nn_shared shared;
    struct nn_device *device;
    struct nn_arena arena;
    int images, count;
    int first;        /* gradients go back as far as this layer */
    float *input;     /* [images, channels, height, width] */
    float *gradients; /* borrowed */
    void *scratch;
    struct node node[NN_MAX_LAYERS];
};

/* Chooses layouts, takes the memory and binds every layer to its place in it.
 * On failure the replica is only good for nn_replica_destroy. */
enum nn_status nn_replica_plan(struct nn_replica *r, struct nn_error *err);

#endif
