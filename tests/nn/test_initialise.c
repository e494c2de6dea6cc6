/* How weights start: each rule by its moments and its range. */
#include "nn/engine_case.h"

/* One layer for each rule. Fan-ins of 16 * 9 = 144; 9216 weights a tensor. */
static struct nn_engine *started(enum nn_start start, uint64_t seed)
{
    const struct nn_architecture a = {
        .name = "start",
        .channels = 16,
        .height = 4,
        .width = 4,
        .classes = 2,
        .count = 4,
        .layer = {{NN_CONV, "conv", .channels = 64, .kernel = 3, .stride = 1,
                   .pad = 1, .start = start},
                  {NN_NORM, "norm", .activation = NN_RELU},
                  {NN_MAX_POOL, "pool", .pool = 0},
                  {NN_DENSE, "head", .channels = 2,
                   .start = NN_START_UNIFORM}}};
    const struct nn_options o = f32_options(1, 1);
    struct nn_engine *e;
    struct nn_error error = {0};
    if (nn_engine_create(&a, &o, &e, &error)) fail_msg("%s", error.message);
    for (size_t i = 0; i < nn_engine_size(e); i++)
        nn_engine_weights(e)[i] = NAN; /* all of them are set */
    nn_initialise(e, case_uniform, &seed);
    return e;
}

static const struct nn_parameter *conv_of(const struct nn_engine *e)
{
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    assert_string_equal(p[0].name, "conv.weight");
    assert_int_equal(p[0].count, 64 * 16 * 9);
    return &p[0];
}

struct moments {
    double mean, deviation, least, most, fourth; /* E(x^4) / E(x^2)^2 */
};

static struct moments moments_of(const float *w, size_t n)
{
    struct moments m = {.least = INFINITY, .most = -INFINITY};
    double square = 0.0, fourth = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double x = (double)w[i];
        m.mean += x / (double)n;
        square += x * x / (double)n;
        fourth += x * x * x * x / (double)n;
        m.least = fmin(m.least, x);
        m.most = fmax(m.most, x);
    }
    m.deviation = sqrt(square - m.mean * m.mean);
    m.fourth = fourth / (square * square);
    return m;
}

/* Of 9216 values the mean is good to 1 %, the deviation to about as much, and
 * the fourth moment to 2 and 5 %; bounds are four times that. */

static void uniform_weights_fill_their_range(void **state)
{
    (void)state;
    struct nn_engine *e = started(NN_START_UNIFORM, 1);
    const struct nn_parameter *p = conv_of(e);
    const struct moments m =
        moments_of(nn_engine_weights(e) + p->offset, p->count);
    const double bound = 1.0 / 12.0; /* 1 / sqrt(144) */
    assert_true(fabs(m.mean) < 0.04 * bound);
    assert_true(fabs(m.deviation * sqrt(3.0) / bound - 1.0) < 0.04);
    assert_true(fabs(m.fourth - 1.8) < 0.08);
    assert_true(m.least >= -bound && m.least < -0.99 * bound);
    assert_true(m.most <= bound && m.most > 0.99 * bound);
    nn_engine_destroy(e);
}

static void he_weights_are_normal(void **state)
{
    (void)state;
    struct nn_engine *e = started(NN_START_HE, 1);
    const struct nn_parameter *p = conv_of(e);
    const struct moments m =
        moments_of(nn_engine_weights(e) + p->offset, p->count);
    const double deviation = sqrt(2.0 / 144.0);
    assert_true(fabs(m.mean) < 0.04 * deviation);
    assert_true(fabs(m.deviation / deviation - 1.0) < 0.04);
    assert_true(fabs(m.fourth - 3.0) < 0.4);
    /* The most of 9216 normal values lies between 3 and 6 deviations. */
    assert_in_range((int)(m.most / deviation), 3, 5);
    nn_engine_destroy(e);
}

/* The first 16 filters copy their channel; the other 48 are uniform. */
static void dirac_filters_pass_their_channel_through(void **state)
{
    (void)state;
    struct nn_engine *e = started(NN_START_DIRAC, 1);
    const struct nn_parameter *p = conv_of(e);
    const float *w = nn_engine_weights(e) + p->offset;
    for (int o = 0; o < 16; o++)
        for (int i = 0; i < 16; i++)
            for (int tap = 0; tap < 9; tap++)
                assert_true(w[(o * 16 + i) * 9 + tap] ==
                            (o == i && tap == 4 ? 1.0F : 0.0F));
    const size_t filters = 16 * 16 * 9;
    const struct moments m = moments_of(w + filters, p->count - filters);
    assert_true(fabs(m.deviation * 12.0 * sqrt(3.0) - 1.0) < 0.05);
    nn_engine_destroy(e);
}

static void the_other_starts_are_constants(void **state)
{
    (void)state;
    static const struct {
        enum nn_start start;
        float value;
    } rules[] = {{NN_START_ZERO, 0.0F},
                 {NN_START_ONE, 1.0F},
                 {NN_START_WHITEN, 0.0F}};
    for (size_t k = 0; k < sizeof rules / sizeof rules[0]; k++) {
        struct nn_engine *e = started(rules[k].start, 1);
        const struct nn_parameter *p = conv_of(e);
        for (size_t i = 0; i < p->count; i++)
            assert_true(nn_engine_weights(e)[p->offset + i] == rules[k].value);
        nn_engine_destroy(e);
    }
}

static void norms_start_as_the_identity(void **state)
{
    (void)state;
    struct nn_engine *e = started(NN_START_HE, 1);
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; p[i].dims == 1 && k < p[i].count; k++)
            assert_true(nn_engine_weights(e)[p[i].offset + k] ==
                        (p[i].role == NN_ROLE_SCALE ? 1.0F : 0.0F));
    p = nn_engine_buffer_table(e, &count);
    assert_int_equal(count, 2);
    for (size_t k = 0; k < 64; k++) {
        assert_true(nn_engine_buffers(e)[p[0].offset + k] == 0.0F);
        assert_true(nn_engine_buffers(e)[p[1].offset + k] == 1.0F);
    }
    nn_engine_destroy(e);
}

static void same_stream_gives_the_same_bits(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        const enum nn_start start = (enum nn_start)k;
        struct nn_engine *e = started(start, 5), *same = started(start, 5),
                         *other = started(start, 6);
        const struct nn_parameter *p = conv_of(e);
        const size_t bytes = p->count * sizeof(float);
        const size_t at = p->offset;
        assert_memory_equal(nn_engine_weights(e) + at,
                            nn_engine_weights(same) + at, bytes);
        assert_memory_not_equal(nn_engine_weights(e) + at,
                                nn_engine_weights(other) + at, bytes);
        nn_engine_destroy(e);
        nn_engine_destroy(same);
        nn_engine_destroy(other);
    }
}

/* The extremes of [0, 1): the logarithm in the normal rule stays finite. */
static double extreme(void *context)
{
    int *calls = context;
    return ++*calls % 2 ? 0.0 : 1.0 - 0x1p-53;
}

static double other_extreme(void *context)
{
    (void)context;
    return 1.0 - 0x1p-53;
}

static void extreme_numbers_give_finite_weights(void **state)
{
    (void)state;
    struct nn_engine *e = started(NN_START_HE, 1);
    const struct nn_parameter *p = conv_of(e);
    int calls = 0;
    for (int k = 0; k < 2; k++) {
        nn_initialise(e, k ? other_extreme : extreme, &calls);
        for (size_t i = 0; i < p->count; i++)
            assert_true(isfinite(nn_engine_weights(e)[p->offset + i]));
    }
    nn_engine_destroy(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform_weights_fill_their_range),
        cmocka_unit_test(he_weights_are_normal),
        cmocka_unit_test(dirac_filters_pass_their_channel_through),
        cmocka_unit_test(the_other_starts_are_constants),
        cmocka_unit_test(norms_start_as_the_identity),
        cmocka_unit_test(same_stream_gives_the_same_bits),
        cmocka_unit_test(extreme_numbers_give_finite_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
