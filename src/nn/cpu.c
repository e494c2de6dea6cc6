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

bool nn_has_amx_bf16(void)
{
#if defined(__x86_64__)
    enum { TILES = 3 << 17 }; /* the two states of AMX in XCR0 */
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c >> 27 & 1U) == 0) return false;
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & TILES) != TILES) return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d >> 22 & 1U) != 0;
#else
    return false;
#endif
}
