/* fft.h - transforms of many overlapping frames by clFFT: samples as stored in, power of each bin out. Plans are kept.
 *
 * The one file that knows clFFT, which keeps global state and is not thread-safe in its set-up: fft.c holds a lock around that. */
#ifndef SVI_DEVICE_FFT_H
#define SVI_DEVICE_FFT_H

#include "capture/datatype.h"
#include "device/opencl.h"

enum { SVI_FFT_LEAST = 16, SVI_FFT_MOST = 1 << 20 };

struct svi_fft_plans;

bool svi_fft_plans_create(struct svi_fft_plans **out, struct svi_error *err);
void svi_fft_plans_destroy(struct svi_fft_plans *plans); /* takes NULL */

/* True for products of 2, 3, 5, 7, 11 and 13 within the limits. */
bool svi_fft_supports(uint32_t length);

/* The nearest supported lengths below and above (either may be the limit itself); for the remedy in an error. */
void svi_fft_neighbours(uint32_t length, uint32_t *below, uint32_t *above);

/* One plan: owned by the device, valid until the next svi_fft_plan. */
struct svi_fft;

/* A plan for this length and datatype. one_sided: only bins 0 … length/2, those with a mirror image doubled; for real samples.
 * A plan that is made anew is first checked with a tone whose transform is known; SVI_DEVICE_FAILED where it comes out wrong. */
bool svi_fft_plan(struct svi_device *device, uint32_t length, const struct svi_datatype *datatype, bool one_sided,
                  struct svi_fft **out, struct svi_error *err);

uint32_t svi_fft_batch(const struct svi_fft *fft); /* frames of one launch */
uint32_t svi_fft_bins(const struct svi_fft *fft);  /* length, or length / 2 + 1 */

/* Where power goes: float [batch][bins], linear, unscaled |X|², lowest frequency first. Overwritten by each launch. */
cl_mem svi_fft_power(const struct svi_fft *fft);

/* window: length values. Waits for nothing; holds for the launches that follow. */
bool svi_fft_window(struct svi_device *device, struct svi_fft *fft, const float *window, struct svi_error *err);

/* Where the frames of a launch lie in a buffer of samples as stored, [sample][channel][part]. */
struct svi_fft_frames {
    int32_t first;   /* sample at which frame 0 begins; may be negative: samples outside the buffer read as 0 */
    int32_t hop;     /* samples from one frame to the next; frames * hop must fit */
    int32_t samples; /* samples in the buffer, per channel */
    uint32_t channels, channel;
    bool raw;        /* numbers as they are; else amplitudes at full scale 1 */
    uint32_t frames; /* 1 … batch */
};

/* Enqueues one launch and returns at once. */
bool svi_fft_launch(struct svi_device *device, struct svi_fft *fft, cl_mem samples, const struct svi_fft_frames *frames,
                    struct svi_error *err);

#endif
