/* What the tests of the engine share: engines with weights from a fixed
 * stream, batches, and networks small enough to be checked by brute force. */
#ifndef TAPER_TESTS_ENGINE_CASE_H
#define TAPER_TESTS_ENGINE_CASE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nn/engine.h"

/* A fixed stream, uniform on [0, 1). `context` points to its state. */
static inline double case_uniform(void *context)
{
    uint64_t *state = context;
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

struct batch {
    size_t images, floats; /* floats of one image */
    float *image;          /* [images, floats], uniform on (-1, 1) */
    int32_t *label;
};

static inline struct batch batch_of(const struct nn_architecture *a,
                                    size_t images, uint64_t seed)
{
    const size_t floats =
        (size_t)a->channels * (size_t)a->height * (size_t)a->width;
    struct batch b = {images, floats, NULL, NULL};
    b.image = malloc(images * floats * sizeof *b.image);
    b.label = malloc(images * sizeof *b.label);
    assert_true(b.image && b.label);
    for (size_t i = 0; i < images * floats; i++)
        b.image[i] = (float)(2.0 * case_uniform(&seed) - 1.0);
    for (size_t i = 0; i < images; i++)
        b.label[i] = (int32_t)(case_uniform(&seed) * a->classes);
    return b;
}

/* Images as the engine takes a batch of them. */
#define INPUT_OF(floats) (&(const struct nn_input){.images = (floats)})

static inline void batch_release(struct batch *b)
{
    free(b->image);
    free(b->label);
}

static inline struct nn_architecture network(const char *name, int channels,
                                             int size)
{
    struct nn_architecture a;
    char why[160];
    if (!nn_architecture_find(name, channels, size, size, 10, &a, why))
        fail_msg("%s", why);
    return a;
}

/* Weights by the rules of the network, then moved a little, so that what
 * starts as zero or one is in play as well. */
static inline struct nn_engine *engine_of(const struct nn_architecture *a,
                                          struct nn_options o)
{
    struct nn_engine *e;
    struct nn_error error = {0};
    if (nn_engine_create(a, &o, &e, &error)) fail_msg("%s", error.message);
    uint64_t seed = 7;
    nn_initialise(e, case_uniform, &seed);
    size_t count;
    const struct nn_parameter *p = nn_engine_parameters(e, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < p[i].count; k++)
            nn_engine_weights(e)[p[i].offset + k] +=
                (float)(0.2 * case_uniform(&seed) - 0.1);
    return e;
}

static inline struct nn_options f32_options(int batch, int threads)
{
    return (struct nn_options){.batch = batch,
                               .threads = threads,
                               .precision = NN_F32};
}

static inline float *copy_of(const float *from, size_t count)
{
    float *to = malloc(count * sizeof *to);
    assert_non_null(to);
    memcpy(to, from, count * sizeof *to);
    return to;
}

/* Euclidean norm of a, and the cosine of the angle between a and b. */
static inline double norm_of_floats(const float *a, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)a[i];
    return sqrt(sum);
}

static inline double cosine_of(const float *a, const float *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum / (norm_of_floats(a, n) * norm_of_floats(b, n));
}

/* Moves a tensor from `from` by h times the signs that `seed` gives. */
static inline void case_move(float *w, const float *from, size_t n, double h,
                             uint64_t seed)
{
    for (size_t i = 0; i < n; i++)
        w[i] = (float)((double)from[i] + (case_uniform(&seed) < 0.5 ? -h : h));
}

/* The largest error of the slopes of one tensor in a few random directions, as
 * a share of its gradient's norm. The tensor moves by `length` to either side;
 * loss(e, context) is the loss of the weights as they are. */
static inline double slope_error(struct nn_engine *e,
                                 const struct nn_parameter *p,
                                 const float *gradient, double length,
                                 double (*loss)(struct nn_engine *, void *),
                                 void *context)
{
    enum { DIRECTIONS = 4 };
    float *w = nn_engine_weights(e) + p->offset;
    float *from = copy_of(w, p->count);
    float *high = copy_of(w, p->count);
    const double h = length / sqrt((double)p->count);
    double worst = 0.0;
    for (uint64_t seed = 1; seed <= DIRECTIONS; seed++) {
        case_move(w, from, p->count, h, seed);
        memcpy(high, w, p->count * sizeof *w);
        const double above = loss(e, context);
        case_move(w, from, p->count, -h, seed);
        const double below = loss(e, context);
        /* By the steps that were made, which f32 has rounded. */
        double want = 0.0;
        for (size_t i = 0; i < p->count; i++)
            want += (double)gradient[i] * ((double)high[i] - (double)w[i]);
        worst = fmax(worst, fabs(above - below - want) / (2.0 * h));
    }
    memcpy(w, from, p->count * sizeof *w);
    free(high);
    free(from);
    return worst / norm_of_floats(gradient, p->count);
}

/* Every operation once: a frozen layer in front and one in the middle, norms
 * with and without pooling, scale and activation, two sums with the same
 * layer, a sum of a sum, a layer plus itself, and a sum with a layer that
 * nobody else reads again (bias1). [3, 9, 9] -> 5 classes. */
static inline struct nn_architecture every_operation(void)
{
    return (struct nn_architecture){
        .name = "everything",
        .channels = 3,
        .height = 9,
        .width = 9,
        .classes = 5,
        .logit_scale = 0.5,
        .count = 22,
        .layer = {
            {NN_CONV, "whiten", .channels = 8, .kernel = 2, .stride = 1,
             .frozen = true, .start = NN_START_UNIFORM},
            {NN_ACTIVATE, "whiten", .bias = true, .activation = NN_GELU},
            {NN_CONV, "conv1", .channels = 16, .kernel = 3, .stride = 1,
             .pad = 1, .start = NN_START_HE},
            {NN_NORM, "norm1", .pool = 2, .activation = NN_GELU,
             .no_scale = true},
            {NN_CONV, "conv2", .channels = 16, .kernel = 3, .stride = 1,
             .pad = 1, .start = NN_START_HE},
            {NN_NORM, "norm2", .activation = NN_RELU},
            {NN_ADD, "sum1", .other = 3},
            {NN_CONV, "conv3", .channels = 16, .kernel = 1, .stride = 1,
             .start = NN_START_HE},
            {NN_ADD, "sum2", .other = 3},
            {NN_ADD, "sum3", .other = 6},
            {NN_ACTIVATE, "bias1", .bias = true, .activation = NN_RELU},
            {NN_CONV, "frozen", .channels = 16, .kernel = 1, .stride = 1,
             .frozen = true, .start = NN_START_HE},
            {NN_ACTIVATE, "gelu", .activation = NN_GELU},
            {NN_ADD, "twice", .other = 12},
            {NN_ADD, "late", .other = 10},
            {NN_MEAN_POOL, "mean", .pool = 2},
            {NN_CONV, "conv4", .channels = 24, .kernel = 3, .stride = 1,
             .pad = 1, .start = NN_START_HE},
            {NN_NORM, "norm3", .activation = NN_IDENTITY},
            {NN_MAX_POOL, "pool", .pool = 0},
            {NN_DENSE, "hidden", .channels = 12, .start = NN_START_UNIFORM},
            {NN_ACTIVATE, "hidden", .bias = true, .activation = NN_GELU},
            {NN_DENSE, "head", .channels = 5, .start = NN_START_UNIFORM},
        }};
}

/* What the first leaves out: a norm on the images themselves, strides, windows
 * of three, both poolings over the whole picture, a dense layer over one, and
 * a sum with a layer before the first that is trained. [2, 15, 15] -> 3. */
static inline struct nn_architecture odd_operations(void)
{
    return (struct nn_architecture){
        .name = "odd",
        .channels = 2,
        .height = 15,
        .width = 15,
        .classes = 3,
        .count = 13,
        .layer = {
            {NN_MAX_POOL, "first", .pool = 2},
            {NN_CONV, "frozen", .channels = 2, .kernel = 3, .stride = 1,
             .pad = 1, .frozen = true, .start = NN_START_DIRAC},
            {NN_MEAN_POOL, "mean1", .pool = 1},
            {NN_CONV, "conv0", .channels = 20, .kernel = 1, .stride = 1,
             .start = NN_START_UNIFORM},
            {NN_NORM, "norm0", .activation = NN_GELU},
            {NN_CONV, "conv1", .channels = 20, .kernel = 3, .stride = 2,
             .pad = 1, .start = NN_START_UNIFORM},
            {NN_NORM, "norm1", .pool = 3, .activation = NN_GELU},
            {NN_DENSE, "wide", .channels = 20, .start = NN_START_UNIFORM},
            {NN_ACTIVATE, "wide", .bias = true, .activation = NN_GELU},
            {NN_DENSE, "inner", .channels = 20, .start = NN_START_UNIFORM},
            {NN_ADD, "skip", .other = 8},
            {NN_NORM, "norm2", .activation = NN_IDENTITY},
            {NN_DENSE, "head", .channels = 3, .start = NN_START_UNIFORM},
        }};
}

/* Leaves the test when oneDNN cannot even imitate bf16 on this CPU, as without
 * AVX-512. */
static inline void need_bf16(void)
{
    const struct nn_architecture a = network("cnn", 1, 8);
    const struct nn_options o = {.batch = 4,
                                 .threads = 1,
                                 .precision = NN_BF16,
                                 .emulate_bf16 = true};
    struct nn_engine *e;
    const enum nn_status status = nn_engine_create(&a, &o, &e, NULL);
    nn_engine_destroy(e);
    if (status == NN_E_UNSUPPORTED) skip();
}

#endif
