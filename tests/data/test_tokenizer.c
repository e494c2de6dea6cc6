/* Byte pairs and words: learned as peers learn them, encoded and decoded.
 * golden_bpe.inc was written by tools/golden/bpe.py. */
#include "data/tokenizer.h"

#include "data/random.h"
#include "data/tokenizer_inside.h"
#include "scratch.h"
#include "texts_case.h"

#include <stdio.h>

struct golden_encoding {
    const char *text;
    size_t count;
    int32_t ids[40];
};

#include "golden_bpe.inc"

static void assert_spelling(const struct data_tokenizer *t, int32_t id,
                            const char *want)
{
    size_t size;
    const uint8_t *bytes =
        data_dictionary_bytes(&t->spellings, (size_t)id - DATA_TOKEN_FIRST,
                              &size);
    assert_true(size == strlen(want));
    assert_memory_equal(bytes, want, size);
}

static void assert_encoding(const struct data_tokenizer *t, const char *text,
                            const int32_t *want, size_t n)
{
    int32_t ids[256];
    assert_true(data_tokenizer_encode(t, text, strlen(text), ids, 256) == n);
    assert_memory_equal(ids, want, n * sizeof *ids);
}

static void assert_peers_merges(const struct data_tokenizer *t,
                                const char *const want[][2], size_t n)
{
    assert_true(t->merge_count == n);
    for (size_t i = 0; i < n; i++) {
        assert_spelling(t, t->merges[i].left, want[i][0]);
        assert_spelling(t, t->merges[i].right, want[i][1]);
        assert_true(t->merges[i].made == FIRST_MERGE + (int32_t)i);
    }
}

static void merges_and_encodings_are_the_peers(void **state)
{
    (void)state;
    struct data_tokenizer *t =
        tokenizer_of(english_texts, COUNT_OF(english_texts), NULL);
    assert_peers_merges(t, english_merges, COUNT_OF(english_merges));
    for (size_t i = 0; i < COUNT_OF(english_encodings); i++)
        assert_encoding(t, english_encodings[i].text, english_encodings[i].ids,
                        english_encodings[i].count);
    data_tokenizer_destroy(t);

    t = tokenizer_of(letters_texts, COUNT_OF(letters_texts), NULL);
    assert_peers_merges(t, letters_merges, COUNT_OF(letters_merges));
    for (size_t i = 0; i < COUNT_OF(letters_encodings); i++)
        assert_encoding(t, letters_encodings[i].text, letters_encodings[i].ids,
                        letters_encodings[i].count);
    data_tokenizer_destroy(t);
}

/* ---- The definition of byte pairs: all pairs are counted anew for each merge
 */

enum { BREAK = -1, MOST_IDS = FIRST_MERGE + 40 };

/* A text as the ids of its bytes, a BREAK behind each word; returns how many
 * values that are. */
static size_t spread_out(const char *text, size_t size, int32_t *out)
{
    struct data_word_walk walk = data_word_walk(text, size, false);
    uint8_t word[DATA_WORD_MAX];
    size_t n = 0, bytes;
    while ((bytes = data_word_next(&walk, word)) > 0) {
        for (size_t i = 0; i < bytes; i++)
            out[n++] = DATA_TOKEN_FIRST + word[i];
        out[n++] = BREAK;
    }
    return n;
}

/* Counts every pair of neighbours; returns how many different ones there are.
 */
static size_t count_pairs(const int32_t *ids, size_t n,
                          uint32_t counts[MOST_IDS][MOST_IDS])
{
    size_t different = 0;
    memset(counts, 0, sizeof(uint32_t[MOST_IDS][MOST_IDS]));
    for (size_t i = 0; i + 1 < n; i++)
        if (ids[i] != BREAK && ids[i + 1] != BREAK)
            different += counts[ids[i]][ids[i + 1]]++ == 0;
    return different;
}

/* The most frequent pair, of equals the one whose ids are smaller. */
static struct merge most_frequent(uint32_t counts[MOST_IDS][MOST_IDS])
{
    struct merge best = {0, 0, 0};
    for (int32_t left = 0; left < MOST_IDS; left++)
        for (int32_t right = 0; right < MOST_IDS; right++)
            if (counts[left][right] > counts[best.left][best.right])
                best = (struct merge){left, right, 0};
    return best;
}

static size_t merge_all(int32_t *ids, size_t n, struct merge m)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const bool here =
            i + 1 < n && ids[i] == m.left && ids[i + 1] == m.right;
        ids[kept++] = here ? m.made : ids[i];
        i += here;
    }
    return kept;
}

/* Words of ASCII letters and of two-byte ones, of which there are thousands of
 * pairs: more than the tables of the learner have room for at first. */
static char *many_words(size_t *size)
{
    enum { WORDS = 12000, LETTERS = 8 };
    char *const text = malloc(WORDS * (2 * LETTERS + 1) + 1);
    assert_non_null(text);
    struct data_random r = data_stream(5, "words", 0, 0);
    char *at = text;
    for (size_t i = 0; i < (size_t)WORDS * LETTERS; i++) {
        const int k = (int)data_random_below(&r, 52 + 128);
        if (k < 52) {
            *at++ = (char)(k < 26 ? 'a' + k : 'A' + k - 26);
        } else {
            *at++ = (char)(0xc4 + (k - 52) / 64);
            *at++ = (char)(0x80 + (k - 52) % 64);
        }
        if (i % LETTERS == LETTERS - 1) *at++ = ' ';
    }
    *at = '\0';
    *size = (size_t)(at - text);
    return text;
}

static void learning_is_counting_anew_for_each_merge(void **state)
{
    (void)state;
    static uint32_t counts[MOST_IDS][MOST_IDS];
    size_t size;
    char *const text = many_words(&size);
    int32_t *const ids = malloc((2 * size + 2) * sizeof *ids);
    assert_non_null(ids);
    const struct data_tokenizer_options options = {.size = MOST_IDS,
                                                   .keep_case = true};
    const char *const lines[] = {text};
    struct data_tokenizer *t = tokenizer_of(lines, 1, &options);
    assert_true(t->merge_count == MOST_IDS - FIRST_MERGE);

    size_t n = spread_out(text, size, ids);
    assert_true(count_pairs(ids, n, counts) > 5000);
    for (size_t i = 0; i < t->merge_count; i++) {
        (void)count_pairs(ids, n, counts);
        struct merge m = most_frequent(counts);
        m.made = FIRST_MERGE + (int32_t)i;
        assert_memory_equal(&t->merges[i], &m, sizeof m);
        n = merge_all(ids, n, m);
    }
    data_tokenizer_destroy(t);
    free(ids);
    free(text);
}

/* A smaller vocabulary is the beginning of a larger one. */
static void the_size_bounds_the_vocabulary(void **state)
{
    (void)state;
    static const size_t sizes[] = {259, 260, 300};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        const struct data_tokenizer_options o = {.size = sizes[i]};
        struct data_tokenizer *t =
            tokenizer_of(english_texts, COUNT_OF(english_texts), &o);
        assert_true(data_tokenizer_size(t) == sizes[i]);
        assert_peers_merges(t, english_merges, sizes[i] - 259);
        data_tokenizer_destroy(t);
    }
}

static void rare_pairs_are_not_merged(void **state)
{
    (void)state;
    static const char *const texts[] = {"ab ab ab cd cd"};
    static const size_t merges[] = {0, 4, 4, 2, 0};
    for (size_t k = 1; k < COUNT_OF(merges); k++) {
        /* " a", " ab" three times each; " c", " cd" twice. */
        const struct data_tokenizer_options o = {.min_count = k};
        struct data_tokenizer *t = tokenizer_of(texts, 1, &o);
        assert_true(t->merge_count == merges[k]);
        data_tokenizer_destroy(t);
    }
}

/* Of a pair in each order, the left token that was made first decides. */
static void ties_are_broken_by_age(void **state)
{
    (void)state;
    static const char *const texts[] = {"zy\nzy\nbc\nbc\nbb\nbb"};
    static const char *const want[] = {"bb", "bc", "zy"};
    const struct data_tokenizer_options o = {.size = 262};
    struct data_tokenizer *t = tokenizer_of(texts, 1, &o);
    /* The first of the text has a space before it, so " z" is seen once. */
    for (int32_t i = 0; i < 3; i++)
        assert_spelling(t, FIRST_MERGE + i, want[i]);
    data_tokenizer_destroy(t);
}

static void every_text_begins_with_the_class_token(void **state)
{
    (void)state;
    static const int32_t want[] = {DATA_TOKEN_CLASS};
    struct data_tokenizer *t = tokenizer_of(english_texts, 1, NULL);
    assert_encoding(t, "", want, 1);
    assert_true(data_tokenizer_encode(t, NULL, 0, NULL, 0) == 1);
    data_tokenizer_destroy(t);
}

static void a_cut_text_says_how_long_it_was(void **state)
{
    (void)state;
    struct data_tokenizer *t = tokenizer_of(english_texts, 8, NULL);
    const char *text = english_texts[0];
    int32_t all[128], cut[128];
    const size_t n = data_tokenizer_encode(t, text, strlen(text), all, 128);
    assert_in_range(n, 3, 127);
    for (size_t most = 0; most <= n + 1; most++) {
        for (size_t i = 0; i < 128; i++)
            cut[i] = -1;
        assert_true(data_tokenizer_encode(t, text, strlen(text), cut, most) ==
                    n);
        const size_t kept = most < n ? most : n;
        assert_memory_equal(cut, all, kept * sizeof *cut);
        assert_int_equal(cut[kept], -1);
    }
    data_tokenizer_destroy(t);
}

/* Any bytes at all, with few and with many merges. */
static void byte_pairs_give_back_every_byte(void **state)
{
    (void)state;
    const struct data_tokenizer_options few = {.size = 262, .keep_case = true};
    const struct data_tokenizer_options many = {.keep_case = true};
    struct data_random r = data_stream(2, "bytes", 0, 0);
    for (int k = 0; k < 2; k++) {
        struct data_tokenizer *t =
            tokenizer_of(english_texts, 8, k ? &many : &few);
        for (int round = 0; round < 1000; round++) {
            const size_t size = (size_t)data_random_below(&r, 200);
            char text[200], back[200];
            int32_t ids[202];
            for (size_t i = 0; i < size; i++)
                text[i] = round % 2 ? (char)data_random_below(&r, 256)
                                    : "the aAn '.\n"[data_random_below(&r, 11)];
            const size_t n = data_tokenizer_encode(t, text, size, ids, 202);
            assert_true(n <= size + 2);
            for (size_t i = 1; i < n; i++)
                assert_in_range(ids[i], DATA_TOKEN_FIRST,
                                data_tokenizer_size(t) - 1);
            assert_true(data_tokenizer_decode(t, ids, n, back, 200) == size);
            assert_memory_equal(back, text, size);
        }
        data_tokenizer_destroy(t);
    }
}

static void case_is_lost_unless_it_is_kept(void **state)
{
    (void)state;
    static const char *const texts[] = {"Taper taper TAPER"};
    for (int keep = 0; keep < 2; keep++) {
        const struct data_tokenizer_options o = {.keep_case = keep};
        struct data_tokenizer *t = tokenizer_of(texts, 1, &o);
        int32_t ids[32];
        char back[32];
        assert_true(data_tokenizer_keeps_case(t) == (keep == 1));
        const size_t n = data_tokenizer_encode(t, texts[0], 17, ids, 32);
        assert_true(data_tokenizer_decode(t, ids, n, back, 32) == 17);
        assert_memory_equal(back, keep ? texts[0] : "taper taper taper", 17);
        data_tokenizer_destroy(t);
    }
}

/* Words within the cut-off by how often they come, then by their bytes. */
static void words_are_numbered_by_frequency(void **state)
{
    (void)state;
    static const char *const texts[] = {"the cat, the hat", "The bat; a cat.",
                                        "don't, don't!"};
    static const char *const want[] = {"the", ",", "cat", "don't"};
    const struct data_tokenizer_options o = {.kind = DATA_TOKENIZER_WORDS};
    struct data_tokenizer *t = tokenizer_of(texts, 3, &o);
    assert_true(data_tokenizer_size(t) == 3 + COUNT_OF(want));
    for (size_t i = 0; i < COUNT_OF(want); i++)
        assert_spelling(t, DATA_TOKEN_FIRST + (int32_t)i, want[i]);

    static const int32_t ids[] = {2, 3, 1, 4, 1, 6, 1, 5};
    assert_encoding(t, "the dog,\n(DON'T) cat", ids, 8);
    char back[64];
    const size_t n = data_tokenizer_decode(t, ids, 8, back, 64);
    static const char text[] = "the [unknown] , [unknown] don't [unknown] cat";
    assert_true(n == strlen(text));
    assert_memory_equal(back, text, n);
    data_tokenizer_destroy(t);
}

static void words_past_the_size_or_the_cut_off_are_unknown(void **state)
{
    (void)state;
    static const char *const texts[] = {"a a a b b b c c d"};
    static const size_t words[] = {0, 4, 3, 2, 0};
    struct data_tokenizer_options o = {.kind = DATA_TOKENIZER_WORDS};
    for (o.min_count = 1; o.min_count <= 4; o.min_count++) {
        struct data_tokenizer *t = tokenizer_of(texts, 1, &o);
        assert_true(data_tokenizer_size(t) == 3 + words[o.min_count]);
        data_tokenizer_destroy(t);
    }
    static const int32_t ids[] = {2, 3, 1, 1, 1};
    o.min_count = 1;
    o.size = 4;
    struct data_tokenizer *t = tokenizer_of(texts, 1, &o);
    assert_encoding(t, "a b c d", ids, 5);
    data_tokenizer_destroy(t);
}

/* "..." is three times "."; white space is nothing. */
static void words_take_punctuation_apart(void **state)
{
    (void)state;
    static const char *const texts[] = {". . \xe2\x80\x94 \xe2\x80\x94 's 's"};
    static const int32_t ids[] = {2, 4, 4, 4, 5, 3, 1};
    const struct data_tokenizer_options o = {.kind = DATA_TOKENIZER_WORDS};
    struct data_tokenizer *t = tokenizer_of(texts, 1, &o);
    assert_encoding(t, "...\xe2\x80\x94\n\t  's\xff  ", ids, 7);
    data_tokenizer_destroy(t);
}

static void ids_outside_decode_to_nothing(void **state)
{
    (void)state;
    struct data_tokenizer *t = tokenizer_of(english_texts, 1, NULL);
    const int32_t ids[] = {
        0,      1, 2, -1, INT32_MIN, INT32_MAX, (int32_t)data_tokenizer_size(t),
        3 + 'x'};
    char back[8] = "?";
    assert_true(data_tokenizer_decode(t, ids, 7, NULL, 0) == 0);
    assert_true(data_tokenizer_decode(t, ids, 8, back, 8) == 1);
    assert_true(back[0] == 'x');
    data_tokenizer_destroy(t);
}

/* The same texts in another order of lines make the same tokenizer; other
 * texts make another. */
static void the_fingerprint_tells_tokenizers_apart(void **state)
{
    (void)state;
    static const char *const turned[] = {"b b a", "a a"};
    static const char *const straight[] = {"a a", "b b a"};
    static const char *const other[] = {"a a", "c c a"};
    for (int k = 0; k < 2; k++) {
        const struct data_tokenizer_options o = {.kind = both_kinds[k]};
        const struct data_tokenizer_options kept = {.kind = both_kinds[k],
                                                    .keep_case = true};
        struct data_tokenizer *t[] = {tokenizer_of(turned, 2, &o),
                                      tokenizer_of(straight, 2, &o),
                                      tokenizer_of(other, 2, &o),
                                      tokenizer_of(turned, 2, &kept)};
        uint64_t f[4];
        for (int i = 0; i < 4; i++) {
            f[i] = data_tokenizer_fingerprint(t[i]);
            data_tokenizer_destroy(t[i]);
        }
        assert_true(f[0] == f[1]);
        assert_true(f[0] != f[2] && f[0] != f[3]);
    }
}

static void sizes_out_of_range_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct data_tokenizer_options options;
        const char *text;
    } rows[] = {
        {{.size = 258}, "a vocabulary of 258 is not between 259 and 1000000"},
        {{.size = 1000001}, "of 1000001 is not"},
        {{.kind = DATA_TOKENIZER_WORDS, .size = 3}, "of 3 is not between 4"},
    };
    struct data_texts texts = texts_of(english_texts, 1);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct data_tokenizer *t;
        struct data_error err;
        assert_int_equal(data_tokenizer_train(&texts, &rows[i].options, &t,
                                              &err),
                         DATA_E_ARGUMENT);
        assert_error(&err, DATA_E_ARGUMENT, rows[i].text, "");
        assert_null(t);
    }
    texts_free(&texts);
    data_tokenizer_destroy(NULL);
}

/* Texts without a word: the bytes remain, or nothing at all. */
static void empty_texts_make_a_tokenizer(void **state)
{
    (void)state;
    static const char *const texts[] = {"", ""};
    for (int k = 0; k < 2; k++) {
        const struct data_tokenizer_options o = {.kind = both_kinds[k]};
        struct data_tokenizer *t = tokenizer_of(texts, 2, &o);
        int32_t ids[4];
        assert_true(data_tokenizer_size(t) == (k ? 3 : 259));
        assert_true(data_tokenizer_encode(t, "a", 1, ids, 4) == (k ? 2 : 3));
        assert_true(ids[1] == (k ? DATA_TOKEN_UNKNOWN : 3 + ' '));
        data_tokenizer_destroy(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges_and_encodings_are_the_peers),
        cmocka_unit_test(learning_is_counting_anew_for_each_merge),
        cmocka_unit_test(the_size_bounds_the_vocabulary),
        cmocka_unit_test(rare_pairs_are_not_merged),
        cmocka_unit_test(ties_are_broken_by_age),
        cmocka_unit_test(every_text_begins_with_the_class_token),
        cmocka_unit_test(a_cut_text_says_how_long_it_was),
        cmocka_unit_test(byte_pairs_give_back_every_byte),
        cmocka_unit_test(case_is_lost_unless_it_is_kept),
        cmocka_unit_test(words_are_numbered_by_frequency),
        cmocka_unit_test(words_past_the_size_or_the_cut_off_are_unknown),
        cmocka_unit_test(words_take_punctuation_apart),
        cmocka_unit_test(ids_outside_decode_to_nothing),
        cmocka_unit_test(the_fingerprint_tells_tokenizers_apart),
        cmocka_unit_test(sizes_out_of_range_are_refused),
        cmocka_unit_test(empty_texts_make_a_tokenizer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
