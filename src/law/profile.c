/* Steps in bundles. Both laws are sums over steps of functions that change
 * slowly where the rate does, so that a few steps can be taken together as the
 * one in their middle; near the end of a run, where the rate and the time that
 * is left fall to nothing, points have to lie close. */
#include "law/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "law/kernel.h"
#include "law/law.h"

bool law_profile_begin(struct law_profile *p, const taper_law_params *params,
                       double peak, size_t points, size_t most)
{
    memset(p, 0, sizeof *p);
    p->params = params;
    p->least = law_floor(&peak, 1);
    p->scale = law_clock_of(params->clock, params->eta_ref).scale;
    p->points = points;
    p->room = points * most + 1;
    p->at = calloc(points, sizeof *p->at);
    p->cell = calloc(p->room, sizeof *p->cell);
    p->rate = calloc(2 * p->room, sizeof *p->rate);
    p->pull = p->rate ? p->rate + p->room : NULL;
    return p->at && p->cell && p->rate;
}

void law_profile_end(struct law_profile *p)
{
    free(p->at);
    free(p->cell);
    free(p->rate);
    memset(p, 0, sizeof *p);
}

/* sum_{i < left} lambda^i: the momentum that a gap has given, at the end of a
 * run, `left` steps after the one before it. */
static double momentum_of(double lambda, double left)
{
    return (1.0 - pow(lambda, left)) / (1.0 - lambda);
}

static void add_cell(struct law_profile *p, size_t from, double first,
                     double width, double length)
{
    const double end = p->at[p->points - 1];
    const double middle = first + 0.5 * (1.0 + width);
    struct law_cell *c = &p->cell[p->cells++];
    c->from = from;
    c->width = width;
    c->part = width / length;
    c->share = (middle - p->at[from]) / length;
    if (p->params->kind == TAPER_LAW_MOMENTUM)
        c->fade = momentum_of(p->params->lambda, end - middle);
}

void law_profile_place(struct law_profile *p, size_t (*split)(size_t i))
{
    p->cell[0] = (struct law_cell){.from = 0, .width = 1.0};
    p->cells = 1;
    for (size_t i = 0; i + 1 < p->points; i++) {
        const double length = p->at[i + 1] - p->at[i];
        /* The steps after point i up to point i + 1; the last point is no step
         * of the run. */
        const double steps = i + 2 < p->points ? length : length - 1.0;
        if (!(steps > 0.0)) continue;
        const double most = (double)split(i);
        const double count = fmax(fmin(floor(steps), most), 1.0);
        const double width = steps / count;
        for (double j = 0; j < count; j++)
            add_cell(p, i, p->at[i] + j * width, width, length);
    }
}

/* The rate of every cell. */
static void spread(struct law_profile *p, const double *value)
{
    for (size_t k = 0; k < p->cells; k++) {
        const struct law_cell *c = &p->cell[k];
        p->rate[k] =
            value[c->from] + c->share * (value[c->from + 1] - value[c->from]);
    }
}

static double tick_of(const struct law_profile *p, double rate)
{
    if (p->params->clock == 1.0) return rate;
    return rate > 0.0 ? p->scale * pow(rate, p->params->clock) : 0.0;
}

/* What the gaps add to the loss, backwards, so that the time after a gap is
 * summed from the end. Sets *time to S. With `gradient`, adds to it what gaps
 * alone do, and fills in `pull`. */
static double add_gaps(struct law_profile *p, const double *value,
                       double *gradient, double *time)
{
    const taper_law_params *q = p->params;
    const bool power = q->kind == TAPER_LAW_MULTI_POWER;
    const double weight = power ? q->B : q->C;
    double left = 0.0, loss = 0.0;
    for (size_t k = p->cells; k-- > 0;) {
        const struct law_cell *c = &p->cell[k];
        const double tick = tick_of(p, p->rate[k]);
        const double after = left + 0.5 * (c->width + 1.0) * tick;
        const double gap = c->part * (value[c->from + 1] - value[c->from]);
        const double e = power ? pow(fmax(p->rate[k], p->least), -q->gamma) : 0;
        const double x = q->C * e * after;
        const double fade = power ? law_fade(x, q->beta) : c->fade;
        left += c->width * tick;
        loss += weight * gap * fade;
        if (!gradient) continue;
        p->pull[k] =
            power ? q->B * gap * q->beta * (1.0 - fade) / (1.0 + x) * q->C * e
                  : 0.0;
        gradient[c->from + 1] += weight * c->part * fade;
        gradient[c->from] -= weight * c->part * fade;
        /* A lower rate feels the time more. */
        const double own = p->rate[k] > p->least
                               ? p->pull[k] * after * q->gamma / p->rate[k]
                               : 0.0;
        gradient[c->from] -= (1.0 - c->share) * own;
        gradient[c->from + 1] -= c->share * own;
    }
    *time = left;
    return loss;
}

/* Adds what the rates do as time: to A S^-alpha and to the time after every
 * gap before them. `slope` is d(A S^-alpha)/dS. */
static void add_time(struct law_profile *p, double slope, double *gradient)
{
    double pulled = slope;
    for (size_t k = 0; k < p->cells; k++) {
        const struct law_cell *c = &p->cell[k];
        const double to_tick =
            c->width * pulled + 0.5 * (c->width + 1.0) * p->pull[k];
        pulled += p->pull[k];
        /* The clock's derivative has no bound at a rate of 0. */
        const double rate = fmax(p->rate[k], 1e-3 * p->least);
        const double tick = tick_of(p, rate);
        const double to_rate = to_tick * p->params->clock * tick / rate;
        gradient[c->from] += (1.0 - c->share) * to_rate;
        gradient[c->from + 1] += c->share * to_rate;
    }
}

double law_profile_loss(struct law_profile *p, const double *value,
                        double *gradient)
{
    const taper_law_params *q = p->params;
    double time;
    spread(p, value);
    if (gradient) memset(gradient, 0, p->points * sizeof *gradient);
    const double gaps = add_gaps(p, value, gradient, &time);
    if (!(time > 0.0)) return INFINITY;
    const double fall = q->A * pow(time, -q->alpha);
    if (gradient) add_time(p, -q->alpha * fall / time, gradient);
    return q->L0 + fall + gaps;
}
