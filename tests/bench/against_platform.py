#!/usr/bin/env python3
"""against_platform.py SVI_WORKER [SAMPLES [TURNS]] - a spectrogram as the platform's Python worker makes it (SciPy, matplotlib), and as
svi-worker does, in turns in one run; both warm (imports done, programs built) and as cold processes.

Needs numpy, scipy and matplotlib. Prints medians in seconds and the median of the ratios of neighbouring turns.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

RATE_HZ, LENGTH, HOP, STD_DEV = 10e6, 1024, 500, 100


def draw(path, picture):
    """The steps of the platform's worker: samples, ShortTimeFFT, dB, and a figure with its title, labels, sizes and tight layout."""
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np
    from scipy.signal import ShortTimeFFT
    from scipy.signal.windows import gaussian
    data = np.fromfile(path, dtype=np.complex64)
    transform = ShortTimeFFT(gaussian(LENGTH, std=STD_DEV, sym=True), hop=HOP, fs=RATE_HZ, mfft=LENGTH, fft_mode="centered")
    power = transform.spectrogram(data)
    level_db = 10 * np.log10(np.fmax(power, 1e-4))
    figure, axes = plt.subplots(figsize=(10, 10))
    axes.set_title(rf"Spectrogram ({LENGTH / RATE_HZ:g}$\,s$ Gaussian window, $\sigma_t={STD_DEV / RATE_HZ:g}\,$s)", fontsize=16)
    axes.set_xlabel(rf"Time $t$ in seconds ({level_db.shape[1]} slices, $\Delta t = {HOP / RATE_HZ:g}\,$s)", fontsize=14)
    axes.set_ylabel(rf"Freq. $f$ in Hz ({LENGTH} bins, $\Delta f = {RATE_HZ / LENGTH:g}\,$Hz)", fontsize=14)
    axes.tick_params(labelsize=12)
    image = axes.imshow(level_db, origin="lower", aspect="auto", extent=transform.extent(len(data)), cmap="magma")
    bar = figure.colorbar(image)
    bar.set_label(r"Power Spectral Density $20\,\log_{10}|S_x(t, f)|$ in dB", fontsize=14)
    bar.ax.tick_params(labelsize=12)
    figure.tight_layout()
    figure.savefig(picture)
    plt.close(figure)


def main():
    if sys.argv[1] == "--draw":
        draw(sys.argv[2], sys.argv[3])
        return
    import numpy as np
    program = os.path.abspath(sys.argv[1])
    samples = int(sys.argv[2]) if len(sys.argv) > 2 else 16_000_000
    turns = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "noise.sigmf-")
        generator = np.random.default_rng(1)
        (generator.standard_normal(2 * samples, dtype=np.float32) * 0.1).tofile(name + "data")
        with open(name + "meta", "w", encoding="utf-8") as file:
            json.dump({"global": {"core:datatype": "cf32_le", "core:sample_rate": RATE_HZ, "core:version": "1.0.0"},
                       "captures": [{"core:sample_start": 0}], "annotations": []}, file)

        def cold_render():
            subprocess.run([program, "render", "--quiet", "--type", "spectrogram", "-o", folder, name + "meta"], check=True,
                           stdout=subprocess.DEVNULL)

        def timed(work):
            begin = time.perf_counter()
            work()
            return time.perf_counter() - begin

        cold_render()
        draw(name + "data", os.path.join(folder, "warm.png"))
        rows = {"warm": [], "cold": []}
        for _ in range(turns):
            python = timed(lambda: draw(name + "data", os.path.join(folder, "warm.png")))
            cold_render()
            with open(os.path.join(folder, "spectrogram.json"), encoding="utf-8") as file:
                rows["warm"].append((python, json.load(file)["timing_s"]["total"]))
            python = timed(lambda: subprocess.run([sys.executable, __file__, "--draw", name + "data", os.path.join(folder, "cold.png")],
                                                  check=True))
            rows["cold"].append((python, timed(cold_render)))
    print("| process | SciPy and matplotlib, s | svi-worker, s | ratio |\n| --- | --- | --- | --- |")
    for name, pairs in rows.items():
        ratio = statistics.median(a / b for a, b in pairs)
        print(f"| {name} | {statistics.median(a for a, _ in pairs):.2f} | {statistics.median(b for _, b in pairs):.3f} | {ratio:.1f} |")


main()
