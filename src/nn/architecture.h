/* A network as a value: the list of its layers, and the parameters they have.
 *
 * A network is a chain: every layer reads the output of the one before it
 * (the first reads the images), and NN_ADD also reads an earlier layer. That
 * covers the image networks; a row in zoo.c is all that a new one needs. */
#ifndef TAPER_NN_ARCHITECTURE_H
#define TAPER_NN_ARCHITECTURE_H

#include "nn/kernels.h"
#include <stdbool.h>

enum nn_op {
    NN_CONV,     /* channels, kernel, stride, pad; no bias */
    NN_NORM,     /* pool (0 and 1: none), then batch norm, then activation */
    NN_ACTIVATE, /* bias (if `bias`), then activation */
    NN_MAX_POOL, /* pool; 0: over the whole picture */
    NN_MEAN_POOL,
    NN_DENSE, /* channels = outputs; no bias; flattens c, h, w */
    NN_ADD    /* plus the output of layer `other` */
};

/* How a parameter starts. */
enum nn_start {
    NN_START_UNIFORM, /* U(-1/sqrt(fan_in), 1/sqrt(fan_in)): PyTorch's default
                         for convolutions and linear layers */
    NN_START_HE,      /* normal, standard deviation sqrt(2 / fan_in) (He 2015,
                         arXiv 1502.01852) */
    NN_START_DIRAC,   /* UNIFORM, then the first in_channels filters pass their
                         channel through (airbench94) */
    NN_START_ZERO,
    NN_START_ONE,
    NN_START_NORMAL, /* normal, standard deviation 0.02: embeddings (BERT,
                        Devlin 2018, arXiv 1810.04805) */
    NN_START_GLOROT, /* U(-b, b), b = sqrt(6 / (fan_in + fan_out)): the joint
                        projection of attention, as in PyTorch */
    NN_START_ORTHOGONAL, /* rows, or columns where they are fewer, of length 1
                            and at right angles (Saxe et al. 2014, arXiv
                            1312.6120) */
    NN_START_WHITEN      /* eigenvectors of the patches: nn_whiten sets them */
};

/* What a parameter is for; the trainer gives each role its own group. */
enum nn_role {
    NN_ROLE_WEIGHT, /* filters and matrices */
    NN_ROLE_BIAS,
    NN_ROLE_SCALE,  /* gamma of a normalisation */
    NN_ROLE_SHIFT,  /* beta of a normalisation */
    NN_ROLE_WHITEN, /* the whitening filters: never trained */
    NN_ROLE_WHITEN_BIAS,
    NN_ROLE_EMBEDDING /* rows looked up by token or place */
};

struct nn_layer {
    enum nn_op op;
    const char *name; /* "conv1": prefix of its parameters' names */
    int channels, kernel, stride, pad;
    int pool;
    enum nn_activation activation;
    bool bias;       /* NN_ACTIVATE */
    bool no_scale;   /* NN_NORM: gamma stays 1 and is no parameter */
    bool frozen;     /* NN_CONV: filters are not trained, role WHITEN */
    int other;       /* NN_ADD: index of the layer whose output is added */
    double epsilon;  /* NN_NORM; 0: 1e-5 */
    double momentum; /* NN_NORM: weight of the newest batch in the running
                        statistics, (0, 1]; 0: 0.1, as in PyTorch */
    enum nn_start start;
};

enum { NN_MAX_LAYERS = 64 };

struct nn_architecture {
    char name[24];
    int channels, height, width; /* of one image */
    int classes;
    double logit_scale; /* the logits are times this; 0: 1 */
    int count;
    struct nn_layer layer[NN_MAX_LAYERS];
};

/* The network called `name` for images [channels, height, width]. Returns
 * false when there is none of that name, or the images are too small for it;
 * `why` (of 160 bytes) then says so in one line. */
bool nn_architecture_find(const char *name, int channels, int height, int width,
                          int classes, struct nn_architecture *out, char *why);

/* Names of the networks, for messages: NULL past the last. */
const char *nn_architecture_name(int index);

/* One named tensor inside a block of floats. */
struct nn_parameter {
    char name[48]; /* "conv1.weight", as PyTorch's state_dict would say */
    size_t offset, count; /* in the block, in floats */
    int dims;
    int dim[4]; /* conv [out, in, kernel, kernel]; dense [out, in] */
    enum nn_role role;
    enum nn_start start;
};

#endif
