/* The text network: a Transformer encoder with a classifier behind it.
 *
 *     x = drop(token[id] + position[place])
 *     for each layer, in the pre-norm order (Xiong 2020, arXiv 2002.04745):
 *         x += drop(attention(norm1(x)))
 *         x += drop(linear2(drop(gelu(linear1(norm2(x))))))
 *     logits = head(pool(norm(x)))
 *
 * Attention has `heads` heads of dim / heads values each, scaled by the root of
 * that, and dropout on its probabilities. It is PyTorch's
 *     nn.TransformerEncoder(nn.TransformerEncoderLayer(dim, heads, feed,
 *         dropout, activation="gelu", norm_first=True, batch_first=True),
 *         layers, norm=nn.LayerNorm(dim))
 * with a key padding mask, between two nn.Embedding and an nn.Linear; the
 * parameters have the names and shapes of that state_dict: token.weight,
 * position.weight, encoder.layers.0.self_attn.in_proj_weight, ...,
 * encoder.norm.weight, head.weight, head.bias. */
#ifndef TAPER_NN_ENCODER_H
#define TAPER_NN_ENCODER_H

#include "nn/engine.h"

enum nn_pooling {
    NN_POOL_MEAN, /* over a row's own tokens */
    NN_POOL_FIRST /* the first token */
};

enum {
    NN_ENCODER_LONGEST = 4096, /* tokens in a row at most */
    NN_ENCODER_LAYERS = 32,    /* layers at most */
    NN_ENCODER_LENGTHS = 136   /* legal row lengths up to NN_ENCODER_LONGEST */
};

struct nn_encoder {
    int vocabulary; /* tokens there are, >= 1 */
    int length;     /* tokens in the longest row, 1 to NN_ENCODER_LONGEST */
    int dim;        /* values in a token's vector, a multiple of `heads` */
    int layers;     /* 1 to NN_ENCODER_LAYERS */
    int heads;
    int feed;    /* values between the two products of a feed-forward */
    int classes; /* >= 2 */
    enum nn_pooling pooling;
    double dropout; /* share of values set to zero in a step, [0, 1) */
};

/* The lengths that rows may be padded to: multiples of 8 up to 64, of 16 up to
 * 128, of 32 beyond, the last of them the first that holds `longest` (1 to
 * NN_ENCODER_LONGEST) tokens. Ascending; returns how many. The products'
 * shapes are prepared once for each, so there are few; yet padding is at most
 * seven places of a row up to 64, and less than a fifth of any beyond 32. */
size_t nn_encoder_lengths(int longest, int out[NN_ENCODER_LENGTHS]);

/* An engine (see nn/engine.h) for texts; options.direct and .channels_last
 * mean nothing to it. position.weight has a row for each place up to the last
 * of nn_encoder_lengths(). *out is NULL on failure. */
enum nn_status nn_encoder_create(const struct nn_encoder *encoder,
                                 const struct nn_options *options,
                                 struct nn_engine **out, struct nn_error *err);

#endif
