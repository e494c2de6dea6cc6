/* Images per second of a full training step (forward, backward, reduction,
 * optimiser) on random images, for comparison with bench/peer_step.py.
 *
 *   bench_step NETWORK BATCH THREADS f32|bf16 STEPS [direct]
 *
 * Prints one number: the median over the steps. */
#include "nn/engine.h"
#include "optim/optim.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double uniform(void *context)
{
    uint64_t *state = context;
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (double)(*state >> 11) * 0x1p-53;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct update {
    const struct optim_rule *rule;
    const struct optim_options *options;
    struct optim_group group;
    struct optim_block block;
    struct optim_update update;
};

static void update_slice(void *context, size_t begin, size_t end)
{
    const struct update *u = context;
    optim_step_range(u->rule, u->options, &u->block, &u->group, 1, &u->update,
                     begin, end);
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fputs("usage: bench_step NETWORK BATCH THREADS f32|bf16 STEPS "
              "[direct]\n",
              stderr);
        return 2;
    }
    struct nn_architecture a;
    char why[160];
    const bool grey = strcmp(argv[1], "cnn") == 0;
    if (!nn_architecture_find(argv[1], grey ? 1 : 3, grey ? 28 : 32,
                              grey ? 28 : 32, 10, &a, why)) {
        fprintf(stderr, "bench_step: %s\n", why);
        return 2;
    }
    const struct nn_options options = {.batch = atoi(argv[2]),
                                       .threads = atoi(argv[3]),
                                       .precision = strcmp(argv[4], "bf16") == 0
                                                        ? NN_BF16
                                                        : NN_F32,
                                       .direct = argc > 6};
    const int steps = atoi(argv[5]);
    struct nn_engine *e;
    struct nn_error error;
    if (nn_engine_create(&a, &options, &e, &error)) {
        fprintf(stderr, "bench_step: %s\n", error.message);
        return 1;
    }
    uint64_t state = 1;
    nn_initialise(e, uniform, &state);
    const size_t floats = (size_t)options.batch * (size_t)a.channels *
                          (size_t)a.height * (size_t)a.width;
    float *images = malloc(floats * sizeof *images);
    int32_t *labels = malloc((size_t)options.batch * sizeof *labels);
    double *times = malloc((size_t)steps * sizeof *times);
    if (!images || !labels || !times) return 1;
    for (size_t i = 0; i < floats; i++)
        images[i] = (float)(uniform(&state) - 0.5);
    for (int i = 0; i < options.batch; i++)
        labels[i] = i % 10;
    if (nn_whiten(e, images, 16)) return 1; /* or its norms divide by 0 */
    const struct optim_rule *const rule = optim_rule_find("sgd");
    const struct optim_options sgd = rule->defaults;
    struct update u = {.rule = rule,
                       .options = &sgd,
                       .group = {.count = nn_engine_size(e), .lr_scale = 1},
                       .block = {.count = nn_engine_size(e),
                                 .weights = nn_engine_weights(e),
                                 .gradients = nn_engine_gradients(e),
                                 .moments = {calloc(nn_engine_size(e), 4)}},
                       .update = {.lr = 0.01, .gradient_scale = 1}};
    for (int s = 0; s < steps; s++) {
        const double start = seconds();
        struct nn_result r;
        const struct nn_input in = {.images = images};
        if (nn_engine_step(e, &in, labels, 0.1, 1.0 / options.batch, &r))
            return 1;
        u.update.step = s;
        nn_engine_parallel(e, u.block.count, update_slice, &u);
        times[s] = seconds() - start;
    }
    qsort(times, (size_t)steps, sizeof *times, by_value);
    printf("%.1f\n", options.batch / times[steps / 2]);
    free(images);
    free(labels);
    free(times);
    free(u.block.moments[0]);
    nn_engine_destroy(e);
    return 0;
}
