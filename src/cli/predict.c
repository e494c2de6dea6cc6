/* taper predict: what a fitted law says, of schedules or of runs. */
#include <math.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/file.h"
#include "cli/predict.h"
#include "plot/gnuplot.h"

/* Products of points and steps up to which the exact formula is summed. */
#define EXACT_MOST 1e8

static const struct cli_option options[] = {
    {.name = "model",
     .kind = CLI_TEXT,
     .offset = offsetof(struct predict_options, model_path),
     .value = "FILE",
     .help = "the model, as 'taper fit' writes it"},
    {.name = "schedule",
     .kind = CLI_TEXTS,
     .offset = offsetof(struct predict_options, schedules),
     .value = "[NAME=]SPEC",
     .help = "a schedule to predict; with --against what the runs followed"},
    {.name = "against",
     .kind = CLI_TEXTS,
     .offset = offsetof(struct predict_options, against),
     .value = "RUN",
     .help = "compare with the log of a run, and of those that are given "
             "behind it"},
    CLI_RUN_OPTIONS(struct predict_options),
    {.name = "level",
     .kind = CLI_NUMBER,
     .offset = offsetof(struct predict_options, level),
     .value = "P",
     .help = "probability of bands (0.9)",
     .min = 0.01,
     .max = 0.999},
    {.name = "from",
     .kind = CLI_COUNT,
     .offset = offsetof(struct predict_options, from),
     .value = "STEP",
     .help = "with --against: leave out losses before that step (as in the "
             "fit)",
     .min = 0,
     .max = (double)CLI_LAW_STEPS},
    CLI_LAW_LOG_OPTIONS(struct predict_options),
    {.name = "csv",
     .kind = CLI_TEXT,
     .offset = offsetof(struct predict_options, csv),
     .value = "FILE",
     .help = "write the predicted curves: schedule, step, lr, loss, low, high"},
    {.name = "plot",
     .kind = CLI_TEXT,
     .offset = offsetof(struct predict_options, plot),
     .value = "FILE",
     .help = "write the picture: FILE ends in " PLOT_FILE_KINDS},
    {.name = "json",
     .offset = offsetof(struct predict_options, json),
     .help = "print a JSON object"},
};

taper_law_status predict_points(const taper_law_params *p, const double *rates,
                                size_t steps, const int64_t *at, size_t n,
                                double *out, taper_law_error *err)
{
    if ((double)n * (double)steps <= EXACT_MOST)
        return taper_law_points(p, rates, steps, at, n, out, err);
    double *const curve = malloc(steps * sizeof *curve);
    taper_law_status status = curve
                                  ? taper_law_curve(p, rates, steps, curve, err)
                                  : TAPER_LAW_E_NOMEM;
    for (size_t i = 0; i < n && status == TAPER_LAW_OK; i++)
        out[i] = curve[at[i]];
    free(curve);
    return status;
}

/* The words of an option and those that follow the options, in one list for the
 * caller to free; NULL without memory. */
static char **join(const struct cli_texts *texts, const struct cli_words *words)
{
    char **const all = calloc(texts->count + words->count + 1, sizeof *all);
    for (size_t k = 0; all && k < texts->count; k++)
        all[k] = (char *)(uintptr_t)texts->items[k];
    for (size_t k = 0; all && k < words->count; k++)
        all[texts->count + k] = words->items[k];
    return all;
}

static int predict_words(struct predict_options *o,
                         const struct cli_words *words)
{
    const bool against = o->against.count > 0;
    const struct cli_texts *const given = against ? &o->against : &o->schedules;
    const size_t count = given->count + words->count;
    enum plot_format format;
    struct plot_error err;
    struct cli_model m;
    if (!o->model_path)
        return cli_wrong("no model: taper predict %s", cli_predict.usage);
    if (count == 0)
        return cli_wrong("no schedule to predict: taper predict %s",
                         cli_predict.usage);
    if (o->plot && !plot_file_format(o->plot, &format, &err))
        return cli_wrong("%s", err.message);
    if (against && o->csv)
        return cli_wrong("--csv writes predicted schedules, so not --against");
    if (o->csv && cli_is_standard(o->csv))
        return cli_wrong("--csv needs a file: the ranking goes to standard "
                         "output");
    int status = cli_model_read(o->model_path, &m);
    if (status != CLI_GO) return status;
    char **const all = join(given, words);
    if (!all)
        status = cli_failed("out of memory");
    else
        status = against ? predict_against(o, &m, all, count)
                         : predict_schedules(o, &m, all, count);
    free((void *)all);
    cli_model_free(&m);
    return status;
}

static int run(int argc, char **argv)
{
    struct predict_options o = {.reading = {.warmup = -1, .points = 100000},
                                .from = -1,
                                .level = 0.9};
    struct cli_words words;
    int status = cli_parse(&cli_predict, argc, argv, &o, &words);
    if (status == CLI_GO) status = predict_words(&o, &words);
    free(o.schedules.items);
    free(o.against.items);
    return status;
}

const struct cli_command cli_predict = {
    .name = "predict",
    .summary = "predict the loss of schedules that were not run",
    .usage = "--model MODEL.json [options] [NAME=]SPEC... | --against RUN...",
    .details =
        "Schedules are ranked by the last loss that the law predicts, each "
        "with a band\n"
        "and, by how much it ends above the best, another. A * marks what goes "
        "beyond the\n"
        "runs that the model was fitted to. Without --steps a schedule is "
        "predicted to its\n"
        "end, or for as long as the longest of these runs.\n"
        "\n"
        "With --against the model is compared with runs that exist, whose "
        "rates are those\n"
        "of their logs, or --schedule, once for all runs or once for each.\n",
    .example =
        "  taper predict --model model.json wsd='wsd(3e-4, warmup=2160, "
        "decay=20%)' \\\n"
        "      cosine='linear(0, 3e-4, 2160) then cosine(to=3e-5)' --steps "
        "48000\n"
        "  taper predict --model model.json --against runs/c other.csv\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
