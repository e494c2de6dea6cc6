/* Reads the golden files of tests/data/task: lines of a word and its numbers,
 * in a fixed order. */
#ifndef TAPER_TESTS_GOLDEN_FILE_H
#define TAPER_TESTS_GOLDEN_FILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* Opens tests/data/NAME; both comment lines and the counts of cases read. */
FILE *golden_open(const char *name, double *counts, size_t n);

/* Reads one line. The word must be `word` and is followed by n numbers. */
void golden_doubles(FILE *f, const char *word, double *out, size_t n);
void golden_floats(FILE *f, const char *word, float *out, size_t n);
void golden_whole(FILE *f, const char *word, int32_t *out, size_t n);

/* Skips lines up to the next that begins with `word`, which is read. */
void golden_find(FILE *f, const char *word, double *out, size_t n);

void assert_close(double got, double want, double tolerance);

/* Each value within `tolerance` times the largest of the expected ones. */
void assert_near(const char *what, const float *got, const double *want,
                 size_t n, double tolerance);

#endif
