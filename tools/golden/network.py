#!/usr/bin/env python3
"""Records what PyTorch computes for taper's image networks.

usage: network.py > tests/data/nn/network.txt     (Debian: python3-torch 1.13.1)

For each network: logits before training, loss, every gradient, then the losses
of ten steps of SGD with Nesterov momentum, the weights and logits behind them. Weights and images
come from a generator that tests/nn/test_golden.c repeats, so only results are
stored; a tensor is stored as its first values, its norm and its product with a
pseudo-random vector, which an error in any element would move.
"""
import sys

import numpy as np
import torch
import torch.nn.functional as F

from tensors import show, stream

BATCH = 8
SMOOTHING = 0.1
RATE, MOMENTUM = 0.01, 0.9


class Norm(torch.nn.BatchNorm2d):
    """Batch norm with a pooling before and an activation behind."""

    def __init__(self, channels, pool, act, eps=1e-5, momentum=0.1):
        super().__init__(channels, eps=eps, momentum=momentum)
        self.pool, self.act = pool, act

    def forward(self, x):
        if self.pool > 1:
            x = F.max_pool2d(x, self.pool)
        return self.act(super().forward(x))


class Net(torch.nn.Module):
    def __init__(self, scale=1.0):
        super().__init__()
        self.scale = scale
        self.steps = []

    def put(self, name, module):
        name = name.replace(".", "_")
        self.add_module(name, module)
        self.steps.append(lambda x, saved: module(x))

    def conv(self, name, i, o, kernel=3, pad=1):
        self.put(name, torch.nn.Conv2d(i, o, kernel, padding=pad, bias=False))

    def do(self, function):
        self.steps.append(function)

    def forward(self, x):
        saved = []
        for step in self.steps:
            x = step(x, saved)
            saved.append(x)
        return x * self.scale


def global_max(x, saved):
    return F.adaptive_max_pool2d(x, 1).flatten(1)


def cnn(c):
    n = Net()
    for i, (a, b, pool) in enumerate([(c, 32, 2), (32, 64, 1), (64, 128, 2), (128, 128, 1)]):
        n.conv(f"conv{i + 1}", a, b)
        n.put(f"norm{i + 1}", Norm(b, pool, F.relu))
    n.do(global_max)
    n.put("head", torch.nn.Linear(128, 10))
    return n


def residual(n, name, channels):
    at = len(n.steps) - 1
    for k in (1, 2):
        n.conv(f"{name}.conv{k}", channels, channels)
        n.put(f"{name}.norm{k}", Norm(channels, 1, F.relu))
    n.do(lambda x, saved: x + saved[at])


def resnet9(c):
    n = Net(0.125)
    n.conv("prep.conv", c, 64)
    n.put("prep.norm", Norm(64, 1, F.relu))
    for k, (a, b) in enumerate([(64, 128), (128, 256), (256, 512)]):
        n.conv(f"layer{k + 1}.conv", a, b)
        n.put(f"layer{k + 1}.norm", Norm(b, 1, F.relu))
        n.do(lambda x, saved: F.max_pool2d(x, 2))
        if k != 1:
            residual(n, f"res{k + 1}", b)
    n.do(global_max)
    n.put("head", torch.nn.Linear(512, 10, bias=False))
    return n


def airbench94(c):
    n = Net(1.0 / 9.0)
    n.put("whiten", torch.nn.Conv2d(c, 8 * c, 2, bias=True))
    n.whiten.weight.requires_grad = False
    n.do(lambda x, saved: F.gelu(x))
    width = 8 * c
    for k, w in enumerate([64, 256, 256]):
        for j, (i, pool) in enumerate([(width, 2), (w, 1)]):
            n.conv(f"block{k + 1}.conv{j + 1}", i, w)
            norm = Norm(w, pool, F.gelu, eps=1e-12, momentum=0.4)
            norm.weight.requires_grad = False
            n.put(f"block{k + 1}.norm{j + 1}", norm)
        width = w
    n.do(global_max)
    n.put("head", torch.nn.Linear(256, 10, bias=False))
    return n


def fill(net):
    for key, p in net.named_parameters():
        name = key.replace("_", ".")
        u = stream(name, p.numel()).reshape(tuple(p.shape))
        if p.dim() > 1:
            u = u * np.sqrt(6.0 / np.prod(p.shape[1:]))
        elif name.endswith("weight"):
            u = 1.0 + 0.2 * u if p.requires_grad else np.ones_like(u)
        else:
            u = 0.2 * u
        p.data.copy_(torch.from_numpy(u.astype(np.float32)))


def record(name, build, channels, size):
    net = build(channels)
    fill(net)
    images = stream("images", BATCH * channels * size * size)
    x = torch.from_numpy(images.astype(np.float32)).reshape(BATCH, channels, size, size)
    y = torch.tensor([(3 * i) % 10 for i in range(BATCH)])
    trained = [(k.replace("_", "."), p) for k, p in net.named_parameters() if p.requires_grad]
    print(f"network {name} {channels} {size}")
    net.eval()
    show("infer", net(x))
    net.train()
    opt = torch.optim.SGD([p for _, p in trained], lr=RATE, momentum=MOMENTUM, nesterov=True)
    for step in range(10):
        opt.zero_grad()
        logits = net(x)
        loss = F.cross_entropy(logits, y, label_smoothing=SMOOTHING)
        loss.backward()
        print(f"loss {loss.item():.9g}")
        if step == 0:
            for k, p in trained:
                show("gradient " + k, p.grad)
            for k, b in net.named_buffers():
                if "running" in k:
                    show("buffer " + k.replace("_", ".").replace("running.", "running_"), b)
        opt.step()
    for k, p in trained:
        show("weight " + k, p)
    net.eval()
    show("infer", net(x))


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(f"# PyTorch {torch.__version__}, {sys.version.split()[0]}; tools/golden/network.py")
    record("cnn", cnn, 1, 12)
    record("resnet9", resnet9, 3, 8)
    record("airbench94", airbench94, 3, 16)
