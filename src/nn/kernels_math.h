/* exp and GELU for vectors, without branches or division.
 *
 * The coefficients come from tools/fit_kernels.py. Errors below are measured
 * against libm in double by tests/nn/test_kernels_math.c. */
#ifndef TAPER_NN_KERNELS_MATH_H
#define TAPER_NN_KERNELS_MATH_H

#include "nn/kernels_vector.h"

/* e^x for x <= 0, relative error below 2e-7; exactly 0 below -87.7, where the
 * result would leave the normal numbers; NaN stays NaN.
 *
 * x = k ln 2 + r with |r| <= ln 2 / 2, so e^x = 2^k e^r. Adding 1.5 * 2^23
 * leaves k, rounded, in the low bits of the sum, from where it moves into the
 * exponent. ln 2 is split so that k times its upper part is exact. */
NN_INLINE vf v_exp(vf x)
{
    const float round = 12582912.0f;
    x = v_at_least(v_all(-88.0f), x);
    const vf sum = x * 1.44269504f + round;
    const vf k = sum - round;
    vf r = x - k * 0.693359375f;
    r = r - k * -2.12194440e-4f;

    vf p = r * 1.383684576e-03f + 8.374815807e-03f;
    p = p * r + 4.166822508e-02f;
    p = p * r + 1.666641980e-01f;
    p = p * r + 4.999999106e-01f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    /* k = -127, the least there is, gives the exponent bits of zero. */
    const vu scale = ((vu)sum + 127u) << 23;
    return p * (vf)scale;
}

/* Beyond this, e^(-u^2 / 2) is 0 as v_exp gives it, so a tail is exactly 0
 * however large its factor: x * 0 for finite x, never a small leftover. */
#define NN_TAIL_END 13.26f

/* For u = min(|x|, NN_TAIL_END): the density *e = e^(-u^2 / 2), and T(u) such
 * that T(u) * *e is the probability that a normal variable exceeds u. */
NN_INLINE vf normal_tail(vf u, vf *e)
{
    *e = v_exp(u * u * -0.5f);
    vf t = u * -2.441997253e-07f + 6.287169072e-06f;
    t = t * u + -7.276448014e-05f;
    t = t * u + 5.074457149e-04f;
    t = t * u + -2.429959597e-03f;
    t = t * u + 8.716886863e-03f;
    t = t * u + -2.514877543e-02f;
    t = t * u + 6.170242652e-02f;
    t = t * u + -1.327193081e-01f;
    t = t * u + 2.499556839e-01f;
    t = t * u + -3.989393413e-01f;
    return t * u + 4.999999702e-01f;
}

/* max(x, 0), NaN for NaN. */
NN_INLINE vf v_relu(vf x)
{
    return v_where_positive(x, x);
}

/* x Phi(x), Phi the normal distribution function (1 + erf(x / sqrt 2)) / 2.
 * Written as max(x, 0) - |x| Phi(-|x|), which needs only the tail and is exact
 * for large |x|. Error below 1.5e-7 max(1, |x|). */
NN_INLINE vf v_gelu(vf x)
{
    const vf size = v_abs(x);
    vf e;
    const vf t = normal_tail(v_at_most(v_all(NN_TAIL_END), size), &e);
    return v_relu(x) - size * (t * e);
}

/* Phi(x) + x phi(x). Error below 2e-7. */
NN_INLINE vf v_gelu_slope(vf x)
{
    vf e;
    const vf t = normal_tail(v_at_most(v_all(NN_TAIL_END), v_abs(x)), &e);
    const vf tail = t * e;
    const vf phi = x * (e * 0.398942280f); /* 1 / sqrt(2 pi) */
    return v_where_positive(x, 1.0f - (tail + tail)) + tail + phi;
}

NN_INLINE vf v_activate(enum nn_activation act, vf z)
{
    if (act == NN_RELU) return v_relu(z);
    if (act == NN_GELU) return v_gelu(z);
    return z;
}

/* dy * act'(z). As in PyTorch, a NaN passes and ReLU's slope at 0 is 0. */
NN_INLINE vf v_activate_slope(enum nn_activation act, vf z, vf dy)
{
    if (act == NN_RELU) return v_where_positive(z, dy);
    if (act == NN_GELU) return dy * v_gelu_slope(z);
    return dy;
}

#endif
