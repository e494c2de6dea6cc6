/* Lookahead: slow weights that follow the fast ones of any rule.
 *
 * Every few updates the slow copy moves towards the weights and the weights
 * restart from it (Zhang, Lucas, Hinton, Ba: "Lookahead Optimizer: k steps
 * forward, 1 step back", arXiv 1907.08610). The decay that grows with the run
 * is airbench94's. */
#ifndef TAPER_OPTIM_LOOKAHEAD_H
#define TAPER_OPTIM_LOOKAHEAD_H

#include <stddef.h>
#include <stdint.h>

/* How much of the slow weights stays when `done` of `steps` updates are done
 * and they meet every `every` updates: 0.95^every * (done / steps)^3, so that
 * a young run follows its weights and an old one averages them. In [0, 1). */
double optim_lookahead_decay(int64_t done, int64_t steps, int64_t every);

/* slow = decay * slow + (1 - decay) * fast, then fast = slow, over values
 * [begin, end). `decay` 1 copies the slow weights back; 0 copies the fast ones.
 * Slices in any order and from any threads give the same bits. */
void optim_lookahead(float *slow, float *fast, double decay, size_t begin,
                     size_t end);

#endif
