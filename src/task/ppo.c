/* The arithmetic of PPO's loss: see ppo.h. */
#include "task/ppo.h"

#include "task/categorical.h"

#include <math.h>

struct task_standard task_standard_of(const float *values, size_t n)
{
    if (n < 2) return (struct task_standard){.mean = 0, .scale = 1};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)values[i];
    const double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
        const double d = (double)values[i] - mean;
        squares += d * d;
    }
    const double deviation = sqrt(squares / (double)(n - 1));
    return (struct task_standard){.mean = mean,
                                  .scale = 1.0 / (deviation + 1e-8)};
}

/* Adds one sample to the sums. Returns the slope of its loss along ln(pi) of
 * the chosen action: 0 where the bound holds the ratio back. */
static double add_policy(double clip_range, double advantage, double log_ratio,
                         struct task_ppo_loss *sums)
{
    const double ratio = exp(log_ratio);
    const double least = 1.0 - clip_range, most = 1.0 + clip_range;
    const double bounded = ratio < least ? least : ratio > most ? most : ratio;
    const double plain = ratio * advantage, held = bounded * advantage;
    sums->kl += ratio - 1.0 - log_ratio;
    if (ratio < least || ratio > most) sums->clipped += 1;
    if (held < plain) {
        sums->policy -= held;
        return 0;
    }
    /* NaN comes this way too, and reaches the loss. */
    sums->policy -= plain;
    return -plain;
}

static void divide(struct task_ppo_loss *sums, double share,
                   const struct task_ppo_options *o)
{
    sums->policy *= share;
    sums->value *= share;
    sums->entropy *= share;
    sums->kl *= share;
    sums->clipped *= share;
    sums->loss = sums->policy + o->value_weight * sums->value -
                 o->entropy * sums->entropy;
}

void task_ppo_gradient(const struct task_ppo_options *options,
                       const struct task_ppo_batch *batch,
                       float *logit_gradients, float *value_gradients,
                       struct task_ppo_loss *out)
{
    const double share = 1.0 / (double)batch->n;
    const struct task_standard s =
        options->normalise ? task_standard_of(batch->advantages, batch->n)
                           : (struct task_standard){.mean = 0, .scale = 1};
    *out = (struct task_ppo_loss){0};
    for (size_t i = 0; i < batch->n; i++) {
        const size_t at = i * batch->actions;
        const struct task_categorical c =
            task_categorical_of(batch->logits + at, batch->actions);
        const double advantage =
            ((double)batch->advantages[i] - s.mean) * s.scale;
        const double log_ratio =
            c.log_p[batch->chosen[i]] - (double)batch->log_probabilities[i];
        const double slope =
            add_policy(options->clip_range, advantage, log_ratio, out);
        task_categorical_gradient(&c, batch->chosen[i], slope, options->entropy,
                                  share, logit_gradients + at);
        const double miss =
            (double)batch->values[i] - (double)batch->targets[i];
        value_gradients[i] = (float)(share * options->value_weight * 2 * miss);
        out->value += miss * miss;
        out->entropy += c.entropy;
    }
    divide(out, share, options);
}
