#!/usr/bin/env python3
"""What Muon does to small matrices, by their singular values.

usage: muon.py > tests/data/optim/muon.txt       (Debian: python3-numpy 1.24.2)

Muon (Jordan et al. 2024) takes three turns of a matrix polynomial that needs
products only. Here the same comes from NumPy's singular value decomposition in
double precision: the polynomial is applied to the singular values one by one.
The text is read by tests/optim/test_muon.c.
"""
import sys

import numpy

STEPS, TURNS = 3, 3
RATES = [0.24, 0.1, 0.02]

# rows, columns, momentum, Nesterov
CASES = [(6, 20, 0.6, 1), (20, 6, 0.6, 1), (8, 8, 0.9, 0), (5, 31, 0.0, 0)]


def row(word, values):
    """One line of text; nine digits give back the same float."""
    print(word, *("%.9g" % v for v in values))


def turned(x):
    u, s, v = numpy.linalg.svd(x, full_matrices=False)
    s = s / (numpy.sqrt((x * x).sum()) + 1e-7)
    for _ in range(TURNS):
        s = 3.4445 * s - 4.7750 * s ** 3 + 2.0315 * s ** 5
    return (u * s) @ v


def main():
    print(f"# numpy {numpy.__version__}, Python {sys.version.split()[0]}")
    print("# command: tools/golden/muon.py > tests/data/optim/muon.txt")
    random = numpy.random.default_rng(9)
    row("shape", [len(CASES), STEPS])
    row("rates", RATES)
    for rows, columns, momentum, nesterov in CASES:
        row("case", [rows, columns, momentum, nesterov])
        # What is written is what both begin with: single precision.
        w, *gradients = random.standard_normal(
            (STEPS + 1, rows, columns)).astype("f4")
        row("start", w.ravel())
        w, m = w.astype("f8"), numpy.zeros((rows, columns))
        for rate, gradient in zip(RATES, gradients):
            g = gradient.astype("f8")
            m = momentum * m + g
            w = w * numpy.sqrt(rows) / numpy.sqrt((w * w).sum())
            w = w - rate * turned(g + momentum * m if nesterov else m)
            row("gradients", gradient.ravel())
            row("weights", w.ravel())


if __name__ == "__main__":
    main()
