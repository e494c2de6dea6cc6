/* A policy over a few actions: see categorical.h. The networks before it cost
 * hundreds of times as much, so all of it is in double. */
#include "task/categorical.h"

#include <math.h>

struct task_categorical task_categorical_of(const float *logits, size_t actions)
{
    struct task_categorical c = {.actions = actions};
    double largest = (double)logits[0], sum = 0;
    for (size_t a = 1; a < actions; a++)
        largest = fmax(largest, (double)logits[a]);
    for (size_t a = 0; a < actions; a++)
        sum += exp((double)logits[a] - largest);
    const double normaliser = largest + log(sum);
    for (size_t a = 0; a < actions; a++) {
        c.log_p[a] = (double)logits[a] - normaliser;
        c.p[a] = exp(c.log_p[a]);
        /* Also where p is 0 in double: its logarithm is finite. */
        c.entropy -= c.p[a] * c.log_p[a];
    }
    return c;
}

int32_t task_categorical_choose(const struct task_categorical *c,
                                double uniform)
{
    size_t a = 0;
    for (double sum = 0; a + 1 < c->actions; a++) {
        sum += c->p[a];
        if (uniform < sum) break;
    }
    return (int32_t)a;
}

int32_t task_categorical_best(const float *logits, size_t actions)
{
    size_t best = 0;
    for (size_t a = 1; a < actions; a++)
        if (logits[a] > logits[best]) best = a;
    return (int32_t)best;
}

/* d ln(p[chosen]) / d logit[a] = [a is chosen] - p[a], and
 * d entropy / d logit[a] = -p[a] * (ln(p[a]) + entropy). */
void task_categorical_gradient(const struct task_categorical *c, int32_t chosen,
                               double slope, double weight, double share,
                               float *out)
{
    for (size_t a = 0; a < c->actions; a++) {
        const double along = (a == (size_t)chosen ? 1.0 : 0.0) - c->p[a];
        const double spread = c->p[a] * (c->log_p[a] + c->entropy);
        out[a] = (float)(share * (slope * along + weight * spread));
    }
}
