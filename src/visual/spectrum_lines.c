#include "visual/spectrum_lines.h"

#include "visual/number.h"

#include <math.h>
#include <stdlib.h>

static const struct {
    const char *name;
    struct svi_color color;
    double width;
    bool halo; /* where lines lie over a picture; min-hold is too rough for one */
} rows[SVI_SPECTRUM_LINES] = {
    { "Max hold", { 226, 87, 76 }, 1.2, true },
    { "Mean", { 41, 128, 201 }, 1.6, true },
    { "Min hold", { 140, 140, 140 }, 0.8, false },
};

/* "440.25 MHz, −10.0 dBFS": the frequency to a tenth of a bin, or the next power of ten above; finer digits would be made up. */
static void label_peak(char *into, size_t size, double frequency_hz, double bin_hz, double level_db, const char *unit)
{
    char frequency[48], level[32];
    const char *prefix;
    const double factor = svi_number_si(frequency_hz, &prefix);
    const int decimals = svi_number_exponent(10 * factor / bin_hz);
    svi_number_fixed(frequency, sizeof frequency, frequency_hz / factor, decimals < 0 ? 0 : decimals > 9 ? 9 : decimals);
    svi_number_fixed(level, sizeof level, level_db, 1);
    svi_format(into, size, "%s %sHz, %s %s", frequency, prefix, level, unit);
}

static void mark_peaks(struct svi_spectrum_lines *out, const struct svi_analysis *analysis)
{
    const struct svi_band *band = &analysis->band;
    const double *shown = analysis->power.max + band->first_bin;
    struct svi_peak peaks[SVI_MAX_PEAKS];
    out->mark_count = svi_peaks_find(shown, band->bin_count, svi_noise_floor(shown, band->bin_count), peaks);
    for (size_t i = 0; i < out->mark_count; i++) {
        const double frequency_hz = svi_band_hz(band, band->first_bin + peaks[i].bin);
        const double level_db = svi_scale_db(&analysis->scale, peaks[i].power);
        label_peak(out->mark_labels[i], sizeof out->mark_labels[i], frequency_hz, band->bin_hz, level_db, analysis->scale.unit);
        out->marks[i] = (struct svi_figure_mark){ frequency_hz, level_db, out->mark_labels[i], rows[0].color };
    }
}

/* One point for the bins [begin, end) of the band. */
static void set_point(struct svi_spectrum_lines *out, const struct svi_analysis *analysis, size_t point, size_t begin, size_t end)
{
    const struct svi_spectrum_power *power = &analysis->power;
    const size_t first = analysis->band.first_bin;
    double most = NAN, sum = 0, least = NAN, count = 0; /* bins that nothing was measured of are NAN */
    for (size_t bin = first + begin; bin < first + end; bin++) {
        most = fmax(most, power->max[bin]);
        least = fmin(least, power->min[bin]);
        sum += isnan(power->mean[bin]) ? 0 : power->mean[bin];
        count += !isnan(power->mean[bin]);
    }
    out->frequency_hz[point] = svi_band_hz(&analysis->band, (double)first + ((double)begin + (double)end - 1) / 2);
    if (!svi_analysis_frames_seen(analysis)) /* nothing was held */
        most = least = NAN;
    out->level_db[0][point] = svi_scale_db(&analysis->scale, most);
    out->level_db[1][point] = svi_scale_db(&analysis->scale, count > 0 ? sum / count : NAN);
    out->level_db[2][point] = svi_scale_db(&analysis->scale, least);
}

/* A line through a single point would not be seen. */
static void stretch(struct svi_spectrum_lines *out, const struct svi_band *band)
{
    out->frequency_hz[0] = band->low_hz;
    out->frequency_hz[1] = band->high_hz;
    for (size_t line = 0; line < SVI_SPECTRUM_LINES; line++)
        out->level_db[line][1] = out->level_db[line][0];
}

bool svi_spectrum_lines_make(struct svi_spectrum_lines *out, const struct svi_analysis *analysis, uint32_t pixels,
                             const struct svi_color *halo, struct svi_error *err)
{
    const size_t bins = analysis->band.bin_count;
    *out = (struct svi_spectrum_lines){ .count = bins < 2 * (size_t)pixels ? bins : pixels };
    const size_t drawn = out->count == 1 ? 2 : out->count; /* of one bin alone, both edges */
    out->frequency_hz = calloc(drawn, sizeof *out->frequency_hz);
    bool ok = out->frequency_hz != NULL;
    for (size_t line = 0; line < SVI_SPECTRUM_LINES; line++) {
        out->level_db[line] = calloc(drawn, sizeof *out->level_db[line]);
        ok = ok && out->level_db[line];
        out->lines[line] = (struct svi_figure_line){
            .x = out->frequency_hz,
            .y = out->level_db[line],
            .count = drawn,
            .color = rows[line].color,
            .width = rows[line].width,
            .name = rows[line].name,
            .halo = rows[line].halo ? halo : NULL,
        };
    }
    if (!ok)
        return svi_fail_memory(err, drawn * sizeof *out->frequency_hz);
    for (size_t point = 0; point < out->count; point++)
        set_point(out, analysis, point, point * bins / out->count, (point + 1) * bins / out->count);
    if (drawn > out->count)
        stretch(out, &analysis->band);
    mark_peaks(out, analysis);
    return true;
}

void svi_spectrum_lines_clear(struct svi_spectrum_lines *lines)
{
    free(lines->frequency_hz);
    for (size_t line = 0; line < SVI_SPECTRUM_LINES; line++)
        free(lines->level_db[line]);
    *lines = (struct svi_spectrum_lines){ 0 };
}
