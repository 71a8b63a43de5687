/* waterfall - power over frequency and time, the first slice on top. A slice is one transform; slices touch unless hopSize says
 * otherwise, nothing is padded, and samples behind the last whole slice are left out. */
#include "visual/analysis.h"
#include "visual/stft_image.h"

static bool begin(struct svi_run *run, struct svi_error *err)
{
    uint64_t frames;
    if (!svi_run_whole_frames(run, "waterfall", &frames, err))
        return false;
    const double fft_size = run->values.at[SVI_PARAM_FFT_SIZE].number, hop_samples = run->values.at[SVI_PARAM_HOP_SIZE].number;
    const double rate_hz = run->recording->sample_rate_hz;
    /* A slice's pixels are as wide as the hop and lie around its middle: with hopSize = fftSize, exactly on its samples. */
    const double begin_samples = (fft_size - hop_samples) / 2;
    const struct svi_stft_image image = {
        .first_sample = 0,
        .frame_count = frames,
        .begin_s = begin_samples / rate_hz,
        .end_s = (begin_samples + (double)frames * hop_samples) / rate_hz,
        .time_on_x = false,
        .kind = "Waterfall",
    };
    return svi_stft_image_begin(run, &image, err);
}

const struct svi_visual svi_waterfall = {
    .name = "waterfall",
    .help = "power over frequency and time, first slice on top",
    .begin = begin,
    .draw = svi_stft_image_draw,
    .end = svi_stft_image_end,
};
