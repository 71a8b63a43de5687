#include "visual/sweep_analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct svi_value *value(const struct svi_run *run, enum svi_param param)
{
    return &run->values.at[param];
}

/* ---- what is shown ---- */

static void warn_of_unused(struct svi_run *run)
{
    static const enum svi_param of_samples[] = { SVI_PARAM_FFT_SIZE, SVI_PARAM_HOP_SIZE,    SVI_PARAM_WINDOW,
                                                 SVI_PARAM_DATATYPE, SVI_PARAM_SAMPLE_RATE, SVI_PARAM_CENTER_FREQUENCY,
                                                 SVI_PARAM_STD_DEV,  SVI_PARAM_KAISER_BETA, SVI_PARAM_FREQUENCY_AXIS };
    char list[200] = "";
    for (size_t i = 0, used = 0; i < sizeof of_samples / sizeof *of_samples; i++, used = strlen(list))
        if (value(run, of_samples[i])->given)
            svi_format(list + used, sizeof list - used, "%s%s", used ? ", " : "", svi_param_key(of_samples[i]));
    if (*list)
        svi_warn(&run->warnings, "%s holds power spectra, not samples: not used were %s.", run->name, list);
}

static bool set_scale(struct svi_scale *scale, struct svi_run *run, struct svi_error *err)
{
    const bool watts = run->sweeps->watts;
    const struct svi_value *calibration = value(run, SVI_PARAM_CALIBRATION);
    svi_values_default_text(&run->values, SVI_PARAM_UNITS, watts ? "dbm" : "compat");
    const char *units = value(run, SVI_PARAM_UNITS)->text;
    *scale = (struct svi_scale){ .label = "Power", .unit = "dBm", .gain = 1000, .least = 1e-30 };
    if (watts && !strcmp(units, "dbm")) {
        if (calibration->given)
            svi_warn(&run->warnings, "%s holds watts: calibration was not used.", run->name);
        return true;
    }
    if (watts)
        return svi_fail(err, SVI_BAD_PARAMETER,
                        "The parameter units is %s, but %s holds watts without a full scale. Use units=dbm.", units, run->name);
    if (!strcmp(units, "compat")) {
        scale->unit = "dB";
        scale->gain = 1;
        return true;
    }
    if (!strcmp(units, "dbm") && calibration->given) {
        scale->gain = pow(10, calibration->number / 10);
        return true;
    }
    return svi_fail(
        err, SVI_BAD_PARAMETER,
        "The parameter units is %s, but %s does not say what its levels are relative to. Use units=compat, which shows them as "
        "they are, or units=dbm with calibration: the dBm of a level of 0 dB.",
        units, run->name);
}

static bool choose_rows(struct svi_analysis *analysis, struct svi_error *err)
{
    const struct svi_run *run = analysis->run;
    const struct svi_value *start = value(run, SVI_PARAM_START), *duration = value(run, SVI_PARAM_DURATION);
    const double end_s = duration->given ? start->number + duration->number : INFINITY;
    const size_t rows = run->sweeps->row_count;
    while (analysis->first_row < rows && svi_sweeps_seconds(run->sweeps, analysis->first_row) < start->number)
        analysis->first_row++;
    size_t end = analysis->first_row;
    while (end < rows && svi_sweeps_seconds(run->sweeps, end) < end_s)
        end++;
    analysis->row_count = end - analysis->first_row;
    return analysis->row_count
           || svi_fail(
               err, SVI_BAD_PARAMETER,
               "The parameters start and duration ask for %.10g to %.10g s, in which no spectrum begins; the last one begins "
               "at %.10g s.",
               start->number, end_s, svi_sweeps_seconds(run->sweeps, rows - 1));
}

/* Many wide rows beside one of very narrow bins would be added up for hours: the least width of bins with which all rows together
 * touch at most MOST_TOUCHED of them, which is four times as many as rows of equal bins can. */
static double least_step_hz(const struct svi_sweeps *sweeps)
{
    enum { MOST_TOUCHED = 4 * SVI_SWEEPS_MOST_VALUES };
    double sum_hz = 0;
    for (size_t i = 0; i < sweeps->row_count; i++)
        sum_hz += (double)sweeps->rows[i].count * sweeps->rows[i].step_hz;
    return sum_hz / MOST_TOUCHED;
}

/* As many whole bins as reach over all rows, where those of the narrowest are; where they would be too many, wider ones. */
static void set_band(struct svi_band *band, const struct svi_sweeps *sweeps)
{
    const struct svi_sweeps_span span = svi_sweeps_span(sweeps);
    const double least_hz = least_step_hz(sweeps);
    double step_hz = span.step_hz, low_hz = span.finest_hz - ceil((span.finest_hz - span.low_hz) / step_hz - 1e-6) * step_hz;
    double bins = fmax(ceil((span.high_hz - low_hz) / step_hz - 1e-6), 1);
    if (bins > SVI_SWEEPS_MOST_BINS || step_hz < least_hz) {
        bins = fmin(fmax(floor((span.high_hz - span.low_hz) / least_hz), 1), SVI_SWEEPS_MOST_BINS);
        low_hz = span.low_hz;
        step_hz = (span.high_hz - low_hz) / bins;
    }
    *band = (struct svi_band){ .tunings = 1,
                               .radio = true,
                               .bins = (uint32_t)bins,
                               .bin_count = (uint32_t)bins,
                               .bin_hz = step_hz,
                               .middle = 0.5,
                               .low_hz = low_hz,
                               .high_hz = low_hz + bins * step_hz };
}

/* ---- cells ---- */

/* The least whole number that is not below x, or what is next to the cells 0 … most - 1. */
static int64_t round_up(double x, int64_t most)
{
    if (!(x > -1))
        return -1;
    if (x >= (double)most + 1)
        return most + 1;
    const int64_t whole = (int64_t)x;
    return whole + ((double)whole < x);
}

static size_t within(int64_t cell, int64_t most)
{
    return (size_t)(cell < 0 ? 0 : cell > most ? most : cell);
}

struct svi_sweep_cells svi_sweep_cells_of(double low, double step, size_t count, double from, double to)
{
    const int64_t most = (int64_t)count;
    const double tie = 0.5 + 1e-6; /* edges that fall on a middle do so for both neighbors */
    int64_t begin = round_up((from - low) / step - tie, most), end = round_up((to - low) / step - tie, most);
    if (begin >= end) {
        const double middle = ((from + to) / 2 - low) / step;
        begin = round_up(middle, most);
        begin -= (double)begin > middle;
        end = begin + 1;
    }
    return (struct svi_sweep_cells){ within(begin, most), within(end, most) };
}

struct svi_sweep_cells svi_sweep_cells_of_bin(double low_hz, double step_hz, size_t count, const struct svi_sweep *row, size_t bin)
{
    const double from_hz = row->first_hz + ((double)bin - 0.5) * row->step_hz;
    return svi_sweep_cells_of(low_hz, step_hz, count, from_hz, from_hz + row->step_hz);
}

/* ---- spectrum ---- */

static bool make_power(struct svi_spectrum_power *power, size_t bins, struct svi_error *err)
{
    power->mean = malloc(bins * sizeof *power->mean);
    power->max = malloc(bins * sizeof *power->max);
    power->min = malloc(bins * sizeof *power->min);
    return (power->mean && power->max && power->min) || svi_fail_memory(err, 3 * bins * sizeof *power->mean);
}

static void add_to_bin(struct svi_spectrum_power *power, size_t bin, double watts, bool first)
{
    power->mean[bin] = first ? watts : power->mean[bin] + watts;
    power->max[bin] = first || watts > power->max[bin] ? watts : power->max[bin];
    power->min[bin] = first || watts < power->min[bin] ? watts : power->min[bin];
}

/* Means are those of linear power. */
static bool add_up(struct svi_analysis *analysis, double low_hz, struct svi_error *err)
{
    const struct svi_band *band = &analysis->band;
    struct svi_spectrum_power *power = &analysis->power;
    uint32_t *counts = calloc(band->bins, sizeof *counts);
    if (!counts)
        return svi_fail_memory(err, band->bins * sizeof *counts);
    for (size_t r = analysis->first_row; r < analysis->first_row + analysis->row_count; r++) {
        const struct svi_sweep *row = &analysis->run->sweeps->rows[r];
        for (size_t i = 0; i < row->count; i++) {
            if (isnan(row->power[i]))
                continue;
            const struct svi_sweep_cells cells = svi_sweep_cells_of_bin(low_hz, band->bin_hz, band->bins, row, i);
            for (size_t k = cells.begin; k < cells.end; k++)
                add_to_bin(power, k, (double)row->power[i], !counts[k]++);
        }
    }
    for (size_t k = 0; k < band->bins; k++) {
        if (counts[k])
            power->mean[k] /= counts[k];
        else
            power->mean[k] = power->max[k] = power->min[k] = NAN;
    }
    free(counts);
    return true;
}

static bool has_level(const struct svi_analysis *analysis, struct svi_error *err)
{
    const struct svi_band *band = &analysis->band;
    for (uint32_t i = 0; i < band->bin_count; i++)
        if (!isnan(analysis->power.mean[band->first_bin + i]))
            return true;
    return svi_fail(err, SVI_BAD_PARAMETER, "The spectra of %s hold no level in what the parameters ask for.", analysis->run->name);
}

bool svi_sweep_analysis_begin(struct svi_analysis *out, struct svi_run *run, struct svi_error *err)
{
    *out = (struct svi_analysis){ .run = run };
    warn_of_unused(run);
    set_band(&out->band, run->sweeps);
    const double low_hz = out->band.low_hz;
    return set_scale(&out->scale, run, err) && choose_rows(out, err) && svi_band_zoom(&out->band, run, err)
           && make_power(&out->power, out->band.bins, err) && add_up(out, low_hz, err) && has_level(out, err);
}

/* ---- persistence ---- */

bool svi_sweep_persistence(struct svi_persistence *out, struct svi_analysis *analysis, uint32_t columns, struct svi_error *err)
{
    const struct svi_band *band = &analysis->band;
    const uint32_t count = columns < band->bin_count ? columns : band->bin_count;
    const double width_hz = (band->high_hz - band->low_hz) / count;
    if (!svi_persistence_begin_levels(out, analysis, count, err))
        return false;
    for (size_t r = analysis->first_row; r < analysis->first_row + analysis->row_count; r++) {
        const struct svi_sweep *row = &analysis->run->sweeps->rows[r];
        for (size_t i = 0; i < row->count; i++) {
            if (isnan(row->power[i]))
                continue;
            const struct svi_sweep_cells cells = svi_sweep_cells_of_bin(band->low_hz, width_hz, count, row, i);
            const double level_db = svi_scale_db(&analysis->scale, (double)row->power[i]);
            for (size_t k = cells.begin; k < cells.end; k++)
                svi_persistence_add_level(out, (uint32_t)k, level_db);
        }
    }
    return svi_persistence_finish(out, err);
}
