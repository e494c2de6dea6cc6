/* Ends `make demo`: a table of several runs, and one picture with their rates
 * above their losses.
 *
 * usage: demo-summary PICTURE.png NAME=DIR... */
#include "plot/gnuplot.h"
#include "task/metrics.h"
#include "task/outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS_MAX = PLOT_COLOURS };

struct result {
    char name[64];
    struct task_rundir dir;
    struct task_table table;
    double *smooth; /* [table.count], then as much scratch */
};

static int complain(const char *message)
{
    (void)fprintf(stderr, "demo: %s\n", message);
    return 1;
}

/* Reads what "NAME=DIR" left behind. */
static int read_run(struct result *r, const char *word)
{
    struct task_error err;
    char path[TASK_PATH_SIZE];
    const char *const equals = strchr(word, '=');
    if (!equals || (size_t)(equals - word) >= sizeof r->name)
        return complain("a run is given as NAME=DIR");
    memcpy(r->name, word, (size_t)(equals - word));
    if (task_rundir_open(&r->dir, "image", equals + 1, &err) != TASK_OK ||
        task_path(path, r->dir.path, TASK_METRICS_FILE, &err) != TASK_OK ||
        task_table_read(path, &r->table, &err) != TASK_OK)
        return complain(err.message);
    r->smooth = calloc(2 * r->table.count + 1, sizeof *r->smooth);
    if (!r->smooth) return complain("out of memory");
    task_smooth(r->table.loss, r->table.count, r->smooth,
                r->smooth + r->table.count);
    return 0;
}

static double number_of(const struct result *r, const char *key)
{
    const cJSON *const item =
        cJSON_GetObjectItemCaseSensitive(r->dir.summary, key);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static void print_table(const struct result *runs, size_t count)
{
    (void)printf("%-12s  %8s  %10s  %7s  %s\n", "decay", "accuracy",
                 "final loss", "seconds", "schedule");
    for (size_t i = 0; i < count; i++) {
        const char *const text = cJSON_GetStringValue(
            cJSON_GetObjectItemCaseSensitive(runs[i].dir.run, "schedule"));
        (void)printf("%-12s  %6.2f %%  %10.4f  %7.1f  %s\n", runs[i].name,
                     100 * number_of(&runs[i], "test_accuracy"),
                     number_of(&runs[i], "final_loss"),
                     number_of(&runs[i], "total_seconds"), text ? text : "");
    }
}

static int draw(const struct result *runs, size_t count, const char *path)
{
    struct plot_curve rates[RUNS_MAX], losses[RUNS_MAX];
    for (size_t i = 0; i < count; i++) {
        const struct task_table *const t = &runs[i].table;
        rates[i] = (struct plot_curve){.name = runs[i].name,
                                       .x = t->step,
                                       .y = t->lr,
                                       .n = t->count,
                                       .upright_jumps = true};
        losses[i] = (struct plot_curve){.name = runs[i].name,
                                        .x = t->step,
                                        .y = runs[i].smooth,
                                        .n = t->count};
    }
    const struct plot_panel panels[] = {{.ylabel = "Learning Rate",
                                         .curves = rates,
                                         .count = count},
                                        {.ylabel = "Loss (moving average)",
                                         .curves = losses,
                                         .count = count,
                                         .log_y = true}};
    const struct plot_figure figure = {.title =
                                           "Fashion-MNIST under three decays",
                                       .xlabel = "Steps",
                                       .panels = panels,
                                       .count = 2};
    struct plot_error why;
    if (plot_file(&figure, path, &why)) {
        (void)printf("\nrates and losses: %s\n", path);
        return 0;
    }
    (void)printf("\nno picture: %s\n", why.message);
    return why.status == PLOT_E_GNUPLOT ? 0 : 1;
}

int main(int argc, char **argv)
{
    static struct result runs[RUNS_MAX];
    if (argc < 3 || argc - 2 > RUNS_MAX)
        return complain("usage: demo-summary PICTURE.png NAME=DIR...");
    const size_t count = (size_t)argc - 2;
    int failed = 0;
    for (size_t i = 0; i < count && !failed; i++)
        failed = read_run(&runs[i], argv[i + 2]);
    if (!failed) {
        print_table(runs, count);
        failed = draw(runs, count, argv[1]);
    }
    for (size_t i = 0; i < count; i++) {
        task_rundir_close(&runs[i].dir);
        task_table_free(&runs[i].table);
        free(runs[i].smooth);
    }
    return failed;
}
