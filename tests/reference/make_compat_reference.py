#!/usr/bin/env python3
"""Makes tests/data/compat: spectrograms as the platform's own worker draws them, one pixel for each bin of each slice.

Needs numpy, SciPy >= 1.14 and matplotlib, in a virtual environment outside the repository; the build and the tests do not need them.

    python3 tests/reference/make_compat_reference.py                              makes the pictures that test_compat.c compares with
    python3 tests/reference/make_compat_reference.py RECORDING.sigmf-meta OUT     compares OUT/spectrogram.png, which was drawn with
                                                                                  theme=bare, units=compat and as many pixels as cells

The pipeline is the platform's: ShortTimeFFT with a symmetric Gaussian window, 10 log10 of the power, at least 1e-4, shown by
matplotlib's imshow from the least to the largest level, with its default interpolation. Only the axes around it are left out, and
the figure is as large as the matrix. Inputs are those of make_stft_reference.py, followed by zeros, which show the floor of -40 dB.

Files:
  NAME.png   palette of 256 colors, [bins][slices], highest frequency on top
  cases.h    one COMPAT_CASE row for each NAME
"""
import io
import json
import pathlib
import sys

import matplotlib
import numpy as np
import scipy
from PIL import Image
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import gaussian

from compare_spectrogram import read_samples

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "data" / "compat"
INPUTS = FOLDER.parent / "stft"
DPI = 100

#   name         input   samples  zeros  fft_size  hop   sigma  colormap
CASES = [
    ("defaults", "cf32", 12288,   0,     1024,     500,  100,   "magma"),
    ("counts",   "ci16", 9000,    3000,  256,      100,  32,    "viridis"),
    ("real",     "rf32", 4000,    500,   100,      25,   12.5,  "jet"),
]


def levels_db(x, fft_size, hop, sigma):
    transform = ShortTimeFFT(gaussian(fft_size, sigma, sym=True), hop, 1.0, mfft=fft_size, fft_mode="centered", scale_to=None)
    return 10 * np.log10(np.fmax(transform.spectrogram(x), 1e-4))


def draw(levels, colormap):
    """RGB [bins][slices]: matplotlib's own picture of a matrix at its own size."""
    height, width = levels.shape
    figure = pyplot.figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.imshow(levels, origin="lower", aspect="auto", cmap=colormap)
    png = io.BytesIO()
    figure.savefig(png, dpi=DPI, format="png")
    pyplot.close(figure)
    pixels = np.asarray(Image.open(png).convert("RGB"))
    assert pixels.shape[:2] == levels.shape, pixels.shape
    return pixels


def table_of(colormap):
    return matplotlib.colormaps[colormap].resampled(256)(np.arange(256), bytes=True)[:, :3]


def steps_of(pixels, colormap):
    """The entries of the table that the pixels' colors are. Where entries are alike, the first."""
    steps = {tuple(color): step for step, color in reversed(list(enumerate(table_of(colormap).tolist())))}
    return np.array([[steps[tuple(color)] for color in row] for row in pixels.tolist()])


def make():
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, source, samples, zeros, fft_size, hop, sigma, colormap in CASES:
        stored = np.load(INPUTS / f"input_{source}.npy")[:samples]
        x = stored[:, 0] + 1j * stored[:, 1] if stored.dtype == np.int16 else stored.astype(np.complex128)
        levels = levels_db(np.concatenate([x, np.zeros(zeros)]), fft_size, hop, sigma)
        assert not zeros or levels.min() == -40
        steps = steps_of(draw(levels, colormap), colormap)
        picture = Image.fromarray(steps.astype(np.uint8), "P")
        picture.putpalette(table_of(colormap).tobytes())
        picture.save(FOLDER / f"{name}.png", optimize=True)
        lines.append(f'COMPAT_CASE("{name}", "{source}", {samples}, {zeros}, {fft_size}, {hop}, {sigma}, "{colormap}")')
    header = ["/* cases.h - pictures of the platform's own pipeline. Include with COMPAT_CASE defined.",
              " * Made by tests/reference/make_compat_reference.py; do not edit. */",
              "/* clang-format off */",
              "/*          name, input, samples, zeros, fft_size, hop, sigma, colormap */"]
    (FOLDER / "cases.h").write_text("\n".join(header + lines) + "\n")
    total = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{len(CASES)} pictures, {total / 1e3:.1f} kB, SciPy {scipy.__version__}, matplotlib {matplotlib.__version__}")


def compare(meta_path, folder):
    summary = json.loads((folder / "spectrogram.json").read_text())
    given = summary["parameters"]
    assert given["units"] == "compat" and given["theme"] == "bare"
    x = read_samples(meta_path, given["channel"], raw=True)
    expected = draw(levels_db(x, given["fftSize"], given["hopSize"], given["stdDev"]), given["colormap"])
    actual = np.asarray(Image.open(folder / "spectrogram.png").convert("RGB"))
    assert actual.shape == expected.shape, f"{actual.shape[1]} x {actual.shape[0]}, not {expected.shape[1]} x {expected.shape[0]}"
    apart = np.abs(steps_of(actual, given["colormap"]) - steps_of(expected, given["colormap"]))
    print(f"{actual.shape[1]} x {actual.shape[0]} pixels: {100 * (apart == 0).mean():.4f} % equal, "
          f"{100 * (apart <= 1).mean():.4f} % within one color step, at most {apart.max()} steps apart")
    return (apart <= 1).mean() >= 0.999


if __name__ == "__main__":
    if len(sys.argv) == 3:
        sys.exit(not compare(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
    make()
