/* A fixed team of threads that run one function together and then wait.
 *
 * They wait on a condition variable, never by spinning: the cost is some
 * microseconds a meeting, and a busy neighbour gets its share of the CPU
 * without stalling everybody. */
#ifndef TAPER_NN_TEAM_H
#define TAPER_NN_TEAM_H

#include "nn/status.h"

struct nn_team;

/* `threads` >= 1. Every thread first calls nn_device_single_thread(). */
enum nn_status nn_team_create(int threads, struct nn_team **out,
                              struct nn_error *err);
void nn_team_destroy(struct nn_team *t); /* NULL is legal */

/* Calls fn(context, index) on thread `index` for every index below `threads`
 * and returns when all calls have returned. The caller's own thread only waits.
 */
typedef void nn_team_fn(void *context, int index);
void nn_team_run(struct nn_team *t, nn_team_fn *fn, void *context);

#endif
