/* The two functions of Lookahead; its state is one block that the caller owns
 * and saves. */
#include "optim/lookahead.h"

#include <math.h>

double optim_lookahead_decay(int64_t done, int64_t steps, int64_t every)
{
    if (steps <= 0 || done <= 0) return 0.0;
    const double u = done < steps ? (double)done / (double)steps : 1.0;
    return pow(0.95, (double)every) * u * u * u;
}

void optim_lookahead(float *slow, float *fast, double decay, size_t begin,
                     size_t end)
{
    const float follow = (float)(1.0 - decay);
    for (size_t i = begin; i < end; i++) {
        /* Exact at both ends: a decay of 1 keeps the slow weights' bits. */
        const float moved = slow[i] + follow * (fast[i] - slow[i]);
        slow[i] = follow < 1.0F ? moved : fast[i];
        fast[i] = slow[i];
    }
}
