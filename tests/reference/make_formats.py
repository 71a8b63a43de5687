"""Writes tests/data/formats: recordings as numpy, scipy and Python's wave module write them, and beside each the samples as bytes.

    python3 make_formats.py FOLDER

NAME.npy or NAME.wav is the recording; NAME.bytes holds what a reader must hand out, 12 samples of it. Needs numpy and scipy.
"""
import gzip
import sys
import wave

import numpy
from scipy.io import wavfile

SAMPLES = 12
folder = sys.argv[1]


def numbers(dtype, shape):
    """Numbers over the whole range of an integer type; floats of many digits."""
    generator = numpy.random.default_rng(20260102)
    dtype = numpy.dtype(dtype)
    if dtype.kind == "c":
        return (generator.standard_normal(shape) + 1j * generator.standard_normal(shape)).astype(dtype)
    if dtype.kind == "f":
        return generator.standard_normal(shape).astype(dtype)
    limits = numpy.iinfo(dtype)
    values = generator.integers(limits.min, limits.max, shape, endpoint=True, dtype=dtype.newbyteorder("="))
    values.flat[0], values.flat[1] = limits.min, limits.max
    return values.astype(dtype)


def keep(name, samples):
    samples.tofile(f"{folder}/{name}.bytes")


for kind in ("c8", "c16", "f4", "f8", "i1", "i2", "i4", "u1", "u2", "u4"):
    orders = "|" if kind in ("i1", "u1") else "<>"
    for order in orders:
        shapes = {"": (SAMPLES,)} if kind[0] == "c" else {"": (SAMPLES,), "_pairs": (SAMPLES, 2)}
        for suffix, shape in shapes.items():
            name = f"npy_{kind}{'_be' if order == '>' else ''}{suffix}"
            samples = numbers(order + kind, shape)
            numpy.save(f"{folder}/{name}.npy", samples)
            keep(name, samples)

for kind in ("u1", "i2", "i4", "f4", "f8"):
    for channels in (1, 2, 3):
        name = f"wav_{kind}_x{channels}"
        samples = numbers("<" + kind, (SAMPLES, channels))
        wavfile.write(f"{folder}/{name}.wav", 48000, samples)
        keep(name, samples)

for channels in (1, 2):
    name = f"wav_i3_x{channels}"
    samples = numbers("<i4", (SAMPLES, channels)) & ~0xFF
    packed = samples.astype("<i4").view("u1").reshape(-1, 4)[:, 1:]
    with wave.open(f"{folder}/{name}.wav", "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(3)
        file.setframerate(48000)
        file.writeframes(packed.tobytes())
    keep(name, samples.astype("<i4"))

turn = numpy.exp(2j * numpy.pi * numpy.arange(512) / 8) * 100
pairs = numpy.stack([turn.real, turn.imag], axis=1).astype("i1").astype("i2") + 128
with open(f"{folder}/tone_1k.cu8.gz", "wb") as file:
    file.write(gzip.compress(pairs.astype("u1").tobytes(), mtime=0))
