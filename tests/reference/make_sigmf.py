"""Writes tests/data/sigmf: recordings as the sigmf library writes them, and what it reads of them.

    python3 make_sigmf.py FOLDER

NAME.sigmf-meta and NAME.sigmf-data are a recording, one of each core datatype; NAME.values holds what the library's own read_samples says of
it: float32, I before Q, full scale at 1. "three_channels" has three, "segments" two captures with a gap of 5 between them and an annotation,
"packed.sigmf" is an archive of it, "pair.sigmf-collection" names it and "cf32_le". Needs sigmf and numpy.
"""
import os
import sys

import numpy
import sigmf
from sigmf import SigMFCollection, SigMFFile

SAMPLES = 12
folder = sys.argv[1]
os.chdir(folder)


def numbers(kind, count):
    generator = numpy.random.default_rng(20260203)
    dtype = numpy.dtype(kind)
    if dtype.kind == "f":
        return generator.standard_normal(count).astype(dtype)
    limits = numpy.iinfo(dtype)
    values = generator.integers(limits.min, limits.max, count, endpoint=True, dtype=dtype.newbyteorder("="))
    values[0], values[1] = limits.min, limits.max
    return values.astype(dtype)


def record(name, datatype, channels=1, more=None):
    order = {"_le": "<", "_be": ">"}.get(datatype[-3:], "|")
    letters, bits = datatype[1], int("".join(c for c in datatype if c.isdigit()))
    parts = 2 if datatype[0] == "c" else 1
    numbers(f"{order}{letters}{bits // 8}", SAMPLES * channels * parts).tofile(f"{name}.sigmf-data")
    meta = SigMFFile(data_file=f"{name}.sigmf-data", global_info={
        sigmf.keys.DATATYPE_KEY: datatype,
        sigmf.keys.SAMPLE_RATE_KEY: 48000,
        sigmf.keys.NUM_CHANNELS_KEY: channels,
        sigmf.keys.AUTHOR_KEY: "made up",
        sigmf.keys.DESCRIPTION_KEY: f"twelve samples of {datatype}",
    })
    if more:
        more(meta)
    else:
        meta.add_capture(0, metadata={sigmf.keys.FREQUENCY_KEY: 915e6, sigmf.keys.DATETIME_KEY: "2026-02-03T04:05:06.789000Z"})
    meta.tofile(f"{name}.sigmf-meta", overwrite=True)
    values = sigmf.fromfile(f"{name}.sigmf-meta").read_samples()
    values.view("f4").astype("<f4").tofile(f"{name}.values")
    return meta


for letter in "cr":
    for number in ("f32", "f64", "i32", "i16", "u32", "u16"):
        for order in ("_le", "_be"):
            record(f"{letter}{number}{order}", f"{letter}{number}{order}")
    for number in ("i8", "u8"):
        record(f"{letter}{number}", f"{letter}{number}")

record("three_channels", "ci16_le", channels=3)


def in_two_parts(meta):
    meta.add_capture(0, metadata={sigmf.keys.FREQUENCY_KEY: 915e6, sigmf.keys.GLOBAL_INDEX_KEY: 1000})
    meta.add_capture(7, metadata={sigmf.keys.FREQUENCY_KEY: 868e6, sigmf.keys.GLOBAL_INDEX_KEY: 1012})
    meta.add_annotation(2, 3, metadata={sigmf.keys.FREQ_LOWER_EDGE_KEY: 914.99e6, sigmf.keys.FREQ_UPPER_EDGE_KEY: 915.01e6, sigmf.keys.LABEL_KEY: "here"})


segments = record("segments", "ci8", more=in_two_parts)
segments.tofile("packed", toarchive=True, overwrite=True)
SigMFCollection(["segments.sigmf-meta", "cf32_le.sigmf-meta"]).tofile("pair.sigmf-collection", overwrite=True)
