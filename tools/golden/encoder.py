#!/usr/bin/env python3
"""Records what PyTorch computes for taper's encoder.

usage: encoder.py > tests/data/nn/encoder.txt     (Debian: python3-torch 1.13.1)

For each network: logits before training, loss, every gradient, then the losses
of ten steps of SGD with Nesterov momentum, the weights and logits behind them.
Dropout is 0. Weights come from a generator that tests/nn/test_encoder_golden.c
repeats, as do tokens and lengths, so only results are stored; a tensor is
stored as its first values, its norm and its product with a pseudo-random
vector, which an error in any element would move.
"""
import sys

import numpy as np
import torch
import torch.nn.functional as F

from tensors import show, stream

SMOOTHING = 0.1
RATE, MOMENTUM = 0.02, 0.9


class Encoder(torch.nn.Module):
    """The definition in src/nn/encoder.h, word for word."""

    def __init__(self, vocabulary, length, dim, layers, heads, feed, classes, pooling, dropout=0.0):
        super().__init__()
        self.token = torch.nn.Embedding(vocabulary, dim)
        self.position = torch.nn.Embedding(length, dim)
        layer = torch.nn.TransformerEncoderLayer(
            dim, heads, feed, dropout, activation="gelu", norm_first=True, batch_first=True
        )
        self.encoder = torch.nn.TransformerEncoder(layer, layers, norm=torch.nn.LayerNorm(dim))
        self.head = torch.nn.Linear(dim, classes)
        self.pooling, self.dropout = pooling, dropout

    def forward(self, tokens, lengths):
        place = torch.arange(tokens.shape[1])
        padding = place[None, :] >= lengths[:, None]
        x = F.dropout(self.token(tokens) + self.position(place), self.dropout, self.training)
        x = self.encoder(x, src_key_padding_mask=padding)
        if self.pooling == "first":
            return self.head(x[:, 0])
        x = x.masked_fill(padding[:, :, None], 0.0).sum(1) / lengths[:, None]
        return self.head(x)


def fill(net):
    for name, p in net.named_parameters():
        u = stream(name, p.numel()).reshape(tuple(p.shape))
        if p.dim() > 1:
            u = u * np.sqrt(6.0 / p.shape[1])
        elif "norm" in name and name.endswith("weight"):
            u = 1.0 + 0.2 * u
        else:
            u = 0.2 * u
        p.data.copy_(torch.from_numpy(u.astype(np.float32)))


def record(vocabulary, longest, dim, layers, heads, feed, classes, pooling, rows, length):
    print(f"encoder {vocabulary} {longest} {dim} {layers} {heads} {feed} {classes} {pooling} {rows} {length}")
    net = Encoder(vocabulary, longest, dim, layers, heads, feed, classes, pooling)
    fill(net)
    # Training mode throughout: PyTorch's evaluation takes another path, and
    # without dropout the results are the same.
    net.train()
    lengths = torch.tensor([1 + (5 * i + length - 1) % length for i in range(rows)])
    tokens = ((stream("tokens", rows * length) + 1.0) * 0.5 * vocabulary).astype(np.int64)
    tokens = torch.from_numpy(tokens).reshape(rows, length)
    tokens[torch.arange(length)[None, :] >= lengths[:, None]] = 0
    y = torch.tensor([(3 * i) % classes for i in range(rows)])
    show("infer", net(tokens, lengths))
    opt = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM, nesterov=True)
    for step in range(10):
        opt.zero_grad()
        loss = F.cross_entropy(net(tokens, lengths), y, label_smoothing=SMOOTHING)
        loss.backward()
        print(f"loss {loss.item():.9g}")
        if step == 0:
            for k, p in net.named_parameters():
                show("gradient " + k, p.grad)
        opt.step()
    for k, p in net.named_parameters():
        show("weight " + k, p)
    show("infer", net(tokens, lengths))


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(f"# PyTorch {torch.__version__}, {sys.version.split()[0]}; tools/golden/encoder.py")
    # vocabulary, longest row, dim, layers, heads, feed, classes, pooling, rows, length
    record(50, 24, 32, 2, 4, 64, 6, "mean", 6, 16)
    record(50, 24, 32, 2, 4, 64, 6, "first", 6, 24)
    record(31, 80, 24, 1, 3, 40, 2, "mean", 3, 80)
    record(200, 8, 64, 3, 1, 100, 4, "first", 5, 8)
