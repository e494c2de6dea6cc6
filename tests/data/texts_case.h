/* Sets of texts made by hand, for tests of what reads them. */
#ifndef TAPER_TESTS_TEXTS_CASE_H
#define TAPER_TESTS_TEXTS_CASE_H

#include "data/texts.h"
#include "data/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const enum data_tokenizer_kind both_kinds[] = {DATA_TOKENIZER_BPE,
                                                      DATA_TOKENIZER_WORDS};

/* The labels are 0 and 1 in turn. Free with texts_free(). */
static inline struct data_texts texts_of(const char *const *lines, size_t n)
{
    struct data_texts texts = {.count = n, .classes = 2};
    size_t size = 0;
    for (size_t i = 0; i < n; i++)
        size += strlen(lines[i]);
    texts.bytes = malloc(size + 1);
    texts.offsets = calloc(n + 1, sizeof *texts.offsets);
    texts.labels = calloc(n, sizeof *texts.labels);
    assert_true(texts.bytes && texts.offsets && texts.labels);
    for (size_t i = 0; i < n; i++) {
        const size_t bytes = strlen(lines[i]);
        memcpy(texts.bytes + texts.offsets[i], lines[i], bytes);
        texts.offsets[i + 1] = texts.offsets[i] + bytes;
        texts.labels[i] = (int32_t)(i % 2);
    }
    return texts;
}

static inline void texts_free(struct data_texts *texts)
{
    free(texts->bytes);
    free(texts->offsets);
    free(texts->labels);
}

static inline struct data_tokenizer *
tokenizer_of(const char *const *lines, size_t n,
             const struct data_tokenizer_options *options)
{
    struct data_texts texts = texts_of(lines, n);
    struct data_tokenizer *t;
    struct data_error err;
    if (data_tokenizer_train(&texts, options, &t, &err) != DATA_OK)
        fail_msg("%s", err.message);
    texts_free(&texts);
    return t;
}

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

#endif
