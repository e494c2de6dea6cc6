#!/usr/bin/env python3
"""What PyTorch's optimisers and gradient clipping do to a small set of weights.

usage: optim.py > tests/data/optim/torch.txt     (needs torch and numpy)

Two parameter groups share one block of weights; ten updates run with a rate
that changes every step and is exactly 0 once. The text is read by
tests/optim/test_optim_golden.c.
"""
import sys

import numpy
import torch

SPLIT, COUNT, STEPS = 9, 23, 10
RATES = [0.1, 0.08, 0.06, 0.05, 0.0, 0.04, 0.03, 0.02, 0.01, 0.001]

# name, rule, options of the C rule, the PyTorch class and its arguments,
# then (factor of the rate, weight decay) of each group.
CASES = [
    ("sgd-plain", "sgd", {}, torch.optim.SGD, {}, [(1, 0), (0.5, 0)]),
    ("sgd-decay", "sgd", {}, torch.optim.SGD, {}, [(1, 0.05), (2, 0)]),
    ("sgd-momentum", "sgd", {"momentum": 0.9}, torch.optim.SGD,
     {"momentum": 0.9}, [(1, 0), (0.5, 0)]),
    ("sgd-nesterov", "sgd", {"momentum": 0.85, "nesterov": 1}, torch.optim.SGD,
     {"momentum": 0.85, "nesterov": True}, [(1, 0.05), (4, 0.01)]),
    ("adam", "adam", {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
     torch.optim.Adam, {}, [(1, 0), (0.5, 0.1)]),
    ("adam-betas", "adam", {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
     torch.optim.Adam, {"betas": (0.8, 0.95), "eps": 1e-3},
     [(1, 0.02), (3, 0)]),
    ("adamw", "adamw",
     {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "decoupled": 1},
     torch.optim.AdamW, {}, [(1, 0.1), (0.5, 0)]),
]
FIELDS = ["momentum", "beta1", "beta2", "epsilon", "nesterov", "decoupled"]


def row(word, values):
    """One line of text; nine digits give back the same float."""
    print(word, *("%.9g" % v for v in values))


def run_case(name, rule, options, make, arguments, groups, start, gradients):
    parts = [torch.tensor(start[:SPLIT], requires_grad=True),
             torch.tensor(start[SPLIT:], requires_grad=True)]
    optimizer = make([{"params": [p], "lr": 1.0, "weight_decay": decay}
                      for p, (_, decay) in zip(parts, groups)],
                     lr=1.0, **arguments)
    print("case", name, rule)
    row("options", [options.get(field, 0) for field in FIELDS])
    row("groups", [value for group in groups for value in group])
    for rate, gradient in zip(RATES, gradients):
        parts[0].grad = torch.tensor(gradient[:SPLIT])
        parts[1].grad = torch.tensor(gradient[SPLIT:])
        for group, (factor, _) in zip(optimizer.param_groups, groups):
            group["lr"] = rate * factor
        optimizer.step()
        row("weights", torch.cat([p.detach() for p in parts]).tolist())


def run_clip(gradient, limit):
    part = torch.zeros(COUNT, requires_grad=True)
    part.grad = torch.tensor(gradient)
    norm = torch.nn.utils.clip_grad_norm_([part], limit)
    row("clip", [limit, norm.item()])
    row("clipped", part.grad.tolist())


def main():
    torch.set_num_threads(1)
    random = numpy.random.default_rng(20260101)
    start = random.standard_normal(COUNT).astype(numpy.float32)
    gradients = random.standard_normal((STEPS, COUNT)).astype(numpy.float32)
    gradients *= numpy.logspace(-3, 1, COUNT, dtype=numpy.float32)
    print("# torch %s, numpy %s, Python %s" %
          (torch.__version__, numpy.__version__, sys.version.split()[0]))
    print("# command: tools/golden/optim.py > tests/data/optim/torch.txt")
    print("shape", COUNT, SPLIT, STEPS, len(CASES))
    row("rates", RATES)
    row("start", start.tolist())
    for gradient in gradients:
        row("gradients", gradient.tolist())
    for limit in (0.5, 1e6):
        run_clip(gradients[0], limit)
    for case in CASES:
        run_case(*case, start, gradients)


if __name__ == "__main__":
    main()
