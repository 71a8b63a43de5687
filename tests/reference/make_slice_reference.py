#!/usr/bin/env python3
"""Makes tests/data/slices: waterfalls as data, by the platform's own loop in NumPy, which the tests compare with the program's.

Needs numpy, in a virtual environment outside the repository; the build and the tests do not need it.

    python3 tests/reference/make_slice_reference.py

Files:
  NAME.data   samples of a SigMF recording, as stored
  NAME.npy    float32 [records][fft_size]   what stands in the records' `data`
  cases.json  for each case: the recording (SigMF metadata, or the name of a folder of tests/data/digital_rf), the config, the records
              without their data, and what the summary says of them

The loop, from the platform: for each slice of fft_size samples that touches no gap, X = fftshift(fft(samples)), no window, no overlap,
10 log10(|X|^2 + 1e-12). Times are fractions until they are rounded to a microsecond.
"""
import datetime
import fractions
import json
import math
import pathlib

import numpy as np

TESTS = pathlib.Path(__file__).resolve().parent.parent
FOLDER = TESTS / "data" / "slices"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
np.seterr(invalid="ignore")  # one case has samples that are no numbers
RANDOM = np.random.default_rng(20260102)
DRF_RATE, DRF_START, DRF_GAPS = fractions.Fraction(200, 3), 92957882010, [(20, 35), (60, 61)]  # make_digital_rf.py


def make_signal(samples):
    """Two tones and noise, so that no bin is empty."""
    t = np.arange(samples)
    x = 0.5 * np.exp(2j * np.pi * 0.125 * t) + 0.1 * np.exp(-2j * np.pi * 0.31234 * t)
    return x + 0.02 * (RANDOM.standard_normal(samples) + 1j * RANDOM.standard_normal(samples))


def store(x, datatype):
    """The bytes of samples, shape [samples][channels], and the same samples as they are read again: amplitudes, and as stored."""
    parts = np.stack([x.real, x.imag], axis=-1) if datatype[0] == "c" else x.real[..., None]
    kind, order = datatype[1:].split("_")[0], ">" if datatype.endswith("_be") else "<"
    dtype = np.dtype(order + kind[0] + str(int(kind[1:]) // 8))
    scale, middle = 1.0, 0.0
    if kind[0] != "f":
        scale = 2.0 ** (int(kind[1:]) - 1)
        middle = scale if kind[0] == "u" else 0.0
        parts = np.rint(np.clip(parts * scale, -scale, scale - 1)) + middle
    stored = parts.astype(dtype)
    numbers = stored.astype(np.float64)
    complete = lambda p: p[..., 0] + 1j * p[..., 1] if datatype[0] == "c" else p[..., 0] + 0j
    return stored.tobytes(), complete((numbers - middle) / scale), complete(numbers)


def moment(seconds):
    micro = math.floor(seconds * 1_000_000 + fractions.Fraction(1, 2))
    return (EPOCH + datetime.timedelta(microseconds=micro)).isoformat(timespec="microseconds")


def seconds_of(text):
    whole, _, digits = text.rstrip("Z").partition(".")
    at = datetime.datetime.fromisoformat(whole + "+00:00")
    return int((at - EPOCH).total_seconds()) + fractions.Fraction(int(digits or 0), 10 ** len(digits))


def picked(whole, most):
    """Spread evenly: the first and the last are among them."""
    count = min(len(whole), most)
    return [whole[i * (len(whole) - 1) // max(count - 1, 1)] for i in range(count)]


def slices_of(recording, config):
    """The values of the picked slices, their records, and the block about them."""
    fft_size = config.get("fftSize", 1024)
    watts = config.get("sliceUnits", config.get("slice_units", "watts")) == "watts"
    raw = config.get("units") == "compat" and not watts
    rate, skip = recording["rate"], recording.get("skip", 0)
    x = recording["stored" if raw else "amplitudes"][skip:]
    gaps = [(a - skip, b - skip) for a, b in recording.get("gaps", [])]
    total = len(x) // fft_size
    whole = [i for i in range(total) if not any(a < (i + 1) * fft_size and b > i * fft_size for a, b in gaps)]
    chosen = picked(whole, config.get("maxSlices", 4096))
    full_scale_dbm = float(config.get("calibration", 0))
    values, records, levels, lost = [], [], [], 0
    for i in chosen:
        first = i * fft_size
        power = np.abs(np.fft.fftshift(np.fft.fft(x[first:first + fft_size]))) ** 2 + 1e-12
        if not np.isfinite(power).all():
            lost += 1
            continue
        if watts:
            power = power / fft_size ** 2 * 10 ** (full_scale_dbm / 10 - 3)
        values.append((power if watts else 10 * np.log10(power)).astype(np.float32))
        levels.append(10 * np.log10(power * (1000 if watts else 1)))
        segment = [s for s in recording["segments"] if s["first"] <= first + skip][-1]
        timed = [s for s in recording["segments"] if s["first"] <= first + skip and s.get("seconds") is not None]
        start = timed[-1]["seconds"] + (first + skip - timed[-1]["first"]) / rate if timed else (first + skip) / rate
        center = segment.get("center", 0.0)
        low = center - (fft_size // 2) * float(rate) / fft_size
        custom = {"channel_name": recording["name"], "start_sample": recording.get("first_index", 0) + first + skip,
                  "num_samples": fft_size, "fft_size": fft_size, "scan_time": float(fft_size / rate), "slice_index": i,
                  "units": "watts" if watts else "db", "amplitudes": "stored" if raw else "full_scale", "time_known": bool(timed)}
        if watts:
            custom["full_scale_dbm"] = full_scale_dbm
        records.append({"data_type": "float32", "timestamp": moment(start), "min_frequency": low, "max_frequency": low + float(rate),
                        "num_samples": fft_size, "sample_rate": float(rate), "center_frequency": center, "custom_fields": custom})
    finite = np.concatenate(levels)[np.isfinite(np.concatenate(levels))]
    span = finite.max() - finite.min()
    center = [s for s in recording["segments"] if s["first"] <= skip][-1].get("center", 0.0)
    low = center - (fft_size // 2) * float(rate) / fft_size
    about = {"file": "waterfall_slices.json", "units": "watts" if watts else "db", "amplitudes": "stored" if raw else "full_scale",
             "center_frequency": center, "sample_rate": float(rate), "min_frequency": low, "max_frequency": low + float(rate),
             "total_slices": total, "slices_processed": len(values), "slices_skipped": total - len(whole) + lost,
             "slices_omitted": len(whole) - len(chosen), "fft_size": fft_size, "samples_per_slice": fft_size,
             "channel": recording["name"], "power_bounds": {"min": finite.min() - 0.05 * span, "max": finite.max() + 0.05 * span},
             "power_bounds_unit": "dBm" if watts else "dB"}
    return np.array(values), records, about


def sigmf(name, datatype, rate, x, channel=0, captures=({},), start=0, global_indices=None):
    """A SigMF recording of these samples, [samples] or [samples][channels]. captures: "first", "center" and "time" of each."""
    x = x.reshape(len(x), -1)
    data, amplitudes, stored = store(x, datatype)
    (FOLDER / f"{name}.data").write_bytes(data)
    meta_captures, segments = [], []
    for capture in captures:
        first = capture.get("first", 0)
        meta = {"core:sample_start": first}
        segment = {"first": first}
        if "center" in capture:
            meta["core:frequency"] = segment["center"] = capture["center"]
        if "time" in capture:
            meta["core:datetime"] = capture["time"]
            segment["seconds"] = seconds_of(capture["time"])
        meta_captures.append(meta)
        segments.append(segment)
    recording = {"name": name, "rate": fractions.Fraction(rate), "amplitudes": amplitudes[:, channel], "stored": stored[:, channel],
                 "segments": segments, "skip": start}
    if global_indices:
        # Samples between two captures that were never stored: they count, and are a gap.
        at, gaps, pieces = 0, [], []
        ends = [s["first"] for s in segments[1:]] + [len(x)]
        for meta, segment, index, end in zip(meta_captures, segments, global_indices, ends):
            meta["core:global_index"] = index
            piece = amplitudes[segment["first"]:end, channel]
            missing = index - global_indices[0] - at
            if missing:
                gaps.append((at, at + missing))
            at += missing
            pieces += [np.zeros(missing), piece]
            segment["first"] = at
            at += len(piece)
        recording |= {"amplitudes": np.concatenate(pieces), "gaps": gaps}
    meta = {"global": {"core:datatype": datatype, "core:version": "1.0.0", "core:sample_rate": float(rate),
                       "core:num_channels": x.shape[1]}, "captures": meta_captures, "annotations": []}
    return recording, {"sigmf": meta}


def digital_rf(name, kind, center=None):
    numbers = np.frombuffer((TESTS / "data" / "digital_rf" / f"{name}.bytes").read_bytes(), "<" + kind).astype(np.float64)
    stored = numbers[0::2] + 1j * numbers[1::2]
    segment = {"first": 0, "seconds": DRF_START / DRF_RATE}
    if center:
        segment["center"] = center
    recording = {"name": name, "rate": DRF_RATE, "stored": stored, "amplitudes": stored / (1 if kind[0] == "f" else 32768),
                 "segments": [segment], "gaps": DRF_GAPS, "first_index": DRF_START}
    return recording, {"digital_rf": name}


def make_cases():
    station = ({"center": 100e6, "time": "2024-01-31T12:00:00.25Z"},)
    yield "defaults", sigmf("defaults", "ci16_le", 2.4e6, make_signal(3100), captures=station), {}
    yield "decibels", sigmf("decibels", "ci16_le", 2.4e6, make_signal(300), captures=station), {"fftSize": 128, "sliceUnits": "db"}
    yield "stored", sigmf("stored", "ci16_le", 2.4e6, make_signal(300), captures=station), \
        {"fftSize": 128, "slice_units": "db", "units": "compat"}
    yield "calibrated", sigmf("calibrated", "ci8", 1e6, make_signal(300)), {"fftSize": 128, "calibration": -23.5, "units": "compat"}
    yield "odd", sigmf("odd", "cf32_le", 44100.1, make_signal(700)), {"fftSize": 225, "sliceUnits": "db"}
    yield "real", sigmf("real", "rf32_le", 48e3, make_signal(400), captures=({"center": 7e6},)), {"fftSize": 64, "sliceUnits": "db"}
    yield "real_unsigned", sigmf("real_unsigned", "ru16_be", 48e3, make_signal(200)), {"fftSize": 64}
    yield "doubles", sigmf("doubles", "cf64_be", 250e3, make_signal(200)), {"fftSize": 50, "sliceUnits": "db"}
    two = np.stack([make_signal(300), np.roll(make_signal(300), 3) * 0.3], axis=1)
    yield "channels", sigmf("channels", "cu8", 1e6, two, channel=1), {"fftSize": 100, "channel": 1, "sliceUnits": "db"}
    tuned = ({"center": 90e6, "time": "2024-02-28T23:59:59.9999Z"}, {"first": 130, "center": 95.5e6},
             {"first": 200, "time": "2025-01-01T00:00:00.1234567Z"})
    yield "tuned", sigmf("tuned", "ci16_be", 1e6, make_signal(340), captures=tuned), {"fftSize": 32, "sliceUnits": "db"}
    for most in (1, 7, 31):
        name = f"most_{most}"
        yield name, sigmf(name, "ci8", 1e3, make_signal(30 * 16 + 5)), {"fftSize": 16, "maxSlices": most}
    yield "later", sigmf("later", "ci16_le", 1e3, make_signal(300), captures=station, start=101), \
        {"fftSize": 32, "start": 0.101, "sliceUnits": "db"}
    jumps = ({"time": "2024-01-31T12:00:00Z"}, {"first": 100}, {"first": 180, "center": 5e3})
    yield "jumps", sigmf("jumps", "ci16_le", 1e3, make_signal(300), captures=jumps, global_indices=(1000, 1140, 1221)), {"fftSize": 32}
    silent = make_signal(100) * 0
    yield "silent", sigmf("silent", "ci16_le", 1e6, silent), {"fftSize": 32}
    yield "silent_decibels", sigmf("silent_decibels", "ci16_le", 1e6, silent), {"fftSize": 32, "sliceUnits": "db"}
    broken = make_signal(160)
    broken[70] = complex(math.nan, 0)
    broken[100] = complex(0, math.inf)
    yield "broken", sigmf("broken", "cf32_le", 1e6, broken), {"fftSize": 32}
    yield "faint", sigmf("faint", "cf32_le", 1e6, make_signal(100)), {"fftSize": 32, "calibration": -500}
    yield "drf_gaps", digital_rf("gaps", "i2"), {"fftSize": 16, "sliceUnits": "db"}
    yield "drf_gaps_two", digital_rf("gaps", "i2"), {"fftSize": 16, "maxSlices": 2}
    yield "drf_packed", digital_rf("gaps_packed", "i2"), {"fftSize": 20}
    yield "drf_filled", digital_rf("gaps_filled_float", "f4"), {"fftSize": 18, "sliceUnits": "db"}


def main():
    FOLDER.mkdir(exist_ok=True)
    cases = []
    for name, (recording, where), config in make_cases():
        values, records, about = slices_of(recording, config)
        if "calibration" in config and config["calibration"] < -400:
            values = np.maximum(values, np.finfo(np.float32).tiny)  # what a float32 holds
        np.save(FOLDER / f"{name}.npy", values)
        cases.append({"name": name} | where | {"config": config | {"slices": True}, "slices": about, "records": records})
    (FOLDER / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")


main()
