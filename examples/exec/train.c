/* train.c: a training of one's own for taper compare, in C with libtaper.
 *
 * Instead of reading the table of rates it parses the schedule itself, whose
 * text in TAPER_SCHEDULE has everything in steps. Logistic regression learns a
 * noisy rule from one example an update.
 *
 *   cc train.c -o train $(pkg-config --cflags --libs taper) -lm
 *   taper compare --exec ./train --steps 2000 --seeds 5 \
 *       --schedule 'cosine(1, 0)' --schedule constant=1 */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <taper.h>

enum { INPUTS = 8, TESTS = 2000 };

/* A random stream: splitmix64, as Steele, Lea and Flood (2014) give it. */
static double uniform(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/* Inputs in [-1, 1], and whether their weighted sum is above 0; one answer in
 * ten is wrong. */
static int draw(uint64_t *state, double x[INPUTS])
{
    double sum = 0.0;
    for (int i = 0; i < INPUTS; i++) {
        x[i] = 2.0 * uniform(state) - 1.0;
        sum += x[i] * (i % 2 ? 1.0 : -0.5);
    }
    return (sum > 0.0) != (uniform(state) < 0.1);
}

/* The cross entropy of an answer, and in *error its slope by the sum. */
static double loss_of(const double *weights, const double *x, int answer,
                      double *error)
{
    double sum = weights[INPUTS];
    for (int i = 0; i < INPUTS; i++)
        sum += weights[i] * x[i];
    *error = 1.0 / (1.0 + exp(-sum)) - answer;
    return fmax(sum, 0.0) + log1p(exp(-fabs(sum))) - answer * sum;
}

/* The schedule that the environment names, or NULL after saying why. */
static taper_schedule *read_schedule(const char *text)
{
    taper_schedule *s = NULL;
    taper_error err;
    if (!text) {
        fputs("train: run me with taper compare --exec\n", stderr);
    } else if (taper_parse(text, strlen(text), NULL, NULL, &s, &err) !=
               TAPER_OK) {
        fprintf(stderr, "train: %s\n", err.message);
    }
    return s;
}

int main(void)
{
    const char *const steps_text = getenv("TAPER_STEPS");
    const char *const seed_text = getenv("TAPER_SEED");
    taper_schedule *const schedule = read_schedule(getenv("TAPER_SCHEDULE"));
    if (!schedule || !steps_text || !seed_text) return 1;
    const int64_t steps = strtoll(steps_text, NULL, 10);

    double weights[INPUTS + 1] = {0.0}, x[INPUTS], error;
    uint64_t random = strtoull(seed_text, NULL, 10);
    for (int64_t step = 0; step < steps; step++) {
        const double rate = taper_at(schedule, step);
        const int answer = draw(&random, x);
        const double loss = loss_of(weights, x, answer, &error);
        for (int i = 0; i < INPUTS; i++)
            weights[i] -= rate * error * x[i];
        weights[INPUTS] -= rate * error;
        if (step % 100 == 0)
            printf("{\"step\": %" PRId64 ", \"lr\": %.17g, \"loss\": %.9g}\n",
                   step, rate, loss);
    }
    taper_free(schedule, NULL);

    /* The same examples for every trial, whatever its seed. */
    double total = 0.0;
    uint64_t fixed = UINT64_C(1) << 40;
    for (int k = 0; k < TESTS; k++) {
        const int answer = draw(&fixed, x);
        total += loss_of(weights, x, answer, &error);
    }
    printf("{\"metric\": %.17g}\n", total / TESTS);
    return 0;
}
