/* CIFAR's binary files: five batches in order, fine labels, class names. */
#include "data/cifar.h"

#include "data/dataset.h"
#include "scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file of `count` records: record i has label (first + i) % 10 and pixel
 * value 10 * first + i everywhere. CIFAR-100's coarse label is 99, which would
 * fail as a CIFAR-10 label. */
static void write_records(const char *folder, const char *name, int first,
                          size_t count, size_t label_bytes)
{
    const size_t record = label_bytes + DATA_CIFAR_PIXELS;
    uint8_t *bytes = malloc(count * record);
    for (size_t i = 0; i < count; i++) {
        uint8_t *p = bytes + i * record;
        memset(p, 99, label_bytes);
        p[label_bytes - 1] = (uint8_t)(((size_t)first + i) % 10);
        memset(p + label_bytes, 10 * first + (int)i, DATA_CIFAR_PIXELS);
    }
    scratch_write(folder, name, bytes, count * record);
    free(bytes);
}

static void write_cifar10(const char *folder)
{
    for (int batch = 1; batch <= 5; batch++) {
        char name[32];
        snprintf(name, sizeof name, "data_batch_%d.bin", batch);
        write_records(folder, name, batch, 3, 1);
    }
    write_records(folder, "test_batch.bin", 7, 2, 1);
}

static void expect(const char *folder, enum data_split split,
                   enum data_status status, const char *file, const char *text)
{
    struct data_set set;
    struct data_error err;
    assert_int_equal(data_open(folder, split, NULL, &set, &err), status);
    assert_error(&err, status, file, text);
    assert_null(set.pixels);
}

static void the_batches_are_read_in_order(void **state)
{
    struct data_set set;
    write_cifar10(*state);
    assert_int_equal(data_open(*state, DATA_TRAIN, NULL, &set, NULL), DATA_OK);
    assert_string_equal(set.layout, "CIFAR-10");
    assert_true(set.count == 15 && set.classes == 10 && set.channels == 3);
    assert_true(set.height == 32 && set.width == 32);
    assert_null(set.class_names);
    for (size_t i = 0; i < 15; i++) {
        const size_t batch = 1 + i / 3, k = i % 3;
        assert_int_equal(set.labels[i], batch + k);
        assert_int_equal(set.pixels[i * DATA_CIFAR_PIXELS], 10 * batch + k);
        assert_int_equal(set.pixels[(i + 1) * DATA_CIFAR_PIXELS - 1],
                         10 * batch + k);
    }
    data_set_free(&set);
}

static void a_limit_stops_within_a_batch(void **state)
{
    struct data_set set;
    const struct data_open_options options = {.limit = 5};
    write_cifar10(*state);
    remove(scratch_path(*state, "data_batch_3.bin")); /* not needed */
    assert_int_equal(data_open(*state, DATA_TRAIN, &options, &set, NULL),
                     DATA_OK);
    assert_true(set.count == 5);
    assert_int_equal(set.labels[4], 3);
    data_set_free(&set);
}

static void cifar100_uses_the_fine_label(void **state)
{
    struct data_set set;
    write_records(*state, "train.bin", 4, 3, 2);
    write_records(*state, "test.bin", 5, 1, 2);
    assert_int_equal(data_open(*state, DATA_TRAIN, NULL, &set, NULL), DATA_OK);
    assert_string_equal(set.layout, "CIFAR-100");
    assert_true(set.count == 3 && set.classes == 100);
    assert_memory_equal(set.labels, ((const int32_t[]){4, 5, 6}), 12);
    assert_int_equal(set.pixels[0], 40);
    data_set_free(&set);
}

static void class_names_are_read_if_they_are_there(void **state)
{
    static const char ten[] = "a\nb\nc\r\nd\ne\nf\ng\nh\ni\ntruck\n\n";
    struct data_set set;
    write_cifar10(*state);
    scratch_write(*state, "batches.meta.txt", ten, sizeof ten - 1);
    assert_int_equal(data_open(*state, DATA_TEST, NULL, &set, NULL), DATA_OK);
    assert_string_equal(set.class_names[2], "c");
    assert_string_equal(set.class_names[9], "truck");
    data_set_free(&set);

    scratch_write(*state, "batches.meta.txt", "a\nb\n", 4);
    expect(*state, DATA_TEST, DATA_E_FORMAT,
           "batches.meta.txt: ", "names 2 classes, but there are 10");
}

static void damaged_files_are_named(void **state)
{
    write_cifar10(*state);
    scratch_cut(*state, "data_batch_4.bin", 3073 * 2 + 100);
    expect(*state, DATA_TRAIN, DATA_E_FORMAT,
           "data_batch_4.bin: ", "ends after 100 of 3073 bytes of sample 2");
    scratch_cut(*state, "data_batch_4.bin", 0);
    expect(*state, DATA_TRAIN, DATA_E_FORMAT, "data_batch_4.bin: ", "is empty");
    remove(scratch_path(*state, "data_batch_4.bin"));
    expect(*state, DATA_TRAIN, DATA_E_NOT_FOUND,
           "data_batch_4.bin: ", "No such file");
    /* CIFAR-100's records are not CIFAR-10's. */
    write_records(*state, "test_batch.bin", 0, 3073, 2);
    expect(*state, DATA_TEST, DATA_E_FORMAT, "test_batch.bin: ",
           "sample 0 has label 99, but CIFAR-10 has classes 0 to 9");
}

#define IN_SCRATCH(test) \
    cmocka_unit_test_setup_teardown(test, scratch_create, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(the_batches_are_read_in_order),
        IN_SCRATCH(a_limit_stops_within_a_batch),
        IN_SCRATCH(cifar100_uses_the_fine_label),
        IN_SCRATCH(class_names_are_read_if_they_are_there),
        IN_SCRATCH(damaged_files_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
