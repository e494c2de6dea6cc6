/* Steps of CartPole-v1 a second on one core, under a random policy:
 *
 *     bench_env [ENVIRONMENTS]                                  (default 256)
 *
 * prints one number, the median of 15 repeats of about four million steps. A
 * step includes the random action (one bit each), every output of
 * env_cartpoles_step and the restarts, one in 22 steps. */
#include "env/cartpole.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { REPEATS = 15, STEPS = 4 << 20, MOST = 65536 };

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

static void draw_actions(struct data_random *r, int32_t *actions, size_t n)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < n; i++, bits >>= 1) {
        if (i % 64 == 0) bits = data_random_u64(r);
        actions[i] = (int32_t)(bits & 1);
    }
}

int main(int argc, char **argv)
{
    static float reward[MOST], last[MOST][4], next[MOST][4];
    static uint8_t terminated[MOST], truncated[MOST];
    static uint32_t length[MOST];
    static int32_t actions[MOST];
    const struct env_transitions out = {reward, terminated, truncated,
                                        length, last[0],    next[0]};
    const size_t n = argc > 1 ? (size_t)atol(argv[1]) : 256;
    if (n < 1 || n > MOST) {
        fprintf(stderr, "usage: bench_env [1 to %d environments]\n", MOST);
        return 2;
    }
    void *block = malloc(env_cartpoles_size(n));
    if (!block) return 1;
    struct env_cartpoles *e = env_cartpoles_begin(block, n, 1, "bench");
    struct data_random r = data_stream(1, "actions", 0, 0);

    double rate[REPEATS], sum = 0;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        const double start = seconds();
        for (size_t step = 0; step < STEPS / n; step++) {
            draw_actions(&r, actions, n);
            env_cartpoles_step(e, actions, &out);
            sum += (double)next[step % n][2];
        }
        rate[repeat] = (double)(STEPS / n * n) / (seconds() - start);
    }
    qsort(rate, REPEATS, sizeof *rate, compare);
    printf("%.0f\n", rate[REPEATS / 2]);
    free(block);
    return sum == 0; /* never: keeps the observations from being dropped */
}
