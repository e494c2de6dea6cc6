#!/usr/bin/env python3
"""Records an event file that TensorBoard's own code writes.

usage: events.py > tests/data/task/events.txt      (PyPI: tensorboard 2.21.0)

Each line is one record, framed, in hexadecimal: the version, then two rows as
tests/task/test_log.c writes them with the same times.
"""
import io

import tensorboard
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

TIME = 1700000000.25


def event(time, step, values):
    scalars = [Summary.Value(tag=tag, simple_value=x) for tag, x in values]
    return Event(wall_time=time, step=step, summary=Summary(value=scalars))


events = [
    Event(wall_time=TIME, file_version="brain.Event:2"),
    event(TIME + 1, 0, [("train/epoch", 0), ("train/lr", 0.1), ("train/loss", 2.5),
                        ("train/grad_norm", 1.5), ("train/env_steps", 256)]),
    event(TIME + 2, 123456789012,
          [("train/epoch", 7), ("train/lr", 1e-5), ("train/loss", float("nan")),
           ("train/grad_norm", float("inf")), ("train/env_steps", 512), ("train/episode_return", 21.5),
           ("test/accuracy", 0.875), ("test/loss", float("inf"))]),
]
print(f"# tensorboard {tensorboard.__version__}, tools/golden/events.py")
for e in events:
    file = io.BytesIO()
    file.close = lambda: None
    RecordWriter(file).write(e.SerializeToString())
    print(file.getvalue().hex())
