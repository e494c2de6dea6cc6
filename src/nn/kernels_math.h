/* exp and GELU for vectors, without branches or division.
 *
 * The coefficients come from tools/fit_kernels.py; tests/nn/test_kernels_math.c
 * holds the errors stated here against libm in double. Polynomials are split in
 * two or three parts that the CPU evaluates side by side: what limits these
 * loops is the longest chain of operations, not their number. */
#ifndef TAPER_NN_KERNELS_MATH_H
#define TAPER_NN_KERNELS_MATH_H

#include "nn/kernels_vector.h"

/* 2^(x k) for x k in [-127, 0], exactly 0 below -126.5 and exactly 1 at 0; NaN
 * stays NaN.
 *
 * With t = x k rounded to the integer n, 2^t = 2^n 2^(t - n). Adding 1.5 * 2^23
 * rounds t and leaves n in the low bits of the sum; with 127 more these are the
 * bits of the exponent, and n = -127 gives those of zero. */
NN_INLINE vf v_exp2_product(vf x, float k)
{
    const float round = 12582912.0f + 127.0f;
    const vf sum = x * k + round;
    const vf r = x * k - (sum - round); /* in [-1/2, 1/2] */
    const vf r2 = r * r;
    const vf low = r * 6.931471825e-01f + 1.0f;
    const vf middle = r * 5.550328642e-02f + 2.402264625e-01f;
    const vf high =
        (r * 1.339993090e-03f + 9.618489072e-03f) + r2 * 1.534581243e-04f;
    const vf p = low + r2 * (middle + r2 * high);
    return p * (vf)((vu)sum << 23);
}

/* e^x for x <= 0, absolute error below 1e-7; exactly 0 below -87.7, where the
 * result would leave the normal numbers, and exactly 1 at 0. */
NN_INLINE vf v_exp(vf x)
{
    return v_exp2_product(v_at_least(v_all(-88.0f), x), 1.44269504f);
}

/* Beyond this, e^(-u^2 / 2) is 0 as computed, so the tail of the normal
 * distribution is exactly 0 too and leaves nothing behind however large x is.
 */
#define NN_TAIL_END 13.26f

/* For 0 <= u <= NN_TAIL_END: e = e^(-u^2 / 2) and t such that t e is the
 * probability that a normal variable exceeds u, error below 1e-7. */
NN_INLINE vf v_normal_tail(vf u, vf *e)
{
    const vf u2 = u * u;
    *e = v_exp2_product(u2, -0.72134752f); /* 1 / (2 ln 2) */
    vf even = u2 * 6.287169072e-06f + 5.074457149e-04f;
    vf odd = u2 * -2.441997253e-07f + -7.276448014e-05f;
    even = even * u2 + 8.716886863e-03f;
    odd = odd * u2 + -2.429959597e-03f;
    even = even * u2 + 6.170242652e-02f;
    odd = odd * u2 + -2.514877543e-02f;
    even = even * u2 + 2.499556839e-01f;
    odd = odd * u2 + -1.327193081e-01f;
    even = even * u2 + 4.999999702e-01f;
    odd = odd * u2 + -3.989393413e-01f;
    return odd * u + even;
}

/* max(x, 0), NaN for NaN. */
NN_INLINE vf v_relu(vf x)
{
    return v_at_least((vf){0}, x);
}

/* x Phi(x), Phi the normal distribution function (1 + erf(x / sqrt 2)) / 2.
 * Written as max(x, 0) - |x| Phi(-|x|), which needs only the tail. Error below
 * 2e-7 max(1, |x|), and exact for |x| > 13.26. */
NN_INLINE vf v_gelu(vf x)
{
    const vf u = v_at_most(v_all(NN_TAIL_END), v_abs(x));
    vf e;
    const vf t = v_normal_tail(u, &e);
    return v_relu(x) - (u * t) * e;
}

/* Phi(x) + x phi(x), phi its density e^(-x^2 / 2) / sqrt(2 pi). Error below
 * 2e-7, and exact for |x| > 13.26. */
NN_INLINE vf v_gelu_slope(vf x)
{
    const vi sign = (vi)x & INT32_MIN;
    const vf u = v_at_most(v_all(NN_TAIL_END), v_abs(x));
    const vf v = (vf)((vi)u | sign);
    vf e;
    const vf t = v_normal_tail(u, &e);
    const vf side = (vf)(~((vi)x >> 31) & (vi)v_all(1.0f)); /* 1 if x >= 0 */
    return side + e * (v * 0.398942280f - (vf)((vi)t ^ sign));
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
