#!/usr/bin/env python3
"""A training of one's own for taper compare, with plain PyTorch.

What taper needs of a script are the three places marked below: the seed, the
rate of every update, and one line of JSON at the end.

    taper compare --exec 'python3 train_torch.py' --steps 300 --seeds 5 \\
        --schedule 'cosine(0.02, 0)' --schedule constant=0.02
"""
import csv
import json
import math
import os

import torch
from torch import nn


def half_circles(count, generator):
    label = torch.randint(0, 2, (count,), generator=generator)
    angle = math.pi * torch.rand(count, generator=generator)
    side = label == 1
    x = torch.where(side, 1 - torch.cos(angle), torch.cos(angle))
    y = torch.where(side, 0.5 - torch.sin(angle), torch.sin(angle))
    noise = 0.25 * torch.randn(count, 2, generator=generator)
    return torch.stack([x, y], dim=1) + noise, label.float()


def main():
    torch.set_num_threads(int(os.environ.get("TAPER_THREADS", "1")))
    fixed = torch.Generator().manual_seed(2026)
    points, label = half_circles(256, fixed)
    test_points, test_label = half_circles(2000, fixed)

    # 1. The seed: first weights and the order of the batches.
    torch.manual_seed(int(os.environ["TAPER_SEED"]))
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters())
    loss_of = nn.BCEWithLogitsLoss()

    # 2. The rate of every update.
    with open(os.environ["TAPER_LR_TABLE"], newline="") as table:
        rates = [float(row["value"]) for row in csv.DictReader(table)]
    for step, rate in enumerate(rates):
        for group in optimizer.param_groups:
            group["lr"] = rate
        batch = torch.randint(0, len(label), (16,))
        loss = loss_of(model(points[batch]).squeeze(1), label[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            print(json.dumps({"step": step, "lr": rate, "loss": loss.item()}))

    # 3. The result.
    with torch.no_grad():
        loss = loss_of(model(test_points).squeeze(1), test_label)
    print(json.dumps({"metric": loss.item()}))


if __name__ == "__main__":
    main()
