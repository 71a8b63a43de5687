/* slice_pick.h - which slices of a recording stand in a waterfall's data: those that touch no gap, and of them so many, spread
 * evenly. */
#ifndef SVI_VISUAL_SLICE_PICK_H
#define SVI_VISUAL_SLICE_PICK_H

#include "capture/capture.h"

struct svi_slice_pick {
    uint64_t total;   /* whole slices of the recording */
    uint64_t skipped; /* of them, those that touch a gap */
    uint64_t picked;  /* of the others */

    /* Where the walk is. */
    const struct svi_gap *gaps;
    size_t gap_count, next_gap;
    uint32_t slice_samples;
    uint64_t passed; /* slices before this one were looked at for gaps */
    uint64_t skipped_before;
};

/* Slices touch each other, from the first sample on; most: 1 … 2^32. The recording must outlive the pick. */
struct svi_slice_pick svi_slice_pick_of(const struct svi_recording *recording, uint32_t slice_samples, uint64_t most);

/* The number of the i-th picked slice. i must not go back: a copy of the struct begins anew. */
uint64_t svi_slice_pick_at(struct svi_slice_pick *pick, uint64_t i);

#endif
