/* Sets of texts as a whole: found, split, ordered, numbered, told apart. */
#include "text_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_both(const char *folder, const char *train, const char *test)
{
    write_text(folder, "train.tsv", train);
    write_text(folder, "test.tsv", test);
}

static void a_folder_holds_both_splits(void **state)
{
    struct data_texts train, test;
    write_both(*state, "b\ttwo\na\tone\nb\tthree\n", "a\tfour\n");
    write_text(*state, "dev.tsv", "this is ignored\n");
    open_texts(*state, &train, &test);
    assert_true(train.count == 3 && test.count == 1);
    assert_true(train.classes == 2 && test.classes == 2);
    assert_text(&train, 0, "b", "two");
    assert_text(&train, 1, "a", "one");
    assert_text(&train, 2, "b", "three");
    assert_text(&test, 0, "a", "four");
    assert_string_equal(train.layout, "TSV");
    assert_string_equal(test.source, *state);
    free_texts(&train, &test);
    assert_null(train.bytes);
}

static void files_may_be_gzipped_and_of_two_kinds(void **state)
{
    struct data_texts train, test;
    const char text[] = "2,\"a \"\"b\"\"\",c\n1,d,e\n";
    scratch_gzip(*state, "train.csv.gz", text, sizeof text - 1, SIZE_MAX);
    write_text(*state, "test.tsv",
               "\xef\xbb\xbf"
               "1\tf\n");
    open_texts(*state, &train, &test);
    assert_string_equal(train.layout, "CSV");
    assert_text(&train, 0, "1", "d e"); /* by class: one of each in turn */
    assert_text(&train, 1, "2", "a \"b\" c");
    assert_text(&test, 0, "1", "f");
    free_texts(&train, &test);
}

static void classes_are_sorted_and_integers_by_value(void **state)
{
    struct data_texts train, test;
    write_both(*state, "10\tx\n9\ty\n-1\tz\n-2\tz\n10\tw\n",
               "9\tu\n10\tv\n9\tv\n");
    open_texts(*state, &train, &test);
    assert_string_equal(train.class_names[0], "-2");
    assert_string_equal(train.class_names[1], "-1");
    assert_string_equal(train.class_names[2], "9");
    assert_string_equal(train.class_names[3], "10");
    assert_int_equal(train.labels[0], 3);
    assert_int_equal(test.labels[0], 2);
    assert_int_equal(test.labels[1], 3);
    free_texts(&train, &test);

    write_both(*state, "10\tx\n9\ty\nten\tz\n", "9\tu\n");
    open_texts(*state, &train, &test);
    assert_string_equal(train.class_names[0], "10");
    assert_string_equal(train.class_names[1], "9");
    assert_string_equal(train.class_names[2], "ten");
    free_texts(&train, &test);
}

static void a_limit_keeps_the_first_training_texts(void **state)
{
    const struct data_texts_options options = {.limit = 2};
    struct data_texts train, test;
    write_both(*state, "b\t1\na\t2\nb\t3\nc\t4\n", "a\t5\nb\t6\na\t7\n");
    assert_int_equal(data_texts_open(*state, &options, &train, &test, NULL),
                     DATA_OK);
    assert_true(train.count == 2 && train.classes == 3 && test.count == 3);
    assert_text(&train, 0, "b", "1");
    assert_text(&train, 1, "a", "2");
    free_texts(&train, &test);
}

static void a_limit_is_even_where_texts_come_by_class(void **state)
{
    const struct data_texts_options options = {.limit = 4};
    struct data_texts train, test;
    write_both(*state, "b\t1\nb\t2\nb\t3\na\t4\na\t5\na\t6\nc\t7\n",
               "a\t8\nb\t9\n");
    assert_int_equal(data_texts_open(*state, &options, &train, &test, NULL),
                     DATA_OK);
    assert_true(train.count == 4);
    assert_text(&train, 0, "a", "4");
    assert_text(&train, 1, "b", "1");
    assert_text(&train, 2, "c", "7");
    assert_text(&train, 3, "a", "5");
    free_texts(&train, &test);
}

/* 100 texts of each of three classes, in one file. */
static void write_many(const char *folder, const char *name, bool reversed)
{
    char *text = malloc(300 * 64), *at = text;
    for (int k = 0; k < 300; k++) {
        const int i = reversed ? 299 - k : k;
        at += sprintf(at, "%c\t%c%c the quick brown fox jumps\n", "xyz"[i % 3],
                      'a' + i / 3 / 10, 'a' + i / 3 % 10);
    }
    write_text(folder, name, text);
    free(text);
}

static void a_file_is_split_evenly_and_always_alike(void **state)
{
    struct data_texts train[2], test[2];
    write_many(*state, "all.tsv", false);
    write_many(*state, "reversed.tsv", true);
    open_texts(scratch_path(*state, "all.tsv"), &train[0], &test[0]);
    open_texts(scratch_path(*state, "reversed.tsv"), &train[1], &test[1]);
    assert_true(train[0].count == 240 && test[0].count == 60);
    for (size_t c = 0, n = 0; c < 3; c++, n = 0) {
        for (size_t i = 0; i < test[0].count; i++)
            n += test[0].labels[i] == (int32_t)c;
        assert_int_equal(n, 20);
    }
    /* The same texts are set aside, in the order of the file. */
    for (size_t i = 0; i < 60; i++) {
        const size_t j = 59 - i;
        char text[64] = "";
        memcpy(text, test[1].bytes + test[1].offsets[j],
               test[1].offsets[j + 1] - test[1].offsets[j]);
        assert_text(&test[0], i, test[1].class_names[test[1].labels[j]], text);
    }
    for (int k = 0; k < 2; k++)
        free_texts(&train[k], &test[k]);
}

/* 30 texts of each of two classes, three times each; the copies differ in what
 * does not count as different. */
static void copies_of_a_text_are_on_one_side(void **state)
{
    char text[20000], *at = text;
    for (int i = 0; i < 60; i++) {
        const char class = "ab"[i % 2];
        const char x = (char)('a' + i / 20), y = (char)('a' + i / 2 % 10);
        at += sprintf(at, "%c\tBuy %c%c cheap tablets now\n", class, x, y);
        at += sprintf(at, "%c\tBUY %c%c cheap tablets - now!\n", class, x, y);
        at += sprintf(at, "%c\tbuy %c%c cheap tablets 12 now\n", class, x, y);
    }
    struct data_texts train, test;
    write_text(*state, "all.tsv", text);
    open_texts(scratch_path(*state, "all.tsv"), &train, &test);
    assert_true(train.count + test.count == 180);
    assert_true(test.count >= 36 && test.count <= 40);
    for (size_t i = 0; i < test.count; i++)
        for (size_t j = 0; j < train.count; j++) {
            const char *a = test.bytes + test.offsets[i];
            const char *b = train.bytes + train.offsets[j];
            assert_false(test.labels[i] == train.labels[j] && a[4] == b[4] &&
                         a[5] == b[5]);
        }
    free_texts(&train, &test);
}

static void fingerprints_tell_sets_apart(void **state)
{
    static const char *const sets[] = {"a\tone\nb\ttwo\n", "a\tone\nb\ttwO\n",
                                       "b\tone\na\ttwo\n", "a\tonet\nb\two\n",
                                       "a\tone\nb\ttwo\nb\ttwo\n"};
    enum { SETS = sizeof sets / sizeof sets[0] };
    uint64_t prints[SETS];
    struct data_texts train, test;
    for (size_t i = 0; i < SETS; i++) {
        write_both(*state, sets[i], "a\tx\n");
        open_texts(*state, &train, &test);
        prints[i] = train.fingerprint;
        free_texts(&train, &test);
        for (size_t j = 0; j < i; j++)
            assert_true(prints[j] != prints[i]);
    }
    write_both(*state, sets[0], "a\ty\n");
    open_texts(*state, &train, &test);
    assert_true(train.fingerprint == prints[0]);
    free_texts(&train, &test);
}

static void a_label_that_only_the_test_has_is_refused(void **state)
{
    struct data_texts train, test;
    write_both(*state, "a\t1\nb\t2\n", "a\t3\nc\t4\n");
    assert_refused(*state, DATA_E_FORMAT, *state, "have a label 'c' that no");
    write_both(*state, "a\t1\nb\t2\nc\t3\n", "a\t4\n");
    open_texts(*state, &train, &test);
    assert_true(test.classes == 3);
    free_texts(&train, &test);
}

static void sets_without_classes_to_learn_are_refused(void **state)
{
    char text[4096], *at = text;
    write_both(*state, "a\t1\na\t2\n", "a\t3\n");
    assert_refused(*state, DATA_E_FORMAT, *state, "has only one class, 'a'");
    for (int i = 0; i < 30; i++)
        at += sprintf(at, "text number %d\tlabel\n", i);
    write_both(*state, text, "text number 0\tlabel\n");
    assert_refused(*state, DATA_E_FORMAT, *state,
                   "30 different labels for 30 texts");
    write_text(*state, "two.tsv", "a\tsame\nb\tother\na\tsame\n");
    assert_refused(scratch_path(*state, "two.tsv"), DATA_E_FORMAT,
                   "two.tsv: ", "no class has two different texts");
}

/* Not a byte of text in the whole set. */
static void texts_may_all_be_empty(void **state)
{
    struct data_texts train, test;
    write_text(*state, "one.csv", "a,\nb,\na,\nb,\n");
    assert_refused(scratch_path(*state, "one.csv"), DATA_E_FORMAT,
                   "one.csv: ", "no class has two different texts");
    write_both(*state, "a\t\nb\t\n", "a\t\n");
    open_texts(*state, &train, &test);
    assert_true(train.count == 2 && test.count == 1);
    assert_int_equal(train.offsets[2], 0);
    free_texts(&train, &test);
}

static void files_that_are_no_text_are_refused(void **state)
{
    static const char nul[] = "a\t1\nb\t\0\n";
    static const char wide[] = "\xff\xfe"
                               "a\0\t\0";
    write_both(*state, "", "a\t3\n");
    assert_refused(*state, DATA_E_FORMAT, "/train.tsv: ", "is empty");
    scratch_write(*state, "train.tsv", nul, sizeof nul - 1);
    assert_refused(*state, DATA_E_FORMAT, "/train.tsv: ", "byte 6 is a NUL");
    scratch_write(*state, "train.tsv", wide, sizeof wide - 1);
    assert_refused(*state, DATA_E_FORMAT, "/train.tsv: ", "is UTF-16");
    write_both(*state, "a\t1\nb\t2\n", "a\t3\nb\n");
    assert_refused(*state, DATA_E_FORMAT, "/test.tsv: line 2", "has no tab");
}

static void a_gzip_file_cut_short_is_refused(void **state)
{
    char *text = malloc(100001);
    for (int i = 0; i < 10000; i++)
        sprintf(text + 10 * i, "%c\t%07d\n", "ab"[i % 2], i * 12347 % 9999991);
    scratch_gzip(*state, "train.tsv.gz", text, 100000, 4000);
    write_text(*state, "test.tsv", "a\tx\n");
    assert_refused(*state, DATA_E_FORMAT, "/train.tsv.gz: ", "is cut short");
    free(text);
}

/* Gzip'd zeros grow a thousandfold: memory must not follow them. */
static void a_file_that_inflates_without_end_is_refused(void **state)
{
    static const char zeros[1 << 20];
    scratch_folder(*state, "train");
    scratch_folder(*state, "test");
    scratch_folder(*state, "train/a");
    size_t size;
    scratch_gzip(*state, "one.gz", zeros, sizeof zeros, SIZE_MAX);
    uint8_t *member = scratch_read(*state, "one.gz", &size);
    FILE *file = fopen(scratch_path(*state, "train/a/big.txt.gz"), "wb");
    assert_non_null(file);
    for (int i = 0; i < 64; i++)
        assert_true(fwrite(member, 1, size, file) == size);
    assert_int_equal(fclose(file), 0);
    assert_refused(*state, DATA_E_FORMAT,
                   "/train/a/big.txt.gz: ", "more than the 16777216 bytes");
    free(member);
}

static void files_that_cannot_be_read_say_why(void **state)
{
    write_both(*state, "a\t1\nb\t2\n", "a\t3\n");
    assert_int_equal(unlink(scratch_path(*state, "train.tsv")), 0);
    scratch_folder(*state, "train.tsv");
    assert_refused(*state, DATA_E_READ, "/train.tsv: ", "is a folder");
    assert_int_equal(rmdir(scratch_path(*state, "train.tsv")), 0);
    if (geteuid() == 0) return; /* root reads everything */
    write_text(*state, "train.tsv", "a\t1\nb\t2\n");
    assert_int_equal(chmod(scratch_path(*state, "train.tsv"), 0), 0);
    assert_refused(*state, DATA_E_READ, "/train.tsv: ", "cannot be opened");
}

static void what_is_no_set_of_texts_is_refused(void **state)
{
    assert_refused("spma", DATA_E_NOT_FOUND, "spma: ",
                   "neither a folder, a file nor a known set of texts (spam");
    assert_refused("fashion-mnist", DATA_E_NOT_FOUND,
                   "fashion-mnist: ", "is a set of images, not of texts");
    assert_refused(*state, DATA_E_FORMAT, *state, "holds no texts");
    write_text(*state, "notes.md", "a\tb\n");
    assert_refused(scratch_path(*state, "notes.md"), DATA_E_FORMAT,
                   "/notes.md: ", "is neither a .tsv nor a .csv file");
    write_text(*state, "train.tsv", "a\t1\nb\t2\n");
    assert_refused(*state, DATA_E_NOT_FOUND, *state,
                   "holds train.tsv but no test.tsv");
    write_text(*state, "cifar/data_batch_1.bin", "");
    write_text(*state, "cifar/test_batch.bin", "");
    assert_refused(scratch_path(*state, "cifar"), DATA_E_FORMAT,
                   "/cifar: ", "holds a set of images");
}

static void spam_that_is_nowhere_says_how_to_get_it(void **state)
{
    setenv("TAPER_DATA", *state, 1);
    setenv("XDG_DATA_HOME", "/nowhere", 1);
    assert_int_equal(chdir(*state), 0);
    assert_refused("spam", DATA_E_NOT_FOUND, *state,
                   "/nowhere/taper, /usr/share/datasets: tools/fetch-spam");
    assert_int_equal(chdir("/"), 0);
}

#define IN_SCRATCH(test) \
    cmocka_unit_test_setup_teardown(test, scratch_create, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(a_folder_holds_both_splits),
        IN_SCRATCH(files_may_be_gzipped_and_of_two_kinds),
        IN_SCRATCH(classes_are_sorted_and_integers_by_value),
        IN_SCRATCH(a_limit_keeps_the_first_training_texts),
        IN_SCRATCH(a_limit_is_even_where_texts_come_by_class),
        IN_SCRATCH(a_file_is_split_evenly_and_always_alike),
        IN_SCRATCH(copies_of_a_text_are_on_one_side),
        IN_SCRATCH(fingerprints_tell_sets_apart),
        IN_SCRATCH(a_label_that_only_the_test_has_is_refused),
        IN_SCRATCH(sets_without_classes_to_learn_are_refused),
        IN_SCRATCH(texts_may_all_be_empty),
        IN_SCRATCH(files_that_are_no_text_are_refused),
        IN_SCRATCH(a_gzip_file_cut_short_is_refused),
        IN_SCRATCH(a_file_that_inflates_without_end_is_refused),
        IN_SCRATCH(files_that_cannot_be_read_say_why),
        IN_SCRATCH(what_is_no_set_of_texts_is_refused),
        IN_SCRATCH(spam_that_is_nowhere_says_how_to_get_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
