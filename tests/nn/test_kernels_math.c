/* Tests of the kernels' own exp and error function against libm in double, by
 * way of the kernels that use them, over dense grids. The bounds are those that
 * src/nn/kernels_math.h states. */
#include <float.h>

#include "kernels_case.h"

enum { LANES = 16, STEP = LANES * 4096 };

static const struct nn_layout line = {NN_F32, 1, LANES, 1, 4096, 1, LANES};

static double phi(double x)
{
    return 0.39894228040143267794 * exp(-0.5 * x * x);
}

/* GELU and its derivative on [from, from + STEP * width). */
static void check_gelu(const struct nn_kernels *k, double from, double width,
                       double *worst, double *worst_slope)
{
    static float x[STEP], y[STEP], one[STEP];
    for (size_t i = 0; i < STEP; i++) {
        x[i] = (float)(from + width * (double)i);
        one[i] = 1.0f;
    }
    k->activate_forward(&line, NN_GELU, NULL, x, y);
    for (size_t i = 0; i < STEP; i++) {
        const double v = (double)x[i];
        const double error = fabs((double)y[i] - case_activate(NN_GELU, v));
        *worst = fmax(*worst, error / fmax(1.0, fabs(v)));
    }
    k->activate_backward(&line, NN_GELU, NULL, x, one, y, NULL);
    for (size_t i = 0; i < STEP; i++) {
        const double v = (double)x[i];
        const double want =
            0.5 * erfc(-v * 0.70710678118654752440) + v * phi(v);
        *worst_slope = fmax(*worst_slope, fabs((double)y[i] - want));
    }
}

static void gelu_is_within_its_bounds(void **state)
{
    (void)state;
    FOR_EACH_KERNELS(k)
    {
        double worst = 0, slope = 0;
        const double width = 5e-5; /* 640,000 points on [-16, 16] */
        for (double from = -16; from < 16; from += STEP * width)
            check_gelu(k, from, width, &worst, &slope);
        check_gelu(k, -1e-30, 1e-33, &worst, &slope);
        printf("%s: GELU error %.2e, slope %.2e\n", k->name, worst, slope);
        assert_true(worst < 2e-7);
        assert_true(slope < 2e-7);
    }
}

/* Where GELU is x or 0 to the last bit it must be so, up to the largest
 * number, and its slope 1 or 0. */
static void gelu_of_large_values_is_exact(void **state)
{
    (void)state;
    static const float sizes[] = {13.3f, 14.0f,   20.0f, 100.0f, 1e4f,
                                  1e10f, 1.8e19f, 1e20f, 1e30f,  FLT_MAX};
    const struct nn_layout one = {NN_F32, 1, 4, 1, 1, 1, 4};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        FOR_EACH_KERNELS(k)
        {
            const float s = sizes[i];
            const float x[] = {s, -s, 0.0f, -0.0f}, dy[] = {1, 1, 1, 1};
            float y[4], slope[4];
            k->activate_forward(&one, NN_GELU, NULL, x, y);
            k->activate_backward(&one, NN_GELU, NULL, x, dy, slope, NULL);
            assert_true(y[0] == s && y[1] == 0.0f);
            assert_true(slope[0] == 1.0f && slope[1] == 0.0f);
            assert_true(y[2] == 0.0f && y[3] == 0.0f);
            assert_true(fabsf(slope[2] - 0.5f) < 1e-7f);
            assert_true(fabsf(slope[3] - 0.5f) < 1e-7f);
        }
}

/* exp, seen through the softmax of (0, x): the gradient for the second class
 * is e^x / (1 + e^x). */
static void exp_is_within_its_bounds(void **state)
{
    (void)state;
    enum { ROWS = 100000 };
    static float logits[ROWS * 2], d[ROWS * 2];
    static int32_t labels[ROWS];
    FOR_EACH_KERNELS(k)
    {
        double worst = 0;
        size_t correct = 0;
        for (size_t i = 0; i < ROWS; i++)
            logits[2 * i + 1] = -1e-3f * (float)i;
        k->cross_entropy(ROWS, 2, 2, logits, labels, 0, 1, d, &correct);
        for (size_t i = 0; i < ROWS; i++) {
            const double e = exp((double)logits[2 * i + 1]);
            worst = fmax(worst, fabs((double)d[2 * i + 1] - e / (1 + e)));
            if (logits[2 * i + 1] > -87.0f) assert_true(d[2 * i + 1] > 0.0f);
            if (logits[2 * i + 1] < -88.0f) assert_true(d[2 * i + 1] == 0.0f);
        }
        printf("%s: exp error %.2e\n", k->name, worst);
        assert_true(worst < 1e-7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gelu_is_within_its_bounds),
        cmocka_unit_test(gelu_of_large_values_is_exact),
        cmocka_unit_test(exp_is_within_its_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
