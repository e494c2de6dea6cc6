/* Lookahead against its formula, at both ends, and in slices. */
#include "optim/lookahead.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

enum { N = 1000 };

static void fill(float *slow, float *fast)
{
    for (int i = 0; i < N; i++) {
        slow[i] = sinf((float)i) * 3.0F;
        fast[i] = cosf((float)i * 1.3F) + 1e-8F;
    }
}

static void the_slow_weights_follow(void **state)
{
    (void)state;
    float slow[N], fast[N], before[N], target[N];
    fill(slow, fast);
    memcpy(before, slow, sizeof slow);
    memcpy(target, fast, sizeof fast);
    optim_lookahead(slow, fast, 0.75, 0, N);
    for (int i = 0; i < N; i++) {
        const double want = 0.75 * (double)before[i] + 0.25 * (double)target[i];
        assert_true(fabs((double)slow[i] - want) <= 1e-6);
    }
    assert_memory_equal(slow, fast, sizeof slow);
}

static void both_ends_are_exact(void **state)
{
    (void)state;
    float slow[N], fast[N], before[N], target[N];
    fill(slow, fast);
    fill(before, target);
    optim_lookahead(slow, fast, 1, 0, N);
    assert_memory_equal(slow, before, sizeof slow);
    assert_memory_equal(fast, before, sizeof fast);
    fill(slow, fast);
    optim_lookahead(slow, fast, 0, 0, N);
    assert_memory_equal(slow, target, sizeof slow);
    assert_memory_equal(fast, target, sizeof fast);
}

static void slices_give_the_same_bits(void **state)
{
    (void)state;
    float slow[N], fast[N], a[N], b[N];
    fill(slow, fast);
    fill(a, b);
    optim_lookahead(slow, fast, 0.3, 0, N);
    optim_lookahead(a, b, 0.3, 640, N);
    optim_lookahead(a, b, 0.3, 0, 64);
    optim_lookahead(a, b, 0.3, 64, 640);
    assert_memory_equal(slow, a, sizeof a);
    assert_memory_equal(fast, b, sizeof b);
}

/* airbench94: decay = 0.95^5 * (step / steps)^3 at every fifth step. */
static void the_decay_grows_with_the_run(void **state)
{
    (void)state;
    for (int64_t done = 0; done <= 476; done += 5) {
        const double want = pow(0.95, 5) * pow((double)done / 476, 3);
        assert_true(fabs(optim_lookahead_decay(done, 476, 5) - want) < 1e-12);
    }
    assert_true(optim_lookahead_decay(0, 0, 5) <= 0);
    assert_true(optim_lookahead_decay(INT64_MAX, 1, 1) < 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_slow_weights_follow),
        cmocka_unit_test(both_ends_are_exact),
        cmocka_unit_test(slices_give_the_same_bits),
        cmocka_unit_test(the_decay_grows_with_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
