#!/usr/bin/env python3
"""Reads with TensorBoard what test_log writes: a log that was killed, resumed.

usage: tensorboard_reads.py TEST_LOG

Exits 77 where TensorBoard is not installed.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

STEPS, SCORED = range(95), range(9, 95, 10)
WANT = {
    "train/epoch": [(s, s // 4) for s in STEPS],
    "train/lr": [(s, 0.25) for s in STEPS],
    "train/loss": [(s, 1 / (s + 1)) for s in STEPS],
    "train/grad_norm": [(s, s / 4) for s in STEPS],
    "train/env_steps": [(s, 256 * (s + 1)) for s in STEPS],
    "train/episode_return": [(s, s / 2) for s in STEPS if s >= 20],
    "test/accuracy": [(s, 0.5) for s in SCORED],
    "test/loss": [(s, s) for s in SCORED],
}


def check(what, got):
    if sorted(got) != sorted(WANT):
        sys.exit(f"{what}: the tags are {sorted(got)}")
    for tag, rows in WANT.items():
        want = [(s, float(np.float32(x))) for s, x in rows]
        if got[tag] != want:
            sys.exit(f"{what}: {tag} is {got[tag]}, not {want}")


def read_events(runs):
    """All runs below a folder, as the web page has them."""
    from tensorboard.backend.event_processing import event_multiplexer

    m = event_multiplexer.EventMultiplexer(size_guidance={"scalars": 0, "tensors": 0})
    m.AddRunsFromDirectory(runs)
    m.Reload()
    names = list(m.Runs())
    if names != ["one"]:
        sys.exit(f"TensorBoard sees the runs {names}")
    a = m.GetAccumulator("one")
    got = {}
    for tag in a.Tags()["scalars"]:
        got[tag] = [(e.step, e.value) for e in a.Scalars(tag)]
    for tag in a.Tags()["tensors"]:
        from tensorboard.util import tensor_util

        got[tag] = [(e.step, float(tensor_util.make_ndarray(e.tensor_proto)))
                    for e in a.Tensors(tag)]
        plugin = a.SummaryMetadata(tag).plugin_data.plugin_name
        if plugin != "scalars":
            sys.exit(f"{tag} is shown by {plugin}, not as a scalar")
    return got


def read_lines(path):
    got = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            row = json.loads(line)
            for key, value in row.items():
                tag = key.replace("test_", "test/") if "test_" in key else "train/" + key
                if key != "step" and value is not None:
                    got.setdefault(tag, []).append(
                        (row["step"], float(np.float32(value))))
    return got


def main():
    try:
        import tensorboard
    except ImportError:
        print("TensorBoard is not installed: skipped")
        return 77
    with tempfile.TemporaryDirectory() as runs:
        run = os.path.join(runs, "one")
        os.mkdir(run)
        subprocess.run([sys.argv[1], run], check=True)
        check("the event file", read_events(runs))
        check("log.jsonl", read_lines(os.path.join(run, "log.jsonl")))
        print(f"TensorBoard {tensorboard.__version__} reads",
              *map(os.path.basename, glob.glob(os.path.join(run, "events*"))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
