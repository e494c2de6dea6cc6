/* AVX2 with FMA, eight lanes at a time. */
#define NN_KERNELS nn_kernels_avx2
#define NN_KERNELS_NAME "avx2"
#include "nn/kernels_impl.h"
