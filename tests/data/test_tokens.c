/* Sets of texts become sets of ids. */
#include "data/tokens.h"

#include "scratch.h"
#include "texts_case.h"

/* The first begins with white space, which has no ids as words. */
static const char *const lines[] = {
    " \n the rate",
    "the rate falls",
    "",
    "The rate, the rate: the RATE!",
    "falls \xff the",
    "the rate falls and the rate rises and the rate falls"};

static struct data_tokens tokens_of(const struct data_tokenizer *t,
                                    size_t length)
{
    struct data_texts texts = texts_of(lines, COUNT_OF(lines));
    struct data_tokens tokens;
    struct data_error err;
    if (data_tokens_create(&texts, t, length, &tokens, &err) != DATA_OK)
        fail_msg("%s", err.message);
    texts_free(&texts);
    return tokens;
}

/* What is remembered of a word is what encoding it gives. */
static void a_set_holds_what_encoding_each_text_gives(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        const struct data_tokenizer_options o = {.kind = both_kinds[kind]};
        struct data_tokenizer *t = tokenizer_of(lines, COUNT_OF(lines), &o);
        for (size_t length = 1; length < 12; length++) {
            struct data_tokens tokens = tokens_of(t, length);
            size_t longest = 0, cut = 0, before = 0, unknown = 0;
            assert_true(tokens.count == COUNT_OF(lines));
            assert_true(tokens.offsets[0] == 0);
            for (size_t i = 0; i < tokens.count; i++) {
                int32_t ids[64];
                const size_t n =
                    data_tokenizer_encode(t, lines[i], strlen(lines[i]), ids,
                                          64);
                const size_t kept = n < length ? n : length;
                const size_t first = tokens.offsets[i];
                assert_true(tokens.offsets[i + 1] - first == kept);
                assert_memory_equal(tokens.ids + first, ids,
                                    kept * sizeof *ids);
                longest = kept > longest ? kept : longest;
                cut += n > length;
                before += n;
                for (size_t k = 0; k < kept; k++)
                    unknown += ids[k] == DATA_TOKEN_UNKNOWN;
            }
            assert_true(tokens.longest == longest && tokens.cut == cut);
            assert_true(tokens.ids_before == before);
            assert_true(tokens.unknown == unknown);
            assert_true((unknown > 0) == (kind == 1 && length > 2));
            data_tokens_free(&tokens);
            assert_null(tokens.ids);
        }
        data_tokenizer_destroy(t);
    }
}

static void labels_and_sizes_go_with_the_texts(void **state)
{
    (void)state;
    struct data_tokenizer *t = tokenizer_of(lines, COUNT_OF(lines), NULL);
    struct data_tokens tokens = tokens_of(t, 100);
    assert_true(tokens.classes == 2);
    assert_true(tokens.vocabulary == data_tokenizer_size(t));
    for (size_t i = 0; i < tokens.count; i++)
        assert_int_equal(tokens.labels[i], (int)(i % 2));
    assert_true(tokens.offsets[3] - tokens.offsets[2] == 1); /* "" */
    data_tokens_free(&tokens);
    data_tokenizer_destroy(t);
}

static void a_length_of_nothing_is_refused(void **state)
{
    (void)state;
    struct data_texts texts = texts_of(lines, 1);
    struct data_tokenizer *t = tokenizer_of(lines, 1, NULL);
    struct data_tokens tokens;
    struct data_error err;
    data_tokens_create(&texts, t, 0, &tokens, &err);
    assert_error(&err, DATA_E_ARGUMENT, "room for at least one token", "");
    assert_null(tokens.ids);
    data_tokens_free(&tokens);
    data_tokenizer_destroy(t);
    texts_free(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_holds_what_encoding_each_text_gives),
        cmocka_unit_test(labels_and_sizes_go_with_the_texts),
        cmocka_unit_test(a_length_of_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
