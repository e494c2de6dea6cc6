/* What an evaluation of a classifier counts: accuracy, cross-entropy, F1. */
#ifndef TAPER_TASK_SCORES_H
#define TAPER_TASK_SCORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct task_scores {
    size_t classes, count, hits;
    double loss;       /* sum over the samples */
    size_t *of_class;  /* [classes] samples with that label */
    size_t *predicted; /* [classes] samples given that label */
    size_t *correct;   /* [classes] samples in both */
};

/* False without memory. */
bool task_scores_create(struct task_scores *s, size_t classes);
void task_scores_free(struct task_scores *s); /* zeroed is legal */

void task_scores_reset(struct task_scores *s);

/* Counts a sample by its logits [classes], of which the first of the largest
 * is the prediction. */
void task_scores_add(struct task_scores *s, const double *logits,
                     int32_t label);

/* Of the samples so far; NaN without any. */
double task_scores_accuracy(const struct task_scores *s);
double task_scores_loss(const struct task_scores *s);

/* The unweighted mean over the classes of F1 = 2 correct / (of class +
 * predicted), as scikit-learn's f1_score(average="macro") has it: a class
 * that is never met nor predicted is left out, one that is never right counts
 * 0. */
double task_scores_macro_f1(const struct task_scores *s);

#endif
