/* CartPole-v1: a pole on a cart, to be kept upright by pushing left or right.
 *
 * The equations, constants and limits are those of Gymnasium's environment of
 * that name (Barto, Sutton, Anderson: "Neuronlike adaptive elements that can
 * solve difficult learning control problems", 1983), in its order of
 * operations, except that sine and cosine are polynomials of our own: within
 * one unit in the last place of the exact values, the same bits on every
 * machine, and fit for vectors.
 *
 * An episode ends by termination (the pole has fallen or the cart has left the
 * track) or by truncation (the clock of 500 steps has run out while the pole
 * still stands). The two differ for whoever estimates values: nothing follows
 * a termination, but a truncated episode would have gone on. */
#ifndef TAPER_ENV_CARTPOLE_H
#define TAPER_ENV_CARTPOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/random.h"

enum {
    ENV_CARTPOLE_OBSERVATIONS = 4, /* x, x_dot, theta, theta_dot */
    ENV_CARTPOLE_ACTIONS = 2,      /* 0 pushes left, 1 pushes right */
    ENV_CARTPOLE_STEPS = 500       /* an episode's longest, then truncated */
};

/* ---- One environment ----------------------------------------------------- */

struct env_cartpole {
    double x;     /* m, the cart's place; within +-2.4 */
    double x_dot; /* m/s */
    double theta; /* rad, the pole's angle, 0 upright; within +-12 degrees */
    double theta_dot; /* rad/s */
};

/* A new start: all four values uniform in [-0.05, 0.05), drawn in the order of
 * the struct, one number of `r` each. */
struct env_cartpole env_cartpole_reset(struct data_random *r);

/* 0.02 s pass under a push of 10 N: to the right if `action` is 1, to the left
 * if it is 0 (no other value is legal). `e` must not be terminated. The reward
 * is 1, on the terminating step too. Knows nothing of truncation. */
void env_cartpole_step(struct env_cartpole *e, int action);

/* True when |x| > 2.4 or |theta| > 12 degrees. A state that is not a number
 * never is. */
bool env_cartpole_terminated(const struct env_cartpole *e);

/* ---- Many environments --------------------------------------------------- */

/* n environments that restart by themselves, side by side in memory.
 *
 * The struct lies in one block of the caller's that holds no pointer: the
 * block's env_cartpoles_size(n) bytes are the whole state. memcpy saves them,
 * memcpy restores them (into the same place or another), and a checkpoint
 * writes them as they are; what follows has the same bits as if nothing had
 * happened.
 *
 * Episode k of environment i starts where the stream (seed, name, i, k) says,
 * so a start depends neither on n nor on when the other environments restart.
 * Each environment's bits are those of env_cartpole_step. */
struct env_cartpoles;

/* Bytes of a block for n environments. */
size_t env_cartpoles_size(size_t n);

/* Lays n environments out in `block` (env_cartpoles_size(n) bytes, aligned as
 * from malloc) and starts the first episode of each. `name` tells streams of
 * one seed apart ("cartpole", "cartpole.evaluation") and is not kept. The
 * result is `block`; nothing has to be released. */
struct env_cartpoles *env_cartpoles_begin(void *block, size_t n, uint64_t seed,
                                          const char *name);

size_t env_cartpoles_count(const struct env_cartpoles *e);

/* The observations to act on now, [n, 4], as f32. env_cartpoles_step gives the
 * same again in `next`. */
void env_cartpoles_observe(const struct env_cartpoles *e, float *observations);

/* What one step of all environments gives, in arrays of the caller. Any of
 * them may be NULL. */
struct env_transitions {
    float *reward;       /* [n] 1, on the last step of an episode too */
    uint8_t *terminated; /* [n] 1: fallen or off the track, else 0 */
    uint8_t *truncated;  /* [n] 1: this was the episode's 500th step, else 0;
                            on that step both may be 1, and terminated rules */
    uint32_t *length;    /* [n] steps of the episode up to and with this one,
                            1 to 500: the episode's return where it ended */
    float *last;         /* [n, 4] what the step led to, before any restart:
                            its value is bootstrapped from when truncated */
    float *next;         /* [n, 4] what to act on next: of the new episode
                            where one ended, else as `last` */
};

/* One step of every environment. actions: [n], each 0 or 1. Where an episode
 * ended the next one is begun in the same call, so no action is ever wasted. */
void env_cartpoles_step(struct env_cartpoles *e, const int32_t *actions,
                        const struct env_transitions *out);

#endif
