/* taper diff: where two schedules differ, and by how much. */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/curve.h"
#include "cli/print.h"
#include "plot/gnuplot.h"

/* Stretches of steps that are told one by one. */
#define RANGES 12

struct diff_options {
    taper_run run;
    double tolerance;
    const char *file;
    bool json, no_picture;
};

static const struct cli_option options[] = {
    CLI_RUN_OPTIONS(struct diff_options),
    {.name = "tolerance",
     .kind = CLI_NUMBER,
     .offset = offsetof(struct diff_options, tolerance),
     .value = "R",
     .help = "values are the same up to this part of the larger one (1e-12)",
     .min = 0,
     .max = 1},
    {.letter = 'o',
     .name = "output",
     .kind = CLI_TEXT,
     .offset = offsetof(struct diff_options, file),
     .value = "FILE",
     .help = "write the picture: FILE ends in " PLOT_FILE_KINDS},
    {.name = "no-picture",
     .offset = offsetof(struct diff_options, no_picture),
     .help = "only words and figures"},
    {.name = "json",
     .offset = offsetof(struct diff_options, json),
     .help = "print a JSON object, and no picture"},
};

/* Where the two differ: from a first step up to and with a last one. */
struct range {
    int64_t first, last;
};

/* What there is to say, over the steps 0 to steps - 1. */
struct difference {
    int64_t steps, stride; /* every stride-th step was looked at */
    int64_t different;     /* steps beyond the tolerance, of those */
    int64_t rounded;       /* steps that differ within the tolerance */
    struct range ranges[RANGES];
    size_t range_count; /* all of them, of which RANGES are kept */
    double most;        /* the largest difference of two values, B - A */
    int64_t most_step;
    double area_a, area_b; /* sums of the values that were looked at */
};

static void see(struct difference *d, int64_t step, double a, double b,
                double tolerance, bool *inside)
{
    const double difference = b - a;
    const bool differs = fabs(difference) > tolerance * fmax(fabs(a), fabs(b));
    d->area_a += a;
    d->area_b += b;
    if (fabs(difference) > fabs(d->most)) {
        d->most = difference;
        d->most_step = step;
    }
    if (differs)
        d->different++;
    else if (difference != 0.0)
        d->rounded++;
    if (differs && !*inside && d->range_count++ < RANGES)
        d->ranges[d->range_count - 1].first = step;
    if (differs && d->range_count <= RANGES)
        d->ranges[d->range_count - 1].last = step;
    *inside = differs;
}

static struct difference compare(const taper_schedule *a,
                                 const taper_schedule *b, int64_t steps,
                                 double tolerance)
{
    enum { CHUNK = 1024 };
    double va[CHUNK], vb[CHUNK];
    struct difference d = {.steps = steps};
    d.stride = (steps - 1) / CLI_STEPS_SEEN + 1;
    const int64_t count = (steps - 1) / d.stride + 1;
    bool inside = false;
    for (int64_t done = 0; done < count;) {
        const size_t n = count - done < CHUNK ? (size_t)(count - done) : CHUNK;
        taper_fill(a, done * d.stride, d.stride, n, va);
        taper_fill(b, done * d.stride, d.stride, n, vb);
        for (size_t k = 0; k < n; k++)
            see(&d, (done + (int64_t)k) * d.stride, va[k], vb[k], tolerance,
                &inside);
        done += (int64_t)n;
    }
    return d;
}

static void print_ranges(const struct difference *d)
{
    const size_t shown = d->range_count < RANGES ? d->range_count : RANGES;
    for (size_t k = 0; k < shown; k++) {
        const struct range *r = &d->ranges[k];
        if (r->first == r->last)
            printf("  step %lld\n", (long long)r->first);
        else
            printf("  steps %lld to %lld\n", (long long)r->first,
                   (long long)r->last);
    }
    if (d->range_count > shown)
        printf("  and in %zu more places\n", d->range_count - shown);
}

/* "-0.05 at step 3: A is 0.1, B is 0.05 (-50%)". */
static void print_most(const struct difference *d, const taper_schedule *a,
                       const taper_schedule *b)
{
    const double va = taper_at(a, d->most_step), vb = taper_at(b, d->most_step);
    printf("most       %+.6g at step %lld: A is %.6g, B is %.6g", d->most,
           (long long)d->most_step, va, vb);
    if (va != 0.0) printf(" (%+.3g%%)", 100.0 * d->most / fabs(va));
    putchar('\n');
}

/* The sums of the values. They are themselves rounded, the more the longer the
 * run, so the last digits of a double do not count. */
static void print_areas(const struct difference *d)
{
    const double a = d->area_a * (double)d->stride;
    const double b = d->area_b * (double)d->stride;
    if (fabs(b - a) <= 1e-9 * fmax(fabs(a), fabs(b))) {
        printf("area       %.6g, the same for both\n", a);
        return;
    }
    printf("area       A has %.6g, B has %.6g", a, b);
    if (a != 0.0) printf(" (%+.3g%%)", 100.0 * (b - a) / fabs(a));
    putchar('\n');
}

static void print_text(const struct difference *d, const struct cli_specs *s)
{
    const char *about = d->stride > 1 ? "about " : "";
    const int64_t different = d->different * d->stride;
    if (d->different == 0) {
        printf("the same in %lld step%s%s\n", (long long)d->steps,
               cli_plural(d->steps),
               d->rounded ? ", but for rounding errors" : ", bit for bit");
        return;
    }
    printf("differ     in %s%lld of %lld step%s\n", about, (long long)different,
           (long long)d->steps, cli_plural(d->steps));
    print_most(d, s->items[0].schedule, s->items[1].schedule);
    print_areas(d);
    printf("\nwhere%s\n", d->stride > 1 ? ", as far as sampled" : "");
    print_ranges(d);
}

static int print_json(const struct difference *d)
{
    cJSON *o = cJSON_CreateObject();
    cJSON_AddItemToObject(o, "steps", cli_json_number((double)d->steps));
    cJSON_AddBoolToObject(o, "sampled", d->stride > 1);
    cJSON_AddItemToObject(o, "different",
                          cli_json_number((double)(d->different * d->stride)));
    cJSON_AddItemToObject(o, "rounded",
                          cli_json_number((double)(d->rounded * d->stride)));
    cJSON_AddItemToObject(o, "most", cli_json_number(d->most));
    cJSON_AddItemToObject(o, "most_step",
                          cli_json_number((double)d->most_step));
    cJSON_AddItemToObject(o, "area_a",
                          cli_json_number(d->area_a * (double)d->stride));
    cJSON_AddItemToObject(o, "area_b",
                          cli_json_number(d->area_b * (double)d->stride));
    cJSON *list = cJSON_AddArrayToObject(o, "ranges");
    for (size_t k = 0; k < d->range_count && k < RANGES; k++) {
        const double pair[] = {(double)d->ranges[k].first,
                               (double)d->ranges[k].last};
        cJSON_AddItemToArray(list, cJSON_CreateDoubleArray(pair, 2));
    }
    return cli_print_json(o);
}

/* B - A at the steps that the picture of the two has; NULL if memory runs
 * out. */
static double *differences(const struct cli_specs *s, const double *x,
                           size_t count)
{
    double *y = malloc((count ? count : 1) * sizeof *y);
    for (size_t k = 0; y && k < count; k++)
        y[k] = taper_at_real(s->items[1].schedule, x[k]) -
               taper_at_real(s->items[0].schedule, x[k]);
    return y;
}

/* Two panels: both schedules, and below them their difference. */
static int draw(const struct cli_specs *s, int64_t steps, const char *file)
{
    char names[2][400];
    struct plot_points points[2] = {{.n = 0}, {.n = 0}};
    struct plot_curve curves[3] = {{.upright_jumps = true},
                                   {.upright_jumps = true},
                                   {.name = "B - A", .upright_jumps = true}};
    int status = CLI_GO;
    for (int k = 0; k < 2; k++) {
        snprintf(names[k], sizeof names[k], "%c: %s", "AB"[k],
                 s -> items[k].name);
        if (!cli_curve_sample(s->items[k].schedule, steps, false, &points[k]))
            status = cli_failed("out of memory");
        curves[k].name = names[k];
        curves[k].x = points[k].x;
        curves[k].y = points[k].y;
        curves[k].n = points[k].n;
    }
    double *y = differences(s, points[0].x, points[0].n);
    if (!y) status = cli_failed("out of memory");
    curves[2].x = points[0].x;
    curves[2].y = y;
    curves[2].n = points[0].n;
    const struct plot_panel panels[] = {
        {.ylabel = "Learning Rate", .curves = curves, .count = 2},
        {.ylabel = "B - A", .curves = curves + 2, .count = 1},
    };
    const struct plot_figure f = {.xlabel = "Steps",
                                  .panels = panels,
                                  .count = 2};
    if (status == CLI_GO) status = cli_show(&f, file);
    free(y);
    plot_points_free(&points[0]);
    plot_points_free(&points[1]);
    return status;
}

static int diff(const struct cli_specs *specs, const struct diff_options *o)
{
    const int64_t steps = o->run.steps ? o->run.steps : cli_curve_steps(specs);
    const struct difference d =
        compare(specs->items[0].schedule, specs->items[1].schedule, steps,
                o->tolerance);
    if (o->json) return print_json(&d);
    print_text(&d, specs);
    if (o->no_picture || (d.different == 0 && !o->file)) return CLI_DONE;
    if (!o->file) putchar('\n');
    return draw(specs, steps, o->file);
}

static int run(int argc, char **argv)
{
    struct diff_options o = {.tolerance = 1e-12};
    struct cli_words words;
    struct cli_specs specs;
    int status = cli_parse(&cli_diff, argc, argv, &o, &words);
    if (status != CLI_GO) return status;
    if (words.count != 2)
        return cli_wrong("diff needs two schedules, not %zu: taper diff %s",
                         words.count, cli_diff.usage);
    enum plot_format format;
    struct plot_error err;
    if (o.file && !plot_file_format(o.file, &format, &err))
        return cli_wrong("%s", err.message);
    status = cli_read_specs(NULL, words.items, 2, false, &o.run, &specs);
    if (status != CLI_GO) return status;
    status = specs.plan ? cli_wrong("diff compares schedules, and this is a "
                                    "plan: give it the schedule of one name")
                        : diff(&specs, &o);
    cli_specs_free(&specs);
    return status;
}

const struct cli_command cli_diff = {
    .name = "diff",
    .summary = "say where two schedules differ, and by how much",
    .usage = "[options] A B",
    .details =
        "Looks at every step of the longer one, or at --steps, and draws both "
        "with their\n"
        "difference below. Exits 0 whether they differ or not.\n",
    .example = "  taper diff 'torch.StepLR(lr=0.1, step_size=30)' "
               "'exp(0.1, rate=0.1, per=30)' --steps 90\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run,
};
