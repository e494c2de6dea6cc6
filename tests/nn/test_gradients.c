/* Every gradient by central differences: whatever a network's layers compute
 * backward, it has to be the slope of the loss that they compute forward.
 *
 * Each tensor of parameters moves by h along random signs d. The slope
 * (L(w + h d) - L(w - h d)) / 2h has to be g . d, which is about the norm of g
 * in size; so the tolerance is a share of that norm, over several directions.
 * What is wrong in one element of n moves g . d by that element, and the
 * tensors here are small.
 *
 * The step h: the loss, a double summed from f32 logits near 1, is good to
 * about 1e-7, so the slope to 1e-7 / h; curvature and above all the kinks of
 * ReLU and max pooling that lie within the step add errors that grow with its
 * length, h times the root of n. A length of 8e-4 leaves 1 % of the norm at
 * worst; the tolerance is 2 %. */
#include "nn/engine_case.h"

enum { IMAGES = 6 };

static const double LENGTH = 8e-4, TOLERANCE = 0.02, SMOOTHING = 0.1;

static double loss_of(struct nn_engine *e, void *context)
{
    const struct batch *const b = context;
    struct nn_result r;
    assert_int_equal(nn_engine_step(e, INPUT_OF(b->image), b->label, SMOOTHING,
                                    1.0, &r),
                     NN_OK);
    return r.loss;
}

static void check_network(const struct nn_architecture *a, int threads)
{
    struct nn_options o = f32_options(IMAGES, threads);
    o.direct = true;
    struct nn_engine *e = engine_of(a, o);
    struct batch b = batch_of(a, IMAGES, 3);
    loss_of(e, &b);
    float *gradients = copy_of(nn_engine_gradients(e), nn_engine_size(e));
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    for (size_t i = 0; i < count; i++) {
        const float *g = gradients + p[i].offset;
        if (p[i].role == NN_ROLE_WHITEN) {
            assert_true(norm_of_floats(g, p[i].count) == 0.0);
            continue;
        }
        assert_true(norm_of_floats(g, p[i].count) > 1e-3);
        const double error = slope_error(e, &p[i], g, LENGTH, loss_of, &b);
        if (!(error <= TOLERANCE))
            fail_msg("%s: %s has slopes %.2g of its gradient's norm away",
                     a->name, p[i].name, error);
    }
    free(gradients);
    batch_release(&b);
    nn_engine_destroy(e);
}

static void gradients_of_every_operation_are_slopes(void **state)
{
    (void)state;
    const struct nn_architecture a = every_operation();
    check_network(&a, 1);
}

static void gradients_of_odd_shapes_are_slopes(void **state)
{
    (void)state;
    const struct nn_architecture a = odd_operations();
    check_network(&a, 1);
}

static void gradients_of_two_threads_are_slopes(void **state)
{
    (void)state;
    const struct nn_architecture a = every_operation();
    check_network(&a, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_every_operation_are_slopes),
        cmocka_unit_test(gradients_of_odd_shapes_are_slopes),
        cmocka_unit_test(gradients_of_two_threads_are_slopes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
