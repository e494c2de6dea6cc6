/* Two small networks for reinforcement learning: a policy, from an observation
 * to one logit for each action, and a value, from an observation to the return
 * that is expected. Both are chains of dense layers with tanh between them and
 * share nothing ("separate networks" of Andrychowicz et al., "What matters in
 * on-policy reinforcement learning?", 2020, arXiv 2006.05990).
 *
 * They are far too small for the engine of nn/engine.h: a call on 8 rows takes
 * microseconds, so everything here runs on the calling thread by kernels of its
 * own (nn/perceptron.h). The weights are one block and the gradients
 * another, as there, so that one optimiser serves both.
 *
 * All memory is taken in nn_actor_critic_create. The same input gives the same
 * bits on one machine; and a row's logits and value have the same bits whatever
 * the number of rows beside it. */
#ifndef TAPER_NN_ACTOR_CRITIC_H
#define TAPER_NN_ACTOR_CRITIC_H

#include <stddef.h>

#include "nn/architecture.h"
#include "nn/engine.h" /* nn_uniform_fn */
#include "nn/status.h"

enum { NN_ACTOR_CRITIC_HIDDEN = 4 };

struct nn_actor_critic_shape {
    int observations;                   /* values of one observation, >= 1 */
    int actions;                        /* logits, >= 1 */
    int layers;                         /* hidden ones, 0 to 4 */
    int hidden[NN_ACTOR_CRITIC_HIDDEN]; /* units of each, >= 1 */
    int batch;                          /* rows of the largest call, >= 1 */
};

/* Two hidden layers of 64, as in the PPO paper (Schulman et al. 2017, arXiv
 * 1707.06347). */
struct nn_actor_critic_shape nn_actor_critic_defaults(int observations,
                                                      int actions, int batch);

struct nn_actor_critic;

/* *out is NULL on failure: NN_E_ARGUMENT for a shape out of range (no width may
 * exceed 4096, no batch 2^20), NN_E_NOMEM. Weights start as zero. */
enum nn_status nn_actor_critic_create(const struct nn_actor_critic_shape *shape,
                                      struct nn_actor_critic **out,
                                      struct nn_error *err);
void nn_actor_critic_destroy(struct nn_actor_critic *a); /* NULL is legal */

const struct nn_actor_critic_shape *
nn_actor_critic_shape(const struct nn_actor_critic *a);

/* The parameters in one block of floats, with a table of their names in order:
 * "policy.0.weight" [out, in], "policy.0.bias" [out], "policy.2.weight", ...,
 * then "value.0.weight", ...: the state_dict of two nn.Sequential of Linear and
 * Tanh. Gradients have the same offsets. Offsets are multiples of 16; what lies
 * between is zero and stays so. The caller may write weights between calls. */
size_t nn_actor_critic_size(const struct nn_actor_critic *a); /* floats */
float *nn_actor_critic_weights(struct nn_actor_critic *a);
float *nn_actor_critic_gradients(struct nn_actor_critic *a);
const struct nn_parameter *
nn_actor_critic_parameters(const struct nn_actor_critic *a, size_t *count);

/* Orthogonal weights (rows, or columns where they are fewer, of length `gain`
 * and at right angles; Saxe et al. 2014, arXiv 1312.6120) and biases of zero.
 * The gain is sqrt 2 for hidden layers, 0.01 for the logits, so that every
 * action is about as likely at first, and 1 for the value. `uniform` returns
 * numbers in [0, 1); the order of the calls is fixed. */
void nn_actor_critic_initialise(struct nn_actor_critic *a,
                                nn_uniform_fn *uniform, void *context);

/* Runs both networks on n observations and keeps what backward needs.
 *
 *   observations  [n, observations], 1 <= n <= batch; not needed afterwards
 *   logits        [n, actions]; NULL leaves the policy out
 *   values        [n]; NULL leaves the value network out
 *
 * NN_E_ARGUMENT when n is out of range; nothing is written then. */
enum nn_status nn_actor_critic_forward(struct nn_actor_critic *a,
                                       const float *observations, size_t n,
                                       float *logits, float *values);

/* Sets all gradients to those of sum(dlogits * logits) + sum(dvalues * values)
 * over the n rows of the last forward, whose weights must still stand. Scale
 * the two for a mean.
 *
 *   dlogits  [n, actions]; NULL: zero, the policy's gradients become zero
 *   dvalues  [n]; NULL likewise
 *
 * NN_E_ARGUMENT when the last forward left out a network whose gradients are
 * asked for, or there was none; nothing is written then. */
enum nn_status nn_actor_critic_backward(struct nn_actor_critic *a,
                                        const float *dlogits,
                                        const float *dvalues);

#endif
