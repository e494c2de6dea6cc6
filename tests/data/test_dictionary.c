/* Strings are numbered in the order in which they are first seen. */
#include "data/dictionary.h"

#include "scratch.h"

#include <stdio.h>
#include <string.h>

static void strings_are_numbered_as_they_come(void **state)
{
    (void)state;
    static const char *const words[] = {"b", "a", "b", "", "ab", "a", ""};
    static const size_t numbers[] = {0, 1, 0, 2, 3, 1, 2};
    struct data_dictionary d = {0};
    assert_true(data_dictionary_find(&d, "b", 1) == DATA_ABSENT);
    for (size_t i = 0; i < 7; i++)
        assert_true(data_dictionary_add(&d, words[i], strlen(words[i])) ==
                    numbers[i]);
    assert_true(d.count == 4);
    assert_true(data_dictionary_find(&d, "ab", 2) == 3);
    assert_true(data_dictionary_find(&d, "ba", 2) == DATA_ABSENT);
    data_dictionary_free(&d);
    assert_true(d.count == 0);
}

static void strings_may_hold_any_bytes(void **state)
{
    (void)state;
    struct data_dictionary d = {0};
    assert_true(data_dictionary_add(&d, "a\0b", 3) == 0);
    assert_true(data_dictionary_add(&d, "a\0c", 3) == 1);
    assert_true(data_dictionary_add(&d, "a", 1) == 2);
    size_t size;
    const uint8_t *bytes = data_dictionary_bytes(&d, 1, &size);
    assert_true(size == 3);
    assert_memory_equal(bytes, "a\0c", 3);
    data_dictionary_free(&d);
}

/* Through many growths nothing is lost and nothing appears. */
static void a_hundred_thousand_strings_are_all_found(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    struct data_dictionary d = {0};
    char text[16];
    for (int i = 0; i < MANY; i++) {
        const int n = snprintf(text, sizeof text, "%d", i * 7);
        assert_true(data_dictionary_add(&d, text, (size_t)n) == (size_t)i);
    }
    for (int i = 0; i < 7 * MANY; i++) {
        const int n = snprintf(text, sizeof text, "%d", i);
        const size_t found = data_dictionary_find(&d, text, (size_t)n);
        assert_true(found == (i % 7 == 0 ? (size_t)i / 7 : DATA_ABSENT));
    }
    data_dictionary_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_numbered_as_they_come),
        cmocka_unit_test(strings_may_hold_any_bytes),
        cmocka_unit_test(a_hundred_thousand_strings_are_all_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
