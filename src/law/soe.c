#include "law/soe.h"

#include "law/evaluate.h"
#include "law/kernel.h"

#include <stdlib.h>

/* |Gamma(b + iy)| / Gamma(b), from the product over (1 + y^2 / (b + k)^2),
 * whose tail is taken as an integral. */
static double gamma_ratio(double b, double y)
{
    enum { factors = 200 };
    double log_ratio = -0.5 * y * y / (b + factors);
    for (int k = 0; k < factors; k++) {
        const double z = y / (b + k);
        log_ratio -= 0.5 * log1p(z * z);
    }
    return exp(log_ratio);
}

/* The trapezoid's error is 2 |Gamma(b + 2 pi i / h)| / Gamma(b). */
static size_t stride_for(double beta, double error)
{
    const double pi = 3.14159265358979323846;
    size_t stride = 2;
    while (stride < 16 &&
           2.0 * gamma_ratio(beta, 2.0 * pi * (double)stride / log(2.0)) >
               error)
        stride++;
    return stride;
}

/* Between numbers that a double holds, whatever parameters were typed in. */
static double in_range(double x)
{
    return fmin(fmax(x, 1e-300), 1e300);
}

/* Below the first term the rest of the integral is less than
 * (u/c)^beta u x / (Gamma(beta) (beta + 1)); above the last one exp(-u/c) is
 * nothing. */
struct law_soe law_soe_of(double beta, double c_low, double c_high,
                          double x_high, double error)
{
    const size_t stride = stride_for(beta, error);
    beta = in_range(beta);
    c_low = in_range(c_low);
    c_high = in_range(c_high);
    x_high = in_range(x_high);
    const double low = (log(error * (beta + 1.0)) + lgamma(beta) - log(x_high) +
                        beta * log(c_low)) /
                       (beta + 1.0);
    const double high =
        log(c_high) + log(1.3 * log(1.0 / error) + 3.0 * beta + 3.0);
    struct law_soe e = {
        .beta = beta,
        .h = log(2.0) / (double)stride,
        .first = fmin(low, high),
        .stride = stride,
    };
    e.scale = e.h / tgamma(beta);
    e.terms = (size_t)((high - e.first) / e.h) + 1 + stride;
    return e;
}

/* 1 - e^-2z = (1 - e^-z)(2 - (1 - e^-z)): a product for each doubling of u
 * instead of an exponential. */
void law_soe_rise(const struct law_soe *e, double x, double *out)
{
    for (size_t m = 0; m < e->stride; m++)
        out[m] = -expm1(-exp(e->first + (double)m * e->h) * x);
    for (size_t m = e->stride; m < e->terms; m++)
        out[m] = out[m - e->stride] * (2.0 - out[m - e->stride]);
}

/* Half way down the squares take over from the differences from 1: they keep
 * the relative error, which the weight of a term multiplies. */
void law_soe_fall(const struct law_soe *e, double x, double *out)
{
    law_soe_rise(e, x, out);
    for (size_t m = 0; m < e->terms; m++) {
        if (out[m] < 0.5)
            out[m] = 1.0 - out[m];
        else if (m >= e->stride)
            out[m] = out[m - e->stride] * out[m - e->stride];
        else
            out[m] = exp(-exp(e->first + (double)m * e->h) * x);
    }
}

/* One pass over the steps. Arrays of `terms`. */
struct pass {
    const struct law_soe *e;
    double *power; /* h u^beta / Gamma(beta) */
    double *rise;  /* 1 - exp(-u sigma) at the present rate */
    double *late;  /* exp(-u / c) of a gap */
    double *goal;  /* what the gaps so far give in the end */
    double *come;  /* what of it has come */
};

static void add_gap(struct pass *p, double gap, double c)
{
    const size_t n = p->e->terms;
    const double size = gap * pow(c, -p->e->beta);
    law_soe_fall(p->e, 1.0 / c, p->late);
    for (size_t m = 0; m < n; m++)
        p->goal[m] += size * p->power[m] * p->late[m];
}

/* Let one step pass, and return the sum of what has come. */
static double advance(struct pass *p)
{
    const size_t n = p->e->terms;
    for (size_t m = 0; m < n; m++)
        p->come[m] += (p->goal[m] - p->come[m]) * p->rise[m];
    double sum[4] = {0}; /* apart, so that they are added side by side */
    size_t m = 0;
    for (; m + 4 <= n; m += 4)
        for (size_t j = 0; j < 4; j++)
            sum[j] += p->come[m + j];
    for (; m < n; m++)
        sum[0] += p->come[m];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void walk(const taper_law_params *p, const double *rates, size_t steps,
                 struct pass *pass, double *out)
{
    const double least = law_floor(rates, steps);
    struct law_clock clock = law_clock_of(p->clock, p->eta_ref);
    struct law_sum time = {0};
    double last = -1.0;
    for (size_t t = 0; t < steps; t++) {
        const double tick = law_tick(&clock, rates[t]);
        if (rates[t] != last) {
            law_soe_rise(pass->e, tick, pass->rise);
            if (t > 0)
                add_gap(pass, rates[t] - last,
                        p->C * pow(fmax(rates[t], least), -p->gamma));
        }
        last = rates[t];
        out[t] = law_fall(p, law_add(&time, tick)) + p->B * advance(pass);
    }
}

/* The law without its answer to the rate, which is none where there is no gap
 * or nothing for it to work with. */
static void fall_only(const taper_law_params *p, const double *rates,
                      size_t steps, double *out)
{
    struct law_clock clock = law_clock_of(p->clock, p->eta_ref);
    struct law_sum time = {0};
    for (size_t t = 0; t < steps; t++)
        out[t] = law_fall(p, law_add(&time, law_tick(&clock, rates[t])));
}

/* The ranges of c and of S that the exponentials have to serve. */
static struct law_soe serve(const taper_law_params *p, const double *rates,
                            size_t steps, double *time)
{
    const double least = law_floor(rates, steps);
    struct law_clock clock = law_clock_of(p->clock, p->eta_ref);
    double low = HUGE_VAL, high = 0.0;
    *time = 0.0;
    for (size_t t = 0; t < steps; t++) {
        *time += law_tick(&clock, rates[t]);
        if (t == 0 || rates[t] == rates[t - 1]) continue;
        low = fmin(low, fmax(rates[t], least));
        high = fmax(high, fmax(rates[t], least));
    }
    if (!(high > 0.0)) return (struct law_soe){.terms = 0};
    return law_soe_of(p->beta, p->C * pow(high, -p->gamma),
                      p->C * pow(low, -p->gamma), *time, 1e-9);
}

taper_law_status law_power_curve(const taper_law_params *p, const double *rates,
                                 size_t steps, double *out,
                                 taper_law_error *err)
{
    double time = 0.0;
    const struct law_soe e = p->C > 0.0 && p->B > 0.0
                                 ? serve(p, rates, steps, &time)
                                 : (struct law_soe){.terms = 0};
    if (e.terms == 0 || !(time > 0.0)) {
        fall_only(p, rates, steps, out);
        return TAPER_LAW_OK;
    }
    double *block = calloc(5 * e.terms, sizeof *block);
    if (!block) return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    struct pass pass = {&e,
                        block,
                        block + e.terms,
                        block + 2 * e.terms,
                        block + 3 * e.terms,
                        block + 4 * e.terms};
    for (size_t m = 0; m < e.terms; m++)
        pass.power[m] = e.scale * exp(e.beta * (e.first + (double)m * e.h));
    walk(p, rates, steps, &pass, out);
    free(block);
    return TAPER_LAW_OK;
}
