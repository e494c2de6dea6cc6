/* How long the kernels between the products take, against memory's speed.
 *
 * Runs every fused step of the airbench94 network (forward and backward) on one
 * thread for each instruction set and type, and prints milliseconds, bytes that
 * must move between the tensors and the registers, and that traffic as a share
 * of what a plain copy reaches in the same run. A share above 100 % means that
 * part of it came from the cache.
 *
 *     bench_kernels [IMAGES [REPEATS]]    (256 and 7) */
#define _DEFAULT_SOURCE /* madvise */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "nn/kernels.h"

#define MOST_REPEATS 101

/* One step of the network; without `norm`, bias and activation alone. */
struct step {
    const char *name;
    size_t channels, size, pool;
    int norm;
};

static const struct step steps[] = {
    {"24 ch 31x31 bias, GELU", 24, 31, 1, 0},
    {"64 ch 31x31 pool 2, norm, GELU", 64, 31, 2, 1},
    {"64 ch 15x15 norm, GELU", 64, 15, 1, 1},
    {"256 ch 15x15 pool 2, norm, GELU", 256, 15, 2, 1},
    {"256 ch 7x7 norm, GELU", 256, 7, 1, 1},
    {"256 ch 7x7 pool 2, norm, GELU", 256, 7, 2, 1},
    {"256 ch 3x3 norm, GELU", 256, 3, 1, 1},
};

enum { STEPS = sizeof steps / sizeof steps[0], CHANNELS = 256 };

struct buffers {
    void *x, *y, *gradient, *dy, *dx, *pooled;
    uint8_t *winner;
    float channel[8][CHANNELS];
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *times, size_t n)
{
    qsort(times, n, sizeof *times, ascending);
    return times[n / 2];
}

static void *allocate(size_t bytes)
{
    const size_t page = (size_t)2 << 20; /* large pages, as the engine's */
    bytes = (bytes + page - 1) / page * page;
    void *p = aligned_alloc(page, bytes);
    if (!p) {
        fputs("bench_kernels: out of memory\n", stderr);
        exit(1);
    }
    (void)madvise(p, bytes, MADV_HUGEPAGE);
    memset(p, 0, bytes);
    return p;
}

static void fill(enum nn_type type, void *to, size_t n)
{
    uint32_t state = 1;
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        const float v = (float)(state >> 8) * 0x1p-22f - 2.0f;
        if (type == NN_F32)
            ((float *)to)[i] = v;
        else
            ((uint16_t *)to)[i] = nn_to_bf16(v);
    }
}

/* Bytes a second of a copy too large for the caches, counting both sides. */
static double copy_speed(void *to, const void *from, size_t bytes)
{
    double times[5];
    for (size_t i = 0; i < 5; i++) {
        const double start = seconds();
        memcpy(to, from, bytes);
        times[i] = seconds() - start;
    }
    return 2.0 * (double)bytes / median(times, 5);
}

static struct nn_layout layout_of(const struct step *s, enum nn_type type,
                                  size_t images)
{
    return (struct nn_layout){.type = type,
                              .images = images,
                              .channels = s->channels,
                              .height = s->size,
                              .width = s->size,
                              .blocks = (s->channels + 15) / 16,
                              .lanes = 16};
}

static size_t layout_bytes(const struct nn_layout *l)
{
    return l->images * l->blocks * l->lanes * l->height * l->width *
           (l->type == NN_F32 ? 4 : 2);
}

static void run_step(const struct nn_kernels *k, const struct step *s,
                     enum nn_type type, size_t images, struct buffers *b,
                     double *forward, double *backward)
{
    const struct nn_layout in = layout_of(s, type, images);
    const struct nn_norm n = {.in = in,
                              .pool = s->pool,
                              .activation = NN_GELU,
                              .epsilon = 1e-12,
                              .scale = b->channel[0],
                              .shift = b->channel[1],
                              .mean = b->channel[2],
                              .variance = b->channel[3],
                              .pooled = s->pool == 1 ? b->x : b->pooled,
                              .winner = b->winner,
                              .a = b->channel[4],
                              .b = b->channel[5]};
    /* Backward leaves its scratch in dy: begin with the same each time. */
    memcpy(b->dy, b->gradient, layout_bytes(&in));
    const double start = seconds();
    if (s->norm)
        k->norm_forward(&n, b->x, b->y);
    else
        k->activate_forward(&in, NN_GELU, b->channel[1], b->x, b->y);
    const double middle = seconds();
    if (s->norm)
        k->norm_backward(&n, b->dy, b->dx, b->channel[6], b->channel[7]);
    else
        k->activate_backward(&in, NN_GELU, b->channel[1], b->x, b->dy, b->dx,
                             b->channel[6]);
    *forward = middle - start;
    *backward = seconds() - middle;
}

/* Bytes that both directions load and store, the two passes of each counted. */
static double traffic(const struct step *s, enum nn_type type, size_t images)
{
    const double value = type == NN_F32 ? 4 : 2;
    const size_t blocks = (s->channels + 15) / 16, rows = s->size / s->pool;
    const double plane = (double)(images * blocks * 16);
    const double x = plane * (double)(s->size * s->size) * value;
    const double p = plane * (double)(rows * rows) * value;
    if (!s->norm) return 5 * x;
    if (s->pool == 1) return 3 * x + 6 * x;
    return (x + 3 * p + p / value) + (5 * p + p / value + x);
}

static void run_kernels(const struct nn_kernels *k, enum nn_type type,
                        size_t images, size_t repeats, struct buffers *b,
                        double speed)
{
    double total[2] = {0, 0}, bytes = 0;
    printf("%s, %s\n", k->name, type == NN_F32 ? "f32" : "bf16");
    printf("  %-32s %8s %8s %7s %6s\n", "", "fwd ms", "bwd ms", "MB", "share");
    for (size_t i = 0; i < STEPS; i++) {
        double times[2][MOST_REPEATS], moved = traffic(&steps[i], type, images);
        for (size_t r = 0; r < repeats; r++)
            run_step(k, &steps[i], type, images, b, &times[0][r], &times[1][r]);
        const double forward = median(times[0], repeats);
        const double backward = median(times[1], repeats);
        printf("  %-32s %8.2f %8.2f %7.1f %5.0f%%\n", steps[i].name,
               1e3 * forward, 1e3 * backward, 1e-6 * moved,
               100 * moved / speed / (forward + backward));
        total[0] += forward;
        total[1] += backward;
        bytes += moved;
    }
    printf("  %-32s %8.2f %8.2f %7.1f %5.0f%%   total %.2f ms\n\n", "sum",
           1e3 * total[0], 1e3 * total[1], 1e-6 * bytes,
           100 * bytes / speed / (total[0] + total[1]),
           1e3 * (total[0] + total[1]));
}

int main(int argc, char **argv)
{
    const size_t images = argc > 1 ? strtoul(argv[1], NULL, 10) : 256;
    size_t repeats = argc > 2 ? strtoul(argv[2], NULL, 10) : 7;
    if (images == 0 || repeats == 0 || repeats > MOST_REPEATS) {
        fputs("usage: bench_kernels [IMAGES [REPEATS]]\n", stderr);
        return 2;
    }
    const size_t values = images * 64 * 31 * 31; /* the largest tensor */
    struct buffers b = {.x = allocate(values * 4),
                        .y = allocate(values * 4),
                        .gradient = allocate(values * 4),
                        .dy = allocate(values * 4),
                        .dx = allocate(values * 4),
                        .pooled = allocate(values * 4),
                        .winner = allocate(values)};
    for (size_t c = 0; c < CHANNELS; c++)
        b.channel[0][c] = 1.0f;
    const double speed = copy_speed(b.dx, b.x, values * 4);
    printf("%zu images, one thread, medians of %zu; a copy of %.0f MB moves "
           "%.1f GB/s\n\n",
           images, repeats, 4e-6 * (double)values, 1e-9 * speed);
    for (int type = NN_F32; type <= NN_BF16; type++) {
        fill((enum nn_type)type, b.x, values);
        fill((enum nn_type)type, b.gradient, values);
        for (size_t i = 0; nn_kernels_at(i); i++)
            run_kernels(nn_kernels_at(i), (enum nn_type)type, images, repeats,
                        &b, speed);
    }
    free(b.x);
    free(b.y);
    free(b.gradient);
    free(b.dy);
    free(b.dx);
    free(b.pooled);
    free(b.winner);
    return 0;
}
