#!/usr/bin/env python3
"""Record what PyTorch computes where taper's own kernels stand in for it.

Writes a C header with two small cases: max pooling, batch normalisation and
GELU in a row, forward and backward, and cross-entropy with label smoothing.

    python3 tools/golden/kernels.py > tests/nn/kernels_golden.h
"""
import torch
import torch.nn.functional as F

IMAGES, CHANNELS, HEIGHT, WIDTH = 3, 5, 5, 6
ROWS, CLASSES, SMOOTHING = 4, 7, 0.2


def array(name, values):
    print(f"static const float {name}[] = {{")
    # An f32 needs 6 of the 13 digits of a double.
    numbers = [float(v).hex().replace("0000000p", "p") + "f"
               for v in values.detach().flatten()]
    for i in range(0, len(numbers), 3):
        print("    " + " ".join(n + "," for n in numbers[i:i + 3]))
    print("};\n")


def norm():
    x = (2 * torch.randn(IMAGES, CHANNELS, HEIGHT, WIDTH) + 0.5)
    x.requires_grad_()
    bn = torch.nn.BatchNorm2d(CHANNELS, eps=1e-5)
    with torch.no_grad():
        bn.weight.copy_(torch.rand(CHANNELS) + 0.5)
        bn.bias.copy_(torch.randn(CHANNELS))
    pooled = F.max_pool2d(x, 2)
    y = F.gelu(bn(pooled))
    dy = torch.randn_like(y)
    y.backward(dy)
    array("golden_x", x)
    array("golden_scale", bn.weight)
    array("golden_shift", bn.bias)
    array("golden_y", y)
    array("golden_mean", pooled.mean((0, 2, 3)))
    array("golden_variance", pooled.var((0, 2, 3), unbiased=False))
    array("golden_dy", dy)
    array("golden_dx", x.grad)
    array("golden_dscale", bn.weight.grad)
    array("golden_dshift", bn.bias.grad)


def loss():
    logits = (3 * torch.randn(ROWS, CLASSES)).requires_grad_()
    labels = torch.randint(CLASSES, (ROWS,))
    total = F.cross_entropy(logits, labels, label_smoothing=SMOOTHING)
    total.backward()
    array("golden_logits", logits)
    print("static const int32_t golden_labels[] = {"
          f"{', '.join(str(int(k)) for k in labels)}}};\n")
    array("golden_loss", total)
    array("golden_dlogits", logits.grad)


torch.manual_seed(1)
print(f"""/* What PyTorch {torch.__version__} (Debian 12) computes, recorded by
 *     python3 tools/golden/kernels.py > tests/nn/kernels_golden.h
 * Tensors are nchw; the loss is the mean over rows. */
#ifndef TAPER_TESTS_KERNELS_GOLDEN_H
#define TAPER_TESTS_KERNELS_GOLDEN_H

#include <stdint.h>

/* clang-format off */
enum {{
    GOLDEN_IMAGES = {IMAGES}, GOLDEN_CHANNELS = {CHANNELS},
    GOLDEN_HEIGHT = {HEIGHT}, GOLDEN_WIDTH = {WIDTH},
    GOLDEN_ROWS = {ROWS}, GOLDEN_CLASSES = {CLASSES},
}};
static const double golden_smoothing = {SMOOTHING};
static const double golden_epsilon = 1e-5;
""")
norm()
loss()
print("/* clang-format on */\n#endif")
