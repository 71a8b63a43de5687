/* stft.h - short-time Fourier transform of a recording: samples as stored in, power of each frame and bin out, batch by batch, to
 * whoever adds it up (cells.h, spectrum.h).
 *
 * Power is |X|² of windowed amplitudes, not scaled by anything: the caller knows the window's gain and the unit. */
#ifndef SVI_DEVICE_STFT_H
#define SVI_DEVICE_STFT_H

#include "device/pass.h"

struct svi_stft_request {
    uint32_t fft_size;    /* SVI_FFT_LEAST … SVI_FFT_MOST, svi_fft_supports() */
    uint32_t hop_samples; /* at least 1 */
    const float *window;  /* fft_size values, which must outlive the transform */
    int64_t first_sample; /* at which frame 0 begins; samples before 0 and behind the end read as 0 */
    uint64_t frame_count; /* at least 1 */
    uint32_t channel;     /* 0 … channels - 1 */
    bool one_sided;       /* real samples: bins 0 … fft_size / 2, power of mirrored bins doubled */
    bool raw;             /* numbers as stored, not amplitudes at full scale 1 */
    const char *engine;   /* NULL or "auto" chooses by engine_table.h; "clfft"; "fused": powers of two, svi_fused_supports() */
};

/* Frames in the order of the recording, each once. */
struct svi_power_batch {
    cl_mem power; /* float [frames][bins], linear, lowest frequency first */
    uint64_t first_frame;
    uint32_t frames, bins;
    const uint8_t *in_gap; /* [frames]: 1 where a frame touches a gap of the recording, or a change of its frequency, and is to be
                              left out; NULL: none does */
    cl_mem in_gap_memory;  /* the same on the device, and 2 where the power is not finite, to be left out too; NULL: none is */
    cl_mem lost_marks;     /* the same, where there may be a 2: see lost_frames.h; else NULL */
};

/* Frames that were added up in groups, in the order of the recording. Those to be left out are not in the sums. */
struct svi_group_batch {
    cl_mem groups;       /* float [3][group_count][bins]: sum, largest, least; of a group without frames 0, 0, infinity */
    cl_mem group_frames; /* uint [group_count + 1]: group g holds frames first_frame + group_frames[g] to before the next one's */
    uint32_t group_count;
    uint64_t first_frame;
    uint32_t frames, bins;
    const uint8_t *in_gap; /* [frames]: as in a power batch */
    cl_mem lost_marks;     /* likewise */
};

/* Whoever adds power up: enqueues, does not wait; the power is overwritten by what is enqueued next. */
struct svi_accumulator {
    void *self;
    bool (*add)(void *self, const struct svi_power_batch *batch, struct svi_error *err);
    /* The same by groups, where the transform has added them up; NULL: it needs each frame. An accumulator gets one or the other.
     */
    bool (*add_groups)(void *self, const struct svi_group_batch *batch, struct svi_error *err);
    /* The first frame behind `frame` that must not share its group; NULL: any may. */
    uint64_t (*border)(void *self, uint64_t frame);
};

struct svi_stft;

/* The device and the capture must outlive it. */
bool svi_stft_create(struct svi_stft **out, struct svi_device *device, struct svi_capture *capture,
                     const struct svi_stft_request *request, struct svi_error *err);
void svi_stft_destroy(struct svi_stft *stft); /* takes NULL */

enum { SVI_STFT_MAX_ACCUMULATORS = 8 };

/* Adds one, which must outlive the transform; at most SVI_STFT_MAX_ACCUMULATORS. */
bool svi_stft_feed(struct svi_stft *stft, struct svi_accumulator accumulator, struct svi_error *err);

/* What a pass feeds. */
struct svi_taker svi_stft_taker(struct svi_stft *stft);

/* Tells *end: the samples from `first` to before it were all in frames of the last turn whose power is finite, so that they are
 * finite too. It is `first` where nothing is known. For takers of the same pass; waits where turns are not waited for. */
bool svi_stft_finite_until(const struct svi_stft *stft, uint64_t first, uint64_t *end, struct svi_error *err);

const char *svi_stft_engine(const struct svi_stft *stft); /* "clfft", "fused" */

/* Bins that a transform of this length yields. */
uint32_t svi_stft_bins(uint32_t fft_size, bool one_sided);

#endif
