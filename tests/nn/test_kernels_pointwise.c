/* Tests of bias with activation, of sums, and of bf16 rounding. */
#include "kernels_case.h"

/* Central difference of the activation, from libm in double. */
static double slope(enum nn_activation act, double z)
{
    const double h = 1e-6;
    return (case_activate(act, z + h) - case_activate(act, z - h)) / (2 * h);
}

struct expected {
    double *x, *dy, *bias;
    double *y, *dx, *dbias;
};

static struct expected expect(const struct nn_layout *l, enum nn_activation act,
                              int biased)
{
    const size_t n = case_values(l), plane = l->height * l->width;
    struct expected e = {
        .x = case_values_random(l->type, n, 4.0, 11),
        .dy = case_values_random(l->type, n, 1.0, 12),
        .bias = case_values_random(NN_F32, l->channels, 1.0, 13),
        .y = case_alloc(n * sizeof(double)),
        .dx = case_alloc(n * sizeof(double)),
        .dbias = case_alloc(l->channels * sizeof(double)),
    };
    memset(e.dbias, 0, l->channels * sizeof(double));
    for (size_t i = 0; i < n; i++) {
        const size_t c = i / plane % l->channels;
        double z = e.x[i] + (biased ? e.bias[c] : 0.0);
        if (fabs(z) < 1e-4) { /* no slope at ReLU's corner */
            e.x[i] = 1.0;
            z = 1.0 + (biased ? e.bias[c] : 0.0);
        }
        e.y[i] = case_activate(act, z);
        e.dx[i] = e.dy[i] * slope(act, z);
        e.dbias[c] += e.dx[i];
    }
    return e;
}

static void forget(struct expected *e)
{
    free(e->x);
    free(e->dy);
    free(e->bias);
    free(e->y);
    free(e->dx);
    free(e->dbias);
}

static void compare(const char *what, const char *kernels,
                    const struct nn_layout *l, const void *data,
                    const double *want)
{
    double *got = case_unpack(l, data);
    case_compare(what, kernels, l, got, want, case_values(l),
                 l->type == NN_F32 ? 1e-6 : 0x1p-8, 1e-6);
    free(got);
}

static void check(const struct nn_layout *l, const struct nn_kernels *k,
                  enum nn_activation act, int biased, const struct expected *e)
{
    void *x = case_pack(l, e->x), *dy = case_pack(l, e->dy);
    void *to = case_alloc(case_bytes(l));
    float *bias = biased ? case_pack_channels(l, e->bias) : NULL;
    float *dbias = case_alloc_channels(l);
    const double terms = (double)(case_values(l) / l->channels);

    k->activate_forward(l, act, bias, x, to);
    compare("y", k->name, l, to, e->y);
    memset(to, 0xff, case_bytes(l));
    k->activate_backward(l, act, bias, x, dy, to, dbias);
    compare("dx", k->name, l, to, e->dx);
    case_compare_channels("dbias", k->name, l, dbias, e->dbias, 1e-6,
                          2e-7 * terms);

    /* The bias alone; then in place, and without dbias. */
    memset(dbias, 0xff, l->channels * sizeof *dbias);
    k->activate_backward(l, act, bias, x, dy, NULL, dbias);
    case_compare_channels("dbias alone", k->name, l, dbias, e->dbias, 1e-6,
                          2e-7 * terms);
    k->activate_backward(l, act, bias, x, dy, dy, NULL);
    assert_memory_equal(dy, to, case_bytes(l));
    k->activate_forward(l, act, bias, x, x);
    compare("y in place", k->name, l, x, e->y);
    free(dbias);
    free(bias);
    free(to);
    free(dy);
    free(x);
}

static void activations_are_the_formula(void **state)
{
    (void)state;
    static const size_t sizes[][4] = {{2, 24, 5, 3},
                                      {3, 24, 1, 1},
                                      {1, 24, 31, 31},
                                      {1, 301, 2, 2}};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (int t = NN_F32; t <= NN_BF16; t++)
            for (int act = NN_IDENTITY; act <= NN_GELU; act++)
                for (int biased = 0; biased < 2; biased++)
                    for (size_t which = 0; which < CASE_LAYOUTS; which++) {
                        const struct nn_layout l =
                            case_layout((enum nn_type)t, which, sizes[s][0],
                                        sizes[s][1], sizes[s][2], sizes[s][3]);
                        struct expected e =
                            expect(&l, (enum nn_activation)act, biased);
                        FOR_EACH_KERNELS(k)
                        check(&l, k, (enum nn_activation)act, biased, &e);
                        forget(&e);
                    }
}

/* Large enough to be streamed past the caches. */
static void large_tensors_are_activated_alike(void **state)
{
    (void)state;
    for (int t = NN_F32; t <= NN_BF16; t++) {
        const struct nn_layout l =
            case_layout((enum nn_type)t, 1, 20, 24, 63, 63);
        struct expected e = expect(&l, NN_RELU, 1);
        void *x = case_pack(&l, e.x), *dy = case_pack(&l, e.dy);
        float *bias = case_pack_channels(&l, e.bias);
        void *to = aligned_alloc(64, case_bytes(&l));
        assert_non_null(to);
        FOR_EACH_KERNELS(k)
        {
            memset(to, 0xff, case_bytes(&l));
            k->activate_forward(&l, NN_RELU, bias, x, to);
            compare("y", k->name, &l, to, e.y);
            memset(to, 0xff, case_bytes(&l));
            k->activate_backward(&l, NN_RELU, bias, x, dy, to, NULL);
            compare("dx", k->name, &l, to, e.dx);
        }
        free(to);
        free(bias);
        free(dy);
        free(x);
        forget(&e);
    }
}

static void nan_passes_every_activation(void **state)
{
    (void)state;
    const struct nn_layout l = case_layout(NN_F32, 1, 1, 16, 1, 2);
    for (int act = NN_IDENTITY; act <= NN_GELU; act++)
        FOR_EACH_KERNELS(k)
        {
            float x[32], dy[32], y[32];
            for (size_t i = 0; i < 32; i++) {
                x[i] = i == 7 ? NAN : 1.0f;
                dy[i] = i == 9 ? NAN : 1.0f;
            }
            k->activate_forward(&l, (enum nn_activation)act, NULL, x, y);
            for (size_t i = 0; i < 32; i++)
                assert_true(!isnan(y[i]) == (i != 7));
            k->activate_backward(&l, (enum nn_activation)act, NULL, x, dy, y,
                                 NULL);
            assert_true(isnan(y[9]) && !isnan(y[8]));
            assert_true(act != NN_GELU || isnan(y[7]));
        }
}

static void add_is_the_rounded_sum(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 3, 4, 15, 16, 17, 1000};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        FOR_EACH_KERNELS(k)
        {
            const size_t n = sizes[s];
            float a[1001], b[1001], y[1001];
            uint16_t p[1001], q[1001], r[1001];
            uint64_t random = 99;
            for (size_t i = 0; i <= n; i++) {
                a[i] = (float)case_random(&random);
                b[i] = (float)case_random(&random);
                p[i] = nn_to_bf16(a[i]);
                q[i] = nn_to_bf16(b[i]);
                y[i] = 77.0f;
                r[i] = 77;
            }
            k->add(NN_F32, n, a, b, y);
            k->add(NN_BF16, n, p, q, r);
            for (size_t i = 0; i < n; i++) {
                assert_true(y[i] == a[i] + b[i]);
                assert_int_equal(r[i], nn_to_bf16(nn_from_bf16(p[i]) +
                                                  nn_from_bf16(q[i])));
            }
            assert_true(y[n] == 77.0f && r[n] == 77);
            k->add(NN_F32, n, a, b, a); /* a += b */
            for (size_t i = 0; i < n; i++)
                assert_true(a[i] == y[i]);
        }
}

/* bf16 by its definition: of the two neighbours the nearer, of two equally
 * near the even one. */
static void bf16_rounds_to_nearest_even(void **state)
{
    (void)state;
    for (uint32_t x = 0; x < 0x10000; x++) { /* every bf16 returns */
        const float value = nn_from_bf16((uint16_t)x);
        if (!isnan(value)) assert_int_equal(nn_to_bf16(value), x);
    }
    for (uint32_t high = 0; high < 0x7f7f; high += 13)
        for (uint32_t low = 0; low < 0x10000; low += 0x555) {
            const uint32_t bits = high << 16 | low;
            float value;
            memcpy(&value, &bits, sizeof value);
            const uint32_t up = low > 0x8000 || (low == 0x8000 && high % 2);
            assert_int_equal(nn_to_bf16(value), high + up);
            assert_int_equal(nn_to_bf16(-value), 0x8000 | (high + up));
        }
    static const uint32_t ties[][2] = {
        {0x3f808000, 0x3f80}, {0x3f818000, 0x3f82}, {0x7f7f8000, 0x7f80},
        {0x7f7fffff, 0x7f80}, {0x00008000, 0x0000}, {0x00018000, 0x0002}};
    for (size_t i = 0; i < sizeof ties / sizeof ties[0]; i++) {
        float value;
        memcpy(&value, &ties[i][0], sizeof value);
        assert_int_equal(nn_to_bf16(value), ties[i][1]);
    }
}

/* The kernels round as nn_to_bf16 does, for every kind of value; a NaN stays
 * one even if all its bits are in the half that is cut off. */
static void kernels_round_like_the_function(void **state)
{
    (void)state;
    const struct nn_layout l = {NN_BF16, 1, 16, 1, 1, 1, 16};
    static const uint32_t nans[] = {0x7f800001, 0xff800001, 0x7fffffff,
                                    0xffffffff, 0x7fc00000};
    for (size_t i = 0; i < sizeof nans / sizeof nans[0]; i++) {
        float value;
        memcpy(&value, &nans[i], sizeof value);
        assert_true(isnan(nn_from_bf16(nn_to_bf16(value))));
        /* Only a bias is f32 here; a zero x adds nothing to it. */
        float bias[16];
        uint16_t x[16] = {0}, y[16];
        for (size_t c = 0; c < 16; c++)
            memcpy(&bias[c], &nans[i], sizeof value);
        FOR_EACH_KERNELS(k)
        {
            k->activate_forward(&l, NN_IDENTITY, bias, x, y);
            assert_true(isnan(nn_from_bf16(y[0])));
            assert_true(isnan(nn_from_bf16(y[15])));
        }
    }
    uint64_t random = 5;
    for (size_t i = 0; i < 100000; i++) {
        float bias[16];
        uint16_t x[16] = {0}, y[16];
        for (size_t c = 0; c < 16; c++) {
            case_random(&random);
            const uint32_t bits = (uint32_t)(random >> 20);
            memcpy(&bias[c], &bits, sizeof bits);
        }
        FOR_EACH_KERNELS(k)
        {
            k->activate_forward(&l, NN_IDENTITY, bias, x, y);
            for (size_t c = 0; c < 16; c++)
                if (!isnan(bias[c]) && bias[c] != 0.0f)
                    assert_int_equal(y[c], nn_to_bf16(bias[c]));
        }
    }
}

static void the_best_kernels_come_first(void **state)
{
    (void)state;
    size_t count = 0;
    while (nn_kernels_at(count))
        count++;
    assert_true(count >= 1);
    assert_ptr_equal(nn_kernels_best(), nn_kernels_at(0));
    assert_string_equal(nn_kernels_at(count - 1)->name, "generic");
    assert_null(nn_kernels_at(SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(activations_are_the_formula),
        cmocka_unit_test(large_tensors_are_activated_alike),
        cmocka_unit_test(nan_passes_every_activation),
        cmocka_unit_test(add_is_the_rounded_sum),
        cmocka_unit_test(bf16_rounds_to_nearest_even),
        cmocka_unit_test(kernels_round_like_the_function),
        cmocka_unit_test(the_best_kernels_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
