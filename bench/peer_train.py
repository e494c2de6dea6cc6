#!/usr/bin/env python3
"""Test accuracy of the airbench94 recipe in PyTorch: the peer of `taper train
image --model airbench94`.

usage: peer_train.py FOLDER [SEED [THREADS [IMAGES]]]

FOLDER holds train/CLASS/*.jpg|png and test/CLASS/; IMAGES of them are taken for
training (default: all). The recipe is that of airbench94.py of
KellerJordan/cifar10-airbench: whitening, SGD with Nesterov momentum on summed
losses, Lookahead, alternating flips, shifts by up to two pixels, six views at the
end. Prints one line of JSON. It takes an hour on one core: progress goes to
standard error. Debian: python3-torch 1.13.1, python3-pil.
"""
import json
import math
import pathlib
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools" / "golden"))
import network  # noqa: E402

BATCH, EPOCHS, MOMENTUM, SMOOTHING = 1024, 9.9, 0.85, 0.2
WHITEN_EPOCHS, WHITEN_IMAGES, LOOKAHEAD, SHIFT = 3, 5000, 5, 2
# The author states rates for 1,024 images a step and no momentum.
PER_STEP = 1024 * (1 + 1 / (1 - MOMENTUM))
RATE, SHIFT_RATE, DECAY = 11.5 / PER_STEP, 64, 0.0153 * BATCH / PER_STEP


def load(folder):
    images, labels = [], []
    for label, name in enumerate(sorted(p.name for p in folder.iterdir())):
        for path in sorted((folder / name).iterdir()):
            images.append(np.asarray(Image.open(path).convert("RGB")))
            labels.append(label)
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2), torch.tensor(labels)


def whiten(layer, images):
    patches = images.unfold(2, 2, 1).unfold(3, 2, 1).permute(0, 2, 3, 1, 4, 5).reshape(-1, 12)
    values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
    filters = (vectors / torch.sqrt(values + 5e-4)).T.flip(0).reshape(12, 3, 2, 2)
    layer.weight.data[:] = torch.cat([filters, -filters])
    layer.bias.data.zero_()


def initialise(net, images):
    for layer in net.modules():
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.dirac_(layer.weight.data[: layer.in_channels])
    whiten(net.whiten, images)


def optimiser(net):
    shifts = [p for k, p in net.named_parameters() if "norm" in k and p.requires_grad]
    others = [p for k, p in net.named_parameters() if "norm" not in k and p.requires_grad]
    groups = [
        {"params": p, "lr": rate, "weight_decay": DECAY / rate}
        for p, rate in ((shifts, RATE * SHIFT_RATE), (others, RATE))
    ]
    return torch.optim.SGD(groups, lr=RATE, momentum=MOMENTUM, nesterov=True)


def meet(slow, net, keep):
    """Lookahead: the slow weights move, and the fast ones become them."""
    for a, b in zip(slow.values(), net.state_dict().values()):
        if b.dtype == torch.float:
            a.lerp_(b, 1 - keep)
            b.copy_(a)


def accuracy(net, images, labels):
    """Over six views, two mirrored ones, and one."""
    net.eval()
    right = np.zeros(3)
    with torch.no_grad():
        for x, y in zip(images.split(500), labels.split(500)):
            wide = F.pad(x, (1,) * 4, "reflect")
            plain = net(x)
            both = [
                (net(v) + net(v.flip(-1))) / 2 for v in (x, wide[:, :, :32, :32], wide[:, :, 2:, 2:])
            ]
            views = both[0] / 2 + both[1] / 4 + both[2] / 4
            right += [(o.argmax(1) == y).sum().item() for o in (views, both[0], plain)]
    return (right / len(labels)).tolist()


def shifted(wide, indices):
    height, width = (n - 2 * SHIFT for n in wide.shape[2:])
    at = torch.randint(0, 2 * SHIFT + 1, (len(indices), 2)).tolist()
    return torch.stack([wide[i, :, y : y + height, x : x + width] for i, (y, x) in zip(indices.tolist(), at)])


def train(net, images, labels):
    epoch_steps = len(images) // BATCH
    steps = math.ceil(epoch_steps * EPOCHS)
    rates = np.interp(np.arange(steps + 1), [0, int(0.23 * steps), steps], [0.2, 1, 0.07])
    opt = optimiser(net)
    schedule = torch.optim.lr_scheduler.LambdaLR(opt, lambda i: rates[i])
    slow = {k: v.clone() for k, v in net.state_dict().items()}
    mirrored = torch.rand(len(images)) < 0.5
    wide = F.pad(torch.where(mirrored.view(-1, 1, 1, 1), images.flip(-1), images), (SHIFT,) * 4, "reflect")
    start = time.time()
    for step in range(steps):
        epoch, at = divmod(step, epoch_steps)
        if at == 0:
            order = torch.randperm(len(images))
            net.whiten.bias.requires_grad = epoch < WHITEN_EPOCHS
        chosen = order[at * BATCH : (at + 1) * BATCH]
        x = shifted(wide, chosen)
        x = (x.flip(-1) if epoch % 2 else x).contiguous(memory_format=torch.channels_last)
        loss = F.cross_entropy(net(x), labels[chosen], label_smoothing=SMOOTHING, reduction="sum")
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        schedule.step()
        done = step + 1
        if done % LOOKAHEAD == 0:
            meet(slow, net, 0.95**LOOKAHEAD * (done / steps) ** 3)
        speed = done * BATCH / (time.time() - start)
        print(f"step {done}/{steps}  loss {loss.item() / BATCH:.4f}  {speed:.0f} images/s", file=sys.stderr)
    meet(slow, net, 1.0)
    return time.time() - start


def main():
    folder = pathlib.Path(sys.argv[1])
    seed, threads, limit = (int(a) for a in (sys.argv[2:] + ["0", "1", "0"][len(sys.argv) - 2 :]))
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    images, labels = load(folder / "train")
    chosen = torch.randperm(len(images))[: limit or None]
    images, labels = images[chosen], labels[chosen]
    mean, deviation = (f(images.float() / 255, (0, 2, 3), keepdim=True) for f in (torch.mean, torch.std))
    images = (images.float() / 255 - mean) / deviation
    net = network.airbench94(3)
    initialise(net, images[:WHITEN_IMAGES])
    net = net.to(memory_format=torch.channels_last)
    seconds = train(net, images, labels)
    images, labels = load(folder / "test")
    scores = accuracy(net, (images.float() / 255 - mean) / deviation, labels)
    print(json.dumps({"torch": torch.__version__, "seed": seed, "seconds": round(seconds),
                      **dict(zip(("six_views", "mirrored", "plain"), scores))}))


main()
