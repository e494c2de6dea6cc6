#!/usr/bin/env python3
"""Records what PyTorch computes for taper's policy and value networks.

usage: actor_critic.py > tests/data/nn/actor_critic.txt  (Debian: python3-torch)

For several shapes: logits, values and, for given derivatives of both, every
gradient. Weights, observations and derivatives come from a generator that
tests/nn/test_actor_critic.c repeats; a tensor is stored as its norm, its product
with a pseudo-random vector, which an error in any element would move, and its
first values.
"""
import datetime
import sys

import numpy as np
import torch

from tensors import show, stream


def chain(widths):
    layers = []
    for i, o in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(i, o), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])


def drawn(name, *shape):
    values = stream(name, int(np.prod(shape))).reshape(shape)
    return torch.from_numpy(values.astype(np.float32))


def record(observations, actions, hidden, n):
    nets = torch.nn.ModuleDict({
        "policy": chain([observations, *hidden, actions]),
        "value": chain([observations, *hidden, 1]),
    })
    for name, p in nets.named_parameters():
        scale = np.sqrt(3.0 / p.shape[1]) if p.dim() > 1 else 0.2
        p.data = (drawn(name, *p.shape).double() * scale).float()
    x = drawn("observations", n, observations)
    logits, values = nets["policy"](x), nets["value"](x)
    torch.autograd.backward([logits, values], [drawn("dlogits", n, actions), drawn("dvalues", n, 1)])
    print("case", observations, actions, n, len(hidden), *hidden)
    show("logits", logits)
    show("values", values)
    for name, p in nets.named_parameters():
        show("gradient " + name, p.grad)


torch.set_num_threads(1)
print(f"# PyTorch {torch.__version__}, Python {sys.version.split()[0]}, {datetime.date.today()};"
      " /usr/bin/python3 tools/golden/actor_critic.py")
record(4, 2, [64, 64], 8)
record(4, 2, [64, 64], 256)
record(3, 5, [7, 33, 9], 131)
record(6, 1, [16], 64)
record(5, 3, [], 20)
