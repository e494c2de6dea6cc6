/* Images per second of a full training step (forward, backward, reduction,
 * optimiser) on random images, for comparison with bench/peer_step.py.
 *
 *   bench_step NETWORK BATCH THREADS f32|bf16 STEPS [direct]
 *
 * Prints one number: the median over the steps. */
#include "update.h"

#include <stdio.h>
#include <string.h>

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
    nn_initialise(e, bench_uniform, &state);
    const size_t floats = (size_t)options.batch * (size_t)a.channels *
                          (size_t)a.height * (size_t)a.width;
    float *images = malloc(floats * sizeof *images);
    int32_t *labels = malloc((size_t)options.batch * sizeof *labels);
    double *times = malloc((size_t)steps * sizeof *times);
    if (!images || !labels || !times) return 1;
    for (size_t i = 0; i < floats; i++)
        images[i] = (float)(bench_uniform(&state) - 0.5);
    for (int i = 0; i < options.batch; i++)
        labels[i] = i % 10;
    if (nn_whiten(e, images, 16)) return 1; /* or its norms divide by 0 */
    struct bench_update u;
    if (!bench_update_create(&u, e, "sgd", 0.01, 0)) return 1;
    for (int s = 0; s < steps; s++) {
        const double start = bench_seconds(CLOCK_MONOTONIC);
        struct nn_result r;
        const struct nn_input in = {.images = images};
        if (nn_engine_step(e, &in, labels, 0.1, 1.0 / options.batch, &r))
            return 1;
        bench_update_run(&u, e, s);
        times[s] = bench_seconds(CLOCK_MONOTONIC) - start;
    }
    qsort(times, (size_t)steps, sizeof *times, bench_by_value);
    printf("%.1f\n", options.batch / times[steps / 2]);
    free(images);
    free(labels);
    free(times);
    bench_update_free(&u);
    nn_engine_destroy(e);
    return 0;
}
