#!/usr/bin/env python3
"""growth.py SVI_WORKER FOLDER [MOST_SAMPLES [TURNS]] - what a waterfall costs as the recording grows, and as the picture grows: seconds,
seconds of processors, which other work on the machine hardly changes, and peak memory of whole processes. Writes FOLDER/samples.csv and FOLDER/pixels.csv, and lets svi-worker draw them.

Recordings are sparse files of ci8, whose bytes cost no disk but are read like any other; MOST_SAMPLES is 4 G unless it is given.
"""
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

RATE_HZ = 10e6


def make_recording(folder, samples):
    name = os.path.join(folder, f"sparse-{samples}.sigmf-")
    with open(name + "data", "wb") as file:
        file.truncate(2 * samples)
    with open(name + "meta", "w", encoding="utf-8") as file:
        json.dump({"global": {"core:datatype": "ci8", "core:sample_rate": RATE_HZ, "core:version": "1.0.0"},
                   "captures": [{"core:sample_start": 0}], "annotations": []}, file)
    return name + "meta"


def measure(program, arguments, turns):
    """Medians of seconds, of seconds of processors and of MiB, of processes of their own."""
    seconds, busy, memory = [], [], []
    for _ in range(turns):
        begin = time.perf_counter()
        process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"svi-worker {' '.join(arguments)} failed")
        seconds.append(time.perf_counter() - begin)
        busy.append(usage.ru_utime + usage.ru_stime)
        memory.append(usage.ru_maxrss / 1024)
    return round(statistics.median(seconds), 4), round(statistics.median(busy), 4), round(statistics.median(memory), 1)


def write_table(path, first, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([first, "seconds", "processor_seconds", "peak_mib"])
        writer.writerows(rows)


def draw(program, folder, name, column, title):
    subprocess.run([program, "render", "--quiet", "--type", "scatterplot", "-o", folder, "--set", "xScale=log", "--set", "yScale=log",
                    "--set", f"yColumn={column}", "--set", f"title={title}", "--set", "width=6", "--set", "height=4.5",
                    os.path.join(folder, name + ".csv")], check=True, stdout=subprocess.DEVNULL)
    for ending in "png", "json":
        os.replace(os.path.join(folder, f"scatterplot.{ending}"), os.path.join(folder, f"{name}-{column}.{ending}"))
    os.remove(os.path.join(folder, f"{name}-{column}.json"))


def main():
    program, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    most = int(float(sys.argv[3])) if len(sys.argv) > 3 else 4 << 30
    turns = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        render = ["render", "--quiet", "--type", "waterfall", "-o", work]
        rows, samples = [], 1 << 20
        measure(program, [*render, make_recording(work, samples)], 1)
        while samples <= most:
            rows.append((samples, *measure(program, [*render, make_recording(work, samples)], turns)))
            print("%d samples: %.3f s, of processors %.3f s, %.0f MiB" % rows[-1], flush=True)
            samples *= 2
        write_table(os.path.join(folder, "samples.csv"), "samples", rows)
        recording, rows = make_recording(work, 1 << 24), []
        for inches in 10, 14.1, 20, 28.3, 40, 56.6, 80, 100:
            size = ["--set", f"width={inches}", "--set", f"height={inches}"]
            rows.append((round(inches * 100) ** 2, *measure(program, [*render, *size, recording], turns)))
            print("%d pixels: %.3f s, of processors %.3f s, %.0f MiB" % rows[-1], flush=True)
        write_table(os.path.join(folder, "pixels.csv"), "pixels", rows)
    draw(program, folder, "samples", "processor_seconds", "A waterfall, by samples")
    draw(program, folder, "samples", "peak_mib", "A waterfall, by samples")
    draw(program, folder, "pixels", "processor_seconds", "A waterfall, by pixels")


main()
