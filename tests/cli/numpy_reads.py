"""NumPy loads what `taper table --format npy` writes. usage: numpy_reads.py TAPER"""
import io
import subprocess
import sys

try:
    import numpy
except ImportError:
    print("skipped: no numpy")
    sys.exit(77)


def table(*args):
    return subprocess.run([sys.argv[1], "table", *args], check=True, capture_output=True).stdout


spec = "cosine(0.1, 0.001, 50)"
for rows in (1, 7, 2500):
    values = numpy.load(io.BytesIO(table(spec, "--steps", str(rows), "--format", "npy")))
    assert values.dtype == numpy.float64 and values.shape == (rows,), (values.dtype, values.shape)
    csv = numpy.loadtxt(io.BytesIO(table(spec, "--steps", str(rows))), delimiter=",", skiprows=1, ndmin=2)
    # The shortest text of a number reads back to the same bits.
    assert (values == csv[:, 1]).all()
    assert (csv[:, 0] == numpy.arange(rows)).all()
    want = 0.001 + 0.099 * (1 + numpy.cos(numpy.pi * numpy.minimum(numpy.arange(rows), 50) / 50)) / 2
    assert numpy.allclose(values, want, rtol=1e-12)
