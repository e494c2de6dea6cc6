/* The physics of CartPole-v1, once, for one environment and for many. The many
 * are stepped in two passes: the physics over arrays, which compilers turn into
 * vectors, then whatever a single environment may do on its own (the clock, the
 * end of an episode, a restart). See cartpole.h for what is promised. */
#include "env/cartpole.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const double gravity = 9.8;           /* m/s^2 */
static const double pole_mass = 0.1;         /* kg */
static const double total_mass = 1.0 + 0.1;  /* kg, with the cart */
static const double half_length = 0.5;       /* m, half of the pole */
static const double pole_moment = 0.1 * 0.5; /* kg m */
static const double push = 10.0;             /* N */
static const double tau = 0.02;              /* s a step */
static const double x_limit = 2.4;           /* m */
static const double start_limit = 0.05;      /* of every value's start */
static const double theta_limit = /* rad: 12 degrees, rounded as Gymnasium's */
    12 * 2 * 3.141592653589793 / 360;

/* Taylor's series for |a| <= 1/2: a standing pole has |theta| < 0.21. The first
 * term that is left out is below 1e-18 there, so that rounding alone counts,
 * and the last operations add small corrections to large exact terms. */
static inline double sine(double a)
{
    const double a2 = a * a;
    double p = -1.0 / 1307674368000;
    p = p * a2 + 1.0 / 6227020800;
    p = p * a2 - 1.0 / 39916800;
    p = p * a2 + 1.0 / 362880;
    p = p * a2 - 1.0 / 5040;
    p = p * a2 + 1.0 / 120;
    p = p * a2 - 1.0 / 6;
    return a + a * (a2 * p);
}

static inline double cosine(double a)
{
    const double a2 = a * a;
    double p = -1.0 / 87178291200;
    p = p * a2 + 1.0 / 479001600;
    p = p * a2 - 1.0 / 3628800;
    p = p * a2 + 1.0 / 40320;
    p = p * a2 - 1.0 / 720;
    p = p * a2 + 1.0 / 24;
    return 1 - (0.5 * a2 - a2 * a2 * p);
}

/* Explicit Euler: the old velocities move the positions. Divisions stay
 * divisions and the grouping is Gymnasium's, for results that agree with it to
 * the bit wherever sine and cosine do. */
static inline void advance(double *x, double *x_dot, double *theta,
                           double *theta_dot, double force)
{
    const double s = sine(*theta), c = cosine(*theta);
    const double drive =
        (force + pole_moment * (*theta_dot * *theta_dot) * s) / total_mass;
    const double theta_acc =
        (gravity * s - c * drive) /
        (half_length * (4.0 / 3.0 - pole_mass * (c * c) / total_mass));
    const double x_acc = drive - pole_moment * theta_acc * c / total_mass;

    *x += tau * *x_dot;
    *x_dot += tau * x_acc;
    *theta += tau * *theta_dot;
    *theta_dot += tau * theta_acc;
}

static inline bool out_of_bounds(double x, double theta)
{
    return x < -x_limit || x > x_limit || theta < -theta_limit ||
           theta > theta_limit;
}

/* ---- One environment ----------------------------------------------------- */

static double start_value(struct data_random *r)
{
    return start_limit * (2 * data_random_uniform(r) - 1);
}

struct env_cartpole env_cartpole_reset(struct data_random *r)
{
    struct env_cartpole e;
    e.x = start_value(r);
    e.x_dot = start_value(r);
    e.theta = start_value(r);
    e.theta_dot = start_value(r);
    return e;
}

void env_cartpole_step(struct env_cartpole *e, int action)
{
    assert(action == 0 || action == 1);
    assert(!env_cartpole_terminated(e));
    advance(&e->x, &e->x_dot, &e->theta, &e->theta_dot, action ? push : -push);
    assert(isfinite(e->x) && isfinite(e->theta));
}

bool env_cartpole_terminated(const struct env_cartpole *e)
{
    return out_of_bounds(e->x, e->theta);
}

/* ---- Many environments --------------------------------------------------- */

struct env_cartpoles {
    uint64_t count;  /* n */
    uint64_t key[2]; /* of the streams that episodes start from */
    uint64_t unused; /* keeps what follows on a multiple of 32 bytes */
    /* double state[4][n], then uint64_t episode[n]: the one that runs, from 0,
     * then uint64_t elapsed[n]: its steps so far, below 500. */
};

enum { ARRAYS = ENV_CARTPOLE_OBSERVATIONS + 2 };

/* The arrays of a block: they are found again from n, so the block can lie
 * anywhere. */
struct arrays {
    double *x, *x_dot, *theta, *theta_dot;
    uint64_t *episode, *elapsed;
};

static struct arrays arrays_of(struct env_cartpoles *e)
{
    const size_t n = (size_t)e->count;
    double *state = (double *)(void *)(e + 1);
    uint64_t *counts = (uint64_t *)(void *)(state + 4 * n);
    return (struct arrays){state,         state + n, state + 2 * n,
                           state + 3 * n, counts,    counts + n};
}

static void put(const struct arrays *a, size_t i, struct env_cartpole one)
{
    a->x[i] = one.x;
    a->x_dot[i] = one.x_dot;
    a->theta[i] = one.theta;
    a->theta_dot[i] = one.theta_dot;
}

/* The start of environment i's episode is one block of four numbers of the
 * generator, named by (i, episode). */
static void restart(const struct env_cartpoles *e, const struct arrays *a,
                    size_t i)
{
    struct data_random r = {
        .key = {e->key[0], e->key[1]},
        .counter = {0, a->episode[i], i, 0},
        .used = 4,
    };
    a->elapsed[i] = 0;
    put(a, i, env_cartpole_reset(&r));
}

size_t env_cartpoles_size(size_t n)
{
    return sizeof(struct env_cartpoles) + ARRAYS * n * sizeof(double);
}

struct env_cartpoles *env_cartpoles_begin(void *block, size_t n, uint64_t seed,
                                          const char *name)
{
    const struct data_random stream = data_stream(seed, name, 0, 0);
    struct env_cartpoles *e = block;
    memset(block, 0, env_cartpoles_size(n));
    e->count = n;
    e->key[0] = stream.key[0];
    e->key[1] = stream.key[1];

    const struct arrays a = arrays_of(e);
    for (size_t i = 0; i < n; i++)
        restart(e, &a, i);
    return e;
}

size_t env_cartpoles_count(const struct env_cartpoles *e)
{
    return (size_t)e->count;
}

/* Row i of [n, 4] observations from the [4, n] state. */
static inline void observe(const double *state, size_t n, size_t i, float *row)
{
    for (size_t k = 0; k < ENV_CARTPOLE_OBSERVATIONS; k++)
        row[k] = (float)state[k * n + i];
}

void env_cartpoles_observe(const struct env_cartpoles *e, float *observations)
{
    const size_t n = (size_t)e->count;
    const double *state = (const double *)(const void *)(e + 1);
    for (size_t i = 0; i < n; i++)
        observe(state, n, i, observations + 4 * i);
}

static void advance_all(size_t n, double *restrict x, double *restrict x_dot,
                        double *restrict theta, double *restrict theta_dot,
                        const int32_t *restrict actions)
{
    for (size_t i = 0; i < n; i++)
        advance(x + i, x_dot + i, theta + i, theta_dot + i,
                push * (2 * actions[i] - 1));
}

/* The clock of environment i, the end of its episode and the next one. */
static void settle(const struct env_cartpoles *e, const struct arrays *a,
                   size_t i, const struct env_transitions *out)
{
    const bool terminated = out_of_bounds(a->x[i], a->theta[i]);
    const uint64_t length = ++a->elapsed[i];
    const bool truncated = length >= ENV_CARTPOLE_STEPS;
    assert(isfinite(a->x[i]) && isfinite(a->theta[i]));

    if (out->reward) out->reward[i] = 1.0F;
    if (out->terminated) out->terminated[i] = terminated;
    if (out->truncated) out->truncated[i] = truncated;
    if (out->length) out->length[i] = (uint32_t)length;
    if (out->last) observe(a->x, (size_t)e->count, i, out->last + 4 * i);
    if (terminated || truncated) {
        a->episode[i]++;
        restart(e, a, i);
    }
    if (out->next) observe(a->x, (size_t)e->count, i, out->next + 4 * i);
}

void env_cartpoles_step(struct env_cartpoles *e, const int32_t *actions,
                        const struct env_transitions *out)
{
    const struct arrays a = arrays_of(e);
    const size_t n = (size_t)e->count;
    advance_all(n, a.x, a.x_dot, a.theta, a.theta_dot, actions);
    for (size_t i = 0; i < n; i++)
        settle(e, &a, i, out);
}
