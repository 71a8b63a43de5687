#!/usr/bin/env python3
"""Makes tests/data/color_scale/eq_hist.h: shares and color borders of datashader's eq_hist, computed with NumPy.

Needs numpy, in a virtual environment outside the repository; the build and the tests do not need it.

    python3 tests/reference/make_color_scale.py

The values are counts that the test makes in the same way (see counts()). eq_hist as datashader.transfer_functions has it: the
cumulative share of the cells that are not 0, then spread to 0 … 1 as shade() does; integers are ranked exactly.
"""
import pathlib

import numpy as np

FILE = pathlib.Path(__file__).resolve().parent.parent / "data" / "color_scale" / "eq_hist.h"
CASES = [(1, 9, 900), (2, 60, 30), (3, 5000, 40), (4, 20000, 65000)]  # seed, cells, about the largest count


def counts(seed, cells, most):
    """A linear congruential generator; about a third of the cells is 0, the others are the rarer the larger."""
    state, values = seed, []
    for _ in range(cells):
        state = (state * 1664525 + 1013904223) % 2**32
        u = state >> 16
        values.append(0 if u < 22000 else most * 700 // (65536 + 700 - u) + 1)
    return np.array(values)


def main():
    lines = []
    for seed, cells, most in CASES:
        data = counts(seed, cells, most)
        values, hits = np.unique(data[data > 0], return_counts=True)
        cdf = hits.cumsum() / hits.sum()
        shares = (cdf - cdf[0]) / (cdf[-1] - cdf[0])
        borders = np.interp(np.linspace(0, 1, 257), shares, values)
        places = np.unique(np.linspace(0, len(values) - 1, 12).astype(int))
        lines.append(f"EQ_HIST_CASE({seed}, {cells}, {most}, {len(values)})")
        lines += [f"EQ_HIST_SHARE({seed}, {values[i]}, {shares[i]:.9g})" for i in places]
        lines += [f"EQ_HIST_BORDER({seed}, {i}, {borders[i]:.9g})" for i in (0, 1, 64, 100, 128, 192, 250, 255, 256)]
    header = ["/* eq_hist.h - shares and borders of eq_hist. Include with EQ_HIST_CASE, EQ_HIST_SHARE, EQ_HIST_BORDER defined.",
              " * Made by tests/reference/make_color_scale.py; do not edit.",
              " * case: seed, cells, most, values that occur; share: seed, value, share; border: seed, place of 257, value */",
              "/* clang-format off */"]
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text("\n".join(header + lines) + "\n")


if __name__ == "__main__":
    main()
