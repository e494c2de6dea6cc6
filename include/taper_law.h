/* taper_law.h: from the loss curves of finished runs to the loss curve of a
 * learning-rate schedule that nobody has run.
 *
 *     taper_law_run runs[2] = {{rates, 24000, at, losses, 171}, ...};
 *     taper_law_fit fit;
 *     taper_law_error err;
 *
 *     if (taper_law_fit_runs(runs, 2, NULL, &fit, &err) != TAPER_LAW_OK)
 *         return complain(err.message);
 *     double loss = taper_law_final(&fit.params, other_rates, 24000);
 *
 * A run is its rates, one for each step, and points where its loss was
 * measured; a schedule is its rates, which taper_fill writes. The header is to
 * be read from top to bottom: errors, the laws and their parameters, runs,
 * evaluating, quality, fitting, uncertainty; then what is made of a fit:
 * optimising, the bound that needs no data, refining.
 *
 * Functions may be called from any thread. They keep no state, print nothing,
 * start no threads and give the same bits each time they are called; what they
 * allocate they give back before they return. Losses and rates are doubles,
 * steps count from 0, and the loss at step s is the one measured after
 * updates 0 to s.
 *
 * Sources: multi-power law, Luo et al., ICLR 2025, arXiv 2503.12811; momentum
 * law, Tissue et al. 2024, arXiv 2408.11029; functional scaling law, Li et
 * al., NeurIPS 2025, arXiv 2509.19189. */
#ifndef TAPER_LAW_H
#define TAPER_LAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef TAPER_API
#if defined(__GNUC__)
#define TAPER_API __attribute__((visibility("default")))
#else
#define TAPER_API
#endif
#endif

/* ------------------------------------------------------------------ errors */

/* Everything that can go wrong, and the text that taper_law_status_text
 * gives. */
#define TAPER_LAW_STATUS_LIST(X) \
    X(TAPER_LAW_OK, "no error") \
    X(TAPER_LAW_E_ARGUMENT, "an argument is missing or contradicts another") \
    X(TAPER_LAW_E_PARAMETER, "a parameter of the law is out of its range") \
    X(TAPER_LAW_E_RATE, "a learning rate is negative or not finite") \
    X(TAPER_LAW_E_NORM, "a gradient norm is not a number above 0") \
    X(TAPER_LAW_E_POINT, "a point is out of place, or its loss not positive") \
    X(TAPER_LAW_E_FEW, "there are too few points for the parameters") \
    X(TAPER_LAW_E_SHAPE, "the losses do not fall, so no law describes them") \
    X(TAPER_LAW_E_UNFIT, "the fit cannot support what is asked of it") \
    X(TAPER_LAW_E_SOLVE, "the solver found no finite minimum") \
    X(TAPER_LAW_E_NOMEM, "out of memory")

#define TAPER_LAW_STATUS_ENUM(name, text) name,
typedef enum taper_law_status {
    TAPER_LAW_STATUS_LIST(TAPER_LAW_STATUS_ENUM)
} taper_law_status;
#undef TAPER_LAW_STATUS_ENUM

/* The fixed text of a status; never NULL, whatever the number. */
TAPER_API const char *taper_law_status_text(taper_law_status status);

/* What went wrong, and where. Filled in on failure only; functions accept
 * NULL for it. */
typedef struct taper_law_error {
    taper_law_status code;
    size_t run;        /* the run at fault, from 0, where it is one */
    size_t index;      /* its point or step at fault, from 0 */
    char message[200]; /* one sentence without a full stop: what is wrong and,
                          where it is known, what to do */
} taper_law_error;

/* -------------------------------------------------------------------- laws
 *
 * All laws measure time by a clock,
 *
 *     sigma_t = eta_ref^(1 - rho) eta_t^rho      S(s) = sum_{t <= s} sigma_t
 *
 * which for rho = 1 is the sum of the rates, as the papers have it. With
 * eta_{-1} = 0, so that a warm-up's positive gaps count,
 *
 * TAPER_LAW_MULTI_POWER:
 *     L(s) = L0 + A S(s)^-alpha + B sum_{1 <= k <= s} (eta_k - eta_{k-1})
 *            [1 - (1 + C eta_k^-gamma (S(s) - S(k-1)))^-beta]
 *   where eta_k^-gamma takes the larger of eta_k, 1e-10 and 1e-5 of the
 *   largest of the schedule's rates. With gamma = 0 it is the functional
 * scaling law with a kernel (1 + C x)^-(1 + beta).
 *
 * TAPER_LAW_MOMENTUM:
 *     L(s) = L0 + A S(s)^-alpha - C sum_{1 <= t <= s} m_t
 *     m_t = lambda m_{t-1} + (eta_{t-1} - eta_t),  m_0 = 0
 *
 * A point at which S is 0 has an infinite loss. */
typedef enum taper_law_kind {
    TAPER_LAW_MULTI_POWER,
    TAPER_LAW_MOMENTUM
} taper_law_kind;

/* "multi-power", "momentum"; NULL for another number. */
TAPER_API const char *taper_law_kind_name(taper_law_kind kind);

/* The law of that name. Returns false, with *out untouched, if there is
 * none. */
TAPER_API bool taper_law_kind_find(const char *name, taper_law_kind *out);

/* The parameters, in the units of the papers. A law reads its own and ignores
 * the others, which are 0 in what this library fills in. */
typedef struct taper_law_params {
    taper_law_kind kind;
    double clock;   /* rho, in (0, 1] */
    double eta_ref; /* the rate at which all clocks agree, > 0; with clock 1
                       it has no effect */
    double L0;      /* the loss after infinite time, >= 0 */
    double A;       /* >= 0 */
    double alpha;   /* > 0 */
    double B;       /* multi-power: loss per unit of rate, >= 0 */
    double C;       /* multi-power: as in the formula, with eta_k unscaled;
                       momentum: loss per unit of rate and step; >= 0 */
    double beta;    /* multi-power: > 0 */
    double gamma;   /* multi-power: >= 0 */
    double lambda;  /* momentum: in [0, 1) */
} taper_law_params;

/* Names for the members that can be fitted; also the order in which they are
 * printed. */
typedef enum taper_law_param {
    TAPER_LAW_L0,
    TAPER_LAW_A,
    TAPER_LAW_ALPHA,
    TAPER_LAW_B,
    TAPER_LAW_C,
    TAPER_LAW_BETA,
    TAPER_LAW_GAMMA,
    TAPER_LAW_LAMBDA,
    TAPER_LAW_CLOCK,
    TAPER_LAW_PARAMS /* how many there are */
} taper_law_param;

/* "L0", "A", ..., "clock"; NULL for another number. */
TAPER_API const char *taper_law_param_name(taper_law_param which);

/* Whether a law has that parameter. */
TAPER_API bool taper_law_param_used(taper_law_kind kind, taper_law_param which);

/* One parameter by its name: for printing and reading them in a loop. `which`
 * must be less than TAPER_LAW_PARAMS. */
TAPER_API double taper_law_param_get(const taper_law_params *p,
                                     taper_law_param which);
TAPER_API void taper_law_param_set(taper_law_params *p, taper_law_param which,
                                   double value);

/* Check that parameters, such as those read from a file, are in the ranges
 * that stand beside the members. Returns TAPER_LAW_OK, TAPER_LAW_E_ARGUMENT
 * (no such law) or TAPER_LAW_E_PARAMETER. */
TAPER_API taper_law_status taper_law_params_check(const taper_law_params *p,
                                                  taper_law_error *err);

/* -------------------------------------------------------------------- runs */

/* One finished run. All pointers are borrowed. */
typedef struct taper_law_run {
    const double *rates;  /* [steps], the rate of each update, >= 0 */
    size_t steps;         /* > 0 */
    const int64_t *at;    /* [points], steps of the measured losses, in
                             [0, steps), increasing */
    const double *losses; /* [points], > 0 */
    size_t points;
} taper_law_run;

/* The rates of every step from those that a log holds.
 *
 * Between logged steps a rate follows the curve that its neighbours lie on, if
 * three or more of them lie on one (a line, a geometric curve or a cubic);
 * where the curve before a stretch and the one after it differ, they change
 * over where they cross, and if they do not cross the rate jumps at the later
 * of the two logged steps: rates change between updates, and a row tells the
 * rate of its own. Anything else is a straight line. The last rate holds to
 * the end.
 *
 *   at, logged  [n] steps, increasing, and the rates logged there; those after
 *               the last of `steps` count as neighbours only; n > 0
 *   warmup      steps of a warm-up that the log does not show, >= 0: a line
 *               from 0 that reaches logged[0] with the last of the first
 *               min(warmup, at[0]) steps; logged[0] then holds until at[0].
 *               INT64_MAX: all steps before at[0], the best guess for a log
 *               that starts after its warm-up. 0: none; a line or a geometric
 *               curve that the first rates lie on goes on before at[0], and
 *               else logged[0] holds there
 *   out         [steps], 0 or more and at most twice the largest of `logged`
 *
 * O(n + steps). Returns TAPER_LAW_OK, TAPER_LAW_E_ARGUMENT (n is 0, or warmup
 * below 0), TAPER_LAW_E_RATE or TAPER_LAW_E_POINT. */
TAPER_API taper_law_status taper_law_rates_from_log(const int64_t *at,
                                                    const double *logged,
                                                    size_t n, int64_t warmup,
                                                    double *out, size_t steps,
                                                    taper_law_error *err);

/* The steps of the warm-up that rates begin with: those before the first step
 * at which they stop rising. 0 if they do not begin by rising. */
TAPER_API size_t taper_law_warmup(const double *rates, size_t steps);

/* -------------------------------------------------------------- evaluating
 *
 * Parameters and rates are taken as they are: those that
 * taper_law_params_check or taper_law_rates_check refuse give a loss that is
 * of no use, but nothing worse. */

/* Check that all rates are finite and not negative. Returns TAPER_LAW_OK or
 * TAPER_LAW_E_RATE. */
TAPER_API taper_law_status taper_law_rates_check(const double *rates,
                                                 size_t steps,
                                                 taper_law_error *err);

/* The loss after the last step. O(steps), without allocation. Infinite if
 * there is no step. */
TAPER_API double taper_law_final(const taper_law_params *p, const double *rates,
                                 size_t steps);

/* The losses at `n` increasing steps in [0, steps), exactly by the formula:
 * O(steps + n g) for g steps at which the rate changes. Returns TAPER_LAW_OK,
 * TAPER_LAW_E_POINT or TAPER_LAW_E_NOMEM. */
TAPER_API taper_law_status taper_law_points(const taper_law_params *p,
                                            const double *rates, size_t steps,
                                            const int64_t *at, size_t n,
                                            double *out, taper_law_error *err);

/* The loss after every step, out[0..steps), in O(steps) times a constant of
 * about 100: the power of the multi-power law is taken as a sum of
 * exponentials. The error of a loss is under 1e-6 of B times the largest
 * rate. Returns TAPER_LAW_OK or TAPER_LAW_E_NOMEM. */
TAPER_API taper_law_status taper_law_curve(const taper_law_params *p,
                                           const double *rates, size_t steps,
                                           double *out, taper_law_error *err);

/* ----------------------------------------------------------------- quality */

/* How near predictions are to losses, as the literature measures it. */
typedef struct taper_law_quality {
    double r2;     /* 1 - sum e^2 / sum (loss - mean)^2; NaN if the losses are
                      all the same */
    double mae;    /* mean |e| */
    double rmse;   /* sqrt(mean e^2) */
    double prede;  /* mean |e| / loss */
    double worste; /* largest |e| / loss */
} taper_law_quality;

/* Of n > 0 predictions e + loss. */
TAPER_API taper_law_quality taper_law_quality_of(const double *predicted,
                                                 const double *losses,
                                                 size_t n);

/* ----------------------------------------------------------------- fitting
 *
 * The fit minimises sum_i H(log predicted_i - log loss_i), H Huber's function,
 * over the logarithms of the parameters within bounds, from several starts. */

typedef struct taper_law_fit_options {
    taper_law_kind kind;
    double clock; /* rho, in (0, 1]; NaN: fitted if two runs have peak rates
                     that differ by a tenth or more, else 0.6 */
    bool fixed[TAPER_LAW_PARAMS];    /* parameters that stay at `values`; the
                                        clock has the member above */
    double values[TAPER_LAW_PARAMS]; /* 0 is legal for gamma only */
    double huber;  /* where H goes from square to straight, in log loss */
    double prior;  /* weight of a soft prior that draws ln C, ln beta and
                      ln gamma of the multi-power law to those of 1, 1 and 0.5
                      as far as the data leave them free; 0: none. NaN: 1e-3,
                      or none if `clock` is 1, which asks for the law as it was
                      published */
    double skip;   /* points before this many warm-ups of their run are left
                      out, >= 0 */
    int64_t first; /* and so are points before this step */
    int starts;    /* 1 to 64 */
    uint64_t seed; /* of the starts */
} taper_law_fit_options;

/* Multi-power law, clock and prior NaN, huber 1e-3, skip 1, first 0, 12 starts,
 * seed 0. */
TAPER_API taper_law_fit_options taper_law_fit_defaults(void);

/* What a fit does not tell: flags of taper_law_fit. */
#define TAPER_LAW_ONE_SCHEDULE \
    1u /* all runs have the same shape of rates: \
          how the loss answers to the schedule \
          cannot be told from its fall in time */
#define TAPER_LAW_KERNEL_FREE \
    2u                        /* C, beta, gamma or lambda differ widely \
                                 between fits that are equally good */
#define TAPER_LAW_AT_BOUND 4u /* a parameter stopped at a bound */
#define TAPER_LAW_ILL_CONDITIONED \
    8u /* some direction of the parameters is \
          not determined at all */
#define TAPER_LAW_ONE_PEAK \
    16u /* all runs have the same peak rate: the \
           effect of another one is extrapolated */
#define TAPER_LAW_POOR \
    32u /* the law leaves much of the losses' \
           variation unexplained */

/* One parameter of a fit. */
typedef struct taper_law_estimate {
    bool fitted; /* false: it was fixed, or the law has none such */
    bool at_low; /* it stopped at its lower bound */
    bool at_high;
    double low, high; /* over all starts that ended at an equal cost */
    double deviation; /* of its logarithm, from the curvature at the
                         optimum; infinite where that is none */
} taper_law_estimate;

/* What the runs covered: beyond it, predictions are extrapolations. */
typedef struct taper_law_seen {
    double peak_low, peak_high; /* the runs' peak rates */
    double end_low;             /* the lowest last rate as a share of its
                                   run's peak */
    size_t steps_low, steps_high;
} taper_law_seen;

typedef struct taper_law_fit {
    taper_law_params params;
    double cost; /* the sum that was minimised, without the prior */
    taper_law_quality quality; /* over all points that were used */
    size_t runs;               /* that had points to use */
    size_t used;               /* points */
    size_t dropped;            /* points left out by `skip` and `first` */
    int starts;                /* that were made */
    int converged;             /* starts that ended in a minimum */
    int equal;        /* of these, with a cost within 1 % of the best */
    double condition; /* number of the Jacobian in the logarithms, with
                         columns scaled to length 1; infinite if singular */
    unsigned flags;   /* TAPER_LAW_ONE_SCHEDULE, ... */
    taper_law_estimate estimates[TAPER_LAW_PARAMS];
    taper_law_seen seen;
} taper_law_fit;

/* Fit a law to runs.
 *
 *   options  NULL: the defaults
 *   out      all zero on failure
 *
 * Returns TAPER_LAW_OK, or TAPER_LAW_E_ARGUMENT, E_RATE, E_POINT, E_FEW,
 * E_SHAPE, E_SOLVE or E_NOMEM. A fit that succeeded may still support little:
 * look at `flags`. */
TAPER_API taper_law_status
taper_law_fit_runs(const taper_law_run *runs, size_t count,
                   const taper_law_fit_options *options, taper_law_fit *out,
                   taper_law_error *err);

/* ------------------------------------------------------------- uncertainty */

/* How many parameter sets a spread holds at most. */
#define TAPER_LAW_MEMBERS 64

/* Parameter sets that the runs cannot tell apart: plain data, to be kept
 * beside a fit. */
typedef struct taper_law_spread {
    size_t members;
    taper_law_params member[TAPER_LAW_MEMBERS];
    double error; /* standard deviation of log loss that the law itself is
                     off by, over a stretch of a curve: run noise and what
                     the law does not describe */
} taper_law_spread;

/* The spread of a fit: fits to runs whose residuals were resampled in blocks
 * and, beside them, the ends of equally good starts.
 *
 *   fit      of the same runs with the same options
 *   members  2 to TAPER_LAW_MEMBERS
 *
 * Returns TAPER_LAW_OK or an error of taper_law_fit_runs. */
TAPER_API taper_law_status taper_law_spread_of(
    const taper_law_run *runs, size_t count,
    const taper_law_fit_options *options, const taper_law_fit *fit,
    size_t members, taper_law_spread *out, taper_law_error *err);

/* The band in which a loss curve is expected with probability `level`, at `n`
 * increasing steps.
 *
 *   level      in (0, 1), such as 0.9
 *   low, high  [n], around the losses of the fit itself; NaN where these are
 *              not above 0, far beyond the runs that the law was fitted to
 *
 * On published curves that were not fitted, the bands for 0.9 held 35 of 39
 * last losses of Luo et al. (fits to three runs and to two) and 60 of 63 of
 * Schaipp et al. (fits to two runs, half of what was predicted twice as long).
 * How wide a band is beside its spread was chosen on the same curves, so that
 * others may be held less often; and the errors of one fit go together: of the
 * schedules predicted from one pair of runs 4 in 7 were the fewest.
 *
 * Returns TAPER_LAW_OK, TAPER_LAW_E_ARGUMENT, E_POINT or E_NOMEM. */
TAPER_API taper_law_status taper_law_band(const taper_law_spread *spread,
                                          const taper_law_params *p,
                                          const double *rates, size_t steps,
                                          const int64_t *at, size_t n,
                                          double level, double *low,
                                          double *high, taper_law_error *err);

/* The band of the difference between the final losses of two schedules, b
 * minus a: narrower than the bands of each, whose errors go together. */
TAPER_API taper_law_status taper_law_band_difference(
    const taper_law_spread *spread, const taper_law_params *p,
    const double *rates_a, size_t steps_a, const double *rates_b,
    size_t steps_b, double level, double *low, double *high,
    taper_law_error *err);

/* ------------------------------------------------------------------- knots
 *
 * Rates as points with straight lines between them: what an optimum or a
 * refined schedule is written down as. */

/* The most points that a list holds. */
#define TAPER_LAW_KNOTS 128

typedef struct taper_law_knots {
    size_t count;                  /* 1 to TAPER_LAW_KNOTS */
    int64_t step[TAPER_LAW_KNOTS]; /* increasing, the first is 0 */
    double rate[TAPER_LAW_KNOTS];
    double error; /* the largest deviation from what they stand for, at any
                     step */
} taper_law_knots;

/* The fewest points of `rates`, rounded to few digits, that stay within
 * `tolerance` of all n of them.
 *
 *   n          > 0
 *   tolerance  in units of the rate, > 0; made larger, which `error` tells,
 *              if more than TAPER_LAW_KNOTS points would be needed
 *
 * Takes O(n). Returns TAPER_LAW_OK, TAPER_LAW_E_ARGUMENT or
 * TAPER_LAW_E_RATE. */
TAPER_API taper_law_status taper_law_knots_of(const double *rates, size_t n,
                                              double tolerance,
                                              taper_law_knots *out,
                                              taper_law_error *err);

/* Room for any text that taper_law_knots_text writes, with its NUL. */
#define TAPER_LAW_TEXT_SIZE 8192

/* Write them as a schedule that taper_parse reads, "points({0: 0.1, ...})".
 * Works like snprintf, as taper_describe does. */
TAPER_API size_t taper_law_knots_text(const taper_law_knots *knots, char *buf,
                                      size_t cap);

/* -------------------------------------------------------------- optimising
 *
 * What schedule ends on the lowest loss that the law predicts: among those
 * that rise to the peak along a line, never rise again, and stay above a
 * floor. A prediction is as good as its fit: compare gains with the error of
 * the law. */

/* What is given. */
typedef struct taper_law_goal {
    size_t steps;  /* of the whole run, at least 2 */
    size_t warmup; /* steps that rise from 0 to the peak, < steps - 1; 0: the
                      run starts at the peak */
    double peak;   /* > 0 */
    double floor;  /* no rate after the warm-up is lower; in [0, peak) */
} taper_law_goal;

/* A schedule, and the loss that the law predicts for its last step. */
typedef struct taper_law_candidate {
    double loss;
    char text[TAPER_LAW_TEXT_SIZE]; /* that taper_parse reads */
} taper_law_candidate;

/* Whether the fit can support an optimisation: not if all its runs had
 * schedules of one shape, or the law describes them badly. Returns
 * TAPER_LAW_OK, or TAPER_LAW_E_UNFIT with a message that says what run would
 * help most. */
TAPER_API taper_law_status taper_law_supports(const taper_law_fit *fit,
                                              taper_law_error *err);

/* The best of the family that warms up, holds the peak and then falls to the
 * floor as (1 - u)^power over the last `cooldown` steps: text such as
 * "linear(0, 1e-3, 500) then hold(1e-3, 7500) then poly(to=0, over=2000,
 * power=1.5)".
 *
 *   cooldown, power  of the best; power in [0.25, 4]; may be NULL
 *
 * Returns TAPER_LAW_OK, TAPER_LAW_E_ARGUMENT, TAPER_LAW_E_PARAMETER,
 * TAPER_LAW_E_SOLVE (the loss that it predicts is not a number above 0, so that
 * the law does not hold there) or TAPER_LAW_E_NOMEM. */
TAPER_API taper_law_status taper_law_optimize_wsd(
    const taper_law_params *p, const taper_law_goal *goal, size_t *cooldown,
    double *power, taper_law_candidate *out, taper_law_error *err);

/* The best of all that never rise after the warm-up, as knots, thinned as far
 * as costs no more than 1e-5 of loss. Slopes are preferred to stairs, which the
 * multi-power law holds better by less than 3e-4. The text reaches `steps`, one
 * after the last step of the run. Returns as taper_law_optimize_wsd. */
TAPER_API taper_law_status taper_law_optimize_free(const taper_law_params *p,
                                                   const taper_law_goal *goal,
                                                   taper_law_knots *knots,
                                                   taper_law_candidate *out,
                                                   taper_law_error *err);

/* The schedules that people use most, after the same warm-up: constant,
 * linear, cosine, cosine to a tenth, and a peak that is held until a last 10
 * or 20 % of the run falls along a line or as 1 - sqrt. */
#define TAPER_LAW_RIVALS 7

typedef struct taper_law_rival {
    const char *name; /* "cosine", ...; static */
    double loss;
    char text[256];
} taper_law_rival;

/* What the law predicts for each of them, in the order of the list above; the
 * floor holds for them as well. Returns as taper_law_optimize_wsd. */
TAPER_API taper_law_status
taper_law_rivals(const taper_law_params *p, const taper_law_goal *goal,
                 taper_law_rival out[TAPER_LAW_RIVALS], taper_law_error *err);

/* --------------------------------------------------------------- the bound
 *
 * Without any data: how far the last iterate of stochastic subgradient descent
 * on a convex function can be from the minimum after update T,
 *
 *     D^2 / (2 S_T) + 1/2 [eta_T G_T^2
 *                          + sum_{k < T} eta_k^2 G_k^2 / (S_T - S_k)]
 *
 * with S the sum of the rates eta, G the norms of the gradients and D the
 * distance of the start from the minimum. It is theorem 10 of Defazio et al.,
 * arXiv 2310.07831, as Schaipp et al., arXiv 2501.18965, use it to explain the
 * loss curves of language models, with its three terms summed by parts.
 *
 * A step of rate 0 does not move, and is left out. Norms are [steps], or NULL
 * where all are 1. What does not fit a double is infinite. */

typedef struct taper_law_bound {
    double value;       /* the bound with the rates as they are */
    double distance;    /* its first term */
    double noise;       /* the rest */
    double best_factor; /* by which to multiply all rates to have the least
                           bound: the best base rate, for rates in multiples
                           of one; infinite if all norms are 0 */
    double best_value;  /* the bound then */
} taper_law_bound;

/* The bound after the last step. `distance` is D, > 0. O(steps), without
 * allocation. Returns TAPER_LAW_OK, TAPER_LAW_E_ARGUMENT, TAPER_LAW_E_RATE
 * (also if no rate is above 0) or TAPER_LAW_E_NORM. */
TAPER_API taper_law_status taper_law_bound_of(const double *rates,
                                              const double *norms, size_t steps,
                                              double distance,
                                              taper_law_bound *out,
                                              taper_law_error *err);

/* Its derivatives with respect to the rates, out[0..steps), O(steps); 0 for
 * steps of rate 0. Returns as taper_law_bound_of. */
TAPER_API taper_law_status
taper_law_bound_gradient(const double *rates, const double *norms, size_t steps,
                         double distance, double *out, taper_law_error *err);

/* The bound after every step, out[0..steps), infinite before the first rate
 * above 0. Within 1e-8 of its value, in O(steps) times a constant of about
 * 100, which grows with the logarithm of the largest over the smallest rate.
 * Returns as taper_law_bound_of, or TAPER_LAW_E_NOMEM. */
TAPER_API taper_law_status taper_law_bound_curve(const double *rates,
                                                 const double *norms,
                                                 size_t steps, double distance,
                                                 double *out,
                                                 taper_law_error *err);

/* The rates with the least bound of all, out[0..steps), all above 0: for equal
 * norms nearly a line to 0. The norms must be above 0. Returns as
 * taper_law_bound_of, or TAPER_LAW_E_NOMEM. */
TAPER_API taper_law_status taper_law_bound_minimize(const double *norms,
                                                    size_t steps,
                                                    double distance,
                                                    double *out,
                                                    taper_law_error *err);

/* A longer run at the same base rate: whether some change of its schedule
 * keeps that rate the best one, by the bound with equal norms. */
typedef struct taper_law_transfer {
    bool reached;     /* false: no change does, and the rest is the nearest */
    double amount;    /* the cool-down's share of the run, or the factor */
    double ratio;     /* the best factor of the changed longer schedule over
                         that of the shorter; 1 if reached */
    double unchanged; /* the same ratio without the change */
} taper_law_transfer;

/* Which share of a longer run must be a linear cool-down to 0 so that the rate
 * that is best for `rates` [steps] stays the best. The longer schedule warms up
 * over `warmup` steps and holds the peak of `rates`. `unchanged` is that of
 * `share`. Returns TAPER_LAW_OK, TAPER_LAW_E_ARGUMENT, TAPER_LAW_E_RATE or
 * TAPER_LAW_E_NOMEM. */
TAPER_API taper_law_status taper_law_transfer_cooldown(
    const double *rates, size_t steps, size_t longer, size_t warmup,
    double share, taper_law_transfer *out, taper_law_error *err);

/* By which factor the rates `longer_rates` [longer] must be multiplied from
 * step `first` on so that the rate that is best for `rates` [steps] stays the
 * best. Returns as taper_law_transfer_cooldown. */
TAPER_API taper_law_status taper_law_transfer_stage(
    const double *rates, size_t steps, const double *longer_rates,
    size_t longer, size_t first, taper_law_transfer *out, taper_law_error *err);

/* ---------------------------------------------------------------- refining */

/* The norms that a log holds, by the optimizer of the run. */
typedef enum taper_law_norm {
    TAPER_LAW_NORM_SGD, /* L2 norms of gradients; weights 1/norm^2 */
    TAPER_LAW_NORM_ADAM /* L1 norms of gradients; weights 1/norm */
} taper_law_norm;

/* A better schedule for the next run, from the gradient norms of one: with
 * norms smoothed by a running median and weights w made of them,
 *
 *     eta_t = w_t sum_{p > t} w_p / sum_p w_p
 *
 * divided by the largest, so that the result is in multiples of a peak rate; 0
 * at the last step. Equal norms give a line. Warm-up comes by itself where
 * norms start large. Source: Defazio et al., arXiv 2310.07831, algorithm 1 and
 * section 3.
 *
 *   norms   [steps], of every step, >= 0
 *   window  of the median as a share of the run, in [0, 1]
 *   out     [steps], which may be `norms`; {1} of a single step
 *
 * O(steps log steps). Returns TAPER_LAW_OK, TAPER_LAW_E_ARGUMENT,
 * TAPER_LAW_E_NORM (also if a median is 0) or TAPER_LAW_E_NOMEM. */
TAPER_API taper_law_status taper_law_refine(const double *norms, size_t steps,
                                            taper_law_norm kind, double window,
                                            double *out, taper_law_error *err);

/* Set out[0..steps), which may be `norms`, to the running median that
 * taper_law_refine takes, for instance as norms of taper_law_bound_minimize.
 * The window has 2 floor(window steps / 2) + 1 steps; beyond the run it sees
 * the first norm, and the last ones mirrored. Returns as taper_law_refine. */
TAPER_API taper_law_status taper_law_norms_smooth(const double *norms,
                                                  size_t steps, double window,
                                                  double *out,
                                                  taper_law_error *err);

#ifdef __cplusplus
}
#endif

#endif
