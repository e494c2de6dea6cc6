/* Curves by text and from C: both build the same blocks, and arguments that do
 * not go together are refused. */
#include "schedule/support.h"

/* Fails unless a text and the node that C built are the same block. */
static void assert_builds(taper_builder *b, taper_node root, const char *text)
{
    taper_schedule *s;
    taper_error err;
    if (taper_build(b, root, NULL, NULL, &s, &err) != TAPER_OK)
        fail_msg("%s: %s", text, err.message);
    taper_schedule *t = parse_in(text, NULL);
    if (taper_size(s) != taper_size(t) || memcmp(s, t, taper_size(s)) != 0)
        fail_msg("built something else than %s", text);
    taper_free(s, NULL);
    taper_free(t, NULL);
    taper_builder_destroy(b);
}

static void c_and_text_build_the_same_curves(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        taper_node (*build)(taper_builder *, double, double, taper_span);
    } plain[] = {
        {"sqrt", taper_build_sqrt},
        {"square", taper_build_square},
        {"mirrorcos", taper_build_mirrorcos},
        {"sine", taper_build_sine},
        {"log", taper_build_log},
        {"inverse", taper_build_reciprocal},
        {"chebyshev", taper_build_chebyshev},
    };
    const taper_span over = taper_steps(64);
    for (size_t k = 0; k < sizeof plain / sizeof *plain; k++) {
        char text[100];
        snprintf(text, sizeof text, "%s(0.1, 0.01, 64)", plain[k].name);
        taper_builder *b = taper_builder_create(NULL);
        assert_builds(b, plain[k].build(b, 0.1, 0.01, over), text);
    }
#define CHECK(call, text) \
    do { \
        taper_builder *b = taper_builder_create(NULL); \
        assert_builds(b, call, text); \
    } while (0)
    CHECK(taper_build_bent_poly(b, 1, 0, over, 2, 3),
          "poly(1, 0, 64, power=2, k=3)");
    CHECK(taper_build_bent_poly(b, 1, 0, over, 2, 1), "poly(1, 0, 64, 2, k=1)");
    CHECK(taper_build_bent_cosine(b, 1, 0, over, 2, 1),
          "cosine(1, 0, 64, power=2)");
    CHECK(taper_build_bent_cosine(b, 1, 0, over, 1, 0.5),
          "cosine(1, 0, 64, k=0.5)");
    CHECK(taper_build_bent_cosine(b, 1, 0, over, 1, 1),
          "cosine(1, 0, 64, k=1, power=1)");
    CHECK(taper_build_rex(b, 1, 0, over, 0.5), "rex(1, 0, 64)");
    CHECK(taper_build_hyperbolic(b, 1, 0, over, taper_steps(100)),
          "hyperbolic(1, 0, 64, upper=100)");
    CHECK(taper_build_sigmoid(b, 1, 0, over, 9, 0.5),
          "sigmoid(1, 0, 64, steepness=9)");
    CHECK(taper_build_tanh(b, 1, 0, over, -6, 3), "tanh(1, 0, 64)");
    CHECK(taper_build_cubic(b, 1, 0, over, 0, -0.5),
          "cubic(1, 0, 64, slope_to=-0.5)");
    CHECK(taper_build_inverse(b, 1, 0.5, 1, taper_steps(1), taper_forever()),
          "inverse(1, rate=0.5)");
    CHECK(taper_build_inverse(b, 1, 0.5, 2, taper_steps(10), over),
          "inverse(1, rate=0.5, power=2, per=10, over=64)");
    CHECK(taper_build_logistic(b, 1, 0.5, -3.5, taper_forever()),
          "logistic(1, rate=0.5, center=-3.5)");
#undef CHECK
}

static void what_does_not_go_together_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "inverse(1, 0.5, 10, rate=2)",  "inverse(1)",
        "inverse(1, 0.5, 10, power=2)", "inverse(1, 0.5, 10, per=2)",
        "logistic(1, rate=1)",          "sigmoid(1, 0, 10)",
        "sine(1, 0, 10, power=2)",      "poly(1, 0, 10, k=2)",
    };
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        taper_schedule *s;
        taper_error err;
        const taper_status status =
            taper_parse(texts[k], strlen(texts[k]), NULL, NULL, &s, &err);
        if (status != TAPER_E_ARGUMENT)
            fail_msg("%s gives %d", texts[k], (int)status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(c_and_text_build_the_same_curves),
        cmocka_unit_test(what_does_not_go_together_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
