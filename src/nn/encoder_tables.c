/* What a description of an encoder has to say, and what follows from it. */
#include "nn/encoder_tables.h"
#include <stdio.h>
#include <string.h>

enum { LINE_FLOATS = 16 };

size_t nn_encoder_lengths(int longest, int out[NN_ENCODER_LENGTHS])
{
    size_t count = 0;
    int at = 0;
    while (at < longest && count < NN_ENCODER_LENGTHS) {
        at += at < 64 ? 8 : at < 128 ? 16 : 32;
        out[count++] = at;
    }
    return count;
}

/* A number of the description and the range that it has to be in. Products of
 * two of them fit into an int with the largest allowed here. */
struct bound {
    const char *name;
    int value, least, most;
};

static enum nn_status check(const struct nn_encoder *e, struct nn_error *err)
{
    enum { MILLION = 1000000, WIDE = 16384 };
    const struct bound bounds[] = {
        {"tokens in its vocabulary", e->vocabulary, 1, 10 * MILLION},
        {"tokens in a text", e->length, 1, NN_ENCODER_LONGEST},
        {"values in a token's vector (dim)", e->dim, 1, WIDE},
        {"layers", e->layers, 1, NN_ENCODER_LAYERS},
        {"heads", e->heads, 1, WIDE},
        {"values inside a feed-forward (feed)", e->feed, 1, 4 * WIDE},
        {"classes", e->classes, 2, MILLION}};
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        const struct bound *b = &bounds[i];
        if (b->value < b->least || b->value > b->most)
            return nn_fail(err, NN_E_ARGUMENT,
                           "an encoder cannot have %d %s: it takes %d to %d",
                           b->value, b->name, b->least, b->most);
    }
    if (e->dim % e->heads != 0)
        return nn_fail(err, NN_E_ARGUMENT,
                       "an encoder of dim %d cannot have %d heads: they have "
                       "to divide dim",
                       e->dim, e->heads);
    if (e->pooling != NN_POOL_MEAN && e->pooling != NN_POOL_FIRST)
        return nn_fail(err, NN_E_ARGUMENT,
                       "an encoder pools by mean or takes the first token");
    if (!(e->dropout >= 0.0 && e->dropout < 1.0))
        return nn_fail(err, NN_E_ARGUMENT,
                       "an encoder cannot drop a share of %g: it takes 0 up to "
                       "less than 1",
                       e->dropout);
    return NN_OK;
}

/* Returns the place of the new parameter. `columns` 0: a vector. */
static size_t append(struct nn_encoder_tables *t, const char *prefix,
                     const char *name, int rows, int columns, enum nn_role role,
                     enum nn_start start)
{
    struct nn_parameter *p = &t->parameter[t->parameters++];
    snprintf(p->name, sizeof p->name, "%.20s%.27s", prefix, name);
    p->offset = t->size;
    p->dims = columns ? 2 : 1;
    p->dim[0] = rows;
    p->dim[1] = columns;
    p->count = (size_t)rows * (size_t)(columns ? columns : 1);
    p->role = role;
    p->start = start;
    t->size += (p->count + LINE_FLOATS - 1) / LINE_FLOATS * LINE_FLOATS;
    return p->offset;
}

static void append_layer(struct nn_encoder_tables *t, int layer)
{
    const int d = t->encoder.dim, f = t->encoder.feed;
    const struct {
        const char *name;
        int rows, columns;
        enum nn_role role;
        enum nn_start start;
    } row[NN_ENCODER_PARTS] = {
        [NN_IN_WEIGHT] = {"self_attn.in_proj_weight", 3 * d, d, NN_ROLE_WEIGHT,
                          NN_START_GLOROT},
        [NN_IN_BIAS] = {"self_attn.in_proj_bias", 3 * d, 0, NN_ROLE_BIAS,
                        NN_START_ZERO},
        [NN_OUT_WEIGHT] = {"self_attn.out_proj.weight", d, d, NN_ROLE_WEIGHT,
                           NN_START_UNIFORM},
        [NN_OUT_BIAS] = {"self_attn.out_proj.bias", d, 0, NN_ROLE_BIAS,
                         NN_START_ZERO},
        [NN_LINEAR1_WEIGHT] = {"linear1.weight", f, d, NN_ROLE_WEIGHT,
                               NN_START_UNIFORM},
        [NN_LINEAR1_BIAS] = {"linear1.bias", f, 0, NN_ROLE_BIAS, NN_START_ZERO},
        [NN_LINEAR2_WEIGHT] = {"linear2.weight", d, f, NN_ROLE_WEIGHT,
                               NN_START_UNIFORM},
        [NN_LINEAR2_BIAS] = {"linear2.bias", d, 0, NN_ROLE_BIAS, NN_START_ZERO},
        [NN_NORM1_SCALE] = {"norm1.weight", d, 0, NN_ROLE_SCALE, NN_START_ONE},
        [NN_NORM1_SHIFT] = {"norm1.bias", d, 0, NN_ROLE_SHIFT, NN_START_ZERO},
        [NN_NORM2_SCALE] = {"norm2.weight", d, 0, NN_ROLE_SCALE, NN_START_ONE},
        [NN_NORM2_SHIFT] = {"norm2.bias", d, 0, NN_ROLE_SHIFT, NN_START_ZERO}};
    char prefix[32];
    snprintf(prefix, sizeof prefix, "encoder.layers.%d.", layer);
    for (int i = 0; i < NN_ENCODER_PARTS; i++)
        t->part[layer][i] = append(t, prefix, row[i].name, row[i].rows,
                                   row[i].columns, row[i].role, row[i].start);
}

enum nn_status nn_encoder_tables_fill(const struct nn_encoder *encoder,
                                      struct nn_encoder_tables *t,
                                      struct nn_error *err)
{
    const enum nn_status status = check(encoder, err);
    if (status) return status;
    memset(t, 0, sizeof *t);
    t->encoder = *encoder;
    t->lengths = nn_encoder_lengths(encoder->length, t->length);
    t->longest = (size_t)t->length[t->lengths - 1];
    const int d = encoder->dim;
    t->end[NN_TOKEN] = append(t, "token", ".weight", encoder->vocabulary, d,
                              NN_ROLE_EMBEDDING, NN_START_NORMAL);
    t->end[NN_POSITION] = append(t, "position", ".weight", (int)t->longest, d,
                                 NN_ROLE_EMBEDDING, NN_START_NORMAL);
    for (int i = 0; i < encoder->layers; i++)
        append_layer(t, i);
    t->end[NN_NORM_SCALE] =
        append(t, "encoder.norm", ".weight", d, 0, NN_ROLE_SCALE, NN_START_ONE);
    t->end[NN_NORM_SHIFT] =
        append(t, "encoder.norm", ".bias", d, 0, NN_ROLE_SHIFT, NN_START_ZERO);
    t->end[NN_HEAD_WEIGHT] = append(t, "head", ".weight", encoder->classes, d,
                                    NN_ROLE_WEIGHT, NN_START_UNIFORM);
    t->end[NN_HEAD_BIAS] = append(t, "head", ".bias", encoder->classes, 0,
                                  NN_ROLE_BIAS, NN_START_ZERO);
    return NN_OK;
}
