/* Memory and threads that run out, and batches that must need neither. What
 * zlib, libjpeg and libpng take for themselves is not seen. */
#include "data/loader.h"
#include "data/texts.h"
#include "data/token_batches.h"

#include "refusals/refusals.h"
#include "scratch.h"
#include "texts_case.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_int threads_left = -1; /* threads until one fails; < 0: none */

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument)
{
    if (threads_left >= 0 && threads_left-- == 0) return 11; /* EAGAIN */
    return __real_pthread_create(thread, attributes, start, argument);
}

static void write_idx(const char *folder)
{
    uint8_t bytes[64];
    const uint32_t size[] = {3, 2, 2};
    const uint8_t pixels[12] = {0}, labels[] = {0, 1, 2};
    scratch_gzip(folder, "train-images-idx3-ubyte.gz", bytes,
                 scratch_idx(bytes, 3, size, pixels), SIZE_MAX);
    scratch_write(folder, "train-labels-idx1-ubyte", bytes,
                  scratch_idx(bytes, 1, size, labels));
}

static void write_cifar(const char *folder)
{
    static const uint8_t record[3073];
    scratch_write(folder, "cifar10/test_batch.bin", record, sizeof record);
    scratch_write(folder, "cifar10/batches.meta.txt",
                  "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n", 20);
}

static void write_images(const char *folder)
{
    for (int i = 0; i < 200; i++) {
        char name[64];
        snprintf(name, sizeof name, "train/%s/%d.png", i % 2 ? "b" : "a", i);
        scratch_small_png(folder, name, true, (uint8_t)i);
    }
}

/* Let the first allocation fail, then the second, until all are granted. Each
 * failure must be a value, leave the set empty and lose no memory (which the
 * sanitizer build sees). */
static void every_failure_is_a_value(const char *name, enum data_split split,
                                     const char *folder, size_t step)
{
    const struct data_open_options options = {.folder = folder, .threads = 2};
    size_t tried = 0;
    for (;; tried++) {
        struct data_set set;
        struct data_error err;
        refusals_left = (long)(tried * step);
        const enum data_status status =
            data_open(name, split, &options, &set, &err);
        const bool failed = refusals_left < 0;
        refusals_left = -1;
        if (!failed) {
            assert_int_equal(status, DATA_OK);
            data_set_free(&set);
            break;
        }
        assert_int_equal(status, DATA_E_MEMORY);
        assert_error(&err, DATA_E_MEMORY, "no memory", "");
        assert_null(set.pixels);
        assert_null(set.source);
    }
    assert_true(tried > 8);
}

static void failing_allocations_are_values(void **state)
{
    write_idx(*state);
    every_failure_is_a_value(*state, DATA_TRAIN, NULL, 1);
}

static void failing_allocations_are_values_for_cifar(void **state)
{
    write_cifar(*state);
    every_failure_is_a_value("cifar10", DATA_TEST, *state, 1);
}

static void failing_allocations_are_values_for_folders(void **state)
{
    write_images(*state);
    every_failure_is_a_value(*state, DATA_TRAIN, NULL, 7);
}

/* Whatever allocation fails while a set of texts is opened. */
static void texts_that_find_no_memory_are_values(const char *name,
                                                 const char *folder)
{
    const struct data_texts_options options = {.folder = folder};
    long granted = 0;
    for (;; granted++) {
        struct data_texts train, test;
        struct data_error err;
        refusals_left = granted;
        const enum data_status status =
            data_texts_open(name, &options, &train, &test, &err);
        const bool failed = refusals_left < 0;
        refusals_left = -1;
        if (!failed) {
            assert_int_equal(status, DATA_OK);
            data_texts_free(&train);
            data_texts_free(&test);
            break;
        }
        assert_int_equal(status, DATA_E_MEMORY);
        assert_error(&err, DATA_E_MEMORY, "no memory", "");
        assert_null(train.bytes);
        assert_null(test.source);
    }
    assert_true(granted > 20);
}

static void failing_allocations_are_values_for_texts(void **state)
{
    static const char csv[] = "1,\"a \"\"b\"\"\",c\n2,d,e\n";
    static const char mail[] = "Subject: =?x?B?YQ==?=\n"
                               "Content-Transfer-Encoding: base64\n\nYg==\n";
    scratch_write(*state, "csv/train.csv", csv, sizeof csv - 1);
    scratch_gzip(*state, "csv/test.csv.gz", csv, sizeof csv - 1, SIZE_MAX);
    texts_that_find_no_memory_are_values(scratch_path(*state, "csv"), NULL);
    for (int i = 0; i < 8; i++) {
        char name[128], text[16];
        snprintf(name, sizeof name, "folder/%s/%d.txt", i % 2 ? "a" : "b", i);
        snprintf(text, sizeof text, "text %d", i);
        scratch_write(*state, name, text, strlen(text));
        snprintf(name, sizeof name, "spam/data/%s/%05d.%032d",
                 i % 2 ? "easy-ham" : "spam-2", i, i);
        scratch_write(*state, name, mail, sizeof mail - 1);
    }
    scratch_write(*state,
                  "spam/data/spam-2/00009.00000000000000000000000000000"
                  "009",
                  "Subject: b", 10);
    texts_that_find_no_memory_are_values(scratch_path(*state, "folder"), NULL);
    texts_that_find_no_memory_are_values("spam", *state);
}

static void fewer_threads_decode_the_same_set(void **state)
{
    const struct data_open_options options = {.threads = 4};
    uint64_t fingerprints[4];
    write_images(*state);
    for (int granted = 0; granted < 4; granted++) {
        struct data_set set;
        threads_left = granted;
        assert_int_equal(data_open(*state, DATA_TRAIN, &options, &set, NULL),
                         DATA_OK);
        threads_left = -1;
        fingerprints[granted] = set.fingerprint;
        assert_true(fingerprints[granted] == fingerprints[0]);
        data_set_free(&set);
    }
}

static uint8_t pixels[10 * 16];
static int32_t labels[10];
static const struct data_set set = {.count = 10,
                                    .channels = 1,
                                    .height = 4,
                                    .width = 4,
                                    .classes = 2,
                                    .pixels = pixels,
                                    .labels = labels};
static const struct data_loader_options options = {
    .batch = 4, .statistics = {.deviation = {1, 1, 1}}, .padding = 1};

static void a_loader_that_cannot_be_made_is_a_value(void **state)
{
    (void)state;
    struct data_loader *loader = NULL;
    struct data_error err;
    long granted = 0;
    for (;; granted++) {
        refusals_left = granted;
        const enum data_status status =
            data_loader_create(&set, &options, &loader, &err);
        refusals_left = -1;
        if (status == DATA_OK) break;
        assert_int_equal(status, DATA_E_MEMORY);
        assert_error(&err, DATA_E_MEMORY, "no memory", "");
        assert_null(loader);
    }
    assert_true(granted >= 5); /* loader, order, images, labels, samples */
    data_loader_destroy(loader);

    threads_left = 0;
    const enum data_status status =
        data_loader_create(&set, &options, &loader, &err);
    threads_left = -1;
    assert_int_equal(status, DATA_E_THREAD);
    assert_error(&err, DATA_E_THREAD, "gave no thread", "");
    assert_null(loader);
}

static void batches_allocate_nothing(void **state)
{
    (void)state;
    struct data_loader *loader;
    assert_int_equal(data_loader_create(&set, &options, &loader, NULL),
                     DATA_OK);
    const long before = refusals_seen;
    assert_true(before > 0);
    for (int start = 0; start < 3; start++) {
        data_loader_start(loader, 0, 0);
        for (int i = 0; i < 100; i++)
            assert_non_null(data_loader_next(loader));
    }
    assert_int_equal(refusals_seen, before);
    data_loader_destroy(loader);
}

static const char *const lines[] = {
    "the rate at which a model learns is a curve over its steps",
    "a warm beginning keeps the first steps small and a slow ending the last"};

/* From a text to batches, through a file. */
static enum data_status make_batches(const struct data_texts *texts, int kind,
                                     struct data_token_batches **out,
                                     struct data_tokens *tokens,
                                     struct data_error *err)
{
    static const int lengths[] = {64};
    const struct data_tokenizer_options words = {.kind = both_kinds[kind]};
    const struct data_token_batch_options rows = {.batch = 2,
                                                  .lengths = lengths,
                                                  .length_count = 1};
    struct data_tokenizer *made = NULL, *read = NULL;
    struct data_buffer text = {0};
    enum data_status status = data_tokenizer_train(texts, &words, &made, err);
    if (status == DATA_OK) status = data_tokenizer_write(made, &text, err);
    if (status == DATA_OK)
        status = data_tokenizer_read(text.bytes, text.size, "x", &read, err);
    if (status == DATA_OK)
        status = data_tokens_create(texts, read, 64, tokens, err);
    if (status == DATA_OK)
        status = data_token_batches_create(tokens, &rows, out, err);
    data_buffer_free(&text);
    data_tokenizer_destroy(made);
    data_tokenizer_destroy(read);
    return status;
}

static void tokens_that_cannot_be_made_are_a_value(void **state)
{
    (void)state;
    struct data_texts texts = texts_of(lines, 2);
    for (int kind = 0; kind < 2; kind++) {
        struct data_token_batches *batches = NULL;
        struct data_tokens tokens = {0};
        struct data_error err;
        long granted = 0;
        for (;; granted++) {
            refusals_left = granted;
            const enum data_status status =
                make_batches(&texts, kind, &batches, &tokens, &err);
            refusals_left = -1;
            if (status == DATA_OK) break;
            assert_int_equal(status, DATA_E_MEMORY);
            assert_error(&err, DATA_E_MEMORY, "no memory", "");
            assert_null(batches);
            data_tokens_free(&tokens);
        }
        /* Each dictionary three, the batches ten, and what is between. */
        assert_true(granted >= 25);
        const long before = refusals_seen;
        for (size_t k = 0; k < 10; k++)
            assert_non_null(data_token_batches_get(batches, 0, k));
        assert_int_equal(refusals_seen, before);
        data_token_batches_destroy(batches);
        data_tokens_free(&tokens);
    }
    texts_free(&texts);
}

#define IN_SCRATCH(test) \
    cmocka_unit_test_setup_teardown(test, scratch_create, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(failing_allocations_are_values),
        IN_SCRATCH(failing_allocations_are_values_for_cifar),
        IN_SCRATCH(failing_allocations_are_values_for_folders),
        IN_SCRATCH(failing_allocations_are_values_for_texts),
        IN_SCRATCH(fewer_threads_decode_the_same_set),
        cmocka_unit_test(a_loader_that_cannot_be_made_is_a_value),
        cmocka_unit_test(batches_allocate_nothing),
        cmocka_unit_test(tokens_that_cannot_be_made_are_a_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
