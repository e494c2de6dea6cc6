/* Tokens per second of a full training step of an encoder (forward, backward,
 * AdamW) on random tokens, for comparison with bench/peer_encoder.py.
 *
 *   bench_encoder DIM HEADS LAYERS FEED VOCABULARY BATCH LENGTH SHORTEST
 *                 DROPOUT THREADS f32|bf16 STEPS
 *
 * Rows have lengths evenly spread over SHORTEST ... LENGTH, and what is counted
 * is their own tokens, not the padding. Prints one number: the median over the
 * steps, by the time of the clock, or for one thread by the processor's time,
 * which a busy machine disturbs less. */
#include "nn/encoder.h"
#include "update.h"

#include <stdio.h>
#include <string.h>

enum { CLASSES = 6 };

/* One thread is measured by the time that it computes. */
static double seconds(int threads)
{
    return bench_seconds(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID
                                      : CLOCK_MONOTONIC);
}

struct batch {
    struct nn_input in;
    int32_t *tokens, *lengths, *labels;
    size_t own; /* tokens that are no padding */
};

static int make_batch(struct batch *b, const struct nn_encoder *s, size_t rows,
                      size_t shortest)
{
    const size_t length = (size_t)s->length;
    uint64_t state = 1;
    b->tokens = malloc(rows * length * sizeof *b->tokens);
    b->lengths = malloc(rows * sizeof *b->lengths);
    b->labels = malloc(rows * sizeof *b->labels);
    if (!b->tokens || !b->lengths || !b->labels) return 0;
    for (size_t i = 0; i < rows; i++) {
        const size_t own = shortest + i % (length - shortest + 1);
        b->own += own;
        b->lengths[i] = (int32_t)own;
        b->labels[i] = (int32_t)(i % CLASSES);
        for (size_t k = 0; k < length; k++)
            b->tokens[i * length + k] =
                (int32_t)(bench_uniform(&state) * s->vocabulary);
    }
    b->in = (struct nn_input){.tokens = b->tokens,
                              .lengths = b->lengths,
                              .length = length};
    return 1;
}

/* The median of the tokens a second. */
static double measure(struct nn_engine *e, struct batch *b,
                      const struct nn_options *o, int steps)
{
    struct bench_update u;
    double *times = calloc((size_t)steps, sizeof *times);
    if (!bench_update_create(&u, e, "adamw", 1e-4, 0.01) || !times) return 0;
    for (int s = 0; s < steps; s++) {
        const double start = seconds(o->threads);
        struct nn_result r;
        b->in.noise[0] = (uint64_t)s;
        if (nn_engine_step(e, &b->in, b->labels, 0.1, 1.0 / o->batch, &r))
            return 0;
        bench_update_run(&u, e, s);
        times[s] = seconds(o->threads) - start;
    }
    qsort(times, (size_t)steps, sizeof *times, bench_by_value);
    const double median = times[steps / 2];
    free(times);
    bench_update_free(&u);
    return (double)b->own / median;
}

int main(int argc, char **argv)
{
    if (argc != 13) {
        fputs("usage: bench_encoder DIM HEADS LAYERS FEED VOCABULARY BATCH "
              "LENGTH SHORTEST DROPOUT THREADS f32|bf16 STEPS\n",
              stderr);
        return 2;
    }
    const struct nn_encoder shape = {.dim = atoi(argv[1]),
                                     .heads = atoi(argv[2]),
                                     .layers = atoi(argv[3]),
                                     .feed = atoi(argv[4]),
                                     .vocabulary = atoi(argv[5]),
                                     .length = atoi(argv[7]),
                                     .classes = CLASSES,
                                     .dropout = atof(argv[9])};
    const struct nn_options options = {
        .batch = atoi(argv[6]),
        .threads = atoi(argv[10]),
        .precision = strcmp(argv[11], "bf16") == 0 ? NN_BF16 : NN_F32};
    const size_t rows = (size_t)options.batch;
    struct nn_engine *e;
    struct nn_error error;
    struct batch b = {.own = 0};
    uint64_t state = 1;
    if (nn_encoder_create(&shape, &options, &e, &error)) {
        fprintf(stderr, "bench_encoder: %s\n", error.message);
        return 1;
    }
    nn_initialise(e, bench_uniform, &state);
    if (!make_batch(&b, &shape, rows, (size_t)atoi(argv[8]))) return 1;
    printf("%.0f\n", measure(e, &b, &options, atoi(argv[12])));
    free(b.tokens);
    free(b.lengths);
    free(b.labels);
    nn_engine_destroy(e);
    return 0;
}
