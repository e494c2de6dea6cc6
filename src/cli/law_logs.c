/* See law_logs.h. */
#include "cli/law_logs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/file.h"
#include "cli/print.h"
#include "cli/spec.h"

/* A log whose first row comes later than so many of its distances between rows
 * does not show how the run began. */
#define HIDDEN_AFTER 2

/* A rate from which on a warm-up has ended, as a share of the peak. */
#define AT_PEAK 0.999

/* ---------------------------------------------------------------- losses */

/* Appends a point. */
static void add_point(struct cli_law_log *l, int64_t at, double loss)
{
    l->at[l->points] = at;
    l->losses[l->points++] = loss;
}

/* The losses of a log as points: the rows themselves, or of a long log the
 * means of its rows over stretches of `bin` steps, which lie at the means of
 * their steps. */
static int take_losses(const struct log_run *run, int64_t most,
                       struct cli_law_log *l)
{
    for (size_t i = 0; i < run->count; i++) {
        if (isnan(run->value[i])) continue;
        if (l->rows++ == 0) l->first = run->step[i];
        l->last = run->step[i];
    }
    l->bin = l->rows > (size_t)most ? l->last / most + 1 : 1;
    const size_t room = l->rows > (size_t)most ? (size_t)most + 1 : l->rows;
    l->at = malloc(room * sizeof *l->at);
    l->losses = malloc(room * sizeof *l->losses);
    if (!l->at || !l->losses) return cli_failed("out of memory");
    double loss = 0, step = 0;
    size_t n = 0;
    int64_t stretch = -1;
    for (size_t i = 0; i < run->count; i++) {
        if (isnan(run->value[i])) continue;
        if (n > 0 && run->step[i] / l->bin != stretch) {
            add_point(l, (int64_t)(step / (double)n), loss / (double)n);
            loss = step = 0;
            n = 0;
        }
        stretch = run->step[i] / l->bin;
        loss += run->value[i];
        step += (double)run->step[i];
        n++;
    }
    if (n > 0) add_point(l, (int64_t)(step / (double)n), loss / (double)n);
    return CLI_GO;
}

/* In metrics.csv of a taper run a loss is the mean since the row before: it
 * belongs to the middle of these steps. */
static void centre_losses(const struct log_run *run, struct cli_law_log *l)
{
    const int64_t back = (l->found.spacing - 1) / 2;
    if (!run->schedule || strcmp(l->names.name[LOG_LOSS], "loss") != 0) return;
    for (size_t i = 0; i < l->points; i++) {
        const int64_t at = l->at[i] - back;
        if (at >= 0 && (i == 0 || at > l->at[i - 1])) l->at[i] = at;
    }
}

/* ----------------------------------------------------------------- rates */

/* The rates that a schedule gives, for as many steps as were logged. */
static int fill_from_text(const char *text, const taper_run *facts,
                          struct cli_law_log *l)
{
    taper_schedule *s;
    const int status = cli_read_schedule(text, facts, &s);
    if (status != CLI_GO) return status;
    taper_fill(s, 0, 1, l->steps, l->rates);
    taper_free(s, NULL);
    for (size_t t = 0; t < l->steps; t++)
        if (!(l->rates[t] >= 0))
            return cli_failed("%s: the schedule '%s' is below 0 at step %zu",
                              l->path, text, t);
    return CLI_GO;
}

static int refuse_rateless(const struct cli_law_log *l)
{
    return cli_failed("%s has no column of learning rates by a usual name: "
                      "--columns lr=NAME says which it is, or --schedule SPEC "
                      "what the run followed",
                      l->path);
}

/* The rates between those that were logged. The columns are made smaller on
 * the way: steps without a rate are of no more use. */
static int fill_from_log(struct log_run *run, struct cli_law_log *l)
{
    size_t n = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (isnan(run->rate[i])) continue;
        run->step[n] = run->step[i];
        run->rate[n++] = run->rate[i];
    }
    taper_law_error err;
    if (taper_law_rates_from_log(run->step, run->rate, n, 0, l->rates, l->steps,
                                 &err) != TAPER_LAW_OK)
        return cli_failed("%s: %s", l->path, err.message);
    double peak = 0;
    for (size_t i = 0; i < n; i++)
        peak = fmax(peak, run->rate[i]);
    l->logged_first = run->step[0];
    l->logged_rate = run->rate[0];
    l->hidden = l->logged_first > HIDDEN_AFTER * l->found.spacing &&
                l->found.spacing > 0 && run->rate[0] >= AT_PEAK * peak &&
                peak > 0;
    return CLI_GO;
}

static int take_rates(struct log_run *run, const char *given,
                      const taper_run *facts, struct cli_law_log *l)
{
    taper_run own = *facts;
    if (run->steps > 0 && own.steps == 0) own.steps = run->steps;
    if (run->epoch > 0 && !(own.epoch > 0)) own.epoch = run->epoch;
    if (own.steps == 0) own.steps = (int64_t)l->steps;
    l->rates = malloc(l->steps * sizeof *l->rates);
    if (!l->rates) return cli_failed("out of memory");
    if (given) {
        l->source = CLI_RATES_GIVEN;
        return fill_from_text(given, &own, l);
    }
    if (run->schedule) {
        l->source = CLI_RATES_RUN;
        return fill_from_text(run->schedule, &own, l);
    }
    l->source = CLI_RATES_LOGGED;
    return run->rate ? fill_from_log(run, l) : refuse_rateless(l);
}

/* ------------------------------------------------------------------- one */

/* The schedule that the options give to log k, or NULL. */
static const char *given_schedule(const struct cli_law_reading *how, size_t k,
                                  size_t count)
{
    if (how->schedules.count == count) return how->schedules.items[k];
    return how->schedules.count == 1 ? how->schedules.items[0] : NULL;
}

static int check_steps(const struct log_run *run, const char *path)
{
    if (run->step[run->count - 1] < CLI_LAW_STEPS) return CLI_GO;
    return cli_failed("%s goes on to step %lld, and laws take one rate a step, "
                      "%lld at most: if it counts samples or tokens, divide "
                      "them by those of an update",
                      path, (long long)run->step[run->count - 1],
                      (long long)CLI_LAW_STEPS);
}

static int make_run(struct log_run *run, const char *given,
                    const struct cli_law_reading *how, struct cli_law_log *l)
{
    l->found = run->found;
    l->names = run->names;
    memcpy(l->other_loss, run->other_loss, sizeof l->other_loss);
    int status = check_steps(run, l->path);
    if (status == CLI_GO) status = take_losses(run, how->points, l);
    if (status != CLI_GO) return status;
    centre_losses(run, l);
    free(run->value);
    run->value = NULL;
    l->length = l->last + 1;
    l->steps = (size_t)l->length;
    return take_rates(run, given, &how->run, l);
}

static int read_log(const char *path, const char *given,
                    const struct cli_law_reading *how,
                    const struct log_names *names, struct cli_law_log *l)
{
    struct log_run run;
    struct log_error err;
    l->path = cli_file_name(path);
    const enum log_status read = log_read(path, names, LOG_LOSS, &run, &err);
    if (read == LOG_E_USAGE) return cli_wrong("%s", err.message);
    if (read != LOG_OK) return cli_failed("%s", err.message);
    const int status = make_run(&run, given, how, l);
    log_run_free(&run);
    return status;
}

/* ------------------------------------------------------------------- all */

/* Fills the steps before the first logged rate anew. Returns the steps of the
 * warm-up. */
static int64_t put_warmup_back(struct cli_law_log *l, int64_t warmup)
{
    const int64_t first = l->logged_first;
    const size_t before = first < l->length ? (size_t)first : l->steps;
    (void)taper_law_rates_from_log(&first, &l->logged_rate, 1, warmup, l->rates,
                                   before, NULL);
    return warmup < first ? warmup : first;
}

/* Runs of one model share their warm-up: of those whose logs do not show it,
 * the one that begins first is the nearest to its end. */
static void assume_warmup(const struct cli_law_reading *how,
                          struct cli_law_logs *logs)
{
    int64_t warmup = how->warmup;
    for (size_t k = 0; k < logs->count && how->warmup < 0; k++) {
        const struct cli_law_log *const l = &logs->items[k];
        if (l->hidden && (warmup < 0 || l->logged_first < warmup))
            warmup = l->logged_first;
    }
    if (how->warmup < 0 && how->known_warmup && *how->known_warmup > 0 &&
        (warmup < 0 || *how->known_warmup < warmup))
        warmup = *how->known_warmup;
    for (size_t k = 0; k < logs->count; k++) {
        struct cli_law_log *const l = &logs->items[k];
        l->hidden = l->source == CLI_RATES_LOGGED && warmup > 1 &&
                    l->logged_first >= 2 && (l->hidden || how->warmup >= 0);
        if (!l->hidden) continue;
        l->warmup = put_warmup_back(l, warmup);
        if (l->warmup > logs->hidden) logs->hidden = l->warmup;
    }
}

/* Makes one rate of every `stride`, and one point of those that fall into one
 * stride. */
static void coarsen(struct cli_law_log *l, int64_t stride)
{
    size_t n = 0;
    l->steps = cli_law_coarsen(l->rates, l->steps, stride);
    for (size_t i = 0; i < l->points; i++) {
        const int64_t at = l->at[i] / stride;
        if (n > 0 && at == l->at[n - 1]) continue;
        l->at[n] = at;
        l->losses[n++] = l->losses[i];
    }
    l->points = n;
}

size_t cli_law_coarsen(double *rates, size_t steps, int64_t stride)
{
    const size_t each = (size_t)stride;
    size_t n = 0;
    for (size_t t = 0; t < steps; t += each) {
        const size_t end = t + each < steps ? t + each : steps;
        double sum = 0;
        for (size_t i = t; i < end; i++)
            sum += rates[i];
        rates[n++] = sum / (double)(end - t);
    }
    return n;
}

int64_t cli_law_stride(int64_t steps)
{
    return (steps - 1) / CLI_LAW_FINE + 1;
}

static void finish(struct cli_law_logs *logs)
{
    int64_t longest = 1;
    for (size_t k = 0; k < logs->count; k++)
        if (logs->items[k].length > longest) longest = logs->items[k].length;
    logs->stride = cli_law_stride(longest);
    for (size_t k = 0; k < logs->count; k++) {
        struct cli_law_log *const l = &logs->items[k];
        if (!l->hidden)
            l->warmup = (int64_t)taper_law_warmup(l->rates, l->steps);
        for (size_t t = 0; t < l->steps; t++)
            l->peak = fmax(l->peak, l->rates[t]);
        if (logs->stride > 1) coarsen(l, logs->stride);
        logs->runs[k] =
            (taper_law_run){l->rates, l->steps, l->at, l->losses, l->points};
        if (l->warmup > logs->warmup) logs->warmup = l->warmup;
        if (k == 0 || l->length < logs->shortest) logs->shortest = l->length;
    }
}

int cli_law_logs_read(char *const *paths, size_t count,
                      const struct cli_law_reading *how,
                      struct cli_law_logs *out)
{
    struct log_names names;
    struct log_error err;
    *out = (struct cli_law_logs){.count = 0};
    if (log_names_parse(how->columns, &names, &err) != LOG_OK)
        return cli_wrong("%s", err.message);
    if (how->schedules.count > 1 && how->schedules.count != count)
        return cli_wrong("%zu log%s and %zu schedules: give one --schedule "
                         "for all logs, or one for each in their order",
                         count, cli_plural((int64_t)count),
                         how->schedules.count);
    out->items = calloc(count, sizeof *out->items);
    out->runs = calloc(count, sizeof *out->runs);
    int status = CLI_GO;
    if (!out->items || !out->runs) status = cli_failed("out of memory");
    for (size_t k = 0; k < count && status == CLI_GO; k++) {
        out->count = k + 1;
        status = read_log(paths[k], given_schedule(how, k, count), how, &names,
                          &out->items[k]);
    }
    if (status != CLI_GO) {
        cli_law_logs_free(out);
        return status;
    }
    assume_warmup(how, out);
    finish(out);
    return CLI_GO;
}

void cli_law_logs_free(struct cli_law_logs *logs)
{
    for (size_t k = 0; k < logs->count; k++) {
        free(logs->items[k].rates);
        free(logs->items[k].at);
        free(logs->items[k].losses);
    }
    free(logs->items);
    free(logs->runs);
    *logs = (struct cli_law_logs){.count = 0};
}
