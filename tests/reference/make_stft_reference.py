#!/usr/bin/env python3
"""Makes tests/data/stft: spectrogram matrices of SciPy's ShortTimeFFT, which the tests compare with the device's.

Needs numpy and SciPy >= 1.14, in a virtual environment outside the repository; the build and the tests do not need them.

    python3 tests/reference/make_stft_reference.py

Files:
  input_cf32.npy  complex64 [samples]     tones, a burst and noise; below full scale 1
  input_ci16.npy  int16 [samples][2]      the same signal as I, Q counts
  input_rf32.npy  float32 [samples]       its real part
  NAME.npy        float32 [rows][bins]    |S|^2, no scaling at all, row r is slice p_min + r * row_step
  cases.h         one STFT_CASE row for each NAME
  ranges.h        one STFT_RANGE row for each combination of length, window and hop: which slices SciPy makes

A case uses the first `samples` samples of its input; int16 counts enter as they are (divide by 2^30 for a full scale of 1).
Two-sided cases have `fft_size` bins, zero frequency in bin fft_size / 2 ("centered"). One-sided cases (real input only) have
fft_size / 2 + 1 bins from zero frequency up, and nothing is doubled. Windows other than the Gaussian are periodic
(scipy.signal.get_window), the Gaussian is symmetric.
"""
import pathlib

import numpy as np
import scipy
from scipy.signal import ShortTimeFFT, get_window
from scipy.signal.windows import gaussian

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "data" / "stft"
RATE_HZ = 1.0e6
INPUT_SAMPLES = 12288
SCIPY_WINDOWS = {"rect": "boxcar"}
UNUSED = 0.0  # sigma of a window that has none

#   name                  input   samples  fft_size  hop    window            sigma   sided  row_step
CASES = [
    # every length, half a window apart
    ("n16_half",          "cf32",   65,      16,       8,     "gaussian",       2.0,    2,     1),
    ("n64_half",          "cf32",   209,     64,       32,    "gaussian",       8.0,    2,     1),
    ("n100_half",         "cf32",   317,     100,      50,    "gaussian",       12.5,   2,     1),
    ("n256_half",         "cf32",   785,     256,      128,   "gaussian",       32.0,   2,     1),
    ("n1000_half",        "cf32",   3017,    1000,     500,   "gaussian",       125.0,  2,     1),
    ("n1024_half",        "cf32",   3089,    1024,     512,   "gaussian",       128.0,  2,     1),
    ("n1536_half",        "cf32",   4625,    1536,     768,   "gaussian",       192.0,  2,     1),
    ("n2187_half",        "cf32",   6578,    2187,     1093,  "gaussian",       273.4,  2,     1),
    ("n4096_half",        "cf32",   9000,    4096,     2048,  "gaussian",       512.0,  2,     1),
    ("n8192_half",        "cf32",   12288,   8192,     4096,  "gaussian",       1024.0, 2,     1),
    # the platform's defaults, and its other standard deviations
    ("defaults",          "cf32",   10000,   1024,     500,   "gaussian",       100.0,  2,     1),
    ("defaults_sigma10",  "cf32",   5000,    1024,     500,   "gaussian",       10.0,   2,     1),
    ("defaults_sigma500", "cf32",   5000,    1024,     500,   "gaussian",       500.0,  2,     1),
    # hops
    ("n16_hop1",          "cf32",   40,      16,       1,     "gaussian",       2.0,    2,     1),
    ("n100_hop1",         "cf32",   150,     100,      1,     "gaussian",       10.0,   2,     8),
    ("n1024_hop1",        "cf32",   1088,    1024,     1,     "gaussian",       100.0,  2,     211),
    ("n16_hop15",         "cf32",   200,     16,       15,    "gaussian",       100.0,  2,     1),
    ("n256_hop255",       "cf32",   2000,    256,      255,   "gaussian",       32.0,   2,     1),
    ("n1000_hop999",      "cf32",   6000,    1000,     999,   "gaussian",       100.0,  2,     1),
    ("n64_whole",         "cf32",   640,     64,       64,    "gaussian",       10.0,   2,     1),
    ("n2187_whole",       "cf32",   8748,    2187,     2187,  "gaussian",       100.0,  2,     1),
    ("n4096_hop500",      "cf32",   5000,    4096,     500,   "gaussian",       100.0,  2,     6),
    ("n64_hop500",        "cf32",   8000,    64,       500,   "gaussian",       10.0,   2,     1),
    ("n256_hop1000",      "cf32",   12000,   256,      1000,  "gaussian",       32.0,   2,     1),
    ("n1024_hop5000",     "cf32",   12288,   1024,     5000,  "gaussian",       100.0,  2,     1),
    # short recordings
    ("n64_shortest",      "cf32",   32,      64,       16,    "gaussian",       10.0,   2,     1),
    ("n1000_shortest",    "cf32",   500,     1000,     250,   "gaussian",       100.0,  2,     1),
    ("n1024_shortest",    "cf32",   512,     1024,     500,   "gaussian",       100.0,  2,     1),
    ("n2187_shortest",    "cf32",   1094,    2187,     729,   "gaussian",       100.0,  2,     1),
    ("n1024_once",        "cf32",   1024,    1024,     500,   "gaussian",       100.0,  2,     1),
    ("n4096_once",        "cf32",   4096,    4096,     4096,  "gaussian",       512.0,  2,     1),
    # windows
    ("hann",              "cf32",   700,     256,      64,    "hann",           UNUSED, 2,     1),
    ("hamming",           "cf32",   700,     256,      100,   "hamming",        UNUSED, 2,     1),
    ("blackman",          "cf32",   700,     256,      100,   "blackman",       UNUSED, 2,     1),
    ("blackmanharris",    "cf32",   700,     256,      100,   "blackmanharris", UNUSED, 2,     1),
    ("flattop",           "cf32",   700,     256,      100,   "flattop",        UNUSED, 2,     1),
    ("rect",              "cf32",   700,     256,      100,   "rect",           UNUSED, 2,     1),
    ("hann_n100",         "cf32",   317,     100,      25,    "hann",           UNUSED, 2,     1),
    ("rect_n1024",        "cf32",   8192,    1024,     1024,  "rect",           UNUSED, 2,     1),
    ("blackmanharris_n2187", "cf32", 6578,   2187,     1000,  "blackmanharris", UNUSED, 2,     1),
    # int16 counts
    ("ci16_n64",          "ci16",   209,     64,       32,    "gaussian",       8.0,    2,     1),
    ("ci16_defaults",     "ci16",   6000,    1024,     500,   "gaussian",       100.0,  2,     1),
    ("ci16_n1000_hann",   "ci16",   3017,    1000,     500,   "hann",           UNUSED, 2,     1),
    # real input, from zero frequency up
    ("real_n64",          "rf32",   209,     64,       32,    "gaussian",       8.0,    1,     1),
    ("real_n100",         "rf32",   317,     100,      50,    "hann",           UNUSED, 1,     1),
    ("real_n1024",        "rf32",   5000,    1024,     500,   "gaussian",       100.0,  1,     1),
    ("real_n2187",        "rf32",   6578,    2187,     1093,  "gaussian",       100.0,  1,     1),
    # real input, both sides
    ("real_n256_both",    "rf32",   785,     256,      128,   "gaussian",       32.0,   2,     1),
]


def make_inputs():
    """Two tones, one of them between two bins, a burst, a sweep, and noise 40 dB down, so that no bin is empty."""
    random = np.random.default_rng(20250716)
    t = np.arange(INPUT_SAMPLES)
    x = 0.4 * np.exp(2j * np.pi * 0.125 * t)
    x += 0.1 * np.exp(-2j * np.pi * 0.31234 * t)
    x += 0.2 * np.exp(2j * np.pi * (-0.25 + 0.4 * t / (2 * INPUT_SAMPLES)) * t)
    x[700:760] += 0.2
    x += 0.01 * (random.standard_normal(INPUT_SAMPLES) + 1j * random.standard_normal(INPUT_SAMPLES))
    assert max(abs(x.real).max(), abs(x.imag).max()) < 1.0
    cf32 = x.astype(np.complex64)
    ci16 = np.rint(np.stack([x.real, x.imag], axis=1) * 32767).astype(np.int16)
    return {"cf32": cf32, "ci16": ci16, "rf32": cf32.real.copy()}


def make_window(name, fft_size, sigma):
    if name == "gaussian":
        return gaussian(fft_size, sigma, sym=True)
    return get_window(SCIPY_WINDOWS.get(name, name), fft_size)


def make_transform(window, hop, sided):
    return ShortTimeFFT(window, hop, RATE_HZ, mfft=len(window), fft_mode="centered" if sided == 2 else "onesided", scale_to=None)


def samples_of(stored, count):
    """In double precision: the reference is meant to be right, not to round as some version of SciPy rounds."""
    part = stored[:count]
    if part.dtype == np.int16:
        return part[:, 0].astype(np.float64) + 1j * part[:, 1]
    return part.astype(np.complex128 if np.iscomplexobj(part) else np.float64)


def check_against_plain_sum(power, x, window, hop, p_min, sided):
    """The definition itself, so that a wrong use of SciPy is noticed here and not in the C tests."""
    mid = len(window) // 2
    padded = np.concatenate([np.zeros(len(window) + hop), x, np.zeros(2 * len(window) + hop)])
    for row in (0, power.shape[0] // 2, power.shape[0] - 1):
        first = (p_min + row) * hop - mid + len(window) + hop
        spectrum = np.fft.fft(padded[first:first + len(window)] * window)
        expected = abs(np.fft.fftshift(spectrum) if sided == 2 else spectrum[:len(window) // 2 + 1]) ** 2
        assert np.allclose(power[row], expected, rtol=1e-9, atol=1e-12 * expected.max())


def write_cases(inputs):
    lines = []
    for name, source, samples, fft_size, hop, window_name, sigma, sided, row_step in CASES:
        x = samples_of(inputs[source], samples)
        assert len(x) == samples, name
        window = make_window(window_name, fft_size, sigma)
        transform = make_transform(window, hop, sided)
        power = transform.spectrogram(x).T
        p_min, p_max = transform.p_range(samples)
        check_against_plain_sum(power, x, window, hop, p_min, sided)
        assert power.shape[0] == p_max - p_min and (power.shape[0] - 1) % row_step == 0, (name, power.shape)
        kept = np.ascontiguousarray(power[::row_step], dtype=np.float32)
        np.save(FOLDER / f"{name}.npy", kept)
        cells = [f'"{name}",', f'"{source}",', f"{samples},", f"{fft_size},", f"{hop},", f'"{window_name}",', f"{sigma},",
                 f"{sided},", f"{p_min},", f"{p_max - p_min},", f"{row_step},", f"{kept.shape[0]},", f"{kept.shape[1]}"]
        widths = (24, 8, 7, 6, 6, 18, 8, 3, 6, 6, 5, 4, 0)
        lines.append("STFT_CASE(" + "".join(cell.ljust(width) for cell, width in zip(cells, widths)) + ")")
    header = ["/* cases.h - spectrogram matrices of SciPy's ShortTimeFFT. Include with STFT_CASE defined.",
              " * Made by tests/reference/make_stft_reference.py, which describes the columns; do not edit. */",
              "/* clang-format off */",
              "/*        name, input, samples, fft_size, hop, window, sigma, sides, p_min, p_num, row_step, rows, bins */"]
    (FOLDER / "cases.h").write_text("\n".join(header + lines) + "\n")


def zeros_of(window):
    """Leading samples that SciPy takes for empty: their square is 0 in double precision."""
    return int(np.argmax(window ** 2 > 0))


def range_by_formula(samples, fft_size, hop, zeros):
    mid = fft_size // 2
    ceil = lambda a, b: -(-a // b)
    p_min = 0 if hop >= fft_size - mid else 1 - ceil(fft_size - mid, hop)
    return p_min, max(samples // hop + 1, ceil(samples + mid - zeros, hop))


def random_ranges():
    random = np.random.default_rng(7)
    sizes = [16, 17, 64, 100, 255, 256, 1000, 1024, 1536, 2187, 4096]
    for _ in range(280):
        fft_size = int(random.choice(sizes))
        sigma = float(random.choice([0.5, 2.0, 10.0, 37.5, 100.0, 500.0, fft_size / 8, fft_size / 54, fft_size / 55]))
        hop = int(random.choice([1 + random.integers(2 * fft_size), fft_size // 2, fft_size, fft_size - 1, 500]))
        least = fft_size - fft_size // 2
        samples = int(random.choice([least, least + random.integers(fft_size), fft_size, random.integers(least, 40 * fft_size)]))
        yield samples, fft_size, hop, sigma


def write_ranges():
    chosen = [(1000000, 1024, 500, 100.0), (10000, 1024, 500, 100.0), (1024, 1024, 500, 100.0), (100000, 65536, 500, 100.0),
              (5000, 1024, 500, 10.0), (512, 1024, 500, 100.0), (8, 16, 1, 0.5), (9, 17, 3, 0.5)]
    lines = []
    for samples, fft_size, hop, sigma in chosen + list(random_ranges()):
        window = gaussian(fft_size, sigma, sym=True)
        zeros = zeros_of(window)
        p_min, p_max = ShortTimeFFT(window, hop, RATE_HZ, mfft=fft_size, scale_to=None).p_range(samples)
        assert (p_min, p_max) == range_by_formula(samples, fft_size, hop, zeros), (samples, fft_size, hop, sigma)
        lines.append(f"STFT_RANGE({samples}, {fft_size}, {hop}, {sigma!r}, {zeros}, {p_min}, {p_max})")
    header = ["/* ranges.h - which slices SciPy's ShortTimeFFT makes of a recording. Include with STFT_RANGE defined.",
              " * Made by tests/reference/make_stft_reference.py; do not edit. p_max is one past the last slice; zeros is the number of",
              " * leading window samples whose square is 0 in double precision. */",
              "/* clang-format off */",
              "/*         samples, fft_size, hop, sigma, zeros, p_min, p_max */"]
    (FOLDER / "ranges.h").write_text("\n".join(header + lines) + "\n")


def main():
    assert tuple(int(part) for part in scipy.__version__.split(".")[:2]) >= (1, 14), "SciPy 1.14 or newer is needed"
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.npy"):
        old.unlink()
    inputs = make_inputs()
    for name, samples in inputs.items():
        np.save(FOLDER / f"input_{name}.npy", samples)
    write_cases(inputs)
    write_ranges()
    total = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{len(CASES)} cases, {total / 1e6:.2f} MB, SciPy {scipy.__version__}, numpy {np.__version__}")


if __name__ == "__main__":
    main()
