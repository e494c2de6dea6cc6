#include "law/problem.h"

#include "schedule/maths.h"

#include <stdlib.h>
#include <string.h>

static taper_law_status check_points(const taper_law_run *run, size_t index,
                                     taper_law_error *err)
{
    for (size_t i = 0; i < run->points; i++) {
        const bool ordered = run->at[i] >= (i > 0 ? run->at[i - 1] + 1 : 0) &&
                             (uint64_t)run->at[i] < (uint64_t)run->steps;
        if (!ordered)
            return law_fail(err, TAPER_LAW_E_POINT, index, i,
                            "run %zu has a point at step %lld, which is out "
                            "of order or not one of its %zu steps",
                            index + 1, (long long)run->at[i], run->steps);
        if (!(run->losses[i] > 0.0 && isfinite(run->losses[i])))
            return law_fail(err, TAPER_LAW_E_POINT, index, i,
                            "run %zu has the loss %g at step %lld; losses "
                            "have to be numbers above 0",
                            index + 1, run->losses[i], (long long)run->at[i]);
    }
    return TAPER_LAW_OK;
}

static taper_law_status check_run(const taper_law_run *run, size_t index,
                                  taper_law_error *err)
{
    if (run->steps == 0 || !run->rates)
        return law_fail(err, TAPER_LAW_E_ARGUMENT, index, 0,
                        "run %zu has no rates", index + 1);
    taper_law_error rate;
    if (taper_law_rates_check(run->rates, run->steps, &rate) != TAPER_LAW_OK)
        return law_fail(err, TAPER_LAW_E_RATE, index, rate.index,
                        "in run %zu %s", index + 1, rate.message);
    return check_points(run, index, err);
}

/* The first step whose points are used. */
static int64_t begin_of(const taper_law_run *run,
                        const taper_law_fit_options *options)
{
    size_t step = 0; /* before it the clock has not started */
    while (step < run->steps && run->rates[step] == 0.0)
        step++;
    const double warm =
        options->skip * (double)taper_law_warmup(run->rates, run->steps);
    const double begin =
        fmax(fmax((double)step, (double)options->first), ceil(warm));
    return begin < 9e15 ? (int64_t)begin : INT64_MAX;
}

/* Points [from, from + n) as one: the mean loss at the middle step. */
static struct law_point bin(const taper_law_run *run, size_t index, size_t from,
                            size_t n)
{
    double loss = 0.0;
    for (size_t i = from; i < from + n; i++)
        loss += run->losses[i] / (double)n;
    return (struct law_point){.run = index,
                              .step = run->at[from + (n - 1) / 2],
                              .loss = loss,
                              .log_loss = log(loss)};
}

static void choose(struct law_problem *p, size_t index, int64_t begin,
                   size_t most)
{
    const taper_law_run *run = &p->runs[index];
    size_t from = 0;
    while (from < run->points && run->at[from] < begin)
        from++;
    p->dropped += from;
    const size_t left = run->points - from;
    const size_t size = (left + most - 1) / most; /* points in a bin */
    for (; from < run->points; from += size) {
        const size_t n = size < run->points - from ? size : run->points - from;
        p->point[p->points++] = bin(run, index, from, n);
    }
}

static size_t count_points(const taper_law_run *runs, size_t count, size_t most)
{
    size_t n = 1;
    for (size_t i = 0; i < count; i++)
        n += runs[i].points < most ? runs[i].points : most;
    return n;
}

taper_law_status law_problem_make(const taper_law_run *runs, size_t count,
                                  const taper_law_fit_options *options,
                                  double clock, size_t most,
                                  struct law_problem *out, taper_law_error *err)
{
    *out = (struct law_problem){.runs = runs,
                                .count = count,
                                .kind = options->kind};
    for (size_t i = 0; i < count; i++) {
        const taper_law_status status = check_run(&runs[i], i, err);
        if (status != TAPER_LAW_OK) return status;
        for (size_t t = 0; t < runs[i].steps; t++)
            out->peak = fmax(out->peak, runs[i].rates[t]);
    }
    out->eta_ref = out->peak;
    if (!(out->peak > 0.0))
        return law_fail(err, TAPER_LAW_E_RATE, 0, 0,
                        "all learning rates are 0");
    out->point = calloc(count_points(runs, count, most), sizeof *out->point);
    if (!out->point)
        return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    for (size_t i = 0; i < count; i++)
        choose(out, i, begin_of(&runs[i], options), most);
    if (!law_problem_clock(out, clock))
        return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    return TAPER_LAW_OK;
}

void law_problem_free(struct law_problem *p)
{
    free(p->point);
    law_nodes_free(&p->nodes);
    *p = (struct law_problem){0};
}

/* S and d S / d ln rho after each step, and the times that the gaps are seen
 * by: S too, or steps for the momentum law. */
struct scratch {
    double *S, *slope, *ticks; /* [steps] of the longest run */
    int64_t *at;               /* [points] of one run */
    size_t *first;
};

static void tell_time(const struct law_problem *p, const taper_law_run *run,
                      double rho, struct scratch *s)
{
    struct law_clock clock = law_clock_of(rho, p->eta_ref);
    struct law_sum time = {0};
    double slope = 0.0;
    for (size_t t = 0; t < run->steps; t++) {
        const double tick = law_tick(&clock, run->rates[t]);
        if (tick > 0.0) slope += rho * tick * log(run->rates[t] / p->eta_ref);
        s->S[t] = law_add(&time, tick);
        s->slope[t] = slope;
        s->ticks[t] = (double)t + 1.0;
    }
}

/* The points [from, to), all of one run. */
static bool compress_run(struct law_problem *p, size_t from, size_t to,
                         double rho, struct scratch *s)
{
    const taper_law_run *run = &p->runs[p->point[from].run];
    tell_time(p, run, rho, s);
    const bool power = p->kind == TAPER_LAW_MULTI_POWER;
    const struct law_times times = {power ? s->S : s->ticks,
                                    power ? s->slope : NULL};
    for (size_t i = from; i < to; i++) {
        p->point[i].S = s->S[p->point[i].step];
        p->point[i].slope = s->slope[p->point[i].step];
        s->at[i - from] = p->point[i].step;
    }
    /* Later steps concern no point. */
    const size_t used = (size_t)p->point[to - 1].step + 1;
    const double least = law_floor(run->rates, run->steps);
    if (!law_compress(run->rates, used, least, &times, s->at, to - from,
                      &p->nodes, s->first))
        return false;
    for (size_t i = from; i < to; i++)
        p->point[i].first = s->first[i - from];
    return true;
}

static bool compress_all(struct law_problem *p, double rho, struct scratch *s)
{
    p->nodes.n = 0;
    for (size_t from = 0, to; from < p->points; from = to) {
        to = from + 1;
        while (to < p->points && p->point[to].run == p->point[from].run)
            to++;
        if (!compress_run(p, from, to, rho, s)) return false;
    }
    p->point[p->points].first = p->nodes.n;
    p->clock = rho;
    return true;
}

bool law_problem_clock(struct law_problem *p, double clock)
{
    size_t longest = 1;
    for (size_t i = 0; i < p->count; i++)
        longest = p->runs[i].steps > longest ? p->runs[i].steps : longest;
    const size_t points = p->points + 1;
    struct scratch s = {
        .S = malloc(longest * sizeof *s.S),
        .slope = malloc(longest * sizeof *s.slope),
        .ticks = malloc(longest * sizeof *s.ticks),
        .at = malloc(points * sizeof *s.at),
        .first = malloc(points * sizeof *s.first),
    };
    /* What is left half done is for no clock. */
    p->clock = (double)NAN;
    const bool done = s.S && s.slope && s.ticks && s.at && s.first &&
                      compress_all(p, clock, &s);
    free(s.S);
    free(s.slope);
    free(s.ticks);
    free(s.at);
    free(s.first);
    return done;
}

/* What a point's nodes sum up to. */
struct sums {
    double answer;
    double by_factor; /* d answer / d ln of the kernel's factor: C or, of the
                         momentum law, 1 - lambda */
    double by_beta, by_gamma, by_clock; /* by their logarithms */
};

/* The terms of a few nodes, apart from each other so that the loop that
 * computes them can do several at once. */
enum { BLOCK = 64 };
struct terms {
    double answer[BLOCK], by_factor[BLOCK], by_beta[BLOCK], by_gamma[BLOCK],
        by_clock[BLOCK];
};

static void add_terms(const struct terms *t, size_t n, struct sums *s)
{
    for (size_t k = 0; k < n; k++) {
        s->answer += t->answer[k];
        s->by_factor += t->by_factor[k];
        s->by_beta += t->by_beta[k];
        s->by_gamma += t->by_gamma[k];
        s->by_clock += t->by_clock[k];
    }
}

/* Most of a fit's time is spent in one loop. Compiled for AVX2 as well it takes
 * two thirds of it and gives the same bits: nothing is contracted, and sums are
 * made elsewhere, in one order. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && \
    !defined(TAPER_NO_CLONES)
#define WIDER __attribute__((target_clones("default", "avx2")))
#else
#define WIDER
#endif

/* q = (1 + x)^-beta with x = C eta^-gamma time, for n nodes from `first`. */
WIDER static void power_terms(const struct law_problem *p,
                              const taper_law_params *q, double c_peak,
                              size_t first, size_t n, struct terms *out)
{
    const double log2_e = 1.4426950408889634;
    const double *gap = p->nodes.gap + first, *time = p->nodes.time + first;
    const double *log_rate = p->nodes.log_rate + first;
    const double *slope = p->nodes.slope + first;
    const double log_peak = log(p->peak), beta = q->beta, gamma = q->gamma;
    for (size_t k = 0; k < n; k++) {
        const double below = taperi_min(log_rate[k] - log_peak, 0.0) * log2_e;
        const double c = c_peak / taperi_exp2_share(gamma * below).part;
        const double x = c * time[k], y = beta * taperi_log2_1p(x);
        const struct taperi_share kept = taperi_exp2_share(-y);
        const double pull = gap[k] * beta * kept.part / (1.0 + x);
        out->answer[k] = gap[k] * kept.rest;
        out->by_factor[k] = pull * x;
        out->by_beta[k] = gap[k] * kept.part * y / log2_e;
        out->by_gamma[k] = -pull * x * gamma * log_rate[k];
        out->by_clock[k] = pull * c * slope[k];
    }
}

static struct sums power_sums(const struct law_problem *p,
                              const taper_law_params *q, size_t i)
{
    const double c_peak = q->C * pow(p->peak, -q->gamma);
    const size_t end = p->point[i + 1].first;
    struct sums s = {0};
    for (size_t k = p->point[i].first; k < end; k += BLOCK) {
        const size_t n = end - k < BLOCK ? end - k : BLOCK;
        struct terms terms;
        power_terms(p, q, c_peak, k, n, &terms);
        add_terms(&terms, n, &s);
    }
    return s;
}

/* The sum of m is -sum of gap (1 - lambda^n) / (1 - lambda), n steps after the
 * gap. */
static struct sums momentum_sums(const struct law_problem *p,
                                 const taper_law_params *q, size_t i)
{
    const struct law_nodes *n = &p->nodes;
    const double r = 1.0 - q->lambda, lambda = fmax(q->lambda, 1e-300);
    const double decay = log2(lambda);
    struct sums s = {0};
    for (size_t k = p->point[i].first; k < p->point[i + 1].first; k++) {
        const struct taperi_share kept = taperi_exp2_share(n->time[k] * decay);
        s.answer += n->gap[k] * kept.rest / r;
        s.by_factor +=
            n->gap[k] * (n->time[k] * kept.part / lambda - kept.rest / r);
    }
    return s;
}

static struct sums sums_of(const struct law_problem *p,
                           const taper_law_params *q, size_t i)
{
    return p->kind == TAPER_LAW_MOMENTUM ? momentum_sums(p, q, i)
                                         : power_sums(p, q, i);
}

struct law_parts law_problem_parts(const struct law_problem *p,
                                   const taper_law_params *q, size_t i)
{
    return (struct law_parts){pow(p->point[i].S, -q->alpha),
                              sums_of(p, q, i).answer};
}

double law_problem_slopes(const struct law_problem *p,
                          const taper_law_params *q, size_t i,
                          double slopes[TAPER_LAW_PARAMS])
{
    const struct law_point *point = &p->point[i];
    const double fall = q->A * pow(point->S, -q->alpha);
    const struct sums s = sums_of(p, q, i);
    const bool power = p->kind == TAPER_LAW_MULTI_POWER;
    const double amount = power ? q->B : q->C;
    memset(slopes, 0, TAPER_LAW_PARAMS * sizeof *slopes);
    slopes[TAPER_LAW_L0] = q->L0;
    slopes[TAPER_LAW_A] = fall;
    slopes[TAPER_LAW_ALPHA] = -q->alpha * fall * log(point->S);
    slopes[TAPER_LAW_CLOCK] =
        -q->alpha * fall * point->slope / point->S + amount * s.by_clock;
    slopes[power ? TAPER_LAW_B : TAPER_LAW_C] = amount * s.answer;
    if (power) {
        slopes[TAPER_LAW_C] = amount * s.by_factor;
        slopes[TAPER_LAW_BETA] = amount * s.by_beta;
        slopes[TAPER_LAW_GAMMA] = amount * s.by_gamma;
    } else {
        slopes[TAPER_LAW_LAMBDA] = amount * s.by_factor;
    }
    return q->L0 + fall + amount * s.answer;
}
