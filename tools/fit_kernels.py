#!/usr/bin/env python3
"""Derive the coefficients of src/nn/kernels_math.h and kernels_perceptron.h.

Three weighted minimax fits, found by Lawson's iteration (least squares whose
weights are multiplied by the error until the error is level):

  exp2  2^r on [-1/2, 1/2], smallest relative error.
  tail  T(u) = erfc(u / sqrt 2) / 2 * e^(u^2 / 2) on [0, 13.3]: what is left of
        the normal tail probability after its e^(-u^2 / 2) is taken out. The
        error is weighted as GELU sees it, by max(1, u) e^(-u^2 / 2).
  tanh  P(x^2) / Q(x^2) for tanh(x) / x on [0, 9.01], smallest relative error:
        the same iteration on P - Q tanh(x) / x, over the last round's Q.

Prints the coefficients, lowest power first, rounded to f32, and the largest
weighted error of the fit before rounding and after rounding (the latter still
evaluated in double). Needs numpy and mpmath:

    python3 tools/fit_kernels.py
"""
import mpmath as mp
import numpy as np

mp.mp.dps = 40
ROUNDS = 500


def fit(f, low, high, weight, degree):
    """Coefficients of the polynomial with the least weighted error."""
    points = np.cos(np.linspace(0, np.pi, 4001))
    x = (low + high) / 2 + (high - low) / 2 * points
    y = np.array([float(f(mp.mpf(float(v)))) for v in x])
    w = weight(x)
    basis = np.polynomial.chebyshev.chebvander(points, degree)
    level = np.ones_like(x)
    best, best_error = None, np.inf
    for _ in range(ROUNDS):
        s = w * np.sqrt(level)
        c = np.linalg.lstsq(basis * s[:, None], y * s, rcond=None)[0]
        error = np.abs(w * (basis @ c - y))
        if error.max() < best_error:
            best, best_error = c, error.max()
        level *= error / error.max() + 1e-12
        level /= level.max()
    series = np.polynomial.Chebyshev(best, domain=[low, high])
    power = series.convert(kind=np.polynomial.Polynomial).coef
    rounded = power.astype(np.float32)
    after = np.abs(w * (np.polyval(rounded[::-1].astype(float), x) - y)).max()
    return rounded, best_error, after


def fit_ratio(f, high, degree):
    """Coefficients of P and Q in z = x^2, Q(0) = 1, with the least relative
    error of P / Q against f on [0, high]."""
    x = high * (1 + np.cos(np.linspace(0, np.pi, 600))[:-1]) / 2
    y = np.array([float(f(mp.mpf(float(v)))) for v in x])
    basis = np.polynomial.chebyshev.chebvander(2 * (x / high) ** 2 - 1, degree)
    system = np.hstack([basis, -y[:, None] * basis[:, 1:]])
    level, q = np.ones_like(x), np.ones_like(x)
    best, best_error = None, np.inf
    for _ in range(ROUNDS):
        w = np.sqrt(level) / (y * np.abs(q))
        scale = np.abs(system * w[:, None]).max(axis=0)
        c = np.linalg.lstsq(system * w[:, None] / scale, y * w, rcond=1e-17)[0] / scale
        c = c[:degree + 1], np.append(1, c[degree + 1:])
        q = basis @ c[1]
        error = np.abs(basis @ c[0] / q / y - 1)
        if error.max() < best_error:
            best, best_error = c, error.max()
        level *= (error / error.max()) ** 0.7 + 1e-9
        level /= level.max()
    series = [np.polynomial.Chebyshev(c, domain=[0, high ** 2]) for c in best]
    p, q = [s.convert(kind=np.polynomial.Polynomial).coef for s in series]
    p, q = (p / q[0]).astype(np.float32), (q / q[0]).astype(np.float32)
    z = x * x
    after = np.polyval(p[::-1].astype(float), z) / np.polyval(q[::-1].astype(float), z)
    return np.append(p, q), best_error, np.abs(after / y - 1).max()


def show(name, result):
    coefficients, before, after = result
    print(f"{name}: error {before:.2e}, coefficients rounded: {after:.2e}")
    for k, c in enumerate(coefficients):
        print(f"    {c:.9e}f, /* {k} */")


show("exp2", fit(lambda r: mp.mpf(2) ** r, -0.5, 0.5, lambda x: 2 ** -x, 6))
show("tail", fit(lambda u: mp.erfc(u / mp.sqrt(2)) * mp.exp(u * u / 2) / 2,
                 0.0, 13.3, lambda x: np.exp(-x * x / 2) * np.maximum(1, x),
                 11))
show("tanh, P then Q", fit_ratio(lambda x: mp.tanh(x) / x, 9.01, 4))
