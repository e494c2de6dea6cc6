/* Every gradient of the encoder by central differences, as test_gradients.c
 * has it for images: each tensor moves along random signs, and the slope of the
 * loss has to be the product with the gradient. Dropout is on: its masks are
 * named by the batch and stay, so the loss is as smooth with it as without. */
#include "nn/encoder_case.h"

/* The loss is good to 1e-7 of its size, about 5; curvature adds errors that
 * grow with the length of the step. */
static const double LENGTH = 4e-3, TOLERANCE = 0.01;

static double loss_of(struct nn_engine *e, void *context)
{
    return encoder_step(e, context);
}

static void check_encoder(const struct nn_encoder *shape, size_t length,
                          size_t padded, int threads)
{
    struct nn_engine *e = encoder_of(shape, f32_options(TEXTS, threads));
    struct texts t = texts_of(length, padded, -5);
    encoder_step(e, &t);
    float *gradients = copy_of(nn_engine_gradients(e), nn_engine_size(e));
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    for (size_t i = 0; i < count; i++) {
        const float *g = gradients + p[i].offset;
        assert_true(norm_of_floats(g, p[i].count) > 1e-3);
        const double error = slope_error(e, &p[i], g, LENGTH, loss_of, &t);
        if (!(error <= TOLERANCE))
            fail_msg("%s has slopes %.2g of its gradient's norm away",
                     p[i].name, error);
    }
    free(gradients);
    free(t.tokens);
    nn_engine_destroy(e);
}

static void gradients_are_slopes(void **state)
{
    (void)state;
    const struct nn_encoder shape = small_encoder(0.2);
    check_encoder(&shape, 16, 16, 1);
}

static void gradients_behind_the_first_token_are_slopes(void **state)
{
    (void)state;
    struct nn_encoder shape = small_encoder(0.0);
    shape.pooling = NN_POOL_FIRST;
    shape.layers = 1;
    check_encoder(&shape, 7, 8, 1);
}

static void gradients_of_two_threads_are_slopes(void **state)
{
    (void)state;
    const struct nn_encoder shape = small_encoder(0.4);
    check_encoder(&shape, 20, 24, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_slopes),
        cmocka_unit_test(gradients_behind_the_first_token_are_slopes),
        cmocka_unit_test(gradients_of_two_threads_are_slopes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
