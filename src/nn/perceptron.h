/* Hand-written kernels for chains of small dense layers with tanh between them.
 *
 * A library's matrix product spends longer on being called than a layer of 64
 * units takes on 8 rows, and cannot fuse tanh. Here rows run along vectors: a
 * batch lies in panels of 64 rows, [units, 64] each, so that weights are read
 * as PyTorch stores them, [out, in], in all three products, and every vector is
 * full whatever the number of units. A panel of any layer stays in the first
 * cache.
 *
 * As everywhere in nn/kernels.h: single-threaded, no allocation, the same bits
 * for the same input on the same machine. Beyond that, the bits of a row of
 * `forward` and `backward` do not depend on the rows beside it. Lanes past the
 * last row, up to the next multiple of 16, are computed too and have to hold
 * finite numbers; zeros in `dz` keep them out of the gradients. Any alignment
 * will do, 64 bytes is fastest. */
#ifndef TAPER_NN_PERCEPTRON_H
#define TAPER_NN_PERCEPTRON_H

#include <stdbool.h>
#include <stddef.h>

enum { NN_PANEL = 64 }; /* rows */

struct nn_perceptron_kernels {
    /* y = w x + bias, and tanh of that if `squash`, for the first `rows`, 1 to
     * 64, of a panel. x [in, 64], w [out, in], bias [out], y [out, 64]; y must
     * not be x. */
    void (*forward)(size_t rows, size_t in, size_t out, const float *w,
                    const float *bias, const float *x, bool squash, float *y);

    /* dx = (w' dz) (1 - x^2) where x came from tanh: the derivative behind it
     * becomes the one in front. dz [out, 64], x and dx [in, 64]; dx may be
     * neither. */
    void (*backward)(size_t rows, size_t in, size_t out, const float *w,
                     const float *dz, const float *x, float *dx);

    /* dw = sum over all rows of dz x', dbias = sum of dz. x and dz are
     * [panels, units, 64] with the n rows in order; dw [out, in] and dbias
     * [out] are set, not added to. */
    void (*gradient)(size_t n, size_t in, size_t out, const float *x,
                     const float *dz, float *dw, float *dbias);

    /* y = tanh(x) over n values, as `forward` computes it: relative error below
     * 5e-7, never beyond +-1, odd, NaN for NaN. y may be x. */
    void (*tanh)(size_t n, const float *x, float *y);
};

#endif
