/* waterfall - power over frequency and time, the first slice on top. A slice is one transform; slices touch unless hopSize says
 * otherwise, nothing is padded, and samples behind the last whole slice are left out. */
#include "visual/analysis.h"
#include "visual/slice_file.h"
#include "visual/stft_image.h"

/* The same as data, where it is asked for. */
static bool begin_slices(struct svi_run *run, struct svi_error *err)
{
    struct svi_slice_file *file = NULL;
    if (!run->values.at[SVI_PARAM_SLICES].on)
        return true;
    bool ok = svi_slice_file_begin(&file, run, err);
    *svi_stft_image_beside(run) = file;
    return ok;
}

static bool begin(struct svi_run *run, struct svi_error *err)
{
    uint64_t frames;
    if (!svi_run_whole_frames(run, "waterfall", &frames, err) || !svi_run_check_transform(run, err)
        || (run->values.at[SVI_PARAM_SLICES].on && !svi_slice_file_check(run, err)))
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
    return svi_stft_image_begin(run, &image, err) && begin_slices(run, err);
}

static bool draw(struct svi_run *run, struct svi_error *err)
{
    struct svi_slice_file *slices = *svi_stft_image_beside(run);
    return svi_stft_image_draw(run, err) && (!slices || svi_slice_file_finish(slices, err));
}

static void end(struct svi_run *run)
{
    svi_slice_file_end(*svi_stft_image_beside(run));
    svi_stft_image_end(run);
}

const struct svi_visual svi_waterfall = {
    .name = "waterfall",
    .help = "power over frequency and time, first slice on top",
    .begin = begin,
    .draw = draw,
    .end = end,
    .of_sweeps = &svi_sweep_waterfall,
};
