#!/usr/bin/env python3
"""A training of one's own for taper compare, with NumPy alone.

A network with one hidden layer tells two interleaved half circles apart. It is
told its schedule by the environment, and tells its result in one line of JSON:

    taper compare --exec 'python3 train_numpy.py' --steps 300 --seeds 5 \\
        --peak 0.3,1,3 --schedule 'cosine(1, 0)' --schedule constant=1
"""
import csv
import json
import os

import numpy as np

WIDTH, BATCH = 16, 16


def half_circles(count, random):
    """Points [count, 2] with noise, and which half circle each is of [count]."""
    label = random.integers(0, 2, count)
    angle = random.uniform(0, np.pi, count)
    x = np.where(label, 1 - np.cos(angle), np.cos(angle))
    y = np.where(label, 0.5 - np.sin(angle), np.sin(angle))
    points = np.stack([x, y], axis=1) + random.normal(0, 0.25, (count, 2))
    return points, label.astype(float)


def forward(weights, points):
    hidden = np.tanh(points @ weights[0] + weights[1])
    return hidden, hidden @ weights[2] + weights[3]


def loss_of(logit, label):
    """Mean cross entropy, written so that no exponential overflows."""
    return float(np.mean(np.logaddexp(0, logit) - label * logit))


def gradients(weights, points, label):
    hidden, logit = forward(weights, points)
    error = (1 / (1 + np.exp(-np.clip(logit, -50, 50))) - label) / len(label)
    back = np.outer(error, weights[2]) * (1 - hidden**2)
    return loss_of(logit, label), [
        points.T @ back, back.sum(0), hidden.T @ error, error.sum()]


def main():
    # The data are the same in every trial. The seed picks first weights and
    # batches: schedules that share one are compared like with like.
    fixed = np.random.default_rng(2026)
    points, label = half_circles(256, fixed)
    test_points, test_label = half_circles(2000, fixed)
    random = np.random.default_rng(int(os.environ["TAPER_SEED"]))
    weights = [random.normal(0, 1, (2, WIDTH)), np.zeros(WIDTH),
               random.normal(0, WIDTH**-0.5, WIDTH), 0.0]

    # One row for each update: its number and the rate to use for it.
    with open(os.environ["TAPER_LR_TABLE"], newline="") as table:
        rates = [float(row["value"]) for row in csv.DictReader(table)]
    for step, rate in enumerate(rates):
        batch = random.integers(0, len(label), BATCH)
        loss, slopes = gradients(weights, points[batch], label[batch])
        weights = [w - rate * g for w, g in zip(weights, slopes)]
        if step % 10 == 0:
            print(json.dumps({"step": step, "lr": rate, "loss": loss}))

    logit = forward(weights, test_points)[1]
    print(json.dumps({
        "metric": loss_of(logit, test_label),
        "accuracy": float(np.mean((logit > 0) == (test_label > 0.5)))}))


if __name__ == "__main__":
    main()
