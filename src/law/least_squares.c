#include "law/least_squares.h"

#include <math.h>
#include <string.h>

double law_huber(double r, double huber)
{
    const double a = fabs(r);
    return a <= huber ? 0.5 * r * r : huber * (a - 0.5 * huber);
}

bool law_cholesky(double (*M)[LAW_LSQ_MAX], double *b, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        for (size_t i = j; i < n; i++) {
            double s = M[i][j];
            for (size_t k = 0; k < j; k++)
                s -= M[i][k] * M[j][k];
            if (i == j && !(s > 0.0)) return false;
            M[i][j] = i == j ? sqrt(s) : s / M[j][j];
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            b[i] -= M[i][k] * b[k];
        b[i] /= M[i][i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            b[i] -= M[k][i] * b[k];
        b[i] /= M[i][i];
    }
    return true;
}

/* The state of a search. */
struct search {
    const struct law_lsq *p;
    double x[LAW_LSQ_MAX];
    double cost;
    double gradient[LAW_LSQ_MAX];
    double normal[LAW_LSQ_MAX][LAW_LSQ_MAX]; /* J'WJ */
    double scale[LAW_LSQ_MAX]; /* largest diagonal so far (Moré's scaling) */
    double damping, factor;
    int evaluations;
};

static double cost_of(const struct law_lsq *p)
{
    double cost = 0.0;
    for (size_t i = 0; i < p->residuals; i++)
        cost += i < p->robust ? law_huber(p->r[i], p->huber)
                              : 0.5 * p->r[i] * p->r[i];
    return cost;
}

/* A residual beyond the corner pulls with the same force wherever it is: as a
 * square it weighs huber / |r|. */
static double weight(const struct law_lsq *p, size_t i)
{
    const double a = fabs(p->r[i]);
    return i >= p->robust || a <= p->huber ? 1.0 : p->huber / a;
}

static bool linearise(struct search *s)
{
    const struct law_lsq *p = s->p;
    s->evaluations++;
    if (!p->eval(p->ctx, s->x, p->r, p->J)) return false;
    memset(s->gradient, 0, sizeof s->gradient);
    memset(s->normal, 0, sizeof s->normal);
    for (size_t i = 0; i < p->residuals; i++) {
        const double *row = p->J + i * p->params;
        const double w = weight(p, i);
        for (size_t a = 0; a < p->params; a++) {
            s->gradient[a] += w * row[a] * p->r[i];
            for (size_t b = 0; b <= a; b++)
                s->normal[a][b] += w * row[a] * row[b];
        }
    }
    for (size_t a = 0; a < p->params; a++) {
        for (size_t b = 0; b < a; b++)
            s->normal[b][a] = s->normal[a][b];
        s->scale[a] = fmax(s->scale[a], s->normal[a][a]);
    }
    return isfinite(s->gradient[0]);
}

/* At a bound that the cost falls towards. */
static bool held(const struct search *s, size_t a)
{
    return (s->x[a] <= s->p->low[a] && s->gradient[a] > 0.0) ||
           (s->x[a] >= s->p->high[a] && s->gradient[a] < 0.0);
}

/* The damped step over the parameters that are free to move, and the fall of
 * the cost that the model expects of it. */
static bool find_step(const struct search *s, double *step, double *expected)
{
    double M[LAW_LSQ_MAX][LAW_LSQ_MAX], b[LAW_LSQ_MAX];
    size_t free[LAW_LSQ_MAX], n = 0;
    for (size_t a = 0; a < s->p->params; a++) {
        step[a] = 0.0;
        if (!held(s, a)) free[n++] = a;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            M[i][j] = s->normal[free[i]][free[j]];
        M[i][i] += s->damping * fmax(s->scale[free[i]], 1e-300);
        b[i] = -s->gradient[free[i]];
    }
    if (!law_cholesky(M, b, n)) return false;
    *expected = 0.0;
    for (size_t i = 0; i < n; i++) {
        const size_t a = free[i];
        step[a] =
            fmin(fmax(s->x[a] + b[i], s->p->low[a]), s->p->high[a]) - s->x[a];
    }
    for (size_t a = 0; a < s->p->params; a++) {
        *expected -= step[a] * s->gradient[a];
        for (size_t c = 0; c < s->p->params; c++)
            *expected -= 0.5 * step[a] * s->normal[a][c] * step[c];
    }
    return true;
}

/* Try one step; returns whether it was taken. */
static bool attempt(struct search *s, double *expected, double *gained)
{
    double step[LAW_LSQ_MAX], x[LAW_LSQ_MAX];
    *gained = *expected = 0.0;
    if (!find_step(s, step, expected)) {
        *expected = s->cost;
        return false;
    }
    if (!(*expected > 0.0)) return false;
    for (size_t a = 0; a < s->p->params; a++)
        x[a] = s->x[a] + step[a];
    s->evaluations++;
    if (!s->p->eval(s->p->ctx, x, s->p->r, NULL)) return false;
    const double cost = cost_of(s->p);
    if (!(cost < s->cost)) return false;
    *gained = s->cost - cost;
    s->cost = cost;
    memcpy(s->x, x, sizeof x);
    return true;
}

/* Nielsen's rule: the damping follows how well the model foresaw the gain. */
static void adapt(struct search *s, bool taken, double ratio)
{
    if (taken) {
        const double r = 2.0 * fmin(ratio, 1.0) - 1.0;
        s->damping *= fmax(1.0 / 3.0, 1.0 - r * r * r);
        s->factor = 2.0;
    } else {
        s->damping *= s->factor;
        s->factor *= 2.0;
    }
}

struct law_lsq_end law_lsq_solve(const struct law_lsq *p, double *x,
                                 int iterations)
{
    struct search s = {.p = p, .damping = 1e-3, .factor = 2.0};
    memcpy(s.x, x, p->params * sizeof *x);
    struct law_lsq_end end = {HUGE_VAL, 0, false};
    int small = 0; /* steps in a row that gained next to nothing */
    bool fresh = linearise(&s);
    if (fresh) s.cost = cost_of(p);
    for (int i = 0; fresh && i < iterations && !end.converged; i++) {
        double expected, gained;
        const bool taken = attempt(&s, &expected, &gained);
        adapt(&s, taken, taken ? gained / expected : 0.0);
        const double least = p->tolerance * s.cost;
        /* A step that bounds cut off may even be expected to climb: that says
         * nothing of shorter ones. */
        small = fabs(taken ? gained : expected) < least ? small + 1 : 0;
        end.converged = small >= 3 || s.damping > 1e20 || s.cost == 0.0;
        if (taken) fresh = linearise(&s);
    }
    end.evaluations = s.evaluations;
    if (s.cost > 0.0 || fresh) end.cost = s.cost;
    memcpy(x, s.x, p->params * sizeof *x);
    return end;
}
