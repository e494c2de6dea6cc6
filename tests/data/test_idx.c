/* IDX: what it holds, and every way in which a file of it can be wrong. */
#include "data/idx.h"

#include "data/dataset.h"
#include "scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 4096 };

/* A set of images 3 high and 2 wide; value i * 6 + k at pixel k of image i. */
static size_t images(uint8_t *out, uint32_t count)
{
    uint8_t values[ROOM];
    for (size_t i = 0; i < (size_t)count * 6; i++)
        values[i] = (uint8_t)i;
    return scratch_idx(out, 3, (const uint32_t[]){count, 3, 2}, values);
}

static size_t labels(uint8_t *out, uint32_t count, const uint8_t *values)
{
    return scratch_idx(out, 1, &count, values);
}

/* Five training images of classes 0 to 2 and two test images. */
static void write_set(const char *folder)
{
    uint8_t bytes[ROOM];
    size_t size = images(bytes, 5);
    scratch_gzip(folder, "train-images-idx3-ubyte.gz", bytes, size, SIZE_MAX);
    size = labels(bytes, 5, (const uint8_t[]){2, 0, 1, 1, 0});
    scratch_write(folder, "train-labels-idx1-ubyte", bytes, size);
    size = images(bytes, 2);
    scratch_write(folder, "t10k-images-idx3-ubyte", bytes, size);
    size = labels(bytes, 2, (const uint8_t[]){1, 2});
    scratch_gzip(folder, "t10k-labels-idx1-ubyte.gz", bytes, size, SIZE_MAX);
}

static void both_splits_open_with_what_was_written(void **state)
{
    struct data_set set;
    write_set(*state);
    assert_int_equal(data_open(*state, DATA_TRAIN, NULL, &set, NULL), DATA_OK);
    assert_string_equal(set.layout, "IDX");
    assert_string_equal(set.source, *state);
    assert_true(set.count == 5 && set.classes == 3);
    assert_true(set.channels == 1 && set.height == 3 && set.width == 2);
    for (size_t i = 0; i < 30; i++)
        assert_int_equal(set.pixels[i], i);
    assert_memory_equal(set.labels, ((const int32_t[]){2, 0, 1, 1, 0}), 20);
    data_set_free(&set);

    assert_int_equal(data_open(*state, DATA_TEST, NULL, &set, NULL), DATA_OK);
    assert_true(set.count == 2 && set.classes == 3);
    assert_memory_equal(set.labels, ((const int32_t[]){1, 2}), 8);
    data_set_free(&set);
}

static void a_limit_keeps_the_first_samples_and_all_classes(void **state)
{
    struct data_set set;
    const struct data_open_options options = {.limit = 2};
    write_set(*state);
    assert_int_equal(data_open(*state, DATA_TRAIN, &options, &set, NULL),
                     DATA_OK);
    assert_true(set.count == 2 && set.classes == 3);
    assert_memory_equal(set.labels, ((const int32_t[]){2, 0}), 8);
    data_set_free(&set);
}

/* Each row changes one byte or the length of a good images file. */
static void a_damaged_header_is_named(void **state)
{
    (void)state;
    uint8_t good[ROOM];
    const size_t size = images(good, 5); /* 16 + 30 bytes */
    const struct {
        size_t offset;
        uint8_t value;
        size_t keep;
        const char *message;
    } cases[] = {
        {0, 0, 0, "is empty"},
        {0, 0, 3, "ends after 3 bytes, within the IDX header"},
        {0, 0, 15, "ends after 15 bytes, within the IDX header"},
        {0, 0, 45, "ends after 45 of 46 bytes"},
        {0, 'P', size, "is not an IDX file: it starts with 50000803"},
        {2, 0x0d, size, "values of type 0x0d"},
        {3, 1, size, "has 1 dimensions, but images have 3"},
        {7, 0, size, "holds nothing: size 1 of 3 is 0"},
        {7, 4, size, "has 46 bytes, but its header accounts for 40"},
        {4, 0xff, size, "ends after 46 of 25669140526 bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[ROOM];
        struct data_error err;
        struct data_idx idx;
        memcpy(bytes, good, size);
        if (cases[i].keep == size) bytes[cases[i].offset] = cases[i].value;
        assert_int_equal(data_idx_parse(bytes, cases[i].keep, 3, "a-file", &idx,
                                        &err),
                         DATA_E_FORMAT);
        assert_error(&err, DATA_E_FORMAT, "a-file: ", cases[i].message);
    }
}

static void sizes_whose_product_overflows_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[16] = {0, 0, 8, 3};
    struct data_error err;
    struct data_idx idx;
    memset(bytes + 4, 0xff, 12);
    data_idx_parse(bytes, sizeof bytes, 3, "a-file", &idx, &err);
    assert_error(&err, DATA_E_FORMAT, "a-file: ", "more bytes than any file");
}

/* Open a split that must fail, and compare the message. */
static void expect(const char *folder, enum data_split split,
                   enum data_status status, const char *file, const char *text)
{
    struct data_set set;
    struct data_error err;
    assert_int_equal(data_open(folder, split, NULL, &set, &err), status);
    assert_error(&err, status, file, text);
    assert_null(set.pixels);
    assert_null(set.source);
}

static void a_cut_gzip_file_says_how_much_is_there(void **state)
{
    write_set(*state);
    size_t size;
    free(scratch_read(*state, "train-images-idx3-ubyte.gz", &size));
    scratch_cut(*state, "train-images-idx3-ubyte.gz", size - 4);
    expect(*state, DATA_TRAIN, DATA_E_FORMAT,
           "train-images-idx3-ubyte.gz: ", "ends before the checksum");
    scratch_cut(*state, "train-images-idx3-ubyte.gz", size - 12);
    expect(*state, DATA_TRAIN, DATA_E_FORMAT,
           "train-images-idx3-ubyte.gz: ", "of 46 bytes");
}

static void counts_that_differ_name_both_files(void **state)
{
    uint8_t bytes[ROOM];
    write_set(*state);
    scratch_write(*state, "t10k-images-idx3-ubyte", bytes, images(bytes, 3));
    expect(*state, DATA_TEST, DATA_E_FORMAT, "t10k-images-idx3-ubyte: ",
           "holds 3 images, but t10k-labels-idx1-ubyte.gz holds 2 labels");
}

static void labels_out_of_range_are_named(void **state)
{
    uint8_t bytes[ROOM];
    write_set(*state);
    scratch_gzip(*state, "t10k-labels-idx1-ubyte.gz", bytes,
                 labels(bytes, 2, (const uint8_t[]){1, 3}), SIZE_MAX);
    expect(*state, DATA_TEST, DATA_E_FORMAT, "t10k-labels-idx1-ubyte.gz: ",
           "sample 1 has label 3, but the training labels are 0 to 2");
}

static void odd_training_labels_are_refused(void **state)
{
    uint8_t bytes[ROOM];
    write_set(*state);
    static const struct {
        uint8_t labels[5];
        const char *message;
    } cases[] = {
        {{0, 0, 0, 0, 0}, "has only one class: every label is 0"},
        {{1, 1, 1, 1, 1}, "has only one class: every label is 1"},
        {{0, 1, 2, 200, 0}, "has labels up to 200 but none with label 3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scratch_write(*state, "train-labels-idx1-ubyte", bytes,
                      labels(bytes, 5, cases[i].labels));
        expect(*state, DATA_TRAIN, DATA_E_FORMAT,
               "train-labels-idx1-ubyte: ", cases[i].message);
    }
    /* EMNIST's letters count from 1. */
    struct data_set set;
    scratch_write(*state, "train-labels-idx1-ubyte", bytes,
                  labels(bytes, 5, (const uint8_t[]){1, 2, 3, 1, 2}));
    assert_int_equal(data_open(*state, DATA_TRAIN, NULL, &set, NULL), DATA_OK);
    assert_true(set.classes == 4);
    data_set_free(&set);
}

static void a_missing_or_misplaced_file_is_named(void **state)
{
    write_set(*state);
    remove(scratch_path(*state, "t10k-images-idx3-ubyte"));
    expect(*state, DATA_TEST, DATA_E_NOT_FOUND, *state,
           "holds no t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz");
    scratch_folder(*state, "t10k-images-idx3-ubyte");
    expect(*state, DATA_TEST, DATA_E_READ,
           "t10k-images-idx3-ubyte: ", "is a folder where a file should be");
}

static void images_too_large_are_refused(void **state)
{
    static uint8_t bytes[16 + DATA_MAX_SIDE + 1], zeros[DATA_MAX_SIDE + 1];
    const uint32_t sizes[] = {1, 1, DATA_MAX_SIDE + 1};
    write_set(*state);
    scratch_write(*state, "t10k-images-idx3-ubyte", bytes,
                  scratch_idx(bytes, 3, sizes, zeros));
    uint8_t one[16];
    scratch_gzip(*state, "t10k-labels-idx1-ubyte.gz", one,
                 labels(one, 1, (const uint8_t[]){1}), SIZE_MAX);
    expect(*state, DATA_TEST, DATA_E_FORMAT, "t10k-images-idx3-ubyte: ",
           "images of 4097 x 1 pixels; at most 4096 a side");
}

#define IN_SCRATCH(test) \
    cmocka_unit_test_setup_teardown(test, scratch_create, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(both_splits_open_with_what_was_written),
        IN_SCRATCH(a_limit_keeps_the_first_samples_and_all_classes),
        cmocka_unit_test(a_damaged_header_is_named),
        cmocka_unit_test(sizes_whose_product_overflows_are_refused),
        IN_SCRATCH(a_cut_gzip_file_says_how_much_is_there),
        IN_SCRATCH(counts_that_differ_name_both_files),
        IN_SCRATCH(labels_out_of_range_are_named),
        IN_SCRATCH(odd_training_labels_are_refused),
        IN_SCRATCH(a_missing_or_misplaced_file_is_named),
        IN_SCRATCH(images_too_large_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
