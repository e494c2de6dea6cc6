/* taper plot: schedules as a picture, in the terminal or in a file. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/spec.h"
#include "plot/gnuplot.h"
#include "plot/terminal.h"
#include "plot/thin.h"

/* Columns that curves are kept at: more than any picture has. */
#define COLUMNS 4096

/* A curve up to this many steps shows each of them, and nothing between. */
#define FEW_STEPS 30

struct plot_options {
    taper_run run;
    const char *file, *title, *xlabel, *ylabel;
    bool log;
};

static const struct cli_option options[] = {
    CLI_RUN_OPTIONS(struct plot_options),
    {.letter = 'o',
     .name = "output",
     .kind = CLI_TEXT,
     .offset = offsetof(struct plot_options, file),
     .value = "FILE",
     .help = "write a picture: FILE ends in " PLOT_FILE_KINDS},
    {.name = "title",
     .kind = CLI_TEXT,
     .offset = offsetof(struct plot_options, title),
     .value = "TEXT",
     .help = "title (the schedule, if there is only one)"},
    {.name = "xlabel",
     .kind = CLI_TEXT,
     .offset = offsetof(struct plot_options, xlabel),
     .value = "TEXT",
     .help = "what the x axis is called (Steps)"},
    {.name = "ylabel",
     .kind = CLI_TEXT,
     .offset = offsetof(struct plot_options, ylabel),
     .value = "TEXT",
     .help = "what the y axis is called (Learning Rate)"},
    {.name = "log",
     .offset = offsetof(struct plot_options, log),
     .help = "logarithmic y axis"},
};

/* One schedule of the picture. */
struct item {
    char *name;       /* owned; for the legend */
    const char *spec; /* its text, borrowed */
    taper_schedule *schedule;
    struct plot_points points;
};

static void free_items(struct item *items, size_t count)
{
    for (size_t k = 0; items && k < count; k++) {
        free(items[k].name);
        taper_free(items[k].schedule, NULL);
        plot_points_free(&items[k].points);
    }
    free(items);
}

/* Splits "name=spec". An equals sign within a schedule stands after a
 * parenthesis, so one before any parenthesis ends a name. */
static int read_item(char *word, const taper_run *run, struct item *item)
{
    const size_t before = strcspn(word, "=(");
    const bool named = word[before] == '=';
    if (named && before == 0)
        return cli_wrong("'%s' has no name before the '='", word);
    item->spec = named ? word + before + 1 : word;
    item->name = named ? strndup(word, before) : strdup(word);
    if (!item->name) return cli_failed("out of memory");
    return cli_read_schedule(item->spec, run, &item->schedule);
}

/* The steps to draw if nobody said: up to the end of the longest schedule that
 * has one. */
static int64_t choose_steps(const struct item *items, size_t count)
{
    int64_t steps = 0;
    for (size_t k = 0; k < count; k++) {
        const int64_t length = taper_length(items[k].schedule);
        if (length != TAPER_ENDLESS && length > steps) steps = length;
    }
    if (steps) return steps;
    cli_complain("note: drawing %d steps, as no schedule here says how many; "
                 "--steps N draws another number",
                 CLI_STEPS_UNSAID);
    return CLI_STEPS_UNSAID;
}

/* Samples a schedule at the steps of the run. */
static bool sample(struct item *item, int64_t steps)
{
    enum { CHUNK = 1024 };
    double x[CHUNK + 1], y[CHUNK + 1];
    const int64_t stride = (steps - 1) / CLI_STEPS_SEEN + 1;
    const int64_t count = (steps - 1) / stride + 1;
    struct plot_thin thin;
    plot_thin_begin(&thin, &item->points, 0.0, (double)steps, COLUMNS);
    for (int64_t done = 0; done < count;) {
        const int64_t left = count - done;
        size_t n = left < CHUNK ? (size_t)left : CHUNK;
        taper_fill(item->schedule, done * stride, stride, n, y);
        for (size_t k = 0; k < n; k++)
            x[k] = (double)((done + (int64_t)k) * stride);
        done += (int64_t)n;
        if (done == count && count > FEW_STEPS) {
            /* The line goes on to the right edge, to where the last step
             * leads; a restart at that very edge is not part of the run. */
            const double end = (double)steps;
            x[n] = end;
            y[n] = taper_at_real(item->schedule, nextafter(end, 0.0));
            n++;
        }
        if (!plot_thin_add(&thin, x, y, n)) return false;
    }
    return plot_thin_end(&thin);
}

static bool any_positive(const struct item *items, size_t count)
{
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < items[k].points.n; i++)
            if (items[k].points.y[i] > 0.0) return true;
    return false;
}

static int show(const struct plot_figure *f, const char *file)
{
    struct plot_error err;
    if (file)
        return plot_file(f, file, &err) ? CLI_DONE
                                        : cli_failed("%s", err.message);
    const struct plot_terminal t = plot_terminal_detect(STDOUT_FILENO);
    if (plot_terminal_draw(f, &t, stdout) == PLOT_E_MEMORY)
        return cli_failed("out of memory");
    return CLI_DONE;
}

static int draw(const struct plot_options *o, const struct item *items,
                size_t count)
{
    struct plot_curve *curves = calloc(count, sizeof *curves);
    if (!curves) return cli_failed("out of memory");
    for (size_t k = 0; k < count; k++)
        curves[k] = (struct plot_curve){
            .name = items[k].name,
            .x = items[k].points.x,
            .y = items[k].points.y,
            .n = items[k].points.n,
            .upright_jumps = true,
        };
    const struct plot_panel panel = {
        .ylabel = o->ylabel ? o->ylabel : "Learning Rate",
        .curves = curves,
        .count = count,
        .log_y = o->log,
    };
    const struct plot_figure f = {
        .title = o->title     ? o->title
                 : count == 1 ? items[0].name
                              : NULL,
        .xlabel = o->xlabel ? o->xlabel : "Steps",
        .panels = &panel,
        .count = 1,
    };
    const int status = show(&f, o->file);
    free(curves);
    return status;
}

static int plot_items(struct plot_options *o, const struct cli_words *words,
                      struct item *items)
{
    for (size_t k = 0; k < words->count; k++) {
        const int status = read_item(words->items[k], &o->run, &items[k]);
        if (status != CLI_GO) return status;
    }
    const int64_t steps =
        o->run.steps ? o->run.steps : choose_steps(items, words->count);
    for (size_t k = 0; k < words->count; k++)
        if (!sample(&items[k], steps)) return cli_failed("out of memory");
    if (o->log && !any_positive(items, words->count))
        return cli_failed("no value is above 0, so a logarithmic axis has "
                          "nothing to show: leave out --log");
    return draw(o, items, words->count);
}

static int run(int argc, char **argv)
{
    struct plot_options o = {.file = NULL};
    struct cli_words words;
    int status = cli_parse(&cli_plot, argc, argv, &o, &words);
    if (status != CLI_GO) return status;
    if (!words.count)
        return cli_wrong("plot needs a schedule: taper plot %s",
                         cli_plot.usage);
    enum plot_format format;
    struct plot_error err;
    if (o.file && !plot_file_format(o.file, &format, &err))
        return cli_wrong("%s", err.message);

    struct item *items = calloc(words.count, sizeof *items);
    if (!items) return cli_failed("out of memory");
    status = plot_items(&o, &words, items);
    free_items(items, words.count);
    return status;
}

const struct cli_command cli_plot = {
    .name = "plot",
    .summary = "draw schedules in the terminal or into a file",
    .usage = "[options] [NAME=]SPEC...",
    .details =
        "Several schedules share one picture with a legend. Without --steps it "
        "goes\n"
        "up to the end of the longest one. Files are drawn by gnuplot.\n",
    .example =
        "  taper plot 'cosine(0.1, 0.001, 50, after=mirror)' --steps 200\n"
        "  taper plot slow='poly(0.1, 0, 200, power=2)' fast='exp(0.1, "
        "rate=0.96)' "
        "-o rates.png\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
