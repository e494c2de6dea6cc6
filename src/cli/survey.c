/* See survey.h. */
#include "cli/survey.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "cli/print.h"
#include "cli/spec.h"

/* A sum that carries along what rounding took from it (Neumaier's), so that
 * the area of ten million steps is right to the last digits. */
struct sum {
    double total, rest;
};

static void add(struct sum *s, double v)
{
    const double total = s->total + v;
    s->rest += fabs(s->total) >= fabs(v) ? (s->total - total) + v
                                         : (v - total) + s->total;
    s->total = total;
}

static void see(struct cli_survey *v, int64_t step, double value)
{
    if (value > v->peak) {
        v->peak = value;
        v->peak_step = step;
    }
    if (value < v->lowest) v->lowest = value;
    if (value == 0.0) v->zeros++;
}

struct cli_survey cli_survey_take(const taper_schedule *s, int64_t steps)
{
    const double first = taper_at(s, 0);
    struct cli_survey v = {
        .steps = steps,
        .first = first,
        .peak = first,
        .lowest = first,
        .last = taper_at(s, steps ? steps - 1 : 0),
        .end = taper_at(s, steps),
    };
    const int64_t stride = steps ? (steps - 1) / CLI_STEPS_SEEN + 1 : 1;
    const int64_t count = steps ? (steps - 1) / stride + 1 : 0;
    struct sum sum = {0.0, 0.0};
    double values[1024];
    for (int64_t done = 0; done < count;) {
        const int64_t left = count - done;
        const size_t n = left < 1024 ? (size_t)left : 1024;
        taper_fill(s, done * stride, stride, n, values);
        for (size_t k = 0; k < n; k++) {
            see(&v, (done + (int64_t)k) * stride, values[k]);
            add(&sum, values[k]);
        }
        done += (int64_t)n;
    }
    const int64_t zeros = v.zeros;
    see(&v, steps, v.end);
    v.zeros = zeros * stride; /* the end is no update */
    v.sampled = stride > 1;
    const double total = isfinite(sum.total) ? sum.total + sum.rest : sum.total;
    v.area = v.sampled ? total * ((double)steps / (double)count) : total;
    return v;
}

/* Warnings as they are collected. */
struct list {
    struct cli_warning *items; /* [CLI_WARNINGS] */
    size_t count;
};

__attribute__((format(printf, 2, 3))) static void warn(struct list *l,
                                                       const char *format, ...)
{
    if (l->count == CLI_WARNINGS) return;
    va_list args;
    va_start(args, format);
    vsnprintf(l->items[l->count].text, sizeof l->items[l->count].text, format,
              args);
    va_end(args);
    l->count++;
}

static void warn_of_values(const struct cli_survey *v, struct list *l)
{
    char number[TAPER_NUMBER_SIZE];
    if (v->peak == 0.0 && v->lowest == 0.0) {
        warn(l, "every value is 0: nothing will be learnt");
        return;
    }
    if (v->first == 0.0 && v->steps)
        warn(l,
             "the value at step 0 is 0, so the first update changes nothing");
    const int64_t more = v->zeros - (v->first == 0.0);
    if (more > 0)
        warn(l, "the value is 0 in %s%lld of the updates after the first",
             v->sampled ? "about " : "", (long long)more);
    taper_format_number(v->peak, number);
    if (v->peak > 1.0)
        warn(l, "the peak is %s: a learning rate above 1 is rarely meant",
             number);
    taper_format_number(v->lowest, number);
    if (v->lowest < 0.0)
        warn(l, "the lowest value is %s: a negative rate climbs the loss",
             number);
}

/* A segment that begins above the end of the one before it. */
static void warn_of_jumps(const taper_schedule *s, struct list *l)
{
    char from[TAPER_NUMBER_SIZE], to[TAPER_NUMBER_SIZE];
    taper_segment before, here;
    if (!taper_segment_at(s, 0, &before)) return;
    for (size_t k = 1; taper_segment_at(s, k, &here); k++) {
        /* A rounding error is no jump. */
        if (here.from > before.to &&
            here.from - before.to > 1e-9 * fabs(here.from)) {
            taper_format_number(before.to, from);
            taper_format_number(here.from, to);
            warn(l, "the value jumps up from %s to %s at step %lld", from, to,
                 (long long)here.first);
        }
        before = here;
    }
}

static void warn_of_length(const taper_schedule *s, const struct cli_survey *v,
                           int64_t run_steps, struct list *l)
{
    const int64_t length = taper_length(s);
    if (length == TAPER_ENDLESS) {
        if (!run_steps)
            warn(l,
                 "the schedule has no end: these figures are for %lld steps, "
                 "--steps N asks for another number",
                 (long long)v->steps);
        return;
    }
    if (length == 0) warn(l, "the schedule is over at step 0");
    if (!run_steps || run_steps == length) return;
    if (run_steps > length)
        warn(l, "the run goes on for %lld step%s after the schedule's end",
             (long long)(run_steps - length), cli_plural(run_steps - length));
    else
        warn(l,
             "the run ends %lld step%s before the schedule does, at %.6g "
             "instead of %.6g",
             (long long)(length - run_steps), cli_plural(length - run_steps),
             v->end, taper_at(s, length));
}

size_t cli_survey_warn(const taper_schedule *s, const struct cli_survey *v,
                       int64_t run_steps, struct cli_warning *out)
{
    struct list l = {out, 0};
    warn_of_length(s, v, run_steps, &l);
    warn_of_values(v, &l);
    warn_of_jumps(s, &l);
    return l.count;
}
