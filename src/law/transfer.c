/* A longer run at the same base rate: what change of its schedule keeps that
 * rate the best one, by the last-iterate bound. With equal norms the best rate
 * of one schedule over that of another depends on neither the norms nor the
 * distance, so both are 1 here. */
#include <math.h>
#include <stdlib.h>

#include "law/bound.h"
#include "law/law.h"

/* Halvings of an interval: more than a share of a run can tell apart. */
#define HALVINGS 48

/* A changed longer schedule, with room for its rates. */
struct longer {
    double *rates; /* [steps] */
    size_t steps;
    double wanted; /* the best factor of the shorter schedule */

    double peak; /* of a warm-up, hold and cool-down */
    size_t warmup;

    const double *given; /* [steps] of a stage that is multiplied */
    size_t first;
};

/* The best factor over the wanted one, with the change by `amount`. */
typedef double ratio_fn(struct longer *l, double amount);

static double ratio_now(const struct longer *l)
{
    return law_bound_factor(law_bound_add(l->rates, NULL, l->steps), 1.0) /
           l->wanted;
}

static double ratio_of_cooldown(struct longer *l, double share)
{
    const double length = share * (double)l->steps;
    for (size_t t = 0; t < l->steps; t++) {
        const double left = (double)(l->steps - t) / length;
        const double risen =
            t < l->warmup ? (double)t / (double)l->warmup : 1.0;
        l->rates[t] = l->peak * fmin(fmin(left, risen), 1.0);
    }
    return ratio_now(l);
}

static double ratio_of_stage(struct longer *l, double factor)
{
    for (size_t t = 0; t < l->steps; t++)
        l->rates[t] = l->given[t] * (t < l->first ? 1.0 : factor);
    return ratio_now(l);
}

/* Where the ratio is 1 between two amounts at which it lies on either side. */
static double halve(struct longer *l, ratio_fn *ratio, double a, double b,
                    bool a_above)
{
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = 0.5 * (a + b);
        if ((ratio(l, middle) > 1.0) == a_above)
            a = middle;
        else
            b = middle;
    }
    return 0.5 * (a + b);
}

static void settle(struct longer *l, ratio_fn *ratio, double amount,
                   bool reached, taper_law_transfer *out)
{
    out->amount = amount;
    out->ratio = ratio(l, amount);
    out->reached = reached;
}

/* Fills in what both kinds of change need. */
static taper_law_status longer_begin(struct longer *l, const double *rates,
                                     size_t steps, size_t longer,
                                     taper_law_error *err)
{
    *l = (struct longer){.steps = longer};
    const taper_law_status status =
        law_bound_check(rates, NULL, steps, 1.0, err);
    if (status) return status;
    l->wanted = law_bound_factor(law_bound_add(rates, NULL, steps), 1.0);
    for (size_t t = 0; t < steps; t++)
        l->peak = fmax(l->peak, rates[t]);
    l->rates = malloc((longer + 1) * sizeof *l->rates);
    if (!l->rates)
        return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    return TAPER_LAW_OK;
}

taper_law_status taper_law_transfer_cooldown(const double *rates, size_t steps,
                                             size_t longer, size_t warmup,
                                             double share,
                                             taper_law_transfer *out,
                                             taper_law_error *err)
{
    *out = (taper_law_transfer){0};
    if (longer == 0 || warmup >= longer)
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "the longer run must have more steps than its warm-up");
    if (!(share > 0.0 && share <= 1.0))
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "a cool-down's share of the run is above 0 and at "
                        "most 1, not %g",
                        share);
    struct longer l;
    const taper_law_status status = longer_begin(&l, rates, steps, longer, err);
    if (status) return status;

    /* The best rate grows with the cool-down: its least is none. */
    const double least = 1.0 / (double)longer;
    const double most = 1.0 - (double)warmup / (double)longer;
    out->unchanged = ratio_of_cooldown(&l, share);
    if (ratio_of_cooldown(&l, most) < 1.0)
        settle(&l, ratio_of_cooldown, most, false, out);
    else if (ratio_of_cooldown(&l, least) > 1.0)
        settle(&l, ratio_of_cooldown, least, false, out);
    else
        settle(&l, ratio_of_cooldown,
               halve(&l, ratio_of_cooldown, most, least, true), true, out);
    free(l.rates);
    return TAPER_LAW_OK;
}

/* Factors go away from 1 in quarters of an octave, to a thousand times. */
#define STRIDE 1.189207115002721
#define STRIDES 40

/* Looks for the factor nearest to 1, since a factor may be too large and too
 * small: at 0 nothing is left of the second stage but the noise of the
 * first. */
static void find_factor(struct longer *l, taper_law_transfer *out)
{
    double nearest = 1.0, distance = fabs(log(out->unchanged));
    double down = 1.0, up = 1.0;
    const bool above = out->unchanged > 1.0;
    for (int i = 0; i < STRIDES; i++) {
        const double from[] = {down, up};
        const double to[] = {down / STRIDE, up * STRIDE};
        for (int side = 0; side < 2; side++) {
            const double ratio = ratio_of_stage(l, to[side]);
            if ((ratio > 1.0) != above) {
                settle(l, ratio_of_stage,
                       halve(l, ratio_of_stage, from[side], to[side], above),
                       true, out);
                return;
            }
            if (fabs(log(ratio)) < distance) {
                distance = fabs(log(ratio));
                nearest = to[side];
            }
        }
        down = to[0];
        up = to[1];
    }
    settle(l, ratio_of_stage, nearest, false, out);
}

taper_law_status taper_law_transfer_stage(const double *rates, size_t steps,
                                          const double *longer_rates,
                                          size_t longer, size_t first,
                                          taper_law_transfer *out,
                                          taper_law_error *err)
{
    *out = (taper_law_transfer){0};
    taper_law_status status =
        law_bound_check(longer_rates, NULL, longer, 1.0, err);
    if (status) return status;
    struct longer l;
    status = longer_begin(&l, rates, steps, longer, err);
    if (status) return status;
    l.given = longer_rates;
    l.first = first;
    out->unchanged = ratio_of_stage(&l, 1.0);
    find_factor(&l, out);
    free(l.rates);
    return TAPER_LAW_OK;
}
