/* Which kernels this CPU runs, and bf16 one value at a time. */
#include "nn/kernels.h"

#include <string.h>

#include "nn/kernels_tables.h"

/* The features asked for are those that the files were compiled with; the
 * built-in also checks that the system saves the wider registers. */
const struct nn_kernels *nn_kernels_at(size_t index)
{
    const struct nn_kernels *found[3];
    size_t count = 0;
#ifdef NN_HAVE_X86_KERNELS
    __builtin_cpu_init();
    const int avx2 =
        __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (avx2 && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        found[count++] = &nn_kernels_avx512;
    if (avx2) found[count++] = &nn_kernels_avx2;
#endif
    found[count++] = &nn_kernels_generic;
    return index < count ? found[index] : NULL;
}

const struct nn_kernels *nn_kernels_best(void)
{
    return nn_kernels_at(0);
}

float nn_from_bf16(uint16_t x)
{
    const uint32_t bits = (uint32_t)x << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The same rounding as to_bf16 in kernels_vector.h. */
uint16_t nn_to_bf16(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if (x != x) return (uint16_t)((bits >> 16) | 0x40u);
    return (uint16_t)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

void nn_round_to_bf16(size_t n, const float *from, float *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = nn_from_bf16(nn_to_bf16(from[i]));
}
