#!/usr/bin/env python3
"""Makes src/visual/colormaps.bin and src/visual/colormap_list.h from matplotlib.

    python3 tests/reference/make_colormaps.py        (needs matplotlib and numpy; made with matplotlib 3.11)

A table is 256 x RGB, 8 bits, as matplotlib itself turns a map into bytes: cmap(arange(256), bytes=True). Maps of another length
(the qualitative ones, twilight) are read at the centres of 256 equal steps. The file holds every map of the list, then the reversed
ones (name_r) in the same order: matplotlib computes those anew, and many differ by one step from the table turned round.
"""
import pathlib

import numpy as np
from matplotlib import colormaps

FIRST = "magma viridis plasma inferno cividis turbo jet hot cool rainbow".split()
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "src" / "visual"


def table(name):
    cmap = colormaps[name]
    where = np.arange(256) if cmap.N == 256 else (np.arange(256) + 0.5) / 256
    return cmap(where, bytes=True)[:, :3].astype(np.uint8).tobytes()


names = FIRST + sorted((n for n in colormaps if not n.endswith("_r") and n not in FIRST), key=str.lower)
(FOLDER / "colormaps.bin").write_bytes(b"".join(table(n) for n in names) + b"".join(table(n + "_r") for n in names))
(FOLDER / "colormap_list.h").write_text(
    "/* colormap_list.h - the maps in colormaps.bin, in its order. Made by tests/reference/make_colormaps.py.\n"
    " * The first ten are the platform's. Include with SVI_COLORMAP defined. */\n"
    + "".join(f"SVI_COLORMAP({n})\n" for n in names))
