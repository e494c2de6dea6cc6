/* Building without text: the same schedules as the parser's, the same errors,
 * and no leak whatever allocation fails. */
#include "schedule/support.h"

#include <stdlib.h>

static void assert_same_block(const taper_schedule *s, const char *text)
{
    taper_schedule *t = parse(text);
    char built[1000];
    taper_describe(s, built, sizeof built);
    if (taper_size(s) != taper_size(t) || memcmp(s, t, taper_size(s)) != 0)
        fail_msg("built %s, not %s", built, text);
    taper_free(t, NULL);
}

/* Finish and compare with what a text gives. */
static void assert_builds(taper_builder *b, taper_node root, const char *text)
{
    taper_schedule *s;
    taper_error err;
    if (taper_build(b, root, &full_run, NULL, &s, &err) != TAPER_OK)
        fail_msg("%s: %s", text, err.message);
    assert_same_block(s, text);
    taper_free(s, NULL);
    taper_builder_destroy(b);
}

static taper_builder *builder(void)
{
    return taper_builder_create(NULL);
}

static void c_and_text_build_the_same_block(void **state)
{
    (void)state;
    taper_builder *b = builder();
    assert_builds(b, taper_build_constant(b, 0.1), "0.1");
    b = builder();
    assert_builds(b, taper_build_hold(b, 0.1, taper_epochs(3)),
                  "hold(0.1, 3ep)");
    b = builder();
    assert_builds(b, taper_build_linear(b, 0, 0.1, taper_percent(5)),
                  "linear(0, 0.1, 5%)");
    b = builder();
    assert_builds(b, taper_build_poly(b, 1, 0, taper_tokens(1e6), 2),
                  "poly(1, 0, 1Mtok, power=2)");
    b = builder();
    assert_builds(b, taper_build_exp(b, 0.1, 0.001, taper_samples(3200)),
                  "exp(0.1, 0.001, 3200smp)");
    b = builder();
    assert_builds(b,
                  taper_build_exp_rate(b, 0.1, 0.5, taper_steps(10), true,
                                       taper_forever()),
                  "exp(0.1, rate=0.5, stair=10)");
    b = builder();
    assert_builds(b,
                  taper_build_exp_rate(b, 0.1, 0.5, taper_steps(1), false,
                                       taper_steps(9)),
                  "exp(0.1, rate=0.5, over=9)");
}

static void compounds_build_the_same_block(void **state)
{
    (void)state;
    taper_builder *b = builder();
    /* The parts are made in another order than they come in. */
    taper_node parts[2];
    parts[1] = taper_build_cosine(b, TAPER_PREVIOUS, 0, taper_rest());
    parts[0] = taper_build_linear(b, 0, 0.1, taper_steps(100));
    assert_builds(b, taper_build_then(b, parts, 2),
                  "linear(0, 0.1, 100) then cosine(to=0)");

    b = builder();
    const taper_node factors[] = {
        taper_build_constant(b, 0.5),
        taper_build_after(b, taper_build_cosine(b, 1, 0, taper_steps(9)),
                          TAPER_AFTER_MIRROR)};
    assert_builds(b, taper_build_product(b, factors, 2),
                  "0.5 * cosine(1, 0, 9, after=mirror)");

    b = builder();
    taper_node node = taper_build_linear(b, 1, 0, taper_steps(9));
    node = taper_build_repeat(b, node, 4, 2, 0.5);
    node = taper_build_stair(b, node, taper_epochs(0.05));
    node = taper_build_clamp(b, node, -DBL_MAX, 0.7);
    assert_builds(b, node,
                  "clamp(stair(repeat(linear(1, 0, 9), times=4, stretch=2, "
                  "scale=0.5), 5), max=0.7)");
}

static void one_part_alone_is_itself(void **state)
{
    (void)state;
    taper_builder *b = builder();
    const taper_node one = taper_build_constant(b, 1);
    assert_builds(b, taper_build_then(b, &one, 1), "1");
}

static void one_builder_serves_several_runs(void **state)
{
    (void)state;
    taper_builder *b = builder();
    const taper_node root = taper_build_linear(b, 0, 1, taper_rest());
    for (int64_t steps = 1; steps < 100; steps++) {
        const taper_run run = {.steps = steps};
        taper_schedule *s;
        assert_int_equal(taper_build(b, root, &run, NULL, &s, NULL), TAPER_OK);
        assert_int_equal(taper_length(s), steps);
        taper_free(s, NULL);
    }
    taper_builder_destroy(b);
}

static void assert_fails(taper_builder *b, taper_node root, taper_status want)
{
    taper_schedule *s;
    taper_error err = {.code = TAPER_OK};
    const taper_status status = taper_build(b, root, NULL, NULL, &s, &err);
    if (status != want || err.code != want)
        fail_msg("status %d (%s), not %d", (int)status, err.message, (int)want);
    assert_null(s);
    assert_true(strlen(err.message) > 0);
    taper_builder_destroy(b);
}

static void mistakes_are_reported_at_the_end(void **state)
{
    (void)state;
    const double nan = strtod("nan", NULL);
    taper_builder *b = builder();
    assert_fails(b, taper_build_constant(b, nan), TAPER_E_RANGE);
    b = builder();
    assert_fails(b, taper_build_linear(b, 0, nan, taper_steps(3)),
                 TAPER_E_RANGE);
    b = builder();
    assert_fails(b, taper_build_linear(b, 0, 1, taper_steps(nan)),
                 TAPER_E_RANGE);
    b = builder();
    assert_fails(b, taper_build_linear(b, 0, 1, taper_steps(2.5)),
                 TAPER_E_RANGE);
    b = builder();
    assert_fails(b, taper_build_linear(b, 0, 1, taper_forever()),
                 TAPER_E_ARGUMENT);
    b = builder();
    assert_fails(b, taper_build_linear(b, TAPER_PREVIOUS, 1, taper_steps(2)),
                 TAPER_E_ARGUMENT);
    b = builder();
    assert_fails(b, taper_build_linear(b, 0, 1, taper_epochs(2)), TAPER_E_RUN);
    const taper_span odd = {1, (taper_unit)77};
    b = builder();
    assert_fails(b, taper_build_linear(b, 0, 1, odd), TAPER_E_ARGUMENT);
    b = builder();
    assert_fails(b,
                 taper_build_repeat(b, taper_build_hold(b, 1, taper_steps(2)),
                                    -1, 1, 1),
                 TAPER_E_RANGE);
    b = builder();
    assert_fails(b,
                 taper_build_repeat(b, taper_build_hold(b, 1, taper_steps(2)),
                                    1, nan, 1),
                 TAPER_E_RANGE);
    b = builder();
    assert_fails(b,
                 taper_build_clamp(b, taper_build_constant(b, 1), nan, DBL_MAX),
                 TAPER_E_RANGE);
    b = builder();
    assert_fails(b,
                 taper_build_clamp(b, taper_build_constant(b, 1), -DBL_MAX,
                                   DBL_MAX),
                 TAPER_E_ARGUMENT);
    b = builder();
    assert_fails(b, taper_build_then(b, NULL, 0), TAPER_E_ARGUMENT);
    b = builder();
    assert_fails(b, TAPER_NO_NODE, TAPER_E_ARGUMENT);
    b = builder();
    assert_fails(b, 3, TAPER_E_ARGUMENT);
    assert_fails(NULL, 0, TAPER_E_NOMEM);
}

static void a_node_goes_into_one_place_only(void **state)
{
    (void)state;
    taper_builder *b = builder();
    const taper_node one = taper_build_constant(b, 1);
    const taper_node twice[] = {one, one};
    assert_int_equal(taper_build_product(b, twice, 2), TAPER_NO_NODE);
    /* Everything after the first mistake is refused, and it is reported. */
    assert_int_equal(taper_build_constant(b, 2), TAPER_NO_NODE);
    assert_fails(b, one, TAPER_E_ARGUMENT);

    b = builder();
    const taper_node part = taper_build_constant(b, 1);
    taper_build_stair(b, part, taper_steps(1));
    assert_fails(b, part, TAPER_E_ARGUMENT);

    b = builder();
    assert_fails(b, taper_build_stair(b, 17, taper_steps(1)), TAPER_E_ARGUMENT);
}

static void after_is_refused_where_it_means_nothing(void **state)
{
    (void)state;
    taper_builder *b = builder();
    assert_fails(b,
                 taper_build_after(b, taper_build_constant(b, 1),
                                   TAPER_AFTER_MIRROR),
                 TAPER_E_ARGUMENT);
    b = builder();
    assert_fails(b,
                 taper_build_after(b, taper_build_hold(b, 1, taper_steps(3)),
                                   (taper_after)5),
                 TAPER_E_ARGUMENT);
}

static void nesting_from_c_is_limited_as_well(void **state)
{
    (void)state;
    for (int depth = 63; depth <= 5000; depth += depth < 66 ? 1 : 4934) {
        taper_builder *b = builder();
        taper_node node = taper_build_hold(b, 1, taper_steps(5));
        for (int i = 0; i < depth; i++)
            node = taper_build_stair(b, node, taper_steps(1));
        taper_schedule *s;
        assert_int_equal(taper_build(b, node, NULL, NULL, &s, NULL),
                         depth < 64 ? TAPER_OK : TAPER_E_SIZE);
        taper_free(s, NULL);
        taper_builder_destroy(b);
    }
}

/* ------------------------------------------------------------- allocator */

/* Counts what is out, and fails at the k-th request. */
struct hostile {
    size_t blocks, bytes, requests, fail_at;
};

static void *hostile_alloc(void *ctx, size_t size)
{
    struct hostile *h = ctx;
    if (++h->requests == h->fail_at) return NULL;
    h->blocks++;
    h->bytes += size;
    return malloc(size);
}

static void hostile_free(void *ctx, void *block, size_t size)
{
    struct hostile *h = ctx;
    assert_non_null(block);
    h->blocks--;
    h->bytes -= size;
    free(block);
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    struct random_text r = {.state = 11};
    for (int k = 0; k < 50; k++) {
        make_random_text(&r);
        taper_status status = TAPER_E_NOMEM;
        for (size_t fail_at = 1; status == TAPER_E_NOMEM; fail_at++) {
            struct hostile h = {.fail_at = fail_at};
            const taper_allocator allocator = {hostile_alloc, hostile_free, &h};
            taper_schedule *s;
            taper_error err;
            status = taper_parse(r.buf, r.len, &full_run, &allocator, &s, &err);
            assert_true(status == TAPER_OK || s == NULL);
            assert_int_equal(h.blocks, status == TAPER_OK ? 1 : 0);
            taper_free(s, &allocator);
            assert_int_equal(h.blocks, 0);
            assert_int_equal(h.bytes, 0);
        }
    }
}

static void evaluating_does_not_allocate(void **state)
{
    (void)state;
    struct hostile h = {.fail_at = 0};
    const taper_allocator allocator = {hostile_alloc, hostile_free, &h};
    struct random_text r = {.state = 12};
    make_random_text(&r);
    const char *text = "repeat(0.5 * cosine(1, 0, 9), times=3, stretch=2)";
    taper_schedule *s;
    assert_int_equal(taper_parse(text, strlen(text), NULL, &allocator, &s,
                                 NULL),
                     TAPER_OK);
    const size_t requests = h.requests;
    double out[300];
    taper_fill(s, 0, 1, 300, out);
    assert_same(taper_at(s, 299), out[299]);
    assert_int_equal(h.requests, requests);
    taper_free(s, &allocator);
}

static void a_builder_without_memory_is_no_trouble(void **state)
{
    (void)state;
    struct hostile h = {.fail_at = 1};
    const taper_allocator allocator = {hostile_alloc, hostile_free, &h};
    taper_builder *b = taper_builder_create(&allocator);
    assert_null(b);
    assert_int_equal(taper_build_constant(b, 1), TAPER_NO_NODE);
    assert_int_equal(taper_build_stair(b, 0, taper_steps(1)), TAPER_NO_NODE);
    assert_int_equal(taper_build_then(b, NULL, 0), TAPER_NO_NODE);
    assert_int_equal(taper_build_after(b, 0, TAPER_AFTER_HOLD), TAPER_NO_NODE);
    taper_builder_destroy(b);
    taper_free(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(c_and_text_build_the_same_block),
        cmocka_unit_test(compounds_build_the_same_block),
        cmocka_unit_test(one_part_alone_is_itself),
        cmocka_unit_test(one_builder_serves_several_runs),
        cmocka_unit_test(mistakes_are_reported_at_the_end),
        cmocka_unit_test(a_node_goes_into_one_place_only),
        cmocka_unit_test(after_is_refused_where_it_means_nothing),
        cmocka_unit_test(nesting_from_c_is_limited_as_well),
        cmocka_unit_test(every_failed_allocation_is_survived),
        cmocka_unit_test(evaluating_does_not_allocate),
        cmocka_unit_test(a_builder_without_memory_is_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
