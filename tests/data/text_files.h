/* What the tests of texts share: sets written, opened and looked at. */
#ifndef TAPER_TESTS_TEXT_FILES_H
#define TAPER_TESTS_TEXT_FILES_H

#include "data/texts.h"

#include "scratch.h"

#include <string.h>

static inline void write_text(const char *folder, const char *name,
                              const char *text)
{
    scratch_write(folder, name, text, strlen(text));
}

/* Open a set that must be good. */
static inline void open_texts(const char *path, struct data_texts *train,
                              struct data_texts *test)
{
    struct data_error err = {DATA_OK, ""};
    if (data_texts_open(path, NULL, train, test, &err) != DATA_OK)
        fail_msg("%s", err.message);
}

static inline void free_texts(struct data_texts *train, struct data_texts *test)
{
    data_texts_free(train);
    data_texts_free(test);
}

/* Text `i` of a set is this one, with this class. */
static inline void assert_text(const struct data_texts *texts, size_t i,
                               const char *class, const char *text)
{
    assert_true(i < texts->count);
    const size_t size = texts->offsets[i + 1] - texts->offsets[i];
    assert_string_equal(texts->class_names[texts->labels[i]], class);
    assert_int_equal(size, strlen(text));
    assert_memory_equal(texts->bytes + texts->offsets[i], text, size);
}

/* Opening fails with this status and a line that holds both texts, and leaves
 * nothing behind. */
static inline void assert_refused(const char *path, enum data_status status,
                                  const char *file, const char *text)
{
    struct data_texts train, test;
    struct data_error err = {DATA_OK, ""};
    assert_int_equal(data_texts_open(path, NULL, &train, &test, &err), status);
    assert_error(&err, status, file, text);
    assert_null(train.bytes);
    assert_null(train.source);
    assert_null(test.bytes);
    assert_null(test.class_names);
}

#endif
