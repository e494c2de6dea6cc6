/* taper predict --against: what a model says of runs that exist. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/fit_picture.h"
#include "cli/law_words.h"
#include "cli/predict.h"
#include "cli/print.h"

/* One run and what the model says of it. */
struct comparison {
    double *predicted; /* [points], owned */
    taper_law_quality quality;
    size_t used; /* points that were compared, the last ones */
    double final_predicted, final_true;
    double low, high; /* the band of the last loss; NaN: the model has none */
};

static int compare(const struct cli_model *m, const struct predict_options *o,
                   const struct cli_law_log *l, int64_t stride, int64_t from,
                   struct comparison *c)
{
    const taper_law_params *const p = &m->fit.params;
    taper_law_error err;
    c->predicted = malloc(l->points * sizeof *c->predicted);
    if (!c->predicted) return cli_failed("out of memory");
    if (predict_points(p, l->rates, l->steps, l->at, l->points, c->predicted,
                       &err) != TAPER_LAW_OK)
        return cli_law_failed(l->path, &err);
    size_t first = 0;
    while (first < l->points &&
           (l->at[first] * stride < from || l->at[first] * stride < l->warmup))
        first++;
    if (first == l->points)
        return cli_failed("%s has no loss from step %lld on: --from says where "
                          "to begin",
                          l->path, (long long)from);
    c->used = l->points - first;
    c->quality =
        taper_law_quality_of(c->predicted + first, l->losses + first, c->used);
    const size_t last = l->points - 1;
    c->final_predicted = c->predicted[last];
    c->final_true = l->losses[last];
    c->low = c->high = NAN;
    if (m->spread.members == 0) return CLI_GO;
    return taper_law_band(&m->spread, p, l->rates, l->steps, &l->at[last], 1,
                          o->level, &c->low, &c->high, &err) == TAPER_LAW_OK
               ? CLI_GO
               : cli_law_failed(l->path, &err);
}

/* The mean of the metrics of all runs. */
static taper_law_quality mean_of(const struct comparison *all, size_t n)
{
    taper_law_quality sum = {0, 0, 0, 0, 0};
    for (size_t k = 0; k < n; k++) {
        sum.r2 += all[k].quality.r2 / (double)n;
        sum.mae += all[k].quality.mae / (double)n;
        sum.rmse += all[k].quality.rmse / (double)n;
        sum.prede += all[k].quality.prede / (double)n;
        sum.worste += all[k].quality.worste / (double)n;
    }
    return sum;
}

static void add_quality(cJSON *o, const taper_law_quality *q)
{
    cJSON_AddItemToObject(o, "r2", cli_json_finite(q->r2));
    cJSON_AddItemToObject(o, "mae", cli_json_finite(q->mae));
    cJSON_AddItemToObject(o, "rmse", cli_json_finite(q->rmse));
    cJSON_AddItemToObject(o, "prede", cli_json_finite(q->prede));
    cJSON_AddItemToObject(o, "worste", cli_json_finite(q->worste));
}

static int print_json(const struct cli_law_logs *logs,
                      const struct comparison *all)
{
    cJSON *const o = cJSON_CreateObject(), *const runs = cJSON_CreateArray();
    for (size_t k = 0; k < logs->count; k++) {
        const struct comparison *const c = &all[k];
        cJSON *const one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "file", logs->items[k].path);
        add_quality(one, &c->quality);
        cJSON_AddItemToObject(one, "final_predicted",
                              cli_json_finite(c->final_predicted));
        cJSON_AddItemToObject(one, "final_true",
                              cli_json_finite(c->final_true));
        if (isfinite(c->low)) {
            cJSON_AddItemToObject(one, "final_low", cli_json_finite(c->low));
            cJSON_AddItemToObject(one, "final_high", cli_json_finite(c->high));
        }
        cJSON_AddNumberToObject(one, "points", (double)c->used);
        cJSON_AddNumberToObject(one, "warmup", (double)logs->items[k].warmup);
        cJSON_AddItemToArray(runs, one);
    }
    const taper_law_quality mean = mean_of(all, logs->count);
    cJSON *const means = cJSON_CreateObject();
    add_quality(means, &mean);
    cJSON_AddItemToObject(o, "runs", runs);
    cJSON_AddItemToObject(o, "mean", means);
    return cli_print_json(o);
}

static void print_text(const struct predict_options *o,
                       const struct cli_law_logs *logs,
                       const struct comparison *all)
{
    cli_law_logs_print(logs);
    puts("\nrun  R2        MAE      RMSE     worst     last loss: predicted, "
         "true, difference");
    for (size_t k = 0; k < logs->count; k++) {
        const struct comparison *const c = &all[k];
        printf("%-4zu %-8.5f  %-7.5f  %-7.5f  %.3f %%   %.4f  %.4f  %+.4f",
               k + 1, c->quality.r2, c->quality.mae, c->quality.rmse,
               100 * c->quality.worste, c->final_predicted, c->final_true,
               c->final_predicted - c->final_true);
        if (isfinite(c->low))
            printf("  %s the %g %% band",
                   c->final_true >= c->low && c->final_true <= c->high
                       ? "in"
                       : "outside",
                   100 * o->level);
        putchar('\n');
    }
    const taper_law_quality mean = mean_of(all, logs->count);
    fputs("mean ", stdout);
    cli_law_print_quality(&mean);
    putchar('\n');
}

static int show(const struct predict_options *o,
                const struct cli_law_logs *logs, const struct comparison *all,
                int64_t from)
{
    int status = CLI_DONE;
    double **const predicted = calloc(logs->count, sizeof *predicted);
    if (!predicted) return cli_failed("out of memory");
    for (size_t k = 0; k < logs->count; k++)
        predicted[k] = all[k].predicted;
    if (o->json) {
        status = print_json(logs, all);
    } else {
        print_text(o, logs, all);
        status = cli_fit_show(logs, predicted, from, NULL);
    }
    if (status == CLI_DONE && o->plot)
        status = cli_fit_show(logs, predicted, from, o->plot);
    free((void *)predicted);
    return status;
}

int predict_against(struct predict_options *o, struct cli_model *m,
                    char *const *paths, size_t count)
{
    struct cli_law_logs logs;
    const int64_t from = o->from >= 0 ? o->from : m->from;
    o->reading.run = o->run;
    o->reading.schedules = o->schedules;
    o->reading.known_warmup = &m->hidden;
    int status = cli_law_logs_read(paths, count, &o->reading, &logs);
    if (status != CLI_GO) return status;
    cli_model_scale(m, (double)logs.stride);
    struct comparison *const all = calloc(count, sizeof *all);
    if (!all) status = cli_failed("out of memory");
    for (size_t k = 0; k < count && status == CLI_GO; k++)
        status = compare(m, o, &logs.items[k], logs.stride, from, &all[k]);
    if (status == CLI_GO) status = show(o, &logs, all, from);
    for (size_t k = 0; all && k < count; k++)
        free(all[k].predicted);
    free(all);
    cli_law_logs_free(&logs);
    return status;
}
