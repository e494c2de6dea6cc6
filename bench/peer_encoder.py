#!/usr/bin/env python3
"""Tokens per second of a full training step of the encoder in PyTorch: the
peer of bench_encoder, on batches of the same shape.

usage: peer_encoder.py DIM HEADS LAYERS FEED VOCABULARY BATCH LENGTH SHORTEST
                       DROPOUT THREADS f32|bf16 STEPS

The network is that of tools/golden/encoder.py; bf16 is CPU autocast. Prints the
median over the steps (by the clock, for one thread by the processor's time, as
its peer does) and the BLAS that PyTorch multiplied with: Debian's calls
libblas.so.3, which is the one LD_LIBRARY_PATH or update-alternatives says.
"""
import ctypes
import pathlib
import statistics
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools" / "golden"))
import encoder  # noqa: E402

CLASSES = 6
dim, heads, layers, feed, vocabulary, batch, length, shortest = map(int, sys.argv[1:9])
dropout, threads, precision, steps = float(sys.argv[9]), int(sys.argv[10]), sys.argv[11], int(sys.argv[12])
torch.set_num_threads(threads)
net = encoder.Encoder(vocabulary, length, dim, layers, heads, feed, CLASSES, "mean", dropout)
lengths = torch.tensor([shortest + i % (length - shortest + 1) for i in range(batch)])
tokens = torch.randint(vocabulary, (batch, length))
y = torch.arange(batch) % CLASSES
opt = torch.optim.AdamW(net.parameters(), lr=1e-4, weight_decay=0.01)
clock = time.process_time if threads == 1 else time.perf_counter
times = []
for _ in range(steps):
    start = clock()
    opt.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        loss = F.cross_entropy(net(tokens, lengths), y, label_smoothing=0.1)
    loss.backward()
    opt.step()
    times.append(clock() - start)
maps = pathlib.Path("/proc/self/maps").read_text()
paths = sorted({line.split()[-1] for line in maps.splitlines() if "blas" in line or "blis" in line})
blas = [pathlib.Path(path).name for path in paths]
for path in paths:
    if "openblas" in pathlib.Path(path).name:
        core = ctypes.CDLL(path).openblas_get_corename
        core.restype = ctypes.c_char_p
        blas = [pathlib.Path(path).name, "for", core().decode()]
print(f"{lengths.sum().item() / statistics.median(times):.0f} {' '.join(blas)}")
