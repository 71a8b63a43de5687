"""Writes tests/data/digital_rf: small recordings as the digital_rf library writes them, and beside each the samples as bytes.

    python3 make_digital_rf.py FOLDER

NAME/ is a channel; NAME.bytes holds what a reader must hand out of sub-channel 0 (of the last one for "subchannels"), gaps as zeros, little-endian, 64-bit integers as
float64 between -1 and 1. Needs digital_rf, h5py and numpy.
"""
import os
import sys

import digital_rf
import h5py
import numpy

RATE = (200, 3)
START = 92957882010  # 2014-03-09T12:30:30.15Z
folder = sys.argv[1]


def numbers(kind, shape):
    generator = numpy.random.default_rng(20140309)
    dtype = numpy.dtype(kind)
    if dtype.kind == "f":
        return generator.standard_normal(shape).astype(dtype)
    limits = numpy.iinfo(dtype)
    values = generator.integers(limits.min + 1, limits.max, shape, endpoint=True, dtype=dtype.newbyteorder("="))
    return values.astype(dtype)


def as_read(samples):
    """What a reader hands out of an array of plain numbers."""
    native = samples.astype(samples.dtype.newbyteorder("<"))
    if native.dtype.kind == "i" and native.itemsize == 8:
        return native.astype("<f8") / 2.0**63
    if native.dtype.kind == "u" and native.itemsize == 8:
        return (native.astype("<f8") - 2.0**63) / 2.0**63
    return native


def silence(dtype):
    return 0 if dtype.kind != "u" else 1 << (8 * dtype.itemsize - 1)


def record(name, kind, is_complex=True, pieces=((0, 100),), subchannels=1, keep_properties=False, **options):
    path = f"{folder}/{name}"
    os.makedirs(path)
    dtype = numpy.dtype(kind)
    stored = numpy.dtype([("r", kind), ("i", kind)]) if is_complex else dtype
    parts = 2 if is_complex else 1
    span = pieces[-1][0] + pieces[-1][1] - pieces[0][0]
    expected = numpy.full((span, parts), silence(dtype), dtype)
    writer = digital_rf.DigitalRFWriter(path, stored, 10, 2000, START, *RATE, uuid_str="svi", is_complex=is_complex,
                                        num_subchannels=subchannels, marching_periods=False, **options)
    samples = numbers(kind, (span, subchannels, parts))
    for first, count in pieces:
        piece = numpy.ascontiguousarray(samples[first:first + count])
        writer.rf_write(piece.view(stored).reshape(count, subchannels), first)
        expected[first:first + count] = piece[:, -1, :]
    writer.close()
    if not keep_properties:
        os.remove(f"{path}/drf_properties.h5")
    if dtype.itemsize == 8 and dtype.kind in "iu":
        expected = as_read(expected)
    expected.astype(expected.dtype.newbyteorder("<")).tofile(f"{folder}/{name}.bytes")


for kind in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8"):
    record(f"c{kind}", "<" + kind, is_continuous=False)
    record(f"r{kind}", "<" + kind, is_complex=False)
    if kind[1] != "1":
        record(f"c{kind}_be", ">" + kind, is_continuous=False)
        record(f"r{kind}_be", ">" + kind, is_complex=False)

GAPS = ((0, 20), (35, 25), (61, 39))
record("gaps", "<i2", pieces=GAPS, is_continuous=False, keep_properties=True)
record("gaps_filled", "<i2", pieces=GAPS, is_continuous=True)
record("gaps_filled_float", "<f4", pieces=GAPS, is_continuous=True)
record("gaps_packed", "<i2", pieces=GAPS, is_continuous=True, compression_level=9, checksum=True)
record("subchannels", "<i2", pieces=GAPS, subchannels=3, is_continuous=False, keep_properties=True)

metadata = f"{folder}/subchannels/metadata"
os.makedirs(metadata)
writer = digital_rf.DigitalMetadataWriter(metadata, 3600, 60, *RATE, "metadata")
writer.write(START - 10000, {"center_frequencies": numpy.array([1e6, 2e6, 3e6])})
writer.write(START - 5, {"center_frequencies": numpy.array([100e6, 200e6, 300e6]), "receiver": {"center_freq": 7e6}})
writer.write(START + 50, {"center_frequencies": numpy.array([4e6, 5e6, 6e6])})

# The older layout: the rate as a float in the properties alone, under their older name.
record("version_2_0", "<i2", is_continuous=False, keep_properties=True)
os.rename(f"{folder}/version_2_0/drf_properties.h5", f"{folder}/version_2_0/metadata.h5")
for base, _, files in os.walk(f"{folder}/version_2_0"):
    for file in files:
        with h5py.File(f"{base}/{file}", "r+") as h5:
            holder = h5["rf_data"] if "rf_data" in h5 else h5
            for attribute in ("sample_rate_numerator", "sample_rate_denominator", "digital_rf_version"):
                del holder.attrs[attribute]
            if holder is h5:
                holder.attrs["samples_per_second"] = 62.5
