/* What this CPU can do, where oneDNN itself would fall back to emulation. */
#include "nn/engine.h"
#if defined(__x86_64__)
#include <cpuid.h>
#endif

bool nn_has_bf16(void)
{
#if defined(__x86_64__)
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid_count(7, 1, &a, &b, &c, &d)) return false;
    return (a >> 5 & 1U) != 0 && __builtin_cpu_supports("avx512f");
#else
    return false;
#endif
}
