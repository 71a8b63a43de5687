#!/usr/bin/env python3
"""against_transforms.py SVI_WORKER PEER [SAMPLES [TURNS [WISDOM]]] - transforms of svi-worker and of a peer, in turns in one run.

PEER is fftw_peer or vkfft_peer, built from the C files beside this one. A turn counts with the fastest of three rounds. FFTW's plans are
kept in the file WISDOM. Prints a table in Markdown: for each length and datatype the medians over the turns, in million bins a second,
and the median of the ratios of neighbouring turns. Machines are noisy; the ratio is what counts.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile

program, peer = sys.argv[1:3]
samples = sys.argv[3] if len(sys.argv) > 3 else "16777216"
turns = int(sys.argv[4]) if len(sys.argv) > 4 else 5


def ours():
    text = subprocess.run([program, "bench", "--json", "--quiet", "--samples", samples, "--rounds", "3", "--only", " auto"], check=True,
                          capture_output=True).stdout
    rows = json.loads(text)["rows"]
    return {(row["name"].split()[1], row["datatype"]): row["bins"] / row["fastest_s"] / 1e6 for row in rows if row["bins"]}


def theirs():
    text = subprocess.run([peer, samples, "3", wisdom], check=True, capture_output=True, text=True).stdout
    rates = {}
    for line in text.splitlines():
        length, datatype, seconds = line.split()
        frames = (int(samples) - int(length)) // (int(length) // 2) + 1
        rates[length, datatype] = frames * int(length) / float(seconds) / 1e6
    return rates


with tempfile.TemporaryDirectory() as folder:
    wisdom = sys.argv[5] if len(sys.argv) > 5 else os.path.join(folder, "wisdom")
    theirs()
    measured = [(ours(), theirs()) for _ in range(turns)]
name = os.path.basename(peer).removesuffix("_peer")
print(f"| length | datatype | svi-worker | {name} | ratio |\n| --- | --- | --- | --- | --- |")
for row in measured[0][1]:
    mine, other = [a[row] for a, _ in measured], [b[row] for _, b in measured]
    ratio = statistics.median(a / b for a, b in zip(mine, other))
    print(f"| {row[0]} | {row[1]} | {statistics.median(mine):.0f} | {statistics.median(other):.0f} | {ratio:.2f} |")
