/* What the loss-curve laws cost on one thread: a fit to three curves of 24,000
 * steps, with its band, and the loss after each of 72,000 steps.
 *
 *     bench_law [ROUNDS]      the median of so many rounds; 5
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <taper_law.h>
#include <time.h>

enum { RUNS = 3, STEPS = 24000, LONG = 72000, EVERY = 128, ROUNDS_MAX = 99 };

static const double pi = 3.14159265358979323846;

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof *v, ascending);
    return v[n / 2];
}

/* Warm-up, then a cosine (0), a constant (1) or a drop (2). */
static void fill(int kind, size_t steps, double *rates)
{
    const double peak = 3e-4;
    for (size_t t = 0; t < steps; t++) {
        const double u = ((double)t - 2160.0) / ((double)steps - 2160.0);
        const double down = kind == 0   ? 0.55 + 0.45 * cos(pi * u)
                            : kind == 1 ? 1.0
                                        : (t < steps / 3 ? 1.0 : 0.3);
        rates[t] = peak * (t < 2160 ? (double)t / 2160.0 : down);
    }
}

static const taper_law_params truth = {.clock = 0.6,
                                       .eta_ref = 3e-4,
                                       .L0 = 2.7,
                                       .A = 0.57,
                                       .alpha = 0.54,
                                       .B = 400.0,
                                       .C = 1.0,
                                       .beta = 0.6,
                                       .gamma = 0.5};

/* A run of the law above, with a ripple of a thousandth. */
static taper_law_run make_run(int kind)
{
    const size_t n = (STEPS - 2176) / EVERY;
    double *rates = malloc(STEPS * sizeof *rates);
    double *losses = malloc(n * sizeof *losses);
    int64_t *at = malloc(n * sizeof *at);
    if (!rates || !losses || !at) exit(1);
    fill(kind, STEPS, rates);
    for (size_t i = 0; i < n; i++)
        at[i] = (int64_t)(2176 + i * EVERY);
    if (taper_law_points(&truth, rates, STEPS, at, n, losses, NULL)) exit(1);
    for (size_t i = 0; i < n; i++)
        losses[i] *= 1.0 + 1e-3 * sin(0.7 * (double)i + kind);
    return (taper_law_run){rates, STEPS, at, losses, n};
}

static void row(const char *what, double *times, int rounds)
{
    printf("| %s | %.3f |\n", what, median(times, rounds));
}

static void bench_fit(const taper_law_run *runs, taper_law_kind kind,
                      const char *what, int rounds)
{
    double fits[ROUNDS_MAX], spreads[ROUNDS_MAX];
    taper_law_fit_options options = taper_law_fit_defaults();
    options.kind = kind;
    for (int i = 0; i < rounds; i++) {
        taper_law_fit fit;
        taper_law_spread spread;
        const double t0 = seconds();
        if (taper_law_fit_runs(runs, RUNS, &options, &fit, NULL)) exit(1);
        fits[i] = seconds() - t0;
        if (taper_law_spread_of(runs, RUNS, &options, &fit, 32, &spread, NULL))
            exit(1);
        spreads[i] = seconds() - t0 - fits[i];
    }
    char text[100];
    snprintf(text, sizeof text, "fit, %s law, 3 curves of 24,000 steps", what);
    row(text, fits, rounds);
    snprintf(text, sizeof text, "its spread of 32 fits");
    row(text, spreads, rounds);
}

static void bench_curve(int rounds)
{
    double times[ROUNDS_MAX];
    double *rates = malloc(LONG * sizeof *rates);
    double *out = malloc(LONG * sizeof *out);
    if (!rates || !out) exit(1);
    fill(0, LONG, rates);
    for (int i = 0; i < rounds; i++) {
        const double t0 = seconds();
        if (taper_law_curve(&truth, rates, LONG, out, NULL)) exit(1);
        times[i] = seconds() - t0;
    }
    row("whole curve, cosine of 72,000 steps", times, rounds);
    free(rates);
    free(out);
}

/* The best schedules that the law knows for as many steps. */
static void bench_optimize(int rounds)
{
    double wsd[ROUNDS_MAX], any[ROUNDS_MAX];
    const taper_law_goal goal = {STEPS, 2160, 3e-4, 0};
    taper_law_candidate best;
    taper_law_knots knots;
    for (int i = 0; i < rounds; i++) {
        const double t0 = seconds();
        if (taper_law_optimize_wsd(&truth, &goal, NULL, NULL, &best, NULL))
            exit(1);
        wsd[i] = seconds() - t0;
        if (taper_law_optimize_free(&truth, &goal, &knots, &best, NULL))
            exit(1);
        any[i] = seconds() - t0 - wsd[i];
    }
    row("best hold and cool-down, 24,000 steps", wsd, rounds);
    row("best of all schedules, 24,000 steps", any, rounds);
}

/* The bound, which needs no fit, after each of as many steps, and its least. */
static void bench_bound(int rounds)
{
    double times[ROUNDS_MAX], least[ROUNDS_MAX];
    double *rates = malloc(LONG * sizeof *rates);
    double *out = malloc(LONG * sizeof *out);
    if (!rates || !out) exit(1);
    fill(0, LONG, rates);
    for (int i = 0; i < rounds; i++) {
        const double t0 = seconds();
        if (taper_law_bound_curve(rates, NULL, LONG, 1, out, NULL)) exit(1);
        times[i] = seconds() - t0;
        if (taper_law_bound_minimize(NULL, LONG, 1, out, NULL)) exit(1);
        least[i] = seconds() - t0 - times[i];
    }
    row("bound after every step, 72,000 steps", times, rounds);
    row("rates of the least bound, 72,000 steps", least, rounds);
    free(rates);
    free(out);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 5;
    rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
    taper_law_run runs[RUNS];
    for (int i = 0; i < RUNS; i++)
        runs[i] = make_run(i);
    printf("| laws, one thread | seconds |\n|---|---|\n");
    bench_fit(runs, TAPER_LAW_MULTI_POWER, "multi-power", rounds);
    bench_fit(runs, TAPER_LAW_MOMENTUM, "momentum", rounds);
    bench_curve(rounds);
    bench_optimize(rounds);
    bench_bound(rounds);
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        printf("\nlargest memory: %ld MiB\n", usage.ru_maxrss / 1024);
    for (int i = 0; i < RUNS; i++) {
        free((void *)(uintptr_t)runs[i].rates);
        free((void *)(uintptr_t)runs[i].losses);
        free((void *)(uintptr_t)runs[i].at);
    }
    return 0;
}
