/* Planned memory: what lives at once never overlaps, and little is wasted. */
#include "nn/arena.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* AddressSanitizer ends the program where malloc would return NULL, unless it
 * is told here. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static struct nn_arena *arena(void)
{
    struct nn_arena *a = calloc(1, sizeof *a);
    assert_non_null(a);
    return a;
}

static void release(struct nn_arena *a)
{
    nn_arena_release(a);
    free(a);
}

static unsigned below(uint64_t *state, unsigned n)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(*state >> 33) % n;
}

struct tensor { /* one item, as it was asked for */
    unsigned char *at;
    size_t size;
    int first, last;
};

static size_t lines(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static bool overlap(const struct tensor *a, const struct tensor *b)
{
    const bool at_once = a->first <= b->last && b->first <= a->last;
    return at_once && a->size > 0 && b->size > 0 && a->at < b->at + b->size &&
           b->at < a->at + a->size;
}

/* The largest number of bytes alive at one moment. */
static size_t most_alive(const struct tensor *t, int n, int moments)
{
    size_t most = 0;
    for (int m = 0; m < moments; m++) {
        size_t alive = 0;
        for (int i = 0; i < n; i++)
            if (t[i].first <= m && m <= t[i].last) alive += lines(t[i].size);
        if (alive > most) most = alive;
    }
    return most;
}

/* Returns the memory planned over the largest number of bytes alive. */
static double check_plan(const struct nn_arena *a, const struct tensor *t,
                         int n, int moments)
{
    const unsigned char *memory = (const unsigned char *)a->memory;
    size_t sum = 0;
    for (int i = 0; i < n; i++) {
        sum += lines(t[i].size);
        if (t[i].size == 0) {
            assert_null(t[i].at);
            continue;
        }
        assert_non_null(t[i].at);
        assert_int_equal((uintptr_t)t[i].at % 64, 0);
        assert_true(t[i].at >= memory);
        assert_true(t[i].at + t[i].size <= memory + a->total);
        for (int k = 0; k < i; k++)
            assert_false(overlap(&t[i], &t[k]));
    }
    assert_true(a->total <= sum);
    const size_t most = most_alive(t, n, moments);
    assert_true(a->total >= most);
    return most > 0 ? (double)a->total / (double)most : 1.0;
}

/* Random lives and sizes; one in eight lives for ever, one in eight is empty.
 * Sizes are often equal, which is where places change hands. What is wasted by
 * then is 2 % on average; with the smallest placed first it would be 11 %. */
static void whatever_lives_at_once_never_overlaps(void **state)
{
    (void)state;
    enum { PLANS = 400, MOST = 60, MOMENTS = 40 };
    uint64_t seed = 1;
    double ratio = 0.0;
    for (int plan = 0; plan < PLANS; plan++) {
        struct nn_arena *a = arena();
        struct tensor t[MOST];
        const int n = 1 + (int)below(&seed, MOST);
        for (int i = 0; i < n; i++) {
            t[i].size = below(&seed, 8) == 0   ? 0
                        : below(&seed, 2) == 0 ? 1 + below(&seed, 5000)
                                               : 1024;
            t[i].first = (int)below(&seed, MOMENTS);
            t[i].last = t[i].first +
                        (int)below(&seed, (unsigned)(MOMENTS - t[i].first));
            if (below(&seed, 8) == 0) {
                t[i].first = 0;
                t[i].last = NN_ALWAYS;
            }
            nn_arena_want(a, (void **)&t[i].at, t[i].size, t[i].first,
                          t[i].last);
        }
        nn_arena_plan(a);
        assert_int_equal(nn_arena_commit(a), NN_OK);
        ratio += check_plan(a, t, n, MOMENTS) / PLANS;
        release(a);
    }
    assert_true(ratio < 1.05);
}

/* A chain needs each tensor and the one before it: two places for all. */
static void a_chain_needs_room_for_two(void **state)
{
    (void)state;
    enum { LENGTH = 50, SIZE = 4096 };
    struct nn_arena *a = arena();
    void *at[LENGTH];
    for (int i = 0; i < LENGTH; i++)
        nn_arena_want(a, &at[i], SIZE, i, i + 1);
    nn_arena_plan(a);
    assert_int_equal(a->total, 2 * SIZE);
    assert_int_equal(nn_arena_commit(a), NN_OK);
    for (int i = 1; i < LENGTH; i++)
        assert_ptr_not_equal(at[i], at[i - 1]);
    release(a);
}

/* The last moment of one and the first of the next: both are needed then. */
static void lives_that_touch_are_kept_apart(void **state)
{
    (void)state;
    struct nn_arena *a = arena();
    void *early, *late, *later;
    nn_arena_want(a, &early, 100, 0, 3);
    nn_arena_want(a, &late, 100, 3, 5);
    nn_arena_want(a, &later, 100, 4, 9);
    nn_arena_plan(a);
    assert_int_equal(nn_arena_commit(a), NN_OK);
    assert_ptr_not_equal(early, late);
    assert_ptr_not_equal(late, later);
    assert_ptr_equal(early, later);
    release(a);
}

static void memory_starts_as_zero(void **state)
{
    (void)state;
    struct nn_arena *a = arena();
    unsigned char *at;
    nn_arena_want(a, (void **)&at, 100000, 0, 1);
    nn_arena_plan(a);
    assert_int_equal(nn_arena_commit(a), NN_OK);
    for (size_t i = 0; i < 100000; i++)
        assert_int_equal(at[i], 0);
    release(a);
}

static void nothing_wanted_is_nothing_taken(void **state)
{
    (void)state;
    struct nn_arena *a = arena();
    int there = 0;
    void *at = &there;
    nn_arena_want(a, &at, 0, 0, 1);
    nn_arena_plan(a);
    assert_int_equal(nn_arena_commit(a), NN_OK);
    assert_null(at);
    assert_int_equal(a->total, 0);
    assert_null(a->memory);
    release(a);
}

static void too_many_items_are_refused(void **state)
{
    (void)state;
    static void *at[NN_ARENA_ITEMS + 3];
    for (int extra = 0; extra < 4; extra++) {
        struct nn_arena *a = arena();
        for (int i = 0; i < NN_ARENA_ITEMS + extra; i++)
            nn_arena_want(a, &at[i], 8, i, i);
        nn_arena_plan(a);
        assert_int_equal(nn_arena_commit(a),
                         extra == 0 ? NN_OK : NN_E_ARGUMENT);
        release(a);
    }
}

static void memory_that_cannot_be_had_is_an_error(void **state)
{
    (void)state;
    struct nn_arena *a = arena();
    void *at[2];
    for (int i = 0; i < 2; i++)
        nn_arena_want(a, &at[i], SIZE_MAX / 4, 0, 1);
    nn_arena_plan(a);
    assert_int_equal(nn_arena_commit(a), NN_E_NOMEM);
    assert_null(at[0]);
    release(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_lives_at_once_never_overlaps),
        cmocka_unit_test(a_chain_needs_room_for_two),
        cmocka_unit_test(lives_that_touch_are_kept_apart),
        cmocka_unit_test(memory_starts_as_zero),
        cmocka_unit_test(nothing_wanted_is_nothing_taken),
        cmocka_unit_test(too_many_items_are_refused),
        cmocka_unit_test(memory_that_cannot_be_had_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
