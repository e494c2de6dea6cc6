/* Lookahead's two functions: the decay's formula, its exact ends, and slices.
 */
#include "optim/lookahead.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { COUNT = 101 };

static void fill(float *slow, float *fast)
{
    for (int i = 0; i < COUNT; i++) {
        slow[i] = (float)i / 7.0f - 3.0f;
        fast[i] = 1.0f / (float)(i + 1);
    }
}

static void the_decay_grows_with_the_cube_of_the_run(void **state)
{
    (void)state;
    const double whole = 0.7737809375; /* 0.95^5 */
    assert_true(optim_lookahead_decay(0, 100, 5) == 0.0);
    assert_true(fabs(optim_lookahead_decay(100, 100, 5) - whole) < 1e-15);
    assert_true(fabs(optim_lookahead_decay(50, 100, 5) - whole / 8) < 1e-15);
    assert_true(fabs(optim_lookahead_decay(500, 100, 5) - whole) < 1e-15);
    assert_true(optim_lookahead_decay(5, 0, 5) == 0.0);
}

static void the_weights_meet_where_the_decay_says(void **state)
{
    (void)state;
    float slow[2] = {1.0f, -4.0f}, fast[2] = {3.0f, 0.0f};
    optim_lookahead(slow, fast, 0.75, 0, 2);
    assert_true(slow[0] == 1.5f && fast[0] == 1.5f); /* a quarter of the way */
    assert_true(slow[1] == -3.0f && fast[1] == -3.0f);
}

static void the_ends_copy_bit_for_bit(void **state)
{
    (void)state;
    float slow[COUNT], fast[COUNT], keep_slow[COUNT], keep_fast[COUNT];
    fill(slow, fast);
    fill(keep_slow, keep_fast);
    optim_lookahead(slow, fast, 0.0, 0, COUNT);
    assert_memory_equal(slow, keep_fast, sizeof slow);
    assert_memory_equal(fast, keep_fast, sizeof fast);
    fill(slow, fast);
    optim_lookahead(slow, fast, 1.0, 0, COUNT);
    assert_memory_equal(slow, keep_slow, sizeof slow);
    assert_memory_equal(fast, keep_slow, sizeof fast);
}

static void slices_give_the_bits_of_the_whole(void **state)
{
    (void)state;
    float slow[COUNT], fast[COUNT], sliced_slow[COUNT], sliced_fast[COUNT];
    fill(slow, fast);
    fill(sliced_slow, sliced_fast);
    optim_lookahead(slow, fast, 0.3, 0, COUNT);
    optim_lookahead(sliced_slow, sliced_fast, 0.3, 37, COUNT);
    optim_lookahead(sliced_slow, sliced_fast, 0.3, 3, 37);
    optim_lookahead(sliced_slow, sliced_fast, 0.3, 0, 3);
    assert_memory_equal(slow, sliced_slow, sizeof slow);
    assert_memory_equal(fast, sliced_fast, sizeof fast);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_decay_grows_with_the_cube_of_the_run),
        cmocka_unit_test(the_weights_meet_where_the_decay_says),
        cmocka_unit_test(the_ends_copy_bit_for_bit),
        cmocka_unit_test(slices_give_the_bits_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
