/* The control word of SSE; other CPUs are left as they are. */
#include "nn/denormals.h"

#if defined(__SSE__)
#include <xmmintrin.h>

enum { FLUSH_RESULTS = 0x8000, FLUSH_OPERANDS = 0x40 };

unsigned nn_denormals_flush(void)
{
    const unsigned mode = _mm_getcsr();
    _mm_setcsr(mode | FLUSH_RESULTS | FLUSH_OPERANDS);
    return mode;
}

void nn_denormals_restore(unsigned mode)
{
    _mm_setcsr(mode);
}

#else

unsigned nn_denormals_flush(void)
{
    return 0;
}

void nn_denormals_restore(unsigned mode)
{
    (void)mode;
}

#endif
