/* Where words end, what is a letter, and what is made small. */
#include "data/word_walk.h"

#include "data/random.h"
#include "scratch.h"

#include <stdlib.h>
#include <string.h>

/* The words of a text, each between bars. */
static void assert_words(const char *text, bool lowercase, const char *want)
{
    struct data_word_walk walk = data_word_walk(text, strlen(text), lowercase);
    uint8_t word[DATA_WORD_MAX];
    char got[512] = "|";
    size_t n;
    while ((n = data_word_next(&walk, word)) > 0) {
        assert_true(n <= DATA_WORD_MAX);
        strncat(got, (const char *)word, n);
        strcat(got, "|");
    }
    assert_string_equal(got, want);
}

static void a_word_takes_the_space_before_it(void **state)
{
    (void)state;
    assert_words("", false, "|");
    assert_words("a cat sat.", false, "| a| cat| sat|.|");
    assert_words("in 1984, (x2)", false, "| in| 1984|,| (|x|2|)|");
    assert_words("wait... what?!", false, "| wait|...| what|?!|");
}

static void white_space_leaves_its_last_space_to_the_word(void **state)
{
    (void)state;
    assert_words(" a", false, "| | a|");
    assert_words("a   b", false, "| a|  | b|");
    assert_words("a\n\n b", false, "| a|\n\n| b|");
    assert_words("a\nb", false, "| a|\n|b|");
    assert_words("a \tb", false, "| a| \t|b|");
    assert_words("a  ", false, "| a|  |");
    assert_words("\t", false, "| \t|");
    assert_words(" ", false, "|  |");
}

static void apostrophes_hold_words_together(void **state)
{
    (void)state;
    assert_words("don't stop", false, "| don't| stop|");
    assert_words("it 's fun, is n't it", false,
                 "| it| 's| fun|,| is| n't| it|");
    assert_words("the dogs' bone", false, "| the| dogs|'| bone|");
    assert_words("'hello' 'tis", false, "| '|hello|'| '|tis|");
    assert_words("they 'LL we 've", false, "| they| 'LL| we| 've|");
    assert_words("'", false, "| '|");
}

static void utf8_letters_are_letters(void **state)
{
    (void)state;
    assert_words("na\xc3\xafve caf\xc3\xa9", false,
                 "| na\xc3\xafve| caf\xc3\xa9|");
    assert_words("\xd0\xbc\xd0\xb8\xd1\x80 \xe4\xb8\xad", false,
                 "| \xd0\xbc\xd0\xb8\xd1\x80| \xe4\xb8\xad|");
    /* A dash, quotes and the pound sign are not. */
    assert_words("yes\xe2\x80\x94no \xe2\x80\x9cx\xe2\x80\x9d \xc2\xa3"
                 "5",
                 false,
                 "| yes|\xe2\x80\x94|no| \xe2\x80\x9c|x|\xe2\x80\x9d| "
                 "\xc2\xa3|5|");
}

/* Overlong forms, surrogates, past U+10FFFF, cut short, alone. */
static void invalid_bytes_are_other_characters(void **state)
{
    (void)state;
    static const char *const wrong[] = {"\xc0\x80",
                                        "\xc1\xbf",
                                        "\xe0\x80\x80",
                                        "\xe0\x9f\xbf",
                                        "\xed\xa0\x80",
                                        "\xed\xbf\xbf",
                                        "\xf0\x80\x80\x80",
                                        "\xf4\x90\x80\x80",
                                        "\xf5\x80",
                                        "\xc3",
                                        "\xe4\xb8",
                                        "\xf0\x9f\x98",
                                        "\x80",
                                        "\xff",
                                        "\xe4."};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const uint8_t *at = (const uint8_t *)wrong[i];
        enum data_character_kind kind;
        assert_true(data_character(at, at + strlen(wrong[i]), &kind) == 1);
        assert_int_equal(kind, DATA_CHARACTER_OTHER);
    }
    static const char *const right[] = {"\xc3\xa9",         "\xe0\xa0\x80",
                                        "\xed\x9f\xbf",     "\xee\x80\x80",
                                        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        const uint8_t *at = (const uint8_t *)right[i];
        const size_t size = strlen(right[i]);
        enum data_character_kind kind;
        assert_true(data_character(at, at + size, &kind) == size);
        assert_int_equal(kind, DATA_CHARACTER_LETTER);
    }
    assert_words("a\xff\xfe b", false, "| a|\xff\xfe| b|");
}

static void capitals_become_small(void **state)
{
    (void)state;
    assert_words("AZaz [@`{", true, "| azaz| [@`{|");
    /* Latin-1: A grave, Thorn; the multiplication sign stays. */
    assert_words("\xc3\x80\xc3\x9e\xc3\x97", true,
                 "| \xc3\xa0\xc3\xbe|\xc3\x97|");
    /* Extended-A: A macron, L stroke, S caron, Y diaeresis, Z caron; kra,
     * I with a dot and dotless i stay. */
    assert_words("\xc4\x80\xc5\x81\xc5\xa0\xc5\xb8\xc5\xbd", true,
                 "| \xc4\x81\xc5\x82\xc5\xa1\xc3\xbf\xc5\xbe|");
    assert_words("\xc4\xb8\xc4\xb0\xc4\xb1", true,
                 "| \xc4\xb8\xc4\xb0\xc4\xb1|");
    /* Their small letters, between the capitals, stay too. */
    assert_words("\xc4\x81\xc5\x82\xc5\xa1\xc5\xbe", true,
                 "| \xc4\x81\xc5\x82\xc5\xa1\xc5\xbe|");
    /* Greek Alpha, Sigma, Omega; Cyrillic Io, A, Ya. */
    assert_words("\xce\x91\xce\xa3\xce\xa9", true,
                 "| \xce\xb1\xcf\x83\xcf\x89|");
    assert_words("\xd0\x81\xd0\x90\xd0\xaf", true,
                 "| \xd1\x91\xd0\xb0\xd1\x8f|");
    assert_words("AZ \xc3\x80", false, "| AZ| \xc3\x80|");
}

/* Long words end, and end between characters: 126 letters of one byte, then
 * letters of two. */
static void a_long_word_is_cut_between_characters(void **state)
{
    (void)state;
    char text[400];
    memset(text, 'a', 126);
    for (size_t i = 126; i + 1 < 400; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    struct data_word_walk walk = data_word_walk(text, sizeof text, true);
    uint8_t word[DATA_WORD_MAX];
    assert_true(data_word_next(&walk, word) == 127); /* the space, 126 */
    assert_true(data_word_next(&walk, word) == 128);
    assert_true(data_word_next(&walk, word) == 128);
    assert_true(data_word_next(&walk, word) == 400 - 126 - 256);
    assert_true(data_word_next(&walk, word) == 0);
}

/* A space and then the text: whatever the bytes, the words hold all of them. */
static void words_end_to_end_are_the_text(void **state)
{
    (void)state;
    static const char alphabet[] = "a'B1.  \n\t\xc3\xa9\xe2\x80\x94\xff\x00z";
    struct data_random r = data_stream(1, "words", 0, 0);
    for (int round = 0; round < 2000; round++) {
        const size_t size = (size_t)data_random_below(&r, 300);
        uint8_t text[300], back[301], word[DATA_WORD_MAX];
        for (size_t i = 0; i < size; i++)
            text[i] = (uint8_t)(round % 2 ? data_random_below(&r, 256)
                                          : (uint8_t)alphabet[data_random_below(
                                                &r, sizeof alphabet - 1)]);
        struct data_word_walk walk = data_word_walk(text, size, false);
        size_t used = 0, n;
        while ((n = data_word_next(&walk, word)) > 0) {
            assert_true(n <= sizeof back - used);
            memcpy(back + used, word, n);
            used += n;
        }
        assert_true(used == (size > 0 ? size + 1 : 0));
        if (size == 0) continue;
        assert_true(back[0] == ' ');
        assert_memory_equal(back + 1, text, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_takes_the_space_before_it),
        cmocka_unit_test(white_space_leaves_its_last_space_to_the_word),
        cmocka_unit_test(apostrophes_hold_words_together),
        cmocka_unit_test(utf8_letters_are_letters),
        cmocka_unit_test(invalid_bytes_are_other_characters),
        cmocka_unit_test(capitals_become_small),
        cmocka_unit_test(a_long_word_is_cut_between_characters),
        cmocka_unit_test(words_end_to_end_are_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
