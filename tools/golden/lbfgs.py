#!/usr/bin/env python3
"""Records the minima that SciPy's L-BFGS-B finds, and how many evaluations it
takes.

usage: lbfgs.py > tests/data/law/lbfgs.txt        (scipy 1.17.1, numpy 2.4.6)

The functions are those of tests/law/test_lbfgs.c, from the same starts. One
line for each: "name n evaluations value x...".
"""
import sys

import numpy as np
import scipy
from scipy.optimize import minimize


def rosenbrock(x):
    a, b = x[:-1], x[1:]
    g = np.zeros_like(x)
    g[:-1] = -400 * a * (b - a * a) - 2 * (1 - a)
    g[1:] += 200 * (b - a * a)
    return np.sum(100 * (b - a * a) ** 2 + (1 - a) ** 2), g


def quadratic(x):
    """Curvatures from 1 to 10^4, and a coupling of all; least at x_i = i."""
    i = np.arange(len(x))
    h = 10.0 ** (4 * i / (len(x) - 1))
    d = x - i
    c = np.sum(d)
    return 0.5 * np.sum(h * d * d) + 0.5 * c * c, h * d + c


def chain(x):
    """exp(x_i) - x_i (i + 1) / n, neighbours drawn together: no closed form."""
    n = len(x)
    w = (np.arange(n) + 1) / n
    d = np.diff(x)
    g = np.exp(x) - w
    g[1:] += 20 * d
    g[:-1] -= 20 * d
    return np.sum(np.exp(x) - w * x) + 10 * np.sum(d * d), g


STARTS = {"rosenbrock": lambda i: np.where(i % 2 == 0, -1.2, 1.0),
          "quadratic": lambda i: 0.0 * i,
          "chain": lambda i: np.sin(i)}

print(f"# SciPy {scipy.__version__}, {sys.version.split()[0]}; tools/golden/lbfgs.py")
for f, n in ((rosenbrock, 2), (rosenbrock, 20), (quadratic, 50), (chain, 30)):
    r = minimize(f, STARTS[f.__name__](np.arange(float(n))), jac=True,
                 method="L-BFGS-B", options=dict(
                     maxcor=20, ftol=0, gtol=1e-10, maxiter=10000, maxfun=10000))
    print(f.__name__, n, r.nfev, f"{r.fun:.17g}", *(f"{v:.10g}" for v in r.x))
