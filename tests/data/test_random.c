/* Random streams: the published numbers, and no bias where it would hide. */
#include "data/random.h"

#include "scratch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The known answers that Random123 publishes (tests/kat_vectors, lines
 * "philox4x64 10"); numpy 1.24.2's random.Philox gives the same. */
static void philox_gives_the_published_numbers(void **state)
{
    (void)state;
    const uint64_t all = UINT64_MAX;
    const struct {
        uint64_t counter[4], key[2], out[4];
    } known[] = {
        {{0, 0, 0, 0},
         {0, 0},
         {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b,
          0x7e68b68aec7ba23b}},
        {{all, all, all, all},
         {all, all},
         {0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6,
          0xa09caebf594f0ba0}},
        {{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0,
          0x082efa98ec4e6c89},
         {0x452821e638d01377, 0xbe5466cf34e90c6c},
         {0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5,
          0x57bd43b5e52b7fe6}},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint64_t out[4];
        data_philox(known[i].counter, known[i].key, out);
        assert_memory_equal(out, known[i].out, sizeof out);
    }
}

/* numpy 1.24.2, tools/golden/data_random.py. The key holds the FNV-1a hash of
 * "shuffle", the counter epoch 3 and sample 7; the second block is drawn too.
 */
static void a_stream_is_numpys_with_that_key_and_counter(void **state)
{
    (void)state;
    static const uint64_t expected[] = {
#include "golden_stream.inc"
    };
    struct data_random r = data_stream(42, "shuffle", 3, 7);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_true(data_random_u64(&r) == expected[i]);
}

static void streams_differ_in_each_of_their_four_names(void **state)
{
    (void)state;
    struct data_random streams[] = {data_stream(1, "a", 0, 0),
                                    data_stream(2, "a", 0, 0),
                                    data_stream(1, "b", 0, 0),
                                    data_stream(1, "a", 1, 0),
                                    data_stream(1, "a", 0, 1),
                                    data_stream(1, "", 0, 0)};
    uint64_t first[6];
    for (size_t i = 0; i < 6; i++) {
        first[i] = data_random_u64(&streams[i]);
        for (size_t j = 0; j < i; j++)
            assert_true(first[i] != first[j]);
    }
}

static void uniform_numbers_fill_the_unit_interval(void **state)
{
    (void)state;
    enum { DRAWS = 100000 };
    struct data_random r = data_stream(1, "uniform", 0, 0);
    double sum = 0, squares = 0;
    for (int i = 0; i < DRAWS; i++) {
        const double u = data_random_uniform(&r);
        assert_true(u >= 0 && u < 1);
        sum += u;
        squares += u * u;
    }
    /* Five standard errors: 1/sqrt(12 n) and sqrt(4/45 / n). */
    assert_true(fabs(sum / DRAWS - 0.5) < 5 * 0.289 / sqrt(DRAWS));
    assert_true(fabs(squares / DRAWS - 1 / 3.0) < 5 * 0.299 / sqrt(DRAWS));
}

/* With n = 3 2^62, a plain remainder would give the lowest third of the
 * numbers twice as often as the others, and the upper half of a product
 * without rejection would do so with every third number. */
static void bounded_numbers_have_no_bias(void **state)
{
    (void)state;
    enum { DRAWS = 30000 };
    const uint64_t quarter = (uint64_t)1 << 62, n = 3 * quarter;
    struct data_random r = data_stream(1, "below", 0, 0);
    int counts[3] = {0}, remainders[3] = {0};
    for (int i = 0; i < DRAWS; i++) {
        const uint64_t x = data_random_below(&r, n);
        assert_true(x < n);
        counts[x / quarter]++;
        remainders[x % 3]++;
    }
    for (int k = 0; k < 3; k++) { /* five standard deviations of 81.6 */
        assert_true(abs(counts[k] - DRAWS / 3) < 410);
        assert_true(abs(remainders[k] - DRAWS / 3) < 410);
    }
    assert_true(data_random_below(&r, 0) == 0);
    assert_true(data_random_below(&r, 1) == 0);
}

/* All 24 orders of four values, each as often as the others. */
static void every_order_is_as_likely(void **state)
{
    (void)state;
    enum { DRAWS = 24000 };
    int counts[256] = {0};
    for (int i = 0; i < DRAWS; i++) {
        struct data_random r = data_stream(1, "order", (uint64_t)i, 0);
        uint32_t v[] = {0, 1, 2, 3};
        data_random_shuffle(&r, v, 4);
        assert_int_equal(1 << v[0] | 1 << v[1] | 1 << v[2] | 1 << v[3], 15);
        counts[v[0] << 6 | v[1] << 4 | v[2] << 2 | v[3]]++;
    }
    int orders = 0;
    for (int k = 0; k < 256; k++) {
        if (counts[k] == 0) continue;
        orders++;
        assert_true(abs(counts[k] - DRAWS / 24) < 155); /* 5 x 30.96 */
    }
    assert_int_equal(orders, 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_numbers),
        cmocka_unit_test(a_stream_is_numpys_with_that_key_and_counter),
        cmocka_unit_test(streams_differ_in_each_of_their_four_names),
        cmocka_unit_test(uniform_numbers_fill_the_unit_interval),
        cmocka_unit_test(bounded_numbers_have_no_bias),
        cmocka_unit_test(every_order_is_as_likely),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
