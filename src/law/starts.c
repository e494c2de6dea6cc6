/* Where a search starts. The shape of the law is drawn at random; what enters
 * it linearly, L0, A and the answer to the rate, then follows from the points
 * by linear least squares. */
#include "law/random.h"
#include "law/search.h"

/* The share of u in [0, 1) between two positive numbers, by logarithm. */
static double between(double low, double high, double u)
{
    return low * pow(high / low, u);
}

/* Weighted by 1 / loss, so that relative errors count. */
static void normal_equations(const struct law_problem *p,
                             const taper_law_params *q,
                             double M[3][LAW_LSQ_MAX], double b[3])
{
    for (size_t i = 0; i < p->points; i++) {
        const struct law_parts parts = law_problem_parts(p, q, i);
        const double w = 1.0 / p->point[i].loss;
        const double row[3] = {w, w * parts.power, w * parts.answer};
        for (size_t a = 0; a < 3; a++) {
            b[a] += row[a];
            for (size_t c = 0; c < 3; c++)
                M[a][c] += row[a] * row[c];
        }
    }
}

/* L0, A and the amount of the answer; guesses stay where the points ask for
 * something impossible. */
static void linear_part(const struct law_search *s, taper_law_params *q)
{
    double M[3][LAW_LSQ_MAX] = {{0}}, b[3] = {0};
    normal_equations(s->problem, q, M, b);
    for (size_t a = 0; a < 3; a++)
        M[a][a] *= 1.0 + 1e-10;
    if (!law_cholesky(M, b, 3)) return;
    if (b[0] > 0.1 * s->least && b[1] > 0.0 && b[2] > 0.0) {
        if (!s->options->fixed[TAPER_LAW_L0]) q->L0 = b[0];
        if (!s->options->fixed[TAPER_LAW_A]) q->A = b[1];
        const bool power = q->kind == TAPER_LAW_MULTI_POWER;
        const taper_law_param amount = power ? TAPER_LAW_B : TAPER_LAW_C;
        if (!s->options->fixed[amount]) taper_law_param_set(q, amount, b[2]);
    }
}

taper_law_params law_search_start(const struct law_search *s, int index)
{
    enum { DRAWS = 7 };
    const double peak = s->problem->peak;
    double u[DRAWS];
    for (size_t k = 0; k < DRAWS; k++)
        u[k] = law_uniform(s->options->seed, (uint64_t)index, k);
    taper_law_params q = {
        .kind = s->problem->kind,
        .clock = s->clock,
        .eta_ref = s->problem->eta_ref,
        .L0 = s->least * (1.0 - 0.3 * u[0]),
        .alpha = 0.2 + 0.6 * u[1],
        .beta = 0.2 + u[2],
        .gamma = 0.2 + u[3],
        .lambda = 1.0 - between(1e-4, 1e-1, u[4]),
        .B = s->drop * between(0.03, 1.0, u[5]) / peak,
    };
    q.A = s->drop * exp(q.alpha * s->log_S);
    /* The kernel's time: between a third of a step and a thousand. */
    q.C = q.kind == TAPER_LAW_MULTI_POWER
              ? between(1e-3, 3.0, u[6]) * pow(peak, q.gamma - 1.0)
              : q.B * (1.0 - q.lambda);
    double x[LAW_LSQ_MAX];
    law_search_enter(s, &q, x);
    q = law_search_leave(s, x); /* with what is fixed, within the bounds */
    linear_part(s, &q);
    return q;
}
