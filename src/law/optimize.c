/* The best of all schedules that never rise after the warm-up.
 *
 * The unknowns are drops of the rate between points that lie the closer, the
 * nearer the end is. Drops are shares of the way from the peak to the floor, by
 * a softmax with one share more than there are drops, for what is not dropped
 * at all: so every schedule that is tried falls, and stays above the floor,
 * and no bound has to be watched. Drops that are bounded instead get stuck
 * above the optimum. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "law/law.h"
#include "law/lbfgs.h"
#include "law/optimize.h"
#include "law/profile.h"

taper_law_status taper_law_supports(const taper_law_fit *fit,
                                    taper_law_error *err)
{
    if (fit->flags & TAPER_LAW_ONE_SCHEDULE)
        return law_fail(err, TAPER_LAW_E_UNFIT, 0, 0,
                        "all runs have schedules of one shape, which do not "
                        "tell what another does; add a run that holds its rate "
                        "and then drops it to a third, as short as you like");
    if (fit->flags & TAPER_LAW_POOR)
        return law_fail(err, TAPER_LAW_E_UNFIT, 0, 0,
                        "the law leaves too much of the losses unexplained to "
                        "optimise by it; leave out more of their beginning, or "
                        "runs of another model or batch");
    return TAPER_LAW_OK;
}

/* Points after the warm-up, cells between two of them, and cells of the
 * warm-up. More points gain less than 1e-4. */
#define POINTS 32
#define CELLS 16
#define WARMUP_CELLS 128

/* Shares that a start gives to drops it does not have: at 0 a softmax would
 * never move them. */
#define LEAST_SHARE 1e-5

/* What roughness costs; one drop from the peak to the floor has 2. The
 * multi-power law answers to a drop as fast as the rate after it says, and so
 * favours a staircase over a slope by less than 1e-4: a gain that no run has
 * shown to be real, and that this outweighs. */
#define ROUGHNESS 3e-4

/* What a few points fewer may cost. */
#define THINNING 1e-5

struct best {
    const taper_law_goal *goal;
    struct law_profile profile;
    size_t fixed;     /* points that are not free: 0 and the warm-up's end */
    size_t drops;     /* points after those */
    double *value;    /* [fixed + drops] */
    double *gradient; /* [fixed + drops] */
    double *share;    /* [drops + 1] of the softmax */
};

static size_t split_warmed(size_t i)
{
    return i == 0 ? WARMUP_CELLS : CELLS;
}

static size_t split_cold(size_t i)
{
    (void)i;
    return CELLS;
}

/* Steps from the end at which point k of n lies: evenly near the end, 1/345 of
 * what follows the warm-up apart, and further from each other from about a
 * fortieth of it on, up to an eighth. */
static double place(double k, double n, double rest)
{
    return rest * expm1(log(41.0) * k / n) / 40.0;
}

/* The places of all points, at whole steps, each once. */
static void put_points(struct best *b)
{
    const taper_law_goal *goal = b->goal;
    const double end = (double)goal->steps, warmup = (double)goal->warmup;
    double *at = b->profile.at;
    size_t n = 0;
    if (goal->warmup > 0) at[n++] = 0.0;
    at[n++] = warmup;
    b->fixed = n;
    for (size_t k = POINTS; k-- > 0;) {
        const double left =
            k ? ceil(place((double)k, POINTS, end - warmup)) : 0;
        if (end - left > at[n - 1]) at[n++] = end - left;
    }
    b->drops = n - b->fixed;
    b->profile.points = n;
    law_profile_place(&b->profile, goal->warmup ? split_warmed : split_cold);
}

static void best_end(struct best *b)
{
    law_profile_end(&b->profile);
    free(b->value);
    memset(b, 0, sizeof *b);
}

static bool best_begin(struct best *b, const taper_law_params *p,
                       const taper_law_goal *goal)
{
    const size_t points = POINTS + 2;
    memset(b, 0, sizeof *b);
    b->goal = goal;
    b->value = calloc(3 * points, sizeof *b->value);
    if (!law_profile_begin(&b->profile, p, goal->peak, points, WARMUP_CELLS) ||
        !b->value)
        return false;
    b->gradient = b->value + points;
    b->share = b->gradient + points;
    put_points(b);
    return true;
}

/* Shares, and from them the rates at the points. */
static void drop(struct best *b, const double *z)
{
    const size_t n = b->drops;
    const double way = b->goal->peak - b->goal->floor;
    double most = z[0], sum = 0.0, left = 0.0;
    for (size_t k = 1; k <= n; k++)
        most = fmax(most, z[k]);
    for (size_t k = 0; k <= n; k++)
        sum += b->share[k] = exp(z[k] - most);
    for (size_t k = 0; k <= n; k++)
        b->share[k] /= sum;
    b->value[0] = 0.0;
    b->value[b->fixed - 1] = b->goal->peak;
    /* From the end, so that rates near the floor are exact. */
    for (size_t k = n; k-- > 0;) {
        left += b->share[k + 1];
        b->value[b->fixed + k] =
            fmin(b->goal->floor + way * left, b->goal->peak);
    }
}

/* Roughness: the sum of squared differences between neighbouring drops, with
 * its derivatives added to gradient[k] with respect to share k. */
static double roughness(const struct best *b, double *gradient)
{
    double sum = 0.0;
    for (size_t k = 1; k < b->drops; k++) {
        const double off = b->share[k] - b->share[k - 1];
        sum += off * off;
        gradient[k] += 2.0 * ROUGHNESS * off;
        gradient[k - 1] -= 2.0 * ROUGHNESS * off;
    }
    return ROUGHNESS * sum;
}

static double loss_at(void *ctx, const double *z, double *gradient)
{
    struct best *b = ctx;
    const double way = b->goal->peak - b->goal->floor;
    drop(b, z);
    double loss = law_profile_loss(&b->profile, b->value, b->gradient);
    /* Share k + 1 and all after it, and the one that is never dropped, hold up
     * the rate at point k. */
    gradient[0] = 0.0;
    for (size_t k = 0; k < b->drops; k++)
        gradient[k + 1] = gradient[k] + way * b->gradient[b->fixed + k];
    loss += roughness(b, gradient);
    double mean = 0.0;
    for (size_t k = 0; k <= b->drops; k++)
        mean += b->share[k] * gradient[k];
    for (size_t k = 0; k <= b->drops; k++)
        gradient[k] = b->share[k] * (gradient[k] - mean);
    return loss;
}

/* z for a hold and a cool-down by (1 - u)^power. */
static void start(const struct best *b, double cooldown, double power,
                  double *z)
{
    const double end = (double)b->goal->steps;
    double before = 1.0;
    for (size_t k = 0; k < b->drops; k++) {
        const double left = (end - b->profile.at[b->fixed + k]) / cooldown;
        const double share = left < 1.0 ? pow(left, power) : 1.0;
        z[k] = log(before - share + LEAST_SHARE);
        before = share;
    }
    z[b->drops] = log(before + LEAST_SHARE);
}

/* Where searches begin: late and early cool-downs, as shares of what follows
 * the warm-up, and their powers. The first stands for the best of the family,
 * the second is no cool-down at all. */
static const struct {
    double cooldown, power;
} starts[] = {{0, 0}, {0, 1}, {0.1, 1.5}, {0.3, 1}, {0.7, 1}, {0.99, 1}};

/* Searches from all starts, and leaves the best rates in b->value. */
static taper_law_status search(struct best *b, const taper_law_params *p,
                               taper_law_error *err)
{
    const size_t n = b->drops + 1;
    const struct law_lbfgs search = {.objective = loss_at,
                                     .ctx = b,
                                     .n = n,
                                     .history = 20,
                                     .iterations = 400,
                                     .value_change = 1e-9};
    const double rest = (double)(b->goal->steps - b->goal->warmup);
    double cooldown, power, loss, least = INFINITY;
    double *z = calloc(2 * n, sizeof *z), *best = z ? z + n : NULL;
    bool ok = z && law_search_family(p, b->goal, &cooldown, &power, &loss);
    for (size_t k = 0; ok && k < sizeof starts / sizeof starts[0]; k++) {
        struct law_minimum minimum;
        if (k > 0) {
            cooldown = starts[k].cooldown * rest;
            power = starts[k].power;
        }
        start(b, cooldown, power, z);
        ok = law_lbfgs_minimise(&search, z, &minimum);
        if (ok && minimum.value < least) {
            least = minimum.value;
            memcpy(best, z, n * sizeof *best);
        }
    }
    if (isfinite(least)) drop(b, best);
    free(z);
    if (!ok) return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    if (!isfinite(least))
        return law_fail(err, TAPER_LAW_E_SOLVE, 0, 0,
                        "the law predicts no finite loss");
    return TAPER_LAW_OK;
}

/* The rates of all steps and of one after the last, [steps + 1], on the lines
 * between the points. */
static void fill(const struct best *b, double *out)
{
    const double *at = b->profile.at, *value = b->value;
    /* A number that somebody has asked for, as it was asked for. */
    const double near = (1.0 + 1e-3) * b->goal->floor;
    for (size_t i = 0; i + 1 < b->profile.points; i++) {
        const double length = at[i + 1] - at[i];
        for (double k = 0; k <= length; k++) {
            const double rate =
                value[i] + (value[i + 1] - value[i]) * (k / length);
            const bool low = i + 1 >= b->fixed && rate < near;
            out[(size_t)(at[i] + k)] = low ? b->goal->floor : rate;
        }
    }
}

/* Puts the start of the warm-up before knots that begin at its end. */
static void prepend(taper_law_knots *knots, size_t warmup)
{
    if (warmup == 0) return;
    for (size_t k = knots->count; k-- > 0;) {
        knots->step[k + 1] = knots->step[k] + (int64_t)warmup;
        knots->rate[k + 1] = knots->rate[k];
    }
    knots->step[0] = 0;
    knots->rate[0] = 0.0;
    knots->count++;
}

/* Knots for the rates of all steps and one more, with the largest tolerance
 * that costs next to nothing. */
static taper_law_status thin(const taper_law_params *p,
                             const taper_law_goal *goal, const double *rates,
                             taper_law_knots *knots, taper_law_candidate *out,
                             taper_law_error *err)
{
    const double full = taper_law_final(p, rates, goal->steps);
    double tolerance = 1e-2 * goal->peak;
    for (int i = 0; i < 14; i++, tolerance *= 0.5) {
        taper_law_status status =
            law_knots_of(rates + goal->warmup, goal->steps - goal->warmup + 1,
                         tolerance, TAPER_LAW_KNOTS - 1, knots, err);
        if (status) return status;
        prepend(knots, goal->warmup);
        taper_law_knots_text(knots, out->text, sizeof out->text);
        status = law_text_loss(p, out->text, goal->steps, &out->loss, err);
        if (status) return status;
        if (out->loss <= full + THINNING) break;
    }
    return TAPER_LAW_OK;
}

/* Takes the best of the family instead, if that is lower as knots: where a law
 * wants the rate to be nothing early on, points lie too far apart there. */
static taper_law_status fall_back(const taper_law_params *p,
                                  const taper_law_goal *goal, double *rates,
                                  taper_law_knots *knots,
                                  taper_law_candidate *out,
                                  taper_law_error *err)
{
    taper_law_knots other;
    taper_law_candidate member;
    taper_law_status status =
        taper_law_optimize_wsd(p, goal, NULL, NULL, &member, err);
    if (status || member.loss >= out->loss - THINNING) return status;
    status = law_text_rates(member.text, goal->steps + 1, rates, err);
    if (!status) status = thin(p, goal, rates, &other, &member, err);
    if (status || member.loss >= out->loss) return status;
    *knots = other;
    *out = member;
    return status;
}

taper_law_status taper_law_optimize_free(const taper_law_params *p,
                                         const taper_law_goal *goal,
                                         taper_law_knots *knots,
                                         taper_law_candidate *out,
                                         taper_law_error *err)
{
    memset(knots, 0, sizeof *knots);
    memset(out, 0, sizeof *out);
    taper_law_status status = law_goal_check(p, goal, err);
    if (status) return status;
    struct best b;
    const bool ok = best_begin(&b, p, goal);
    double *rates = ok ? malloc((goal->steps + 1) * sizeof *rates) : NULL;
    if (rates)
        status = search(&b, p, err);
    else
        status = law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    if (!status) {
        fill(&b, rates);
        status = thin(p, goal, rates, knots, out, err);
    }
    if (!status) status = fall_back(p, goal, rates, knots, out, err);
    free(rates);
    best_end(&b);
    return status;
}
