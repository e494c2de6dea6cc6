/* Finding data sets by name and folder, and what is computed over a set. */
#include "data/dataset.h"

#include "scratch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A Fashion-MNIST of ten 1 x 1 images; label i has pixel 10 * label. */
static void write_fashion(const char *folder, const char *within, int classes)
{
    uint8_t bytes[64], pixels[10], labels[10];
    for (int i = 0; i < 10; i++) {
        labels[i] = (uint8_t)(i % classes);
        pixels[i] = (uint8_t)(10 * labels[i]);
    }
    const uint32_t size[] = {10, 1, 1};
    static const char *const splits[] = {"train", "t10k"};
    for (int s = 0; s < 2; s++) {
        char name[64];
        snprintf(name, sizeof name, "%s/%s-images-idx3-ubyte", within,
                 splits[s]);
        scratch_write(folder, name, bytes, scratch_idx(bytes, 3, size, pixels));
        snprintf(name, sizeof name, "%s/%s-labels-idx1-ubyte", within,
                 splits[s]);
        scratch_write(folder, name, bytes, scratch_idx(bytes, 1, size, labels));
    }
}

static void names_are_looked_for_in_the_given_folder_first(void **state)
{
    const struct data_open_options options = {.folder = *state};
    struct data_set set;
    write_fashion(*state, "fashion-mnist", 10);
    assert_int_equal(data_open("fashion-mnist", DATA_TRAIN, &options, &set,
                               NULL),
                     DATA_OK);
    assert_string_equal(set.source, scratch_path(*state, "fashion-mnist"));
    assert_true(set.count == 10);
    assert_string_equal(set.class_names[9], "Ankle boot");
    data_set_free(&set);
}

static void names_are_looked_for_in_the_environments_folders(void **state)
{
    struct data_set set;
    write_fashion(*state, "FashionMNIST/raw", 10);
    setenv("TAPER_DATA", *state, 1);
    assert_int_equal(data_open("fashion-mnist", DATA_TEST, NULL, &set, NULL),
                     DATA_OK);
    assert_string_equal(set.source, scratch_path(*state, "FashionMNIST/raw"));
    data_set_free(&set);
    unsetenv("TAPER_DATA");

    scratch_write(*state, "taper/cifar-10-batches-bin/test_batch.bin", "", 0);
    setenv("XDG_DATA_HOME", *state, 1);
    struct data_error err;
    data_open("cifar10", DATA_TEST, NULL, &set, &err);
    assert_error(&err, DATA_E_FORMAT,
                 "taper/cifar-10-batches-bin/test_batch.bin: ", "is empty");
    unsetenv("XDG_DATA_HOME");

    scratch_write(*state, ".local/share/taper/cifar100/test.bin", "", 0);
    setenv("HOME", *state, 1);
    data_open("cifar100", DATA_TEST, NULL, &set, &err);
    assert_error(&err, DATA_E_FORMAT,
                 ".local/share/taper/cifar100/test.bin: ", "is empty");
}

static void a_name_that_is_nowhere_says_where_it_was_looked_for(void **state)
{
    struct data_set set;
    struct data_error err;
    setenv("TAPER_DATA", *state, 1);
    setenv("HOME", "/nowhere", 1);
    unsetenv("XDG_DATA_HOME");
    data_open("cifar10", DATA_TRAIN, NULL, &set, &err);
    assert_error(&err, DATA_E_NOT_FOUND, "cifar10 was not found in ", *state);
    assert_error(&err, DATA_E_NOT_FOUND, "/nowhere/.local/share/taper",
                 "cifar-10-binary.tar.gz");
    unsetenv("TAPER_DATA");
}

static void a_known_set_must_have_its_classes(void **state)
{
    const struct data_open_options options = {.folder = *state};
    struct data_set set;
    struct data_error err;
    write_fashion(*state, "fashion-mnist", 4);
    data_open("fashion-mnist", DATA_TRAIN, &options, &set, &err);
    assert_error(&err, DATA_E_FORMAT,
                 "fashion-mnist: ", "has 4 classes, but fashion-mnist has 10");
}

static void what_is_no_data_set_is_refused(void **state)
{
    struct data_set set;
    struct data_error err;
    data_open("fashon-mnist", DATA_TRAIN, NULL, &set, &err);
    assert_error(&err, DATA_E_NOT_FOUND, "fashon-mnist: ",
                 "neither a folder nor a known data set (fashion-mnist");
    data_open("spam", DATA_TRAIN, NULL, &set, &err);
    assert_error(&err, DATA_E_NOT_FOUND, "spam: ", "is a set of texts");
    data_open(*state, DATA_TRAIN, NULL, &set, &err);
    assert_error(&err, DATA_E_FORMAT, *state, "holds no data set");
    scratch_write(*state, "file", "x", 1);
    data_open(scratch_path(*state, "file"), DATA_TRAIN, NULL, &set, &err);
    assert_error(&err, DATA_E_READ, "/file: ", "is a file; give the folder");
    assert_null(set.source);
}

static void every_known_name_is_listed(void **state)
{
    (void)state;
    assert_string_equal(data_known_name(0), "fashion-mnist");
    assert_string_equal(data_known_name(1), "cifar10");
    assert_string_equal(data_known_name(2), "cifar100");
    assert_null(data_known_name(3));
}

/* Overwrite one byte of a file. */
static void change(const char *folder, const char *name, size_t offset,
                   uint8_t value)
{
    size_t size;
    uint8_t *bytes = scratch_read(folder, name, &size);
    bytes[offset] = value;
    scratch_write(folder, name, bytes, size);
    free(bytes);
}

static uint64_t fingerprint(const char *folder, enum data_split split,
                            size_t limit)
{
    const struct data_open_options options = {.limit = limit};
    struct data_set set;
    assert_int_equal(data_open(folder, split, &options, &set, NULL), DATA_OK);
    const uint64_t print = set.fingerprint;
    data_set_free(&set);
    return print;
}

static void the_fingerprint_sees_pixels_labels_and_count(void **state)
{
    write_fashion(*state, ".", 10);
    const uint64_t whole = fingerprint(*state, DATA_TRAIN, 0);
    assert_true(whole == fingerprint(*state, DATA_TEST, 0)); /* same content */
    assert_true(whole != fingerprint(*state, DATA_TEST, 9));
    change(*state, "t10k-images-idx3-ubyte", 16 + 9, 91);
    assert_true(whole != fingerprint(*state, DATA_TEST, 0));
    change(*state, "t10k-images-idx3-ubyte", 16 + 9, 90);
    assert_true(whole == fingerprint(*state, DATA_TEST, 0));
    change(*state, "t10k-labels-idx1-ubyte", 8 + 9, 8);
    assert_true(whole != fingerprint(*state, DATA_TEST, 0));
}

/* Two images of two pixels and two channels, worked out by hand: channel 0
 * holds 0, 0, 255, 255; channel 1 holds 51 throughout. */
static void statistics_are_those_of_scaled_pixels(void **state)
{
    (void)state;
    uint8_t pixels[] = {0, 0, 51, 51, 255, 255, 51, 51};
    const struct data_set set = {
        .count = 2, .channels = 2, .height = 1, .width = 2, .pixels = pixels};
    const struct data_statistics s = data_set_statistics(&set);
    assert_true(fabs(s.mean[0] - 0.5) < 1e-15);
    assert_true(fabs(s.deviation[0] - 0.5) < 1e-15);
    assert_true(fabs(s.mean[1] - 0.2) < 1e-15);
    assert_true(s.deviation[1] == 1.0); /* no variation: normalises to 0 */
}

static void splits_of_other_shapes_do_not_match(void **state)
{
    (void)state;
    char source[] = "here";
    const struct data_set a = {
        .channels = 1, .height = 2, .width = 3, .classes = 4, .source = source};
    struct data_set b = a;
    struct data_error err;
    assert_int_equal(data_set_match(&a, &b, &err), DATA_OK);
    b.width = 4;
    assert_int_equal(data_set_match(&a, &b, &err), DATA_E_FORMAT);
    assert_error(&err, DATA_E_FORMAT, "here: ", "of 4 x 2 pixels");
    b = a;
    b.classes = 5;
    assert_int_equal(data_set_match(&a, &b, &err), DATA_E_FORMAT);
    assert_error(&err, DATA_E_FORMAT, "here: ", "5 classes to test, but 4");
}

#define IN_SCRATCH(test) \
    cmocka_unit_test_setup_teardown(test, scratch_create, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(names_are_looked_for_in_the_given_folder_first),
        IN_SCRATCH(names_are_looked_for_in_the_environments_folders),
        IN_SCRATCH(a_name_that_is_nowhere_says_where_it_was_looked_for),
        IN_SCRATCH(a_known_set_must_have_its_classes),
        IN_SCRATCH(what_is_no_data_set_is_refused),
        cmocka_unit_test(every_known_name_is_listed),
        IN_SCRATCH(the_fingerprint_sees_pixels_labels_and_count),
        cmocka_unit_test(statistics_are_those_of_scaled_pixels),
        cmocka_unit_test(splits_of_other_shapes_do_not_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
