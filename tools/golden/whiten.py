#!/usr/bin/env python3
"""Records the whitening filters that NumPy finds for generated images.

usage: whiten.py > tests/data/nn/whiten.txt        (Debian: python3-numpy 1.24.2)

The images come from a generator that tests/nn/test_whiten.c repeats: noise
that runs on along rows, down columns and from channel to channel, so that the
eigenvalues of the patches lie apart as those of photographs do. The filters
are those of airbench94: eigenvectors of the second moment of all 2 x 2 patches,
largest eigenvalue first, over the square root of (eigenvalue + 5e-4). One line
for each: "channels k eigenvalue value...", eigenvectors up to their sign.
"""
import sys

import numpy as np

IMAGES, SIZE = 6, 12


def images(channels):
    """[IMAGES, channels, SIZE, SIZE] in float32."""
    state = 20240229
    x = np.zeros((IMAGES, channels, SIZE, SIZE))
    for n in range(IMAGES):
        for c in range(channels):
            for i in range(SIZE):
                for j in range(SIZE):
                    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
                    v = (state >> 40) / 2.0**23 - 1.0
                    v += 0.75 * x[n, c, i, j - 1] if j else 0.0
                    v += 0.5 * x[n, c, i - 1, j] if i else 0.0
                    v -= 0.25 * x[n, c, i - 1, j - 1] if i and j else 0.0
                    v += 0.125 * x[n, c - 1, i, j] if c else 0.0
                    x[n, c, i, j] = v
    return x.astype(np.float32)


def record(channels):
    x = images(channels).astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(2, 3))
    patches = windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, channels * 4)
    values, vectors = np.linalg.eigh(patches.T @ patches / len(patches))
    for k, at in enumerate(np.argsort(-values)):
        filter = vectors[:, at] / np.sqrt(values[at] + 5e-4)
        print(channels, k, "%.9g" % values[at], *("%.9g" % v for v in filter))


if __name__ == "__main__":
    print(f"# NumPy {np.__version__}, {sys.version.split()[0]}; tools/golden/whiten.py")
    record(1)
    record(3)
