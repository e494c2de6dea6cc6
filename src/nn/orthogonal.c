/* Orthogonal matrices, in place: the modified process of Gram and Schmidt with
 * sums in double. */
#include "nn/initialise.h"
#include <math.h>

/* A vector in a matrix: `length` values that lie `stride` apart. */
struct line {
    float *values;
    size_t length, stride;
};

static double inner_product(struct line a, struct line b)
{
    double sum = 0.0;
    for (size_t i = 0; i < a.length; i++)
        sum += (double)a.values[i * a.stride] * (double)b.values[i * b.stride];
    return sum;
}

/* a = scale (a - share b) */
static void combine(struct line a, double scale, double share, struct line b)
{
    for (size_t i = 0; i < a.length; i++) {
        float *v = &a.values[i * a.stride];
        const double d = (double)b.values[i * b.stride];
        *v = (float)(scale * ((double)*v - share * d));
    }
}

static struct line line_of(float *w, size_t out, size_t in, size_t index)
{
    if (out > in) return (struct line){w + index, out, in};
    return (struct line){w + index * in, in, 1};
}

/* Every vector loses its part along the ones before it, twice: the first pass
 * leaves what rounding lost by cancellation, the second nothing that shows
 * (Giraud, Langou, Rozloznik, "The loss of orthogonality in the Gram-Schmidt
 * orthogonalization process", 2005). */
void nn_orthogonalise(float *w, size_t out, size_t in)
{
    const size_t count = out < in ? out : in;
    for (size_t i = 0; i < count; i++) {
        const struct line a = line_of(w, out, in, i);
        for (int pass = 0; pass < 2; pass++) {
            for (size_t j = 0; j < i; j++) {
                const struct line b = line_of(w, out, in, j);
                combine(a, 1.0, inner_product(a, b), b);
            }
            combine(a, 1.0 / sqrt(inner_product(a, a)), 0.0, a);
        }
    }
}
