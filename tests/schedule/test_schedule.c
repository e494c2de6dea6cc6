/* What holds for every schedule, tried on random ones, and what holds for each
 * shape, checked against its formula. */
#include "schedule/support.h"

#include <math.h>
#include <stdlib.h>

enum { random_count = 4000 };

static bool is_finite(double x)
{
    return x >= -DBL_MAX && x <= DBL_MAX;
}

static void every_schedule_is_finite_at_every_step(void **state)
{
    (void)state;
    static const double real[] = {-INFINITY, -1e300, -0.5,  0.25,     0.5,
                                  9.999,     1e15,   1e300, INFINITY, NAN};
    struct random_text r = {.state = 1};
    for (int k = 0; k < random_count; k++) {
        taper_schedule *s = random_schedule(&r);
        for (size_t i = 0; i < awkward_count; i++)
            if (!is_finite(taper_at(s, awkward_steps[i])))
                fail_msg("%s at %lld", r.buf, (long long)awkward_steps[i]);
        for (size_t i = 0; i < sizeof real / sizeof *real; i++)
            if (!is_finite(taper_at_real(s, real[i])))
                fail_msg("%s at %g", r.buf, real[i]);
        taper_free(s, NULL);
    }
}

static void no_schedule_reads_as_negative_zero(void **state)
{
    (void)state;
    struct random_text r = {.state = 2};
    for (int k = 0; k < random_count; k++) {
        taper_schedule *s = random_schedule(&r);
        for (size_t i = 0; i < awkward_count; i++) {
            const double v = taper_at(s, awkward_steps[i]);
            if (v == 0.0 && signbit(v))
                fail_msg("%s at %lld", r.buf, (long long)awkward_steps[i]);
        }
        taper_free(s, NULL);
    }
    assert_false(signbit(value("-0", 0)));
    assert_false(signbit(value("-1 * linear(0, 1, 10)", 0)));
}

static void whole_steps_and_real_steps_agree(void **state)
{
    (void)state;
    struct random_text r = {.state = 3};
    for (int k = 0; k < random_count; k++) {
        taper_schedule *s = random_schedule(&r);
        for (size_t i = 0; i < awkward_count; i++)
            assert_same(taper_at_real(s, (double)awkward_steps[i]),
                        taper_at(s, awkward_steps[i]));
        assert_same(taper_at_real(s, NAN), taper_at(s, 0));
        taper_free(s, NULL);
    }
}

static int64_t step_at(int64_t first, int64_t stride, size_t i)
{
    int64_t step = first;
    for (; i > 0; i--) {
        if (stride > 0 && step > INT64_MAX - stride) return INT64_MAX;
        if (stride < 0 && step < INT64_MIN - stride) return INT64_MIN;
        step += stride;
    }
    return step;
}

static void a_fill_gives_the_bits_of_single_calls(void **state)
{
    (void)state;
    static const int64_t strides[] = {1,        1,  1,   3,
                                      0,        -1, 100, INT64_MAX / 3,
                                      INT64_MIN};
    enum { n = 200 };
    struct random_text r = {.state = 4};
    for (int k = 0; k < random_count; k++) {
        taper_schedule *s = random_schedule(&r);
        const int64_t stride =
            strides[random_below(&r.state, sizeof strides / sizeof *strides)];
        const int64_t first =
            awkward_steps[random_below(&r.state, awkward_count)];
        const size_t count = random_below(&r.state, n);
        double out[n + 1];
        out[count] = 42.0;
        taper_fill(s, first, stride, count, out);
        for (size_t i = 0; i < count; i++) {
            const double want = taper_at(s, step_at(first, stride, i));
            if (memcmp(&out[i], &want, sizeof want) != 0)
                fail_msg("%s at %lld + %zu * %lld: %a, not %a", r.buf,
                         (long long)first, i, (long long)stride, out[i], want);
        }
        assert_same(out[count], 42.0);
        taper_free(s, NULL);
    }
}

/* Long cosines are filled in groups of steps: around the ends, the middle and
 * the seams nothing may differ. */
static void a_long_fill_gives_the_bits_of_single_calls(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "cosine(0.1, 0.001, 65536)",
        "cosine(0.001, 0.1, 65537)",
        "cosine(0.1, 0, 100001, after=mirror)",
        "linear(0, 0.1, 777) then cosine(to=0, over=70003) then hold(7, 5)",
        "hold(1, 5) then (hold(2, 9) then cosine(1, 0, 70000)) then 3",
    };
    enum { n = 150000 };
    double *out = malloc(n * sizeof *out);
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        taper_schedule *s = parse(texts[k]);
        for (int64_t first = -3; first < 40000; first += 9973) {
            taper_fill(s, first, 1, n, out);
            for (int64_t i = 0; i < n; i++)
                if (taper_at(s, first + i) != out[i])
                    fail_msg("%s at %lld", texts[k], (long long)(first + i));
        }
        taper_free(s, NULL);
    }
    free(out);
}

static void canonical_text_reads_back_to_the_same_block(void **state)
{
    (void)state;
    struct random_text r = {.state = 5};
    for (int k = 0; k < random_count; k++) {
        taper_schedule *s = random_schedule(&r), *t;
        char text[8192];
        const size_t len = taper_describe(s, text, sizeof text);
        assert_true(len < sizeof text);
        assert_int_equal(strlen(text), len);
        if (taper_parse(text, len, NULL, NULL, &t, NULL) != TAPER_OK)
            fail_msg("%s became %s", r.buf, text);
        if (taper_size(s) != taper_size(t) || memcmp(s, t, taper_size(s)) != 0)
            fail_msg("%s became %s", r.buf, text);
        taper_free(s, NULL);
        taper_free(t, NULL);
    }
}

/* A part of a sequence starts where the one before it has ended. */
static void segments_follow_each_other(void **state)
{
    (void)state;
    struct random_text r = {.state = 6};
    for (int k = 0; k < random_count; k++) {
        taper_schedule *s = random_schedule(&r);
        const size_t count = taper_segment_count(s);
        int64_t start = 0;
        taper_segment segment;
        for (size_t i = 0; i < count; i++) {
            assert_true(taper_segment_at(s, i, &segment));
            assert_int_equal(segment.first, start);
            if (segment.length > 0)
                assert_same(taper_at(s, start), segment.from);
            if (segment.length != TAPER_ENDLESS) start += segment.length;
        }
        assert_int_equal(taper_length(s), segment.length == TAPER_ENDLESS
                                              ? TAPER_ENDLESS
                                              : start);
        assert_false(taper_segment_at(s, count, &segment));
        assert_null(segment.shape);
        taper_free(s, NULL);
    }
}

/* ------------------------------------------------------------- the shapes */

struct ends {
    const char *name;
    double from, to;
    int64_t length;
};

static void curves_are_exact_at_both_ends(void **state)
{
    (void)state;
    static const char *const shapes[] = {"linear", "cosine", "poly", "exp"};
    static const struct {
        double from, to;
    } ends[] = {{0.1, 0.001}, {3e-4, 1e-5},   {1.0 / 3, 0.7},
                {1e-8, 1e8},  {-0.1, -0.003}, {5e-324, 1e-310},
                {1e300, 1},   {0.1, 0.1},     {2, 1e-300}};
    static const int64_t lengths[] = {1, 2, 3, 7, 50, 999, 1000003};

    for (size_t k = 0; k < 4; k++)
        for (size_t e = 0; e < sizeof ends / sizeof *ends; e++)
            for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
                char text[200], from[TAPER_NUMBER_SIZE], to[TAPER_NUMBER_SIZE];
                taper_format_number(ends[e].from, from);
                taper_format_number(ends[e].to, to);
                snprintf(text, sizeof text, "%s(%s, %s, %lld%s)", shapes[k],
                         from, to, (long long)lengths[l],
                         k == 2 ? ", power=0.7" : "");
                taper_schedule *s = parse(text);
                assert_same(taper_at(s, 0), ends[e].from);
                assert_same(taper_at(s, lengths[l]), ends[e].to);
                assert_same(taper_at(s, INT64_MAX), ends[e].to);
                assert_same(taper_at(s, -7), ends[e].from);
                taper_free(s, NULL);
            }
}

static void curves_stay_between_their_ends(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "linear(0.1, 0.001, 997)",
        "cosine(0.1, 0.001, 997)",
        "exp(0.1, 0.001, 997)",
        "poly(0.1, 0.001, 997, power=2)",
        "poly(0.1, 0.001, 997, power=0.3)",
        "poly(0.1, 0.001, 997, power=9.5)",
        "cosine(0.1, 0.001, 997, after=mirror)"};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        taper_schedule *s = parse(texts[k]);
        double last = 0.1;
        for (int64_t t = 0; t <= 4 * 997; t++) {
            const double v = taper_at(s, t);
            assert_true(v >= 0.001 && v <= 0.1);
            if (t <= 997) assert_true(v <= last * (1 + 1e-15));
            last = v;
        }
        taper_free(s, NULL);
    }
}

static void curves_follow_their_formulas(void **state)
{
    (void)state;
    const double pi = 3.14159265358979323846;
    for (int t = 0; t <= 200; t++) {
        const double u = t / 200.0, eps = 1e-16;
        assert_near(value("linear(0.1, 0.02, 200)", t), 0.1 - 0.08 * u, eps);
        assert_near(value("cosine(0.1, 0.02, 200)", t),
                    0.02 + 0.08 * (1 + cos(pi * u)) / 2, eps);
        assert_near(value("poly(0.1, 0.02, 200, power=2.5)", t),
                    0.02 + 0.08 * pow(1 - u, 2.5), eps);
        assert_near(value("poly(0.1, 0.02, 200, power=3)", t),
                    0.02 + 0.08 * pow(1 - u, 3), eps);
        assert_near(value("exp(0.1, 0.02, 200)", t), 0.1 * pow(0.2, u), eps);
        assert_near(value("exp(0.1, rate=0.96)", t), 0.1 * pow(0.96, t), eps);
        assert_near(value("exp(0.1, rate=0.5, per=30)", t),
                    0.1 * pow(0.5, t / 30.0), eps);
        assert_near(value("exp(0.1, rate=0.5, stair=30)", t),
                    0.1 * pow(0.5, floor(t / 30.0)), eps);
    }
}

/* At T = 10000 the last values of a cosine are 1e-8 of the first; computed as
 * 1 + cos(pi t/T) they would be wrong from the ninth digit on. */
static void a_cosine_keeps_its_digits_to_the_last_step(void **state)
{
    (void)state;
    const double x = 3.14159265358979323846 / 20000;
    const double want = sin(x) * sin(x);
    assert_near(value("cosine(1, 0, 10000)", 9999) / want, 1, 1e-15);
}

static void a_schedule_holds_by_default(void **state)
{
    (void)state;
    assert_same(value("cosine(0.1, 0.001, 50)", 50), 0.001);
    assert_same(value("cosine(0.1, 0.001, 50)", 75), 0.001);
    assert_same(value("cosine(0.1, 0.001, 50)", TAPER_STEP_MAX), 0.001);
}

static void mirror_goes_back_the_way_it_came(void **state)
{
    (void)state;
    taper_schedule *s = parse("cosine(0.1, 0.001, 50, after=mirror)");
    for (int64_t t = 0; t <= 50; t++) {
        assert_same(taper_at(s, 50 + t), taper_at(s, 50 - t));
        assert_same(taper_at(s, 100 + t), taper_at(s, t));
        assert_same(taper_at(s, 100 * INT64_C(70000000000) + t),
                    taper_at(s, t));
    }
    assert_int_equal(taper_length(s), 50);
    taper_free(s, NULL);
}

static void repeat_starts_again(void **state)
{
    (void)state;
    taper_schedule *s = parse("cosine(0.1, 0.001, 50, after=repeat)");
    for (int64_t t = 0; t < 50; t++)
        for (int64_t k = 1; k < 4; k++)
            assert_same(taper_at(s, 50 * k + t), taper_at(s, t));
    taper_free(s, NULL);
}

static void after_works_on_the_whole_of_a_compound(void **state)
{
    (void)state;
    assert_same(value("stair(linear(1, 0, 10), 5, after=mirror)", 12), 0.5);
    assert_same(value("stair(linear(1, 0, 10, after=repeat), 5)", 17), 0.5);
    assert_same(value("stair(linear(1, 0, 10, after=repeat), 5, after=hold)",
                      17),
                0);
    assert_same(value("clamp(linear(1, 0, 10), max=0.5, after=repeat)", 11),
                0.5);
    assert_same(value("repeat(linear(1, 0, 10), times=2, after=mirror)", 25),
                0.5);
}

static void zero_length_parts_are_skipped(void **state)
{
    (void)state;
    assert_same(value("linear(0, 1, 0) then linear(1, 0, 10)", 0), 1);
    assert_same(value("linear(0, 1, 10) then hold(7, 0) then 5", 10), 5);
    assert_same(value("linear(0, 0.1, 0) then cosine(to=0, over=10)", 0), 0.1);
    assert_same(value("linear(0, 1, 0)", 0), 1);
    assert_same(value("linear(0, 1, 0, after=mirror)", 3), 1);
    assert_same(value("linear(0, 1, 0, after=repeat)", 3), 1);
    assert_same(value("exp(0.1, 0.2, 0)", 0), 0.2);
    assert_same(value("poly(0.1, 0.2, 0, power=2)", 0), 0.2);
    assert_same(value("exp(0.1, rate=0.5, over=0)", 9), 0.1);
    /* The last one is where the sequence ends. */
    assert_same(value("linear(1, 0.5, 10) then linear(0.5, 0, 0)", 10), 0);
    assert_same(value("linear(1, 0.5, 10) then linear(0.5, 0, 0)", 9), 0.55);
}

static void an_omitted_from_is_where_the_part_before_ended(void **state)
{
    (void)state;
    assert_same(value("linear(0, 0.1, 10) then cosine(to=0, over=90)", 10),
                0.1);
    assert_same(value("linear(0, 1, 4, after=repeat) then hold(over=5)", 6), 1);
    assert_same(value("linear(0, 0.3, 10) then hold(over=5)", 12), 0.3);
    assert_same(value("linear(0, 0.3, 10) then (hold(over=5) then 7)", 12),
                0.3);
    assert_same(value("linear(0, 0.3, 10) then stair(cosine(to=0, over=50), "
                      "10)",
                      12),
                0.3);
    assert_same(value("stair(linear(1, 0, 25), 10) then hold(over=5)", 26), 0);
    assert_same(value("(hold(2, 9) * linear(1, 3, 5)) then hold(over=5)", 9),
                6);
    assert_same(value("linear(0, 0.3, 10) then repeat(cosine(to=0, over=8))",
                      26),
                0.3);
    assert_same(value("clamp(linear(0, 9, 10), max=4) then hold(over=5)", 10),
                4);
}

static void an_omitted_over_is_the_rest_of_the_run(void **state)
{
    (void)state;
    const char *text =
        "linear(0, 1, 500) then hold(1) then linear(to=0, over=20%)";
    assert_same(value(text, 800), 1);
    assert_same(value(text, 900), 0.5);
    assert_same(value(text, 1000), 0);
    assert_same(value("linear(0, 1)", 500), 0.5);
    assert_same(value("linear(0, 1, 5%) then cosine(to=0)", 525), 0.5);
    assert_same(value("2 * linear(0, 1)", 500), 1);
    assert_same(value("hold(0, 500) then 2 * linear(0, 1)", 750), 1);
    assert_same(value("hold(0, 500) then (linear(0, 1) then hold(4, 300))",
                      600),
                0.5);
    assert_same(value("hold(0, 500) then stair(linear(0, 1), 250)", 750), 0.5);
    assert_same(value("linear(0, 1, 100%) then cosine(to=0)", 1000), 0);
}

static void units_resolve_against_the_run(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t length;
    } cases[] = {{"hold(1, 3ep)", 300},
                 {"hold(1, 0.5ep)", 50},
                 {"hold(1, 12.34%)", 123},
                 {"hold(1, 12.35%)", 124},
                 {"hold(1, 1Mtok)", 244},
                 {"hold(1, 3.2ksmp)", 100},
                 {"hold(1, 2k)", 2000},
                 {"hold(1, 0.3k)", 300},
                 {"hold(1, 1.001k)", 1001},
                 {"hold(1, 2M)", 2000000},
                 {"hold(1, 3B)", 3000000000},
                 {"hold(1, 1e3)", 1000},
                 {"hold(1, 200%)", 2000},
                 {"hold(1, 9007199254740992)", TAPER_STEP_MAX}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        taper_schedule *s = parse(cases[i].text);
        assert_int_equal(taper_length(s), cases[i].length);
        taper_free(s, NULL);
    }
}

static void a_product_multiplies_and_ends_with_its_longest(void **state)
{
    (void)state;
    taper_schedule *s =
        parse("0.5 * linear(1, 0, 10, after=mirror) * hold(3, 40)");
    assert_int_equal(taper_length(s), 40);
    assert_same(taper_at(s, 5), 0.75);
    assert_same(taper_at(s, 15), 0.75);
    taper_free(s, NULL);
    s = parse("0.5 * exp(1, rate=0.5)");
    assert_true(taper_length(s) == TAPER_ENDLESS);
    taper_free(s, NULL);
    assert_same(value("1e300 * 1e300", 0), DBL_MAX);
    assert_same(value("-1e300 * 1e300", 0), -DBL_MAX);
}

/* Cycle i of T0 = 10 and stretch 3 starts at 10 (3^i - 1) / 2: where a rounded
 * logarithm is one cycle off, from i = 5 on. */
static void restarts_are_exact_far_out(void **state)
{
    (void)state;
    static const int stretches[] = {2, 3, 7, 10};
    for (size_t k = 0; k < 4; k++) {
        char text[100];
        snprintf(text, sizeof text, "repeat(linear(1, 0, 10), stretch=%d)",
                 stretches[k]);
        taper_schedule *s = parse(text);
        int64_t start = 0, length = 10;
        while (start < TAPER_STEP_MAX / 20) {
            assert_same(taper_at(s, start), 1);
            const double before = taper_at(s, start - 1);
            if (start > 0)
                assert_near(before, (double)stretches[k] / (double)length,
                            1e-15);
            start += length;
            length *= stretches[k];
        }
        taper_free(s, NULL);
    }
}

static void restarts_of_equal_length_are_exact_far_out(void **state)
{
    (void)state;
    taper_schedule *s = parse("repeat(linear(1, 0, 7))");
    for (int64_t k = 1; k < TAPER_STEP_MAX / 8; k = k * 3 + 1) {
        assert_same(taper_at(s, 7 * k), 1);
        assert_near(taper_at(s, 7 * k - 1), 1.0 / 7, 1e-15);
    }
    assert_true(taper_length(s) == TAPER_ENDLESS);
    taper_free(s, NULL);
}

static void every_cycle_starts_on_a_whole_step_with_its_peak(void **state)
{
    (void)state;
    taper_schedule *s =
        parse("repeat(linear(1, 0, 10), stretch=1.3, scale=0.5)");
    double sum = 0, length = 10, peak = 1;
    for (int i = 0; i < 60; i++) {
        assert_same(taper_at(s, (int64_t)floor(sum + 0.5)), peak);
        sum += length;
        length *= 1.3;
        peak /= 2;
    }
    taper_free(s, NULL);
}

static void shrinking_cycles_stop_before_they_vanish(void **state)
{
    (void)state;
    /* 8 + 4 + 2 + 1 steps; the next would be half a step. */
    taper_schedule *s = parse("repeat(linear(1, 0.5, 8), stretch=0.5)");
    assert_int_equal(taper_length(s), 15);
    assert_same(taper_at(s, 12), 1);
    assert_same(taper_at(s, 14), 1);
    assert_same(taper_at(s, 15), 0.5);
    taper_free(s, NULL);
    s = parse("repeat(linear(1, 0.5, 8), stretch=0.5, times=2)");
    assert_int_equal(taper_length(s), 12);
    taper_free(s, NULL);
}

static void growing_cycles_saturate(void **state)
{
    (void)state;
    taper_schedule *s = parse("repeat(linear(1, 0.5, 8), scale=10)");
    assert_same(taper_at(s, 8 * 1000), DBL_MAX);
    taper_free(s, NULL);
    assert_same(value("exp(1, rate=2)", 1023), 0x1p1023);
    assert_same(value("exp(1, rate=2)", 1024), DBL_MAX);
    assert_same(value("exp(-1, rate=2)", INT64_MAX), -DBL_MAX);
    assert_same(value("exp(1, rate=0.5)", 1074), 0x1p-1074);
    assert_same(value("exp(1, rate=0.5)", 1080), 0);
    assert_same(value("exp(1e-300, rate=2)", 1024), 1e-300 * 0x1p1023 * 2);
}

static void a_stair_reads_the_end_at_its_end(void **state)
{
    (void)state;
    assert_same(value("stair(linear(1, 0, 95), 10)", 94),
                value("linear(1, 0, 95)", 90));
    assert_same(value("stair(linear(1, 0, 95), 10)", 95), 0);
}

static void a_long_sequence_is_quick(void **state)
{
    (void)state;
    enum { parts = 20000 };
    static char text[parts * 16];
    size_t len = 0;
    for (int i = 0; i < parts; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%shold(%d,3)",
                                i ? "then " : "", i % 100);
    taper_schedule *s = parse(text);
    assert_int_equal(taper_segment_count(s), parts);
    for (int i = 0; i < parts; i++) {
        assert_same(taper_at(s, 3 * i), i % 100);
        assert_same(taper_at(s, 3 * i + 2), i % 100);
    }
    taper_free(s, NULL);
}

static void a_description_that_does_not_fit_is_cut(void **state)
{
    (void)state;
    taper_schedule *s = parse("linear(0, 0.1, 500) then cosine(to=0, over=5)");
    const char *want = "linear(0, 0.1, 500) then cosine(0.1, 0, 5)";
    char buf[100];
    for (size_t cap = 0; cap < sizeof buf; cap++) {
        memset(buf, 'x', sizeof buf);
        assert_int_equal(taper_describe(s, cap ? buf : NULL, cap),
                         strlen(want));
        if (cap == 0) continue;
        const size_t kept = cap - 1 < strlen(want) ? cap - 1 : strlen(want);
        assert_memory_equal(buf, want, kept);
        assert_int_equal(buf[kept], 0);
        if (cap < sizeof buf) assert_int_equal(buf[cap], 'x');
    }
    assert_int_equal(taper_segment_describe(s, 1, buf, sizeof buf), 17);
    assert_string_equal(buf, "cosine(0.1, 0, 5)");
    assert_int_equal(taper_segment_describe(s, 2, buf, sizeof buf), 0);
    assert_string_equal(buf, "");
    taper_free(s, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_schedule_is_finite_at_every_step),
        cmocka_unit_test(no_schedule_reads_as_negative_zero),
        cmocka_unit_test(whole_steps_and_real_steps_agree),
        cmocka_unit_test(a_fill_gives_the_bits_of_single_calls),
        cmocka_unit_test(a_long_fill_gives_the_bits_of_single_calls),
        cmocka_unit_test(canonical_text_reads_back_to_the_same_block),
        cmocka_unit_test(segments_follow_each_other),
        cmocka_unit_test(curves_are_exact_at_both_ends),
        cmocka_unit_test(curves_stay_between_their_ends),
        cmocka_unit_test(curves_follow_their_formulas),
        cmocka_unit_test(a_cosine_keeps_its_digits_to_the_last_step),
        cmocka_unit_test(a_schedule_holds_by_default),
        cmocka_unit_test(mirror_goes_back_the_way_it_came),
        cmocka_unit_test(repeat_starts_again),
        cmocka_unit_test(after_works_on_the_whole_of_a_compound),
        cmocka_unit_test(zero_length_parts_are_skipped),
        cmocka_unit_test(an_omitted_from_is_where_the_part_before_ended),
        cmocka_unit_test(an_omitted_over_is_the_rest_of_the_run),
        cmocka_unit_test(units_resolve_against_the_run),
        cmocka_unit_test(a_product_multiplies_and_ends_with_its_longest),
        cmocka_unit_test(restarts_are_exact_far_out),
        cmocka_unit_test(restarts_of_equal_length_are_exact_far_out),
        cmocka_unit_test(every_cycle_starts_on_a_whole_step_with_its_peak),
        cmocka_unit_test(shrinking_cycles_stop_before_they_vanish),
        cmocka_unit_test(growing_cycles_saturate),
        cmocka_unit_test(a_stair_reads_the_end_at_its_end),
        cmocka_unit_test(a_long_sequence_is_quick),
        cmocka_unit_test(a_description_that_does_not_fit_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
