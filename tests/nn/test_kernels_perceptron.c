/* The kernels of small dense layers, each by its formula in double, for sizes
 * that fill no tile, and tanh against libm. */
#include "nn/perceptron.h"

#include "kernels_case.h"

enum { MOST_ROWS = 200, PANELS = 4, MOST_UNITS = 70 };

struct layer_case {
    size_t n, in, out;
};

static const struct layer_case cases[] = {
    {1, 1, 1},    {8, 4, 64}, {8, 64, 64},   {17, 5, 3},
    {64, 64, 2},  {65, 3, 7}, {130, 33, 70}, {200, 9, 1},
    {200, 70, 6}, {48, 6, 5}, {128, 2, 9},
};

#define FOR_EACH_CASE(c) \
    for (const struct layer_case *c = cases; \
         c < cases + sizeof cases / sizeof *cases; c++)

/* Numbers in [-1, 1) from a linear congruential generator (Knuth's MMIX). */
static void fill(float *v, size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        v[i] = (float)((double)(seed >> 40) / 8388608.0 - 1.0);
    }
}

struct buffers {
    float w[MOST_UNITS * MOST_UNITS], dw[MOST_UNITS * MOST_UNITS];
    float bias[MOST_UNITS], dbias[MOST_UNITS];
    float x[PANELS * MOST_UNITS * NN_PANEL];
    float dx[PANELS * MOST_UNITS * NN_PANEL];
    float y[PANELS * MOST_UNITS * NN_PANEL];
    float dz[PANELS * MOST_UNITS * NN_PANEL];
};

static struct buffers *filled(void)
{
    struct buffers *b = malloc(sizeof *b);
    assert_non_null(b);
    fill(b->w, sizeof b->w / sizeof(float), 1);
    fill(b->bias, MOST_UNITS, 2);
    fill(b->x, sizeof b->x / sizeof(float), 3);
    fill(b->dz, sizeof b->dz / sizeof(float), 4);
    for (size_t i = 0; i < sizeof b->y / sizeof(float); i++)
        b->y[i] = b->dx[i] = NAN;
    for (size_t i = 0; i < sizeof b->dw / sizeof(float); i++)
        b->dw[i] = NAN;
    return b;
}

/* Value of unit k in row r of [panels, units, 64]. */
static float *at(float *panels, size_t units, size_t k, size_t r)
{
    return panels + (r / NN_PANEL * units + k) * NN_PANEL + r % NN_PANEL;
}

static size_t rows_of_panel(size_t n, size_t first)
{
    return n - first < NN_PANEL ? n - first : NN_PANEL;
}

static void assert_close(float got, double want, double scale)
{
    if (!(fabs((double)got - want) <= 4e-7 * scale))
        fail_msg("got %.9g, not %.9g", (double)got, want);
}

static void forward_is_tanh_of_product_and_bias(void **state)
{
    (void)state;
    FOR_EACH_KERNELS(k)
    FOR_EACH_CASE(c)
    for (int squash = 0; squash < 2; squash++) {
        struct buffers *b = filled();
        for (size_t r = 0; r < c->n; r += NN_PANEL)
            k->perceptron->forward(rows_of_panel(c->n, r), c->in, c->out, b->w,
                                   b->bias, b->x + r * c->in, squash,
                                   b->y + r * c->out);
        for (size_t r = 0; r < c->n; r++)
            for (size_t o = 0; o < c->out; o++) {
                double z = (double)b->bias[o], scale = 1;
                for (size_t i = 0; i < c->in; i++) {
                    const double term = (double)b->w[o * c->in + i] *
                                        (double)*at(b->x, c->in, i, r);
                    z += term;
                    scale += fabs(term);
                }
                assert_close(*at(b->y, c->out, o, r), squash ? tanh(z) : z,
                             scale);
            }
        free(b);
    }
}

static void backward_is_transposed_product_and_slope(void **state)
{
    (void)state;
    FOR_EACH_KERNELS(k)
    FOR_EACH_CASE(c)
    {
        struct buffers *b = filled();
        for (size_t r = 0; r < c->n; r += NN_PANEL)
            k->perceptron->backward(rows_of_panel(c->n, r), c->in, c->out, b->w,
                                    b->dz + r * c->out, b->x + r * c->in,
                                    b->dx + r * c->in);
        for (size_t r = 0; r < c->n; r++)
            for (size_t i = 0; i < c->in; i++) {
                const double h = (double)*at(b->x, c->in, i, r);
                double sum = 0, scale = 1;
                for (size_t o = 0; o < c->out; o++) {
                    const double term = (double)b->w[o * c->in + i] *
                                        (double)*at(b->dz, c->out, o, r);
                    sum += term;
                    scale += fabs(term);
                }
                assert_close(*at(b->dx, c->in, i, r), sum * (1 - h * h), scale);
            }
        free(b);
    }
}

/* Past the last row x holds what it likes and dz zero, as the header asks. */
static void gradient_sums_over_all_rows(void **state)
{
    (void)state;
    FOR_EACH_KERNELS(k)
    FOR_EACH_CASE(c)
    {
        struct buffers *b = filled();
        for (size_t r = c->n; r % NN_PANEL != 0; r++)
            for (size_t o = 0; o < c->out; o++)
                *at(b->dz, c->out, o, r) = 0;
        k->perceptron->gradient(c->n, c->in, c->out, b->x, b->dz, b->dw,
                                b->dbias);
        for (size_t o = 0; o < c->out; o++) {
            double bias = 0;
            for (size_t r = 0; r < c->n; r++)
                bias += (double)*at(b->dz, c->out, o, r);
            assert_close(b->dbias[o], bias, (double)c->n);
            for (size_t i = 0; i < c->in; i++) {
                double sum = 0;
                for (size_t r = 0; r < c->n; r++)
                    sum += (double)*at(b->dz, c->out, o, r) *
                           (double)*at(b->x, c->in, i, r);
                assert_close(b->dw[o * c->in + i], sum, (double)c->n);
            }
        }
        free(b);
    }
}

/* All rows at once, then each panel cut short at every number of rows: what is
 * there must be there to the bit. */
static void a_row_has_the_same_bits_whatever_is_beside_it(void **state)
{
    (void)state;
    enum { IN = 37, OUT = 21 };
    FOR_EACH_KERNELS(k)
    {
        struct buffers *whole = filled(), *part = filled();
        k->perceptron->forward(64, IN, OUT, whole->w, whole->bias, whole->x, 1,
                               whole->y);
        k->perceptron->backward(64, IN, OUT, whole->w, whole->dz, whole->x,
                                whole->dx);
        for (size_t rows = 1; rows < 64; rows++) {
            k->perceptron->forward(rows, IN, OUT, part->w, part->bias, part->x,
                                   1, part->y);
            k->perceptron->backward(rows, IN, OUT, part->w, part->dz, part->x,
                                    part->dx);
            for (size_t o = 0; o < OUT; o++)
                assert_memory_equal(part->y + o * NN_PANEL,
                                    whole->y + o * NN_PANEL,
                                    rows * sizeof(float));
            for (size_t i = 0; i < IN; i++)
                assert_memory_equal(part->dx + i * NN_PANEL,
                                    whole->dx + i * NN_PANEL,
                                    rows * sizeof(float));
        }
        free(whole);
        free(part);
    }
}

static double tanh_error(const struct nn_kernels *k, double from, double width)
{
    enum { COUNT = 1 << 16 };
    static float x[COUNT], y[COUNT];
    double worst = 0;
    for (size_t i = 0; i < COUNT; i++)
        x[i] = (float)(from + width * (double)i);
    k->perceptron->tanh(COUNT, x, y);
    for (size_t i = 0; i < COUNT; i++) {
        const double want = tanh((double)x[i]);
        assert_true(fabsf(y[i]) <= 1.0f);
        if (x[i] != 0) worst = fmax(worst, fabs(((double)y[i] - want) / want));
    }
    return worst;
}

static void tanh_is_within_its_bound(void **state)
{
    (void)state;
    FOR_EACH_KERNELS(k)
    {
        double worst = 0;
        for (double from = -10; from < 10; from += 65536 * 2e-5)
            worst = fmax(worst, tanh_error(k, from, 2e-5));
        worst = fmax(worst, tanh_error(k, -1e-6, 3e-11));
        worst = fmax(worst, tanh_error(k, 1e-37, 1e-38));
        worst = fmax(worst, tanh_error(k, -1e38, 3e33));
        printf("%s: tanh error %.2e\n", k->name, worst);
        assert_true(worst < 5e-7);
    }
}

static void tanh_is_odd_and_passes_what_is_not_a_number(void **state)
{
    (void)state;
    FOR_EACH_KERNELS(k)
    for (size_t n = 1; n < 40; n++) {
        float x[40], y[40], z[40];
        fill(x, 40, n);
        x[n - 1] = n % 2 ? NAN : INFINITY;
        k->perceptron->tanh(n, x, y);
        assert_true(n % 2 ? isnan(y[n - 1]) : y[n - 1] > 0.9999999f);
        for (size_t i = 0; i < n; i++)
            x[i] = -x[i];
        k->perceptron->tanh(n, x, z);
        for (size_t i = 0; i < n; i++)
            assert_true(z[i] == -y[i] || isnan(y[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_is_tanh_of_product_and_bias),
        cmocka_unit_test(backward_is_transposed_product_and_slope),
        cmocka_unit_test(gradient_sums_over_all_rows),
        cmocka_unit_test(a_row_has_the_same_bits_whatever_is_beside_it),
        cmocka_unit_test(tanh_is_within_its_bound),
        cmocka_unit_test(tanh_is_odd_and_passes_what_is_not_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
