/* tune.h - what the bench has measured of transforms -> the faster engine of each length. */
#ifndef SVI_HOST_TUNE_H
#define SVI_HOST_TUNE_H

#include "base/json.h"
#include "device/engine_table.h"

/* rows: as svi_bench_run makes them. A length counts where both engines were measured with the same recordings: the sum of their
 * times decides. */
void svi_tune(struct svi_engine_table *out, const json_t *rows);

#endif
