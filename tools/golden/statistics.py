#!/usr/bin/env python3
"""What SciPy, statsmodels and arch make of small samples.

usage: statistics.py > tests/data/study/statistics.txt
       (needs scipy, statsmodels and arch)

Moments, Student's t intervals, the paired t test, the exact sign-flip test,
Holm's correction, power and needed numbers are the peers' own. The studentised
bootstrap is taken over all n^n ordered resamples, one by one, and beside it
arch's with 20,000 random ones. arch multiplies its quantiles by the standard
error that the bootstrap itself gives, which divides by n where the textbook
(Davison and Hinkley, section 5.2) has n - 1; that factor is put back. The text
is read by tests/study/test_statistics.c.
"""
import itertools
import math
import sys

import arch
import numpy
import scipy
import statsmodels
from arch.bootstrap import IIDBootstrap
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower


def row(word, values):
    print(word, *("%.17g" % float(v) for v in values))


def flip_p(difference):
    """Exact two-sided p of the mean of differences under flips of signs."""
    result = stats.permutation_test(
        (difference, numpy.zeros_like(difference)),
        lambda x, y: numpy.mean(x - y), permutation_type="samples",
        n_resamples=numpy.inf, alternative="two-sided", vectorized=False)
    # Twice the smaller tail, which is both tails of a symmetric distribution.
    return result.pvalue


def pair(random, n, shift, decimals):
    common = random.standard_normal(n)
    a = numpy.round(0.9 + 0.01 * (common + random.standard_normal(n)), decimals)
    b = numpy.round(0.9 + 0.01 * (common + random.standard_normal(n) - shift),
                    decimals)
    test = stats.ttest_rel(a, b)
    between = test.confidence_interval(0.95)
    mean = stats.t.interval(0.95, n - 1, a.mean(), stats.sem(a))
    row("pair", [n])
    row("a", a)
    row("b", b)
    row("mean", (a.mean(), a.std(ddof=1), *mean))
    row("test", (test.statistic, test.pvalue, between.low, between.high))
    row("flip", [flip_p(a - b) if n <= 12 else math.nan])


def holm(p):
    row("holm", [len(p)])
    row("p", p)
    row("corrected", multipletests(p, alpha=0.05, method="holm")[1])


def power_by_f(effect, n, alpha):
    """The same by noncentral F, which is defined where SciPy's t is NaN."""
    return stats.ncf.sf(stats.t.isf(alpha / 2, n - 1) ** 2, 1, n - 1,
                        n * effect ** 2)


def power(effect, n, alpha):
    result = TTestPower().power(effect, n, alpha)
    by_f = power_by_f(effect, n, alpha)
    assert math.isnan(result) or abs(result - by_f) < 1e-8
    row("power", (effect, n, alpha, by_f))


def needed(effect, alpha):
    """The smallest whole number with a power of 0.8, by trying all."""
    n = 2
    while power_by_f(effect, n, alpha) < 0.8:
        n += 1
    row("needed", (effect, alpha, n))


def detectable(n, alpha):
    row("detectable", (n, alpha, optimize.brentq(
        lambda effect: power_by_f(effect, n, alpha) - 0.8, 1e-6, 100.0,
        xtol=1e-12)))


def quantile(sorted_t, p):
    """The inverse of the distribution function of equally likely values."""
    return sorted_t[math.ceil(p * len(sorted_t) - 1e-9) - 1]


def bootstrap(x):
    n, mean, error = len(x), x.mean(), stats.sem(x)
    t = []
    for pick in itertools.product(range(n), repeat=n):
        if len(set(pick)) > 1:
            again = x[list(pick)]
            t.append((again.mean() - mean) / stats.sem(again))
    t = numpy.sort(numpy.array(t))
    row("bootstrap", [n])
    row("x", x)
    row("all", (mean - quantile(t, 0.975) * error,
                mean - quantile(t, 0.025) * error))
    sampler = IIDBootstrap(x, seed=1)
    by_arch = sampler.conf_int(
        numpy.mean, reps=20000, method="studentized",
        std_err_func=lambda _, data: max(stats.sem(data), 1e-300))
    row("arch", mean + math.sqrt(n / (n - 1)) * (by_arch.ravel() - mean))


def best(random, x):
    """Shares of a million draws: weights from Dirichlet(1, ..., 1), deviations
    over the square root of chi^2(n - 1) / (n + 1)."""
    n, draws = x.shape[1], 1000000
    means = x.mean(axis=1)
    off = random.dirichlet(numpy.ones(n), draws) @ (x.T - means)
    off *= numpy.sqrt((n + 1) / random.chisquare(n - 1, draws))[:, None]
    winners = (means + off).argmax(axis=1)
    row("best", x.shape)
    for column in x:
        row("x", column)
    row("shares", numpy.bincount(winners, minlength=len(x)) / draws)


def main():
    random = numpy.random.default_rng(20261123)
    print("# SciPy %s, statsmodels %s, arch %s, NumPy %s, Python %s" %
          (scipy.__version__, statsmodels.__version__, arch.__version__,
           numpy.__version__, sys.version.split()[0]))
    print("# command: tools/golden/statistics.py > "
          "tests/data/study/statistics.txt")
    for n, shift, decimals in ((2, 1, 6), (3, 0, 4), (5, 2, 3), (7, 1, 4),
                               (10, 0.5, 3), (12, 3, 6), (30, 0.7, 4)):
        pair(random, n, shift, decimals)
    holm([0.04])
    holm([0.01, 0.04, 0.03, 0.005])
    holm([0.5, 0.5, 0.5])
    holm(numpy.round(random.uniform(0, 0.1, 21), 4))
    for effect in (0.1, 0.5, 1.0, 3.0):
        for n in (2, 5, 10, 100):
            for alpha in (0.05, 0.05 / 21):
                power(effect, n, alpha)
    for effect in (0.2, 0.5, 1.0, 2.0, 5.0):
        for alpha in (0.05, 0.05 / 21):
            needed(effect, alpha)
    for n in (3, 5, 10, 50):
        for alpha in (0.05, 0.05 / 21):
            detectable(n, alpha)
    for n in (5, 6):
        bootstrap(numpy.round(random.standard_normal(n), 3))
        bootstrap(numpy.round(random.exponential(size=n), 3))
    for n in (3, 5, 10):
        best(random, numpy.round(random.standard_normal((3, n)) +
                                 random.standard_normal(n), 3))


if __name__ == "__main__":
    main()
