#!/usr/bin/env python3
"""What scikit-learn makes of predictions: accuracy, cross-entropy, macro F1.

usage: scores.py > tests/data/task/scores.txt     (needs scikit-learn)

Among the cases are one whose last class is neither met nor predicted, one
with a class that is never right, and logits that are far apart. The text is
read by tests/task/test_scores.c.
"""
import sys
import warnings

import numpy
import sklearn
from sklearn.metrics import accuracy_score, f1_score, log_loss

# samples, classes, classes that labels have, scale of the logits
CASES = [(1, 2, 2, 1.0), (50, 2, 2, 2.0), (40, 6, 6, 1.0), (30, 5, 4, 3.0),
         (12, 10, 10, 0.5), (20, 3, 3, 300.0)]


def row(word, values):
    print(word, *("%.17g" % float(v) for v in values))


def case(random, n, classes, met, scale):
    logits = numpy.round(random.standard_normal((n, classes)) * scale, 3)
    labels = random.integers(0, met, n)
    logits[:, met:] -= 1000  # never predicted
    best = logits.argmax(axis=1)
    shifted = numpy.exp(logits - logits.max(axis=1, keepdims=True))
    # log_loss takes probabilities and cuts them at the smallest of doubles;
    # where they are smaller the same mean is taken of logarithms.
    shares = shifted / shifted.sum(axis=1, keepdims=True)
    if shares[numpy.arange(n), labels].min() > 1e-12:
        loss = log_loss(labels, shares, labels=range(classes))
    else:
        loss = (numpy.log(shifted.sum(axis=1)) + logits.max(axis=1) -
                logits[numpy.arange(n), labels]).mean()
    row("case", (n, classes))
    row("logits", logits.ravel())
    row("labels", labels)
    row("scores", (accuracy_score(labels, best), loss,
                   f1_score(labels, best, average="macro", zero_division=0)))


def main():
    warnings.simplefilter("error")
    random = numpy.random.default_rng(20260402)
    print("# scikit-learn %s, numpy %s, Python %s" %
          (sklearn.__version__, numpy.__version__, sys.version.split()[0]))
    print("# command: tools/golden/scores.py > tests/data/task/scores.txt")
    print("cases", len(CASES))
    for c in CASES:
        case(random, *c)


if __name__ == "__main__":
    main()
