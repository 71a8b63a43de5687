/* stft.h - short-time Fourier transform of a recording: samples as stored in, a picture's cells of accumulated power out.
 *
 * Every frame enters a row and every bin a column; a cell holds the largest or the mean linear power of what entered it. Power is
 * |X|² of windowed amplitudes, not scaled by anything: the caller knows the window's gain and the unit. */
#ifndef SVI_DEVICE_STFT_H
#define SVI_DEVICE_STFT_H

#include "capture/capture.h"
#include "device/opencl.h"

enum svi_reduction { SVI_REDUCE_MAX, SVI_REDUCE_MEAN };

struct svi_stft_request {
    uint32_t fft_size;      /* SVI_FFT_LEAST … SVI_FFT_MOST, svi_fft_supports() */
    uint32_t hop_samples;   /* at least 1 */
    const float *window;    /* fft_size values */
    int64_t first_sample;   /* at which frame 0 begins; samples before 0 and behind the end read as 0 */
    uint64_t frame_count;   /* at least 1 */
    uint32_t channel;       /* 0 … channels - 1 */
    bool one_sided;         /* real samples: bins 0 … fft_size / 2, power of mirrored bins doubled */
    bool raw;               /* numbers as stored, not amplitudes at full scale 1 */
    uint32_t rows, columns; /* cells of time and frequency; at most frame_count and bins are made */
    enum svi_reduction reduction;
};

struct svi_stft_result {
    cl_mem cells; /* float2 [rows][columns], see kernels/accumulate_cells.cl: row 0 first in time, column 0 lowest in frequency */
    uint32_t rows, columns, bins;
    uint64_t frame_count;
    enum svi_reduction reduction;
    double *mean_power; /* [bins]: over all frames, linear, unscaled */
    double *max_power;  /* [bins] */
    uint64_t bytes_read;
    double read_s, upload_s, compute_s;
    const char *engine; /* "clfft" */
};

/* Called between batches with the share of frames done, 0…1; false ends the work with SVI_CANCELLED. */
typedef bool svi_stft_progress(void *self, double share);

/* engine: NULL or "auto" chooses; "clfft". The caller ends the result with svi_stft_clear. */
bool svi_stft_run(struct svi_stft_result *out, struct svi_device *device, struct svi_capture *capture,
                  const struct svi_stft_request *request, const char *engine, svi_stft_progress *progress, void *progress_self,
                  struct svi_error *err);
void svi_stft_clear(struct svi_stft_result *result);

/* Bins that a transform of this length yields. */
uint32_t svi_stft_bins(uint32_t fft_size, bool one_sided);

/* Levels in dB of all cells, 10 log10(max(power * gain, least)): float [rows][columns] in memory that the caller made. */
bool svi_stft_levels(struct svi_device *device, const struct svi_stft_result *result, double gain, double least, cl_mem level_db,
                     struct svi_error *err);

#endif
