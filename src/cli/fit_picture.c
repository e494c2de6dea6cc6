/* See fit_picture.h. */
#include "cli/fit_picture.h"

#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/curve.h"

char *cli_law_name(const char *path)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    size_t begin = len;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    size_t end = len;
    while (end > begin + 1 && path[end - 1] != '.')
        end--;
    if (end > begin + 1) len = end - 1;
    return strndup(path + begin, len - begin);
}

/* What the curves of a picture are made of. */
struct picture {
    double *numbers;              /* steps and residuals of all runs, owned */
    char **names;                 /* [runs], owned */
    struct plot_curve *losses;    /* [2 * runs]: measured, predicted */
    struct plot_curve *residuals; /* [runs] */
    size_t drawn;                 /* runs with a point */
};

static void picture_free(struct picture *p, size_t runs)
{
    for (size_t k = 0; p->names && k < runs; k++)
        free(p->names[k]);
    free(p->numbers);
    free((void *)p->names);
    free(p->losses);
    free(p->residuals);
}

static bool picture_make(struct picture *p, const struct cli_law_logs *logs)
{
    size_t points = 1;
    for (size_t k = 0; k < logs->count; k++)
        points += logs->items[k].points;
    p->numbers = malloc(2 * points * sizeof *p->numbers);
    p->names = calloc(logs->count, sizeof *p->names);
    p->losses = calloc(2 * logs->count, sizeof *p->losses);
    p->residuals = calloc(logs->count, sizeof *p->residuals);
    bool ok = p->numbers && p->names && p->losses && p->residuals;
    for (size_t k = 0; ok && k < logs->count; k++) {
        p->names[k] = cli_law_name(logs->items[k].path);
        ok = p->names[k] != NULL;
    }
    return ok;
}

/* Adds run k, whose numbers begin at *at. */
static void add_run(struct picture *p, const struct cli_law_log *l,
                    const double *predicted, int64_t from, int64_t stride,
                    double **at, size_t k, size_t runs)
{
    size_t first = 0;
    while (first < l->points && l->at[first] * stride < from)
        first++;
    const size_t n = l->points - first;
    if (n == 0) return;
    double *const x = *at, *const residual = *at + n;
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)(l->at[first + i] * stride);
        residual[i] = predicted[first + i] - l->losses[first + i];
    }
    *at += 2 * n;
    p->losses[p->drawn] = (struct plot_curve){.name = p->names[k],
                                              .x = x,
                                              .y = l->losses + first,
                                              .n = n};
    p->losses[runs + p->drawn] = (struct plot_curve){.name = "law",
                                                     .x = x,
                                                     .y = predicted + first,
                                                     .n = n,
                                                     .colour = PLOT_COLOURS};
    p->residuals[p->drawn] =
        (struct plot_curve){.name = p->names[k], .x = x, .y = residual, .n = n};
    p->drawn++;
}

int cli_fit_show(const struct cli_law_logs *logs, double *const *predicted,
                 int64_t from, const char *file)
{
    struct picture p = {.numbers = NULL};
    int status = CLI_DONE;
    if (picture_make(&p, logs)) {
        double *at = p.numbers;
        for (size_t k = 0; k < logs->count; k++)
            add_run(&p, &logs->items[k], predicted[k], from, logs->stride, &at,
                    k, logs->count);
        memmove(p.losses + p.drawn, p.losses + logs->count,
                p.drawn * sizeof *p.losses);
        const struct plot_panel panels[] = {{.ylabel = "Loss",
                                             .curves = p.losses,
                                             .count = 2 * p.drawn},
                                            {.ylabel = "Predicted - Loss",
                                             .curves = p.residuals,
                                             .count = p.drawn}};
        const struct plot_figure figure = {.xlabel = "Steps",
                                           .panels = panels,
                                           .count = 2};
        status = cli_show(&figure, file);
    } else {
        status = cli_failed("out of memory");
    }
    picture_free(&p, logs->count);
    return status;
}
