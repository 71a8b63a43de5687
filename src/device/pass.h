/* pass.h - one pass over a recording that feeds several takers: samples are read and uploaded once, whatever is made of them. */
#ifndef SVI_DEVICE_PASS_H
#define SVI_DEVICE_PASS_H

#include "device/stream.h"

/* Whoever makes something of samples. Each goes forward through the recording at a pace of its own. */
struct svi_taker {
    void *self;
    /* The least range that it needs to get on, inside the recording; false: it has all that it needs. */
    bool (*wants)(void *self, uint64_t *first, uint64_t *count);
    /* Takes what it can use of a block that holds this range, or a part of that which the device does in some 100 ms; enqueues,
     * does not wait. */
    bool (*take)(void *self, const struct svi_block *block, struct svi_error *err);
};

/* Called now and then with the share of the recording that is done, 0…1; false ends the work with SVI_CANCELLED. */
typedef bool svi_pass_progress(void *self, double share);

struct svi_pass_cost {
    uint64_t bytes_read;
    double read_s, upload_s, compute_s;
};

/* Feeds all takers until none wants more. A CPU's turns are waited for; elsewhere the host is two turns ahead, so that the device
 * never waits for it. */
bool svi_pass_run(struct svi_device *device, struct svi_capture *capture, const struct svi_taker *takers, size_t taker_count,
                  svi_pass_progress *progress, void *progress_self, struct svi_pass_cost *cost, struct svi_error *err);

/* The same in blocks of another size than SVI_BLOCK_BYTES. */
bool svi_pass_run_in_blocks(struct svi_device *device, struct svi_capture *capture, size_t block_bytes,
                            const struct svi_taker *takers, size_t taker_count, svi_pass_progress *progress, void *progress_self,
                            struct svi_pass_cost *cost, struct svi_error *err);

#endif
