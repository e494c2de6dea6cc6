/* Tests of dropout's masks: that they are Philox4x32-10's numbers compared with
 * the rate, and that they behave as independent draws. */
#include "sequence_case.h"

struct philox_case {
    uint32_t counter[4], key[2], result[4];
};

/* Philox4x32 with 10 rounds, from the file kat_vectors of the authors' library
 * Random123 1.14. */
static const struct philox_case published[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

enum { PUBLISHED = sizeof published / sizeof published[0] };

/* As the paper writes it. */
static void philox(const uint32_t counter[4], const uint32_t key[2],
                   uint32_t c[4])
{
    uint32_t k0 = key[0], k1 = key[1];
    memcpy(c, counter, 4 * sizeof *c);
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)0xd2511f53 * c[0];
        const uint64_t p1 = (uint64_t)0xcd9e8d57 * c[2];
        const uint32_t next[4] = {(uint32_t)(p1 >> 32) ^ c[1] ^ k0,
                                  (uint32_t)p1,
                                  (uint32_t)(p0 >> 32) ^ c[3] ^ k1,
                                  (uint32_t)p0};
        memcpy(c, next, sizeof next);
        k0 += 0x9e3779b9;
        k1 += 0xbb67ae85;
    }
}

/* The 16-bit number of value k of a row. */
static uint32_t number(const struct nn_dropout *d, uint32_t row, size_t k)
{
    const uint32_t counter[4] = {row, (uint32_t)(k / 8) | d->site << 16,
                                 (uint32_t)d->noise[1],
                                 (uint32_t)(d->noise[1] >> 32)};
    const uint32_t key[2] = {(uint32_t)d->noise[0],
                             (uint32_t)(d->noise[0] >> 32)};
    uint32_t c[4];
    philox(counter, key, c);
    return c[k / 2 % 4] >> 16 * (k % 2) & 0xffff;
}

static int kept(const uint8_t *mask, size_t stride, size_t row, size_t k)
{
    return mask[row * stride + k / 8] >> k % 8 & 1;
}

static void the_reference_is_the_published_philox(void **state)
{
    (void)state;
    for (size_t i = 0; i < PUBLISHED; i++) {
        uint32_t c[4];
        philox(published[i].counter, published[i].key, c);
        assert_memory_equal(c, published[i].result, sizeof c);
    }
}

/* At a rate of x / 2^16 the number x is kept, and at (x + 1) / 2^16 dropped:
 * which shows all 16 bits of it. */
static void masks_show_the_published_numbers(void **state)
{
    (void)state;
    FOR_EACH_KERNELS(k)
    for (size_t i = 0; i < PUBLISHED; i++) {
        const struct philox_case *p = &published[i];
        const size_t first = (p->counter[1] & 0xffff) * 8, width = first + 8;
        uint8_t *mask = case_alloc(nn_keep_stride(width));
        for (size_t n = 0; n < 8; n++) {
            const uint32_t x = p->result[n / 2] >> 16 * (n % 2) & 0xffff;
            struct nn_dropout d = {
                .noise = {p->key[0] | (uint64_t)p->key[1] << 32,
                          p->counter[2] | (uint64_t)p->counter[3] << 32},
                .site = p->counter[1] >> 16,
                .row = p->counter[0]};
            d.rate = x / 65536.0;
            k->sequence->dropout_mask(&d, 1, width, mask);
            assert_true(kept(mask, 0, 0, first + n));
            d.rate = (x + 1) / 65536.0;
            k->sequence->dropout_mask(&d, 1, width, mask);
            assert_false(kept(mask, 0, 0, first + n));
        }
        free(mask);
    }
}

static void check_all_bits(const struct nn_kernels *k, size_t rows,
                           size_t width, double rate)
{
    const struct nn_dropout d = {rate,
                                 {0x0123456789abcdef, 0xfedcba9876543210},
                                 0x8001,
                                 0xfffffff0};
    const size_t stride = nn_keep_stride(width);
    const double threshold = floor(rate * 65536 + 0.5);
    uint8_t *mask = case_alloc(rows * stride + 1);
    mask[rows * stride] = 0xa5;
    k->sequence->dropout_mask(&d, rows, width, mask);
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < width; i++) {
            const double x = number(&d, (uint32_t)(d.row + r), i);
            assert_int_equal(kept(mask, stride, r, i), x >= threshold);
        }
    assert_int_equal(mask[rows * stride], 0xa5);
    free(mask);
}

static void every_bit_is_its_number_against_the_rate(void **state)
{
    (void)state;
    static const size_t widths[] = {1,  7,  8,   9,   16,  24,  40,
                                    64, 65, 120, 128, 136, 300, 1000};
    FOR_EACH_KERNELS(k)
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        check_all_bits(k, 16, widths[i], 0.1);
        check_all_bits(k, 1, widths[i], 0.5);
        check_all_bits(k, 7, widths[i], 0x1p-16);
        check_all_bits(k, 3, widths[i], 1 - 0x1p-16);
        check_all_bits(k, 3, widths[i], 0);
    }
}

/* However rows are shared among threads. */
static void shares_make_the_same_mask(void **state)
{
    (void)state;
    enum { ROWS = 37, WIDTH = 50, STRIDE = 7 };
    FOR_EACH_KERNELS(k)
    for (size_t cut = 1; cut < ROWS; cut++) {
        uint8_t whole[ROWS * STRIDE], parts[ROWS * STRIDE];
        struct nn_dropout d = {0.3, {1, 2}, 3, 1000};
        k->sequence->dropout_mask(&d, ROWS, WIDTH, whole);
        k->sequence->dropout_mask(&d, cut, WIDTH, parts);
        d.row += cut;
        k->sequence->dropout_mask(&d, ROWS - cut, WIDTH, parts + cut * STRIDE);
        assert_memory_equal(whole, parts, sizeof whole);
    }
}

static void the_share_of_dropped_values_is_the_rate(void **state)
{
    (void)state;
    enum { ROWS = 1000, WIDTH = 1024 };
    static uint8_t mask[ROWS * WIDTH / 8];
    static const double rates[] = {0.001, 0.1, 0.5, 0.9};
    FOR_EACH_KERNELS(k)
    for (size_t i = 0; i < 4; i++) {
        const struct nn_dropout d = {rates[i], {11, 12}, 13, 0};
        k->sequence->dropout_mask(&d, ROWS, WIDTH, mask);
        double dropped[8] = {0};
        for (size_t b = 0; b < sizeof mask; b++)
            for (size_t bit = 0; bit < 8; bit++)
                dropped[bit] += !(mask[b] >> bit & 1);
        const double n = sizeof mask, p = rates[i];
        const double sigma = sqrt(n * p * (1 - p));
        for (size_t bit = 0; bit < 8; bit++)
            assert_true(fabs(dropped[bit] - n * p) < 4 * sigma);
    }
}

/* Bits in which two masks of n bytes agree, less half of all, in sigmas. */
static double agreement(const uint8_t *a, const uint8_t *b, size_t n)
{
    double same = 0;
    for (size_t i = 0; i < n; i++)
        same += 8 - __builtin_popcount(a[i] ^ b[i]);
    return (same - 4.0 * (double)n) / sqrt(2.0 * (double)n);
}

static void masks_of_other_places_and_steps_are_independent(void **state)
{
    (void)state;
    enum { ROWS = 64, WIDTH = 512, STRIDE = WIDTH / 8, BYTES = ROWS * STRIDE };
    const struct nn_dropout here = {0.5, {21, 22}, 7, 5};
    struct nn_dropout other[5];
    for (size_t i = 0; i < 5; i++)
        other[i] = here;
    other[0].site++;
    other[1].row += ROWS;
    other[2].noise[0]++;
    other[3].noise[1]++;
    other[4].noise[1] ^= (uint64_t)1 << 63;
    FOR_EACH_KERNELS(k)
    {
        static uint8_t a[BYTES], b[BYTES];
        k->sequence->dropout_mask(&here, ROWS, WIDTH, a);
        for (size_t i = 0; i < 5; i++) {
            k->sequence->dropout_mask(&other[i], ROWS, WIDTH, b);
            assert_true(fabs(agreement(a, b, BYTES)) < 4);
        }
        /* Neighbouring rows, and neighbouring bytes of a row. */
        assert_true(fabs(agreement(a, a + STRIDE, BYTES - STRIDE)) < 4);
        assert_true(fabs(agreement(a, a + 1, BYTES - 1)) < 4);
    }
}

static void the_scale_keeps_the_expectation(void **state)
{
    (void)state;
    assert_true(nn_keep_scale(0) == 1.0f);
    assert_true(nn_keep_scale(0.5) == 2.0f);
    assert_true(nn_keep_scale(0.75) == 4.0f);
    /* 0.1 is 6554 / 65536 as the masks have it. */
    assert_true(nn_keep_scale(0.1) == (float)(65536.0 / (65536 - 6554)));
    assert_true(nn_keep_scale(1 - 1e-12) == 65536.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_is_the_published_philox),
        cmocka_unit_test(masks_show_the_published_numbers),
        cmocka_unit_test(every_bit_is_its_number_against_the_rate),
        cmocka_unit_test(shares_make_the_same_mask),
        cmocka_unit_test(the_share_of_dropped_values_is_the_rate),
        cmocka_unit_test(masks_of_other_places_and_steps_are_independent),
        cmocka_unit_test(the_scale_keeps_the_expectation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
