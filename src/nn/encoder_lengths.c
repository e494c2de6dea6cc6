/* The few lengths that rows are padded to. */
#include "nn/encoder.h"

size_t nn_encoder_lengths(int longest, int out[NN_ENCODER_LENGTHS])
{
    size_t count = 0;
    int at = 0;
    while (at < longest && count < NN_ENCODER_LENGTHS) {
        at += at < 64 ? 8 : at < 128 ? 16 : 32;
        out[count++] = at;
    }
    return count;
}
