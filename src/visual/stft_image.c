#include "visual/stft_image.h"

#include "device/cells.h"
#include "visual/analysis.h"
#include "visual/colormap.h"
#include "visual/levels.h"
#include "visual/number.h"
#include "visual/overlay.h"
#include "visual/paint.h"
#include "visual/time_axis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Everything between the parameters and the picture. */
struct drawing {
    struct svi_run *run;
    struct svi_stft_image image;
    struct svi_analysis analysis;
    struct svi_cells *cells;
    struct svi_time_axis time;
    struct svi_overlay overlay;
    struct svi_levels levels;
    struct svi_figure figure;
    struct svi_figure_layout *layout;
    struct svi_plot_pixels pixels;
    void *beside;
};

static const struct svi_value *value(const struct svi_run *run, enum svi_param param)
{
    return &run->values.at[param];
}

/* The first slice of a waterfall stands on top, unless it is to stand at the bottom. */
static bool time_runs_down(const struct drawing *drawing)
{
    return !drawing->image.time_on_x && strcmp(value(drawing->run, SVI_PARAM_TIME_DIRECTION)->text, "up") != 0;
}

/* The figure but for the range of levels, which is not known before they are. */
static void describe_figure(struct drawing *drawing)
{
    const struct svi_run *run = drawing->run;
    const struct svi_stft_image *image = &drawing->image;
    const struct svi_scale *scale = &drawing->analysis.scale;
    const struct svi_figure_axis frequency = svi_analysis_frequency_axis(&drawing->analysis);
    drawing->figure = svi_run_figure(drawing->run, image->kind);
    drawing->figure.bar = svi_run_level_bar(run, scale->label, scale->unit);
    const struct svi_figure_axis time = svi_time_axis_figure(&drawing->time, time_runs_down(drawing));
    drawing->figure.x = image->time_on_x ? time : frequency;
    drawing->figure.y = image->time_on_x ? frequency : time;
    svi_overlay_lay(&drawing->overlay, &drawing->figure);
}

static enum svi_reduction reduction_of(const struct svi_run *run)
{
    return svi_reduction_of(value(run, SVI_PARAM_REDUCTION)->text);
}

/* What the pass over the recording is to make besides its spectrum: the cells of the plot area. */
static bool prepare_cells(struct drawing *drawing, struct svi_error *err)
{
    const struct svi_rect plot = svi_figure_plot_area(drawing->layout);
    const bool time_on_x = drawing->image.time_on_x;
    const struct svi_cells_request request = {
        .frame_count = drawing->image.frame_count,
        .first_bin = drawing->analysis.band.first_bin,
        .bin_count = drawing->analysis.band.bin_count,
        .rows = (uint32_t)(time_on_x ? plot.width : plot.height),
        .columns = (uint32_t)(time_on_x ? plot.height : plot.width),
        .reduction = reduction_of(drawing->run),
    };
    svi_paint_expect(drawing->run->device);
    svi_levels_expect(drawing->run->device);
    return svi_cells_create(&drawing->cells, drawing->run->device, &request, err)
           && svi_analysis_feed(&drawing->analysis, svi_cells_accumulator(drawing->cells), err);
}

/* The rows [*first, *end) of cells that hold a slice without padding; none where every slice is padded. */
static void find_whole_rows(const struct drawing *drawing, uint64_t *first, uint64_t *end)
{
    const struct svi_stft_image *image = &drawing->image;
    const int64_t hop = (int64_t)value(drawing->run, SVI_PARAM_HOP_SIZE)->number;
    const int64_t fft_size = (int64_t)value(drawing->run, SVI_PARAM_FFT_SIZE)->number;
    const int64_t room = (int64_t)drawing->run->recording->sample_count - fft_size - image->first_sample;
    const int64_t frames = (int64_t)image->frame_count,
                  first_frame = image->first_sample < 0 ? (hop - 1 - image->first_sample) / hop : 0;
    const int64_t fitting = room < 0 ? 0 : room / hop + 1, end_frame = fitting < frames ? fitting : frames;
    const uint64_t rows = svi_cells_rows(drawing->cells);
    *first = *end = 0;
    if (first_frame >= end_frame || !image->frame_count)
        return;
    *first = (uint64_t)first_frame * rows / image->frame_count;
    *end = (uint64_t)(end_frame - 1) * rows / image->frame_count + 1;
}

/* What the levels say of the range. Slices that are padded with zeros have lower levels than the signal ever had; they do not
 * count, but for the range of the platform. */
static bool find_range(struct drawing *drawing, double *low, double *high, struct svi_error *err)
{
    const bool whole = svi_run_compat(drawing->run);
    const uint64_t columns = svi_cells_columns(drawing->cells);
    uint64_t first, end;
    find_whole_rows(drawing, &first, &end);
    svi_levels_auto_range(&drawing->levels, whole, low, high);
    if (whole || first == end || end - first == svi_cells_rows(drawing->cells))
        return true;
    struct svi_levels *part = calloc(1, sizeof *part);
    if (!part)
        return svi_fail_memory(err, sizeof *part);
    bool ok = svi_levels_measure_part(part, drawing->run->device, &drawing->levels, first * columns, (end - first) * columns, err);
    if (ok && part->shown)
        svi_levels_auto_range(part, false, low, high);
    svi_levels_clear(part);
    free(part);
    return ok;
}

/* The range of the color bar: what the parameters say, else what the levels say. */
static bool set_range(struct drawing *drawing, struct svi_error *err)
{
    double low, high;
    if (!svi_analysis_frames_seen(&drawing->analysis)) {
        drawing->figure.bar.colormap = NULL; /* no color stands for anything */
        return true;
    }
    if (!find_range(drawing, &low, &high, err))
        return false;
    svi_run_set_range(drawing->run, &drawing->figure.bar, low, high);
    return true;
}

static void describe_footer(struct drawing *drawing)
{
    char more[128] = "", slices[40] = "", bins[40] = "", number[24];
    const double frames = (double)drawing->image.frame_count / svi_cells_rows(drawing->cells);
    const double columns = (double)drawing->analysis.band.bin_count / svi_cells_columns(drawing->cells);
    if (frames > 1) {
        svi_number_about(number, sizeof number, frames);
        svi_format(slices, sizeof slices, "%s slices", number);
    }
    if (columns > 1) {
        svi_number_about(number, sizeof number, columns);
        svi_format(bins, sizeof bins, "%s%s bins", *slices ? " × " : "", number);
    }
    if (*slices || *bins)
        svi_format(more, sizeof more, ", %s of %s%s a pixel", value(drawing->run, SVI_PARAM_REDUCTION)->text, slices, bins);
    const struct svi_overlay *overlay = &drawing->overlay;
    if (overlay->left_out) {
        const size_t length = strlen(more);
        svi_format(more + length, sizeof more - length, ", %zu of %zu annotations", overlay->drawn,
                   overlay->drawn + overlay->left_out);
    }
    svi_analysis_footer(&drawing->analysis, more);
    drawing->figure.footer = drawing->run->footer;
}

/* Levels to the pixels of the plot area; gaps stay transparent. */
static bool colorize(struct drawing *drawing, struct svi_error *err)
{
    const struct svi_figure_bar *bar = &drawing->figure.bar;
    const struct svi_paint paint = {
        .rows = svi_cells_rows(drawing->cells),
        .columns = svi_cells_columns(drawing->cells),
        .time_on_x = drawing->image.time_on_x,
        .upwards = !drawing->image.time_on_x && !time_runs_down(drawing),
        .low = bar->min,
        .high = bar->max,
        .colormap = svi_colormap_find(value(drawing->run, SVI_PARAM_COLORMAP)->text),

    };
    return svi_paint(&drawing->pixels, drawing->run->device, drawing->levels.level_db, &paint,
                     svi_figure_plot_area(drawing->layout), err);
}

static void summarize(struct drawing *drawing)
{
    struct svi_run *run = drawing->run;
    const struct svi_levels *levels = &drawing->levels;
    const struct svi_spectrum_power *power = &drawing->analysis.power;
    const struct svi_level_range range = {
        .min_db = levels->min_db,
        .max_db = levels->max_db,
        .percentile_1_db = svi_levels_percentile(levels, 1),
        .percentile_50_db = svi_levels_percentile(levels, 50),
        .percentile_99_db = svi_levels_percentile(levels, 99),
    };
    /* There is no line of percentiles: their peaks are those of max-hold. */
    const enum svi_reduction reduction = reduction_of(run);
    const double *line = reduction == SVI_REDUCE_MEAN ? power->mean : reduction == SVI_REDUCE_MIN ? power->min : power->max;
    svi_analysis_summarize(&drawing->analysis, &range, line);

    const bool time_on_x = drawing->image.time_on_x;
    const struct svi_band *band = &drawing->analysis.band;
    const struct svi_figure_bar *bar = &drawing->figure.bar;
    json_t *time = svi_time_axis_summary(&drawing->time, run, time_on_x ? NULL : time_runs_down(drawing) ? "down" : "up");
    json_t *frequency = svi_summary_axis("frequency", "Hz", band->low_hz, band->high_hz, NULL);
    json_t *color = !bar->colormap ? json_null()
                                   : json_pack("{s:s, s:f, s:f, s:s}", "colormap", bar->colormap->name, "min", bar->min, "max",
                                               bar->max, "unit", bar->unit);
    run->image = svi_summary_image(run, svi_figure_plot_area(drawing->layout), time_on_x ? time : frequency,
                                   time_on_x ? frequency : time, color);
    json_object_set_new(run->image, "reduction", json_string(value(run, SVI_PARAM_REDUCTION)->text));
    if (svi_cells_bound_db(drawing->cells) > 0)
        json_object_set_new(run->image, "reduction_bound_db", json_real(svi_cells_bound_db(drawing->cells)));
    json_object_set_new(run->image, "frames_per_pixel",
                        json_real((double)drawing->image.frame_count / svi_cells_rows(drawing->cells)));
    svi_overlay_summarize(&drawing->overlay, run);
}

/* The matrix as it is drawn: a spectrogram has a row for each frequency, the lowest first, as SciPy; a waterfall one for each time.
 */
static bool keep_data(struct drawing *drawing, struct svi_error *err)
{
    struct svi_run *run = drawing->run;
    const size_t times = svi_cells_rows(drawing->cells), frequencies = svi_cells_columns(drawing->cells),
                 count = times * frequencies;
    if (!run->request->save_data)
        return true;
    float *levels = malloc(count * sizeof *levels);
    if (!levels || !svi_mem_read(run->device, levels, drawing->levels.level_db, count * sizeof *levels, err)) {
        free(levels);
        return svi_fail_memory(err, count * sizeof *levels);
    }
    run->data = levels;
    run->data_rows = times;
    run->data_columns = frequencies;
    if (!drawing->image.time_on_x)
        return true;
    run->data = malloc(count * sizeof *levels);
    for (size_t time = 0; run->data && time < times; time++)
        for (size_t frequency = 0; frequency < frequencies; frequency++)
            run->data[frequency * times + time] = levels[time * frequencies + frequency];
    free(levels);
    run->data_rows = frequencies;
    run->data_columns = times;
    return run->data || svi_fail_memory(err, count * sizeof *levels);
}

static bool draw_figure(struct drawing *drawing, struct svi_error *err)
{
    svi_figure_layout_refresh(drawing->layout, &drawing->figure);
    if (!colorize(drawing, err))
        return false;
    svi_run_show(drawing->run, &drawing->figure, drawing->layout, &drawing->pixels);
    return true;
}

bool svi_stft_image_begin(struct svi_run *run, const struct svi_stft_image *image, struct svi_error *err)
{
    struct drawing *drawing = svi_run_state(run, sizeof *drawing, err);
    if (!drawing)
        return false;
    drawing->run = run;
    drawing->image = *image;
    if (!svi_analysis_begin(&drawing->analysis, run, err)
        || !svi_time_axis_of(&drawing->time, run, image->begin_s, image->end_s, err))
        return false;
    svi_overlay_make(&drawing->overlay, run, &drawing->analysis.band, image->time_on_x, drawing->time.zero_s);
    describe_figure(drawing);
    return svi_figure_layout_create(&drawing->layout, &drawing->figure, err)
           && svi_analysis_frames(&drawing->analysis, image->first_sample, image->frame_count, err) && prepare_cells(drawing, err);
}

bool svi_stft_image_draw(struct svi_run *run, struct svi_error *err)
{
    struct drawing *drawing = run->state;
    const struct svi_scale *scale = &drawing->analysis.scale;
    if (!svi_analysis_finish(&drawing->analysis, err)
        || !svi_levels_measure(&drawing->levels, run->device, drawing->cells, scale->gain, scale->least, err)
        || !set_range(drawing, err))
        return false;
    describe_footer(drawing);
    if (!draw_figure(drawing, err) || !keep_data(drawing, err))
        return false;
    summarize(drawing);
    return true;
}

void svi_stft_image_end(struct svi_run *run)
{
    struct drawing *drawing = run->state;
    svi_levels_clear(&drawing->levels);
    svi_cells_destroy(drawing->cells);
    svi_figure_layout_destroy(drawing->layout);
    svi_analysis_end(&drawing->analysis);
    free(drawing->pixels.rgba);
}

void **svi_stft_image_beside(struct svi_run *run)
{
    struct drawing *drawing = run->state;
    return &drawing->beside;
}
