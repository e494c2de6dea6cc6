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


def warm_cosine(step, steps=100):
    """Up to 0.1 over 10 of 100 steps, then a cosine to 0."""
    if step < 10:
        return 0.1 * step / 10
    return cosine(0.1, 0, min(step - 10, steps - 10) / (steps - 10))


def parameter_groups():
    """Four hyperparameters, two of which are multiples of the rate."""
    lines = ["step        lr      head  momentum     decay"]
    for step in range(0, 100, 10):
        rate = warm_cosine(step)
        momentum = 0.85 + 0.1 * min(step, 10) / 10
        lines.append("%4d  %.6f  %.6f  %.6f  %.6f"
                     % (step, rate, 10 * rate, momentum, 0.05 * rate))
    return lines


def longer_run():
    """At step 60 of 100 the end moves to 160."""
    def stretched(step):
        return warm_cosine(step if step <= 60 else 60 + (step - 60) * 0.4)

    def held(step):
        if step <= 60:
            return warm_cosine(step)
        return warm_cosine(60) * min(1, (160 - step) / 40)

    lines = ["step   planned  stretched      held"]
    lines += ["%4d  %.6f   %.6f  %.6f"
              % (step, warm_cosine(step), stretched(step), held(step))
              for step in range(0, 161, 20)]
    return lines + ["the past is the same, bit for bit"]


def plateau():
    """Half the rate after every second loss that is not below the best."""
    losses = [1.0, 0.8, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7]
    lines, best, bad, scale = ["step  loss  schedule      rate"], math.inf, 0, 1
    for i, loss in enumerate(losses):
        bad = 0 if loss < best else bad + 1
        best = min(best, loss)
        if bad > 1:
            bad, scale = 0, scale / 2
        rate = 0.1 - 0.08 * (i + 1) / 8
        lines.append("%4d  %.2f  %.6f  %.6f"
                     % (100 * (i + 1), loss, rate, rate * scale))
    return lines


def bound():
    """Distance and noise of the last step, by the theorem's three terms."""
    def parts(rates):
        n, last, noise = len(rates), sum(rates), sum(r * r for r in rates)
        after, costs, third = rates[-1], rates[-1] ** 2, 0
        for k in range(n - 2, -1, -1):
            costs += rates[k] ** 2
            third += rates[k] / after * costs / (after + rates[k])
            after += rates[k]
        return 1 / (2 * last), noise / (2 * last) + third / 2

    def best(rates):
        distance, noise = parts(rates)
        return math.sqrt(distance / noise), 2 * math.sqrt(distance * noise)

    def wsd(n, share):
        return [min(1, (n - t) / (share * n)) for t in range(n)]

    n = 400
    schedules = {"hold(1)": [1] * n,
                 "hold(1) then linear(to=0, over=20%)": wsd(n, 0.2),
                 "cosine(1, 0)": [cosine(1, 0, t / n) for t in range(n)],
                 "linear(1, 0)": wsd(n, 1)}
    lines = ["schedule                             best rate   bound"]
    lines += ["%-35s  %.6f  %.6f" % (text, *best(rates))
              for text, rates in schedules.items()]
    short = best(wsd(n, 0.2))[0]
    low, high = 0.2, 1
    for _ in range(40):
        share = (low + high) / 2
        low, high = ((share, high) if best(wsd(2 * n, share))[0] < short
                     else (low, share))
    more = short / best(wsd(2 * n, 0.2))[0]
    return lines + [
        "twice as long, the rate of the second is %.0f %% of the best;"
        % (100 * more),
        "with a cool-down over the last %.1f %% it is the best again"
        % (100 * low)]


def law():
    """The multi-power law, term by term, for a cool-down over 40 %."""
    steps, peak, rho = 4000, 1e-3, 0.6
    rates = [peak * min(t / 100, 1, (steps - t) / 1600) for t in range(steps)]
    ticks = [peak ** (1 - rho) * r ** rho for r in rates]
    left, drop = 0, 0
    for k in range(steps - 1, -1, -1):
        left += ticks[k]
        if k:
            x = max(rates[k], 1e-5 * peak) ** -0.5 * left
            drop += (rates[k] - rates[k - 1]) * (1 - (1 + x) ** -0.5)
    loss = 2.5 + left ** -0.5 + 150 * drop
    return ["380 points of 2 runs", "predicted final loss: %.2f" % loss,
            "what it comes to:     %.2f" % loss]


for example in (training_loop, without_text, device_table, parameter_groups,
                longer_run, plateau, bound, law):
    path = pathlib.Path(sys.argv[1]) / (example.__name__ + ".txt")
    path.write_text("\n".join(example()) + "\n")
