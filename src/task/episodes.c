/* Statistics of finished episodes: see episodes.h. */
#include "task/episodes.h"

#include <math.h>

struct task_episodes task_episodes_begin(double threshold)
{
    return (struct task_episodes){.solved_at = -1, .threshold = threshold};
}

void task_episodes_add(struct task_episodes *e, double episode_return,
                       int64_t env_steps)
{
    e->recent[e->count % TASK_EPISODE_WINDOW] = episode_return;
    e->count++;
    if (e->solved_at < 0 && e->count >= TASK_EPISODE_WINDOW &&
        task_episodes_mean(e) >= e->threshold)
        e->solved_at = env_steps;
}

double task_episodes_mean(const struct task_episodes *e)
{
    const int64_t n =
        e->count < TASK_EPISODE_WINDOW ? e->count : TASK_EPISODE_WINDOW;
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += e->recent[i];
    return n > 0 ? sum / (double)n : NAN;
}
