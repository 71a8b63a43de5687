/* periodogram - mean, max-hold and min-hold power of each bin over the whole recording, as lines, with the strongest peaks marked
 * (the averaged periodograms of P. D. Welch, IEEE Trans. Audio Electroacoust. 15, 1967). */
#include "visual/spectrum_lines.h"
#include "visual/sweep_analysis.h"

#include <math.h>
#include <stdlib.h>

struct periodogram {
    struct svi_run *run;
    struct svi_analysis analysis;
    struct svi_spectrum_lines lines;
    struct svi_level_range range;
    struct svi_figure figure;
    struct svi_figure_layout *layout;
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of the mean line. */
static bool measure(struct periodogram *periodogram, struct svi_error *err)
{
    const struct svi_spectrum_lines *lines = &periodogram->lines;
    const size_t count = lines->count;
    double *sorted = malloc(count * sizeof *sorted);
    if (!sorted)
        return svi_fail_memory(err, count * sizeof *sorted);
    struct svi_level_range *range = &periodogram->range;
    *range = (struct svi_level_range){ .min_db = INFINITY, .max_db = -INFINITY };
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(lines->level_db[1][i]))
            continue;
        sorted[known++] = lines->level_db[1][i];
        range->max_db = fmax(range->max_db, lines->level_db[0][i]);
        range->min_db = fmin(range->min_db, lines->level_db[2][i]);
    }
    qsort(sorted, known, sizeof *sorted, by_value);
    range->percentile_1_db = known ? sorted[known / 100] : NAN;
    range->percentile_50_db = known ? sorted[known / 2] : NAN;
    range->percentile_99_db = known ? sorted[known - 1 - known / 100] : NAN;
    free(sorted);
    return true;
}

/* From below the mean's floor, where min-hold still shows, to above the highest peak with room for its label. */
static void set_range(struct periodogram *periodogram)
{
    struct svi_values *values = &periodogram->run->values;
    const struct svi_level_range *range = &periodogram->range;
    double high = range->max_db, low = fmax(range->min_db, range->percentile_1_db - 25);
    if (!isfinite(high) || !isfinite(low))
        high = low = 0;
    const double span = fmax(high - low, 20);
    svi_values_default_number(values, SVI_PARAM_VMIN, floor((high - span * 1.03) / 5) * 5);
    svi_values_default_number(values, SVI_PARAM_VMAX, ceil((high + span * 0.1) / 5) * 5);
    if (values->at[SVI_PARAM_DYNAMIC_RANGE].given)
        svi_values_default_number(values, SVI_PARAM_VMIN,
                                  values->at[SVI_PARAM_VMAX].number - values->at[SVI_PARAM_DYNAMIC_RANGE].number);
    double vmin = values->at[SVI_PARAM_VMIN].number, vmax = values->at[SVI_PARAM_VMAX].number;
    if (vmin >= vmax)
        svi_values_default_number(values, values->at[SVI_PARAM_VMIN].given ? SVI_PARAM_VMAX : SVI_PARAM_VMIN,
                                  values->at[SVI_PARAM_VMIN].given ? vmin + 20 : vmax - 20);
}

static bool draw_figure(struct periodogram *periodogram, struct svi_error *err)
{
    struct svi_run *run = periodogram->run;
    const struct svi_analysis *analysis = &periodogram->analysis;
    struct svi_figure *figure = &periodogram->figure;
    char more[64];
    svi_analysis_count(more, sizeof more, analysis);
    svi_analysis_footer(analysis, more);
    *figure = svi_run_figure(run, "Periodogram");
    figure->footer = run->footer;
    figure->x = svi_analysis_frequency_axis(analysis);
    figure->y = (struct svi_figure_axis){ .label = analysis->scale.label,
                                          .unit = analysis->scale.unit,
                                          .at_start = run->values.at[SVI_PARAM_VMIN].number,
                                          .at_end = run->values.at[SVI_PARAM_VMAX].number };
    figure->grid = true;
    figure->lines = periodogram->lines.lines;
    figure->line_count = SVI_SPECTRUM_LINES;
    figure->marks = periodogram->lines.marks;
    figure->mark_count = periodogram->lines.mark_count;
    if (run->sweeps && analysis->row_count == 1) { /* the three are one */
        periodogram->lines.lines[1].name = NULL;
        figure->lines = &periodogram->lines.lines[1];
        figure->line_count = 1;
    }
    if (!svi_figure_layout_create(&periodogram->layout, figure, err))
        return false;
    svi_run_show(run, figure, periodogram->layout, NULL);
    return true;
}

/* The lines as a matrix: max-hold, mean, min-hold; a column for each point of the lines. */
static bool keep_data(struct periodogram *periodogram, struct svi_error *err)
{
    struct svi_run *run = periodogram->run;
    const size_t count = periodogram->lines.count;
    if (!run->request->save_data)
        return true;
    run->data = malloc(SVI_SPECTRUM_LINES * count * sizeof *run->data);
    if (!run->data)
        return svi_fail_memory(err, SVI_SPECTRUM_LINES * count * sizeof *run->data);
    for (size_t line = 0; line < SVI_SPECTRUM_LINES; line++)
        for (size_t i = 0; i < count; i++)
            run->data[line * count + i] = (float)periodogram->lines.level_db[line][i];
    run->data_rows = SVI_SPECTRUM_LINES;
    run->data_columns = count;
    return true;
}

static void summarize(struct periodogram *periodogram)
{
    struct svi_run *run = periodogram->run;
    const struct svi_analysis *analysis = &periodogram->analysis;
    svi_analysis_summarize(&periodogram->analysis, &periodogram->range, analysis->power.max);
    run->image = svi_summary_image(
        run, svi_figure_plot_area(periodogram->layout),
        svi_summary_axis("frequency", "Hz", analysis->band.low_hz, analysis->band.high_hz, NULL),
        svi_summary_axis("power", analysis->scale.unit, periodogram->figure.y.at_start, periodogram->figure.y.at_end, NULL),
        json_null());
    json_object_set_new(run->image, run->sweeps ? "spectra" : "slices",
                        json_integer((json_int_t)svi_analysis_frames_seen(analysis)));
}

static bool begin(struct svi_run *run, struct svi_error *err)
{
    struct periodogram *periodogram = svi_run_state(run, sizeof *periodogram, err);
    uint64_t frames;
    if (!periodogram)
        return false;
    periodogram->run = run;
    return svi_run_whole_frames(run, "periodogram", &frames, err) && svi_analysis_begin(&periodogram->analysis, run, err)
           && svi_analysis_frames(&periodogram->analysis, 0, frames, err);
}

static bool begin_sweeps(struct svi_run *run, struct svi_error *err)
{
    struct periodogram *periodogram = svi_run_state(run, sizeof *periodogram, err);
    if (!periodogram)
        return false;
    periodogram->run = run;
    return svi_sweep_analysis_begin(&periodogram->analysis, run, err);
}

static bool draw(struct svi_run *run, struct svi_error *err)
{
    struct periodogram *periodogram = run->state;
    return svi_analysis_finish(&periodogram->analysis, err);
}

static bool compose(struct svi_run *run, struct svi_error *err)
{
    struct periodogram *periodogram = run->state;
    const uint32_t pixels = (uint32_t)fmax(16, run->values.at[SVI_PARAM_WIDTH].number * SVI_DOTS_PER_INCH);
    if (!svi_spectrum_lines_make(&periodogram->lines, &periodogram->analysis, pixels, NULL, err) || !measure(periodogram, err))
        return false;
    set_range(periodogram);
    if (!draw_figure(periodogram, err) || !keep_data(periodogram, err))
        return false;
    summarize(periodogram);
    return true;
}

static void end(struct svi_run *run)
{
    struct periodogram *periodogram = run->state;
    svi_spectrum_lines_clear(&periodogram->lines);
    svi_figure_layout_destroy(periodogram->layout);
    svi_analysis_end(&periodogram->analysis);
}

static const struct svi_visual of_sweeps = {
    .name = "periodogram", .begin = begin_sweeps, .draw = draw, .compose = compose, .end = end
};

const struct svi_visual svi_periodogram = {
    .name = "periodogram",
    .help = "mean, max-hold and min-hold power over frequency, as lines",
    .alias = "psd",
    .begin = begin,
    .draw = draw,
    .compose = compose,
    .composing = 1,
    .end = end,
    .of_sweeps = &of_sweeps,
};
