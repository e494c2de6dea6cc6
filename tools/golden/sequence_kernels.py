#!/usr/bin/env python3
"""Record what PyTorch computes where taper's kernels for encoders stand in.

Writes a C header with small cases, each forward and backward: two embeddings
added, layer normalisation, softmax of masked attention scores, GELU behind a
bias, and the masked mean over tokens.

    /usr/bin/python3 tools/golden/sequence_kernels.py \\
        > tests/nn/kernels_sequence_golden.h
"""
import torch
import torch.nn.functional as F

TEXTS, LENGTH, DIM, HEADS, VOCABULARY, FEED = 3, 5, 6, 2, 7, 9
LENGTHS = [5, 1, 3]


def array(name, values):
    print(f"static const float {name}[] = {{")
    # An f32 needs 6 of the 13 digits of a double.
    numbers = [float(v).hex().replace("0000000p", "p") + "f"
               for v in values.detach().flatten()]
    for i in range(0, len(numbers), 4):
        print("    " + " ".join(n + "," for n in numbers[i:i + 4]))
    print("};\n")


def integers(name, values):
    print(f"static const int32_t {name}[] = {{"
          f"{', '.join(str(int(v)) for v in values)}}};\n")


own = torch.arange(LENGTH)[None] < torch.tensor(LENGTHS)[:, None]


def embedding():
    token = torch.nn.Embedding(VOCABULARY, DIM)
    position = torch.nn.Embedding(LENGTH, DIM)
    ids = torch.randint(VOCABULARY, (TEXTS, LENGTH))
    y = (token(ids) + position(torch.arange(LENGTH))) * own[..., None]
    dy = torch.randn_like(y)
    y.backward(dy)
    integers("golden_tokens", ids.flatten())
    array("golden_token", token.weight)
    array("golden_position", position.weight)
    array("golden_embedded", y)
    array("golden_dembedded", dy)
    array("golden_dtoken", token.weight.grad)
    array("golden_dposition", position.weight.grad)


def layer_norm():
    norm = torch.nn.LayerNorm(DIM)
    with torch.no_grad():
        norm.weight.copy_(torch.rand(DIM) + 0.5)
        norm.bias.copy_(torch.randn(DIM))
    x = (3 * torch.randn(TEXTS * LENGTH, DIM) + 2).requires_grad_()
    y = norm(x)
    dy = torch.randn_like(y)
    y.backward(dy)
    array("golden_norm_x", x)
    array("golden_norm_scale", norm.weight)
    array("golden_norm_shift", norm.bias)
    array("golden_norm_y", y)
    array("golden_norm_dy", dy)
    array("golden_norm_dx", x.grad)
    array("golden_norm_dscale", norm.weight.grad)
    array("golden_norm_dshift", norm.bias.grad)


def attention():
    scores = (4 * torch.randn(TEXTS, HEADS, LENGTH, LENGTH)).requires_grad_()
    scale = (DIM // HEADS) ** -0.5
    masked = (scores * scale).masked_fill(~own[:, None, None], -torch.inf)
    # Queries in the padding give nothing, and nothing comes back from them.
    p = torch.softmax(masked, -1) * own[:, None, :, None]
    dp = torch.randn_like(p)
    p.backward(dp)
    array("golden_scores", scores)
    array("golden_probabilities", p)
    array("golden_dprobabilities", dp)
    array("golden_dscores", scores.grad)


def gelu():
    x = (2 * torch.randn(TEXTS * LENGTH, FEED)).requires_grad_()
    bias = torch.randn(FEED).requires_grad_()
    y = F.gelu(x + bias)
    dy = torch.randn_like(y)
    y.backward(dy)
    array("golden_gelu_x", x)
    array("golden_gelu_bias", bias)
    array("golden_gelu_y", y)
    array("golden_gelu_dy", dy)
    array("golden_gelu_dx", x.grad)
    array("golden_gelu_dbias", bias.grad)


def pool():
    x = torch.randn(TEXTS, LENGTH, DIM).requires_grad_()
    y = ((x * own[..., None]).sum(1) / torch.tensor(LENGTHS)[:, None])
    dy = torch.randn_like(y)
    y.backward(dy)
    array("golden_pool_x", x)
    array("golden_pool_y", y)
    array("golden_pool_dy", dy)
    array("golden_pool_dx", x.grad)


torch.manual_seed(2)
print(f"""/* What PyTorch {torch.__version__} (Debian 12) computes, recorded by
 *     /usr/bin/python3 tools/golden/sequence_kernels.py \\
 *         > tests/nn/kernels_sequence_golden.h
 * Tensors are row-major. */
#ifndef TAPER_TESTS_KERNELS_SEQUENCE_GOLDEN_H
#define TAPER_TESTS_KERNELS_SEQUENCE_GOLDEN_H

#include <stdint.h>

/* clang-format off */
enum {{
    GOLDEN_TEXTS = {TEXTS}, GOLDEN_LENGTH = {LENGTH}, GOLDEN_DIM = {DIM},
    GOLDEN_HEADS = {HEADS}, GOLDEN_VOCABULARY = {VOCABULARY},
    GOLDEN_FEED = {FEED},
}};""")
integers("golden_lengths", LENGTHS)
embedding()
layer_norm()
attention()
gelu()
pool()
print("/* clang-format on */\n#endif")
