/* The table of the encoder's kernels for one instruction set. */
#ifndef TAPER_NN_KERNELS_SEQUENCE_H
#define TAPER_NN_KERNELS_SEQUENCE_H

#include "nn/kernels_sequence_dropout.h"
#include "nn/kernels_sequence_heads.h"
#include "nn/kernels_sequence_norm.h"
#include "nn/kernels_sequence_pointwise.h"
#include "nn/kernels_sequence_rows.h"
#include "nn/kernels_sequence_softmax.h"

static const struct nn_sequence_kernels sequence_kernels = {
    .dropout_mask = dropout_mask,
    .embed_forward = embed_forward,
    .embed_backward = embed_backward,
    .layer_norm_forward = layer_norm_forward,
    .layer_norm_backward = layer_norm_backward,
    .heads_product = heads_product,
    .softmax_forward = softmax_forward,
    .softmax_backward = softmax_backward,
    .gelu_forward = gelu_forward,
    .gelu_backward = gelu_backward,
    .residual_forward = residual_forward,
    .residual_backward = residual_backward,
    .bias_forward = bias_forward,
    .bias_backward = bias_backward,
    .pool_mean_forward = pool_mean_forward,
    .pool_first_forward = pool_first_forward,
    .pool_mean_backward = pool_mean_backward,
    .pool_first_backward = pool_first_backward,
};

#endif
