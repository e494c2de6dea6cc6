/* taper predict: the loss curves of schedules that nobody has run. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/curve.h"
#include "cli/law_words.h"
#include "cli/predict.h"
#include "cli/print.h"
#include "cli/spec.h"
#include "plot/aside.h"

/* Points of a curve in pictures and JSON; bands take a while. */
enum { POINTS = 120 };

/* One schedule and what is predicted. */
struct prediction {
    const struct cli_spec *spec; /* borrowed */
    int64_t length;              /* steps */
    size_t steps;                /* in strides */
    double *rates;               /* [steps], owned */
    double final, low, high;
    double above, above_low, above_high; /* the best; NaN for the best */
    unsigned beyond;
    size_t n;           /* points of the curve */
    int64_t at[POINTS]; /* increasing */
    double x[POINTS];   /* the same, in steps */
    double rate[POINTS];
    double loss[POINTS], loss_low[POINTS], loss_high[POINTS];
};

struct predictions {
    struct prediction *items; /* [count], owned; the best first */
    size_t count;
    int64_t stride; /* steps that a rate stands for; the unit of `steps` and
                       `at` above, but not of `x` */
};

/* ------------------------------------------------------------- predicting */

static int out_of_memory(void)
{
    return cli_failed("out of memory");
}

/* The steps that a schedule is predicted for. */
static int steps_of(const struct predict_options *o, const struct cli_model *m,
                    const struct cli_spec *spec, int64_t *steps)
{
    const int64_t length = taper_length(spec->schedule);
    int64_t n = o->run.steps;
    if (n == 0 && length != TAPER_ENDLESS) n = length;
    if (n == 0) n = (int64_t)m->fit.seen.steps_high;
    if (n > CLI_LAW_STEPS)
        return cli_wrong("'%s' has %lld steps, and %lld is the most that is "
                         "predicted",
                         spec->name, (long long)n, (long long)CLI_LAW_STEPS);
    *steps = n;
    return n > 0 ? CLI_GO
                 : cli_wrong("'%s' has no end: --steps N says how many updates "
                             "to predict",
                             spec->name);
}

/* Where the curve is shown: not the first steps, at which a law has nothing to
 * say, and the last step. */
static void choose_points(const struct cli_model *m, int64_t stride,
                          struct prediction *p)
{
    const double last = (double)(p->steps - 1);
    const double first =
        fmin(fmax((double)m->from, fmax((double)m->warmup, 0.04 * last)),
             0.5 * last);
    for (size_t i = 0; i < POINTS; i++) {
        const double x = first + (last - first) * (double)i / (POINTS - 1);
        const int64_t at = (int64_t)floor(x);
        if (p->n > 0 && at <= p->at[p->n - 1]) continue;
        p->at[p->n] = at;
        p->x[p->n] = (double)(at * stride);
        p->rate[p->n++] = p->rates[at];
    }
}

static int predict_one(const struct predict_options *o,
                       const struct cli_model *m, int64_t stride,
                       struct prediction *p)
{
    const taper_law_params *const law = &m->fit.params;
    taper_law_error err;
    p->rates =
        cli_law_rates(p->spec->schedule, p->spec->name, (size_t)p->length);
    if (!p->rates) return CLI_FAILED;
    p->steps = cli_law_coarsen(p->rates, (size_t)p->length, stride);
    choose_points(m, stride, p);
    p->beyond = cli_law_beyond(m, p->rates, p->steps);
    p->final = taper_law_final(law, p->rates, p->steps);
    p->low = p->high = p->above = NAN;
    if (!isfinite(p->final))
        return cli_failed("'%s' never has a rate above 0", p->spec->name);
    if (!(p->final > 0))
        return cli_failed("'%s': the law does not hold at such rates: it "
                          "predicts the loss %.4g",
                          p->spec->name, p->final);
    taper_law_status done =
        predict_points(law, p->rates, p->steps, p->at, p->n, p->loss, &err);
    for (size_t i = 0; i < p->n; i++)
        p->loss_low[i] = p->loss_high[i] = NAN;
    if (done == TAPER_LAW_OK && m->spread.members > 0) {
        done = taper_law_band(&m->spread, law, p->rates, p->steps, p->at, p->n,
                              o->level, p->loss_low, p->loss_high, &err);
        p->low = p->loss_low[p->n - 1];
        p->high = p->loss_high[p->n - 1];
    }
    return done == TAPER_LAW_OK ? CLI_GO : cli_law_failed(NULL, &err);
}

static int by_final(const void *a, const void *b)
{
    const struct prediction *const x = a, *const y = b;
    return x->final < y->final ? -1 : x->final > y->final;
}

/* By how much each schedule ends above the best. */
static int compare_with_best(const struct predict_options *o,
                             const struct cli_model *m, struct predictions *all)
{
    const struct prediction *const best = &all->items[0];
    for (size_t k = 1; k < all->count; k++) {
        struct prediction *const p = &all->items[k];
        taper_law_error err;
        p->above = p->final - best->final;
        p->above_low = p->above_high = NAN;
        if (m->spread.members > 0 &&
            taper_law_band_difference(&m->spread, &m->fit.params, best->rates,
                                      best->steps, p->rates, p->steps, o->level,
                                      &p->above_low, &p->above_high,
                                      &err) != TAPER_LAW_OK)
            return cli_law_failed(NULL, &err);
    }
    return CLI_GO;
}

static int predict_all(const struct predict_options *o, struct cli_model *m,
                       const struct cli_specs *specs, struct predictions *all)
{
    int status = CLI_GO;
    int64_t longest = 1;
    all->items = calloc(specs->count, sizeof *all->items);
    if (!all->items) return out_of_memory();
    for (; all->count < specs->count && status == CLI_GO; all->count++) {
        struct prediction *const p = &all->items[all->count];
        p->spec = &specs->items[all->count];
        status = steps_of(o, m, p->spec, &p->length);
        if (p->length > longest) longest = p->length;
    }
    all->stride = cli_law_stride(longest);
    cli_model_scale(m, (double)all->stride);
    for (size_t k = 0; k < all->count && status == CLI_GO; k++)
        status = predict_one(o, m, all->stride, &all->items[k]);
    if (status != CLI_GO) return status;
    qsort(all->items, all->count, sizeof *all->items, by_final);
    return compare_with_best(o, m, all);
}

/* --------------------------------------------------------------- printing */

static void print_beyond(unsigned beyond)
{
    const char *between = "";
    for (unsigned k = 0; k < CLI_BEYOND_COUNT; k++) {
        if (!(beyond >> k & 1)) continue;
        printf("%s%s", between, cli_beyond_words[k]);
        between = ", ";
    }
}

static void print_row(const struct prediction *p, size_t rank)
{
    char band[48] = "-", above[64] = "-";
    if (isfinite(p->low))
        (void)snprintf(band, sizeof band, "%.4f to %.4f", p->low, p->high);
    if (rank > 1 && isfinite(p->above_low))
        (void)snprintf(above, sizeof above, "%.4f (%.4f to %.4f)", p->above,
                       p->above_low, p->above_high);
    else if (rank > 1)
        (void)snprintf(above, sizeof above, "%.4f", p->above);
    printf("%4zu  %-10.4f  %-16s  %-26s  %s%s\n", rank, p->final, band, above,
           p->spec->name, p->beyond ? " *" : "");
}

/* What is to be known before the numbers are believed. */
static void print_caveats(const struct cli_model *m,
                          const struct predictions *all)
{
    for (size_t k = 0; k < all->count; k++) {
        if (!all->items[k].beyond) continue;
        printf("* %s goes beyond what the model has seen: ",
               all->items[k].spec->name);
        print_beyond(all->items[k].beyond);
        putchar('\n');
    }
    cli_law_print_error(m);
    if (all->count > 1 && all->items[1].above < cli_law_error(m))
        puts("The best differs from the second by less than that: which is "
             "better is not told.");
    if (m->fit.flags & TAPER_LAW_ONE_SCHEDULE)
        puts("The model was fitted to one shape of schedule: this ranking "
             "rests on nothing.");
}

static void print_table(const struct predict_options *o,
                        const struct cli_model *m,
                        const struct predictions *all)
{
    char band[24];
    (void)snprintf(band, sizeof band, "%g %% band", 100 * o->level);
    printf("%4s  %-10s  %-16s  %-26s  %s\n", "rank", "last loss", band,
           "above the best", "schedule");
    for (size_t k = 0; k < all->count; k++)
        print_row(&all->items[k], k + 1);
    putchar('\n');
    print_caveats(m, all);
}

static cJSON *numbers_json(const double *values, size_t n)
{
    cJSON *const a = cJSON_CreateArray();
    for (size_t i = 0; i < n; i++)
        cJSON_AddItemToArray(a, cli_json_finite(values[i]));
    return a;
}

static cJSON *prediction_json(const struct prediction *p, size_t rank,
                              bool band)
{
    cJSON *const o = cJSON_CreateObject(), *const curve = cJSON_CreateObject();
    cJSON *const beyond = cJSON_CreateArray();
    char *const text = cli_describe(p->spec->schedule);
    cJSON_AddNumberToObject(o, "rank", (double)rank);
    cJSON_AddStringToObject(o, "name", p->spec->name);
    cJSON_AddStringToObject(o, "schedule", text ? text : "");
    cJSON_AddNumberToObject(o, "steps", (double)p->length);
    cJSON_AddItemToObject(o, "final", cli_json_finite(p->final));
    cJSON_AddItemToObject(curve, "step", numbers_json(p->x, p->n));
    cJSON_AddItemToObject(curve, "loss", numbers_json(p->loss, p->n));
    if (band) {
        cJSON_AddItemToObject(o, "low", cli_json_finite(p->low));
        cJSON_AddItemToObject(o, "high", cli_json_finite(p->high));
        cJSON_AddItemToObject(curve, "low", numbers_json(p->loss_low, p->n));
        cJSON_AddItemToObject(curve, "high", numbers_json(p->loss_high, p->n));
    }
    if (rank > 1) {
        cJSON_AddItemToObject(o, "above_best", cli_json_finite(p->above));
        cJSON_AddItemToObject(o, "above_best_low",
                              cli_json_finite(p->above_low));
        cJSON_AddItemToObject(o, "above_best_high",
                              cli_json_finite(p->above_high));
    }
    for (unsigned k = 0; k < CLI_BEYOND_COUNT; k++)
        if (p->beyond >> k & 1)
            cJSON_AddItemToArray(beyond,
                                 cJSON_CreateString(cli_beyond_words[k]));
    cJSON_AddItemToObject(o, "beyond", beyond);
    cJSON_AddItemToObject(o, "curve", curve);
    free(text);
    return o;
}

static int print_json(const struct predict_options *o,
                      const struct cli_model *m, const struct predictions *all)
{
    const double error = cli_law_error(m);
    cJSON *const json = cJSON_CreateObject(), *const list = cJSON_CreateArray();
    cJSON_AddItemToObject(json, "level", cli_json_finite(o->level));
    cJSON_AddItemToObject(json, "error", cli_json_finite(error));
    cJSON_AddStringToObject(json, "error_is", cli_law_error_is(m));
    for (size_t k = 0; k < all->count; k++)
        cJSON_AddItemToArray(list, prediction_json(&all->items[k], k + 1,
                                                   m->spread.members > 0));
    cJSON_AddItemToObject(json, "schedules", list);
    return cli_print_json(json);
}

/* The curves as a table: schedule, step, rate, loss, low, high. */
static int write_csv(const char *path, const struct predictions *all)
{
    struct plot_aside a;
    struct plot_error err;
    if (!plot_aside_open(&a, path, &err)) return cli_failed("%s", err.message);
    fputs("schedule,step,lr,loss,low,high\n", a.file);
    for (size_t k = 0; k < all->count; k++)
        for (size_t i = 0; i < all->items[k].n; i++) {
            const struct prediction *const p = &all->items[k];
            const double row[] = {p->rate[i], p->loss[i], p->loss_low[i],
                                  p->loss_high[i]};
            cli_print_field(a.file, p->spec->name);
            fprintf(a.file, ",%.0f", p->x[i]);
            for (size_t c = 0; c < 4; c++) {
                fputc(',', a.file);
                if (isfinite(row[c])) cli_print_number(a.file, row[c]);
            }
            fputc('\n', a.file);
        }
    return plot_aside_commit(&a, &err) ? CLI_DONE
                                       : cli_failed("%s", err.message);
}

/* ---------------------------------------------------------------- picture */

static int draw(const struct predictions *all, bool band, const char *file)
{
    struct plot_curve *const losses = calloc(all->count, sizeof *losses);
    struct plot_curve *const rates = calloc(all->count, sizeof *rates);
    int status = CLI_DONE;
    for (size_t k = 0; losses && rates && k < all->count; k++) {
        const struct prediction *const p = &all->items[k];
        losses[k] = (struct plot_curve){.name = p->spec->name,
                                        .x = p->x,
                                        .y = p->loss,
                                        .n = p->n,
                                        .low = band ? p->loss_low : NULL,
                                        .high = band ? p->loss_high : NULL};
        rates[k] = (struct plot_curve){.name = p->spec->name,
                                       .x = p->x,
                                       .y = p->rate,
                                       .n = p->n};
    }
    const struct plot_panel panels[] = {
        {.ylabel = "Predicted Loss", .curves = losses, .count = all->count},
        {.ylabel = "Learning Rate", .curves = rates, .count = all->count}};
    const struct plot_figure figure = {.title = all->count == 1
                                                    ? all->items[0].spec->name
                                                    : NULL,
                                       .xlabel = "Steps",
                                       .panels = panels,
                                       .count = 2};
    status = losses && rates ? cli_show(&figure, file) : out_of_memory();
    free(losses);
    free(rates);
    return status;
}

static int show(const struct predict_options *o, const struct cli_model *m,
                const struct predictions *all)
{
    const bool band = m->spread.members > 0;
    int status = CLI_DONE;
    if (o->csv) status = write_csv(o->csv, all);
    if (status == CLI_DONE && o->plot) status = draw(all, band, o->plot);
    if (status != CLI_DONE) return status;
    if (o->json) return print_json(o, m, all);
    print_table(o, m, all);
    putchar('\n');
    return draw(all, band, NULL);
}

int predict_schedules(const struct predict_options *o, struct cli_model *m,
                      char *const *words, size_t count)
{
    struct cli_specs specs;
    struct predictions all = {.items = NULL};
    taper_run facts = o->run;
    if (facts.steps == 0) facts.steps = (int64_t)m->fit.seen.steps_high;
    int status = cli_read_specs(NULL, words, count, true, &facts, &specs);
    if (status != CLI_GO) return status;
    status = predict_all(o, m, &specs, &all);
    if (status == CLI_GO) status = show(o, m, &all);
    for (size_t k = 0; k < all.count; k++)
        free(all.items[k].rates);
    free(all.items);
    cli_specs_free(&specs);
    return status;
}
