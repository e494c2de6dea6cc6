/* Tests of layer normalisation against its definition in long double, and of
 * its gradient against central differences of the same. */
#include "sequence_case.h"

static const double epsilon = 1e-5;

/* Mean and 1 / deviation of a row. */
static void moments(const double *x, size_t width, long double *mean,
                    long double *inverse)
{
    long double sum = 0, sum2 = 0;
    for (size_t i = 0; i < width; i++)
        sum += (long double)x[i];
    *mean = sum / (long double)width;
    for (size_t i = 0; i < width; i++)
        sum2 += ((long double)x[i] - *mean) * ((long double)x[i] - *mean);
    *inverse = 1 / sqrtl(sum2 / (long double)width + (long double)epsilon);
}

struct norm_case {
    struct nn_layer_norm n;
    double *x, *dy, *before, *scale, *shift; /* the same as doubles */
    float *fx, *fscale, *fshift, *dscale, *dshift;
    void *y, *tdy;
    double *scratch;
};

static struct norm_case make(enum nn_type type, size_t rows, size_t width,
                             double offset)
{
    struct norm_case c;
    c.fx = seq_random(NN_F32, rows * width, offset, 2, 1, &c.x);
    c.tdy = seq_random(type, rows * width, 0.1, 1, 2, &c.dy);
    free(seq_random(NN_F32, rows * width, 0, 1, 3, &c.before));
    c.fscale = seq_random(NN_F32, width, 1, 0.5, 4, &c.scale);
    c.fshift = seq_random(NN_F32, width, 0, 1, 5, &c.shift);
    c.y = seq_alloc(type, rows * width);
    c.dscale = case_alloc(width * sizeof(float));
    c.dshift = case_alloc(width * sizeof(float));
    c.scratch = case_alloc(nn_sum_scratch(width) * sizeof(double));
    c.n = (struct nn_layer_norm){.type = type,
                                 .rows = rows,
                                 .width = width,
                                 .epsilon = epsilon,
                                 .scale = c.fscale,
                                 .shift = c.fshift,
                                 .mean = case_alloc(rows * sizeof(float)),
                                 .inverse = case_alloc(rows * sizeof(float))};
    return c;
}

static void drop(struct norm_case *c)
{
    void *all[] = {c->x,      c->dy,     c->before,  c->scale,  c->shift,
                   c->fx,     c->fscale, c->fshift,  c->y,      c->dscale,
                   c->dshift, c->tdy,    c->scratch, c->n.mean, c->n.inverse};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

static void check_forward(const struct nn_kernels *k, struct norm_case *c)
{
    const size_t rows = c->n.rows, width = c->n.width;
    double *want = case_alloc(rows * width * sizeof *want);
    k->sequence->layer_norm_forward(&c->n, c->fx, c->y);
    for (size_t r = 0; r < rows; r++) {
        long double mean, inverse;
        moments(c->x + r * width, width, &mean, &inverse);
        assert_true(fabs((double)(c->n.mean[r] - mean)) <=
                    1e-7 * (1 + fabs((double)mean)));
        assert_true(fabs((double)(c->n.inverse[r] / inverse - 1)) < 1e-6);
        for (size_t i = 0; i < width; i++)
            want[r * width + i] =
                (double)(((long double)c->x[r * width + i] - mean) * inverse) *
                    c->scale[i] +
                c->shift[i];
    }
    seq_compare("y", k->name, c->n.type, c->y, want, rows * width, 1e-6, 1e-6);
    free(want);
}

static void check_backward(const struct nn_kernels *k, struct norm_case *c,
                           double error, bool add)
{
    const size_t rows = c->n.rows, width = c->n.width, size = rows * width;
    double *want = case_alloc(size * sizeof *want);
    double *dscale = calloc(width, sizeof *dscale);
    double *dshift = calloc(width, sizeof *dshift);
    float *dx = seq_pack(NN_F32, c->before, size);
    double steepest = 0; /* 1 / deviation */
    k->sequence->layer_norm_backward(&c->n, c->fx, c->tdy, add, dx, c->dscale,
                                     c->dshift, c->scratch);
    for (size_t r = 0; r < rows; r++) {
        const double *x = c->x + r * width, *dy = c->dy + r * width;
        long double mean, inverse, sum = 0, sum2 = 0;
        moments(x, width, &mean, &inverse);
        steepest = fmax(steepest, (double)inverse);
        for (size_t i = 0; i < width; i++) {
            const long double h = ((long double)x[i] - mean) * inverse;
            const long double g = (long double)(dy[i] * c->scale[i]);
            sum += g / (long double)width;
            sum2 += g * h / (long double)width;
            dscale[i] += (double)((long double)dy[i] * h);
            dshift[i] += dy[i];
        }
        for (size_t i = 0; i < width; i++) {
            const long double h = ((long double)x[i] - mean) * inverse;
            const long double g = (long double)(dy[i] * c->scale[i]);
            want[r * width + i] = (double)((g - sum - h * sum2) * inverse) +
                                  (add ? c->before[r * width + i] : 0);
        }
    }
    /* dx is a difference of terms of this size. */
    const double terms = case_largest(c->dy, size) * steepest;
    seq_compare("dx", k->name, NN_F32, dx, want, size, error, error * terms);
    const double root = sqrt((double)rows);
    seq_compare("dscale", k->name, NN_F32, c->dscale, dscale, width, error,
                error * root);
    seq_compare("dshift", k->name, NN_F32, c->dshift, dshift, width, 1e-6,
                1e-6 * root);
    free(dx);
    free(want);
    free(dscale);
    free(dshift);
}

static void check(enum nn_type type, size_t rows, size_t width, double offset)
{
    struct norm_case c = make(type, rows, width, offset);
    FOR_EACH_KERNELS(k)
    {
        check_forward(k, &c);
        /* The mean that forward leaves is rounded to f32. */
        const double error = 3e-6 + 1e-7 * fabs(offset);
        check_backward(k, &c, error, false);
        check_backward(k, &c, error, true);
    }
    drop(&c);
}

static void normalisation_is_the_formula(void **state)
{
    (void)state;
    static const size_t widths[] = {1,  2,  3,   4,   8,   15,   16,   17,  31,
                                    33, 64, 100, 128, 256, 1000, 1024, 1100};
    FOR_EACH_TYPE(type)
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        check(type, 5, widths[i], 0.3);
        check(type, 1, widths[i], -2);
    }
}

/* Values near 1e4 that differ by 1 keep all digits they have. */
static void a_mean_far_from_zero_costs_no_digits(void **state)
{
    (void)state;
    FOR_EACH_TYPE(type)
    {
        check(type, 9, 64, 1e4);
        check(type, 9, 1024, -1e4);
        check(type, 9, 1024, 1e3);
    }
}

/* The sums of dscale and dshift stay accurate over many rows. */
static void many_rows_add_up(void **state)
{
    (void)state;
    check(NN_F32, 20000, 20, 0.5);
    check(NN_BF16, 127, 20, 0.5);
    check(NN_BF16, 128, 20, 0.5);
    check(NN_BF16, 129, 20, 0.5);
}

static long double loss(const double *x, size_t width, const double *scale,
                        const double *dy)
{
    long double mean, inverse, sum = 0;
    moments(x, width, &mean, &inverse);
    for (size_t i = 0; i < width; i++)
        sum += (long double)(dy[i] * scale[i]) * ((long double)x[i] - mean) *
               inverse;
    return sum;
}

static void dx_is_the_slope_of_the_loss(void **state)
{
    (void)state;
    enum { ROWS = 3, WIDTH = 21 };
    const double h = 1e-5;
    struct norm_case c = make(NN_F32, ROWS, WIDTH, 0.5);
    FOR_EACH_KERNELS(k)
    {
        float dx[ROWS * WIDTH];
        k->sequence->layer_norm_forward(&c.n, c.fx, c.y);
        k->sequence->layer_norm_backward(&c.n, c.fx, c.tdy, false, dx, c.dscale,
                                         c.dshift, c.scratch);
        for (size_t i = 0; i < ROWS * WIDTH; i++) {
            const size_t row = i / WIDTH * WIDTH;
            const double at = c.x[i];
            c.x[i] = at + h;
            const long double up = loss(c.x + row, WIDTH, c.scale, c.dy + row);
            c.x[i] = at - h;
            const long double down =
                loss(c.x + row, WIDTH, c.scale, c.dy + row);
            c.x[i] = at;
            assert_true(fabs((double)((up - down) / (2 * h)) - (double)dx[i]) <
                        2e-6);
        }
    }
    drop(&c);
}

static void dx_may_replace_dy(void **state)
{
    (void)state;
    struct norm_case c = make(NN_F32, 7, 50, 0);
    FOR_EACH_KERNELS(k)
    {
        float dx[350], again[350];
        memcpy(again, c.tdy, sizeof again);
        k->sequence->layer_norm_forward(&c.n, c.fx, c.y);
        k->sequence->layer_norm_backward(&c.n, c.fx, c.tdy, false, dx, c.dscale,
                                         c.dshift, c.scratch);
        k->sequence->layer_norm_backward(&c.n, c.fx, again, false, again,
                                         c.dscale, c.dshift, c.scratch);
        assert_memory_equal(dx, again, sizeof dx);
    }
    drop(&c);
}

/* A NaN spreads over its own row and no further. */
static void nan_shows_in_its_row(void **state)
{
    (void)state;
    enum { ROWS = 3, WIDTH = 37 };
    for (size_t at = WIDTH; at < 2 * WIDTH; at++) {
        struct norm_case c = make(NN_F32, ROWS, WIDTH, 0);
        const float good = c.fx[at];
        FOR_EACH_KERNELS(k)
        {
            float dx[ROWS * WIDTH];
            const float *y = c.y;
            c.fx[at] = NAN;
            k->sequence->layer_norm_forward(&c.n, c.fx, c.y);
            for (size_t i = 0; i < ROWS * WIDTH; i++)
                assert_int_equal(isnan(y[i]) != 0, i / WIDTH == 1);
            c.fx[at] = good;
            k->sequence->layer_norm_forward(&c.n, c.fx, c.y);
            float *dy = c.tdy;
            dy[at] = NAN;
            k->sequence->layer_norm_backward(&c.n, c.fx, dy, false, dx,
                                             c.dscale, c.dshift, c.scratch);
            for (size_t i = 0; i < ROWS * WIDTH; i++)
                assert_int_equal(isnan(dx[i]) != 0, i / WIDTH == 1);
            assert_true(isnan(c.dscale[at - WIDTH]));
            assert_true(isnan(c.dshift[at - WIDTH]));
            dy[at] = 1;
        }
        drop(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalisation_is_the_formula),
        cmocka_unit_test(a_mean_far_from_zero_costs_no_digits),
        cmocka_unit_test(many_rows_add_up),
        cmocka_unit_test(dx_is_the_slope_of_the_loss),
        cmocka_unit_test(dx_may_replace_dy),
        cmocka_unit_test(nan_shows_in_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
