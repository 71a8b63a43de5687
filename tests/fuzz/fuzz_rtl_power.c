/* fuzz_rtl_power - any bytes as a table of rtl_power: refused with a reason, or rows of power above 0 whose gaps are counted. */
#include "capture/rtl_power.h"

#include "fuzz.h"

#include <math.h>
#include <stdlib.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct svi_sweeps sweeps = { 0 };
    struct svi_error err = { 0 };
    const struct svi_bytes bytes = { data, size };
    svi_rtl_power_probe(bytes);
    const bool ok = svi_rtl_power_parse(&sweeps, bytes, "fuzz.csv", &err);
    must(ok ? err.status == SVI_OK && sweeps.row_count > 0
            : err.status != SVI_OK && err.message[0] && svi_utf8_valid(svi_bytes_of(err.message)));
    uint64_t missing = 0, values = 0;
    for (size_t i = 0; i < sweeps.row_count; i++) {
        const struct svi_sweep *row = &sweeps.rows[i];
        must(row->count > 0 && row->step_hz > 0 && isfinite(row->step_hz) && isfinite(row->first_hz));
        values += row->count;
        for (size_t k = 0; k < row->count; k++) {
            must(isnan(row->power[k]) || (row->power[k] > 0 && isfinite(row->power[k])));
            missing += isnan(row->power[k]) ? 1 : 0;
        }
    }
    must(values == sweeps.values && missing == sweeps.missing);
    svi_sweeps_clear(&sweeps);
    return 0;
}
