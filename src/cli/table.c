/* taper table: the values of a schedule over a run, for other programs. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/file.h"
#include "cli/print.h"
#include "cli/spec.h"
#include "plot/aside.h"

enum format { CSV, JSON, NPY, UNSAID };
static const char *const formats[] = {"csv", "json", "npy", NULL};

struct table_options {
    taper_run run;
    int64_t from, every; /* first step, and steps from row to row */
    int format;          /* enum format */
    const char *file;    /* NULL: standard output */
    const char *plan;    /* NULL: a SPEC */
};

static const struct cli_option options[] = {
    CLI_RUN_OPTIONS(struct table_options),
    CLI_PLAN_OPTION(struct table_options),
    {.name = "from",
     .kind = CLI_COUNT,
     .offset = offsetof(struct table_options, from),
     .value = "N",
     .help = "first step (0)",
     .min = -(double)TAPER_STEP_MAX,
     .max = (double)TAPER_STEP_MAX},
    {.name = "every",
     .kind = CLI_COUNT,
     .offset = offsetof(struct table_options, every),
     .value = "K",
     .help = "steps from one row to the next (1)",
     .min = 1,
     .max = (double)TAPER_STEP_MAX},
    {.name = "format",
     .kind = CLI_CHOICE,
     .offset = offsetof(struct table_options, format),
     .value = "NAME",
     .help = "csv, json or npy (csv, or what FILE ends in)",
     .choices = formats},
    {.letter = 'o',
     .name = "output",
     .kind = CLI_TEXT,
     .offset = offsetof(struct table_options, file),
     .value = "FILE",
     .help = "write into FILE, which is replaced when all is written"},
};

/* A table being written: rows are steps first, first + every, ..., and columns
 * the schedules, of which one alone is called "value". */
struct table {
    FILE *out;
    const struct cli_specs *specs;
    int64_t first, every;
    int64_t rows;
    int64_t written; /* rows so far */
};

static const char *column_name(const struct table *t, size_t i)
{
    return t->specs->plan ? t->specs->items[i].name : "value";
}

static void csv_begin(const struct table *t)
{
    fputs("step", t->out);
    for (size_t i = 0; i < t->specs->count; i++)
        fprintf(t->out, ",%s", column_name(t, i));
    fputc('\n', t->out);
}

static void csv_row(const struct table *t, int64_t step, const double *values)
{
    fprintf(t->out, "%lld", (long long)step);
    for (size_t i = 0; i < t->specs->count; i++) {
        fputc(',', t->out);
        cli_print_number(t->out, values[i]);
    }
    fputc('\n', t->out);
}

static void no_end(const struct table *t)
{
    (void)t;
}

/* One object per row, as tools that read tables from JSON expect. */
static void json_begin(const struct table *t)
{
    fputs("[", t->out);
}

static void json_row(const struct table *t, int64_t step, const double *values)
{
    fprintf(t->out, "%s\n{\"step\": %lld", t->written ? "," : "",
            (long long)step);
    for (size_t i = 0; i < t->specs->count; i++) {
        fprintf(t->out, ", \"%s\": ", column_name(t, i));
        cli_print_number(t->out, values[i]);
    }
    fputc('}', t->out);
}

static void json_end(const struct table *t)
{
    fputs("\n]\n", t->out);
}

/* NumPy's format 1.0: magic, version, length of the header as two bytes, the
 * header, padded so that the data begins at a multiple of 64. The array holds
 * the values only, which is what a training loop indexes with its step. */
static void npy_begin(const struct table *t)
{
    char header[118], columns[24] = "";
    if (t->specs->plan)
        snprintf(columns, sizeof columns, " %zu", t->specs->count);
    const int n = snprintf(header, sizeof header,
                           "{'descr': '<f8', 'fortran_order': False, "
                           "'shape': (%lld,%s), }",
                           (long long)t->rows, columns);
    memset(header + n, ' ', sizeof header - (size_t)n);
    header[sizeof header - 1] = '\n';
    fwrite("\x93NUMPY\x01\x00", 1, 8, t->out);
    fputc((int)sizeof header, t->out);
    fputc(0, t->out);
    fwrite(header, 1, sizeof header, t->out);
}

static void npy_row(const struct table *t, int64_t step, const double *values)
{
    (void)step;
    for (size_t i = 0; i < t->specs->count; i++) {
        uint64_t bits;
        unsigned char bytes[8];
        memcpy(&bits, &values[i], sizeof bits);
        for (size_t k = 0; k < 8; k++)
            bytes[k] = (unsigned char)(bits >> 8 * k);
        fwrite(bytes, 1, sizeof bytes, t->out);
    }
}

/* How each format is written, in the order of enum format. */
static const struct writer {
    void (*begin)(const struct table *t);
    void (*row)(const struct table *t, int64_t step, const double *values);
    void (*end)(const struct table *t);
} writers[] = {
    {csv_begin, csv_row, no_end},
    {json_begin, json_row, json_end},
    {npy_begin, npy_row, no_end},
};

/* Rows are made so many at a time. */
enum { CHUNK = 256 };

/* Returns false if memory runs out. */
static bool write_table(struct table *t, const struct writer *w)
{
    const size_t columns = t->specs->count;
    double column[CHUNK];
    double *values = malloc(CHUNK * columns * sizeof *values);
    if (!values) return false;
    w->begin(t);
    while (t->written < t->rows && !ferror(t->out)) {
        const int64_t left = t->rows - t->written;
        const size_t n = left < CHUNK ? (size_t)left : CHUNK;
        const int64_t first = t->first + t->written * t->every;
        for (size_t i = 0; i < columns; i++) {
            taper_fill(t->specs->items[i].schedule, first, t->every, n, column);
            for (size_t k = 0; k < n; k++)
                values[k * columns + i] = column[k];
        }
        for (size_t k = 0; k < n; k++) {
            w->row(t, first + (int64_t)k * t->every, values + k * columns);
            t->written++;
        }
    }
    w->end(t);
    free(values);
    return true;
}

static int write_output(const struct cli_specs *specs,
                        const struct table_options *o)
{
    struct table t = {.specs = specs, .first = o->from, .every = o->every};
    /* Bounds of 2^53 on all three keep this far from overflow. */
    t.rows = (o->run.steps - o->from - 1) / o->every + 1;
    if (!o->file) {
        t.out = stdout;
        return write_table(&t, &writers[o->format])
                   ? CLI_DONE
                   : cli_failed("out of memory");
    }
    struct plot_aside file;
    struct plot_error err;
    if (!plot_aside_open(&file, o->file, &err))
        return cli_failed("%s", err.message);
    t.out = file.file;
    if (!write_table(&t, &writers[o->format])) {
        plot_aside_abandon(&file);
        return cli_failed("out of memory");
    }
    if (!plot_aside_commit(&file, &err)) return cli_failed("%s", err.message);
    return CLI_DONE;
}

static int format_of(const char *file)
{
    const char *dot = file ? strrchr(file, '.') : NULL;
    for (int k = 0; dot && formats[k]; k++)
        if (strcasecmp(dot + 1, formats[k]) == 0) return k;
    return CSV;
}

/* Settle where the table ends: with the run, or else with the longest schedule
 * that has an end. */
static int settle_rows(const struct cli_specs *specs, struct table_options *o)
{
    const char *what = specs->plan ? "plan" : "schedule";
    bool ends = false;
    int64_t longest = 0;
    for (size_t i = 0; i < specs->count; i++) {
        const int64_t length = taper_length(specs->items[i].schedule);
        if (length == TAPER_ENDLESS) continue;
        ends = true;
        if (length > longest) longest = length;
    }
    if (!o->run.steps && !ends)
        return cli_wrong("this %s has no end, so the table needs one: give "
                         "--steps N",
                         what);
    if (!o->run.steps && longest == 0)
        return cli_wrong("this %s is over at step 0, so the table needs "
                         "another end: give --steps N",
                         what);
    if (!o->run.steps) o->run.steps = longest;
    if (o->from >= o->run.steps)
        return cli_wrong("--from %lld leaves no row: the last step is %lld",
                         (long long)o->from, (long long)o->run.steps - 1);
    return CLI_GO;
}

static int run(int argc, char **argv)
{
    struct table_options o = {.every = 1, .format = UNSAID};
    struct cli_words words;
    int status = cli_parse(&cli_table, argc, argv, &o, &words);
    if (status != CLI_GO) return status;
    if (words.count + (o.plan != NULL) != 1)
        return cli_wrong("table needs one schedule or plan, not %zu: taper "
                         "table %s",
                         words.count + (o.plan != NULL), cli_table.usage);
    if (o.file && cli_is_standard(o.file)) o.file = NULL;
    if (o.format == UNSAID) o.format = format_of(o.file);
    if (o.format == NPY && !o.file && isatty(STDOUT_FILENO))
        return cli_wrong("npy is no text for a terminal: give -o FILE.npy or "
                         "send the output elsewhere");

    struct cli_specs specs;
    status =
        cli_read_specs(o.plan, words.items, words.count, false, &o.run, &specs);
    if (status != CLI_GO) return status;
    status = settle_rows(&specs, &o);
    if (status == CLI_GO) status = write_output(&specs, &o);
    cli_specs_free(&specs);
    return status;
}

const struct cli_command cli_table = {
    .name = "table",
    .summary = "print the values of a schedule over a run",
    .usage = "[options] SPEC | --plan FILE",
    .details =
        "Rows are the steps from --from up to, not including, --steps, or the "
        "end of\n"
        "the schedule where --steps is left out. csv has the header "
        "'step,value'; json\n"
        "is a list of objects with these two keys; npy is a NumPy array of the "
        "values\n"
        "as float64, of shape (rows,). A plan has a column for each of its "
        "names, called\n"
        "as they are; its npy is of shape (rows, names).\n",
    .example = "  taper table 'cosine(0.1, 0, 1000)' --steps 1000 -o lr.npy\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
