#!/usr/bin/env python3
"""Makes tests/data/percentile/quantiles.h: percentiles of made-up power, computed with NumPy.

Needs numpy >= 1.22, in a virtual environment outside the repository; the build and the tests do not need it.

    python3 tests/reference/make_percentile.py

The test makes the same power (see power()) and shares frames and bins out to rows and columns in the same way. A percentile is
numpy.quantile(method="inverted_cdf"): a value that occurs, at rank ceil(q n). Its rank is computed in floating point, so cases are
chosen where q n is no whole number, or comes out as one.
"""
import pathlib

import numpy as np

FILE = pathlib.Path(__file__).resolve().parent.parent / "data" / "percentile" / "quantiles.h"

#   percent frames  bins first count rows columns gap_block
CASES = [
    (95,    6,      8,   0,    8,    6,   8,      0),    # 1 frame a pixel
    (95,    10,     8,   0,    8,    5,   8,      0),    # 2
    (95,    95,     8,   0,    8,    5,   8,      0),    # 19: the largest
    (95,    100,    8,   0,    8,    5,   8,      0),    # 20: the second largest
    (95,    105,    8,   0,    8,    5,   8,      0),    # 21
    (95,    20000,  4,   0,    4,    2,   4,      0),    # 10,000
    (95,    1000,   16,  3,    11,   7,   4,      0),    # a band, two or three bins a column, rows of unlike height
    (95,    1000,   16,  3,    11,   7,   4,      60),   # gaps: rows that have a part, and rows that have none
    (95,    61,     5,   0,    5,    61,  5,      3),    # one frame a pixel, or none
    (95,    1000,   600, 0,    600,  500, 600,    0),    # more rows than are worked on at once
    (95,    90000,  3,   0,    3,    1,   3,      0),    # more than are kept: powers are counted
    (95,    180000, 4,   1,    3,    2,   2,      7000), # likewise, with gaps
    (50,    1000,   16,  3,    11,   7,   4,      0),
    (50,    1000,   16,  3,    11,   7,   4,      60),
    (50,    30000,  3,   0,    3,    3,   3,      0),    # counted
]


def power(frames, bins):
    """A linear congruential generator; from 2^-31 to 2^24."""
    with np.errstate(over="ignore"):
        steps = np.arange(1, frames * bins + 1, dtype=np.uint64)
        state = (steps * np.uint64(2654435761) % np.uint64(2**32)).astype(np.uint32)
        state ^= state >> np.uint32(15)
        state *= np.uint32(2246822519)
        state ^= state >> np.uint32(13)
    return np.ldexp(((state >> 8) + 1).astype(np.float32), -((state & 31).astype(int))).reshape(frames, bins)


def share_begin(share, total, shares):
    return -(-share * total // shares)


def main():
    lines = []
    for number, (percent, frames, bins, first, count, rows, columns, gap_block) in enumerate(CASES):
        data = power(frames, bins)
        kept = np.ones(frames, bool) if not gap_block else np.arange(frames) // gap_block % 3 != 1
        lines.append(f"PERCENTILE_CASE({number}, {percent}, {frames}, {bins}, {first}, {count}, {rows}, {columns}, {gap_block})")
        for row in sorted({0, rows // 2, rows - 1}):
            for column in sorted({0, columns - 1}):
                begin, end = share_begin(row, frames, rows), share_begin(row + 1, frames, rows)
                low, high = first + share_begin(column, count, columns), first + share_begin(column + 1, count, columns)
                values = data[begin:end, low:high][kept[begin:end]]
                value = f"{np.quantile(values, percent / 100, method='inverted_cdf'):.9g}" if values.size else "NAN"
                lines.append(f"PERCENTILE_CELL({number}, {row}, {column}, {value})")
    header = ["/* quantiles.h - percentiles of made-up power. Include with PERCENTILE_CASE and PERCENTILE_CELL defined.",
              " * Made by tests/reference/make_percentile.py, which describes the columns; do not edit.",
              " * cell: case, row, column, power */",
              "/* clang-format off */"]
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text("\n".join(header + lines) + "\n")


if __name__ == "__main__":
    main()
