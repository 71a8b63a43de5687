#!/usr/bin/env python3
"""against_commands.py SVI_WORKER [SAMPLES [TURNS [PEER]]] - whole commands, each in a new process, in turns in one run: svi-worker, and what
others would be called for the same: a loop over slices in numpy, ffmpeg's showspectrumpic, sox's spectrogram. Those that are not
installed are left out. PEER: numpy, ffmpeg or sox alone. ffmpeg gets 8,192 samples and draws 200 x 200 pixels:
1000 x 1000 take it two minutes.

Prints medians in seconds and the median of the ratios of neighbouring turns. Each run writes into a new folder. The loop needs numpy.
"""
import array
import base64
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import wave

RATE_HZ, LENGTH, PIXELS, FEW_SAMPLES, FEW_PIXELS = 1000000, 1024, 1000, 8192, 200


def write_slices(path, out):
    """Power of each slice of 1024 samples in dB, as records of a JSON array: what SDS makes of a capture."""
    import numpy as np
    data = np.fromfile(path, dtype=np.complex64)
    records = []
    for number in range(len(data) // LENGTH):
        spectrum = np.fft.fftshift(np.fft.fft(data[number * LENGTH:(number + 1) * LENGTH]))
        level_db = (10 * np.log10(np.abs(spectrum) ** 2 + 1e-12)).astype(np.float32)
        records.append({"data": base64.b64encode(level_db.tobytes()).decode(), "data_type": "float32", "num_samples": LENGTH,
                        "sample_rate": RATE_HZ, "center_frequency": 0.0, "min_frequency": -RATE_HZ / 2, "max_frequency": RATE_HZ / 2,
                        "custom_fields": {"start_sample": number * LENGTH, "slice_index": number, "fft_size": LENGTH}})
    with open(out, "w", encoding="utf-8") as file:
        json.dump(records, file, indent=2)


def make_recordings(folder, name, samples):
    """The same noise as complex floats and as a WAV file of one channel; a block of it is repeated."""
    generator = random.Random(1)
    block = 1 << 16
    numbers = [generator.gauss(0, 0.1) for _ in range(2 * block)]
    floats = array.array("f", numbers).tobytes()
    integers = array.array("h", [max(-32768, min(32767, round(32767 * x))) for x in numbers[:block]]).tobytes()
    iq, sound = os.path.join(folder, name + ".cf32"), os.path.join(folder, name + ".wav")
    with open(iq, "wb") as file, wave.open(sound, "wb") as wav:
        wav.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        for done in range(0, samples, block):
            count = min(block, samples - done)
            file.write(floats[:8 * count])
            wav.writeframes(integers[:2 * count])
    return iq, sound


def run(arguments):
    """Seconds that the command takes in a new folder, which is its working directory."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        subprocess.run(arguments, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - begin


def main():
    if sys.argv[1] == "--slices":
        write_slices(sys.argv[2], sys.argv[3])
        return
    program = os.path.abspath(sys.argv[1])
    samples = int(sys.argv[2]) if len(sys.argv) > 2 else 16_000_000
    turns = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    only = sys.argv[4] if len(sys.argv) > 4 else ""
    with tempfile.TemporaryDirectory() as folder:
        iq, sound = make_recordings(folder, "noise", samples)
        _, short_sound = make_recordings(folder, "short", FEW_SAMPLES)
        render = [program, "render", "--quiet", "-o", "."]
        rows = {
            f"slices of {samples / 1e6:g} M samples, numpy loop": (
                [sys.executable, os.path.abspath(__file__), "--slices", iq, "slices.json"],
                render + ["--type", "waterfall", "--set", "slices=true", "--set", "sliceUnits=db", "--set", f"maxSlices={samples // LENGTH}",
                          "--set", f"sampleRate={RATE_HZ}", iq]),
            f"picture of {FEW_SAMPLES:,} samples, ffmpeg showspectrumpic": (
                ["ffmpeg", "-y", "-i", short_sound, "-lavfi", f"showspectrumpic=s={FEW_PIXELS}x{FEW_PIXELS}", "picture.png"],
                render + ["--type", "spectrogram", short_sound]),
            f"picture of {samples / 1e6:g} M samples, sox spectrogram": (
                ["sox", sound, "-n", "spectrogram", "-x", str(PIXELS), "-y", "513", "-o", "picture.png"],
                render + ["--type", "spectrogram", sound]),
        }
        print("| command | it, s | svi-worker, s | ratio |\n| --- | --- | --- | --- |")
        for name, (theirs, ours) in rows.items():
            if not shutil.which(theirs[0]) or only not in name:
                continue
            run(ours)
            pairs = [(run(theirs), run(ours)) for _ in range(turns)]
            ratio = statistics.median(a / b for a, b in pairs)
            print(f"| {name} | {statistics.median(a for a, _ in pairs):.2f} | {statistics.median(b for _, b in pairs):.3f} | {ratio:.1f} |",
                  flush=True)


main()
