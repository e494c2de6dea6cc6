/* What the two ways to optimise share: checking what is asked for, and the
 * exact loss of a schedule's text. */
#ifndef LAW_OPTIMIZE_H
#define LAW_OPTIMIZE_H

#include <math.h>
#include <taper_law.h>

/* The multiple of 10^-digits, whole, that is nearest to x. A quotient or
 * product with a power of ten that is exact, up to 10^22, is the double that
 * has so few digits as text. */
static inline double law_round_digits(double x, double digits)
{
    const double power = pow(10.0, fabs(digits));
    return digits >= 0.0 ? round(x * power) / power : round(x / power) * power;
}

/* Refuses a law or a goal that makes no sense. */
taper_law_status law_goal_check(const taper_law_params *p,
                                const taper_law_goal *goal,
                                taper_law_error *err);

/* taper_law_knots_of with at most `most` points, 2 to TAPER_LAW_KNOTS. */
taper_law_status law_knots_of(const double *rates, size_t n, double tolerance,
                              size_t most, taper_law_knots *out,
                              taper_law_error *err);

/* The rates of a schedule's text, which was made here, [steps]. */
taper_law_status law_text_rates(const char *text, size_t steps, double *rates,
                                taper_law_error *err);

/* Sets *loss to what the law predicts for a schedule's text: what a person who
 * pastes it gets. */
taper_law_status law_text_loss(const taper_law_params *p, const char *text,
                               size_t steps, double *loss,
                               taper_law_error *err);

/* Write "linear(0, peak, warmup) then ", or nothing without a warm-up. Returns
 * its length. */
size_t law_text_warmup(const taper_law_goal *goal, char *buf, size_t cap);

/* The best share of the steps after the warm-up for a cool-down, and its power,
 * as far as bundled steps tell. False: out of memory. */
bool law_search_family(const taper_law_params *p, const taper_law_goal *goal,
                       double *cooldown, double *power, double *loss);

#endif
