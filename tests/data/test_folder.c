/* Image folders: order, classes, and messages that name the odd file. */
#include "data/dataset.h"

#include "scratch.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Class "ant" has pixels 0, 1, 2; "bee" 10; "cat" 20, 21. */
static void write_folder(const char *folder)
{
    scratch_small_png(folder, "train/cat/x.png", true, 20);
    scratch_small_png(folder, "train/cat/y.PNG", true, 21);
    scratch_small_png(folder, "train/bee/only.png", true, 10);
    scratch_small_png(folder, "train/ant/b.png", true, 1);
    scratch_small_png(folder, "train/ant/a.png", true, 0);
    scratch_small_png(folder, "train/ant/c.png", true, 2);
    scratch_small_png(folder, "test/ant/a.png", true, 100);
    scratch_small_png(folder, "test/bee/a.png", true, 110);
    scratch_small_png(folder, "test/cat/a.png", true, 120);
    scratch_write(folder, "train/README.txt", "x", 1);
    scratch_write(folder, "train/ant/notes.txt", "x", 1);
    scratch_write(folder, "train/ant/.hidden.png", "x", 1);
    scratch_folder(folder, "train/.cache");
}

static void expect(const char *folder, enum data_split split,
                   enum data_status status, const char *file, const char *text)
{
    struct data_set set;
    struct data_error err;
    assert_int_equal(data_open(folder, split, NULL, &set, &err), status);
    assert_error(&err, status, file, text);
    assert_null(set.pixels);
    assert_null(set.class_names);
}

static void one_file_of_each_class_is_taken_in_turn(void **state)
{
    static const uint8_t pixels[] = {0, 10, 20, 1, 21, 2};
    static const int32_t labels[] = {0, 1, 2, 0, 2, 0};
    write_folder(*state);
    for (size_t limit = 0; limit < 6; limit++)
        for (size_t threads = 0; threads < 4; threads++) {
            const struct data_open_options options = {.limit = limit,
                                                      .threads = threads};
            struct data_set set;
            assert_int_equal(data_open(*state, DATA_TRAIN, &options, &set,
                                       NULL),
                             DATA_OK);
            assert_string_equal(set.layout, "image folder");
            assert_true(set.count == (limit ? limit : 6) && set.classes == 3);
            assert_true(set.channels == 3 && set.height == 2 && set.width == 3);
            assert_string_equal(set.class_names[0], "ant");
            assert_string_equal(set.class_names[2], "cat");
            assert_memory_equal(set.labels, labels, 4 * set.count);
            for (size_t i = 0; i < set.count * 18; i++)
                assert_int_equal(set.pixels[i], pixels[i / 18]);
            data_set_free(&set);
        }
}

static void the_test_split_has_the_training_classes(void **state)
{
    struct data_set set;
    write_folder(*state);
    assert_int_equal(data_open(*state, DATA_TEST, NULL, &set, NULL), DATA_OK);
    assert_true(set.count == 3 && set.classes == 3);
    assert_int_equal(set.pixels[2 * 18], 120);
    data_set_free(&set);

    scratch_small_png(*state, "test/dog/a.png", true, 1);
    expect(*state, DATA_TEST, DATA_E_FORMAT,
           "/test: ", "has a class 'dog' that the training images lack");
    scratch_small_png(*state, "train/dog/a.png", true, 1);
    scratch_small_png(*state, "train/cow/a.png", true, 1);
    expect(*state, DATA_TEST, DATA_E_FORMAT,
           "/test: ", "lacks the class 'cow' of the training images");
}

static void val_stands_in_for_test(void **state)
{
    struct data_set set;
    write_folder(*state);
    assert_int_equal(rename(scratch_path(*state, "test"),
                            scratch_path(*state, "val")),
                     0);
    assert_int_equal(data_open(*state, DATA_TEST, NULL, &set, NULL), DATA_OK);
    assert_true(set.count == 3);
    data_set_free(&set);
    scratch_write(*state, "test", "a file", 6);
    assert_int_equal(data_open(*state, DATA_TEST, NULL, &set, NULL), DATA_OK);
    assert_true(set.count == 3);
    data_set_free(&set);
    remove(scratch_path(*state, "test"));
    assert_int_equal(rename(scratch_path(*state, "val"),
                            scratch_path(*state, "other")),
                     0);
    expect(*state, DATA_TEST, DATA_E_NOT_FOUND, *state,
           "holds no folder test or val");
}

static void an_image_unlike_the_first_is_named(void **state)
{
    write_folder(*state);
    scratch_small_png(*state, "train/cat/y.PNG", false, 3);
    expect(*state, DATA_TRAIN, DATA_E_FORMAT,
           "train/cat/y.PNG: ", "train/ant/a.png is 3 x 2 colour");
    scratch_small_png(*state, "test/bee/a.png", false, 3);
    expect(*state, DATA_TEST, DATA_E_FORMAT,
           "test/bee/a.png: ", "is 3 x 2 grey, but ");
}

static void bad_images_are_named(void **state)
{
    write_folder(*state);
    scratch_cut(*state, "train/cat/x.png", 40);
    expect(*state, DATA_TRAIN, DATA_E_FORMAT, "train/cat/x.png: ", "bad PNG");
    scratch_cut(*state, "train/cat/x.png", 0);
    expect(*state, DATA_TRAIN, DATA_E_FORMAT, "train/cat/x.png: ", "is empty");
    scratch_write(*state, "train/cat/x.png", "hello", 5);
    expect(*state, DATA_TRAIN, DATA_E_FORMAT,
           "train/cat/x.png: ", "neither a JPEG nor a PNG");
    remove(scratch_path(*state, "train/cat/x.png"));
    scratch_folder(*state, "train/cat/x.png");
    expect(*state, DATA_TRAIN, DATA_E_READ, "train/cat/x.png: ", "is a folder");
}

/* Several damaged files: the first in the set's order is reported, whatever
 * the threads. */
static void the_first_bad_image_is_the_one_named(void **state)
{
    for (int i = 0; i < 300; i++) {
        char name[64];
        snprintf(name, sizeof name, "train/%s/%03d.png", i % 2 ? "b" : "a", i);
        scratch_small_png(*state, name, true, 1);
    }
    scratch_cut(*state, "train/a/060.png", 30);
    scratch_cut(*state, "train/b/127.png", 30);
    scratch_cut(*state, "train/b/191.png", 30);
    for (size_t round = 0; round < 60; round++) {
        const struct data_open_options options = {.threads = 1 + round % 5};
        struct data_set set;
        struct data_error err;
        data_open(*state, DATA_TRAIN, &options, &set, &err);
        assert_error(&err, DATA_E_FORMAT, "train/a/060.png: ", "bad PNG");
    }
}

static void folders_without_classes_or_images_are_named(void **state)
{
    scratch_folder(*state, "train");
    expect(*state, DATA_TRAIN, DATA_E_FORMAT, "/train: ", "holds no folders");
    scratch_small_png(*state, "train/ant/a.png", true, 1);
    expect(*state, DATA_TRAIN, DATA_E_FORMAT,
           "/train: ", "has only one class, 'ant'");
    scratch_folder(*state, "train/bee");
    expect(*state, DATA_TRAIN, DATA_E_FORMAT,
           "/train/bee: ", "holds no .jpg, .jpeg or .png");
}

static void an_unreadable_image_or_folder_is_named(void **state)
{
    struct data_set set;
    struct data_error image, folder;
    const bool root = geteuid() == 0;
    write_folder(*state);
    const char *path = scratch_path(*state, "train/bee/only.png");
    assert_int_equal(chmod(path, 0), 0);
    if (root) assert_int_equal(seteuid(65534), 0);
    data_open(*state, DATA_TRAIN, NULL, &set, &image);
    if (root) assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(scratch_path(*state, "train/bee"), 0), 0);
    if (root) assert_int_equal(seteuid(65534), 0);
    data_open(*state, DATA_TRAIN, NULL, &set, &folder);
    if (root) assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(scratch_path(*state, "train/bee"), 0755), 0);
    assert_error(&image, DATA_E_READ, "train/bee/only.png: ", "Permission");
    assert_error(&folder, DATA_E_READ, "train/bee: ", "Permission");
}

#define IN_SCRATCH(test) \
    cmocka_unit_test_setup_teardown(test, scratch_create, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(one_file_of_each_class_is_taken_in_turn),
        IN_SCRATCH(the_test_split_has_the_training_classes),
        IN_SCRATCH(val_stands_in_for_test),
        IN_SCRATCH(an_image_unlike_the_first_is_named),
        IN_SCRATCH(bad_images_are_named),
        IN_SCRATCH(the_first_bad_image_is_the_one_named),
        IN_SCRATCH(folders_without_classes_or_images_are_named),
        IN_SCRATCH(an_unreadable_image_or_folder_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
