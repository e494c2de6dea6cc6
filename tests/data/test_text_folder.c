/* Folders of texts, one for each class, with and without a split. */
#include "text_files.h"

#include <stdio.h>

static void classes_are_folders_of_both_splits(void **state)
{
    struct data_texts train, test;
    write_text(*state, "train/pos/0_9.txt", "good");
    write_text(*state, "train/pos/1_7.txt", "fine\nday");
    write_text(*state, "train/neg/0_1.txt", "bad");
    write_text(*state, "test/neg/0_2.TXT", "poor");
    scratch_gzip(*state, "test/pos/0_8.txt.gz", "great", 5, SIZE_MAX);
    open_texts(*state, &train, &test);
    assert_string_equal(train.layout, "text folder");
    assert_true(train.count == 3 && test.count == 2);
    /* One of each class in turn, in the order of the names. */
    assert_text(&train, 0, "neg", "bad");
    assert_text(&train, 1, "pos", "good");
    assert_text(&train, 2, "pos", "fine\nday");
    assert_text(&test, 0, "neg", "poor");
    assert_text(&test, 1, "pos", "great");
    free_texts(&train, &test);
}

static void what_is_no_text_is_passed_over(void **state)
{
    struct data_texts train, test;
    write_text(*state, "train/a/1.txt", "one");
    write_text(*state, "train/a/.hidden.txt", "hidden");
    write_text(*state, "train/a/urls.html", "other");
    write_text(*state, "train/b/1.txt", "two");
    write_text(*state, "train/unsup/1.txt", "without a label");
    write_text(*state, "train/labeledBow.feat", "9 0:9");
    write_text(*state, "val/a/1.txt", "three");
    open_texts(*state, &train, &test);
    assert_true(train.classes == 2 && train.count == 2 && test.count == 1);
    free_texts(&train, &test);
}

static void folders_without_a_split_are_split(void **state)
{
    struct data_texts train, test;
    for (int i = 0; i < 20; i++) {
        char name[32], text[32];
        snprintf(name, sizeof name, "%s/%d.txt", i % 2 ? "ham" : "spam", i);
        snprintf(text, sizeof text, "text %d", i);
        write_text(*state, name, text);
    }
    open_texts(*state, &train, &test);
    assert_true(train.count == 16 && test.count == 4);
    assert_true(test.labels[0] == 0 && test.labels[1] == 1);
    free_texts(&train, &test);
}

static void folders_that_lack_something_are_refused(void **state)
{
    scratch_folder(*state, "train");
    assert_refused(*state, DATA_E_NOT_FOUND, *state, "none named test or val");
    scratch_folder(*state, "test");
    assert_refused(*state, DATA_E_FORMAT, "/train: ", "one for each class");
    write_text(*state, "train/a/1.txt", "one");
    write_text(*state, "test/a/1.txt", "two");
    assert_refused(*state, DATA_E_FORMAT, *state, "has only one class, 'a'");
    scratch_folder(*state, "train/b");
    assert_refused(*state, DATA_E_FORMAT, "/train/b: ", "holds no .txt");
    write_text(*state, "train/b/1.jpg", "");
    assert_refused(*state, DATA_E_FORMAT, "/train/b: ", "holds images");
}

static void files_that_are_no_text_are_named(void **state)
{
    write_text(*state, "train/a/1.txt", "one");
    write_text(*state, "test/a/1.txt", "two");
    scratch_write(*state, "train/b/1.txt",
                  "\x7f"
                  "ELF\0",
                  5);
    assert_refused(*state, DATA_E_FORMAT,
                   "/train/b/1.txt: ", "byte 4 is a NUL");
    write_text(*state, "train/b/1.txt", "");
    assert_refused(*state, DATA_E_FORMAT, "/train/b/1.txt: ", "is empty");
    scratch_gzip(*state, "train/b/0.txt.gz", "text that is cut", 16, 20);
    assert_refused(*state, DATA_E_FORMAT,
                   "/train/b/0.txt.gz: ", "is cut short");
}

static void a_class_that_only_the_test_has_is_refused(void **state)
{
    write_text(*state, "train/a/1.txt", "one");
    write_text(*state, "train/b/1.txt", "two");
    write_text(*state, "test/c/1.txt", "three");
    assert_refused(*state, DATA_E_FORMAT, *state, "have a label 'c' that no");
}

#define IN_SCRATCH(test) \
    cmocka_unit_test_setup_teardown(test, scratch_create, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(classes_are_folders_of_both_splits),
        IN_SCRATCH(what_is_no_text_is_passed_over),
        IN_SCRATCH(folders_without_a_split_are_split),
        IN_SCRATCH(folders_that_lack_something_are_refused),
        IN_SCRATCH(files_that_are_no_text_are_named),
        IN_SCRATCH(a_class_that_only_the_test_has_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
