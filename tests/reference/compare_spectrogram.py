#!/usr/bin/env python3
"""Compares spectrogram.npy, as `svi-worker render --save-data` leaves it, with SciPy's ShortTimeFFT on the same recording.

    svi-worker render --type spectrogram --save-data -o OUT RECORDING.sigmf-meta
    python3 tests/reference/compare_spectrogram.py RECORDING.sigmf-meta OUT

Needs numpy and SciPy >= 1.14. Takes the parameters from OUT/spectrogram.json. Ends with 1 where linear power differs by more than
1e-5 of the cell, or of the mean of its slices where a cell holds next to nothing.
"""
import json
import pathlib
import re
import sys

import numpy as np
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import gaussian

TOLERANCE = 1e-5
FLOOR = {"compat": 1e-4, "dbfs": 1e-20, "dbfs_hz": 1e-20}


def read_samples(meta_path, channel, raw):
    about = json.loads(meta_path.read_text())["global"]
    kind, number, bits, order = re.fullmatch(r"([cr])([fiu])(8|16|32|64)(?:_(le|be))?", about["core:datatype"]).groups()
    dtype = np.dtype(f"{'>' if order == 'be' else '<'}{number}{int(bits) // 8}")
    parts = 2 if kind == "c" else 1
    stored = np.fromfile(meta_path.with_suffix(".sigmf-data"), dtype)
    values = stored.reshape(-1, about.get("core:num_channels", 1), parts)[:, channel].astype(np.float64)
    if not raw and number != "f":
        half = 2.0 ** (int(bits) - 1)
        values = (values - (half if number == "u" else 0)) / half
    return values[:, 0] + 1j * values[:, 1] if parts == 2 else values[:, 0]


def unit_gain(units, window, rate_hz):
    return {"compat": 1, "dbfs": 1 / window.sum() ** 2, "dbfs_hz": 1 / (rate_hz * (window ** 2).sum())}[units]


def reduce_axis(power, cells, axis, how):
    """Cell c holds what lies from ceil(c * count / cells) to before the next cell's."""
    starts = -(-np.arange(cells) * power.shape[axis] // cells)
    if how == "max":
        return np.maximum.reduceat(power, starts, axis)
    sizes = np.diff(np.append(starts, power.shape[axis]))
    return np.add.reduceat(power, starts, axis) / np.expand_dims(sizes, 1 - axis)


def main():
    meta_path, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    summary = json.loads((folder / "spectrogram.json").read_text())
    given, rate_hz = summary["parameters"], summary["recording"]["sample_rate_hz"]
    assert given["window"] == "gaussian", "only the platform's window is compared"
    units, fft_size = given["units"], given["fftSize"]
    actual = 10 ** (np.load(folder / "spectrogram.npy").astype(np.float64) / 10)

    x = read_samples(meta_path, given["channel"], raw=units == "compat")
    one_sided = not np.iscomplexobj(x) and units != "compat"
    window = gaussian(fft_size, given["stdDev"], sym=True)
    transform = ShortTimeFFT(window, given["hopSize"], rate_hz, mfft=fft_size, scale_to=None,
                             fft_mode="onesided" if one_sided else "centered")
    power = transform.spectrogram(x)
    if one_sided:
        power[1:(fft_size + 1) // 2] *= 2
    cells = reduce_axis(reduce_axis(power, actual.shape[1], 1, given["reduction"]), actual.shape[0], 0, given["reduction"])
    expected = np.maximum(cells * unit_gain(units, window, rate_hz), FLOOR[units])

    error = np.abs(actual - expected) / np.maximum(expected, expected.mean(axis=0))
    print(f"{power.shape[1]} slices of {power.shape[0]} bins on {actual.shape[1]} x {actual.shape[0]} cells, {units}: "
          f"largest error {error.max():.2e}, levels {10 * np.log10(expected.min()):.2f} to {10 * np.log10(expected.max()):.2f} dB")
    sys.exit(not error.max() <= TOLERANCE)


if __name__ == "__main__":
    main()
