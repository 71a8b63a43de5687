"""Makes tests/data/radiohound: three periodograms of one scan, 100 to 101.27 MHz in bins of 10 kHz, a line of -40 dBm that moves up by ten bins
a second above -90 dBm. Run in the repository's root; needs Python alone."""
import base64
import json
import struct

for second in range(3):
    watts = [10 ** ((-40 if i == 30 + 10 * second else -90) / 10 - 3) for i in range(128)]
    about = {
        "data": base64.b64encode(struct.pack("<128f", *watts)).decode(),
        "type": "float32",
        "mac_address": "0123456789ab",
        "short_name": "made up",
        "sample_rate": 20480000,
        "timestamp": f"2026-01-02T03:04:0{second}.500000+00:00",
        "metadata": {"data_type": "periodogram", "fmin": 100000000, "fmax": 120480000, "nfft": 2048, "scan_time": 0.05},
        "scan_group": "7b0b1c52-0000-4000-8000-000000000001",
        "version": "v0",
    }
    with open(f"tests/data/radiohound/{second}.rh.json", "w") as out:
        json.dump(about, out, indent=1)
        out.write("\n")
