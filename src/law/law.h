/* What the files of this folder share: saying what went wrong, and the two
 * small quantities that every law is made of, the clock and the floor under a
 * rate that is raised to a negative power. */
#ifndef LAW_LAW_H
#define LAW_LAW_H

#include <math.h>
#include <taper_law.h>

/* Fill `err`, which may be NULL, and return `code`. `run` and `index` are 0
 * where they do not apply. */
taper_law_status law_fail(taper_law_error *err, taper_law_status code,
                          size_t run, size_t index, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 5, 6)))
#endif
    ;

/* The clock of a parameter set, sigma = scale eta^rho. It remembers the last
 * rate, since rates repeat over long stretches and a power is slow. */
struct law_clock {
    double rho, scale; /* scale = eta_ref^(1 - rho) */
    double rate, tick; /* the last rate asked for, and its sigma */
};

static inline struct law_clock law_clock_of(double rho, double eta_ref)
{
    const double scale = rho == 1.0 ? 1.0 : pow(eta_ref, 1.0 - rho);
    return (struct law_clock){rho, scale, 0.0, 0.0};
}

/* sigma of a rate >= 0; 0 at 0. */
static inline double law_tick(struct law_clock *c, double rate)
{
    if (rate == c->rate) return c->tick;
    c->rate = rate;
    if (c->rho == 1.0)
        c->tick = rate;
    else
        c->tick = rate > 0.0 ? c->scale * pow(rate, c->rho) : 0.0;
    return c->tick;
}

/* A sum that carries what rounding took off (Neumaier), so that the time
 * between two late steps is exact however long the run is. */
struct law_sum {
    double sum, rest;
};

static inline double law_add(struct law_sum *s, double x)
{
    const double t = s->sum + x;
    s->rest += fabs(s->sum) >= fabs(x) ? (s->sum - t) + x : (x - t) + s->sum;
    s->sum = t;
    return t + s->rest;
}

/* The least that eta^-gamma takes for a rate of these. */
static inline double law_floor(const double *rates, size_t steps)
{
    double peak = 0.0;
    for (size_t k = 0; k < steps; k++)
        peak = fmax(peak, rates[k]);
    return fmax(1e-10, 1e-5 * peak);
}

#endif
