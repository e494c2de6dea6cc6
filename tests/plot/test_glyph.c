/* No byte of any text reaches a terminal or a picture unescaped by mistake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "plot/glyph.h"

/* The whole text, every piece visible. */
static const char *show(const char *s, bool ascii)
{
    static char out[256];
    plot_glyph_fit(s, 200, ascii, out, sizeof out);
    return out;
}

static void plain_text_and_utf8_stay(void **state)
{
    (void)state;
    assert_string_equal(show("cosine(0.1, 0)", false), "cosine(0.1, 0)");
    assert_string_equal(show("\u03b7 \u20ac \U0001f600", false),
                        "\u03b7 \u20ac \U0001f600");
}

static void every_control_byte_is_escaped(void **state)
{
    (void)state;
    for (int c = 1; c < 256; c++) {
        if (c >= 0x20 && c < 0x7f) continue;
        const char text[2] = {(char)c, '\0'};
        char expected[8];
        snprintf(expected, sizeof expected, "\\x%02x", (unsigned)c);
        assert_string_equal(show(text, false), expected);
    }
}

static void broken_and_dangerous_utf8_is_escaped(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\xc0\xaf",         /* overlong / */
        "\xed\xa0\x80",     /* surrogate */
        "\xf4\x90\x80\x80", /* beyond U+10FFFF */
        "\xe2\x82",         /* cut off */
        "\xc2\x9b",         /* C1 control sequence introducer */
        "\xe2\x80\xae",     /* right-to-left override */
        "\xe2\x80\xa8",     /* line separator */
    };
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
        for (const char *s = show(bad[k], false); *s; s++)
            assert_true(*s > 0 && *s != 0x7f);
    assert_string_equal(show("\xe2\x80\xae", false), "\\xe2\\x80\\xae");
}

static void bytes_that_are_no_text_become_question_marks(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"plain", "plain"},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", /* é, euro sign, a face */
         "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"\xff\xfe", "??"},
        {"\xc0\x80", "??"},           /* overlong */
        {"\xe0\x80\x80", "???"},      /* overlong */
        {"\xed\xa0\x80", "???"},      /* half of a pair */
        {"\xf4\x90\x80\x80", "????"}, /* beyond U+10FFFF */
        {"\xe2\x82", "??"},           /* cut off */
        {"a\xc3", "a?"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "%s", rows[i][0]);
        plot_glyph_clean(text);
        assert_string_equal(text, rows[i][1]);
    }
}

static void ascii_has_a_question_mark_for_what_it_lacks(void **state)
{
    (void)state;
    assert_string_equal(show("\u03b7=0.1", true), "?=0.1");
}

static void widths_are_those_of_a_terminal(void **state)
{
    (void)state;
    char out[64];
    assert_int_equal(plot_glyph_fit("abc", 60, false, out, sizeof out), 3);
    assert_int_equal(plot_glyph_fit("\u5b66", 60, false, out, sizeof out), 2);
    assert_int_equal(plot_glyph_fit("e\u0301", 60, false, out, sizeof out), 1);
    assert_int_equal(plot_glyph_fit("\x1b", 60, false, out, sizeof out), 4);
}

static void a_long_text_ends_in_dots_within_its_width(void **state)
{
    (void)state;
    char out[64];
    assert_int_equal(plot_glyph_fit("0123456789", 8, false, out, sizeof out),
                     8);
    assert_string_equal(out, "01234...");
    /* A wide character is not cut in two. */
    assert_int_equal(plot_glyph_fit("ab\u5b66\u5b66\u5b66", 6, false, out,
                                    sizeof out),
                     5);
    assert_string_equal(out, "ab...");
    /* The buffer bounds it as well. */
    plot_glyph_fit("0123456789", 60, false, out, 9);
    assert_true(strlen(out) < 9);
    assert_int_equal(plot_glyph_fit(NULL, 8, false, out, sizeof out), 0);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_and_utf8_stay),
        cmocka_unit_test(every_control_byte_is_escaped),
        cmocka_unit_test(broken_and_dangerous_utf8_is_escaped),
        cmocka_unit_test(bytes_that_are_no_text_become_question_marks),
        cmocka_unit_test(ascii_has_a_question_mark_for_what_it_lacks),
        cmocka_unit_test(widths_are_those_of_a_terminal),
        cmocka_unit_test(a_long_text_ends_in_dots_within_its_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
