/* Every recipe against its published formula, written here with libm and
 * compared at every step of several runs and past their ends. */
#include "schedule/support.h"

#include <math.h>

/* The rate at step t of a run of T steps. */
typedef double formula(double t, double T);

static const double pi = 3.141592653589793;

static const int64_t runs[] = {20, 100, 1000};
enum { run_count = sizeof runs / sizeof *runs };

static double lerp(double from, double to, double q)
{
    return from + (to - from) * q;
}

static double half_cosine(double from, double to, double q)
{
    return to + (from - to) * 0.5 * (1.0 + cos(pi * q));
}

/* Progress from step `first` to step `last`, in [0, 1]. */
static double progress(double t, double first, double last)
{
    if (t >= last) return 1.0;
    return t <= first ? 0.0 : (t - first) / (last - first);
}

static taper_run run_of(int64_t steps)
{
    const taper_run run = {.steps = steps,
                           .epoch = 10,
                           .batch = 1024,
                           .tokens = 4096};
    return run;
}

static void assert_follows(const char *text, formula *want)
{
    for (int k = 0; k < run_count; k++) {
        const taper_run run = run_of(runs[k]);
        taper_schedule *s = parse_in(text, &run);
        for (int64_t t = 0; t < 2 * runs[k] + 20; t++) {
            const double w = want((double)t, (double)runs[k]);
            const double got = taper_at(s, t);
            if (!(fabs(got - w) <= 1e-12 * fabs(w) + 1e-16))
                fail_msg("%s at %d of %d: got %.17g, want %.17g", text, (int)t,
                         (int)runs[k], got, w);
        }
        taper_free(s, NULL);
    }
}

static void assert_refused(const char *text, taper_status code,
                           const char *says)
{
    taper_schedule *s;
    taper_error err;
    const taper_run run = {.steps = 1000};
    const taper_status status =
        taper_parse(text, strlen(text), &run, NULL, &s, &err);
    if (status != code || !strstr(err.message, says))
        fail_msg("%s: status %d: %s", text, (int)status, err.message);
    assert_null(s);
}

/* The first values, which the documents promise. */
static void assert_begins(const char *text, const double *want, int count)
{
    const taper_run run = run_of(1000);
    taper_schedule *s = parse_in(text, &run);
    for (int t = 0; t < count; t++)
        if (!(fabs(taper_at(s, t) - want[t]) <= 1e-15))
            fail_msg("%s at %d: %.17g", text, t, taper_at(s, t));
    taper_free(s, NULL);
}

/* -------------------------------------------------------------- warm-up */

static void a_warm_up_begins_as_it_says(void **state)
{
    (void)state;
    static const double zero[] = {0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.1};
    static const double counted[] = {0.02, 0.04, 0.06, 0.08, 0.1, 0.1, 0.1};
    static const double tenth[] = {0.01, 0.028, 0.046, 0.064, 0.082, 0.1, 0.1};
    static const double flat[] = {0.01, 0.01, 0.01, 0.01, 0.01, 0.1, 0.1};
    static const double geometric[] = {0.001, 0.01, 0.1, 0.1};
    assert_begins("warmup(0.1, 5)", zero, 7);
    assert_begins("warmup(0.1, 5, first='1/n')", counted, 7);
    assert_begins("warmup(0.1, 5, first=0.1)", tenth, 7);
    assert_begins("warmup(0.1, 5, shape=constant, first=0.1)", flat, 7);
    assert_begins("warmup(0.1, 2, shape=exp, first=0.01)", geometric, 4);
    assert_begins("warmup(0.1, 1, first='1/n')", counted + 4, 3);
    assert_begins("warmup(0.1, 0)", counted + 4, 3);
    static const double cosine[] = {0.0, 0.05, 0.1, 0.1};
    static const double square[] = {0.0, 0.025, 0.1, 0.1};
    assert_begins("warmup(0.1, 2, cosine)", cosine, 4);
    assert_begins("warmup(0.1, 2, square)", square, 4);
    for (int k = 0; k < 3; k++) {
        const double q = 0.5, root[] = {sqrt(q), sin(pi / 4), log(2) / log(3)};
        static const char *const texts[] = {"warmup(0.1, 2, sqrt)",
                                            "warmup(0.1, 2, sine)",
                                            "warmup(0.1, 2, log)"};
        const double want[] = {0.0, 0.1 * root[k], 0.1, 0.1};
        assert_begins(texts[k], want, 4);
    }
    /* The same of what has no first value of its own to read off. */
    assert_begins("warmup(1 * hold(0.1, 9), 5)", zero, 7);
    assert_begins("warmup(1 * hold(0.1, 9), 5, first='1/n')", counted, 7);
    assert_begins("warmup(1 * hold(0.1, 9), 5, shape=constant, first=0.1)",
                  flat, 7);
}

static double warmed_cosine(double t, double T)
{
    const double W = 0.1 * T;
    if (t < W) return 0.1 * half_cosine(0.0, 1.0, t / W);
    return half_cosine(0.1, 0.001, progress(t, W, T));
}

static double warmed_sum(double t, double T)
{
    const double W = 0.1 * T, q = progress(t, W, T);
    return progress(t, 0, W) * (0.3 + lerp(0.1, 0.0, q));
}

static void a_warm_up_comes_before_the_whole_of_what_it_warms(void **state)
{
    (void)state;
    assert_follows("warmup(cosine(0.1, 0.001), 10%, shape=cosine)",
                   warmed_cosine);
    assert_follows("warmup(1 * cosine(0.1, 0.001), 10%, shape=cosine)",
                   warmed_cosine);
    assert_follows("warmup(add(0.3, linear(0.1, 0)), 10%)", warmed_sum);
    /* A curve without length reads its end at once, so that is warmed up to. */
    assert_same(value("warmup(linear(5, 1, 0), 4)", 2), 0.5);
    assert_same(value("warmup(linear(5, 1, 0), 4)", 4), 1.0);
    /* What begins at 0 cannot be approached geometrically, but multiplied. */
    assert_same(value("warmup(linear(0, 1, 10), 5, exp, first=0.1)", 4), 0.0);
    assert_same(value("warmup(linear(0, 1, 10), 5, exp, first=0.1)", 10), 0.5);
}

static void a_wrong_warm_up_is_refused(void **state)
{
    (void)state;
    assert_refused("warmup(0.1, 5, shape=exp)", TAPER_E_ARGUMENT, "'first'");
    assert_refused("warmup(0.1, 5, shape=sin)", TAPER_E_ARGUMENT,
                   "did you mean 'sine'");
    assert_refused("warmup(0.1, 5, first=n)", TAPER_E_ARGUMENT, "1/n");
    assert_refused("warmup(0.1, 5, first=-1)", TAPER_E_ARGUMENT,
                   "not be negative");
    assert_refused("warmup(0.1, 5.5)", TAPER_E_ARGUMENT, "whole number");
    assert_refused("warmup(cosine(0.1, 0) * 1, 1001)", TAPER_E_RANGE,
                   "nothing is left");
}

/* ------------------------------------------- warm up, stay, cool down */

/* wsd(0.1, warmup=10%, decay=20%, ...) with the cool-down f(q). */
static double wsd(double t, double T, double floor, double f)
{
    if (t < 0.1 * T) return 0.1 * t / (0.1 * T);
    if (t < 0.8 * T) return 0.1;
    return floor + (0.1 - floor) * f;
}

static double decayed(double t, double T)
{
    return progress(t, 0.8 * T, T);
}

static double wsd_linear(double t, double T)
{
    return wsd(t, T, 0.0, 1.0 - decayed(t, T));
}

static double wsd_cosine(double t, double T)
{
    return wsd(t, T, 0.01, half_cosine(1.0, 0.0, decayed(t, T)));
}

static double wsd_exp(double t, double T)
{
    const double f = pow(0.1, decayed(t, T));
    return wsd(t, T, 0.0, f);
}

static double wsd_power(double t, double T)
{
    return wsd(t, T, 0.01, pow(1.0 - decayed(t, T), 1.5));
}

static double wsd_megatron(double t, double T)
{
    return wsd(t, T, 0.01, 2.0 * pow(0.5, decayed(t, T)) - 1.0);
}

static double wsd_halving(double t, double T)
{
    return wsd(t, T, 0.0, pow(0.5, decayed(t, T) * 0.2 * T / (0.05 * T)));
}

/* 1 - sqrt. */
static double wsd_sqrt(double t, double T)
{
    return wsd(t, T, 0.01, 1.0 - sqrt(decayed(t, T)));
}

static double wsd_square(double t, double T)
{
    return wsd(t, T, 0.01, 1.0 - decayed(t, T) * decayed(t, T));
}

static double wsd_mirrorcos(double t, double T)
{
    const double q = decayed(t, T);
    return wsd(t, T, 0.01, 2.0 * (1.0 - q) - 0.5 * (1.0 + cos(pi * q)));
}

/* Wen et al. 2024: 1/rate is a straight line. */
static double wsd_harmonic(double t, double T)
{
    const double q = decayed(t, T);
    if (t < 0.8 * T) return wsd(t, T, 0.0, 1.0);
    return 1.0 / (q / 0.01 + (1.0 - q) / 0.1);
}

static void wsd_cools_down_in_every_shape(void **state)
{
    (void)state;
    assert_follows("wsd(0.1, warmup=10%)", wsd_linear);
    assert_follows("wsd(0.1, warmup=10%, decay=20%, shape=cosine, floor=0.01)",
                   wsd_cosine);
    assert_follows("wsd(0.1, warmup=10%, shape='exp', floor=0.01)", wsd_exp);
    assert_follows("wsd(0.1, warmup=10%, shape=sqrt, floor=0.01)", wsd_sqrt);
    assert_follows("wsd(0.1, warmup=10%, shape=square, floor=0.01)",
                   wsd_square);
    assert_follows("wsd(0.1, warmup=10%, shape=mirrorcos, floor=0.01)",
                   wsd_mirrorcos);
    assert_follows("wsd(0.1, warmup=10%, shape=harmonic, floor=0.01)",
                   wsd_harmonic);
    assert_follows("wsd(0.1, 10%, 20%, power, floor=0.01, power=1.5)",
                   wsd_power);
    assert_follows("wsd(0.1, warmup=10%, shape=megatron, floor=0.01)",
                   wsd_megatron);
    assert_follows("wsd(0.1, warmup=10%, shape=halving, half_life=5%)",
                   wsd_halving);
}

static void a_cool_down_ends_on_its_floor(void **state)
{
    (void)state;
    static const char *const shapes[] = {
        "linear", "sqrt",  "cosine",   "mirrorcos", "square",
        "exp",    "power", "harmonic", "megatron",
    };
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        char text[99];
        snprintf(text, sizeof text, "wsd(0.3, shape=%s, floor=0.007)",
                 shapes[k]);
        assert_same(value(text, 1000), 0.007);
        assert_same(value(text, 5000), 0.007);
    }
}

static void a_wrong_cool_down_is_refused(void **state)
{
    (void)state;
    assert_refused("wsd(0.1, shape=exp)", TAPER_E_ARGUMENT, "'floor' above 0");
    assert_refused("wsd(0.1, shape=halving)", TAPER_E_ARGUMENT, "half_life");
    assert_refused("wsd(0.1, shape=halving, half_life=9, floor=1e-3)",
                   TAPER_E_ARGUMENT, "no floor");
    assert_refused("wsd(0.1, shape=power, power=0)", TAPER_E_ARGUMENT,
                   "above 0");
    assert_refused("wsd(0.1, shape=round)", TAPER_E_ARGUMENT, "linear");
    assert_refused("wsd(0.1, 900, 200)", TAPER_E_RANGE, "nothing is left");
}

static double trapezoid(double t, double T)
{
    if (t < 0.25 * T) return lerp(0.01, 0.1, t / (0.25 * T));
    return t < 0.75 * T ? 0.1 : lerp(0.1, 0.01, progress(t, 0.75 * T, T));
}

static double knee(double t, double T)
{
    if (t < 0.05 * T) return 0.1 * t / (0.05 * T);
    return t < 0.55 * T ? 0.1 : 0.1 * (1.0 - progress(t, 0.55 * T, T));
}

static double d2z(double t, double T)
{
    if (t < 0.1 * T) return 0.1 * t / (0.1 * T);
    return 0.1 * (1.0 - progress(t, 0.1 * T, T));
}

static double budgeted(double t, double T)
{
    return 0.1 * (1.0 - progress(t, 0, T));
}

/* Howard and Ruder 2018, section 3.2. */
static double slanted(double t, double T)
{
    const double cut = 0.1 * T, fraction = 0.1, ratio = 32;
    double p = t < cut ? t / cut : 1 - (t - cut) / (cut * (1 / fraction - 1));
    if (t >= T) p = 0;
    return 0.01 * (1 + p * (ratio - 1)) / ratio;
}

/* fairseq's tri_stage: exp of a negative factor. */
static double tristage(double t, double T)
{
    if (t < 0.1 * T) return lerp(0.001, 0.1, t / (0.1 * T));
    if (t < 0.5 * T) return 0.1;
    return 0.1 * exp(log(0.01) * progress(t, 0.5 * T, T));
}

static double infinite(double t, double T)
{
    if (t < 0.05 * T) return 0.1 * t / (0.05 * T);
    return half_cosine(0.1, 0.03, progress(t, 0.05 * T, 0.25 * T));
}

static double infinite_annealed(double t, double T)
{
    if (t < 0.8 * T) return infinite(t, T);
    return 0.03 * pow(1e-4 / 0.03, progress(t, 0.8 * T, T));
}

static void what_goes_down_once_follows_its_formula(void **state)
{
    (void)state;
    assert_follows("trapezoid(0.1, up=25%, down=25%, low=0.01)", trapezoid);
    assert_follows("knee(0.1, explore=50%, warmup=5%)", knee);
    assert_follows("d2z(0.1)", d2z);
    assert_follows("budgeted(0.1)", budgeted);
    assert_follows("slanted(0.01)", slanted);
    assert_follows("tristage(0.1, 10%, 40%)", tristage);
    assert_follows("infinite(0.1, 0.03, 5%, 20%)", infinite);
    assert_follows("infinite(0.1, 0.03, 5%, 20%, anneal=20%, floor=1e-4)",
                   infinite_annealed);
}

static void a_recipe_within_a_length_measures_its_shares_of_that(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"wsd(0.1, 10%, 20%, over=200)", "wsd(0.1, 20, 40, over=200)"},
        {"wsd(0.1, 10%, over=2ep)", "wsd(0.1, 20, 40, over=200)"},
        {"onecycle(0.1, over=200)", "onecycle(0.1, up=60, over=200)"},
        {"knee(0.1, 50%, 10%, over=200)", "knee(0.1, 100, 20, over=200)"},
        {"trapezoid(0.1, over=200)", "trapezoid(0.1, 20, 40, over=200)"},
        {"slanted(0.1, over=200)", "slanted(0.1, 20, over=200)"},
        {"d2z(0.1, over=200)", "d2z(0.1, 20, over=200)"},
    };
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        taper_schedule *a = parse(pairs[k][0]), *b = parse(pairs[k][1]);
        assert_int_equal(taper_length(a), 200);
        assert_int_equal(taper_size(a), taper_size(b));
        assert_memory_equal(a, b, taper_size(a));
        taper_free(a, NULL);
        taper_free(b, NULL);
    }
    assert_refused("wsd(0.1, 60%, 60%, over=100)", TAPER_E_ARGUMENT,
                   "120 steps, more than the 100");
    assert_refused("infinite(0.1, 0.03, 5, 5, over=100)", TAPER_E_ARGUMENT,
                   "'anneal'");
    assert_refused("infinite(0.1, 0.03, 5, 5, anneal=5)", TAPER_E_ARGUMENT,
                   "'floor'");
}

/* -------------------------------------------------- inverse square roots */

/* Vaswani et al. 2017, equation 3, counted from 1. */
static double noam(double t, double T)
{
    (void)T;
    const double s = t + 1;
    return pow(512, -0.5) * fmin(pow(s, -0.5), s * pow(40, -1.5));
}

static double invsqrt(double t, double T)
{
    (void)T;
    return t < 30 ? 0.1 * t / 30 : 0.1 * sqrt(30 / t);
}

/* transformers' get_inverse_sqrt_schedule. */
static double invsqrt_scaled(double t, double T)
{
    (void)T;
    return t < 30 ? 0.1 * t / 30 : 0.1 / sqrt((t + 50 - 30) / 50);
}

static double invsqrt_cooled(double t, double T)
{
    const double W = 0.1 * T, D = 0.2 * T, stop = T - D;
    if (t < W) return 0.1 * t / W;
    if (t < stop) return 0.1 * sqrt(W / t);
    return 0.1 * sqrt(W / stop) * (1 - progress(t, stop, T));
}

/* Shen et al. 2024, equations 7 and 8, with a line for f. */
static double power_rate(double n)
{
    return fmin(0.02, 1024 * 4 * pow(n, -0.51));
}

static double power(double t, double T)
{
    const double tokens = 4e6, W = 0.1 * T, stop = 0.8 * T;
    if (t < W) return t / W * power_rate(W * tokens);
    if (t < stop) return power_rate(t * tokens);
    return power_rate(stop * tokens) * (1 - progress(t, stop, T));
}

static void inverse_powers_follow_their_formula(void **state)
{
    (void)state;
    assert_follows("noam(512, 40)", noam);
    assert_follows("invsqrt(0.1, 30)", invsqrt);
    assert_follows("invsqrt(0.1, 30, timescale=50)", invsqrt_scaled);
    assert_follows("invsqrt(0.1, 10%, decay=20%)", invsqrt_cooled);
    assert_follows("power(10%, 20%, tokens=4M)", power);
    assert_follows("power(10%, 20%, batch=1024, tokens=4M)", power);
    assert_same(value("noam(64, 1, scale=2)", 0), 0.25);
    assert_same(value("invsqrt(0.1)", 0), 0.1);
    assert_near(value("invsqrt(0.1)", 30000), 0.05, 1e-16);
    assert_refused("noam(512, 0)", TAPER_E_ARGUMENT, "at least one step");
    assert_refused("noam(0, 10)", TAPER_E_ARGUMENT, "above 0");
    assert_refused("invsqrt(0.1, timescale=0)", TAPER_E_ARGUMENT,
                   "at least one step");
    assert_refused("power(0, batch=8, tokens=8)", TAPER_E_ARGUMENT,
                   "at least one step");
    assert_refused("power(10, tokens=8)", TAPER_E_RUN, "'batch'");
    assert_refused("power(10, batch=8)", TAPER_E_RUN, "'tokens'");
    assert_refused("power(10, batch=8, tokens=8, shape=exp)", TAPER_E_ARGUMENT,
                   "'floor'");
}

/* --------------------------------------------------------------- stairs */

static double step(double t, double T)
{
    (void)T;
    return 0.1 * pow(0.5, floor(t / 7.0));
}

static double multistep(double t, double T)
{
    const double count = (t >= 5) + (t >= 0.5 * T) + (t >= 0.9 * T);
    return 0.1 * pow(0.2, count);
}

static void stairs_follow_their_formula(void **state)
{
    (void)state;
    assert_follows("step(0.1, 7, factor=0.5)", step);
    assert_follows("multistep(0.1, [5, 50%, 90%], factor=0.2)", multistep);
    assert_same(value("multistep(0.1, [])", 7), 0.1);
    assert_same(value("multistep(0.1, [3, 3], factor=0.5)", 3), 0.025);
    assert_same(value("multistep(0.1, 3, factor=0)", 3), 0.0);
    assert_refused("multistep(0.1, [5, 3])", TAPER_E_ARGUMENT, "not decrease");
}

/* --------------------------------------------------------------- cycles */

static double onecycle(double t, double T)
{
    const double first = 0.1 / 25, last = first / 1e4;
    if (t < 0.3 * T) return half_cosine(first, 0.1, t / (0.3 * T));
    return half_cosine(0.1, last, progress(t, 0.3 * T, T));
}

static double onecycle_three(double t, double T)
{
    const double first = 0.1 / 10, last = first / 100;
    if (t < 0.4 * T) return lerp(first, 0.1, t / (0.4 * T));
    if (t < 0.8 * T) return lerp(0.1, first, progress(t, 0.4 * T, 0.8 * T));
    return lerp(first, last, progress(t, 0.8 * T, T));
}

/* Smith 2015: cycle = floor(1 + t/2h), x = |t/h - 2 cycle + 1|. */
static double triangle(double t, double h)
{
    const double cycle = floor(1 + t / (2 * h));
    return fmax(0.0, 1 - fabs(t / h - 2 * cycle + 1));
}

static double triangular(double t, double T)
{
    (void)T;
    return 0.01 + (0.1 - 0.01) * triangle(t, 8);
}

static double triangular2(double t, double T)
{
    (void)T;
    return 0.01 + (0.1 - 0.01) * triangle(t, 8) / pow(2, floor(t / 16));
}

static double exp_range(double t, double T)
{
    (void)T;
    return 0.01 + (0.1 - 0.01) * triangle(t, 8) * pow(0.99, t);
}

/* Loshchilov and Hutter 2016, equation 5, with peaks that shrink. */
static double sgdr(double t, double T)
{
    (void)T;
    double length = 10, start = 0, peak = 0.1;
    while (t >= start + length) {
        start += length;
        length *= 2;
        peak *= 0.5;
    }
    return 0.001 + 0.5 * (peak - 0.001) * (1 + cos(pi * (t - start) / length));
}

static double sgdr_plain(double t, double T)
{
    (void)T;
    return half_cosine(0.1, 0.001, fmod(t, 10) / 10);
}

static void cycles_follow_their_formula(void **state)
{
    (void)state;
    assert_follows("onecycle(0.1)", onecycle);
    assert_follows("onecycle(0.1, up=40%, anneal=linear, div=10, "
                   "final_div=100, three_phase=True)",
                   onecycle_three);
    assert_follows("triangular(0.01, 0.1, 8)", triangular);
    assert_follows("triangular2(0.01, 0.1, 8)", triangular2);
    assert_follows("exp_range(0.01, 0.1, 8, gamma=0.99)", exp_range);
    assert_follows("sgdr(0.1, 10, mult=2, floor=0.001, decay=0.5)", sgdr);
    assert_follows("sgdr(0.1, 10, floor=0.001)", sgdr_plain);
    assert_same(value("triangular(0, 1, 10, down=30)", 25), 0.5);
    assert_same(value("sgdr(0.1, 10, floor=0.01, decay=0.5, times=3)", 99),
                0.01);
    assert_refused("sgdr(0.1, 10, times=1.5)", TAPER_E_ARGUMENT, "whole");
}

/* ------------------------------------------------------------ all of them */

/* A recipe is sugar: what it stands for, written out, is the same block. */
static void every_example_reads_back_as_what_it_stands_for(void **state)
{
    (void)state;
    int recipes = 0;
    const taper_run run = {.steps = 1000};
    for (size_t i = 0; i < taper_shape_count(); i++) {
        if (strcmp(taper_shape_family(i), "recipe") != 0) continue;
        recipes++;
        taper_schedule *s = parse_in(taper_shape_at(i)->example, &run);
        char text[4096];
        assert_true(taper_describe(s, text, sizeof text) < sizeof text);
        taper_schedule *again = parse_in(text, NULL);
        assert_int_equal(taper_size(s), taper_size(again));
        assert_memory_equal(s, again, taper_size(s));
        for (size_t k = 0; k < awkward_count; k++)
            assert_true(isfinite(taper_at(s, awkward_steps[k])));
        taper_free(s, NULL);
        taper_free(again, NULL);
    }
    assert_true(recipes >= 19);
}

/* Within a sequence a recipe takes what the others leave, and it may be told
 * what comes after its end. */
static void recipes_are_parts_like_any_other(void **state)
{
    (void)state;
    assert_same(value("hold(1, 500) then wsd(0.1, decay=100)", 499), 1.0);
    assert_same(value("hold(1, 500) then wsd(0.1, decay=100)", 950), 0.05);
    assert_same(value("wsd(0.1, decay=50) then hold(0.2, 500)", 475), 0.05);
    assert_same(value("0.5 * budgeted(0.1)", 500), 0.025);
    assert_same(value("budgeted(0.1, after=repeat)", 1500), 0.05);
    assert_near(value("budgeted(0.1, after=mirror)", 1750), 0.075, 1e-16);
    assert_same(value("shift(linear(1, 0), 500)", 250), 0.5);
    assert_same(value("repeat(linear(1, 0), times=1)", 500), 0.5);
    assert_refused("repeat(linear(1, 0), times=2)", TAPER_E_ARGUMENT,
                   "must say its length");
    assert_refused("shift(linear(1, 0), 0.5)", TAPER_E_ARGUMENT,
                   "must say its length");
    assert_refused("shift(linear(1, 0), 1e300)", TAPER_E_ARGUMENT,
                   "must say its length");
    assert_refused("shift(linear(1, 0), 9007199254740992)", TAPER_E_SIZE,
                   "2^53");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_warm_up_begins_as_it_says),
        cmocka_unit_test(a_warm_up_comes_before_the_whole_of_what_it_warms),
        cmocka_unit_test(a_wrong_warm_up_is_refused),
        cmocka_unit_test(wsd_cools_down_in_every_shape),
        cmocka_unit_test(a_cool_down_ends_on_its_floor),
        cmocka_unit_test(a_wrong_cool_down_is_refused),
        cmocka_unit_test(what_goes_down_once_follows_its_formula),
        cmocka_unit_test(a_recipe_within_a_length_measures_its_shares_of_that),
        cmocka_unit_test(inverse_powers_follow_their_formula),
        cmocka_unit_test(stairs_follow_their_formula),
        cmocka_unit_test(cycles_follow_their_formula),
        cmocka_unit_test(every_example_reads_back_as_what_it_stands_for),
        cmocka_unit_test(recipes_are_parts_like_any_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
