"""Golden numbers for tests/data/test_random.c, from numpy's own Philox.

    /usr/bin/python3 tools/golden/data_random.py > tests/data/golden_stream.inc

A stream's key is (seed, FNV-1a of its name) and its counter (block, sub-index,
index, 0). numpy counts up before it computes its first block, hence the -1.
"""
import numpy as np


def fnv1a(name):
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def words(*values):
    return sum(v << 64 * i for i, v in enumerate(values))


seed, name, index, sub = 42, "shuffle", 3, 7
counter = (words(0, sub, index, 0) - 1) % 2**256
philox = np.random.Philox(counter=counter, key=words(seed, fnv1a(name)))
print(f"/* numpy {np.__version__}, tools/golden/data_random.py */")
for value in philox.random_raw(8):
    print(f"0x{int(value):016x},")
