#include "visual/analysis.h"

#include "device/fft.h"
#include "visual/number.h"
#include "visual/peaks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct svi_value *value(const struct svi_run *run, enum svi_param param)
{
    return &run->values.at[param];
}

bool svi_run_whole_frames(struct svi_run *run, const char *what, uint64_t *frame_count, struct svi_error *err)
{
    const uint32_t fft_size = (uint32_t)value(run, SVI_PARAM_FFT_SIZE)->number;
    svi_values_default_number(&run->values, SVI_PARAM_HOP_SIZE, fft_size);
    svi_values_default_text(&run->values, SVI_PARAM_WINDOW, "hann");
    const uint32_t hop_samples = (uint32_t)value(run, SVI_PARAM_HOP_SIZE)->number;
    const uint64_t samples = run->recording->sample_count;
    if (samples < fft_size - fft_size / 2)
        return svi_fail(err, SVI_BAD_RECORDING,
                        "The recording has %llu samples, but a %s with fftSize %u needs at least %u. Choose a smaller fftSize.",
                        (unsigned long long)samples, what, fft_size, fft_size - fft_size / 2);
    if (samples < fft_size)
        svi_warn(&run->warnings, "The recording has %llu samples, less than one slice of %u: zeros were added.",
                 (unsigned long long)samples, fft_size);
    *frame_count = samples < fft_size ? 1 : (samples - fft_size) / hop_samples + 1;
    return true;
}

static double window_shape(const struct svi_run *run)
{
    bool kaiser = !strcmp(value(run, SVI_PARAM_WINDOW)->text, "kaiser");
    return value(run, kaiser ? SVI_PARAM_KAISER_BETA : SVI_PARAM_STD_DEV)->number;
}

static bool fill_window(struct svi_analysis *analysis, struct svi_error *err)
{
    const struct svi_run *run = analysis->run;
    const uint32_t length = (uint32_t)value(run, SVI_PARAM_FFT_SIZE)->number;
    const char *name = value(run, SVI_PARAM_WINDOW)->text;
    analysis->window = calloc(length, sizeof *analysis->window);
    if (!analysis->window)
        return svi_fail_memory(err, length * sizeof *analysis->window);
    return svi_window_fill(name, window_shape(run), length, analysis->window, &analysis->window_gain)
           || svi_fail(err, SVI_BUG, "The window \"%s\" is listed but unknown.", name);
}

bool svi_run_check_transform(const struct svi_run *run, struct svi_error *err)
{
    const uint32_t fft_size = (uint32_t)value(run, SVI_PARAM_FFT_SIZE)->number;
    if (!svi_fft_supports(fft_size)) {
        uint32_t below, above;
        svi_fft_neighbours(fft_size, &below, &above);
        return svi_fail(
            err, SVI_BAD_PARAMETER,
            "The parameter fftSize is %u, but lengths must be products of 2, 3, 5, 7, 11 and 13; the nearest are %u and %u.",
            fft_size, below, above);
    }
    return svi_run_check_channel(run, err);
}

static void check_segments(struct svi_run *run)
{
    const struct svi_recording *recording = run->recording;
    size_t changes = 0;
    for (size_t i = 1; i < recording->segment_count; i++)
        changes += svi_recording_retunes(recording, i);
    if (changes)
        svi_warn(&run->warnings,
                 "The center frequency changes %zu time%s: frequencies are offsets from each center, and pictures without time add "
                 "the tunings up.",
                 changes, changes == 1 ? "" : "s");
}

bool svi_analysis_begin(struct svi_analysis *out, struct svi_run *run, struct svi_error *err)
{
    *out = (struct svi_analysis){ .run = run };
    if (!svi_run_check_transform(run, err))
        return false;
    check_segments(run);
    return fill_window(out, err) && svi_band_of(&out->band, run, err) && svi_scale_of(&out->scale, run, &out->window_gain, err);
}

/* Samples that no frame holds where frames do not touch. Only the first one can begin before the recording, the last one end
 * behind. */
static double percent_between(const struct svi_stft_request *request, uint64_t sample_count)
{
    const int64_t size = request->fft_size, all = (int64_t)sample_count;
    const int64_t last_end = request->first_sample + (int64_t)((request->frame_count - 1) * request->hop_samples) + size;
    int64_t held = (int64_t)request->frame_count * size;
    held -= request->first_sample < 0 ? -request->first_sample : 0;
    held -= last_end > all ? last_end - all : 0;
    return 100 * (double)(all - held) / (double)all;
}

static void warn_of_samples_between(struct svi_analysis *analysis, const struct svi_stft_request *request)
{
    struct svi_run *run = analysis->run;
    if (request->hop_samples <= request->fft_size)
        return;
    analysis->between_percent = percent_between(request, run->recording->sample_count);
    if (analysis->between_percent > 0)
        svi_warn(&run->warnings,
                 "%.3g %% of the samples lie between slices and are not looked at: hopSize %u is larger than fftSize %u.",
                 analysis->between_percent, request->hop_samples, request->fft_size);
}

bool svi_analysis_frames(struct svi_analysis *analysis, int64_t first_sample, uint64_t frame_count, struct svi_error *err)
{
    struct svi_run *run = analysis->run;
    const struct svi_stft_request request = {
        .fft_size = (uint32_t)value(run, SVI_PARAM_FFT_SIZE)->number,
        .hop_samples = (uint32_t)value(run, SVI_PARAM_HOP_SIZE)->number,
        .window = analysis->window,
        .first_sample = first_sample,
        .frame_count = frame_count,
        .channel = (uint32_t)value(run, SVI_PARAM_CHANNEL)->number,
        .one_sided = analysis->band.one_sided,
        .raw = svi_run_compat(run),
        .engine = run->request->stft,
    };
    warn_of_samples_between(analysis, &request);
    return svi_plan_stft(run->plan, &request, &analysis->planned, err)
           && (!svi_datatype_is_float(run->recording->datatype)
               || svi_plan_count(run->plan, request.channel, &analysis->count, err));
}

bool svi_analysis_feed(struct svi_analysis *analysis, struct svi_accumulator accumulator, struct svi_error *err)
{
    return svi_stft_feed(analysis->planned.stft, accumulator, err);
}

static bool is_double(const struct svi_run *run)
{
    return svi_datatype_is_float(run->recording->datatype) && run->recording->datatype->part_bytes == sizeof(double);
}

/* More slices than so many samples can be in: others are lost because their power overflows. */
static bool some_overflow(const struct svi_analysis *analysis, uint64_t not_finite)
{
    const double fft_size = value(analysis->run, SVI_PARAM_FFT_SIZE)->number,
                 hop = value(analysis->run, SVI_PARAM_HOP_SIZE)->number;
    return (double)analysis->lost > (double)not_finite * ceil(fft_size / hop);
}

/* One sample that is not finite spoils all slices that it is in. */
static void warn_of_lost_slices(const struct svi_analysis *analysis, const struct svi_sample_statistics *count)
{
    struct svi_run *run = analysis->run;
    const char *datatype = run->recording->datatype->name;
    const unsigned long long slices = analysis->lost;
    if (count->not_finite)
        svi_warn(&run->warnings, "%llu of %llu samples are not finite%s; %llu slices with them%s are left out. Is the datatype %s?",
                 (unsigned long long)count->not_finite, (unsigned long long)count->finite + count->not_finite,
                 is_double(run) ? " in single precision" : "", slices,
                 some_overflow(analysis, count->not_finite) ? ", or with samples so large that their power is not," : "", datatype);
    else if (slices)
        svi_warn(&run->warnings,
                 "Samples are so large that the power of %llu slices is not finite; they are left out. Is the datatype "
                 "%s?",
                 slices, datatype);
}

static bool look_for_lost_samples(struct svi_analysis *analysis, struct svi_error *err)
{
    struct svi_sample_statistics count;
    if (!analysis->count)
        return true;
    if (!svi_sample_sums_read(analysis->count, &count, err))
        return false;
    analysis->not_finite = count.not_finite;
    analysis->run->statistics = json_pack("{s:I, s:I}", "samples", (json_int_t)count.finite, "not_finite",
                                          (json_int_t)count.not_finite);
    warn_of_lost_slices(analysis, &count);
    return true;
}

bool svi_analysis_finish(struct svi_analysis *analysis, struct svi_error *err)
{
    if (analysis->run->sweeps)
        return true; /* there was nothing to wait for */
    analysis->run->engine = svi_stft_engine(analysis->planned.stft);
    if (!svi_spectrum_read(analysis->planned.spectrum, &analysis->power, err))
        return false;
    analysis->seen = svi_spectrum_frames(analysis->planned.spectrum);
    analysis->lost = svi_spectrum_lost(analysis->planned.spectrum);
    return look_for_lost_samples(analysis, err);
}

uint64_t svi_analysis_frames_seen(const struct svi_analysis *analysis)
{
    return analysis->run->sweeps ? analysis->row_count : analysis->seen;
}

void svi_analysis_count(char *into, size_t size, const struct svi_analysis *analysis)
{
    const unsigned long long frames = svi_analysis_frames_seen(analysis);
    const bool one = frames == 1;
    svi_format(into, size, ", %llu %s", frames, analysis->run->sweeps ? (one ? "spectrum" : "spectra") : one ? "slice" : "slices");
}

void svi_analysis_end(struct svi_analysis *analysis)
{
    svi_spectrum_power_clear(&analysis->power);
    free(analysis->window);
}

struct svi_figure_axis svi_analysis_frequency_axis(const struct svi_analysis *analysis)
{
    const struct svi_band *band = &analysis->band;
    const char *label = band->tunings > 1                ? "Offset from each center"
                        : band->radio || band->one_sided ? "Frequency"
                                                         : "Baseband frequency";
    return (struct svi_figure_axis){ .label = label, .unit = "Hz", .at_start = band->low_hz, .at_end = band->high_hz };
}

/* " · 3 tunings from 915 MHz" */
static void add_tunings(char *made, size_t size, const struct svi_analysis *analysis)
{
    char center[40] = "an unknown one";
    const double first_hz = analysis->run->recording->segments[0].center_frequency_hz;
    const size_t length = strlen(made);
    if (!isnan(first_hz))
        svi_number_hertz(center, sizeof center, first_hz);
    svi_format(made + length, size - length, " · %zu tunings from %s", analysis->band.tunings, center);
}

void svi_analysis_footer(const struct svi_analysis *analysis, const char *more)
{
    struct svi_run *run = analysis->run;
    const char *window = value(run, SVI_PARAM_WINDOW)->text;
    char shape[48] = "", between[48] = "", made[280];
    if (run->sweeps) {
        char step[40];
        svi_number_hertz(step, sizeof step, analysis->band.bin_hz);
        svi_format(made, sizeof made, "bins of %s%s · %s", step, more, analysis->scale.unit);
        svi_run_footer(run, made);
        return;
    }
    if (!strcmp(window, "gaussian"))
        svi_format(shape, sizeof shape, " σ %.6g", window_shape(run));
    else if (!strcmp(window, "kaiser"))
        svi_format(shape, sizeof shape, " β %.6g", window_shape(run));
    if (analysis->between_percent > 0)
        svi_format(between, sizeof between, " (%.3g %% of samples between slices)", analysis->between_percent);
    svi_format(made, sizeof made, "FFT %.0f, %s%s, hop %.0f%s%s · %s", value(run, SVI_PARAM_FFT_SIZE)->number, window, shape,
               value(run, SVI_PARAM_HOP_SIZE)->number, between, more, analysis->scale.unit);
    if (analysis->band.tunings > 1)
        add_tunings(made, sizeof made, analysis);
    svi_run_footer(run, made);
}

static void summarize_peaks(struct svi_analysis *analysis, const double *spectrum)
{
    const struct svi_band *band = &analysis->band;
    const double *shown = spectrum + band->first_bin;
    struct svi_peak peaks[SVI_MAX_PEAKS];
    size_t count = svi_peaks_find(shown, band->bin_count, svi_noise_floor(shown, band->bin_count), peaks);
    analysis->run->peaks = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(analysis->run->peaks,
                              json_pack("{s:o, s:o, s:o}", "frequency_hz",
                                        svi_summary_number(svi_band_hz(band, band->first_bin + peaks[i].bin)), "power_db",
                                        svi_summary_number(svi_scale_db(&analysis->scale, peaks[i].power)), "bandwidth_hz",
                                        svi_summary_number(peaks[i].bandwidth_bins * band->bin_hz)));
}

static const char *why_nothing_is_shown(const struct svi_analysis *analysis)
{
    if (!analysis->lost)
        return "All slices that are shown touch gaps of the recording.";
    if (!analysis->not_finite)
        return "No slice is shown: in each there are samples so large that their power is not finite.";
    return some_overflow(analysis, analysis->not_finite)
               ? "No slice is shown: in each there are samples that are not finite, or too large."
               : "No slice is shown: in each there are samples that are not finite.";
}

void svi_analysis_summarize(struct svi_analysis *analysis, const struct svi_level_range *range, const double *spectrum)
{
    struct svi_run *run = analysis->run;
    const struct svi_scale *scale = &analysis->scale;
    const struct svi_level_range none = { NAN, NAN, NAN, NAN, NAN }, *shown = svi_analysis_frames_seen(analysis) ? range : &none;
    const double *mean = analysis->power.mean + analysis->band.first_bin;
    const size_t bins = analysis->band.bin_count;
    double sum = 0, count = 0;
    for (size_t i = 0; i < bins; i++) {
        const bool hole = run->sweeps && isnan(mean[i]);
        sum += hole ? 0 : mean[i];
        count += !hole;
    }
    if (!svi_analysis_frames_seen(analysis))
        svi_warn(&run->warnings, "%s", why_nothing_is_shown(analysis));
    else if (sum == 0)
        svi_warn(&run->warnings, "The recording is silent: all samples that are shown are 0.");
    run->power = json_pack("{s:s, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o}}", "unit", scale->unit, "min",
                           svi_summary_number(shown->min_db), "max", svi_summary_number(shown->max_db), "mean",
                           svi_summary_number(svi_scale_db(scale, sum / count)), "noise_floor",
                           svi_summary_number(svi_scale_db(scale, svi_noise_floor(mean, bins))), "percentiles", "1",
                           svi_summary_number(shown->percentile_1_db), "50", svi_summary_number(shown->percentile_50_db), "99",
                           svi_summary_number(shown->percentile_99_db));
    if (run->sweeps)
        json_object_set_new(run->power, "bin_hz", json_real(analysis->band.bin_hz));
    else
        json_object_update_new(run->power, json_pack("{s:s, s:f, s:f}", "window", value(run, SVI_PARAM_WINDOW)->text, "enbw_bins",
                                                     analysis->window_gain.enbw_bins, "rbw_hz",
                                                     analysis->window_gain.enbw_bins * analysis->band.bin_hz));
    summarize_peaks(analysis, spectrum);
}
