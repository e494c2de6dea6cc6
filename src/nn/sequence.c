/* Sizes that callers of the encoder's kernels need to know. */
#include "nn/sequence.h"

#include "nn/kernels_sequence_keep.h"

size_t nn_keep_stride(size_t width)
{
    return (width + 7) / 8;
}

float nn_keep_scale(double rate)
{
    return (float)(65536.0 / (65536.0 - (double)keep_threshold(rate)));
}

/* Two sums, each in double with a part in f32. */
size_t nn_sum_scratch(size_t width)
{
    return 3 * width;
}

size_t nn_heads_scratch(size_t length, size_t head)
{
    const size_t most = 16; /* lanes of a vector */
    return (length + most - 1) / most * most *
           ((head + most - 1) / most * most);
}
