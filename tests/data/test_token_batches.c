/* Batches of texts: each once an epoch, padded no further than needed, the same
 * whatever was asked before. */
#include "data/token_batches.h"

#include "data/random.h"
#include "scratch.h"

#include <stdlib.h>
#include <string.h>

enum { COUNT = 203, BATCH = 8, LONGEST = 40 };

static const int row_lengths[] = {8, 16, 24, 40};

/* Text i has 1 to LONGEST ids, id k of it being 1000 i + k + 1. */
static int32_t ids[COUNT * LONGEST];
static size_t offsets[COUNT + 1];
static int32_t labels[COUNT];
static struct data_tokens set = {.count = COUNT,
                                 .ids = ids,
                                 .offsets = offsets,
                                 .labels = labels,
                                 .classes = 7,
                                 .longest = LONGEST};

static int fill_set(void **state)
{
    (void)state;
    struct data_random r = data_stream(1, "lengths", 0, 0);
    for (size_t i = 0; i < COUNT; i++) {
        const size_t n =
            i == 17 ? LONGEST : 1 + (size_t)data_random_below(&r, LONGEST);
        for (size_t k = 0; k < n; k++)
            ids[offsets[i] + k] = (int32_t)(1000 * i + k + 1);
        offsets[i + 1] = offsets[i] + n;
        labels[i] = (int32_t)(i % 7);
    }
    return 0;
}

static struct data_token_batch_options plain(enum data_mode mode)
{
    return (struct data_token_batch_options){.mode = mode,
                                             .batch = BATCH,
                                             .seed = 5,
                                             .pool = 6,
                                             .lengths = row_lengths,
                                             .length_count = 4};
}

static struct data_token_batches *
create(const struct data_token_batch_options *options)
{
    struct data_token_batches *b;
    struct data_error err;
    if (data_token_batches_create(&set, options, &b, &err) != DATA_OK)
        fail_msg("%s", err.message);
    return b;
}

/* The batch holds its samples' ids, then padding, in the smallest legal row.
 */
static void assert_batch_holds_its_texts(const struct data_token_batch *b)
{
    size_t longest = 0, row = 0;
    assert_true((uintptr_t)b->tokens % 64 == 0);
    for (size_t i = 0; i < b->n; i++) {
        const uint32_t s = b->samples[i];
        const size_t n = offsets[s + 1] - offsets[s];
        assert_true(b->lengths[i] == (int32_t)n && n <= b->length);
        assert_int_equal(b->labels[i], labels[s]);
        assert_memory_equal(b->tokens + i * b->length, ids + offsets[s],
                            n * sizeof *ids);
        for (size_t k = n; k < b->length; k++)
            assert_int_equal(b->tokens[i * b->length + k], DATA_TOKEN_PADDING);
        longest = n > longest ? n : longest;
    }
    while ((size_t)row_lengths[row] < longest)
        row++;
    assert_true(b->length == (size_t)row_lengths[row]);
}

static void training_shows_each_text_at_most_once_an_epoch(void **state)
{
    (void)state;
    const struct data_token_batch_options options = plain(DATA_TRAINING);
    struct data_token_batches *batches = create(&options);
    assert_true(data_token_batches_count(batches) == COUNT / BATCH);
    for (uint64_t epoch = 0; epoch < 3; epoch++) {
        int seen[COUNT] = {0};
        for (size_t k = 0; k < COUNT / BATCH; k++) {
            const struct data_token_batch *b =
                data_token_batches_get(batches, epoch, k);
            assert_true(b->epoch == epoch && b->index == k && b->n == BATCH);
            assert_batch_holds_its_texts(b);
            for (size_t i = 0; i < b->n; i++)
                assert_int_equal(seen[b->samples[i]]++, 0);
        }
    }
    data_token_batches_destroy(batches);
}

static void evaluation_shows_each_text_once_by_length(void **state)
{
    (void)state;
    const struct data_token_batch_options options = plain(DATA_EVALUATION);
    struct data_token_batches *batches = create(&options);
    const size_t count = data_token_batches_count(batches);
    int seen[COUNT] = {0};
    int32_t last = 0;
    assert_true(count == 26);
    for (size_t k = 0; k < count; k++) {
        const struct data_token_batch *b =
            data_token_batches_get(batches, 9, k);
        assert_true(b->n == (k < 25 ? BATCH : COUNT % BATCH));
        assert_true(b->epoch == 0 && b->index == k);
        assert_batch_holds_its_texts(b);
        for (size_t i = 0; i < b->n; i++) {
            assert_int_equal(seen[b->samples[i]]++, 0);
            assert_true(b->lengths[i] >= last);
            last = b->lengths[i];
        }
    }
    assert_null(data_token_batches_get(batches, 0, count));
    data_token_batches_destroy(batches);
}

static void an_evaluation_batch_may_exceed_the_set(void **state)
{
    (void)state;
    struct data_token_batch_options options = plain(DATA_EVALUATION);
    options.batch = SIZE_MAX; /* must not be allocated */
    struct data_token_batches *batches = create(&options);
    assert_true(data_token_batches_count(batches) == 1);
    assert_true(data_token_batches_get(batches, 0, 0)->n == COUNT);
    data_token_batches_destroy(batches);
}

/* Kept of a batch, to compare it with another. */
struct copy {
    int32_t tokens[BATCH * LONGEST], labels[BATCH];
    uint32_t samples[BATCH];
    size_t length;
};

static void keep(struct copy *copy, const struct data_token_batch *b)
{
    memset(copy, 0, sizeof *copy);
    memcpy(copy->tokens, b->tokens, b->n * b->length * sizeof *b->tokens);
    memcpy(copy->labels, b->labels, b->n * sizeof *b->labels);
    memcpy(copy->samples, b->samples, b->n * sizeof *b->samples);
    copy->length = b->length;
}

/* Backwards, by epoch or by a large index, on old and new batches. */
static void any_batch_is_the_same_whatever_was_asked_before(void **state)
{
    (void)state;
    enum { EPOCHS = 3, PER_EPOCH = COUNT / BATCH, TOTAL = EPOCHS * PER_EPOCH };
    static struct copy copies[TOTAL];
    struct data_token_batch_options options = plain(DATA_TRAINING);
    struct data_token_batches *batches = create(&options);
    for (size_t k = 0; k < TOTAL; k++)
        keep(&copies[k], data_token_batches_get(batches, 0, k));
    for (size_t k = TOTAL; k-- > 0;) {
        struct copy now;
        if (k % 20 == 0) {
            data_token_batches_destroy(batches);
            batches = create(&options);
        }
        keep(&now, k % 2 ? data_token_batches_get(batches, 0, k)
                         : data_token_batches_get(batches, k / PER_EPOCH,
                                                  k % PER_EPOCH));
        assert_memory_equal(&now, &copies[k], sizeof now);
    }
    data_token_batches_destroy(batches);

    options.seed++;
    batches = create(&options);
    struct copy other;
    keep(&other, data_token_batches_get(batches, 0, 0));
    assert_memory_not_equal(&other, &copies[0], sizeof other);
    assert_memory_not_equal(&copies[0], &copies[PER_EPOCH], sizeof other);
    data_token_batches_destroy(batches);
}

/* Sum over a batch of how far lengths lie apart. */
static size_t spread(const struct data_token_batch *b)
{
    int32_t least = INT32_MAX, most = 0;
    for (size_t i = 0; i < b->n; i++) {
        least = b->lengths[i] < least ? b->lengths[i] : least;
        most = b->lengths[i] > most ? b->lengths[i] : most;
    }
    return (size_t)(most - least);
}

/* In a pool of six batches of even lengths, a batch covers a sixth of them; and
 * short and long batches come in no order. */
static void a_batch_holds_texts_of_similar_length(void **state)
{
    (void)state;
    struct data_token_batch_options options = plain(DATA_TRAINING);
    size_t spreads[2] = {0}, falls = 0;
    const size_t count = COUNT / BATCH;
    for (int sorted = 0; sorted < 2; sorted++) {
        options.pool = sorted ? 6 : 1;
        struct data_token_batches *batches = create(&options);
        size_t last = 0;
        for (size_t k = 0; k < count; k++) {
            const struct data_token_batch *b =
                data_token_batches_get(batches, 0, k);
            spreads[sorted] += spread(b);
            if (sorted) falls += b->length < last;
            last = b->length;
        }
        data_token_batches_destroy(batches);
    }
    /* Of 39: at random 8 uniform lengths span 7/9, about 30. */
    assert_in_range(spreads[0] / count, 25, 36);
    assert_in_range(spreads[1] / count, 2, 9);
    assert_in_range(falls, 5, 15);
}

static void usage_is_the_mean_of_the_first_epoch(void **state)
{
    (void)state;
    for (int mode = 0; mode < 2; mode++) {
        const struct data_token_batch_options options =
            plain(mode ? DATA_EVALUATION : DATA_TRAINING);
        struct data_token_batches *batches = create(&options);
        const size_t count = data_token_batches_count(batches);
        size_t real = 0, padded = 0;
        for (size_t k = 0; k < count; k++) {
            const struct data_token_batch *b =
                data_token_batches_get(batches, 0, k);
            padded += b->n * b->length;
            for (size_t i = 0; i < b->n; i++)
                real += (size_t)b->lengths[i];
        }
        data_token_batches_get(batches, 4, 0); /* another epoch */
        const struct data_token_usage usage = data_token_batches_usage(batches);
        assert_true(usage.real == (double)real / (double)count);
        assert_true(usage.padded == (double)padded / (double)count);
        assert_true(usage.real < usage.padded);
        data_token_batches_destroy(batches);
    }
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    static const int falling[] = {8, 40, 40}, zero[] = {0, 40};
    struct data_token_batch_options o = plain(DATA_TRAINING);
    struct data_token_batches *b;
    struct data_error err;
    o.batch = 0;
    data_token_batches_create(&set, &o, &b, &err);
    assert_error(&err, DATA_E_ARGUMENT, "batch", "at least one text");
    o.batch = COUNT + 1;
    data_token_batches_create(&set, &o, &b, &err);
    assert_error(&err, DATA_E_ARGUMENT, "a batch of 204", "203 training texts");
    o = plain(DATA_TRAINING);
    o.length_count = 3;
    data_token_batches_create(&set, &o, &b, &err);
    assert_error(&err, DATA_E_ARGUMENT, "longest text, 40 tokens", "");
    o.lengths = falling;
    data_token_batches_create(&set, &o, &b, &err);
    assert_error(&err, DATA_E_ARGUMENT, "do not rise", "");
    o.lengths = zero;
    o.length_count = 2;
    data_token_batches_create(&set, &o, &b, &err);
    assert_error(&err, DATA_E_ARGUMENT, "do not rise", "");
    o.length_count = 0;
    data_token_batches_create(&set, &o, &b, &err);
    assert_error(&err, DATA_E_ARGUMENT, "no row length", "");
    assert_null(b);
    data_token_batches_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_shows_each_text_at_most_once_an_epoch),
        cmocka_unit_test(evaluation_shows_each_text_once_by_length),
        cmocka_unit_test(an_evaluation_batch_may_exceed_the_set),
        cmocka_unit_test(any_batch_is_the_same_whatever_was_asked_before),
        cmocka_unit_test(a_batch_holds_texts_of_similar_length),
        cmocka_unit_test(usage_is_the_mean_of_the_first_epoch),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, fill_set, NULL);
}
