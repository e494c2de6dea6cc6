/* The kernels against PyTorch's results for the same inputs: pooling,
 * normalisation and GELU in a row, and cross-entropy with label smoothing. */
#include "kernels_case.h"
#include "kernels_golden.h"

static double *wide(const float *v, size_t n)
{
    double *w = case_alloc(n * sizeof *w);
    for (size_t i = 0; i < n; i++)
        w[i] = (double)v[i];
    return w;
}

static void compare(const char *what, const char *kernels,
                    const struct nn_layout *l, const void *data,
                    const float *want)
{
    double *got = case_unpack(l, data), *w = wide(want, case_values(l));
    case_compare(what, kernels, l, got, w, case_values(l), 2e-6, 2e-6);
    free(w);
    free(got);
}

static void compare_channels(const char *what, const char *kernels,
                             const struct nn_layout *l, const float *got,
                             const float *want)
{
    double *w = wide(want, l->channels);
    case_compare_channels(what, kernels, l, got, w, 2e-6, 2e-6);
    free(w);
}

static float *packed_channels(const struct nn_layout *l, const float *v)
{
    double *w = wide(v, l->channels);
    float *packed = case_pack_channels(l, w);
    free(w);
    return packed;
}

static void *packed(const struct nn_layout *l, const float *v)
{
    double *w = wide(v, case_values(l));
    void *data = case_pack(l, w);
    free(w);
    return data;
}

static void check_norm(const struct nn_kernels *k, size_t which)
{
    const struct nn_layout in =
        case_layout(NN_F32, which, GOLDEN_IMAGES, GOLDEN_CHANNELS,
                    GOLDEN_HEIGHT, GOLDEN_WIDTH);
    const struct nn_layout out = case_pooled(in, 2);
    float *scale = packed_channels(&in, golden_scale);
    float *shift = packed_channels(&in, golden_shift);
    float *mean = case_alloc_channels(&in), *a = case_alloc_channels(&in);
    float *variance = case_alloc_channels(&in), *b = case_alloc_channels(&in);
    float *dscale = case_alloc_channels(&in);
    float *dshift = case_alloc_channels(&in);
    void *x = packed(&in, golden_x), *dy = packed(&out, golden_dy);
    void *y = case_alloc(case_bytes(&out)), *dx = case_alloc(case_bytes(&in));
    void *kept = case_alloc(case_bytes(&out));
    uint8_t *winner = case_alloc(case_padded(&out));
    const struct nn_norm norm = {.in = in,
                                 .pool = 2,
                                 .activation = NN_GELU,
                                 .epsilon = golden_epsilon,
                                 .scale = scale,
                                 .shift = shift,
                                 .mean = mean,
                                 .variance = variance,
                                 .pooled = kept,
                                 .winner = winner,
                                 .a = a,
                                 .b = b};

    k->norm_forward(&norm, x, y);
    compare("y", k->name, &out, y, golden_y);
    compare_channels("mean", k->name, &in, mean, golden_mean);
    compare_channels("variance", k->name, &in, variance, golden_variance);
    k->norm_backward(&norm, dy, dx, dscale, dshift);
    compare("dx", k->name, &in, dx, golden_dx);
    compare_channels("dscale", k->name, &in, dscale, golden_dscale);
    compare_channels("dshift", k->name, &in, dshift, golden_dshift);

    void *all[] = {scale,  shift, mean, a, variance, b,    dscale,
                   dshift, x,     dy,   y, dx,       kept, winner};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

static void pooling_norm_and_gelu_agree_with_pytorch(void **state)
{
    (void)state;
    for (size_t which = 0; which < CASE_LAYOUTS; which++)
        FOR_EACH_KERNELS(k)
    check_norm(k, which);
}

static void cross_entropy_agrees_with_pytorch(void **state)
{
    (void)state;
    FOR_EACH_KERNELS(k)
    {
        float d[GOLDEN_ROWS * GOLDEN_CLASSES];
        size_t correct = 0;
        const double loss =
            k->cross_entropy(GOLDEN_ROWS, GOLDEN_CLASSES, GOLDEN_CLASSES,
                             golden_logits, golden_labels, golden_smoothing,
                             1.0 / GOLDEN_ROWS, d, &correct);
        assert_true(fabs(loss / GOLDEN_ROWS - (double)golden_loss[0]) < 1e-6);
        for (size_t i = 0; i < GOLDEN_ROWS * GOLDEN_CLASSES; i++)
            assert_true(fabsf(d[i] - golden_dlogits[i]) < 1e-7f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pooling_norm_and_gelu_agree_with_pytorch),
        cmocka_unit_test(cross_entropy_agrees_with_pytorch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
