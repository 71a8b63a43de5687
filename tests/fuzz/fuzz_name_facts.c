/* fuzz_name_facts - any bytes as the name of a recording: what it says is in range, or nothing. */
#include "capture/name_facts.h"

#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void must(bool promise)
{
    if (!promise)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct svi_name_facts facts;
    svi_name_facts_read(&facts, (struct svi_bytes){ data, size });
    must(facts.samples || !facts.datatype);
    must(facts.sample_rate_hz >= 0 && facts.sample_rate_hz <= 1e15);
    must(isnan(facts.center_frequency_hz) || (facts.center_frequency_hz > 0 && facts.center_frequency_hz <= 1e15));
    must(strlen(facts.start_time) == 0 || strlen(facts.start_time) == strlen("2026-01-02T03:04:05Z"));
    return 0;
}
