#!/usr/bin/env python3
"""Records event files as the writers that trainers use leave them.

usage: event_logs.py tests/data/log      (PyPI: tensorboard 2.21.0, tensorboardX 2.6.5)

Every file holds the run of row() below: steps 0, 50, ... 950 with a loss, a
rate and, at every second of them, a validation loss.

  tensorboard.tfevents   tensorboard's EventFileWriter with simple values, which
                         is what torch.utils.tensorboard writes
  tensors.tfevents       the same writer with the tensors of TensorFlow 2
  tensorboardx.tfevents  tensorboardX, with text and a histogram between
"""
import glob
import os
import shutil
import sys
import tempfile

import numpy as np
import tensorboard
import tensorboardX
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.scalar import metadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util.tensor_util import make_tensor_proto

STEPS = range(0, 1000, 50)


def row(step):
    """The rate, the loss and the validation loss of a step."""
    return 0.001 * (1 - step / 1000), 2 + 8 / (step + 2), 3 + 8 / (step + 2)


def move(folder, target):
    """Gives the one file of a folder its name."""
    (path,) = glob.glob(os.path.join(folder, "*tfevents*"))
    shutil.move(path, target)


def simple(folder):
    writer = EventFileWriter(folder)
    for step in STEPS:
        rate, loss, held = row(step)
        values = [("Loss/train", loss), ("train/lr", rate)]
        if step % 100 == 0:
            values.append(("Loss/val", held))
        for tag, x in values:
            value = Summary.Value(tag=tag, simple_value=x)
            writer.add_event(Event(wall_time=1.7e9 + step, step=step,
                                   summary=Summary(value=[value])))
    writer.close()


def tensors(folder):
    writer = EventFileWriter(folder)
    for step in STEPS:
        rate, loss, held = row(step)
        values = [("loss", loss), ("learning_rate", rate)]
        if step % 100 == 0:
            values.append(("val_loss", held))
        for tag, x in values:
            value = Summary.Value(
                tag=tag, tensor=make_tensor_proto(np.float32(x)),
                metadata=metadata.create_summary_metadata("", ""))
            if tag == "learning_rate":
                value.tensor.Clear()
                value.tensor.CopyFrom(make_tensor_proto(np.float64(x)))
            writer.add_event(Event(wall_time=1.7e9 + step, step=step,
                                   summary=Summary(value=[value])))
    writer.close()


def other_writer(folder):
    writer = tensorboardX.SummaryWriter(folder)
    writer.add_text("config", "a run", 0)
    for step in STEPS:
        rate, loss, held = row(step)
        writer.add_scalar("train/loss", loss, step)
        if step == 500:
            writer.add_histogram("weights", np.arange(10), step)
        writer.add_scalar("train/learning_rate", rate, step)
        if step % 100 == 0:
            writer.add_scalar("eval/loss", held, step)
    writer.close()


def main():
    for write, name in ((simple, "tensorboard"), (tensors, "tensors"),
                        (other_writer, "tensorboardx")):
        with tempfile.TemporaryDirectory() as folder:
            write(folder)
            move(folder, os.path.join(sys.argv[1], name + ".tfevents"))
    with open(os.path.join(sys.argv[1], "README.md"), "w", encoding="ascii") as note:
        note.write(f"""# Logs

`*.tfevents` were written by `tools/golden/event_logs.py tests/data/log` with
tensorboard {tensorboard.__version__} and tensorboardX {tensorboardX.__version__}: steps 0, 50, ... 950, rate 0.001 (1 - step / 1000),
loss 2 + 8 / (step + 2), validation loss 1 higher at every second of them.
""")


if __name__ == "__main__":
    main()
