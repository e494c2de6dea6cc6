/* taper bound: what convex theory says of schedules, without any data. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/law_logs.h"
#include "cli/law_words.h"
#include "cli/print.h"
#include "cli/spec.h"

struct bound_options {
    taper_run run;
    const char *plan;
    double distance;
    int64_t transfer; /* steps of the longer run; 0: none */
    bool json;
};

static const struct cli_option options[] = {
    CLI_RUN_OPTIONS(struct bound_options),
    {.name = "distance",
     .kind = CLI_NUMBER,
     .offset = offsetof(struct bound_options, distance),
     .value = "D",
     .help = "from the start to the minimum, over the norm of a gradient (1)",
     .min = DBL_MIN,
     .max = DBL_MAX},
    {.name = "transfer",
     .kind = CLI_COUNT,
     .offset = offsetof(struct bound_options, transfer),
     .value = "N",
     .help = "how to go on to N steps at the same rate, and it stays the best",
     .min = 2,
     .max = (double)CLI_LAW_STEPS},
    {.name = "json",
     .offset = offsetof(struct bound_options, json),
     .help = "print a JSON object"},
};

/* A schedule, and what the bound says of it. */
struct bounded {
    const struct cli_spec *spec; /* borrowed */
    size_t steps;
    double *rates; /* [steps], owned */
    double peak;
    taper_law_bound bound;
    taper_law_transfer cooldown, stage; /* if there is a longer run */
    size_t warmup, flat_end; /* where it rises from 0, and where it first falls
                                for good */
};

/* ---------------------------------------------------------------- figures */

/* The step after which the rate stays below its peak: where its cool-down
 * begins, or the end. */
static size_t cooldown_begin(const struct bounded *b)
{
    size_t at = b->steps;
    while (at > 0 && b->rates[at - 1] < b->peak * (1 - 1e-9))
        at--;
    return at;
}

static int failed(const struct bounded *b, const taper_law_error *err)
{
    return cli_failed("'%s': %s", b->spec->name, err->message);
}

/* What keeps the best rate in a longer run: a longer cool-down, or smaller
 * rates after those of the shorter run before its cool-down. */
static int transfer(const struct bound_options *o, struct bounded *b)
{
    const size_t longer = (size_t)o->transfer;
    taper_law_error err;
    double *const rates = malloc(longer * sizeof *rates);
    if (!rates) return cli_failed("out of memory");
    b->flat_end = cooldown_begin(b);
    b->warmup = taper_law_warmup(b->rates, b->steps);
    const double share = (double)(b->steps - b->flat_end) / (double)b->steps;
    /* The same schedule over the longer run: what lies between the warm-up and
     * the cool-down goes on for longer, and both keep their shares. */
    const size_t cooldown = (size_t)round(share * (double)longer);
    for (size_t t = 0; t < longer; t++) {
        const size_t left = longer - t;
        const double down = left <= cooldown
                                ? (double)(b->steps - b->flat_end) *
                                      (double)left / (double)cooldown
                                : 0;
        const size_t from_end = (size_t)ceil(down);
        rates[t] = from_end > 0    ? b->rates[b->steps - from_end]
                   : t < b->warmup ? b->rates[t]
                                   : b->peak;
    }
    taper_law_status status =
        taper_law_transfer_cooldown(b->rates, b->steps, longer, b->warmup,
                                    share, &b->cooldown, &err);
    if (status == TAPER_LAW_OK)
        status = taper_law_transfer_stage(b->rates, b->steps, rates, longer,
                                          b->flat_end, &b->stage, &err);
    free(rates);
    return status == TAPER_LAW_OK ? CLI_GO : failed(b, &err);
}

static int steps_of(const struct bound_options *o, const struct cli_spec *spec,
                    size_t *steps)
{
    const int64_t length = taper_length(spec->schedule);
    const int64_t n = o->run.steps              ? o->run.steps
                      : length != TAPER_ENDLESS ? length
                                                : 0;
    if (n == 0)
        return cli_wrong("'%s' has no end: --steps N says how many updates "
                         "there are",
                         spec->name);
    if (n > CLI_LAW_STEPS)
        return cli_wrong("'%s' has %lld steps, and %lld is the most",
                         spec->name, (long long)n, (long long)CLI_LAW_STEPS);
    *steps = (size_t)n;
    return CLI_GO;
}

static int bound_one(const struct bound_options *o, struct bounded *b)
{
    taper_law_error err;
    const int status = steps_of(o, b->spec, &b->steps);
    if (status != CLI_GO) return status;
    if (o->transfer > 0 && (size_t)o->transfer <= b->steps)
        return cli_wrong("--transfer needs more steps than the %zu of '%s'",
                         b->steps, b->spec->name);
    b->rates = cli_law_rates(b->spec->schedule, b->spec->name, b->steps);
    if (!b->rates) return CLI_FAILED;
    for (size_t t = 0; t < b->steps; t++)
        b->peak = fmax(b->peak, b->rates[t]);
    if (taper_law_bound_of(b->rates, NULL, b->steps, o->distance, &b->bound,
                           &err) != TAPER_LAW_OK)
        return failed(b, &err);
    return o->transfer > 0 ? transfer(o, b) : CLI_GO;
}

static int by_best(const void *a, const void *b)
{
    const struct bounded *const x = a, *const y = b;
    return x->bound.best_value < y->bound.best_value
               ? -1
               : x->bound.best_value > y->bound.best_value;
}

/* --------------------------------------------------------------- printing */

static void print_transfer(const struct bound_options *o,
                           const struct bounded *b)
{
    printf("\n%s over %lld instead of %zu steps, at the same rate\n",
           b->spec->name, (long long)o->transfer, b->steps);
    printf("  unchanged, the best rate becomes %.4g of what it was\n",
           b->cooldown.unchanged);
    if (b->cooldown.reached)
        printf(
            "  a linear cool-down over the last %.1f %% (step %.0f on) keeps "
            "it the best\n",
            100 * b->cooldown.amount,
            (double)o->transfer * (1 - b->cooldown.amount));
    else
        printf("  no cool-down keeps it: the longest leaves it at %.4g\n",
               b->cooldown.ratio);
    if (b->stage.reached)
        printf("  rates times %.4g from step %zu on keep it the best\n",
               b->stage.amount, b->flat_end);
    else
        printf("  no factor from step %zu on keeps it\n", b->flat_end);
}

static void print_text(const struct bound_options *o, const struct bounded *all,
                       size_t count)
{
    printf("%4s  %-12s  %-12s  %-12s  %s\n", "rank", "best bound", "best peak",
           "bound as is", "schedule");
    for (size_t k = 0; k < count; k++) {
        const struct bounded *const b = &all[k];
        printf("%4zu  %-12.6g  %-12.6g  %-12.6g  %s\n", k + 1,
               b->bound.best_value, b->bound.best_factor * b->peak,
               b->bound.value, b->spec->name);
    }
    puts(
        "\nBounds are for a convex loss, and in its units: the ranking and the "
        "ratios of\nbest peaks carry over to networks, the numbers do not.");
    for (size_t k = 0; k < count && o->transfer > 0; k++)
        print_transfer(o, &all[k]);
}

static cJSON *transfer_json(const taper_law_transfer *t, const char *amount)
{
    cJSON *const o = cJSON_CreateObject();
    cJSON_AddBoolToObject(o, "reached", t->reached);
    cJSON_AddItemToObject(o, amount, cli_json_finite(t->amount));
    cJSON_AddItemToObject(o, "ratio", cli_json_finite(t->ratio));
    return o;
}

static int print_json(const struct bound_options *o, const struct bounded *all,
                      size_t count)
{
    cJSON *const json = cJSON_CreateObject(), *const list = cJSON_CreateArray();
    cJSON_AddItemToObject(json, "distance", cli_json_finite(o->distance));
    for (size_t k = 0; k < count; k++) {
        const struct bounded *const b = &all[k];
        cJSON *const one = cJSON_CreateObject();
        cJSON_AddNumberToObject(one, "rank", (double)k + 1);
        cJSON_AddStringToObject(one, "name", b->spec->name);
        cJSON_AddNumberToObject(one, "steps", (double)b->steps);
        cJSON_AddItemToObject(one, "peak", cli_json_finite(b->peak));
        cJSON_AddItemToObject(one, "bound", cli_json_finite(b->bound.value));
        cJSON_AddItemToObject(one, "best_factor",
                              cli_json_finite(b->bound.best_factor));
        cJSON_AddItemToObject(one, "best_peak",
                              cli_json_finite(b->bound.best_factor * b->peak));
        cJSON_AddItemToObject(one, "best_bound",
                              cli_json_finite(b->bound.best_value));
        if (o->transfer > 0) {
            cJSON *const t = cJSON_CreateObject();
            cJSON_AddNumberToObject(t, "steps", (double)o->transfer);
            cJSON_AddItemToObject(t, "unchanged",
                                  cli_json_finite(b->cooldown.unchanged));
            cJSON_AddItemToObject(t, "cooldown",
                                  transfer_json(&b->cooldown, "share"));
            cJSON_AddItemToObject(t, "stage",
                                  transfer_json(&b->stage, "factor"));
            cJSON_AddNumberToObject(t, "stage_from", (double)b->flat_end);
            cJSON_AddItemToObject(one, "transfer", t);
        }
        cJSON_AddItemToArray(list, one);
    }
    cJSON_AddItemToObject(json, "schedules", list);
    return cli_print_json(json);
}

/* ------------------------------------------------------------------- run */

static int bound_all(const struct bound_options *o,
                     const struct cli_specs *specs)
{
    struct bounded *const all = calloc(specs->count, sizeof *all);
    int status = all ? CLI_GO : cli_failed("out of memory");
    for (size_t k = 0; k < specs->count && status == CLI_GO; k++) {
        all[k].spec = &specs->items[k];
        status = bound_one(o, &all[k]);
    }
    if (status == CLI_GO) {
        qsort(all, specs->count, sizeof *all, by_best);
        status = CLI_DONE;
        if (o->json)
            status = print_json(o, all, specs->count);
        else
            print_text(o, all, specs->count);
    }
    for (size_t k = 0; all && k < specs->count; k++)
        free(all[k].rates);
    free(all);
    return status;
}

static int run(int argc, char **argv)
{
    struct bound_options o = {.distance = 1};
    struct cli_words words;
    struct cli_specs specs;
    int status = cli_parse(&cli_bound, argc, argv, &o, &words);
    if (status != CLI_GO) return status;
    if (words.count == 0)
        return cli_wrong("no schedule: taper bound %s", cli_bound.usage);
    status =
        cli_read_specs(NULL, words.items, words.count, true, &o.run, &specs);
    if (status != CLI_GO) return status;
    status = bound_all(&o, &specs);
    cli_specs_free(&specs);
    return status;
}

const struct cli_command cli_bound = {
    .name = "bound",
    .summary = "rank schedules by a bound from theory, without any data",
    .usage = "[options] [NAME=]SPEC...",
    .details =
        "The bound is on how far the last step of stochastic gradient descent "
        "on a convex\n"
        "loss can be from the minimum. Each schedule is judged at its own best "
        "base rate:\n"
        "the ranking is by shape, and the ratio of two best peaks says by how "
        "much to change\n"
        "a tuned rate when the schedule changes.\n",
    .example =
        "  taper bound linear='linear(1, 0)' wsd='hold(1, 80%) then "
        "linear(to=0)' --steps 4000\n"
        "  taper bound 'hold(1, 3200) then linear(to=0, over=800)' --transfer "
        "8000\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
