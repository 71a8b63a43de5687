/* slices.h - which slices the platform's spectrogram has: those of SciPy's ShortTimeFFT, by which it is made.
 *
 * Slice p is centred on sample p · hop: it holds the samples p · hop - floor(N/2) … + N - 1, padded with zeros outside the
 * recording. Checked against SciPy by tests/data/stft/ranges.h. */
#ifndef SVI_VISUAL_SLICES_H
#define SVI_VISUAL_SLICES_H

#include <stdbool.h>
#include <stdint.h>

struct svi_slices {
    int64_t first, end; /* p runs from first to before end */
};

/* zeros: leading values of the window whose square is 0 in double precision (svi_gaussian_zeros; 0 for all other windows).
 * false: the recording is shorter than half a window, ceil(N/2) samples. */
bool svi_slices_of(uint64_t sample_count, uint32_t fft_size, uint32_t hop_samples, uint32_t zeros, struct svi_slices *out);

/* For the symmetric Gaussian window of this standard deviation. */
uint32_t svi_gaussian_zeros(uint32_t fft_size, double sigma_samples);

#endif
