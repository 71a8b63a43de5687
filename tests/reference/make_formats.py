"""Writes tests/data/formats: recordings as numpy, scipy and Python's wave module write them, and beside each the samples as bytes.

    python3 make_formats.py FOLDER

NAME.npy, NAME.wav or NAME.csv is the recording; NAME.bytes holds what a reader must hand out, 12 samples of it. Needs numpy and scipy.
"""
import gzip
import io
import json
import lzma
import sys
import tarfile
import wave
import zipfile

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

# Texts of more digits than complex64 has: what a reader must hand out is the nearest of its numbers.
samples = numbers("c16", (SAMPLES,))
columns = numpy.stack([samples.real, samples.imag], axis=1)
times = numpy.arange(SAMPLES) / 48000
numpy.savetxt(f"{folder}/csv_complex.csv", samples)
numpy.savetxt(f"{folder}/csv_comment.csv", columns, delimiter=",", header="sample_rate_hz = 48e3\ncenter frequency: 433.92 MHz\nI,Q")
numpy.savetxt(f"{folder}/csv_real.csv", samples.real, header="fs: 48 kHz")
with open(f"{folder}/csv_python.csv", "w") as file:
    file.writelines(f"{k},{complex(sample)!r}\n" for k, sample in enumerate(samples))
with open(f"{folder}/csv_comma.csv", "w") as file:
    file.write("Time (ms);Re;Im\n")
    file.writelines(f"{t * 1e3:.6f};{i!r};{q!r}\n".replace(".", ",") for t, (i, q) in zip(times, columns.tolist()))
with open(f"{folder}/csv_since_1970.csv", "w") as file:
    file.write("timestamp,real,imag\n")
    file.writelines(f"{1704067200 + t:.6f},{i!r},{q!r}\n" for t, (i, q) in zip(times, columns.tolist()))
for name in ("csv_complex", "csv_comment", "csv_python", "csv_comma", "csv_since_1970"):
    keep(name, samples.astype("<c8"))
keep("csv_real", samples.real.astype("<f4"))


def pack(name, files):
    """A zip or a tar of these files, the same bytes each time."""
    if name.endswith(".zip"):
        with zipfile.ZipFile(f"{folder}/{name}", "w", zipfile.ZIP_DEFLATED) as archive:
            for label, text in files.items():
                archive.writestr(zipfile.ZipInfo(label), text)
    else:
        with tarfile.open(f"{folder}/{name}", "w") as archive:
            for label, text in files.items():
                about = tarfile.TarInfo(label)
                about.size = len(text)
                archive.addfile(about, io.BytesIO(text))


def spectrum(second):
    return json.dumps({
        "version": "v0", "data": [1e-9, 2e-9, 3e-9], "type": "float32", "mac_address": "0123456789ab", "scan_group": "g",
        "timestamp": f"2026-01-02T03:04:{second:02}Z", "sample_rate": 1e6, "center_frequency": 1e8,
        "metadata": {"data_type": "periodogram", "fmin": 99.5e6, "fmax": 100.5e6, "nfft": 1024}}).encode()


iq, table, longer = b"i,q\n1,2\n3,4\n", b"x,y\n1,2\n3,4\n", b"x,y,z\n1,2,3\n3,4,5\n5,6,7\n"
with open(f"{folder}/packed_iq.csv.gz", "wb") as file:
    file.write(gzip.compress(iq, mtime=0))
with open(f"{folder}/packed_rtl_power.csv.gz", "wb") as file:
    file.write(gzip.compress(b"2026-01-02, 03:04:05, 100, 120, 10, 1, -1, -2, -2\n", mtime=0))
with open(f"{folder}/packed_table.csv.xz", "wb") as file:
    file.write(lzma.compress(table))
pack("packed_iq.tar", {"readme.md": b"Two samples", "folder/iq.csv": iq})
for ending in ("zip", "tar"):
    pack(f"packed_tables.{ending}", {"readme.md": b"1,2", "a.csv": table, "folder/b.csv": longer})
    pack(f"packed_rh.{ending}", {"readme.txt": b"x,y", "b.rh.json": spectrum(6), "a.rh.json": spectrum(5)})
pack("packed_recording.zip", {"notes.txt": b"made by hand", "x_433M_1k.cu8": b"\x80\x81\x82\x83\x84\x85"})

# Matrices, and their numbers as doubles, row by row.
for kind in ("<f4", ">f4", "<f8", ">f8", "|i1", "<i2", ">i4", "<i8", "|u1", ">u2", "<u4", ">u8", "|b1"):
    name = f"matrix_{kind[1:]}{'_be' if kind[0] == '>' else ''}"
    matrix = numbers("|u1", (4, 3)) % 2 == 1 if kind[1:] == "b1" else numbers(kind, (4, 3))
    numpy.save(f"{folder}/{name}.npy", matrix)
    keep(name, matrix.astype("<f8"))
matrix = numbers("<f4", (3, 5))
matrix[1, 2], matrix[2, 4] = numpy.nan, numpy.inf
numpy.save(f"{folder}/matrix_fortran.npy", numpy.asfortranarray(matrix))
matrix[2, 4] = numpy.nan
keep("matrix_fortran", matrix.astype("<f8"))
