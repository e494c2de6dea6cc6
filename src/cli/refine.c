/* taper refine: a schedule for the next run from the gradient norms of one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <taper_law.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/curve.h"
#include "cli/file.h"
#include "cli/law_logs.h"
#include "cli/law_words.h"
#include "cli/print.h"
#include "log/loss_log.h"
#include "plot/gnuplot.h"

/* Lines between knots stay within this share of the peak. */
#define TOLERANCE 0.01

struct refine_options {
    const char *columns, *plot;
    int64_t steps;       /* 0: as many as the run */
    double window, peak; /* peak 0: that of the run, or 1 */
    int norm;
    bool json;
};

static const char *const norms[] = {"sgd", "adam", NULL};

static const struct cli_option options[] = {
    {.name = "columns",
     .kind = CLI_TEXT,
     .offset = offsetof(struct refine_options, columns),
     .value = "LIST",
     .help = "step=NAME,norm=NAME,lr=NAME: columns, keys or tags of the log"},
    {.name = "optimizer",
     .kind = CLI_CHOICE,
     .offset = offsetof(struct refine_options, norm),
     .value = "NAME",
     .help = "sgd: the log has L2 norms; adam: L1 norms (sgd)",
     .choices = norms},
    {.name = "window",
     .kind = CLI_NUMBER,
     .offset = offsetof(struct refine_options, window),
     .value = "SHARE",
     .help = "of the run that norms are smoothed over (0.1)",
     .min = 0,
     .max = 1},
    {.name = "peak",
     .kind = CLI_NUMBER,
     .offset = offsetof(struct refine_options, peak),
     .value = "RATE",
     .help = "the largest rate of the schedule (that of the log, or 1)",
     .min = DBL_MIN,
     .max = DBL_MAX},
    {.name = "steps",
     .kind = CLI_COUNT,
     .offset = offsetof(struct refine_options, steps),
     .value = "N",
     .help = "updates of the next run (those of the log)",
     .min = 2,
     .max = (double)CLI_LAW_STEPS},
    {.name = "plot",
     .kind = CLI_TEXT,
     .offset = offsetof(struct refine_options, plot),
     .value = "FILE",
     .help = "write the picture: FILE ends in " PLOT_FILE_KINDS},
    {.name = "json",
     .offset = offsetof(struct refine_options, json),
     .help = "print a JSON object"},
};

/* A refinement. */
struct refined {
    size_t steps;
    double *norms; /* [steps], smoothed; owned */
    double *rates; /* [steps], owned */
    double peak;
    bool peak_known; /* from the log or the options */
    size_t logged;   /* norms that the log has */
    taper_law_knots knots;
    char text[TAPER_LAW_TEXT_SIZE];
};

/* Norms of every step of the next run: lines between those that were logged,
 * over the whole of it. */
static void spread_norms(const struct log_run *run, struct refined *r)
{
    const double last = (double)run->step[run->count - 1];
    size_t i = 0;
    for (size_t t = 0; t < r->steps; t++) {
        const double x =
            r->steps > 1 ? last * (double)t / (double)(r->steps - 1) : 0;
        while (i + 1 < run->count && (double)run->step[i + 1] <= x)
            i++;
        const double x0 = (double)run->step[i];
        r->norms[t] = run->value[i];
        if (i + 1 == run->count || x <= x0) continue;
        const double u = (x - x0) / ((double)run->step[i + 1] - x0);
        r->norms[t] += u * (run->value[i + 1] - run->value[i]);
    }
}

/* Keeps the rows that have a norm. */
static void keep_norms(struct log_run *run, double *peak)
{
    size_t n = 0;
    for (size_t i = 0; i < run->count; i++) {
        if (run->rate && !isnan(run->rate[i]))
            *peak = fmax(*peak, run->rate[i]);
        if (isnan(run->value[i])) continue;
        run->step[n] = run->step[i];
        run->value[n++] = run->value[i];
    }
    run->count = n;
}

static int refine(const struct refine_options *o, const char *path,
                  struct log_run *run, struct refined *r)
{
    taper_law_error err;
    double peak = 0;
    keep_norms(run, &peak);
    r->logged = run->count;
    r->peak_known = o->peak > 0 || peak > 0;
    r->peak = o->peak > 0 ? o->peak : peak > 0 ? peak : 1;
    r->steps = (size_t)(o->steps ? o->steps : run->step[run->count - 1] + 1);
    if (r->steps > (size_t)CLI_LAW_STEPS)
        return cli_failed("%s goes on to step %zu, and %lld is the most: "
                          "--steps N is for a run of N updates",
                          path, r->steps - 1, (long long)CLI_LAW_STEPS);
    r->norms = malloc(r->steps * sizeof *r->norms);
    r->rates = malloc(r->steps * sizeof *r->rates);
    if (!r->norms || !r->rates) return cli_failed("out of memory");
    spread_norms(run, r);
    const taper_law_norm kind =
        o->norm == 0 ? TAPER_LAW_NORM_SGD : TAPER_LAW_NORM_ADAM;
    taper_law_status status =
        taper_law_refine(r->norms, r->steps, kind, o->window, r->rates, &err);
    if (status == TAPER_LAW_OK)
        status = taper_law_norms_smooth(r->norms, r->steps, o->window, r->norms,
                                        &err);
    for (size_t t = 0; t < r->steps && status == TAPER_LAW_OK; t++)
        r->rates[t] *= r->peak;
    if (status == TAPER_LAW_OK)
        status = taper_law_knots_of(r->rates, r->steps, TOLERANCE * r->peak,
                                    &r->knots, &err);
    if (status != TAPER_LAW_OK) return cli_law_failed(path, &err);
    taper_law_knots_text(&r->knots, r->text, sizeof r->text);
    return CLI_GO;
}

/* --------------------------------------------------------------- printing */

static int draw(const struct refined *r, const char *file)
{
    double *const x = malloc(r->steps * sizeof *x);
    if (!x) return cli_failed("out of memory");
    for (size_t t = 0; t < r->steps; t++)
        x[t] = (double)t;
    const struct plot_curve rates = {.x = x, .y = r->rates, .n = r->steps};
    const struct plot_curve smooth = {.x = x, .y = r->norms, .n = r->steps};
    const struct plot_panel panels[] = {
        {.ylabel = "Refined Rate", .curves = &rates, .count = 1},
        {.ylabel = "Gradient Norm", .curves = &smooth, .count = 1}};
    const struct plot_figure figure = {.xlabel = "Steps",
                                       .panels = panels,
                                       .count = 2};
    const int status = cli_show(&figure, file);
    free(x);
    return status;
}

static void print_text(const struct refined *r)
{
    puts(r->text);
    printf("\n%zu steps from %zu norms; its %zu knots are within %.2g of the "
           "refined rates.\n",
           r->steps, r->logged, r->knots.count, r->knots.error);
    if (!r->peak_known)
        puts("Rates are in multiples of the peak: --peak RATE says what that "
             "is.");
    puts("Norms under a schedule that decays are not those under a constant "
         "rate: log the\nnext run as well and refine again.\n");
}

static int print_json(const struct refined *r)
{
    cJSON *const o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "schedule", r->text);
    cJSON_AddNumberToObject(o, "steps", (double)r->steps);
    cJSON_AddItemToObject(o, "peak", cli_json_finite(r->peak));
    cJSON_AddNumberToObject(o, "norms", (double)r->logged);
    cJSON_AddNumberToObject(o, "knots", (double)r->knots.count);
    cJSON_AddItemToObject(o, "knots_error", cli_json_finite(r->knots.error));
    return cli_print_json(o);
}

/* ------------------------------------------------------------------- run */

static int refine_run(const struct refine_options *o, const char *path,
                      struct log_run *run)
{
    struct refined r = {.steps = 0};
    int status = refine(o, cli_file_name(path), run, &r);
    if (status == CLI_GO && o->plot) status = draw(&r, o->plot);
    if (status <= CLI_DONE && o->json) {
        status = print_json(&r);
    } else if (status <= CLI_DONE) {
        print_text(&r);
        status = draw(&r, NULL);
    }
    free(r.norms);
    free(r.rates);
    return status;
}

static int run(int argc, char **argv)
{
    struct refine_options o = {.window = 0.1};
    struct cli_words words;
    struct log_names names;
    struct log_error err;
    struct log_run log;
    enum plot_format format;
    struct plot_error bad;
    int status = cli_parse(&cli_refine, argc, argv, &o, &words);
    if (status != CLI_GO) return status;
    if (words.count != 1)
        return cli_wrong("one run is refined, not %zu: taper refine %s",
                         words.count, cli_refine.usage);
    if (o.plot && !plot_file_format(o.plot, &format, &bad))
        return cli_wrong("%s", bad.message);
    if (log_names_parse(o.columns, &names, &err) != LOG_OK)
        return cli_wrong("%s", err.message);
    const enum log_status read =
        log_read(words.items[0], &names, LOG_NORM, &log, &err);
    if (read == LOG_E_USAGE) return cli_wrong("%s", err.message);
    if (read != LOG_OK) return cli_failed("%s", err.message);
    status = refine_run(&o, words.items[0], &log);
    log_run_free(&log);
    return status;
}

const struct cli_command cli_refine = {
    .name = "refine",
    .summary = "make a schedule from the gradient norms of a run",
    .usage = "[options] RUN",
    .details =
        "Where gradients were small, the rate may be large: by the theory of "
        "the last step\n"
        "the norms of one run say how the rate of the next should move, its "
        "warm-up\n"
        "included. Norms that never change give a straight line to 0. RUN is "
        "as for\n"
        "'taper fit', and has a column of gradient norms.\n",
    .example =
        "  taper refine log.csv --peak 1e-3\n"
        "  taper refine runs/a --columns norm=grad_norm --optimizer adam "
        "--plot refined.png\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
