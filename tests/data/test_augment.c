/* Moving and mirroring, against pictures small enough to draw. */
#include "data/augment.h"

#include "scratch.h"

#include <math.h>

/* Rows 1 2 3 / 4 5 6 / 7 8 9, and the same plus 100 in channel 1. */
static uint8_t pixels[2 * 9];
static const struct data_set set = {
    .count = 1, .channels = 2, .height = 3, .width = 3, .pixels = pixels};

static void expect(struct data_view view, enum data_pad pad,
                   const int *expected)
{
    /* With mean 0 and deviation 1/255 a float is its pixel's value. */
    const struct data_statistics plain = {
        .deviation = {1 / 255.0, 1 / 255.0, 1}};
    struct data_normaliser n;
    float out[2 * 9];
    for (int i = 0; i < 9; i++) {
        pixels[i] = (uint8_t)(i + 1);
        pixels[9 + i] = (uint8_t)(i + 101);
    }
    data_normaliser_fill(&n, &plain);
    data_augment(&n, &set, 0, view, pad, out);
    for (int i = 0; i < 9; i++) {
        const int other = expected[i] ? expected[i] + 100 : 0;
        if ((int)(out[i] + 0.5f) != expected[i] ||
            (int)(out[9 + i] + 0.5f) != other)
            fail_msg("pixel %d is %g and %g, not %d and %d", i, (double)out[i],
                     (double)out[9 + i], expected[i], other);
    }
}

static void the_plain_view_changes_nothing(void **state)
{
    (void)state;
    expect((struct data_view){0}, DATA_PAD_ZERO,
           (const int[]){1, 2, 3, 4, 5, 6, 7, 8, 9});
}

static void a_mirror_swaps_left_and_right(void **state)
{
    (void)state;
    expect((struct data_view){.mirror = true}, DATA_PAD_REFLECT,
           (const int[]){3, 2, 1, 6, 5, 4, 9, 8, 7});
}

static void a_shift_uncovers_black(void **state)
{
    (void)state;
    expect((struct data_view){.right = 1, .down = 1}, DATA_PAD_ZERO,
           (const int[]){0, 0, 0, 0, 1, 2, 0, 4, 5});
    expect((struct data_view){.right = -2, .down = -1}, DATA_PAD_ZERO,
           (const int[]){6, 0, 0, 9, 0, 0, 0, 0, 0});
}

static void a_shift_uncovers_the_reflection(void **state)
{
    (void)state;
    expect((struct data_view){.right = 1, .down = 1}, DATA_PAD_REFLECT,
           (const int[]){5, 4, 5, 2, 1, 2, 5, 4, 5});
    expect((struct data_view){.right = -2, .down = 2}, DATA_PAD_REFLECT,
           (const int[]){9, 8, 7, 6, 5, 4, 3, 2, 1});
}

static void the_mirror_comes_before_the_shift(void **state)
{
    (void)state;
    expect((struct data_view){.mirror = true, .right = 1}, DATA_PAD_ZERO,
           (const int[]){0, 3, 2, 0, 6, 5, 0, 9, 8});
    expect((struct data_view){.mirror = true, .right = -1}, DATA_PAD_REFLECT,
           (const int[]){2, 1, 2, 5, 4, 5, 8, 7, 8});
}

/* CIFAR-10's usual figures: (1 - 0.4914) / 0.2470 and (0 - 0.4465) / 0.2616. */
static void pixels_are_scaled_shifted_and_divided(void **state)
{
    (void)state;
    const struct data_statistics s = {.mean = {0.4914, 0.4822, 0.4465},
                                      .deviation = {0.2470, 0.2435, 0.2616}};
    struct data_normaliser n;
    data_normaliser_fill(&n, &s);
    assert_true(fabsf(n.value[0][255] - 2.0591093f) < 1e-6f);
    assert_true(fabsf(n.value[2][0] + 1.7068043f) < 1e-6f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plain_view_changes_nothing),
        cmocka_unit_test(a_mirror_swaps_left_and_right),
        cmocka_unit_test(a_shift_uncovers_black),
        cmocka_unit_test(a_shift_uncovers_the_reflection),
        cmocka_unit_test(the_mirror_comes_before_the_shift),
        cmocka_unit_test(pixels_are_scaled_shifted_and_divided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
