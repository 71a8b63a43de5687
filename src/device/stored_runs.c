#include "device/stored_runs.h"

bool svi_stored_runs_want(struct svi_stored_runs *runs, uint64_t *first, uint64_t *count)
{
    const struct svi_recording *recording = runs->recording;
    for (; runs->next_gap < recording->gap_count; runs->next_gap++) {
        const struct svi_gap *gap = &recording->gaps[runs->next_gap];
        if (runs->next_sample < gap->first_sample)
            break;
        if (runs->next_sample < gap->first_sample + gap->sample_count)
            runs->next_sample = gap->first_sample + gap->sample_count;
    }
    *first = runs->next_sample;
    *count = 1;
    return runs->next_sample < recording->sample_count;
}

bool svi_stored_runs_take(struct svi_stored_runs *runs, const struct svi_block *block, uint64_t most, svi_stored_run *use,
                          void *self, struct svi_error *err)
{
    const struct svi_recording *recording = runs->recording;
    const uint64_t block_end = block->first_sample + block->sample_count;
    uint64_t first, count;
    while (most && svi_stored_runs_want(runs, &first, &count) && first < block_end) {
        uint64_t end = block_end;
        if (runs->next_gap < recording->gap_count && recording->gaps[runs->next_gap].first_sample < end)
            end = recording->gaps[runs->next_gap].first_sample;
        end = end - first > most ? first + most : end;
        if (!use(self, block, first, end, err))
            return false;
        most -= end - first;
        runs->next_sample = end;
    }
    return true;
}

/* A CPU's work-items are few and go through runs of their own; elsewhere neighbours read neighbouring samples. */
struct svi_stored_share svi_stored_share_for(const struct svi_device *device)
{
    const struct svi_device_info *about = svi_device_about(device);
    if (about->type == SVI_DEVICE_CPU)
        return (struct svi_stored_share){ .workers = 8 * (about->compute_units ? about->compute_units : 1),
                                          .turn = 4096,
                                          .most = 4 << 20 };
    return (struct svi_stored_share){ .workers = 1 << 14, .turn = 1, .most = 64 << 20 };
}
