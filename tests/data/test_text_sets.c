/* The real sets of texts, where they are: `spam` where taper finds it, and
 * trec, sst2 and imdb below the folder that $TAPER_TEST_TEXTS names, or below
 * ./data. Skipped (77) if none is there.
 *
 * The counts are those that the sets' authors publish: TREC 5,452 and 500
 * questions of 6 classes, SST-2 6,920 and 1,821 sentences, IMDB 25,000 and
 * 25,000 reviews, SpamAssassin 4,150 ham and 1,896 spam mails. */
#include "text_files.h"

#include "data/file.h"

#include <stdio.h>
#include <stdlib.h>

static int opened; /* sets that were there */

static bool open_set(const char *name, struct data_texts *train,
                     struct data_texts *test)
{
    const char *folder = getenv("TAPER_TEST_TEXTS");
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "./data", name);
    if (!data_path_exists(path)) return false;
    open_texts(path, train, test);
    opened++;
    return true;
}

static size_t count_class(const struct data_texts *texts, int32_t class)
{
    size_t n = 0;
    for (size_t i = 0; i < texts->count; i++)
        n += texts->labels[i] == class;
    return n;
}

static void trec_has_its_questions(void **state)
{
    (void)state;
    struct data_texts train, test;
    if (!open_set("trec", &train, &test)) return;
    assert_true(train.count == 5452 && test.count == 500);
    assert_true(train.classes == 6);
    free_texts(&train, &test);
}

static void sst2_has_its_sentences(void **state)
{
    (void)state;
    struct data_texts train, test;
    if (!open_set("sst2", &train, &test)) return;
    assert_true(train.count == 6920 && test.count == 1821);
    assert_true(train.classes == 2);
    free_texts(&train, &test);
}

static void imdb_has_its_reviews(void **state)
{
    (void)state;
    struct data_texts train, test;
    if (!open_set("imdb", &train, &test)) return;
    assert_true(train.count == 25000 && test.count == 25000);
    assert_true(count_class(&train, 1) == 12500);
    assert_true(count_class(&test, 1) == 12500);
    /* The file holds one class after the other. */
    assert_true(train.labels[0] == 0 && train.labels[1] == 1);
    free_texts(&train, &test);
}

static void spam_has_its_mails(void **state)
{
    (void)state;
    struct data_texts train, test;
    struct data_error err;
    if (data_texts_open("spam", NULL, &train, &test, &err) != DATA_OK) {
        assert_int_equal(err.status, DATA_E_NOT_FOUND);
        return;
    }
    opened++;
    assert_int_equal(count_class(&train, 0) + count_class(&test, 0), 4150);
    assert_int_equal(count_class(&train, 1) + count_class(&test, 1), 1896);
    assert_in_range(count_class(&test, 0), 830, 850);
    assert_in_range(count_class(&test, 1), 379, 399);
    for (size_t i = 0; i < train.count; i++)
        assert_true(train.offsets[i] < train.offsets[i + 1]);
    assert_null(memchr(train.bytes, 0, train.offsets[train.count]));
    free_texts(&train, &test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trec_has_its_questions),
        cmocka_unit_test(sst2_has_its_sentences),
        cmocka_unit_test(imdb_has_its_reviews),
        cmocka_unit_test(spam_has_its_mails),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed == 0 && opened == 0 ? 77 : failed;
}
