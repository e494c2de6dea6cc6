/* The momentum law: one recursion over the steps. */
#include "law/evaluate.h"

/* The state after a step. */
struct state {
    struct law_clock clock;
    struct law_sum time; /* S */
    double last;         /* eta_{t-1} */
    double m;            /* m_t */
    double area;         /* sum of m */
};

static struct state begin(const taper_law_params *p, const double *rates,
                          size_t steps)
{
    return (struct state){
        .clock = law_clock_of(p->clock, p->eta_ref),
        /* No gap at step 0: the sum of m begins after it. */
        .last = steps > 0 ? rates[0] : 0.0,
    };
}

/* The loss after another step. */
static double advance(const taper_law_params *p, struct state *s, double rate,
                      double *S)
{
    s->m = p->lambda * s->m + (s->last - rate);
    s->area += s->m;
    s->last = rate;
    *S = law_add(&s->time, law_tick(&s->clock, rate));
    return -p->C * s->area;
}

double law_momentum_final(const taper_law_params *p, const double *rates,
                          size_t steps)
{
    struct state s = begin(p, rates, steps);
    double S = 0.0, gain = 0.0;
    for (size_t t = 0; t < steps; t++)
        gain = advance(p, &s, rates[t], &S);
    return law_fall(p, S) + gain;
}

taper_law_status law_momentum_points(const taper_law_params *p,
                                     const double *rates, size_t steps,
                                     const int64_t *at, size_t n, double *out,
                                     taper_law_error *err)
{
    (void)err;
    struct state s = begin(p, rates, steps);
    size_t i = 0;
    for (size_t t = 0; t < steps && i < n; t++) {
        double S;
        const double gain = advance(p, &s, rates[t], &S);
        if (at[i] == (int64_t)t) out[i++] = law_fall(p, S) + gain;
    }
    return TAPER_LAW_OK;
}

taper_law_status law_momentum_curve(const taper_law_params *p,
                                    const double *rates, size_t steps,
                                    double *out, taper_law_error *err)
{
    (void)err;
    struct state s = begin(p, rates, steps);
    for (size_t t = 0; t < steps; t++) {
        double S;
        const double gain = advance(p, &s, rates[t], &S);
        out[t] = law_fall(p, S) + gain;
    }
    return TAPER_LAW_OK;
}
