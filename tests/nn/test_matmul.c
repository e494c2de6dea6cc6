/* Products of matrices against the same sums in double, for all the strides
 * that an encoder uses. */
#include "nn/engine_case.h"
#include "nn/matmul.h"

enum { OUTER = 3, INNER = 2, M = 10, N = 7, K = 9, ROOM = 4096 };

static const float *row_of(const float *p, const struct nn_matrix *m, size_t o,
                           size_t i, size_t r, size_t c)
{
    return p + o * m->outer + i * m->inner + r * m->row + c * m->column;
}

static void fill(enum nn_type type, float *exact, void *stored, uint64_t seed)
{
    for (size_t i = 0; i < ROOM; i++) {
        const float x = (float)(2.0 * case_uniform(&seed) - 1.0);
        exact[i] = type == NN_BF16 ? nn_from_bf16(nn_to_bf16(x)) : x;
        if (type == NN_BF16)
            ((uint16_t *)stored)[i] = nn_to_bf16(x);
        else
            ((float *)stored)[i] = x;
    }
}

/* The largest error of one product, and nothing written but the product. Skips
 * the test, after the device, where oneDNN has no bf16. */
static void check(struct nn_device *d, const struct nn_matmul_shape *s)
{
    static _Alignas(64) float a[ROOM], b[ROOM], stored_a[ROOM], stored_b[ROOM];
    static _Alignas(64) float c[ROOM], scratch[1 << 20];
    struct nn_matmul *p;
    struct nn_error error = {0};
    const enum nn_status status = nn_matmul_create(d, s, &p, &error);
    if (status == NN_E_UNSUPPORTED && s->type == NN_BF16) {
        nn_device_destroy(d);
        skip();
    }
    if (status) fail_msg("%s", error.message);
    assert_null(strstr(nn_matmul_implementation(p), "ref"));
    assert_true(nn_matmul_scratch_size(p) <= sizeof scratch);
    fill(s->type, a, stored_a, 1);
    fill(s->type, b, stored_b, 2);
    for (size_t i = 0; i < ROOM; i++)
        c[i] = 99.0F;
    assert_int_equal(nn_matmul_run(p, stored_a, stored_b, c, scratch), NN_OK);
    size_t written = 0;
    for (size_t o = 0; o < s->outer; o++)
        for (size_t i = 0; i < s->inner; i++)
            for (size_t r = 0; r < s->m; r++)
                for (size_t k = 0; k < s->n; k++) {
                    double sum = 0.0;
                    for (size_t j = 0; j < s->k; j++)
                        sum += (double)*row_of(a, &s->a, o, i, r, j) *
                               (double)*row_of(b, &s->b, o, i, j, k);
                    const float got = *row_of(c, &s->c, o, i, r, k);
                    assert_true(fabs((double)got - sum) < 1e-5);
                    written++;
                }
    for (size_t i = 0; i < ROOM; i++)
        written += c[i] == 99.0F ? 1 : 0;
    assert_int_equal(written, ROOM);
    nn_matmul_destroy(p);
}

static void check_all(enum nn_type type)
{
    struct nn_device *d;
    assert_int_equal(nn_device_create(&d, NULL), NN_OK);
    /* A matrix straight and turned, alone, and in stacks whose inner matrices
     * lie side by side, as the heads of attention do. */
    for (int turns = 0; turns < 4; turns++) {
        const bool ta = turns & 1, tb = turns & 2;
        struct nn_matmul_shape s = {.type = type,
                                    .result = NN_F32,
                                    .outer = 1,
                                    .inner = 1,
                                    .m = M,
                                    .n = N,
                                    .k = K,
                                    .a = {ta ? 1 : K, ta ? M : 1, 0, 0},
                                    .b = {tb ? 1 : N, tb ? K : 1, 0, 0},
                                    .c = {N, 1, 0, 0}};
        check(d, &s);
        s.outer = OUTER;
        s.inner = INNER;
        s.a =
            (struct nn_matrix){ta ? 1 : 3 * K, ta ? 3 * M : 1, 300, ta ? M : K};
        s.b =
            (struct nn_matrix){tb ? 1 : 2 * N, tb ? 2 * K : 1, 200, tb ? K : N};
        s.c = (struct nn_matrix){2 * N, 1, 200, N};
        check(d, &s);
    }
    nn_device_destroy(d);
}

static void products_of_f32_are_sums_of_products(void **state)
{
    (void)state;
    check_all(NN_F32);
}

/* Rows and columns of one value: both strides are 1, whichever way it lies. */
static void a_single_row_or_column_is_multiplied(void **state)
{
    (void)state;
    struct nn_device *d;
    assert_int_equal(nn_device_create(&d, NULL), NN_OK);
    for (int which = 0; which < 32; which++) {
        const size_t m = which & 1 ? 1 : M, n = which & 2 ? 1 : N;
        const size_t k = which & 4 ? 1 : K;
        const bool ta = which & 8, tb = which & 16;
        check(d, &(struct nn_matmul_shape){.outer = 1,
                                           .inner = 1,
                                           .m = m,
                                           .n = n,
                                           .k = k,
                                           .a = {ta ? 1 : k, ta ? m : 1, 0, 0},
                                           .b = {tb ? 1 : n, tb ? k : 1, 0, 0},
                                           .c = {n, 1, 0, 0}});
    }
    nn_device_destroy(d);
}

static void products_of_bf16_are_sums_of_products(void **state)
{
    (void)state;
    check_all(NN_BF16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_of_f32_are_sums_of_products),
        cmocka_unit_test(a_single_row_or_column_is_multiplied),
        cmocka_unit_test(products_of_bf16_are_sums_of_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
