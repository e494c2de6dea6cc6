/* taper report: what a study shows, in the terminal, as a page, as Markdown, as
 * JSON, or one figure of it. */
#include <float.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/curve.h"
#include "cli/print.h"
#include "plot/aside.h"
#include "plot/gnuplot.h"
#include "plot/terminal.h"
#include "report/figures.h"
#include "report/report.h"

enum { PLAIN_COLUMNS = 100 }; /* where no terminal says how many it has */

enum { NO_FIGURE = -1 };

struct report_options {
    const char *file;
    int figure;        /* an enum report_kind, or NO_FIGURE */
    double difference; /* 0: that which was seen */
    bool json;
};

static const char *const kinds[] = {"intervals", "rates", "curves", "peaks",
                                    NULL};

static const struct cli_option options[] = {
    {.letter = 'o',
     .name = "output",
     .kind = CLI_TEXT,
     .offset = offsetof(struct report_options, file),
     .value = "FILE",
     .help = "write a page (.html), a text for a pull request (.md), data "
             "(.json) or a picture (.png, .svg, .pdf)"},
    {.name = "figure",
     .kind = CLI_CHOICE,
     .offset = offsetof(struct report_options, figure),
     .value = "KIND",
     .help = "which picture; without -o it is drawn in the terminal",
     .choices = kinds},
    {.name = "difference",
     .kind = CLI_NUMBER,
     .offset = offsetof(struct report_options, difference),
     .value = "D",
     .help = "the smallest difference that matters, in the metric's unit "
             "(0.002: 0.2 points): how many seeds would find it",
     .min = DBL_MIN,
     .max = 1e300},
    {.name = "json",
     .kind = CLI_FLAG,
     .offset = offsetof(struct report_options, json),
     .help = "print the report as JSON"},
};

/* ---------------------------------------------------------------- figures */

/* One figure of all budgets. */
static int show_figure(const struct report *r, enum report_kind kind,
                       const char *file)
{
    struct report_figure f;
    if (!report_draw(r, kind, 0, r->analysis.table_count, &f))
        return cli_failed("out of memory");
    const int status = f.figure.count
                           ? cli_show(&f.figure, file)
                           : cli_failed("%s", report_kind_missing(kind));
    report_figure_free(&f);
    return status;
}

static int write_picture(const struct report *r, const struct report_options *o)
{
    return show_figure(r,
                       o->figure == NO_FIGURE ? REPORT_INTERVALS
                                              : (enum report_kind)o->figure,
                       o->file);
}

/* ---------------------------------------------------------------- texts */

static bool write_json(const struct report *r, FILE *out)
{
    cJSON *const object = report_json(r);
    char *const text = cli_json_text(object);
    cJSON_Delete(object);
    if (!text) return false;
    fprintf(out, "%s\n", text);
    cJSON_free(text);
    return true;
}

/* A file that appears whole or not at all. */
static int write_text(const struct report *r, const char *path,
                      bool (*write)(const struct report *, FILE *))
{
    struct plot_aside aside;
    struct plot_error err;
    if (!plot_aside_open(&aside, path, &err))
        return cli_failed("%s", err.message);
    if (!write(r, aside.file)) {
        plot_aside_abandon(&aside);
        return cli_failed("out of memory");
    }
    return plot_aside_commit(&aside, &err) ? CLI_DONE
                                           : cli_failed("%s", err.message);
}

static int write_page(const struct report *r, const struct report_options *o)
{
    return write_text(r, o->file, report_html);
}

static int write_markdown(const struct report *r,
                          const struct report_options *o)
{
    return write_text(r, o->file, report_markdown);
}

static int write_data(const struct report *r, const struct report_options *o)
{
    return write_text(r, o->file, write_json);
}

/* What the end of a file's name asks for. */
static const struct format {
    const char *extension;
    bool curves; /* it shows what trials logged along the way */
    int (*write)(const struct report *r, const struct report_options *o);
} formats[] = {
    {".html", true, write_page},    {".htm", true, write_page},
    {".md", false, write_markdown}, {".markdown", false, write_markdown},
    {".json", false, write_data},   {".png", true, write_picture},
    {".svg", true, write_picture},  {".pdf", true, write_picture},
};

static const struct format *find_format(const char *path)
{
    const char *const dot = strrchr(path, '.');
    for (size_t k = 0; dot && k < sizeof formats / sizeof formats[0]; k++)
        if (strcasecmp(dot, formats[k].extension) == 0) return &formats[k];
    return NULL;
}

/* ---------------------------------------------------------------- terminal */

/* The ranking and, if anything is known, the intervals below it. */
static int show_text(const struct report *r)
{
    const struct plot_terminal t = plot_terminal_detect(STDOUT_FILENO);
    const size_t columns = isatty(STDOUT_FILENO) ? t.columns : PLAIN_COLUMNS;
    if (!report_text(r, columns, stdout)) return cli_failed("out of memory");
    struct report_figure f;
    if (!report_draw(r, REPORT_INTERVALS, 0, r->analysis.table_count, &f))
        return cli_failed("out of memory");
    int status = CLI_DONE;
    if (f.figure.count) {
        putchar('\n');
        status = cli_show(&f.figure, NULL);
    }
    report_figure_free(&f);
    return status;
}

static int show(const struct report *r, const struct report_options *o,
                const struct format *format)
{
    if (format) return format->write(r, o);
    if (o->json) return cli_print_json(report_json(r));
    if (o->figure != NO_FIGURE)
        return show_figure(r, (enum report_kind)o->figure, NULL);
    return show_text(r);
}

/* CLI_GO, or what is wrong with the options together. */
static int check(const struct report_options *o, const struct cli_words *words,
                 const struct format *format)
{
    const bool picture = format && format->write == write_picture;
    if (words->count != 1)
        return cli_wrong("report needs one study: taper report %s",
                         cli_report.usage);
    if (o->file && !format)
        return cli_wrong("cannot tell the format of '%s': it ends in none of "
                         ".html, .md, .json, .png, .svg, .pdf",
                         o->file);
    if (o->json && (o->file || o->figure != NO_FIGURE))
        return cli_wrong("--json prints the whole report: leave out -o and "
                         "--figure, or write -o FILE.json");
    if (o->file && o->figure != NO_FIGURE && !picture)
        return cli_wrong("--figure is one picture: '%s' has to end in .png, "
                         ".svg or .pdf",
                         o->file);
    if (format && format->write == write_page && !report_has_charts())
        return cli_failed("this build has no charts for a page: run "
                          "tools/fetch-uplot and build taper again, or write "
                          "-o FILE.md");
    return CLI_GO;
}

static int run(int argc, char **argv)
{
    struct report_options o = {.figure = NO_FIGURE};
    struct cli_words words;
    int status = cli_parse(&cli_report, argc, argv, &o, &words);
    if (status != CLI_GO) return status;
    const struct format *const format = o.file ? find_format(o.file) : NULL;
    status = check(&o, &words, format);
    if (status != CLI_GO) return status;

    struct report r;
    struct study_error err = {STUDY_OK, ""};
    const bool curves = format ? format->curves : o.figure != NO_FIGURE;
    if (report_open(words.items[0], curves, o.difference, &r, &err) != STUDY_OK)
        return cli_failed("%s", err.message);
    status = show(&r, &o, format);
    report_close(&r);
    return status;
}

const struct cli_command cli_report = {
    .name = "report",
    .summary = "show what a study of compare found: table, page, figures",
    .usage = "[options] STUDY.db",
    .details =
        "Ranks the schedules of a study, says in words what can be told apart "
        "and\n"
        "draws the means with their intervals. A page (-o FILE.html) is one "
        "file that\n"
        "needs no network: every chart, every number, and how to repeat the "
        "study.\n"
        "\n"
        "Figures: intervals (means of the schedules; what -o FILE.png draws "
        "unless told),\n"
        "rates (learning rates), curves (loss and success along the way), "
        "peaks (result\n"
        "by peak learning rate).\n",
    .example =
        "  taper report studies/image.db\n"
        "  taper report studies/image.db -o report.html\n"
        "  taper report studies/image.db --figure curves -o curves.svg\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
