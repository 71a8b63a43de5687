/* picked.h - frames picked out of a recording, wherever they lie, transformed together. Where many of them touch each other they
 * are taken out of the block as they lie; the samples of others are gathered on the device first. Only blocks with such frames are
 * asked for. */
#ifndef SVI_DEVICE_PICKED_H
#define SVI_DEVICE_PICKED_H

#include "device/pass.h"

struct svi_picked_request {
    uint32_t fft_size;    /* svi_fft_supports() */
    const float *window;  /* fft_size values, which must outlive the transform */
    uint32_t channel;     /* 0 … channels - 1 */
    bool raw;             /* numbers as stored, not amplitudes at full scale 1 */
    uint64_t frame_count; /* at least 1 */

    void *self;
    /* The sample at which a frame begins, asked for in order, once each; ascending, and all of the frame in the recording. */
    uint64_t (*begin_of)(void *self, uint64_t frame);
    /* Takes the power of frames, in order and each once: float [frames][fft_size], |X|² not scaled, 0 Hz at fft_size / 2. Enqueues
     * what is made of it; it is overwritten by what is enqueued next. */
    bool (*give)(void *self, cl_mem power, uint32_t frames, struct svi_error *err);
};

struct svi_picked;

/* The device and the capture must outlive it. */
bool svi_picked_create(struct svi_picked **out, struct svi_device *device, struct svi_capture *capture,
                       const struct svi_picked_request *request, struct svi_error *err);
void svi_picked_destroy(struct svi_picked *picked); /* takes NULL */

/* The most frames that are given at once. */
uint32_t svi_picked_most_frames(const struct svi_device *device, uint32_t fft_size);

/* What a pass feeds. */
struct svi_taker svi_picked_taker(struct svi_picked *picked);

#endif
