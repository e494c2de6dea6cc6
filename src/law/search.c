#include "law/search.h"

#include "law/random.h"

#include <stdlib.h>
#include <string.h>

static bool is_power(const struct law_search *s)
{
    return s->problem->kind == TAPER_LAW_MULTI_POWER;
}

/* Bounds, in the coordinates of law_search. Wide: they keep the search out of
 * regions where the law is flat, not from any fit that was seen. */
static void bounds(struct law_search *s, taper_law_param which, double *low,
                   double *high)
{
    const double tick = pow(s->problem->peak, is_power(s) ? 1.0 : 0.0);
    size_t steps = 1;
    for (size_t i = 0; i < s->problem->count; i++)
        if (s->problem->runs[i].steps > steps)
            steps = s->problem->runs[i].steps;
    const double top = s->least + s->drop, run = (double)steps;
    const double peak = s->problem->peak;
    const double table[TAPER_LAW_PARAMS][2] = {
        [TAPER_LAW_L0] = {1e-3 * s->least, top},
        [TAPER_LAW_A] = {1e-3 * s->drop, 1e2 * top},
        [TAPER_LAW_ALPHA] = {1e-2, 3.0},
        [TAPER_LAW_B] = {1e-4 * s->drop / peak, 1e3 * top / peak},
        /* Multi-power: the kernel's time from a hundredth of a step to a
         * hundred runs. */
        [TAPER_LAW_C] = {is_power(s) ? 1e-2 / (run * tick)
                                     : 1e-4 * s->drop / peak,
                         is_power(s) ? 1e2 / tick : 1e3 * top / peak},
        [TAPER_LAW_BETA] = {1e-2, 10.0},
        [TAPER_LAW_GAMMA] = {1e-3, 3.0},
        /* Of 1 - lambda. */
        [TAPER_LAW_LAMBDA] = {0.1 / run, 1.0 - 1e-6},
        [TAPER_LAW_CLOCK] = {0.05, 1.0},
    };
    *low = log(table[which][0]);
    *high = log(table[which][1]);
}

static void measure(struct law_search *s)
{
    const struct law_problem *p = s->problem;
    double high = 0.0, log_S = 0.0;
    s->least = HUGE_VAL;
    for (size_t i = 0; i < p->points; i++) {
        s->least = fmin(s->least, p->point[i].loss);
        high = fmax(high, p->point[i].loss);
        log_S += log(p->point[i].S) / (double)p->points;
    }
    s->drop = high - s->least;
    s->log_S = s->options->fixed[TAPER_LAW_A] ? 0.0 : log_S;
    s->log_rate = s->options->fixed[TAPER_LAW_C] ? 0.0 : log(p->peak);
}

bool law_search_make(struct law_problem *problem,
                     const taper_law_fit_options *options, double clock,
                     bool clock_free, struct law_search *out)
{
    *out = (struct law_search){.problem = problem,
                               .options = options,
                               .clock = clock,
                               .clock_free = clock_free,
                               .tolerance = 1e-9};
    measure(out);
    for (int i = 0; i < TAPER_LAW_PARAMS; i++) {
        const taper_law_param which = (taper_law_param)i;
        const bool fixed =
            which == TAPER_LAW_CLOCK ? !clock_free : options->fixed[which];
        if (fixed || !taper_law_param_used(problem->kind, which)) continue;
        bounds(out, which, &out->low[out->n], &out->high[out->n]);
        out->which[out->n++] = which;
    }
    out->memory = malloc((problem->points + LAW_LSQ_MAX) * (out->n + 2) *
                         sizeof *out->memory);
    return out->memory != NULL;
}

void law_search_free(struct law_search *s)
{
    free(s->memory);
    s->memory = NULL;
}

/* What the coordinate of a parameter holds beside its logarithm. */
static double shift(const struct law_search *s, const taper_law_params *q,
                    taper_law_param which)
{
    if (which == TAPER_LAW_A) return -q->alpha * s->log_S;
    if (which != TAPER_LAW_C) return 0.0;
    if (is_power(s)) return -q->gamma * s->log_rate;
    return s->options->fixed[TAPER_LAW_C] ? 0.0 : -log1p(-q->lambda);
}

void law_search_enter(const struct law_search *s, const taper_law_params *q,
                      double *x)
{
    for (size_t i = 0; i < s->n; i++) {
        const double value = taper_law_param_get(q, s->which[i]);
        x[i] = s->which[i] == TAPER_LAW_LAMBDA ? log1p(-value) : log(value);
        x[i] += shift(s, q, s->which[i]);
        x[i] = fmin(fmax(x[i], s->low[i]), s->high[i]);
    }
}

taper_law_params law_search_leave(const struct law_search *s, const double *x)
{
    taper_law_params q = {.kind = s->problem->kind,
                          .clock = s->clock,
                          .eta_ref = s->problem->eta_ref};
    for (int i = 0; i < TAPER_LAW_CLOCK; i++)
        if (s->options->fixed[i] &&
            taper_law_param_used(q.kind, (taper_law_param)i))
            taper_law_param_set(&q, (taper_law_param)i, s->options->values[i]);
    /* Those that others are measured by come first. */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < s->n; i++) {
            const taper_law_param which = s->which[i];
            const double e = exp(x[i] - (pass ? shift(s, &q, which) : 0.0));
            taper_law_param_set(&q, which,
                                which == TAPER_LAW_LAMBDA ? 1.0 - e : e);
        }
    return q;
}

/* Slopes by the logarithms of the parameters, to slopes by coordinates. */
static void to_coordinates(const struct law_search *s,
                           const taper_law_params *q, const double *slopes,
                           double over, double *row)
{
    for (size_t i = 0; i < s->n; i++) {
        double d = slopes[s->which[i]];
        if (s->which[i] == TAPER_LAW_ALPHA && !s->options->fixed[TAPER_LAW_A])
            d += slopes[TAPER_LAW_A] * q->alpha * s->log_S;
        if (s->which[i] == TAPER_LAW_GAMMA && !s->options->fixed[TAPER_LAW_C])
            d += slopes[TAPER_LAW_C] * q->gamma * s->log_rate;
        if (s->which[i] == TAPER_LAW_LAMBDA && !s->options->fixed[TAPER_LAW_C])
            d += slopes[TAPER_LAW_C];
        row[i] = d / over;
    }
}

/* The soft prior: ln C, ln beta and ln gamma as residuals. */
static const struct prior {
    taper_law_param which;
    double value;
} priors[] = {{TAPER_LAW_C, 1.0},
              {TAPER_LAW_BETA, 1.0},
              {TAPER_LAW_GAMMA, 0.5}};
#define PRIORS (sizeof priors / sizeof priors[0])

static bool has_prior(const struct law_search *s)
{
    return s->options->prior > 0.0 && is_power(s);
}

static void add_prior(const struct law_search *s, const taper_law_params *q,
                      double *r, double *J)
{
    for (size_t k = 0; k < PRIORS; k++) {
        const taper_law_param which = priors[k].which;
        const bool fixed = s->options->fixed[which];
        const double value = taper_law_param_get(q, which);
        double slopes[TAPER_LAW_PARAMS] = {0};
        slopes[which] = fixed ? 0.0 : s->options->prior;
        r[k] = fixed ? 0.0 : s->options->prior * log(value / priors[k].value);
        if (J) to_coordinates(s, q, slopes, 1.0, J + k * s->n);
    }
}

static bool evaluate(void *ctx, const double *x, double *r, double *J)
{
    struct law_search *s = ctx;
    struct law_problem *p = s->problem;
    const taper_law_params q = law_search_leave(s, x);
    if (p->clock != q.clock && !law_problem_clock(p, q.clock)) {
        s->no_memory = true;
        return false;
    }
    for (size_t i = 0; i < p->points; i++) {
        double slopes[TAPER_LAW_PARAMS];
        const double loss = law_problem_slopes(p, &q, i, slopes);
        if (!(loss > 0.0 && isfinite(loss))) return false;
        r[i] = log(loss) - (s->targets ? s->targets[i] : p->point[i].log_loss);
        if (J) to_coordinates(s, &q, slopes, loss, J + i * s->n);
    }
    if (has_prior(s))
        add_prior(s, &q, r + p->points, J ? J + p->points * s->n : NULL);
    return true;
}

bool law_search_descend(struct law_search *s, taper_law_params *q, double *cost)
{
    const size_t points = s->problem->points;
    struct law_lsq lsq = {
        .params = s->n,
        .residuals = points + (has_prior(s) ? PRIORS : 0),
        .robust = points,
        .huber = s->options->huber,
        .tolerance = s->tolerance,
        .eval = evaluate,
        .ctx = s,
        .r = s->memory,
        .J = s->memory + points + LAW_LSQ_MAX,
    };
    memcpy(lsq.low, s->low, sizeof lsq.low);
    memcpy(lsq.high, s->high, sizeof lsq.high);
    double x[LAW_LSQ_MAX];
    law_search_enter(s, q, x);
    const struct law_lsq_end end = law_lsq_solve(&lsq, x, 200);
    *q = law_search_leave(s, x);
    *cost = end.cost;
    return end.converged;
}
