/* spectrogram - power over time and frequency with the platform's window, slices and padding (see slices.h). Time to the right.
 *
 * With units=compat the numbers and the extent of the axes are the platform's own, which shows a slice from its centre onwards;
 * else a slice's pixels are centred on its time. */
#include "visual/scale.h"
#include "visual/slices.h"
#include "visual/stft_image.h"

#include <string.h>

static bool begin(struct svi_run *run, struct svi_error *err)
{
    const struct svi_recording *recording = run->recording;
    svi_values_default_number(&run->values, SVI_PARAM_HOP_SIZE, 500);
    svi_values_default_text(&run->values, SVI_PARAM_WINDOW, "gaussian");
    const uint32_t fft_size = (uint32_t)run->values.at[SVI_PARAM_FFT_SIZE].number;
    const uint32_t hop_samples = (uint32_t)run->values.at[SVI_PARAM_HOP_SIZE].number;
    const bool gaussian = !strcmp(run->values.at[SVI_PARAM_WINDOW].text, "gaussian");
    const uint32_t zeros = gaussian ? svi_gaussian_zeros(fft_size, run->values.at[SVI_PARAM_STD_DEV].number) : 0;

    struct svi_slices slices;
    if (!svi_slices_of(recording->sample_count, fft_size, hop_samples, zeros, &slices))
        return svi_fail(
            err, SVI_BAD_RECORDING,
            "The recording has %llu samples, but a spectrogram with fftSize %u needs at least %u. Choose a smaller fftSize.",
            (unsigned long long)recording->sample_count, fft_size, fft_size - fft_size / 2);
    const double hop_s = hop_samples / recording->sample_rate_hz, centering = svi_run_compat(run) ? 0 : 0.5;
    const struct svi_stft_image image = {
        .first_sample = slices.first * (int64_t)hop_samples - fft_size / 2,
        .frame_count = (uint64_t)(slices.end - slices.first),
        .begin_s = ((double)slices.first - centering) * hop_s,
        .end_s = ((double)slices.end - centering) * hop_s,
        .time_on_x = true,
        .kind = "Spectrogram",
    };
    return svi_stft_image_begin(run, &image, err);
}

const struct svi_visual svi_spectrogram = {
    .name = "spectrogram",
    .help = "power over time and frequency, time to the right",
    .begin = begin,
    .draw = svi_stft_image_draw,
    .end = svi_stft_image_end,
};
