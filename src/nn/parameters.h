/* From an architecture to the tables that name its parameters and buffers. */
#ifndef TAPER_NN_PARAMETERS_H
#define TAPER_NN_PARAMETERS_H

#include "nn/architecture.h"
#include "nn/status.h"

/* The shape of one image's activations behind a layer. */
struct nn_shape {
    int channels, height, width;
};

struct nn_tables {
    struct nn_shape shape[NN_MAX_LAYERS]; /* behind each layer */
    /* Rows of the tables that belong to a layer; -1: none. A normalisation
     * has its mean at `buffer` and its variance right behind. */
    int weight[NN_MAX_LAYERS]; /* filters, matrix or scale */
    int bias[NN_MAX_LAYERS];   /* bias or shift */
    int buffer[NN_MAX_LAYERS];
    struct nn_parameter parameter[2 * NN_MAX_LAYERS];
    size_t parameters, size; /* rows, floats */
    struct nn_parameter buffers[2 * NN_MAX_LAYERS];
    size_t buffer_count, buffer_size;
};

/* The shape in front of layer `i`. */
struct nn_shape nn_shape_before(const struct nn_architecture *a,
                                const struct nn_tables *t, int i);

/* Checks the architecture and fills the tables. Offsets are multiples of 16
 * floats, one cache line. */
enum nn_status nn_tables_fill(const struct nn_architecture *a,
                              struct nn_tables *t, struct nn_error *err);

#endif
