/* waterfall - power over frequency and time, the first slice on top. A slice is one transform; slices touch unless hopSize says
 * otherwise, nothing is padded, and samples behind the last whole slice are left out. */
#include "visual/stft_image.h"

static bool draw(struct svi_run *run, struct svi_error *err)
{
    const struct svi_recording *recording = run->recording;
    const uint32_t fft_size = (uint32_t)run->values.at[SVI_PARAM_FFT_SIZE].number;
    svi_values_default_number(&run->values, SVI_PARAM_HOP_SIZE, fft_size);
    svi_values_default_text(&run->values, SVI_PARAM_WINDOW, "hann");
    const uint32_t hop_samples = (uint32_t)run->values.at[SVI_PARAM_HOP_SIZE].number;
    const uint64_t samples = recording->sample_count;

    if (samples < fft_size - fft_size / 2)
        return svi_fail(
            err, SVI_BAD_RECORDING,
            "The recording has %llu samples, but a waterfall with fftSize %u needs at least %u. Choose a smaller fftSize.",
            (unsigned long long)samples, fft_size, fft_size - fft_size / 2);
    if (samples < fft_size)
        svi_warn(&run->warnings, "The recording has %llu samples, less than one slice of %u: zeros were added.",
                 (unsigned long long)samples, fft_size);
    const uint64_t frames = samples < fft_size ? 1 : (samples - fft_size) / hop_samples + 1;
    /* A slice's pixels are as wide as the hop and lie around its middle: with hopSize = fftSize, exactly on its samples. */
    const double begin_samples = ((double)fft_size - hop_samples) / 2;
    const struct svi_stft_image image = {
        .first_sample = 0,
        .frame_count = frames,
        .begin_s = begin_samples / recording->sample_rate_hz,
        .end_s = (begin_samples + (double)frames * hop_samples) / recording->sample_rate_hz,
        .time_on_x = false,
        .kind = "Waterfall",
    };
    return svi_stft_image_draw(run, &image, err);
}

const struct svi_visual svi_waterfall = {
    .name = "waterfall",
    .help = "power over frequency and time, first slice on top",
    .draw = draw,
};
