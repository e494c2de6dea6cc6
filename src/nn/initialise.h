/* How one parameter starts, for networks that are not the engine's. */
#ifndef TAPER_NN_INITIALISE_H
#define TAPER_NN_INITIALISE_H

#include "nn/engine.h"

/* Sets the p->count values at `w` by p->start. The number of calls of
 * `uniform` depends on p alone. */
void nn_start_parameter(float *w, const struct nn_parameter *p,
                        nn_uniform_fn *uniform, void *context);

/* Makes the rows of w [out, in] orthonormal, or its columns if out > in, by
 * Gram and Schmidt's process, with the directions of the first ones kept:
 * independent normal values then become an orthogonal matrix without any
 * preferred direction. The vectors must not be linearly dependent. */
void nn_orthogonalise(float *w, size_t out, size_t in);

#endif
