/* The inside of an image network's replica, shared by its two halves:
 * chain_plan.c decides where everything lies, chain.c runs on it. */
#ifndef TAPER_NN_CHAIN_NODE_H
#define TAPER_NN_CHAIN_NODE_H

#include "nn/arena.h"
#include "nn/parameters.h"
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

/* What an image network's replicas read of it: nn_network.description. */
struct nn_chain_description {
    struct nn_architecture architecture;
    struct nn_tables tables;
};

struct nn_chain {
    struct nn_replica base;
    struct nn_shared shared;
    const struct nn_architecture *architecture;
    const struct nn_tables *tables;
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
 * On failure the replica is only good for being destroyed. */
enum nn_status nn_chain_plan(struct nn_chain *r, struct nn_error *err);

#endif
