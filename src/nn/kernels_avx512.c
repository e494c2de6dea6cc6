/* AVX-512 (F, BW, DQ, VL), sixteen lanes at a time. */
#define NN_KERNELS nn_kernels_avx512
#define NN_KERNELS_NAME "avx512"
#include "nn/kernels_impl.h"
