/* lost_frames.h - how many frames a transform left out because their power is not finite: known on the device alone, where nobody
 * waits for it. For those who count frames. */
#ifndef SVI_DEVICE_LOST_FRAMES_H
#define SVI_DEVICE_LOST_FRAMES_H

#include "device/stft.h"

/* Zeroed at first, but for where frames are counted: row r of `rows` has those from ceil(r * frame_count / rows) on. */
struct svi_lost_frames {
    struct svi_device *device;
    uint64_t frame_count;
    uint32_t rows;
    cl_mem memory; /* uint [rows]; NULL: none was lost so far */
};

void svi_lost_frames_clear(struct svi_lost_frames *lost);

/* Counts frames [begin, end) of a batch that begins with first_frame; enqueues, does not wait. marks: the batch's lost_marks; NULL:
 * none can be lost, which costs nothing. */
bool svi_lost_frames_add(struct svi_lost_frames *lost, cl_mem marks, uint64_t first_frame, uint32_t begin, uint32_t end,
                         struct svi_error *err);

/* uint32_t [rows] in the caller's memory. Waits. */
bool svi_lost_frames_read(const struct svi_lost_frames *lost, uint32_t *out, struct svi_error *err);

/* Begins anew. */
bool svi_lost_frames_reset(struct svi_lost_frames *lost, struct svi_error *err);

#endif
