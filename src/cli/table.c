/* taper table: the values of a schedule over a run, for other programs. */
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/complain.h"
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
};

static const struct cli_option options[] = {
    CLI_RUN_OPTIONS(struct table_options),
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

/* A table being written: rows are steps first, first + every, ... */
struct table {
    FILE *out;
    int64_t first, every;
    int64_t rows;
    int64_t written; /* rows so far */
};

static void csv_begin(const struct table *t)
{
    fputs("step,value\n", t->out);
}

static void csv_row(const struct table *t, int64_t step, double value)
{
    fprintf(t->out, "%lld,", (long long)step);
    cli_print_number(t->out, value);
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

static void json_row(const struct table *t, int64_t step, double value)
{
    fprintf(t->out, "%s\n{\"step\": %lld, \"value\": ", t->written ? "," : "",
            (long long)step);
    cli_print_number(t->out, value);
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
    char header[118];
    const int n = snprintf(header, sizeof header,
                           "{'descr': '<f8', 'fortran_order': False, "
                           "'shape': (%lld,), }",
                           (long long)t->rows);
    memset(header + n, ' ', sizeof header - (size_t)n);
    header[sizeof header - 1] = '\n';
    fwrite("\x93NUMPY\x01\x00", 1, 8, t->out);
    fputc((int)sizeof header, t->out);
    fputc(0, t->out);
    fwrite(header, 1, sizeof header, t->out);
}

static void npy_row(const struct table *t, int64_t step, double value)
{
    (void)step;
    uint64_t bits;
    unsigned char bytes[8];
    memcpy(&bits, &value, sizeof bits);
    for (size_t k = 0; k < 8; k++)
        bytes[k] = (unsigned char)(bits >> 8 * k);
    fwrite(bytes, 1, sizeof bytes, t->out);
}

/* How each format is written, in the order of enum format. */
static const struct writer {
    void (*begin)(const struct table *t);
    void (*row)(const struct table *t, int64_t step, double value);
    void (*end)(const struct table *t);
} writers[] = {
    {csv_begin, csv_row, no_end},
    {json_begin, json_row, json_end},
    {npy_begin, npy_row, no_end},
};

static void write_table(const taper_schedule *s, struct table *t,
                        const struct writer *w)
{
    double values[1024];
    w->begin(t);
    while (t->written < t->rows && !ferror(t->out)) {
        const int64_t left = t->rows - t->written;
        const size_t n = left < 1024 ? (size_t)left : 1024;
        const int64_t first = t->first + t->written * t->every;
        taper_fill(s, first, t->every, n, values);
        for (size_t k = 0; k < n; k++) {
            w->row(t, first + (int64_t)k * t->every, values[k]);
            t->written++;
        }
    }
    w->end(t);
}

static int write_output(const taper_schedule *s, const struct table_options *o)
{
    struct table t = {.first = o->from, .every = o->every};
    /* Bounds of 2^53 on all three keep this far from overflow. */
    t.rows = (o->run.steps - o->from - 1) / o->every + 1;
    if (!o->file) {
        t.out = stdout;
        write_table(s, &t, &writers[o->format]);
        return CLI_DONE;
    }
    struct plot_aside file;
    struct plot_error err;
    if (!plot_aside_open(&file, o->file, &err))
        return cli_failed("%s", err.message);
    t.out = file.file;
    write_table(s, &t, &writers[o->format]);
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

/* Settle where the table ends: with the run, or else with the schedule. */
static int settle_rows(const taper_schedule *s, struct table_options *o)
{
    const int64_t length = taper_length(s);
    if (!o->run.steps && length == TAPER_ENDLESS)
        return cli_wrong("this schedule has no end, so the table needs one: "
                         "give --steps N");
    if (!o->run.steps && length == 0)
        return cli_wrong("this schedule is over at step 0, so the table needs "
                         "another end: give --steps N");
    if (!o->run.steps) o->run.steps = length;
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
    if (words.count != 1)
        return cli_wrong("table needs one schedule, not %zu: taper table %s",
                         words.count, cli_table.usage);
    if (o.format == UNSAID) o.format = format_of(o.file);
    if (o.format == NPY && !o.file && isatty(STDOUT_FILENO))
        return cli_wrong("npy is no text for a terminal: give -o FILE.npy or "
                         "send the output elsewhere");

    taper_schedule *s = NULL;
    status = cli_read_schedule(words.items[0], &o.run, &s);
    if (status != CLI_GO) return status;
    status = settle_rows(s, &o);
    if (status == CLI_GO) status = write_output(s, &o);
    taper_free(s, NULL);
    return status;
}

const struct cli_command cli_table = {
    .name = "table",
    .summary = "print the values of a schedule over a run",
    .usage = "[options] SPEC",
    .details =
        "Rows are the steps from --from up to, not including, --steps, or the "
        "end of\n"
        "the schedule where --steps is left out. csv has the header "
        "'step,value'; json\n"
        "is a list of objects with these two keys; npy is a NumPy array of the "
        "values\n"
        "as float64, of shape (rows,).\n",
    .example = "  taper table 'cosine(0.1, 0, 1000)' --steps 1000 -o lr.npy\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
