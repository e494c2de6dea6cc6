/* A schedule as bytes: it can be moved and copied, and bytes from elsewhere
 * are either a schedule that keeps every promise or are refused. */
#include "schedule/support.h"

#include "schedule/block.h"

#include <stdlib.h>

static void a_block_can_be_moved(void **state)
{
    (void)state;
    struct random_text r = {.state = 21};
    for (int k = 0; k < 500; k++) {
        taper_schedule *s = random_schedule(&r), *copy;
        const size_t size = taper_size(s);
        void *elsewhere = malloc(size);
        memcpy(elsewhere, s, size);
        assert_int_equal(taper_copy(s, NULL, &copy), TAPER_OK);

        const taper_schedule *view;
        taper_error err;
        if (taper_open(elsewhere, size, &view, &err) != TAPER_OK)
            fail_msg("%s: %s", r.buf, err.message);
        assert_ptr_equal(view, elsewhere);
        double want[awkward_count];
        for (size_t i = 0; i < awkward_count; i++)
            want[i] = taper_at(s, awkward_steps[i]);
        memset((void *)s, 0xff, size - 1);
        free(s);
        for (size_t i = 0; i < awkward_count; i++) {
            assert_same(taper_at(view, awkward_steps[i]), want[i]);
            assert_same(taper_at(copy, awkward_steps[i]), want[i]);
        }
        free(elsewhere);
        taper_free(copy, NULL);
    }
}

/* Use everything that is promised for any schedule. */
static void exercise(const taper_schedule *s)
{
    double out[70];
    taper_segment segment;
    for (size_t i = 0; i < awkward_count; i++) {
        const double v = taper_at(s, awkward_steps[i]);
        assert_true(v >= -DBL_MAX && v <= DBL_MAX);
    }
    taper_fill(s, 0, 3, 70, out);
    const size_t len = taper_describe(s, NULL, 0), size = taper_size(s);
    char *text = malloc(len + 1);
    taper_describe(s, text, len + 1);
    taper_schedule *again = parse(text);
    if (taper_size(again) != size || memcmp(again, s, size) != 0)
        fail_msg("%s reads back to another block", text);
    taper_free(again, NULL);
    free(text);
    assert_true(taper_length(s) >= 0);
    for (size_t i = 0; i < taper_segment_count(s) && i < 5; i++)
        assert_true(taper_segment_at(s, i, &segment));
}

static void changed_bytes_are_refused_or_still_a_schedule(void **state)
{
    (void)state;
    struct random_text r = {.state = 22};
    size_t refused = 0, accepted = 0;
    for (int k = 0; k < 300; k++) {
        taper_schedule *s = random_schedule(&r);
        const size_t size = taper_size(s);
        unsigned char *bytes = malloc(size);
        for (int change = 0; change < 60; change++) {
            memcpy(bytes, s, size);
            for (unsigned n = 1 + random_below(&r.state, 2); n > 0; n--) {
                const uint64_t at = random_bits(&r.state) % size;
                bytes[at] = (unsigned char)random_bits(&r.state);
            }
            const taper_schedule *view;
            taper_error err;
            if (taper_open(bytes, size, &view, &err) == TAPER_OK) {
                accepted++;
                exercise(view);
            } else {
                refused++;
                assert_null(view);
                assert_int_equal(err.code, TAPER_E_BYTES);
            }
        }
        free(bytes);
        taper_free(s, NULL);
    }
    /* Most changes break something that is derived from something else. */
    assert_true(refused > 4 * accepted);
}

/* Only what has a rate may have none, and the text says so: of the others it
 * would mean the rest of the run. */
static void a_curve_that_needs_an_end_has_one(void **state)
{
    (void)state;
    static const char *const texts[] = {"hold(1, 3)", "linear(1, 0, 3)",
                                        "exp(1, 0.1, 3)", "cosine(1, 0, 3)"};
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        taper_schedule *s = parse(texts[k]);
        taper_error err;
        const taper_schedule *view;
        struct taperi_node *const node = (struct taperi_node *)taperi_root(s);
        node->length = TAPERI_ENDLESS;
        assert_int_equal(taper_open(s, taper_size(s), &view, &err),
                         TAPER_E_BYTES);
        assert_non_null(strstr(err.message, "a length must be"));
        taper_free(s, NULL);
    }
}

static void every_shorter_block_is_refused(void **state)
{
    (void)state;
    taper_schedule *s = parse("2 * cosine(1, 0, 9) then hold(1, 3) then 4");
    const size_t size = taper_size(s);
    for (size_t cut = 0; cut < size; cut++) {
        void *bytes = malloc(cut + 1);
        memcpy(bytes, s, cut);
        const taper_schedule *view;
        assert_int_equal(taper_open(bytes, cut, &view, NULL), TAPER_E_BYTES);
        free(bytes);
    }
    const taper_schedule *view;
    assert_int_equal(taper_open(NULL, 0, &view, NULL), TAPER_E_BYTES);
    taper_free(s, NULL);
}

static void a_block_must_be_aligned(void **state)
{
    (void)state;
    taper_schedule *s = parse("1");
    const size_t size = taper_size(s);
    unsigned char *bytes = malloc(size + 1);
    memcpy(bytes + 1, s, size);
    const taper_schedule *view;
    taper_error err;
    assert_int_equal(taper_open(bytes + 1, size, &view, &err), TAPER_E_BYTES);
    assert_non_null(strstr(err.message, "aligned"));
    free(bytes);
    taper_free(s, NULL);
}

static void random_bytes_are_refused(void **state)
{
    (void)state;
    uint64_t seed = 23;
    uint64_t words[64];
    for (int k = 0; k < 1000; k++) {
        for (size_t i = 0; i < 64; i++)
            words[i] = random_bits(&seed);
        const taper_schedule *view;
        assert_int_equal(taper_open(words, sizeof words, &view, NULL),
                         TAPER_E_BYTES);
    }
}

/* 2 * 3 without the product that joins them: two roots. */
static void nodes_that_belong_to_no_other_are_refused(void **state)
{
    (void)state;
    taper_schedule *s = parse("2 * 3");
    const size_t size = taper_size(s);
    s->size = taperi_block_size(2, 0);
    s->node_count = 2;
    s->part_count = 0;
    const taper_schedule *view;
    taper_error err;
    assert_int_equal(taper_open(s, taper_size(s), &view, &err), TAPER_E_BYTES);
    assert_non_null(strstr(err.message, "belongs to no other"));
    s->size = size;
    taper_free(s, NULL);
}

static void *no_memory(void *ctx, size_t size)
{
    (void)ctx, (void)size;
    return NULL;
}

static void a_copy_without_memory_fails(void **state)
{
    (void)state;
    const taper_allocator none = {no_memory, NULL, NULL};
    taper_schedule *s = parse("1"), *copy = s;
    assert_int_equal(taper_copy(s, &none, &copy), TAPER_E_NOMEM);
    assert_null(copy);
    taper_free(s, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_can_be_moved),
        cmocka_unit_test(changed_bytes_are_refused_or_still_a_schedule),
        cmocka_unit_test(a_curve_that_needs_an_end_has_one),
        cmocka_unit_test(every_shorter_block_is_refused),
        cmocka_unit_test(a_block_must_be_aligned),
        cmocka_unit_test(random_bytes_are_refused),
        cmocka_unit_test(nodes_that_belong_to_no_other_are_refused),
        cmocka_unit_test(a_copy_without_memory_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
