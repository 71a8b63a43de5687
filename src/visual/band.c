#include "visual/band.h"

#include "device/stft.h"
#include "visual/scale.h"

#include <math.h>
#include <string.h>

static const struct svi_value *value(const struct svi_run *run, enum svi_param param)
{
    return &run->values.at[param];
}

bool svi_band_zoom(struct svi_band *band, const struct svi_run *run, struct svi_error *err)
{
    const struct svi_value *least = value(run, SVI_PARAM_MIN_FREQUENCY), *most = value(run, SVI_PARAM_MAX_FREQUENCY);
    const double low_hz = least->given ? least->number : band->low_hz, high_hz = most->given ? most->number : band->high_hz;
    if (least->given && most->given && !(low_hz < high_hz))
        return svi_fail(err, SVI_BAD_PARAMETER, "The parameter minFrequency (%.10g Hz) must be less than maxFrequency (%.10g Hz).",
                        low_hz, high_hz);
    if ((least->given != most->given) && (high_hz <= band->low_hz || low_hz >= band->high_hz))
        return svi_fail(
            err, SVI_BAD_PARAMETER, "The parameter %s is %.10g Hz, but the axis of this recording goes from %.10g to %.10g Hz.",
            least->given ? "minFrequency" : "maxFrequency", least->given ? low_hz : high_hz, band->low_hz, band->high_hz);
    if (high_hz <= band->low_hz || low_hz >= band->high_hz)
        return svi_fail(
            err, SVI_BAD_PARAMETER,
            "The parameters minFrequency and maxFrequency ask for %.10g to %.10g Hz, but the recording shows %.10g to %.10g Hz.",
            low_hz, high_hz, band->low_hz, band->high_hz);
    /* An end that is not given is the band's own: far from 0 Hz its frequency may be off by bins. */
    const double last = band->bins - 1.0, first = least->given ? (low_hz - band->low_hz) / band->bin_hz : 0,
                 end = most->given ? (high_hz - band->low_hz) / band->bin_hz : band->bins;
    const double first_bin = fmin(fmax(floor(first + 1e-9), 0), last), last_bin = fmin(fmax(ceil(end - 1e-9) - 1, first_bin), last);
    band->first_bin = (uint32_t)first_bin;
    band->bin_count = (uint32_t)(last_bin - first_bin) + 1;
    band->high_hz = band->low_hz + (last_bin + 1) * band->bin_hz;
    band->low_hz += first_bin * band->bin_hz;
    return true;
}

bool svi_band_of(struct svi_band *out, const struct svi_run *run, struct svi_error *err)
{
    const struct svi_recording *recording = run->recording;
    const uint32_t fft_size = (uint32_t)value(run, SVI_PARAM_FFT_SIZE)->number;
    const bool compat = svi_run_compat(run), baseband = !strcmp(value(run, SVI_PARAM_FREQUENCY_AXIS)->text, "baseband");
    const double center_hz = recording->segments[0].center_frequency_hz;
    const bool one_sided = recording->datatype->parts == 1 && !compat;
    const int64_t first_bin = one_sided ? 0 : -(int64_t)(fft_size / 2);
    size_t tunings = 1;
    for (size_t i = 1; i < recording->segment_count; i++)
        tunings += svi_recording_retunes(recording, i);
    *out = (struct svi_band){
        .one_sided = one_sided,
        .tunings = tunings,
        .radio = !baseband && tunings == 1 && !isnan(center_hz),
        .bins = svi_stft_bins(fft_size, one_sided),
        .bin_count = svi_stft_bins(fft_size, one_sided),
        .bin_hz = recording->sample_rate_hz / fft_size,
        .middle = compat ? 0 : 0.5,
    };
    out->low_hz = (out->radio ? center_hz : 0) + ((double)first_bin - out->middle) * out->bin_hz;
    out->high_hz = out->low_hz + out->bins * out->bin_hz;
    if (!(out->low_hz < out->high_hz))
        return svi_fail(
            err, SVI_BAD_RECORDING,
            "The center frequency of %.10g Hz is too far from 0 to tell frequencies apart that lie within %.10g Hz, the "
            "sample rate.",
            center_hz, recording->sample_rate_hz);
    return svi_band_zoom(out, run, err);
}

double svi_band_hz(const struct svi_band *band, double bin)
{
    return band->low_hz + (bin - band->first_bin + band->middle) * band->bin_hz;
}
