/* The small products of attention against the same sums in double, on every
 * instruction set: widths that fill no vector, texts that end anywhere, and
 * nothing read or written behind their ends. */
#include "nn/sequence.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TEXTS = 4, HEADS = 2, ROOM = 1 << 17 };

static float a[ROOM], b[ROOM], c[ROOM], want[ROOM], scratch[1 << 14];

static size_t place(const struct nn_matrix *m, size_t o, size_t p, size_t i,
                    size_t j)
{
    return o * m->outer + p * m->inner + i * m->row + j * m->column;
}

/* Only what may be read is a number. */
static void fill(float *x, const struct nn_matrix *m, const struct nn_heads *h,
                 size_t rows, size_t columns)
{
    static uint64_t state = 1;
    for (size_t i = 0; i < ROOM; i++)
        x[i] = NAN;
    for (size_t o = 0; o < TEXTS; o++)
        for (size_t p = 0; p < HEADS; p++)
            for (size_t i = 0; i < (rows ? rows : (size_t)h->lengths[o]); i++)
                for (size_t j = 0;
                     j < (columns ? columns : (size_t)h->lengths[o]); j++) {
                    state = state * 6364136223846793005U + 1442695040888963407U;
                    x[place(m, o, p, i, j)] =
                        (float)((double)(state >> 40) * 0x1p-23 - 1.0);
                }
}

static void expect(const struct nn_heads *h)
{
    for (size_t i = 0; i < ROOM; i++)
        want[i] = 99.0F;
    for (size_t o = 0; o < TEXTS; o++)
        for (size_t p = 0; p < HEADS; p++) {
            const size_t own = (size_t)h->lengths[o];
            const size_t n = h->n ? h->n : own, k = h->k ? h->k : own;
            for (size_t i = 0; i < (h->n ? h->length : own); i++)
                for (size_t j = 0; j < n; j++) {
                    double sum = 0.0;
                    for (size_t q = 0; q < k && i < own; q++)
                        sum += (double)a[place(&h->a, o, p, i, q)] *
                               (double)b[place(&h->b, o, p, q, j)];
                    want[place(&h->c, o, p, i, j)] = (float)sum;
                }
        }
}

static void check(const struct nn_kernels *kernels, const struct nn_heads *h)
{
    fill(a, &h->a, h, 0, h->k);
    fill(b, &h->b, h, h->k, h->n);
    expect(h);
    for (size_t i = 0; i < ROOM; i++)
        c[i] = 99.0F;
    kernels->sequence->heads_product(h, a, b, c, scratch);
    for (size_t i = 0; i < ROOM; i++)
        if (!(fabs((double)c[i] - (double)want[i]) <= 1e-4))
            fail_msg("%s: value %zu is %g, not %g", kernels->name, i,
                     (double)c[i], (double)want[i]);
}

/* The strides of scores, context and the gradient of keys. */
static void check_sizes(const struct nn_kernels *kernels, size_t length,
                        size_t head)
{
    const size_t d = HEADS * head, l = length;
    const int32_t lengths[TEXTS] = {(int32_t)l, 1, (int32_t)(l / 2 + 1),
                                    (int32_t)(l - 1)};
    const struct nn_matrix part = {3 * d, 1, l * 3 * d, head};
    const struct nn_matrix turned = {1, 3 * d, l * 3 * d, head};
    const struct nn_matrix context = {d, 1, l * d, head};
    const struct nn_matrix square = {l, 1, HEADS * l * l, l * l};
    const struct nn_matrix mirror = {1, l, HEADS * l * l, l * l};
    struct nn_heads h = {TEXTS, HEADS, l,      lengths, 0,
                         head,  part,  turned, square};
    assert_true(nn_heads_scratch(length, head) <= sizeof scratch / 4);
    check(kernels, &h);
    h = (struct nn_heads){TEXTS, HEADS,  l,    lengths, head,
                          0,     square, part, context};
    check(kernels, &h);
    h = (struct nn_heads){TEXTS, HEADS,  l,    lengths, head,
                          0,     mirror, part, part};
    check(kernels, &h);
}

static void heads_are_multiplied_as_long_as_texts_are(void **state)
{
    (void)state;
    static const size_t lengths[] = {8, 24, 33}, heads[] = {1, 10, 16, 32, 40};
    const struct nn_kernels *kernels;
    for (size_t k = 0; (kernels = nn_kernels_at(k)); k++)
        for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
            for (size_t j = 0; j < sizeof heads / sizeof heads[0]; j++)
                check_sizes(kernels, lengths[i], heads[j]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_multiplied_as_long_as_texts_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
