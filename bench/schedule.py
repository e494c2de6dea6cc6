#!/usr/bin/env python3
"""taper_fill against NumPy's vectorised formula, 10^7 values of a cosine.

usage: schedule.py PATH/TO/bench_schedule

Both on one thread, in turns, so that both see the same machine, and in
processor time; prints the medians and their ratio. Needs NumPy (Debian python3-numpy).
"""
import statistics
import subprocess
import sys
import time

import numpy as np

N = 10**7
ROUNDS = 7
a, b, T = 0.1, 0.001, N


def numpy_ms(t):
    start = time.process_time()
    b + (a - b) * (1 + np.cos(np.pi * t / T)) / 2
    return 1e3 * (time.process_time() - start)


def taper_ms():
    return float(subprocess.run(
        [sys.argv[1], "fill", str(N), f"cosine({a}, {b}, {T})"],
        check=True, capture_output=True, text=True).stdout)


t = np.arange(N, dtype=np.float64)
numpy_ms(t)
pairs = [(statistics.median(numpy_ms(t) for _ in range(5)), taper_ms())
         for _ in range(ROUNDS)]
print(f"numpy {np.__version__}: {statistics.median(p[0] for p in pairs):.1f} ms")
print(f"taper_fill: {statistics.median(p[1] for p in pairs):.1f} ms")
print(f"ratio: {statistics.median(p[0] / p[1] for p in pairs):.2f}")
