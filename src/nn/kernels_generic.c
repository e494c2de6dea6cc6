/* The baseline of the target, four lanes at a time. */
#define NN_KERNELS nn_kernels_generic
#define NN_KERNELS_NAME "generic"
#include "nn/kernels_impl.h"
