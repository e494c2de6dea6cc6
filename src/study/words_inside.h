/* How sentences are put together, and what there is to say. */
#ifndef TAPER_STUDY_WORDS_INSIDE_H
#define TAPER_STUDY_WORDS_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "study/words.h"

/* Who speaks, about what. */
struct study_speaker {
    const struct study_analysis *analysis;
    const struct study_table *table; /* the one being worded */
    size_t index;                    /* of the table */
    struct study_unit unit;
    struct study_words *out;
    bool failed; /* memory ran out: nothing more is said */

    FILE *line; /* the sentence being written; see study_begin */
    char *text;
    size_t size;
};

/* Begins a sentence, with the budget if the study has several. False if that
 * failed; then there is nothing to end. */
bool study_begin(struct study_speaker *s);

/* Adds to the sentence as printf would. */
__attribute__((format(printf, 2, 3))) void study_say(struct study_speaker *s,
                                                     const char *format, ...);

/* Adds the words that a sentence opens with, with a capital letter where no
 * budget stands before them. */
void study_open(struct study_speaker *s, const char *words);

/* Ends the sentence with a full stop and keeps it. */
void study_end(struct study_speaker *s, enum study_tone tone);

/* "1 seed", "10 seeds". */
void study_say_count(struct study_speaker *s, size_t n, const char *what);

/* A name or key, with what a terminal must not see escaped. */
void study_say_text(struct study_speaker *s, const char *text);

/* The names of all rows for which `has` is true: "a, b and c". */
typedef bool study_row_fn(const struct study_row *row);
void study_say_names(struct study_speaker *s, study_row_fn *has);
size_t study_count_rows(const struct study_table *table, study_row_fn *has);

/* How many decimals show two digits of `width`, the half width of an interval
 * in the shown unit; -1 if that says nothing. */
int study_decimals(double width);

/* A number with so many decimals, or with four digits if that is -1. */
void study_say_number(struct study_speaker *s, double value, int decimals);

/* A number > 0 in two digits, written out: "0.2", "250". */
void study_say_rounded(struct study_speaker *s, double value);

/* "(95 % interval 0.8 to 1.6 points", without the bracket's end. Nothing if
 * the interval is unknown; returns whether it is known. */
bool study_say_interval(struct study_speaker *s, const char *before,
                        struct study_interval shown, int decimals,
                        const char *unit);

/* "p = 0.003", "p < 0.001". */
void study_say_p(struct study_speaker *s, double p);

/* What there is to say about a table. */
void study_say_best(struct study_speaker *s);
void study_say_better(struct study_speaker *s);
void study_say_level(struct study_speaker *s);
void study_say_further(struct study_speaker *s);
void study_say_power(struct study_speaker *s);
void study_say_seeds(struct study_speaker *s);
void study_say_seedless(struct study_speaker *s);
void study_say_edges(struct study_speaker *s);
void study_say_lost(struct study_speaker *s);
void study_say_halved(struct study_speaker *s);
void study_say_waiting(struct study_speaker *s);

#endif
