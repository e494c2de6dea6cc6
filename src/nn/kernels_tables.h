/* The kernels' tables, one for each instruction set that was compiled. */
#ifndef TAPER_NN_KERNELS_TABLES_H
#define TAPER_NN_KERNELS_TABLES_H

#include "nn/kernels.h"

extern const struct nn_kernels nn_kernels_generic;
#ifdef NN_HAVE_X86_KERNELS
extern const struct nn_kernels nn_kernels_avx2;
extern const struct nn_kernels nn_kernels_avx512;
#endif

#endif
