/* Counting predictions: see scores.h. */
#include "task/scores.h"

#include <math.h>
#include <stdlib.h>

bool task_scores_create(struct task_scores *s, size_t classes)
{
    *s = (struct task_scores){.classes = classes};
    s->of_class = calloc(3 * classes + 1, sizeof *s->of_class);
    if (!s->of_class) return false;
    s->predicted = s->of_class + classes;
    s->correct = s->predicted + classes;
    return true;
}

void task_scores_free(struct task_scores *s)
{
    free(s->of_class);
    *s = (struct task_scores){0};
}

void task_scores_reset(struct task_scores *s)
{
    s->count = s->hits = 0;
    s->loss = 0;
    for (size_t c = 0; c < 3 * s->classes; c++)
        s->of_class[c] = 0;
}

void task_scores_add(struct task_scores *s, const double *logits, int32_t label)
{
    const size_t wanted = (size_t)label;
    size_t best = 0;
    for (size_t c = 1; c < s->classes; c++)
        if (logits[c] > logits[best]) best = c;
    double sum = 0;
    for (size_t c = 0; c < s->classes; c++)
        sum += exp(logits[c] - logits[best]);
    s->loss += log(sum) + logits[best] - logits[wanted];
    s->count++;
    s->of_class[wanted]++;
    s->predicted[best]++;
    if (best != wanted) return;
    s->hits++;
    s->correct[best]++;
}

double task_scores_accuracy(const struct task_scores *s)
{
    return s->count ? (double)s->hits / (double)s->count : NAN;
}

double task_scores_loss(const struct task_scores *s)
{
    return s->count ? s->loss / (double)s->count : NAN;
}

double task_scores_macro_f1(const struct task_scores *s)
{
    double sum = 0;
    size_t met = 0;
    for (size_t c = 0; c < s->classes; c++) {
        const size_t both = s->of_class[c] + s->predicted[c];
        if (both == 0) continue;
        sum += 2 * (double)s->correct[c] / (double)both;
        met++;
    }
    return met ? sum / (double)met : NAN;
}
