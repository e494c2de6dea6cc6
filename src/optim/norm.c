/* norm.c: the global norm of the gradients and clipping by it.
 *
 * The order of the summation is fixed by the data alone, never by the number
 * of threads: chunks of a fixed size, and then the chunks in order. */
#include "optim/optim.h"

#include <math.h>

enum { LANES = 8 };

/* Sum of squares in eight interleaved double sums, which breaks the chain of
 * dependent additions and lets the compiler use vectors; the order is part of
 * the result and is the same on every machine. */
static double sum_of_squares(const float *restrict x, size_t n)
{
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += (double)x[i + k] * (double)x[i + k];
    for (; i < n; i++)
        lane[i % LANES] += (double)x[i] * (double)x[i];

    double sum = 0.0;
    for (size_t k = 0; k < LANES; k++)
        sum += lane[k];
    return sum;
}

/* The sum of chunk c of n values. */
static double chunk_sum(const float *values, size_t n, size_t c)
{
    const size_t begin = c * OPTIM_NORM_CHUNK;
    const size_t left = n - begin;
    return sum_of_squares(values + begin,
                          left < OPTIM_NORM_CHUNK ? left : OPTIM_NORM_CHUNK);
}

size_t optim_norm_chunks(size_t n)
{
    return n / OPTIM_NORM_CHUNK + (n % OPTIM_NORM_CHUNK != 0);
}

void optim_norm_sums(const float *values, size_t n, size_t first, size_t last,
                     double *sums)
{
    for (size_t c = first; c < last; c++)
        sums[c] = chunk_sum(values, n, c);
}

double optim_norm_finish(const double *sums, size_t chunks)
{
    double sum = 0.0;
    for (size_t c = 0; c < chunks; c++)
        sum += sums[c];
    return sqrt(sum);
}

double optim_norm(const float *values, size_t n)
{
    double sum = 0.0;
    for (size_t c = 0; c < optim_norm_chunks(n); c++)
        sum += chunk_sum(values, n, c);
    return sqrt(sum);
}

double optim_clip_factor(double norm, double max_norm)
{
    const double factor = max_norm / (norm + 1e-6);
    /* This way round a NaN is handed on instead of becoming 1. */
    return factor >= 1.0 ? 1.0 : factor;
}

double optim_clip(float *gradients, size_t n, double max_norm)
{
    const double norm = optim_norm(gradients, n);
    const float factor = (float)optim_clip_factor(norm, max_norm);
    if (factor == 1.0f) return norm;
    for (size_t i = 0; i < n; i++)
        gradients[i] *= factor;
    return norm;
}
