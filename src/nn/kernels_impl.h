/* All kernels for one instruction set. Each kernels_<set>.c names its table,
 * includes this file and is compiled with the flags of that set. */
#include "nn/kernels_loss.h"
#include "nn/kernels_norm.h"
#include "nn/kernels_perceptron.h"
#include "nn/kernels_pointwise.h"
#include "nn/kernels_pool.h"
#include "nn/kernels_sequence.h"
#include "nn/kernels_tables.h"

const struct nn_kernels NN_KERNELS = {
    .name = NN_KERNELS_NAME,
    .perceptron = &perceptron_kernels,
    .sequence = &sequence_kernels,
    .norm_forward = norm_forward,
    .norm_infer = norm_infer,
    .norm_backward = norm_backward,
    .max_forward = max_forward,
    .max_backward = max_backward,
    .mean_forward = mean_forward,
    .mean_backward = mean_backward,
    .activate_forward = activate_forward,
    .activate_backward = activate_backward,
    .add = add,
    .cross_entropy = cross_entropy,
};
