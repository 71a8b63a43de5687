/* bench.h - how fast this machine draws: transforms by length, datatype and engine, and whole pictures. */
#ifndef SVI_HOST_BENCH_H
#define SVI_HOST_BENCH_H

#include "base/json.h"
#include "device/device.h"

#include <stdatomic.h>

struct svi_bench_wishes {
    const char *folder;     /* for made-up recordings and pictures; the caller's to remove */
    uint64_t samples;       /* of each recording */
    unsigned rounds;        /* of each row, after one that does not count */
    const char *only;       /* rows whose "NAME ENGINE DATATYPE" has it; NULL: all. Engines are auto and clfft */
    bool tune;              /* transforms alone, of all lengths that two engines can do, by "fused" and "clfft" */
    const atomic_int *stop; /* not 0: end soon, with SVI_CANCELLED */
};

/* Called with each row as it is measured: {"name", "engine", "datatype", "samples", "bins", "seconds", "fastest_s"}; bins is 0 for
 * whole pictures. `seconds` is the median: of a transform, what the pass over the recording took; of a picture, the whole job with
 * the recording in the page cache and all programs built. */
typedef void svi_bench_row(void *self, const json_t *row);

/* *out: {"schema", "program", "device", "rows"}. The caller ends it with json_decref. */
bool svi_bench_run(struct svi_device *device, const struct svi_bench_wishes *wishes, svi_bench_row *tell, void *tell_self,
                   json_t **out, struct svi_error *err);

#endif
