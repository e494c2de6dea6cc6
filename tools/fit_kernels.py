#!/usr/bin/env python3
"""Derive the polynomial coefficients of src/nn/kernels_math.h.

Two weighted minimax fits, found by Lawson's iteration (least squares whose
weights are multiplied by the error until the error is level):

  exp2  2^r on [-1/2, 1/2], smallest relative error.
  tail  T(u) = erfc(u / sqrt 2) / 2 * e^(u^2 / 2) on [0, 13.3]: what is left of
        the normal tail probability after its e^(-u^2 / 2) is taken out. The
        error is weighted as GELU sees it, by max(1, u) e^(-u^2 / 2).

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


def show(name, result):
    coefficients, before, after = result
    print(f"{name}: error {before:.2e}, coefficients rounded: {after:.2e}")
    for k, c in enumerate(coefficients):
        print(f"    {c:.9e}f, /* {k} */")


show("exp2", fit(lambda r: mp.mpf(2) ** r, -0.5, 0.5, lambda x: 2 ** -x, 6))
show("tail", fit(lambda u: mp.erfc(u / mp.sqrt(2)) * mp.exp(u * u / 2) / 2,
                 0.0, 13.3, lambda x: np.exp(-x * x / 2) * np.maximum(1, x),
                 11))
