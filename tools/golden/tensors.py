"""What the recorders of networks share: numbers that a name determines, which
tests/nn/golden_case.h repeats, and tensors as one line each: size, norm, product
with a pseudo-random vector (which an error in any element would move) and first
values."""
import numpy as np

MASK = (1 << 64) - 1


def stream(name, n):
    """n numbers in [-1, 1) that depend on the name alone."""
    state = 14695981039346656037
    for byte in name.encode():
        state = ((state ^ byte) * 1099511628211) & MASK
    out = np.empty(n)
    for i in range(n):
        state = (state * 6364136223846793005 + 1442695040888963407) & MASK
        out[i] = (state >> 40) / 2.0**23 - 1.0
    return out


def show(label, tensor):
    t = tensor.detach().double().flatten().numpy()
    probe = stream("probe", t.size)
    first = " ".join("%.9g" % v for v in t[:4])
    print(f"{label} {t.size} {np.linalg.norm(t):.9g} {t @ probe:.9g} {first}")
