/* The schedules that people write: which of those that warm up, hold and cool
 * down ends lowest, and where the usual ones end. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taper.h>

#include "law/law.h"
#include "law/optimize.h"
#include "law/profile.h"

taper_law_status law_goal_check(const taper_law_params *p,
                                const taper_law_goal *goal,
                                taper_law_error *err)
{
    const taper_law_status status = taper_law_params_check(p, err);
    if (status) return status;
    if (goal->steps < 2 || goal->steps > (size_t)TAPER_STEP_MAX)
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "a run to optimise has at least 2 steps, not %zu",
                        goal->steps);
    if (goal->warmup >= goal->steps - 1)
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "a warm-up of %zu steps leaves nothing of %zu to "
                        "optimise",
                        goal->warmup, goal->steps);
    if (!(goal->peak > 0.0 && goal->peak < INFINITY))
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "the peak rate must be a number above 0, not %g",
                        goal->peak);
    if (!(goal->floor >= 0.0 && goal->floor < goal->peak))
        return law_fail(err, TAPER_LAW_E_ARGUMENT, 0, 0,
                        "the floor must lie between 0 and the peak rate, not "
                        "at %g",
                        goal->floor);
    return TAPER_LAW_OK;
}

/* What the parser says of a text that was made here: only that memory ran out,
 * or that a number of the goal is beyond it. */
static taper_law_status parse_failed(const taper_error *why,
                                     taper_law_error *err)
{
    return law_fail(err,
                    why->code == TAPER_E_NOMEM ? TAPER_LAW_E_NOMEM
                                               : TAPER_LAW_E_ARGUMENT,
                    0, 0, "%s", why->message);
}

taper_law_status law_text_rates(const char *text, size_t steps, double *rates,
                                taper_law_error *err)
{
    const taper_run run = {.steps = (int64_t)steps};
    taper_schedule *schedule;
    taper_error why;
    if (taper_parse(text, strlen(text), &run, NULL, &schedule, &why))
        return parse_failed(&why, err);
    taper_fill(schedule, 0, 1, steps, rates);
    taper_free(schedule, NULL);
    return TAPER_LAW_OK;
}

taper_law_status law_text_loss(const taper_law_params *p, const char *text,
                               size_t steps, double *loss, taper_law_error *err)
{
    double *rates = malloc(steps * sizeof *rates);
    if (!rates) return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    taper_law_status status = law_text_rates(text, steps, rates, err);
    if (!status) *loss = taper_law_final(p, rates, steps);
    free(rates);
    if (!status && !(*loss > 0.0 && isfinite(*loss)))
        status = law_fail(err, TAPER_LAW_E_SOLVE, 0, 0,
                          "the law does not hold at such rates: it predicts "
                          "the loss %.4g",
                          *loss);
    return status;
}

/* ----------------------------------------------------------------- rivals */

/* Numbers that a text is made of. */
struct blanks {
    char peak[TAPER_NUMBER_SIZE], floor[TAPER_NUMBER_SIZE];
    char tenth[TAPER_NUMBER_SIZE]; /* of the peak, not below the floor */
    size_t steps;                  /* of the run */
    size_t rest;                   /* after the warm-up */
};

static struct blanks blanks_of(const taper_law_goal *goal)
{
    struct blanks b = {.steps = goal->steps,
                       .rest = goal->steps - goal->warmup};
    taper_format_number(goal->peak, b.peak);
    taper_format_number(goal->floor, b.floor);
    /* A tenth of 3e-4 is not quite 3e-5. */
    const double tenth =
        law_round_digits(0.1 * goal->peak,
                         14.0 - floor(log10(0.1 * goal->peak)));
    taper_format_number(fmax(tenth, goal->floor), b.tenth);
    return b;
}

size_t law_text_warmup(const taper_law_goal *goal, char *buf, size_t cap)
{
    if (cap > 0) buf[0] = '\0';
    if (goal->warmup == 0) return 0;
    char peak[TAPER_NUMBER_SIZE];
    taper_format_number(goal->peak, peak);
    return (size_t)snprintf(buf, cap, "linear(0, %s, %zu) then ", peak,
                            goal->warmup);
}

static void write_constant(const struct blanks *b, char *buf, size_t cap)
{
    snprintf(buf, cap, "hold(%s, %zu)", b->peak, b->rest);
}

static void write_linear(const struct blanks *b, char *buf, size_t cap)
{
    snprintf(buf, cap, "linear(%s, %s, %zu)", b->peak, b->floor, b->rest);
}

static void write_cosine(const struct blanks *b, char *buf, size_t cap)
{
    snprintf(buf, cap, "cosine(%s, %s, %zu)", b->peak, b->floor, b->rest);
}

static void write_tenth(const struct blanks *b, char *buf, size_t cap)
{
    snprintf(buf, cap, "cosine(%s, %s, %zu)", b->peak, b->tenth, b->rest);
}

/* "hold(peak, length) then ", or nothing for a length of 0. */
static size_t write_hold(const struct blanks *b, size_t length, char *buf,
                         size_t cap)
{
    if (length == 0) return 0;
    return (size_t)snprintf(buf, cap, "hold(%s, %zu) then ", b->peak, length);
}

/* A cool-down of the last `percent` of the run. */
static void write_cooldown(const struct blanks *b, const char *shape,
                           size_t percent, char *buf, size_t cap)
{
    const double share = 0.01 * (double)percent * (double)b->steps;
    const size_t length =
        (size_t)fmin(fmax(round(share), 1.0), (double)b->rest);
    const size_t used = write_hold(b, b->rest - length, buf, cap);
    snprintf(buf + used, cap - used, "%s(%s, %s, %zu)", shape, b->peak,
             b->floor, length);
}

static void write_wsd_10(const struct blanks *b, char *buf, size_t cap)
{
    write_cooldown(b, "linear", 10, buf, cap);
}

static void write_wsd_20(const struct blanks *b, char *buf, size_t cap)
{
    write_cooldown(b, "linear", 20, buf, cap);
}

static void write_wsd_sqrt(const struct blanks *b, char *buf, size_t cap)
{
    write_cooldown(b, "sqrt", 20, buf, cap);
}

static const struct {
    const char *name;
    void (*write)(const struct blanks *b, char *buf, size_t cap);
} rivals[TAPER_LAW_RIVALS] = {
    {"constant", write_constant},
    {"linear", write_linear},
    {"cosine", write_cosine},
    {"cosine to 10 %", write_tenth},
    {"wsd, last 10 %", write_wsd_10},
    {"wsd, last 20 %", write_wsd_20},
    {"wsd, last 20 % as 1 - sqrt", write_wsd_sqrt},
};

taper_law_status taper_law_rivals(const taper_law_params *p,
                                  const taper_law_goal *goal,
                                  taper_law_rival out[TAPER_LAW_RIVALS],
                                  taper_law_error *err)
{
    memset(out, 0, TAPER_LAW_RIVALS * sizeof *out);
    taper_law_status status = law_goal_check(p, goal, err);
    if (status) return status;
    const struct blanks blanks = blanks_of(goal);
    for (size_t k = 0; !status && k < TAPER_LAW_RIVALS; k++) {
        taper_law_rival *r = &out[k];
        const size_t used = law_text_warmup(goal, r->text, sizeof r->text);
        r->name = rivals[k].name;
        rivals[k].write(&blanks, r->text + used, sizeof r->text - used);
        status = law_text_loss(p, r->text, goal->steps, &r->loss, err);
    }
    return status;
}

/* ------------------------------------------------------------- the family */

/* Bundles of steps: of the warm-up, and of a cool-down that is lines between
 * points whose distances from the end grow by the same factor. */
#define WARMUP_CELLS 96
#define COOLDOWN_POINTS 96
#define COOLDOWN_CELLS 3

#define POWER_LOW 0.25
#define POWER_HIGH 4.0

/* A member is a point of the plane. */
struct member {
    double cooldown; /* ln of its steps */
    double power;    /* ln of it */
    double loss;
};

struct family {
    const taper_law_goal *goal;
    struct law_profile profile;
    double *value; /* [points] */
    double rest;   /* steps after the warm-up */
};

/* Points: 0 if there is a warm-up, its end, then those of the cool-down. */
static size_t split_warmed(size_t i)
{
    return i == 0 ? WARMUP_CELLS : i == 1 ? 1 : COOLDOWN_CELLS;
}

static size_t split_cold(size_t i)
{
    return split_warmed(i + 1);
}

static double loss_of(struct family *f, double cooldown, double power)
{
    const double length = exp(cooldown), exponent = exp(power);
    const taper_law_goal *goal = f->goal;
    const double end = (double)goal->steps;
    double *at = f->profile.at, *value = f->value;
    size_t i = 0;
    if (goal->warmup > 0) {
        at[i] = 0.0;
        value[i++] = 0.0;
    }
    at[i] = (double)goal->warmup;
    value[i++] = goal->peak;
    /* From the whole cool-down to less than a step, then the end. */
    const double ratio = log(2.0 * length) / (COOLDOWN_POINTS - 2);
    for (size_t k = 0; k < COOLDOWN_POINTS; k++) {
        const double left =
            k + 1 < COOLDOWN_POINTS ? exp(-ratio * (double)k) : 0.0;
        at[i] = end - length * left;
        value[i++] =
            goal->floor + (goal->peak - goal->floor) * pow(left, exponent);
    }
    law_profile_place(&f->profile, goal->warmup ? split_warmed : split_cold);
    return law_profile_loss(&f->profile, value, NULL);
}

static void try(struct family *f, double cooldown, double power,
                struct member *best)
{
    const struct member m = {fmin(fmax(cooldown, 0.0), log(f->rest)),
                             fmin(fmax(power, log(POWER_LOW)), log(POWER_HIGH)),
                             0};
    const double loss = loss_of(f, m.cooldown, m.power);
    if (loss < best->loss) {
        *best = m;
        best->loss = loss;
    }
}

/* The family has few members that differ much: a net over all of it, and then
 * steps along and across, shorter each time that none leads lower. */
static struct member search(struct family *f)
{
    enum { ACROSS = 24, DOWN = 10 };
    struct member best = {.loss = INFINITY};
    for (int i = 0; i <= ACROSS; i++)
        for (int j = 0; j <= DOWN; j++)
            try(f, log(f->rest) - 0.2 * i,
                log(POWER_LOW) + log(POWER_HIGH / POWER_LOW) * j / DOWN, &best);
    for (double step = 0.1; step > 1e-4;) {
        static const int way[8][2] = {{1, 0}, {-1, 0}, {0, 1},  {0, -1},
                                      {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};
        const struct member from = best;
        for (int k = 0; k < 8; k++)
            try(f, from.cooldown + step * way[k][0],
                from.power + step * way[k][1], &best);
        if (!(best.loss < from.loss)) step *= 0.5;
    }
    return best;
}

bool law_search_family(const taper_law_params *p, const taper_law_goal *goal,
                       double *cooldown, double *power, double *loss)
{
    struct family f = {.goal = goal,
                       .rest = (double)(goal->steps - goal->warmup)};
    const size_t points = (goal->warmup ? 2 : 1) + COOLDOWN_POINTS;
    f.value = calloc(points, sizeof *f.value);
    const bool ok =
        law_profile_begin(&f.profile, p, goal->peak, points, WARMUP_CELLS) &&
        f.value;
    if (ok) {
        const struct member best = search(&f);
        *cooldown = exp(best.cooldown);
        *power = exp(best.power);
        *loss = best.loss;
    }
    law_profile_end(&f.profile);
    free(f.value);
    return ok;
}

/* The text of a member, with its power to two decimals. */
static void write_member(const taper_law_goal *goal, size_t cooldown,
                         double power, taper_law_candidate *out)
{
    const struct blanks b = blanks_of(goal);
    char exponent[TAPER_NUMBER_SIZE];
    taper_format_number(power, exponent);
    size_t used = law_text_warmup(goal, out->text, sizeof out->text);
    if (cooldown < b.rest)
        used +=
            (size_t)snprintf(out->text + used, sizeof out->text - used,
                             "hold(%s, %zu) then ", b.peak, b.rest - cooldown);
    snprintf(out->text + used, sizeof out->text - used,
             "poly(%s, %s, %zu, power=%s)", b.peak, b.floor, cooldown,
             exponent);
}

taper_law_status taper_law_optimize_wsd(const taper_law_params *p,
                                        const taper_law_goal *goal,
                                        size_t *cooldown, double *power,
                                        taper_law_candidate *out,
                                        taper_law_error *err)
{
    memset(out, 0, sizeof *out);
    const taper_law_status status = law_goal_check(p, goal, err);
    if (status) return status;
    double length, exponent, loss;
    if (!law_search_family(p, goal, &length, &exponent, &loss))
        return law_fail(err, TAPER_LAW_E_NOMEM, 0, 0, "out of memory");
    if (!isfinite(loss))
        return law_fail(err, TAPER_LAW_E_SOLVE, 0, 0,
                        "the law predicts no finite loss");
    const size_t rest = goal->steps - goal->warmup;
    const size_t whole = (size_t)fmin(round(length), (double)rest);
    exponent = round(100.0 * exponent) / 100.0;
    write_member(goal, whole, exponent, out);
    if (cooldown) *cooldown = whole;
    if (power) *power = exponent;
    return law_text_loss(p, out->text, goal->steps, &out->loss, err);
}
