#!/usr/bin/env python3
"""Images per second of a full training step in PyTorch: the peer of bench_step.

usage: peer_step.py NETWORK BATCH THREADS f32|bf16 STEPS [channels_last]

The networks are those of tools/golden/network.py; bf16 is CPU autocast.
Prints one number: the median over the steps.
"""
import pathlib
import statistics
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools" / "golden"))
import network  # noqa: E402

name, batch, threads, precision, steps = sys.argv[1], *map(int, sys.argv[2:4]), sys.argv[4], int(sys.argv[5])
torch.set_num_threads(threads)
channels, size = (1, 28) if name == "cnn" else (3, 32)
net = getattr(network, name)(channels)
x = torch.rand(batch, channels, size, size) - 0.5
y = torch.arange(batch) % 10
if "channels_last" in sys.argv[6:]:
    net = net.to(memory_format=torch.channels_last)
    x = x.to(memory_format=torch.channels_last)
opt = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.01)
times = []
for _ in range(steps):
    start = time.perf_counter()
    opt.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        loss = F.cross_entropy(net(x), y, label_smoothing=0.1)
    loss.backward()
    opt.step()
    times.append(time.perf_counter() - start)
print(f"{batch / statistics.median(times):.1f}")
