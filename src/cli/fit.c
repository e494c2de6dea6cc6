/* taper fit: a loss-curve law from the logs of finished runs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/file.h"
#include "cli/fit_picture.h"
#include "cli/law_logs.h"
#include "cli/law_words.h"
#include "cli/model_json.h"
#include "cli/print.h"
#include "plot/gnuplot.h"

/* Parameter sets that a band is made of: each is another fit. */
#define MEMBERS 16

/* Starts of the fits that leave out a run: of those that make a fit sure these
 * are enough for an error that is a mean. */
#define HOLD_OUT_STARTS 4

/* Losses of the first share of the shortest run are left out: a law describes
 * what comes after the fall of the first steps. */
#define FIRST_SHARE 0.08

struct fit_options {
    struct cli_law_reading reading;
    taper_run run;
    const char *model, *plot;
    int law;
    double clock, prior; /* NaN: not said */
    int64_t from;        /* -1: not said */
    int64_t seed;
    bool json, no_band;
};

static const char *const laws[] = {"multi-power", "momentum", NULL};

static const struct cli_option options[] = {
    {.letter = 'o',
     .name = "output",
     .kind = CLI_TEXT,
     .offset = offsetof(struct fit_options, model),
     .value = "FILE",
     .help = "write the model there, as JSON"},
    {.name = "plot",
     .kind = CLI_TEXT,
     .offset = offsetof(struct fit_options, plot),
     .value = "FILE",
     .help = "write the picture: FILE ends in " PLOT_FILE_KINDS},
    {.name = "law",
     .kind = CLI_CHOICE,
     .offset = offsetof(struct fit_options, law),
     .value = "NAME",
     .help = "multi-power or momentum (multi-power)",
     .choices = laws},
    {.name = "clock",
     .kind = CLI_NUMBER,
     .offset = offsetof(struct fit_options, clock),
     .value = "X",
     .help = "exponent of the clock; 1 is that of the papers (0.6, or fitted "
             "if peaks differ)",
     .min = 0.05,
     .max = 1},
    {.name = "from",
     .kind = CLI_COUNT,
     .offset = offsetof(struct fit_options, from),
     .value = "STEP",
     .help = "leave out losses before that step (8 % of the shortest run)",
     .min = 0,
     .max = (double)CLI_LAW_STEPS},
    {.name = "prior",
     .kind = CLI_NUMBER,
     .offset = offsetof(struct fit_options, prior),
     .value = "W",
     .help = "weight of a prior that draws C, beta and gamma to 1, 1 and 0.5 "
             "(1e-3, "
             "or 0 with clock 1)",
     .min = 0,
     .max = 1000},
    CLI_LAW_LOG_OPTIONS(struct fit_options),
    {.name = "schedule",
     .kind = CLI_TEXTS,
     .offset = offsetof(struct fit_options, reading) +
               offsetof(struct cli_law_reading, schedules),
     .value = "SPEC",
     .help = "what the runs followed, for logs without rates; once, or once a "
             "log"},
    CLI_RUN_OPTIONS(struct fit_options),
    {.name = "seed",
     .kind = CLI_COUNT,
     .offset = offsetof(struct fit_options, seed),
     .value = "N",
     .help = "seed of the starts (0)",
     .min = 0,
     .max = (double)TAPER_STEP_MAX},
    {.name = "no-band",
     .offset = offsetof(struct fit_options, no_band),
     .help = "leave out the uncertainty of predictions, which takes most of "
             "the time"},
    {.name = "json",
     .offset = offsetof(struct fit_options, json),
     .help = "print the model as JSON"},
};

/* Everything that a fit gives. */
struct fitting {
    struct cli_law_logs logs;
    struct cli_model model;
    double **predicted; /* [logs][points] at the points of each, owned */
    taper_law_quality *quality; /* [logs], of the points that were used */
};

/* --------------------------------------------------------------- fitting */

/* The first point of a run that a fit uses. */
static size_t first_used(const struct fitting *f, size_t run)
{
    const struct cli_law_log *const l = &f->logs.items[run];
    const int64_t from = f->model.from > l->warmup ? f->model.from : l->warmup;
    size_t k = 0;
    while (k < l->points && l->at[k] * f->logs.stride < from)
        k++;
    return k;
}

/* Predicts the points of run k with any parameters. */
static int predict(const struct fitting *f, size_t k,
                   const taper_law_params *params, double *out)
{
    const taper_law_run *const r = &f->logs.runs[k];
    taper_law_error err;
    return taper_law_points(params, r->rates, r->steps, r->at, r->points, out,
                            &err) == TAPER_LAW_OK
               ? CLI_GO
               : cli_law_failed(f->logs.items[k].path, &err);
}

static taper_law_quality quality_of(const struct fitting *f, size_t k,
                                    const double *predicted)
{
    const struct cli_law_log *const l = &f->logs.items[k];
    const size_t first = first_used(f, k);
    if (first == l->points) return (taper_law_quality){NAN, NAN, NAN, NAN, NAN};
    return taper_law_quality_of(predicted + first, l->losses + first,
                                l->points - first);
}

/* Fits all runs but one and predicts that one. Returns false where that cannot
 * be done. */
static bool hold_out(const struct fitting *f, const taper_law_fit_options *how,
                     size_t out, taper_law_run *rest, double *final,
                     double *mae)
{
    taper_law_fit fit;
    size_t n = 0;
    for (size_t k = 0; k < f->logs.count; k++)
        if (k != out) rest[n++] = f->logs.runs[k];
    if (taper_law_fit_runs(rest, n, how, &fit, NULL) != TAPER_LAW_OK)
        return false;
    const struct cli_law_log *const l = &f->logs.items[out];
    double *const predicted = malloc(l->points * sizeof *predicted);
    const bool ok =
        predicted && predict(f, out, &fit.params, predicted) == CLI_GO;
    if (ok) {
        *mae = quality_of(f, out, predicted).mae;
        *final = fabs(predicted[l->points - 1] - l->losses[l->points - 1]);
    }
    free(predicted);
    return ok && isfinite(*mae);
}

/* What the law is off by on runs that it was not fitted to: each of three or
 * more is left out once. Of two, each alone tells too little. */
static int hold_out_each(struct fitting *f, const taper_law_fit_options *how)
{
    struct cli_hold_out *const h = &f->model.hold_out;
    taper_law_fit_options fewer = *how;
    if (f->logs.count < 3) return CLI_GO;
    fewer.starts = HOLD_OUT_STARTS;
    taper_law_run *const rest = malloc(f->logs.count * sizeof *rest);
    if (!rest) return cli_failed("out of memory");
    for (size_t k = 0; k < f->logs.count; k++) {
        double final, mae;
        if (!hold_out(f, &fewer, k, rest, &final, &mae)) continue;
        h->final += final;
        h->mae += mae;
        h->runs++;
    }
    free(rest);
    if (h->runs > 0) {
        h->final /= (double)h->runs;
        h->mae /= (double)h->runs;
    }
    return CLI_GO;
}

/* Predicts every run with the fit. */
static int predict_all(struct fitting *f)
{
    const size_t count = f->logs.count;
    f->predicted = calloc(count, sizeof *f->predicted);
    f->quality = calloc(count, sizeof *f->quality);
    if (!f->predicted || !f->quality) return cli_failed("out of memory");
    for (size_t k = 0; k < count; k++) {
        f->predicted[k] = malloc(f->logs.items[k].points * sizeof(double));
        if (!f->predicted[k]) return cli_failed("out of memory");
        const int status = predict(f, k, &f->model.fit.params, f->predicted[k]);
        if (status != CLI_GO) return status;
        f->quality[k] = quality_of(f, k, f->predicted[k]);
    }
    return CLI_GO;
}

/* Why there is no fit, and of which logs. */
static int refuse_fit(const struct cli_law_logs *logs,
                      const taper_law_error *err)
{
    const size_t others = logs->count - 1;
    const char *path = logs->items[0].path;
    if (others > 0 && err->code == TAPER_LAW_E_FEW)
        return cli_failed("%s and %zu more log%s: %s", path, others,
                          others > 1 ? "s" : "", err->message);
    if (err->code == TAPER_LAW_E_SHAPE)
        path = logs->items[err->run].path;
    else if (others > 0)
        path = NULL;
    return cli_law_failed(path, err);
}

static int fit_law(const struct fit_options *o, struct fitting *f)
{
    taper_law_fit_options how = taper_law_fit_defaults();
    taper_law_error err;
    struct cli_model *const m = &f->model;
    how.kind = o->law == 0 ? TAPER_LAW_MULTI_POWER : TAPER_LAW_MOMENTUM;
    how.clock = o->clock;
    if (!isnan(o->prior)) how.prior = o->prior;
    how.seed = (uint64_t)o->seed;
    how.first = o->from >= 0
                    ? o->from
                    : (int64_t)(FIRST_SHARE * (double)f->logs.shortest);
    m->fitted = true;
    m->from = how.first;
    how.first /= f->logs.stride;
    m->huber = how.huber;
    m->runs = cli_law_logs_json(&f->logs);
    if (taper_law_fit_runs(f->logs.runs, f->logs.count, &how, &m->fit, &err) !=
        TAPER_LAW_OK)
        return refuse_fit(&f->logs, &err);
    if (!o->no_band &&
        taper_law_spread_of(f->logs.runs, f->logs.count, &how, &m->fit, MEMBERS,
                            &m->spread, &err) != TAPER_LAW_OK)
        return cli_law_failed(NULL, &err);
    int status = hold_out_each(f, &how);
    if (status == CLI_GO) status = predict_all(f);
    /* From here on the model is in steps. */
    const int64_t from = m->from;
    cli_model_scale(m, 1 / (double)f->logs.stride);
    m->from = from;
    m->warmup = f->logs.warmup;
    m->hidden = f->logs.hidden;
    return status;
}

/* -------------------------------------------------------------- printing */

static void print_parameters(const struct cli_model *m)
{
    const taper_law_fit *const fit = &m->fit;
    puts("parameters (between starts that are equally good)");
    for (taper_law_param k = 0; k < TAPER_LAW_PARAMS; k++) {
        const taper_law_estimate *const e = &fit->estimates[k];
        if (!taper_law_param_used(fit->params.kind, k)) continue;
        printf("  %-7s %-12.6g", taper_law_param_name(k),
               taper_law_param_get(&fit->params, k));
        if (!e->fitted)
            fputs(" given", stdout);
        else
            printf(" %.6g to %.6g", e->low, e->high);
        if (e->at_low || e->at_high)
            printf(", at its %s bound", e->at_low ? "lower" : "upper");
        putchar('\n');
    }
}

static void print_by_run(const struct fitting *f)
{
    printf("by run       R2        MAE      RMSE     worst    last loss and "
           "prediction\n");
    for (size_t k = 0; k < f->logs.count; k++) {
        const struct cli_law_log *const l = &f->logs.items[k];
        const taper_law_quality *const q = &f->quality[k];
        printf("  %-9zu  %-8.5f  %-7.5f  %-7.5f  %.3f %%  %.5f, %.5f\n", k + 1,
               q->r2, q->mae, q->rmse, 100 * q->worste,
               l->losses[l->points - 1], f->predicted[k][l->points - 1]);
    }
}

static void print_fit(const struct fitting *f)
{
    const struct cli_model *const m = &f->model;
    printf("%s law from %zu run%s\n", taper_law_kind_name(m->fit.params.kind),
           f->logs.count, cli_plural((int64_t)f->logs.count));
    cli_law_logs_print(&f->logs);
    printf("used: %zu losses from step %lld on; left out: %zu before it or in "
           "the warm-up\n\n",
           m->fit.used, (long long)m->from, m->fit.dropped);
    print_parameters(m);
    fputs("\nfit          ", stdout);
    cli_law_print_quality(&m->fit.quality);
    print_by_run(f);
    putchar('\n');
    cli_law_print_error(m);
    puts("\nwhat this fit does not tell");
    cli_law_print_flags(m);
}

/* ------------------------------------------------------------------- run */

static int show(const struct fit_options *o, const struct fitting *f)
{
    int status = CLI_DONE;
    cJSON *json = cli_model_to_json(&f->model);
    if (o->model) {
        status = cli_model_write(json, o->model);
        if (status != CLI_GO) {
            cJSON_Delete(json);
            return status;
        }
    }
    if (o->json) {
        status = cli_print_json(json);
    } else {
        cJSON_Delete(json);
        print_fit(f);
        putchar('\n');
        status = cli_fit_show(&f->logs, f->predicted, f->model.from, NULL);
    }
    if (status == CLI_DONE && o->plot)
        status = cli_fit_show(&f->logs, f->predicted, f->model.from, o->plot);
    return status;
}

static void fitting_free(struct fitting *f)
{
    for (size_t k = 0; f->predicted && k < f->logs.count; k++)
        free(f->predicted[k]);
    free(f->predicted);
    free(f->quality);
    cli_model_free(&f->model);
    cli_law_logs_free(&f->logs);
}

static int fit_words(struct fit_options *o, const struct cli_words *words)
{
    enum plot_format format;
    struct plot_error err;
    struct fitting f = {.predicted = NULL};
    if (words->count == 0)
        return cli_wrong("no log to fit: taper fit %s", cli_fit.usage);
    if (o->plot && !plot_file_format(o->plot, &format, &err))
        return cli_wrong("%s", err.message);
    if (o->model && cli_is_standard(o->model)) {
        o->model = NULL;
        o->json = true;
    }
    o->reading.run = o->run;
    int status =
        cli_law_logs_read(words->items, words->count, &o->reading, &f.logs);
    if (status != CLI_GO) return status;
    status = fit_law(o, &f);
    if (status == CLI_GO) status = show(o, &f);
    fitting_free(&f);
    return status;
}

static int run(int argc, char **argv)
{
    struct fit_options o = {
        .reading = {.warmup = -1, .points = 1000},
        .clock = NAN,
        .prior = NAN,
        .from = -1,
    };
    struct cli_words words;
    int status = cli_parse(&cli_fit, argc, argv, &o, &words);
    if (status == CLI_GO) status = fit_words(&o, &words);
    free(o.reading.schedules.items);
    return status;
}

const struct cli_command cli_fit = {
    .name = "fit",
    .summary = "fit a loss-curve law to the logs of finished runs",
    .usage = "[options] RUN... [-o MODEL.json]",
    .details =
        "A law says how the loss of one model moves under any schedule of the "
        "learning\n"
        "rate. Two runs with different schedules are enough for it; three also "
        "tell how\n"
        "far it is off on runs that it has not seen. Runs are of the same "
        "model, batch and\n"
        "optimizer.\n"
        "\n"
        "RUN is a CSV or TSV file with a header, JSON lines, an event file of "
        "TensorBoard,\n"
        "a folder of 'taper train' or one with event files, or - for standard "
        "input. It\n"
        "tells the step, the learning rate and the loss of updates, by usual "
        "names.\n"
        "Several rows of a step, NaN, gaps and long logs are handled and "
        "reported.\n",
    .example =
        "  taper fit cosine.csv constant.csv -o model.json\n"
        "  taper fit runs/a runs/b --columns loss=test_loss --plot fit.png\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
