/* The arithmetic of REINFORCE's loss: see reinforce.h. */
#include "task/reinforce.h"

#include "task/categorical.h"

#include <math.h>

void task_reinforce_returns(const float *rewards, size_t n, double gamma,
                            double after, float *returns)
{
    double g = after;
    for (size_t t = n; t-- > 0;) {
        g = (double)rewards[t] + gamma * g;
        returns[t] = (float)g;
    }
}

/* By how much sample i did better than the baseline. */
static double surplus(const struct task_reinforce_batch *b, size_t i)
{
    return (double)b->returns[i] - (b->values ? (double)b->values[i] : b->mean);
}

static double scale_of(const struct task_reinforce_batch *b)
{
    double squares = 0;
    for (size_t i = 0; i < b->n; i++)
        squares += surplus(b, i) * surplus(b, i);
    return 1.0 / (sqrt(squares / (double)b->n) + 1e-8);
}

void task_reinforce_gradient(const struct task_reinforce_options *options,
                             const struct task_reinforce_batch *batch,
                             float *logit_gradients, float *value_gradients,
                             struct task_reinforce_loss *out)
{
    const double share = 1.0 / (double)batch->n, scale = scale_of(batch);
    double policy = 0, value = 0, entropy = 0;
    for (size_t i = 0; i < batch->n; i++) {
        const size_t at = i * batch->actions;
        const struct task_categorical c =
            task_categorical_of(batch->logits + at, batch->actions);
        const int32_t chosen = batch->chosen[i];
        const double advantage = scale * surplus(batch, i);
        task_categorical_gradient(&c, chosen, -advantage, options->entropy,
                                  share, logit_gradients + at);
        policy -= advantage * c.log_p[chosen];
        entropy += c.entropy;
        if (!batch->values) continue;
        const double miss = -surplus(batch, i);
        value_gradients[i] = (float)(share * options->value_weight * 2 * miss);
        value += miss * miss;
    }
    *out = (struct task_reinforce_loss){.policy = policy * share,
                                        .value = value * share,
                                        .entropy = entropy * share};
    out->loss = out->policy + options->value_weight * out->value -
                options->entropy * out->entropy;
}
