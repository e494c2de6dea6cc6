/* What a study shows, in sentences that somebody in a hurry can trust: who is
 * best and how surely, what cannot be told apart and how many seeds would do
 * it, and what to be careful about. compare, report and the Markdown of a pull
 * request print the same ones. */
#ifndef TAPER_STUDY_WORDS_H
#define TAPER_STUDY_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "study/analysis.h"

/* How numbers of a kind are worded. A share of 1 reads in percent, its
 * differences in points of a percent; anything else in its own unit. */
struct study_unit {
    double scale;           /* shown = value * scale: 100 or 1 */
    const char *value;      /* after a value: " %" or "" */
    const char *difference; /* after a difference: " points" or "" */
};

/* The unit of values whose greatest magnitude is `largest`: shares are what has
 * a key with "accuracy" or "f1" and does not exceed 1. A training may print
 * percents under the same key. */
struct study_unit study_unit(const char *key, double largest);

/* The unit of the metric of a study. */
struct study_unit study_metric_unit(const struct study_analysis *a);

/* A key in words: "test accuracy" for "test_accuracy", at most `size` bytes
 * with the NUL, size >= 1. Returns `out`. */
const char *study_key_words(const char *key, char *out, size_t size);

/* What a sentence is for, so that a report may set it apart. */
enum study_tone {
    STUDY_FINDING, /* an answer: who is best, what is told apart */
    STUDY_PLAN,    /* how many seeds a clearer answer would take */
    STUDY_CAUTION /* what weakens an answer: an edge, a divergence, few seeds */
};

struct study_sentence {
    enum study_tone tone;
    size_t table; /* the table of the analysis that it is about */
    char *text;   /* one line of UTF-8 that ends in a full stop; owned */
};

struct study_words {
    struct study_sentence *sentences; /* [count], by table: findings, plans,
                                         cautions */
    size_t count;
};

/* Writes the sentences of every table. Where there are several budgets each
 * sentence names its own ("At 20 epochs, ..."). Names are made safe to print:
 * control bytes appear as escapes. On failure, which is STUDY_E_MEMORY, *out
 * is empty and *err (may be NULL) is filled in. */
enum study_status study_words(const struct study_analysis *a,
                              struct study_words *out, struct study_error *err);

void study_words_free(struct study_words *w);

#endif
