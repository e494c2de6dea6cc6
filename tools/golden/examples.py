#!/usr/bin/env python3
"""What the programs of examples/ must print, worked out without taper.

usage: examples.py FOLDER     writes FOLDER/<example>.txt; needs only Python
"""
import math
import pathlib
import sys


def cosine(start, end, u):
    return end + (start - end) * (1 + math.cos(math.pi * u)) / 2


def training_loop():
    """Gradient descent on y = 2 x - 1, warm-up of 10 steps, then a cosine."""
    points = [(-1 + 0.5 * i, -3 + i) for i in range(5)]
    slope = shift = 0.0
    lines = ["step      rate      loss"]
    for step in range(100):
        rate = 0.2 * step / 10 if step < 10 else cosine(0.2, 0, (step - 10) / 90)
        errors = [slope * x + shift - y for x, y in points]
        loss = sum(e * e for e in errors) / 10
        if step % 10 == 0:
            lines.append("%4d  %.6f  %.6f" % (step, rate, loss))
        slope -= rate * sum(e * x for e, (x, _) in zip(errors, points)) / 5
        shift -= rate * sum(errors) / 5
    lines.append("y = %.4f x + %.4f" % (slope, shift))
    return lines


def without_text():
    """Up over 50 of 1000 steps, level, and down over the last 200."""
    def value(step):
        if step < 50:
            return 0.3 * step / 50
        return 0.3 if step < 800 else cosine(0.3, 0.003, (step - 800) / 200)

    lines = ["linear  from step   0 for  50 steps: 0.000 to 0.300",
             "hold    from step  50 for 750 steps: 0.300 to 0.300",
             "cosine  from step 800 for 200 steps: 0.300 to 0.003"]
    lines += ["%4d %.6f" % (step, value(step)) for step in range(0, 1001, 100)]
    return lines + ["the text says the same"]


def device_table():
    """Cosines from 0.1, 0.05, 0.025, ... over 100, 200, 400, ... steps."""
    def value(step):
        length, peak = 100, 0.1
        while step >= length:
            step, length, peak = step - length, 2 * length, peak / 2
        return cosine(peak, 0, step / length)

    lines = ["%3d %.6f" % (step, value(step)) for step in range(0, 1000, 50)]
    return lines + ["1000 of 1000 values are the same after the move",
                    "0 blocks were not given back"]


for example in (training_loop, without_text, device_table):
    path = pathlib.Path(sys.argv[1]) / (example.__name__ + ".txt")
    path.write_text("\n".join(example()) + "\n")
