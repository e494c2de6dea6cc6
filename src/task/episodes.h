/* What the finished training episodes of an agent returned: their number, the
 * mean of the last ones, and when that mean first reached a threshold. Plain
 * data without pointers, so that it can lie in a checkpoint. */
#ifndef TAPER_TASK_EPISODES_H
#define TAPER_TASK_EPISODES_H

#include <stdint.h>

/* A task of OpenAI Gym counts as solved when the mean return of so many
 * consecutive episodes reaches its threshold. */
enum { TASK_EPISODE_WINDOW = 100 };

struct task_episodes {
    int64_t count;                      /* finished so far */
    int64_t solved_at;                  /* environment steps; -1: not yet */
    double threshold;                   /* of the window's mean */
    double recent[TASK_EPISODE_WINDOW]; /* returns, a ring by count */
};

struct task_episodes task_episodes_begin(double threshold);

/* An episode has ended, `env_steps` into the run. Those that end at the same
 * step are in the order of the calls. */
void task_episodes_add(struct task_episodes *e, double episode_return,
                       int64_t env_steps);

/* Mean return of the last TASK_EPISODE_WINDOW episodes, or of as many as there
 * are; NaN before the first. */
double task_episodes_mean(const struct task_episodes *e);

#endif
