/* The inside of an encoder's replica, shared by its halves: encoder_plan.c
 * decides where everything lies and which products there are, encoder.c runs
 * on it.
 *
 * T stands for the tokens of the replica's rows, padding included. What feeds a
 * product, or comes from one, is stored as the engine's precision says and is
 * a void * here; the residual stream and all else is f32. */
#ifndef TAPER_NN_ENCODER_NODE_H
#define TAPER_NN_ENCODER_NODE_H

#include "nn/arena.h"
#include "nn/encoder_tables.h"
#include "nn/matmul.h"
#include "nn/replica.h"
#include "nn/sequence.h"

/* The four dense layers of an encoder layer. */
enum dense { DENSE_IN, DENSE_OUT, DENSE_1, DENSE_2, DENSES };

/* Places with dropout in an encoder layer. */
enum site { SITE_ATTENTION, SITE_OUT, SITE_FEED, SITE_2, SITES };

/* The products of attention: scores = Q K^T, context = P V, and the gradients
 * dV = P^T dC, dP = dC V^T, dQ = dS K, dK = dS^T Q. */
enum attention {
    SCORES,
    CONTEXT,
    DVALUES,
    DPROBABILITIES,
    DQUERIES,
    DKEYS,
    ATTENTIONS
};

/* The products for one length of rows: what all layers share. */
struct products {
    struct nn_matmul *y[DENSES], *dx[DENSES], *dw[DENSES];
    /* Attention is multiplied by oneDNN, or, where there is no such object, by
     * nn_sequence_kernels.heads_product. */
    struct nn_matmul *attention[ATTENTIONS];
    struct nn_heads heads[ATTENTIONS]; /* but for the texts */
};

struct encoder_layer {
    float *x;            /* [T, dim] what comes in */
    float *middle;       /* [T, dim] behind the attention */
    void *normed[2];     /* [T, dim] norm1(x), norm2(middle) */
    float *mean[2];      /* [T] */
    float *inverse[2];   /* [T] */
    void *joint;         /* [T, 3 dim] queries, keys, values */
    void *probabilities; /* [rows, heads, length, length] */
    void *dropped;       /* the same after dropout; NULL without */
    void *context;       /* [T, dim] the heads side by side */
    void *inner;         /* [T, feed] before bias and GELU */
    void *active;        /* [T, feed] behind them and dropout */
    uint8_t *keep[SITES];
    uint16_t *weights[DENSES]; /* bf16 copies of the matrices; or NULL */
};

struct nn_encoder_replica {
    struct nn_replica base;
    struct nn_shared shared;
    const struct nn_encoder_tables *tables;
    const struct nn_encoder *shape;
    struct nn_device *device;
    struct nn_arena arena;
    enum nn_type type; /* of what is a void * */
    size_t rows;
    float *gradients; /* borrowed */

    struct products products[NN_ENCODER_LENGTHS]; /* [tables->lengths] */
    struct nn_matmul *head_y, *head_dx, *head_dw;

    struct encoder_layer layer[NN_ENCODER_LAYERS];
    uint8_t *keep_embedding;
    float *y;                 /* [T, dim] behind the last layer */
    float *mean, *inverse;    /* [T] of the last norm */
    float *normed, *dnormed;  /* [T, dim] */
    float *pooled, *dpooled;  /* [rows, dim] */
    float *logits, *dlogits;  /* [rows, classes] */
    float *scores;            /* [rows, heads, length, length] */
    void *branch;             /* [T, dim] */
    float *dx;                /* [T, dim] of the residual stream */
    void *dnarrow, *dcontext; /* [T, dim] */
    void *dwide;              /* [T, feed] */
    void *djoint;             /* [T, 3 dim] */
    float *dprobabilities;    /* as scores */
    void *dscores;            /* the same; may be dprobabilities */
    uint32_t *embedding_scratch;
    double *sums;
    void *scratch; /* of oneDNN's products */
    float *heads_scratch;
};

/* Makes the products, takes the memory and fills the pointers. On failure the
 * replica is only good for nn_encoder_unplan. */
enum nn_status nn_encoder_plan(struct nn_encoder_replica *r,
                               struct nn_error *err);
void nn_encoder_unplan(struct nn_encoder_replica *r);

/* Which of a layer's parts is the matrix of a dense layer. */
enum nn_encoder_part nn_encoder_matrix(enum dense d);

/* Outputs and inputs of a dense layer. */
size_t nn_encoder_outputs(const struct nn_encoder *e, enum dense d);
size_t nn_encoder_inputs(const struct nn_encoder *e, enum dense d);

#endif
