/* How fast a data set loads and how fast its batches are made:
 *
 *     bench_data NAME|FOLDER [LIMIT]
 *
 * prints the seconds to load the training split (median of 5, after one run
 * that warms the system's file cache) and the images per second of the loader
 * with airbench94's augmentation, when nobody computes beside it (median of 9
 * epochs). */
#include "data/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare);
    return values[n / 2];
}

/* Leaves the set of the last run in `set`. */
static enum data_status time_loading(const char *name, size_t limit,
                                     struct data_set *set,
                                     struct data_error *err)
{
    enum { RUNS = 6 };
    const struct data_open_options options = {.limit = limit};
    double taken[RUNS];
    for (int run = 0; run < RUNS; run++) {
        data_set_free(set);
        const double start = seconds();
        const enum data_status status =
            data_open(name, DATA_TRAIN, &options, set, err);
        if (status != DATA_OK) return status;
        taken[run] = seconds() - start;
    }
    printf("%s: %s, %zu images of %zu x %zu x %zu\n", name, set->layout,
           set->count, set->channels, set->height, set->width);
    printf("load: %.3f s\n", median(taken + 1, RUNS - 1));
    return DATA_OK;
}

static enum data_status time_batches(const struct data_set *set,
                                     struct data_error *err)
{
    enum { EPOCHS = 9 };
    const struct data_loader_options options = {
        .batch = set->count < 512 ? set->count : 512,
        .statistics = data_set_statistics(set),
        .flip = DATA_FLIP_ALTERNATING,
        .padding = 2,
        .pad = DATA_PAD_REFLECT,
    };
    struct data_loader *loader;
    const enum data_status status =
        data_loader_create(set, &options, &loader, err);
    if (status != DATA_OK) return status;

    double rate[EPOCHS];
    const size_t batches = data_loader_batches(loader);
    data_loader_start(loader, 0, 0);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        const double start = seconds();
        for (size_t i = 0; i < batches; i++)
            data_loader_next(loader);
        rate[epoch] = (double)(batches * options.batch) / (seconds() - start);
    }
    printf("batches: %.0f images/s\n", median(rate, EPOCHS));
    data_loader_destroy(loader);
    return DATA_OK;
}

int main(int argc, char **argv)
{
    struct data_set set = {0};
    struct data_error err;
    if (argc < 2) {
        fprintf(stderr, "usage: bench_data NAME|FOLDER [LIMIT]\n");
        return 2;
    }
    const size_t limit = argc > 2 ? (size_t)atol(argv[2]) : 0;
    enum data_status status = time_loading(argv[1], limit, &set, &err);
    if (status == DATA_OK) status = time_batches(&set, &err);
    if (status != DATA_OK) fprintf(stderr, "bench_data: %s\n", err.message);
    data_set_free(&set);
    return status == DATA_OK ? 0 : 1;
}
