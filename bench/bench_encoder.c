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
#include "optim/optim.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CLASSES = 6 };

static double seconds(int threads)
{
    struct timespec t;
    clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC,
                  &t);
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
                (int32_t)(uniform(&state) * s->vocabulary);
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
    const size_t size = nn_engine_size(e);
    const struct optim_rule *const rule = optim_rule_find("adamw");
    const struct optim_options adamw = rule->defaults;
    struct update u = {.rule = rule,
                       .options = &adamw,
                       .group = {.count = size,
                                 .lr_scale = 1,
                                 .weight_decay = 0.01},
                       .block = {.count = size,
                                 .weights = nn_engine_weights(e),
                                 .gradients = nn_engine_gradients(e),
                                 .moments = {calloc(size, 4), calloc(size, 4)}},
                       .update = {.lr = 1e-4, .gradient_scale = 1}};
    double *times = calloc((size_t)steps, sizeof *times);
    for (int s = 0; s < steps && times; s++) {
        const double start = seconds(o->threads);
        struct nn_result r;
        b->in.noise[0] = (uint64_t)s;
        if (nn_engine_step(e, &b->in, b->labels, 0.1, 1.0 / o->batch, &r))
            return 0;
        u.update.step = s;
        nn_engine_parallel(e, size, update_slice, &u);
        times[s] = seconds(o->threads) - start;
    }
    if (!times) return 0;
    qsort(times, (size_t)steps, sizeof *times, by_value);
    const double median = times[steps / 2];
    free(times);
    free(u.block.moments[0]);
    free(u.block.moments[1]);
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
    nn_initialise(e, uniform, &state);
    if (!make_batch(&b, &shape, rows, (size_t)atoi(argv[8]))) return 1;
    printf("%.0f\n", measure(e, &b, &options, atoi(argv[12])));
    free(b.tokens);
    free(b.lengths);
    free(b.labels);
    nn_engine_destroy(e);
    return 0;
}
