#!/usr/bin/env python3
"""growth.py SVI_WORKER FOLDER [PART...] - what a picture costs as the recording grows (samples), as the picture grows (pixels), and how
many small jobs a second go through the embedded platform as lanes are added (jobs, with small_jobs.py). Each part writes
FOLDER/PART.csv: seconds, seconds of processors, which other work on the machine hardly changes, and peak memory of whole processes. The
part draw lets svi-worker draw the tables. Without a part: all of them, one after the other.

Recordings are sparse files of ci16, whose bytes cost no disk but are read like any other, from the page cache: it needs 16 GiB.
"""
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time

SAMPLE_BYTES, MOST_SAMPLES, TURNS_BELOW_SAMPLES = 4, 4 << 30, 1 << 28
INCHES = 10, 14.1, 20, 28.3, 40, 56.6, 80, 100
LANES, JOBS = (1, 2, 4), 300


def make_recording(folder, samples):
    """A file that grows, all of which is in the page cache: what the kernel needs to bring it there is not ours."""
    name = os.path.join(folder, "sparse_100M_10000k.cs16")
    with open(name, "a+b") as file:
        file.seek(0, os.SEEK_END)
        file.truncate(SAMPLE_BYTES * samples)
        while file.read(1 << 24):
            pass
    return name


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


def write_table(folder, part, first, rows, columns=("seconds", "seconds of processors", "peak memory in MiB")):
    with open(os.path.join(folder, part + ".csv"), "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([first, *columns])
        writer.writerows(rows)


def measure_samples(program, folder, work):
    rows, samples = [], 1 << 20
    render = ["render", "--quiet", "--type", "waterfall", "-o", work]
    measure(program, [*render, make_recording(work, samples)], 1)
    while samples <= MOST_SAMPLES:
        rows.append((samples, *measure(program, [*render, make_recording(work, samples)], 3 if samples < TURNS_BELOW_SAMPLES else 1)))
        print("%d samples: %.3f s, of processors %.3f s, %.0f MiB" % rows[-1], flush=True)
        samples *= 2
    write_table(folder, "samples", "samples", rows)


def measure_pixels(program, folder, work):
    recording, rows = make_recording(work, 1 << 24), []
    for inches in INCHES:
        render = ["render", "--quiet", "--type", "waterfall", "-o", work, "--set", f"width={inches}", "--set", f"height={inches}"]
        rows.append((round(inches * 100) ** 2, *measure(program, [*render, recording], 3)))
        print("%d pixels: %.3f s, of processors %.3f s, %.0f MiB" % rows[-1], flush=True)
    write_table(folder, "pixels", "pixels", rows)


def measure_jobs(program, folder, _work):
    import small_jobs
    rows = []
    for lanes in LANES:
        rows.append((lanes, round(small_jobs.own_rate(program, JOBS, lanes)[0], 1)))
        print("%d lanes: %.1f jobs a second" % rows[-1], flush=True)
    write_table(folder, "jobs", "lanes", rows, ("jobs a second",))


def draw_one(program, folder, work, part, columns, title, scale, picture):
    table = os.path.join(folder, part + ".csv")
    if not os.path.exists(table):
        return
    settings = {"title": title, "xColumn": columns[0], "yColumn": columns[1], "xScale": scale, "yScale": scale, "width": 6, "height": 4.5}
    words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    subprocess.run([program, "render", "--quiet", "--type", "scatterplot", "-o", work, *words, table], check=True,
                   stdout=subprocess.DEVNULL)
    os.replace(os.path.join(work, "scatterplot.png"), os.path.join(folder, picture))


def draw(program, folder, work):
    """What was measured so far."""
    draw_one(program, folder, work, "samples", ("samples", "seconds of processors"), "A waterfall, by samples", "log", "samples.png")
    draw_one(program, folder, work, "samples", ("samples", "peak memory in MiB"), "Memory of a waterfall, by samples", "log", "memory.png")
    draw_one(program, folder, work, "pixels", ("pixels", "seconds of processors"), "A waterfall, by pixels", "log", "pixels.png")
    draw_one(program, folder, work, "jobs", ("lanes", "jobs a second"), "Small jobs, by lanes", "linear", "jobs.png")


PARTS = {"samples": measure_samples, "pixels": measure_pixels, "jobs": measure_jobs, "draw": draw}


def main():
    program, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    for part in sys.argv[3:] or PARTS:
        with tempfile.TemporaryDirectory() as work:
            PARTS[part](program, folder, work)


if __name__ == "__main__":
    main()
