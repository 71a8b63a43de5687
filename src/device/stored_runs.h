/* stored_runs.h - the samples of a recording that were stored, run by run, without those in gaps: what a taker needs that looks at
 * each sample once and by itself. */
#ifndef SVI_DEVICE_STORED_RUNS_H
#define SVI_DEVICE_STORED_RUNS_H

#include "device/pass.h"

struct svi_stored_runs {
    const struct svi_recording *recording;
    uint64_t next_sample;
    size_t next_gap; /* the first one that does not end before next_sample */
};

/* Samples [first, end) of the recording, none in a gap; `block` holds them. */
typedef bool svi_stored_run(void *self, const struct svi_block *block, uint64_t first, uint64_t end, struct svi_error *err);

/* What a taker wants: the next stored sample. false: there is none. */
bool svi_stored_runs_want(struct svi_stored_runs *runs, uint64_t *first, uint64_t *count);

/* Hands on what the block has of stored samples from the next one on, `most` at most. */
bool svi_stored_runs_take(struct svi_stored_runs *runs, const struct svi_block *block, uint64_t most, svi_stored_run *use,
                          void *self, struct svi_error *err);

/* How such work is cut up on a device: work-items of one launch, samples that each takes in one go, samples of one turn of the
 * pass. */
struct svi_stored_share {
    uint32_t workers, turn;
    uint64_t most;
};

struct svi_stored_share svi_stored_share_for(const struct svi_device *device);

#endif
