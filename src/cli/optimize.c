/* taper optimize: the schedule that ends lowest by a fitted law, and whether
 * the law is good enough to say so. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/curve.h"
#include "cli/law_logs.h"
#include "cli/law_words.h"
#include "cli/predict.h"
#include "cli/print.h"
#include "cli/spec.h"
#include "plot/gnuplot.h"

/* Points of the curves in the picture. */
enum { POINTS = 200 };

enum family { WSD, FREE };

struct optimize_options {
    const char *model, *plot;
    int64_t steps, warmup; /* steps 0, warmup -1: not said */
    double peak, floor;    /* peak 0: not said */
    double level;
    int family;
    bool json;
};

static const char *const families[] = {"wsd", "free", NULL};

static const struct cli_option options[] = {
    {.name = "model",
     .kind = CLI_TEXT,
     .offset = offsetof(struct optimize_options, model),
     .value = "FILE",
     .help = "the model, as 'taper fit' writes it"},
    {.name = "steps",
     .kind = CLI_COUNT,
     .offset = offsetof(struct optimize_options, steps),
     .value = "N",
     .help = "updates of the run (those of the longest run of the model)",
     .min = 10,
     .max = (double)CLI_LAW_STEPS},
    {.name = "family",
     .kind = CLI_CHOICE,
     .offset = offsetof(struct optimize_options, family),
     .value = "NAME",
     .help = "wsd: warm-up, hold, cool-down; free: any that never rises (wsd)",
     .choices = families},
    {.name = "warmup",
     .kind = CLI_COUNT,
     .offset = offsetof(struct optimize_options, warmup),
     .value = "N",
     .help = "updates of a linear warm-up (that of the model's runs)",
     .min = 0,
     .max = (double)CLI_LAW_STEPS},
    {.name = "peak",
     .kind = CLI_NUMBER,
     .offset = offsetof(struct optimize_options, peak),
     .value = "RATE",
     .help = "the highest rate (that of the model's runs)",
     .min = DBL_MIN,
     .max = DBL_MAX},
    {.name = "floor",
     .kind = CLI_NUMBER,
     .offset = offsetof(struct optimize_options, floor),
     .value = "RATE",
     .help = "the lowest rate after the warm-up (0)",
     .min = 0,
     .max = DBL_MAX},
    {.name = "level",
     .kind = CLI_NUMBER,
     .offset = offsetof(struct optimize_options, level),
     .value = "P",
     .help = "probability of bands (0.9)",
     .min = 0.01,
     .max = 0.999},
    {.name = "plot",
     .kind = CLI_TEXT,
     .offset = offsetof(struct optimize_options, plot),
     .value = "FILE",
     .help = "write the picture: FILE ends in " PLOT_FILE_KINDS},
    {.name = "json",
     .offset = offsetof(struct optimize_options, json),
     .help = "print a JSON object"},
};

/* What was found. */
struct optimum {
    taper_law_goal goal;
    taper_law_candidate wsd, free;
    size_t cooldown; /* of wsd, steps */
    double power;
    taper_law_knots knots; /* of free */
    taper_law_rival rivals[TAPER_LAW_RIVALS];
    const taper_law_candidate *chosen;
    const taper_law_rival *nearest; /* the best of the rivals */
    double *rates, *rival_rates;    /* [goal.steps], owned */
    unsigned beyond;
    double low, high;           /* the band of the last loss, or NaN */
    double gain;                /* over the nearest rival */
    double gain_low, gain_high; /* its band, or NaN */
};

/* ------------------------------------------------------------- optimising */

static int set_goal(const struct optimize_options *o, const struct cli_model *m,
                    taper_law_goal *goal)
{
    const taper_law_seen *const seen = &m->fit.seen;
    const int64_t steps = o->steps ? o->steps : (int64_t)seen->steps_high;
    const double peak = o->peak > 0 ? o->peak : seen->peak_high;
    if (steps == 0)
        return cli_wrong("the model does not say how long its runs were: "
                         "--steps N says for how many updates to optimise");
    if (!(peak > 0))
        return cli_wrong("the model does not say what rates its runs had: "
                         "--peak RATE says the highest");
    if (o->floor >= peak)
        return cli_wrong("--floor %g is not below the peak, %g", o->floor,
                         peak);
    const int64_t warmup = o->warmup >= 0 ? o->warmup : m->warmup;
    if (warmup >= steps - 1)
        return cli_wrong("a warm-up of %lld steps leaves none of %lld: give "
                         "another --warmup or --steps",
                         (long long)warmup, (long long)steps);
    *goal = (taper_law_goal){(size_t)steps, (size_t)warmup, peak, o->floor};
    return CLI_GO;
}

/* The rates of a text that the library wrote; NULL after a complaint. */
static double *rates_of(const char *text, size_t steps)
{
    const taper_run run = {.steps = (int64_t)steps};
    taper_schedule *s;
    if (cli_read_schedule(text, &run, &s) != CLI_GO) return NULL;
    double *const rates = cli_law_rates(s, text, steps);
    taper_free(s, NULL);
    return rates;
}

static int find_optimum(const struct optimize_options *o,
                        const taper_law_params *p, struct optimum *best)
{
    taper_law_error err;
    taper_law_status status =
        taper_law_optimize_wsd(p, &best->goal, &best->cooldown, &best->power,
                               &best->wsd, &err);
    if (status == TAPER_LAW_OK)
        status = taper_law_optimize_free(p, &best->goal, &best->knots,
                                         &best->free, &err);
    if (status == TAPER_LAW_OK)
        status = taper_law_rivals(p, &best->goal, best->rivals, &err);
    if (status != TAPER_LAW_OK) return cli_law_failed(NULL, &err);
    best->chosen = o->family == WSD ? &best->wsd : &best->free;
    best->nearest = &best->rivals[0];
    for (size_t k = 1; k < TAPER_LAW_RIVALS; k++)
        if (best->rivals[k].loss < best->nearest->loss)
            best->nearest = &best->rivals[k];
    best->gain = best->nearest->loss - best->chosen->loss;
    best->rates = rates_of(best->chosen->text, best->goal.steps);
    best->rival_rates = rates_of(best->nearest->text, best->goal.steps);
    return best->rates && best->rival_rates ? CLI_GO : CLI_FAILED;
}

static int find_bands(const struct optimize_options *o,
                      const struct cli_model *m, struct optimum *best)
{
    const taper_law_params *const p = &m->fit.params;
    const size_t steps = best->goal.steps;
    const int64_t last = (int64_t)steps - 1;
    taper_law_error err;
    best->low = best->high = best->gain_low = best->gain_high = NAN;
    if (m->spread.members == 0) return CLI_GO;
    taper_law_status status =
        taper_law_band(&m->spread, p, best->rates, steps, &last, 1, o->level,
                       &best->low, &best->high, &err);
    if (status == TAPER_LAW_OK)
        status =
            taper_law_band_difference(&m->spread, p, best->rates, steps,
                                      best->rival_rates, steps, o->level,
                                      &best->gain_low, &best->gain_high, &err);
    return status == TAPER_LAW_OK ? CLI_GO : cli_law_failed(NULL, &err);
}

/* --------------------------------------------------------------- printing */

/* A gain over what is usual that is less than what the law is off by is none
 * that can be promised: said in so many words. */
static void print_verdict(const struct cli_model *m, const struct optimum *best)
{
    printf("The gain over '%s' is %.4f.\n", best->nearest->name, best->gain);
    cli_law_print_error(m);
    if (!m->fitted) return;
    if (best->gain < cli_law_error(m))
        puts("The gain is within that error: a run may well end the other way "
             "round.");
    else
        puts("The gain is larger than that error.");
}

static void print_beyond(const struct optimum *best)
{
    const char *between = "";
    if (!best->beyond) return;
    fputs("It goes beyond what the model has seen: ", stdout);
    for (unsigned k = 0; k < CLI_BEYOND_COUNT; k++) {
        if (!(best->beyond >> k & 1)) continue;
        printf("%s%s", between, cli_beyond_words[k]);
        between = ", ";
    }
    puts(".");
}

/* What was chosen, and what the other family comes to. Where its difference is
 * less than four digits show, it is none: knots round the free optimum by as
 * much. */
static void print_families(const struct optimize_options *o,
                           const struct optimum *best)
{
    const double more = best->wsd.loss - best->free.loss;
    const bool differ = more >= 0.5e-4;
    if (o->family == WSD) {
        printf("  of the wsd family: the last %zu steps (%.1f %%) cool down "
               "with power %.3g\n",
               best->cooldown,
               100 * (double)best->cooldown / (double)best->goal.steps,
               best->power);
        if (differ)
            printf("  the free optimum ends %.4f lower (--family free)\n",
                   more);
        else
            puts("  the free optimum ends no lower");
        return;
    }
    printf("  of all that never rise after the warm-up, as %zu knots\n  the "
           "best of the wsd family ends ",
           best->knots.count);
    if (differ)
        printf("%.4f higher: %s\n", more, best->wsd.text);
    else
        printf("no higher: %s\n", best->wsd.text);
}

static void print_text(const struct optimize_options *o,
                       const struct cli_model *m, const struct optimum *best)
{
    printf("%s\n\n", best->chosen->text);
    printf("predicted last loss %.4f after %zu steps", best->chosen->loss,
           best->goal.steps);
    if (isfinite(best->low))
        printf(", %g %% band %.4f to %.4f", 100 * o->level, best->low,
               best->high);
    putchar('\n');
    print_families(o, best);
    puts("what is usual, after the same warm-up");
    for (size_t k = 0; k < TAPER_LAW_RIVALS; k++)
        printf("  %.4f  %+.4f  %s\n", best->rivals[k].loss,
               best->rivals[k].loss - best->chosen->loss, best->rivals[k].name);
    putchar('\n');
    if (isfinite(best->gain_low))
        printf("By the spread of the fit it is %.4f to %.4f better than the "
               "best of these.\n",
               best->gain_low, best->gain_high);
    print_verdict(m, best);
    print_beyond(best);
    putchar('\n');
}

static cJSON *rivals_json(const struct optimum *best)
{
    cJSON *const list = cJSON_CreateArray();
    for (size_t k = 0; k < TAPER_LAW_RIVALS; k++) {
        cJSON *const one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "name", best->rivals[k].name);
        cJSON_AddStringToObject(one, "schedule", best->rivals[k].text);
        cJSON_AddItemToObject(one, "final",
                              cli_json_finite(best->rivals[k].loss));
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static int print_json(const struct optimize_options *o,
                      const struct cli_model *m, const struct optimum *best)
{
    const double error = cli_law_error(m);
    cJSON *const json = cJSON_CreateObject(), *const beyond =
                                                  cJSON_CreateArray();
    cJSON_AddStringToObject(json, "schedule", best->chosen->text);
    cJSON_AddStringToObject(json, "family", families[o->family]);
    cJSON_AddNumberToObject(json, "steps", (double)best->goal.steps);
    cJSON_AddItemToObject(json, "final", cli_json_finite(best->chosen->loss));
    cJSON_AddItemToObject(json, "low", cli_json_finite(best->low));
    cJSON_AddItemToObject(json, "high", cli_json_finite(best->high));
    cJSON_AddItemToObject(json, "wsd", cli_json_finite(best->wsd.loss));
    cJSON_AddItemToObject(json, "free", cli_json_finite(best->free.loss));
    cJSON_AddNumberToObject(json, "cooldown", (double)best->cooldown);
    cJSON_AddItemToObject(json, "power", cli_json_finite(best->power));
    cJSON_AddItemToObject(json, "gain", cli_json_finite(best->gain));
    cJSON_AddItemToObject(json, "gain_low", cli_json_finite(best->gain_low));
    cJSON_AddItemToObject(json, "gain_high", cli_json_finite(best->gain_high));
    cJSON_AddStringToObject(json, "gain_over", best->nearest->name);
    cJSON_AddItemToObject(json, "error", cli_json_finite(error));
    cJSON_AddStringToObject(json, "error_is", cli_law_error_is(m));
    cJSON_AddBoolToObject(json, "gain_exceeds_error", best->gain > error);
    for (unsigned k = 0; k < CLI_BEYOND_COUNT; k++)
        if (best->beyond >> k & 1)
            cJSON_AddItemToArray(beyond,
                                 cJSON_CreateString(cli_beyond_words[k]));
    cJSON_AddItemToObject(json, "beyond", beyond);
    cJSON_AddItemToObject(json, "rivals", rivals_json(best));
    return cli_print_json(json);
}

/* ---------------------------------------------------------------- picture */

/* One schedule in the picture. */
struct shown {
    const char *name;
    const double *rates;
    double rate[POINTS], loss[POINTS];
};

static int show_one(const struct cli_model *m, const struct optimum *best,
                    const int64_t *at, size_t n, struct shown *s)
{
    taper_law_error err;
    for (size_t i = 0; i < n; i++)
        s->rate[i] = s->rates[at[i]];
    return predict_points(&m->fit.params, s->rates, best->goal.steps, at, n,
                          s->loss, &err) == TAPER_LAW_OK
               ? CLI_GO
               : cli_law_failed(NULL, &err);
}

static int draw(const struct cli_model *m, const struct optimum *best,
                const char *file)
{
    struct shown shown[2] = {{.name = "optimised", .rates = best->rates},
                             {.name = best->nearest->name,
                              .rates = best->rival_rates}};
    struct plot_curve losses[2], rates[2];
    int64_t at[POINTS];
    double x[POINTS];
    size_t n = 0;
    const double last = (double)best->goal.steps - 1;
    const double first = fmax((double)best->goal.warmup, 0.05 * last);
    for (size_t i = 0; i < POINTS; i++) {
        const int64_t step =
            (int64_t)(first + (last - first) * (double)i / (POINTS - 1));
        if (n > 0 && step <= at[n - 1]) continue;
        at[n] = step;
        x[n++] = (double)step;
    }
    for (size_t k = 0; k < 2; k++) {
        const int status = show_one(m, best, at, n, &shown[k]);
        if (status != CLI_GO) return status;
        losses[k] = (struct plot_curve){.name = shown[k].name,
                                        .x = x,
                                        .y = shown[k].loss,
                                        .n = n};
        rates[k] = (struct plot_curve){.name = shown[k].name,
                                       .x = x,
                                       .y = shown[k].rate,
                                       .n = n};
    }
    const struct plot_panel panels[] = {
        {.ylabel = "Predicted Loss", .curves = losses, .count = 2},
        {.ylabel = "Learning Rate", .curves = rates, .count = 2}};
    const struct plot_figure figure = {.xlabel = "Steps",
                                       .panels = panels,
                                       .count = 2};
    return cli_show(&figure, file);
}

/* ------------------------------------------------------------------- run */

static int optimize(const struct optimize_options *o, const struct cli_model *m,
                    struct optimum *best)
{
    taper_law_error err;
    if (m->fitted && taper_law_supports(&m->fit, &err) != TAPER_LAW_OK)
        return cli_failed("%s: %s", o->model, err.message);
    int status = set_goal(o, m, &best->goal);
    if (status == CLI_GO) status = find_optimum(o, &m->fit.params, best);
    if (status == CLI_GO) status = find_bands(o, m, best);
    if (status != CLI_GO) return status;
    best->beyond = cli_law_beyond(m, best->rates, best->goal.steps);
    if (o->plot) status = draw(m, best, o->plot);
    if (status > CLI_DONE) return status;
    if (o->json) return print_json(o, m, best);
    print_text(o, m, best);
    return draw(m, best, NULL);
}

static int run(int argc, char **argv)
{
    struct optimize_options o = {.warmup = -1, .level = 0.9};
    struct optimum best = {.rates = NULL};
    struct cli_words words;
    struct cli_model m;
    enum plot_format format;
    struct plot_error err;
    int status = cli_parse(&cli_optimize, argc, argv, &o, &words);
    if (status != CLI_GO) return status;
    if (!o.model)
        return cli_wrong("no model: taper optimize %s", cli_optimize.usage);
    if (words.count > 0)
        return cli_wrong("'%s' is one word too many: taper optimize %s",
                         words.items[0], cli_optimize.usage);
    if (o.plot && !plot_file_format(o.plot, &format, &err))
        return cli_wrong("%s", err.message);
    status = cli_model_read(o.model, &m);
    if (status != CLI_GO) return status;
    status = optimize(&o, &m, &best);
    free(best.rates);
    free(best.rival_rates);
    cli_model_free(&m);
    return status;
}

const struct cli_command cli_optimize = {
    .name = "optimize",
    .summary = "find the schedule that ends lowest by a fitted law",
    .usage = "--model MODEL.json [options]",
    .details =
        "Prints a schedule that can be pasted wherever one is wanted, what the "
        "law predicts\n"
        "for it and for what is usual, and whether its gain is more than the "
        "law is off by.\n"
        "A model of runs that all had one schedule is refused: it does not "
        "tell what others\n"
        "do.\n",
    .example = "  taper optimize --model model.json --steps 48000\n"
               "  taper optimize --model model.json --family free --floor "
               "3e-5 --plot best.png\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
