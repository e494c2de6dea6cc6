/* Tests of what happens to single values between the products, against libm in
 * double: bias with GELU, the end of a residual branch, bias alone. */
#include "sequence_case.h"

static double gelu(double z)
{
    return case_activate(NN_GELU, z);
}

static double gelu_slope(double z)
{
    return 0.5 * erfc(-z * 0.70710678118654752440) +
           z * 0.39894228040143267794 * exp(-0.5 * z * z);
}

/* Inputs of every kernel; x and dy of the type, stream and dstream f32. */
struct point_case {
    enum nn_type type;
    size_t rows, width, size;
    double *x, *dy, *stream, *bias;
    void *tx, *tdy;
    float *fstream, *fbias;
    struct nn_keep keep;
    double *want, *sums; /* of values and of columns */
    void *out;           /* room for a result of any type */
    float *dbias;
    double *scratch;
};

static struct point_case make(const struct nn_kernels *k, enum nn_type type,
                              size_t rows, size_t width, double rate)
{
    const size_t size = rows * width;
    struct point_case c = {.type = type,
                           .rows = rows,
                           .width = width,
                           .size = size};
    c.tx = seq_random(type, size, 0, 4, 1, &c.x);
    c.tdy = seq_random(type, size, 0.2, 1, 2, &c.dy);
    c.fstream = seq_random(NN_F32, size, -0.2, 3, 3, &c.stream);
    c.fbias = seq_random(NN_F32, width, 0.1, 1, 4, &c.bias);
    c.keep = seq_keep(k, rate, rows, width, 5);
    c.want = case_alloc(size * sizeof *c.want);
    c.sums = calloc(width, sizeof *c.sums);
    c.out = case_alloc(size * sizeof(float));
    c.dbias = case_alloc(width * sizeof(float));
    c.scratch = case_alloc(nn_sum_scratch(width) * sizeof(double));
    return c;
}

static void drop(struct point_case *c)
{
    seq_keep_free(c->keep);
    void *all[] = {c->x,     c->dy,      c->stream, c->bias, c->tx,
                   c->tdy,   c->fbias,   c->want,   c->sums, c->out,
                   c->dbias, c->scratch, c->fstream};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

/* want[i] = value(c, i) times the mask; sums likewise. */
static void expect(struct point_case *c,
                   double (*value)(const struct point_case *c, size_t i))
{
    for (size_t w = 0; w < c->width; w++)
        c->sums[w] = 0;
    for (size_t i = 0; i < c->size; i++) {
        const size_t w = i % c->width;
        c->want[i] =
            value(c, i) * seq_factor(c->keep, c->width, i / c->width, w);
        c->sums[w] += c->want[i];
    }
}

static double value_x(const struct point_case *c, size_t i)
{
    return c->x[i] + c->bias[i % c->width];
}

static double value_gelu(const struct point_case *c, size_t i)
{
    return gelu(value_x(c, i));
}

static double value_dgelu(const struct point_case *c, size_t i)
{
    return c->dy[i] * gelu_slope(value_x(c, i));
}

static double value_stream(const struct point_case *c, size_t i)
{
    return c->stream[i];
}

static double value_dy(const struct point_case *c, size_t i)
{
    return c->dy[i];
}

/* A result, and that it came out the same in place of an argument. */
static void compare(const struct point_case *c, const char *what,
                    const char *kernels, const void *again)
{
    seq_compare(what, kernels, c->type, c->out, c->want, c->size, 1e-6, 1e-6);
    const size_t bytes = c->type == NN_F32 ? sizeof(float) : sizeof(uint16_t);
    assert_memory_equal(c->out, again, c->size * bytes);
}

static void compare_sums(const struct point_case *c, const char *what,
                         const char *kernels)
{
    seq_compare(what, kernels, NN_F32, c->dbias, c->sums, c->width, 1e-6,
                1e-6 * sqrt((double)c->rows) * (double)c->keep.scale);
}

static void check_gelu(const struct nn_kernels *k, struct point_case *c)
{
    const struct nn_sequence_kernels *s = k->sequence;
    void *copy = seq_pack(c->type, c->x, c->size);
    expect(c, value_gelu);
    s->gelu_forward(c->type, c->rows, c->width, c->fbias, c->keep, c->tx,
                    c->out);
    s->gelu_forward(c->type, c->rows, c->width, c->fbias, c->keep, copy, copy);
    compare(c, "gelu", k->name, copy);
    free(copy);

    copy = seq_pack(c->type, c->dy, c->size);
    expect(c, value_dgelu);
    s->gelu_backward(c->type, c->rows, c->width, c->fbias, c->keep, c->tx, copy,
                     copy, c->dbias, c->scratch);
    s->gelu_backward(c->type, c->rows, c->width, c->fbias, c->keep, c->tx,
                     c->tdy, c->out, c->dbias, c->scratch);
    compare(c, "gelu's dx", k->name, copy);
    compare_sums(c, "gelu's dbias", k->name);
    free(copy);
}

static void check_residual(const struct nn_kernels *k, struct point_case *c)
{
    const struct nn_sequence_kernels *s = k->sequence;
    expect(c, value_x);
    for (size_t i = 0; i < c->size; i++)
        c->want[i] += c->stream[i];
    float *y = c->out, *copy = seq_pack(NN_F32, c->stream, c->size);
    s->residual_forward(c->type, c->rows, c->width, c->fbias, c->keep,
                        c->fstream, c->tx, y);
    s->residual_forward(c->type, c->rows, c->width, c->fbias, c->keep, copy,
                        c->tx, copy);
    seq_compare("residual", k->name, NN_F32, y, c->want, c->size, 1e-6, 1e-6);
    assert_memory_equal(copy, y, c->size * sizeof *y);
    free(copy);

    expect(c, value_stream);
    s->residual_backward(c->type, c->rows, c->width, c->keep, c->fstream,
                         c->out, c->dbias, c->scratch);
    compare(c, "dbranch", k->name, c->out);
    compare_sums(c, "residual's dbias", k->name);
}

static void check_bias(const struct nn_kernels *k, struct point_case *c)
{
    const struct nn_sequence_kernels *s = k->sequence;
    const struct nn_keep keep = c->keep;
    c->keep = (struct nn_keep){NULL, 1};
    void *copy = seq_pack(c->type, c->x, c->size);
    expect(c, value_x);
    s->bias_forward(c->type, c->rows, c->width, c->fbias, c->tx, c->out);
    s->bias_forward(c->type, c->rows, c->width, c->fbias, copy, copy);
    compare(c, "bias", k->name, copy);
    free(copy);
    expect(c, value_dy);
    s->bias_backward(c->type, c->rows, c->width, c->tdy, c->dbias, c->scratch);
    compare_sums(c, "dbias", k->name);
    c->keep = keep;
}

static void check(enum nn_type type, size_t rows, size_t width, double rate)
{
    FOR_EACH_KERNELS(k)
    {
        struct point_case c = make(k, type, rows, width, rate);
        check_gelu(k, &c);
        check_residual(k, &c);
        check_bias(k, &c);
        drop(&c);
    }
}

static void each_is_its_formula(void **state)
{
    (void)state;
    static const size_t widths[] = {1,  3,  4,  7,  8,  9,   15,  16,
                                    17, 24, 31, 33, 64, 100, 256, 1030};
    FOR_EACH_TYPE(type)
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        check(type, 3, widths[i], 0);
        check(type, 4, widths[i], 0.1);
        check(type, 1, widths[i], 0.9);
    }
}

/* The sums over rows stay accurate, about the ends of their parts too. */
static void many_rows_add_up(void **state)
{
    (void)state;
    static const size_t rows[] = {63, 64, 65, 128, 129, 9000};
    FOR_EACH_TYPE(type)
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check(type, rows[i], 19, i % 2 ? 0.3 : 0);
}

static void dx_is_the_slope_of_the_loss(void **state)
{
    (void)state;
    const double h = 1e-5;
    FOR_EACH_KERNELS(k)
    {
        struct point_case c = make(k, NN_F32, 5, 21, 0.4);
        float *dx = c.out;
        k->sequence->gelu_backward(NN_F32, c.rows, c.width, c.fbias, c.keep,
                                   c.tx, c.tdy, dx, c.dbias, c.scratch);
        for (size_t i = 0; i < c.size; i++) {
            const double z = value_x(&c, i);
            const double slope = (gelu(z + h) - gelu(z - h)) / (2 * h);
            const double f =
                seq_factor(c.keep, c.width, i / c.width, i % c.width);
            assert_true(fabs(c.dy[i] * f * slope - (double)dx[i]) < 2e-6);
        }
        drop(&c);
    }
}

/* A NaN is no less one for being dropped, and stays in its place. */
static void nan_shows_in_its_place(void **state)
{
    (void)state;
    enum { ROWS = 2, WIDTH = 37, SIZE = ROWS * WIDTH };
    FOR_EACH_KERNELS(k)
    for (size_t bad = 0; bad < SIZE; bad++) {
        const struct nn_sequence_kernels *s = k->sequence;
        struct point_case c = make(k, NN_F32, ROWS, WIDTH, 0.5);
        float *x = c.tx, *dy = c.tdy, *results[5];
        for (size_t i = 0; i < 5; i++)
            results[i] = case_alloc(SIZE * sizeof(float));
        dy[bad] = NAN;
        s->gelu_backward(NN_F32, ROWS, WIDTH, c.fbias, c.keep, x, dy,
                         results[0], c.dbias, c.scratch);
        assert_true(isnan(c.dbias[bad % WIDTH]));
        s->residual_backward(NN_F32, ROWS, WIDTH, c.keep, dy, results[1],
                             c.dbias, c.scratch);
        assert_true(isnan(c.dbias[bad % WIDTH]));
        s->bias_backward(NN_F32, ROWS, WIDTH, dy, c.dbias, c.scratch);
        assert_true(isnan(c.dbias[bad % WIDTH]));
        x[bad] = NAN;
        s->gelu_forward(NN_F32, ROWS, WIDTH, c.fbias, c.keep, x, results[2]);
        s->residual_forward(NN_F32, ROWS, WIDTH, c.fbias, c.keep, c.fstream, x,
                            results[3]);
        s->bias_forward(NN_F32, ROWS, WIDTH, c.fbias, x, results[4]);
        for (size_t r = 0; r < 5; r++) {
            for (size_t i = 0; i < SIZE; i++)
                assert_int_equal(isnan(results[r][i]) != 0, i == bad);
            free(results[r]);
        }
        drop(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_its_formula),
        cmocka_unit_test(many_rows_add_up),
        cmocka_unit_test(dx_is_the_slope_of_the_loss),
        cmocka_unit_test(nan_shows_in_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
