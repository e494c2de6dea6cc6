/* What a fit tells and what it does not: how well the points determine the
 * parameters, which of them stopped at a bound, and what kinds of runs were
 * seen. */
#include "law/fit.h"

#include <string.h>

/* Beyond this the smallest eigenvalue is rounding. */
static const double singular = 1e8;

/* Parameters that differ by more than this factor between equally good fits,
 * or that are uncertain by it, are free. */
static const double wide = 3.0;

/* Less of the losses' variation explained than this is a poor fit. */
static const double poor_r2 = 0.9;

/* J'WJ by the logarithms of the parameters that were searched, weighed as in
 * the search; returns the variance of a residual. */
static double normal_matrix(const struct law_fitting *f,
                            const taper_law_params *q,
                            double M[LAW_LSQ_MAX][LAW_LSQ_MAX])
{
    const struct law_search *s = &f->search;
    const size_t points = f->problem.points;
    double squares = 0.0;
    memset(M, 0, LAW_LSQ_MAX * sizeof *M);
    for (size_t i = 0; i < points; i++) {
        double slopes[TAPER_LAW_PARAMS];
        const double loss = law_problem_slopes(&f->problem, q, i, slopes);
        const double r = log(loss) - f->problem.point[i].log_loss;
        const double w = fmin(1.0, f->options.huber / fmax(fabs(r), 1e-300));
        squares += w * r * r;
        for (size_t a = 0; a < s->n; a++)
            for (size_t b = 0; b < s->n; b++)
                M[a][b] += w * slopes[s->which[a]] * slopes[s->which[b]] /
                           (loss * loss);
    }
    return squares / (double)(points - s->n);
}

/* One rotation of Jacobi's method for the eigenvalues of a symmetric matrix:
 * makes M[p][q] zero. */
static void rotate(double (*M)[LAW_LSQ_MAX], size_t n, size_t p, size_t q)
{
    if (M[p][q] == 0.0) return;
    const double theta = 0.5 * (M[q][q] - M[p][p]) / M[p][q];
    const double t =
        copysign(1.0, theta) / (fabs(theta) + sqrt(theta * theta + 1.0));
    const double c = 1.0 / sqrt(t * t + 1.0), s = t * c;
    for (size_t k = 0; k < n; k++) {
        const double a = M[k][p], b = M[k][q];
        M[k][p] = c * a - s * b;
        M[k][q] = s * a + c * b;
    }
    for (size_t k = 0; k < n; k++) {
        const double a = M[p][k], b = M[q][k];
        M[p][k] = c * a - s * b;
        M[q][k] = s * a + c * b;
    }
}

/* The condition number of J, whose J'J is M, with its columns scaled to
 * length 1. A column of 0, of a parameter that no loss depends on, has no
 * length. */
static double condition_of(double (*M)[LAW_LSQ_MAX], size_t n)
{
    enum { SWEEPS = 30 };
    double E[LAW_LSQ_MAX][LAW_LSQ_MAX];
    for (size_t a = 0; a < n; a++)
        if (!(M[a][a] > 0.0)) return (double)HUGE_VAL;
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++)
            E[a][b] = M[a][b] / sqrt(M[a][a] * M[b][b]);
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (size_t p = 0; p + 1 < n; p++)
            for (size_t q = p + 1; q < n; q++)
                rotate(E, n, p, q);
    double low = HUGE_VAL, high = 0.0;
    for (size_t a = 0; a < n; a++) {
        low = fmin(low, E[a][a]);
        high = fmax(high, E[a][a]);
    }
    const double condition = low > 0.0 ? sqrt(high / low) : HUGE_VAL;
    return condition < singular ? condition : (double)HUGE_VAL;
}

/* The standard deviation of parameter a: the root of an entry of the inverse,
 * times the residuals' variance. */
static double deviation_of(double (*M)[LAW_LSQ_MAX], size_t n, size_t a,
                           double variance)
{
    double copy[LAW_LSQ_MAX][LAW_LSQ_MAX], unit[LAW_LSQ_MAX] = {0};
    memcpy(copy, M, sizeof copy);
    unit[a] = 1.0;
    if (!law_cholesky(copy, unit, n) || !(unit[a] > 0.0))
        return (double)HUGE_VAL;
    return sqrt(unit[a] * variance);
}

/* Over the starts that ended as well as the best. */
static void find_spread(const struct law_fitting *f, taper_law_param which,
                        taper_law_estimate *e)
{
    const size_t equal = law_ends_equal(&f->starts);
    for (size_t i = 0; i < equal; i++) {
        const double v = taper_law_param_get(&f->starts.end[i].params, which);
        e->low = fmin(e->low, v);
        e->high = fmax(e->high, v);
    }
}

static void estimate(struct law_fitting *f, taper_law_fit *fit)
{
    const struct law_search *s = &f->search;
    double M[LAW_LSQ_MAX][LAW_LSQ_MAX], x[LAW_LSQ_MAX];
    const double variance = normal_matrix(f, &fit->params, M);
    law_search_enter(s, &fit->params, x);
    fit->condition = condition_of(M, s->n);
    for (size_t i = 0; i < s->n; i++) {
        taper_law_estimate *e = &fit->estimates[s->which[i]];
        const double value = taper_law_param_get(&fit->params, s->which[i]);
        /* The coordinate of lambda is 1 - lambda. */
        const bool down = s->which[i] == TAPER_LAW_LAMBDA;
        const bool low = x[i] <= s->low[i] + 1e-6;
        const bool high = x[i] >= s->high[i] - 1e-6;
        *e = (taper_law_estimate){
            .fitted = true,
            .at_low = down ? high : low,
            .at_high = down ? low : high,
            .low = value,
            .high = value,
            .deviation = deviation_of(M, s->n, i, variance),
        };
        if (s->which[i] != TAPER_LAW_CLOCK) find_spread(f, s->which[i], e);
        if (low || high) fit->flags |= TAPER_LAW_AT_BOUND;
    }
    if (isinf(fit->condition)) fit->flags |= TAPER_LAW_ILL_CONDITIONED;
}

static bool kernel_free(const taper_law_fit *fit)
{
    static const taper_law_param kernel[] = {TAPER_LAW_C, TAPER_LAW_BETA,
                                             TAPER_LAW_GAMMA, TAPER_LAW_LAMBDA};
    for (size_t i = 0; i < sizeof kernel / sizeof kernel[0]; i++) {
        const taper_law_estimate *e = &fit->estimates[kernel[i]];
        if (!e->fitted) continue;
        if (e->high > wide * e->low || e->deviation > log(wide)) return true;
        if (e->at_low || e->at_high) return true;
    }
    return false;
}

static double peak_of(const taper_law_run *run)
{
    double peak = 0.0;
    for (size_t t = 0; t < run->steps; t++)
        peak = fmax(peak, run->rates[t]);
    return peak;
}

/* Whether two runs have the same rates, up to a factor, as long as both last:
 * nowhere more than 2 % of the peak apart. */
static bool same_shape(const taper_law_run *a, const taper_law_run *b)
{
    const size_t steps = a->steps < b->steps ? a->steps : b->steps;
    const double pa = peak_of(a), pb = peak_of(b);
    for (size_t t = 0; t < steps; t++)
        if (fabs(a->rates[t] / pa - b->rates[t] / pb) > 0.02) return false;
    return true;
}

static bool one_schedule(const struct law_problem *p)
{
    const size_t first = p->point[0].run;
    for (size_t i = 1; i < p->points; i++) {
        if (p->point[i].run == p->point[i - 1].run) continue;
        if (!same_shape(&p->runs[first], &p->runs[p->point[i].run]))
            return false;
    }
    return true;
}

static taper_law_seen see(const struct law_problem *p)
{
    taper_law_seen seen = {.peak_low = HUGE_VAL,
                           .end_low = HUGE_VAL,
                           .steps_low = SIZE_MAX};
    for (size_t i = 0; i < p->points; i++) {
        if (i > 0 && p->point[i].run == p->point[i - 1].run) continue;
        const taper_law_run *run = &p->runs[p->point[i].run];
        const double peak = peak_of(run);
        const double end = run->rates[run->steps - 1] / peak;
        seen.peak_low = fmin(seen.peak_low, peak);
        seen.peak_high = fmax(seen.peak_high, peak);
        seen.end_low = fmin(seen.end_low, end);
        if (run->steps < seen.steps_low) seen.steps_low = run->steps;
        if (run->steps > seen.steps_high) seen.steps_high = run->steps;
    }
    return seen;
}

void law_fit_identify(struct law_fitting *f, taper_law_fit *fit)
{
    fit->seen = see(&f->problem);
    estimate(f, fit);
    if (one_schedule(&f->problem)) fit->flags |= TAPER_LAW_ONE_SCHEDULE;
    if (kernel_free(fit)) fit->flags |= TAPER_LAW_KERNEL_FREE;
    if (fit->seen.peak_high < 1.1 * fit->seen.peak_low)
        fit->flags |= TAPER_LAW_ONE_PEAK;
    if (!(fit->quality.r2 >= poor_r2)) fit->flags |= TAPER_LAW_POOR;
}
