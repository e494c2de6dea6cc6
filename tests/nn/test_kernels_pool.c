/* Tests of max and mean pooling alone against plain loops in double. Pooling
 * only selects or averages, so max pooling must be exact. */
#include "kernels_case.h"

/* Plain loops over nchw tensors; `to` is [.., height / pool, width / pool]. */
static void expected_max(const struct nn_layout *l, size_t pool,
                         const double *x, double *y, uint8_t *winner)
{
    const size_t rows = l->height / pool, columns = l->width / pool;
    size_t out = 0;
    for (size_t plane = 0; plane < l->images * l->channels; plane++)
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < columns; c++, out++) {
                y[out] = -INFINITY;
                winner[out] = 0;
                for (size_t k = 0; k < pool * pool; k++) {
                    const double v =
                        x[(plane * l->height + r * pool + k / pool) * l->width +
                          c * pool + k % pool];
                    if (v > y[out] || k == 0) {
                        y[out] = v;
                        winner[out] = (uint8_t)k;
                    }
                }
            }
}

/* The input's share of dy: all of it to the winner, or an equal part to each
 * (winner NULL). */
static void expected_backward(const struct nn_layout *l, size_t pool,
                              const double *dy, const uint8_t *winner,
                              double *dx)
{
    const size_t rows = l->height / pool, columns = l->width / pool;
    size_t i = 0;
    for (size_t plane = 0; plane < l->images * l->channels; plane++)
        for (size_t y = 0; y < l->height; y++)
            for (size_t x = 0; x < l->width; x++, i++) {
                const size_t r = y / pool, c = x / pool;
                const size_t place = y % pool * pool + x % pool;
                dx[i] = 0;
                if (r >= rows || c >= columns) continue;
                const size_t o = (plane * rows + r) * columns + c;
                if (winner)
                    dx[i] = winner[o] == place ? dy[o] : 0;
                else
                    dx[i] = dy[o] / (double)(pool * pool);
            }
}

static void compare(const char *what, const char *kernels,
                    const struct nn_layout *l, const void *data,
                    const double *want, double relative)
{
    double *got = case_unpack(l, data);
    case_compare(what, kernels, l, got, want, case_values(l), relative, 0);
    free(got);
}

/* One tensor through both poolings and both directions, in every layout. */
static void check(const struct nn_layout *plain, size_t pool, const double *x,
                  const double *dy)
{
    const struct nn_layout small = case_pooled(*plain, pool);
    const size_t n = case_values(plain), m = case_values(&small);
    double *y = case_alloc(m * sizeof *y), *dx = case_alloc(n * sizeof *dx);
    double *mean = case_alloc(m * sizeof *mean);
    double *dmean = case_alloc(n * sizeof *dmean);
    uint8_t *winner = case_alloc(m);
    expected_max(plain, pool, x, y, winner);
    expected_backward(plain, pool, dy, winner, dx);
    expected_backward(plain, pool, dy, NULL, dmean);
    /* A mean is what its gradient's transpose says: sum x over each window. */
    memset(mean, 0, m * sizeof *mean);
    for (size_t i = 0; i < n; i++) {
        const size_t r = i / plain->width % plain->height / pool;
        const size_t c = i % plain->width / pool;
        const size_t plane = i / (plain->width * plain->height);
        if (r < small.height && c < small.width)
            mean[(plane * small.height + r) * small.width + c] +=
                x[i] / (double)(pool * pool);
    }

    const double last = plain->type == NN_F32 ? 1e-6 : 0x1p-8;
    for (size_t which = 0; which < CASE_LAYOUTS; which++)
        FOR_EACH_KERNELS(k)
        {
            const struct nn_layout in =
                case_layout(plain->type, which, plain->images, plain->channels,
                            plain->height, plain->width);
            const struct nn_layout out = case_pooled(in, pool);
            void *px = case_pack(&in, x), *pdy = case_pack(&out, dy);
            void *to = case_alloc(case_bytes(&out));
            void *pdx = case_alloc(case_bytes(&in));
            uint8_t *place = case_alloc(case_padded(&out));

            k->max_forward(&in, pool, px, to, place);
            compare("max", k->name, &out, to, y, 0);
            k->max_backward(&in, pool, pdy, place, pdx);
            compare("max dx", k->name, &in, pdx, dx, 0);
            memset(to, 0xff, case_bytes(&out));
            k->max_forward(&in, pool, px, to, NULL);
            compare("max alone", k->name, &out, to, y, 0);

            memset(to, 0xff, case_bytes(&out));
            memset(pdx, 0xff, case_bytes(&in));
            k->mean_forward(&in, pool, px, to);
            double *got = case_unpack(&out, to);
            case_compare("mean", k->name, &out, got, mean, m, last, 1e-6);
            free(got);
            k->mean_backward(&in, pool, pdy, pdx);
            compare("mean dx", k->name, &in, pdx, dmean, last);
            free(place);
            free(pdx);
            free(to);
            free(pdy);
            free(px);
        }
    free(winner);
    free(dmean);
    free(mean);
    free(dx);
    free(y);
}

static void check_size(size_t images, size_t channels, size_t height,
                       size_t width, size_t pool)
{
    for (int t = NN_F32; t <= NN_BF16; t++) {
        const enum nn_type type = (enum nn_type)t;
        const struct nn_layout l =
            case_layout(type, 0, images, channels, height, width);
        const struct nn_layout small = case_pooled(l, pool);
        double *x = case_values_random(type, case_values(&l), 3.0, 5);
        double *dy = case_values_random(type, case_values(&small), 1.0, 6);
        check(&l, pool, x, dy);
        free(dy);
        free(x);
    }
}

static void windows_are_pooled(void **state)
{
    (void)state;
    check_size(2, 24, 6, 4, 2);
    check_size(3, 24, 3, 3, 3);
    check_size(1, 24, 8, 8, 4);
    check_size(2, 5, 2, 3, 1);
    check_size(1, 301, 4, 4, 2);
}

static void what_fills_no_window_is_dropped(void **state)
{
    (void)state;
    check_size(2, 24, 31, 31, 2);
    check_size(2, 24, 7, 7, 2);
    check_size(2, 24, 8, 7, 3);
    check_size(1, 24, 2, 9, 3); /* no window at all */
}

/* The whole mean, as before a classifier. */
static void a_window_may_be_the_plane(void **state)
{
    (void)state;
    check_size(3, 24, 7, 7, 7);
}

/* Few distinct values, so that nearly every window is tied. */
static void the_first_of_equal_maxima_wins(void **state)
{
    (void)state;
    for (size_t pool = 2; pool <= 3; pool++) {
        const struct nn_layout l = case_layout(NN_F32, 0, 2, 24, 9, 9);
        const struct nn_layout small = case_pooled(l, pool);
        double *x = case_values_random(NN_F32, case_values(&l), 1.0, 8);
        double *dy = case_values_random(NN_F32, case_values(&small), 1.0, 9);
        for (size_t i = 0; i < case_values(&l); i++)
            x[i] = x[i] > 0 ? 1 : 0;
        check(&l, pool, x, dy);
        free(dy);
        free(x);
    }
}

/* Wherever in a window a NaN stands, it comes out, and takes the gradient. */
static void nan_wins_its_window(void **state)
{
    (void)state;
    for (int t = NN_F32; t <= NN_BF16; t++)
        for (size_t pool = 2; pool <= 3; pool++)
            for (size_t place = 0; place < pool * pool; place++)
                FOR_EACH_KERNELS(k)
                {
                    const struct nn_layout in =
                        case_layout((enum nn_type)t, 1, 1, 24, pool, pool);
                    const struct nn_layout out = case_pooled(in, pool);
                    double x[24 * 9], dy[24];
                    for (size_t i = 0; i < 24 * pool * pool; i++)
                        x[i] = i % (pool * pool) == place ? (double)NAN
                               : i % 2                    ? 5.0
                                                          : (double)INFINITY;
                    for (size_t i = 0; i < 24; i++)
                        dy[i] = 1.0;
                    void *px = case_pack(&in, x), *pdy = case_pack(&out, dy);
                    void *y = case_alloc(case_bytes(&out));
                    void *dx = case_alloc(case_bytes(&in));
                    uint8_t *winner = case_alloc(case_padded(&out));
                    k->max_forward(&in, pool, px, y, winner);
                    k->max_backward(&in, pool, pdy, winner, dx);
                    double *got = case_unpack(&out, y);
                    double *share = case_unpack(&in, dx);
                    for (size_t i = 0; i < 24; i++) {
                        assert_true(isnan(got[i]));
                        assert_true(share[i * pool * pool + place] == 1.0);
                    }
                    memset(y, 0, case_bytes(&out));
                    k->mean_forward(&in, pool, px, y);
                    free(got);
                    got = case_unpack(&out, y);
                    assert_true(isnan(got[0]));
                    free(share);
                    free(got);
                    free(winner);
                    free(dx);
                    free(y);
                    free(pdy);
                    free(px);
                }
}

/* All minus infinity is a maximum like another, not an empty window. */
static void minus_infinity_is_a_maximum(void **state)
{
    (void)state;
    const struct nn_layout l = case_layout(NN_F32, 0, 1, 24, 2, 2);
    float x[24 * 4], y[24], d[24], dx[24 * 4];
    uint8_t winner[24];
    for (size_t i = 0; i < 24 * 4; i++)
        x[i] = -INFINITY;
    for (size_t i = 0; i < 24; i++)
        d[i] = 0.5f;
    FOR_EACH_KERNELS(k)
    {
        k->max_forward(&l, 2, x, y, winner);
        for (size_t i = 0; i < 24; i++) {
            assert_true(isinf(y[i]) && y[i] < 0);
            assert_int_equal(winner[i], 0);
        }
        k->max_backward(&l, 2, d, winner, dx);
        assert_true(dx[0] == 0.5f && dx[1] == 0.0f);
    }
}

/* Tensors large enough to be streamed past the caches, in every layout and
 * with unaligned results, are the same as small ones. */
static void large_tensors_are_pooled_alike(void **state)
{
    (void)state;
    const struct nn_layout in = case_layout(NN_F32, 1, 20, 32, 63, 63);
    const struct nn_layout out = case_pooled(in, 2);
    double *x = case_values_random(NN_F32, case_values(&in), 3.0, 5);
    double *y = case_alloc(case_values(&out) * sizeof *y);
    uint8_t *winner = case_alloc(case_values(&out));
    expected_max(&in, 2, x, y, winner);
    double *dx = case_alloc(case_values(&in) * sizeof *dx);
    expected_backward(&in, 2, y, winner, dx);
    void *px = case_pack(&in, x);
    char *base = aligned_alloc(64, case_bytes(&in) + 64);
    uint8_t *place = case_alloc(case_padded(&out));
    void *small = case_alloc(case_bytes(&out));
    assert_non_null(base);
    for (size_t offset = 0; offset <= 4; offset += 4)
        FOR_EACH_KERNELS(k)
        {
            memset(base, 0xff, case_bytes(&in) + 64);
            k->max_forward(&in, 2, px, small, place);
            compare("max", k->name, &out, small, y, 0);
            k->max_backward(&in, 2, small, place, base + offset);
            compare("max dx", k->name, &in, base + offset, dx, 0);
        }
    free(small);
    free(place);
    free(base);
    free(px);
    free(dx);
    free(winner);
    free(y);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_pooled),
        cmocka_unit_test(what_fills_no_window_is_dropped),
        cmocka_unit_test(a_window_may_be_the_plane),
        cmocka_unit_test(the_first_of_equal_maxima_wins),
        cmocka_unit_test(nan_wins_its_window),
        cmocka_unit_test(minus_infinity_is_a_maximum),
        cmocka_unit_test(large_tensors_are_pooled_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
