/* Tokenizers as text files: nothing lost, damage refused. */
#include "data/tokenizer.h"

#include "data/hash.h"
#include "data/random.h"
#include "data/word_walk.h"
#include "scratch.h"
#include "texts_case.h"

#include <inttypes.h>
#include <stdio.h>

/* Spaces, backslashes, controls, letters of several bytes and bytes that are no
 * UTF-8, each often enough to become a token. */
static const char *const texts[] = {
    "a \\s \\\\ \\s \\\\ caf\xc3\xa9 caf\xc3\xa9  \n\n \t\t  \n\n \t\t",
    "\x01\x7f\x01\x7f \xff\xfe\xff\xfe \xe4\xb8\xad\xe6\x96\x87 "
    "\xe4\xb8\xad\xe6\x96\x87 don't don't 'll 'll 12 12",
};

/* Free with data_buffer_free(). */
static struct data_buffer written(const struct data_tokenizer *t)
{
    struct data_buffer text = {0};
    assert_int_equal(data_tokenizer_write(t, &text, NULL), DATA_OK);
    return text;
}

static struct data_tokenizer *read_back(const struct data_buffer *text)
{
    struct data_tokenizer *t;
    struct data_error err;
    if (data_tokenizer_read(text->bytes, text->size, "x.txt", &t, &err) !=
        DATA_OK)
        fail_msg("%s", err.message);
    return t;
}

static struct data_tokenizer *tokenizer(int kind, bool keep_case)
{
    const struct data_tokenizer_options o = {.kind = both_kinds[kind],
                                             .keep_case = keep_case};
    return tokenizer_of(texts, COUNT_OF(texts), &o);
}

/* Whatever the bytes, the ids are the same. */
static void assert_encode_alike(const struct data_tokenizer *a,
                                const struct data_tokenizer *b)
{
    struct data_random r = data_stream(3, "alike", 0, 0);
    for (int round = 0; round < 500; round++) {
        const size_t size = (size_t)data_random_below(&r, 120);
        char text[120];
        int32_t one[128], two[128];
        for (size_t i = 0; i < size; i++)
            text[i] = round % 2 ? (char)data_random_below(&r, 256)
                                : texts[1][data_random_below(&r, 30)];
        const size_t n = data_tokenizer_encode(a, text, size, one, 128);
        assert_true(data_tokenizer_encode(b, text, size, two, 128) == n);
        assert_memory_equal(one, two, n * sizeof *one);
    }
}

static void a_tokenizer_comes_back_as_it_was(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) {
        struct data_tokenizer *t = tokenizer(k % 2, k / 2);
        struct data_buffer text = written(t);
        struct data_tokenizer *back = read_back(&text);
        struct data_buffer again = written(back);
        assert_true(data_tokenizer_size(back) > (k % 2 ? 10 : 275));
        assert_true(data_tokenizer_size(t) == data_tokenizer_size(back));
        assert_true(data_tokenizer_fingerprint(t) ==
                    data_tokenizer_fingerprint(back));
        assert_true(again.size == text.size);
        assert_memory_equal(again.bytes, text.bytes, text.size);
        assert_encode_alike(t, back);
        data_buffer_free(&text);
        data_buffer_free(&again);
        data_tokenizer_destroy(t);
        data_tokenizer_destroy(back);
    }
}

/* Valid UTF-8 stays as it is; every line but the tokens' own is plain. */
static void the_file_can_be_read_by_people(void **state)
{
    (void)state;
    static const char *const lines[] = {"b\xc3\xa9\xc3\xa9 b\xc3\xa9\xc3\xa9",
                                        "a\\a a\\a \x02\x02 \x02\x02"};
    static const char want[] = "taper tokenizer 1\n"
                               "kind words\n"
                               "case lower\n"
                               "lines 4\n"
                               "\\x02\n" /* four times */
                               "a\n"     /* four times */
                               "\\\\\n"
                               "b\xc3\xa9\xc3\xa9\n";
    const struct data_tokenizer_options o = {.kind = DATA_TOKENIZER_WORDS};
    struct data_tokenizer *t = tokenizer_of(lines, 2, &o);
    struct data_buffer text = written(t);
    const size_t size = strlen(want);
    assert_true(text.size == size + 22);
    assert_memory_equal(text.bytes, want, size);
    char hash[32];
    snprintf(hash, sizeof hash, "hash %016" PRIx64 "\n",
             data_hash(want, size, 0));
    assert_memory_equal(text.bytes + size, hash, 22);
    data_buffer_free(&text);
    data_tokenizer_destroy(t);
}

/* Tokens of bytes that are no UTF-8 do not make the file so. */
static void the_file_is_utf8_without_controls(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct data_tokenizer *t = tokenizer(kind, true);
        struct data_buffer text = written(t);
        const uint8_t *at = text.bytes, *end = at + text.size;
        while (at < end) {
            enum data_character_kind letters;
            const size_t size = data_character(at, end, &letters);
            assert_true(*at == '\n' || (*at >= ' ' && *at != 127));
            assert_true(*at < 0x80 || size > 1);
            at += size;
        }
        data_buffer_free(&text);
        data_tokenizer_destroy(t);
    }
}

static void assert_refused(const void *text, size_t size, const char *reason)
{
    struct data_tokenizer *t;
    struct data_error err;
    assert_int_equal(data_tokenizer_read(text, size, "x.txt", &t, &err),
                     DATA_E_FORMAT);
    assert_error(&err, DATA_E_FORMAT, "x.txt", reason);
    assert_null(t);
}

static void every_cut_and_every_changed_byte_is_refused(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct data_tokenizer *t = tokenizer(kind, false);
        struct data_buffer text = written(t);
        for (size_t keep = 0; keep < text.size; keep++)
            assert_refused(text.bytes, keep,
                           keep < 18 ? "not a tokenizer of "
                                       "this version"
                                     : "cut or changed");
        for (size_t i = 0; i < text.size; i++) {
            text.bytes[i] ^= 1;
            assert_refused(text.bytes, text.size, "");
            text.bytes[i] ^= 1;
        }
        data_buffer_free(&text);
        data_tokenizer_destroy(t);
    }
}

/* The right hash does not make a wrong file right. */
static void wrong_lines_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *reason;
    } rows[] = {
        {"", "line 2: expected 'kind bpe' or 'kind words'"},
        {"kind letters\n", "line 2: expected 'kind bpe'"},
        {"kind bpe\n", "line 3: expected 'case lower'"},
        {"kind bpe\ncase upper\n", "line 3: expected 'case lower'"},
        {"kind bpe\ncase kept\n", "line 4: expected 'lines'"},
        {"kind bpe\ncase kept\nlines x\n", "line 4: expected 'lines'"},
        {"kind bpe\ncase kept\nlines -1\n", "line 4: expected 'lines'"},
        {"kind bpe\ncase kept\nlines 1000001\n", "line 4: expected 'lines'"},
        {"kind bpe\ncase kept\nlines 99999999999999999999\n",
         "line 4: expected 'lines'"},
        {"kind bpe\ncase kept\nlines 1\n", "line 5: the tokenizer ends early"},
        {"kind bpe\ncase kept\nlines 0\na b\n", "line 5: more lines"},
        {"kind bpe\ncase kept\nlines 1\na\n", "line 5: expected two tokens"},
        {"kind bpe\ncase kept\nlines 1\na \n", "line 5: expected two tokens"},
        {"kind bpe\ncase kept\nlines 1\n a\n", "line 5: expected two tokens"},
        {"kind bpe\ncase kept\nlines 1\na b c\n", "two tokens and no more"},
        {"kind bpe\ncase kept\nlines 1\na \\q\n", "expected two tokens"},
        {"kind bpe\ncase kept\nlines 1\na \\x4\n", "expected two tokens"},
        {"kind bpe\ncase kept\nlines 1\na \\x4G\n", "expected two tokens"},
        {"kind bpe\ncase kept\nlines 1\nab c\n", "line 5: a token that no"},
        {"kind bpe\ncase kept\nlines 3\na b\nb c\na bd\n",
         "line 7: a token that no"},
        {"kind bpe\ncase kept\nlines 2\na b\na b\n",
         "line 6: a token that a line above makes already"},
        {"kind bpe\ncase kept\nlines 4\na b\nb c\nab c\na bc\n",
         "line 8: a token that a line above makes already"},
        {"kind words\ncase kept\nlines 1\na b\n", "line 5: expected one word"},
        {"kind words\ncase kept\nlines 1\n\n", "line 5: expected one word"},
        {"kind words\ncase kept\nlines 2\na\na\n",
         "line 6: a word that stands above already"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[256];
        const int n =
            snprintf(text, sizeof text, "taper tokenizer 1\n%s", rows[i].lines);
        snprintf(text + n, sizeof text - (size_t)n, "hash %016" PRIx64 "\n",
                 data_hash(text, (size_t)n, 0));
        assert_refused(text, (size_t)n + 22, rows[i].reason);
    }
    assert_refused("taper tokenizer 2\n", 18, "not a tokenizer of this");
}

/* A token of 128 bytes is the longest there is: 64 and 64 but not 65. */
static void a_token_longer_than_any_word_is_refused(void **state)
{
    (void)state;
    char text[1024] = "taper tokenizer 1\nkind bpe\ncase kept\nlines 8\n";
    static const char a[] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for (int half = 1; half <= 64; half *= 2) {
        char line[160];
        snprintf(line, sizeof line, "%.*s %.*s\n", half, a, half, a);
        strcat(text, line);
    }
    const size_t n = strlen(text);
    for (int extra = 0; extra < 2; extra++) {
        text[n] = '\0';
        /* 128 and 1, or 64 and 1. */
        strcat(text, extra ? "" : a);
        strcat(text, a);
        strcat(text, " b\n");
        const size_t size = strlen(text);
        snprintf(text + size, sizeof text - size, "hash %016" PRIx64 "\n",
                 data_hash(text, size, 0));
        struct data_buffer whole = {.bytes = (uint8_t *)text,
                                    .size = size + 22};
        if (extra)
            data_tokenizer_destroy(read_back(&whole));
        else
            assert_refused(text, size + 22, "longer than any word");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tokenizer_comes_back_as_it_was),
        cmocka_unit_test(the_file_can_be_read_by_people),
        cmocka_unit_test(the_file_is_utf8_without_controls),
        cmocka_unit_test(every_cut_and_every_changed_byte_is_refused),
        cmocka_unit_test(wrong_lines_are_named),
        cmocka_unit_test(a_token_longer_than_any_word_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
