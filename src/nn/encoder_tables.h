/* The parameters of an encoder: names, shapes, places in the block. */
#ifndef TAPER_NN_ENCODER_TABLES_H
#define TAPER_NN_ENCODER_TABLES_H

#include "nn/encoder.h"

/* The parameters of one layer, in the order of PyTorch's state_dict. */
enum nn_encoder_part {
    NN_IN_WEIGHT, /* [3 dim, dim]: queries, keys, values */
    NN_IN_BIAS,
    NN_OUT_WEIGHT, /* [dim, dim] */
    NN_OUT_BIAS,
    NN_LINEAR1_WEIGHT, /* [feed, dim] */
    NN_LINEAR1_BIAS,
    NN_LINEAR2_WEIGHT, /* [dim, feed] */
    NN_LINEAR2_BIAS,
    NN_NORM1_SCALE, /* [dim] */
    NN_NORM1_SHIFT,
    NN_NORM2_SCALE,
    NN_NORM2_SHIFT,
    NN_ENCODER_PARTS
};

/* What is there once. */
enum nn_encoder_end {
    NN_TOKEN,    /* [vocabulary, dim] */
    NN_POSITION, /* [longest, dim] */
    NN_NORM_SCALE,
    NN_NORM_SHIFT,
    NN_HEAD_WEIGHT, /* [classes, dim] */
    NN_HEAD_BIAS,
    NN_ENCODER_ENDS
};

/* What an encoder's replicas read of it: nn_network.description. */
struct nn_encoder_tables {
    struct nn_encoder encoder;
    int length[NN_ENCODER_LENGTHS]; /* legal ones */
    size_t lengths, longest;        /* how many, and the last */
    /* Places in the block, in floats, each a multiple of 16: a cache line. */
    size_t part[NN_ENCODER_LAYERS][NN_ENCODER_PARTS];
    size_t end[NN_ENCODER_ENDS];
    struct nn_parameter
        parameter[NN_ENCODER_LAYERS * NN_ENCODER_PARTS + NN_ENCODER_ENDS];
    size_t parameters, size; /* rows, floats */
};

/* Checks the encoder and fills the tables. */
enum nn_status nn_encoder_tables_fill(const struct nn_encoder *encoder,
                                      struct nn_encoder_tables *t,
                                      struct nn_error *err);

#endif
