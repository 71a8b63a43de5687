/* heatmap - persistence spectrum: how often each level of power is seen at each frequency, in percent of the slices. Frequency to
 * the right, power upwards. Deterministic: every bin of every slice counts once, what lies above or below the range is counted
 * apart. */
#include "device/launch.h"
#include "device/level_counts.h"
#include "visual/colormap.h"
#include "visual/paint.h"
#include "visual/spectrum_lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where the range of power is to be found out, levels are counted this finely over this many dB, and rows of the picture are whole
 * multiples of it: so counts stay exact whatever range is chosen afterwards. */
enum { FINE_STEPS_PER_DB = 8, FINE_SPAN_DB = 300 };

/* A cell that was hit once must stand out from one that was not: the colors of counts begin here in the map. */
enum { FIRST_COLOR = 40 };

struct heatmap {
    struct svi_run *run;
    struct svi_analysis analysis;
    struct svi_level_counts_request request;
    struct svi_level_counts *device_counts;
    uint32_t *counts; /* [steps + 2][columns], see level_counts.h */
    uint32_t columns;
    uint32_t first_step, merge;         /* the picture begins at this step, and `merge` steps make a row */
    uint32_t rows;                      /* powerBins */
    float *percent;                     /* [rows][columns], lowest power first */
    double least_percent, most_percent; /* of the cells that were hit */
    double under_percent, over_percent; /* of all bins of all slices */
    struct svi_level_range range;
    uint8_t colors[256][3];
    struct svi_colormap palette;
    struct svi_spectrum_lines lines;
    struct svi_figure figure;
    struct svi_figure_layout *layout;
    uint8_t *pixels;
};

static struct svi_value *value(struct svi_run *run, enum svi_param param)
{
    return &run->values.at[param];
}

static bool range_is_given(struct svi_run *run)
{
    return value(run, SVI_PARAM_VMIN)->given && value(run, SVI_PARAM_VMAX)->given;
}

static double step_db(const struct heatmap *heatmap)
{
    return (heatmap->request.high_db - heatmap->request.low_db) / heatmap->request.steps;
}

/* The colors of the bar: the map without its darkest part, which is for what never happened. */
static void set_colors(struct heatmap *heatmap)
{
    const struct svi_colormap *map = svi_colormap_find(value(heatmap->run, SVI_PARAM_COLORMAP)->text);
    for (size_t i = 0; i < 256; i++)
        memcpy(heatmap->colors[i], map->rgb[FIRST_COLOR + i * (255 - FIRST_COLOR) / 255], 3);
    heatmap->palette = (struct svi_colormap){ .name = map->name, .rgb = (const uint8_t(*)[3])heatmap->colors };
}

static void describe_figure(struct heatmap *heatmap)
{
    set_colors(heatmap);
    heatmap->figure = svi_analysis_figure(&heatmap->analysis, "Persistence spectrum");
    heatmap->figure.x = svi_analysis_frequency_axis(&heatmap->analysis);
    heatmap->figure.y = (struct svi_figure_axis){
        .label = heatmap->analysis.scale.label, .unit = heatmap->analysis.scale.unit, .at_start = -120, .at_end = -102.5
    };
    heatmap->figure.bar = (struct svi_figure_bar){ .label = "Share of slices",
                                                   .unit = "%",
                                                   .colormap = &heatmap->palette,
                                                   .min = 0.01,
                                                   .max = 100,
                                                   .widest = "0.002",
                                                   .scale = SVI_EDGE_LOG };
}

static bool prepare_counts(struct heatmap *heatmap, struct svi_error *err)
{
    struct svi_run *run = heatmap->run;
    const struct svi_rect plot = svi_figure_plot_area(heatmap->layout);
    const bool given = range_is_given(run);
    /* compat does not scale: its levels reach far above 0 dB. */
    const double fine_low_db = svi_run_compat(run) ? -60 : -230;
    heatmap->rows = (uint32_t)value(run, SVI_PARAM_POWER_BINS)->number;
    heatmap->request = (struct svi_level_counts_request){
        .first_bin = heatmap->analysis.band.first_bin,
        .bin_count = heatmap->analysis.band.bin_count,
        .columns = (uint32_t)plot.width,
        .steps = given ? heatmap->rows : FINE_SPAN_DB * FINE_STEPS_PER_DB,
        .low_db = given ? value(run, SVI_PARAM_VMIN)->number : fine_low_db,
        .high_db = given ? value(run, SVI_PARAM_VMAX)->number : fine_low_db + FINE_SPAN_DB,
        .gain = heatmap->analysis.scale.gain,
    };
    return svi_level_counts_create(&heatmap->device_counts, run->device, &heatmap->request, err)
           && svi_analysis_feed(&heatmap->analysis, svi_level_counts_accumulator(heatmap->device_counts), err);
}

static bool read_counts(struct heatmap *heatmap, struct svi_error *err)
{
    heatmap->columns = svi_level_counts_columns(heatmap->device_counts);
    const size_t bytes = ((size_t)heatmap->request.steps + 2) * heatmap->columns * sizeof *heatmap->counts;
    heatmap->counts = malloc(bytes);
    return heatmap->counts ? svi_level_counts_read(heatmap->device_counts, heatmap->counts, err) : svi_fail_memory(err, bytes);
}

/* Hits of one step, of all columns; step -1 is below the range, step `steps` above. */
static double hits_of_step(const struct heatmap *heatmap, int64_t step)
{
    const uint32_t *row = heatmap->counts + (size_t)(step + 1) * heatmap->columns;
    double hits = 0;
    for (uint32_t column = 0; column < heatmap->columns; column++)
        hits += row[column];
    return hits;
}

/* The level that this share of all hits lies below, exact to a step. */
static double percentile(const struct heatmap *heatmap, double all, double percent)
{
    const uint32_t steps = heatmap->request.steps;
    double passed = hits_of_step(heatmap, -1);
    for (uint32_t step = 0; step < steps; step++) {
        passed += hits_of_step(heatmap, step);
        if (passed >= all * percent / 100)
            return heatmap->request.low_db + step_db(heatmap) * (step + 0.5);
    }
    return heatmap->request.high_db;
}

/* Chooses which steps are rows of the picture: all of them where the range was given, else from a little below the lowest levels to
 * a little above the highest. */
static void choose_range(struct heatmap *heatmap, double all)
{
    struct svi_run *run = heatmap->run;
    const struct svi_value *vmin = value(run, SVI_PARAM_VMIN), *vmax = value(run, SVI_PARAM_VMAX);
    const double low = heatmap->request.low_db, step = step_db(heatmap);
    heatmap->merge = 1;
    heatmap->first_step = 0;
    if (!range_is_given(run)) {
        double from = vmin->given ? vmin->number : percentile(heatmap, all, 0.05) - 2;
        double to = vmax->given ? vmax->number : heatmap->range.max_db + 3;
        if (to - from < 20) {
            from = vmin->given ? from : to - 20;
            to = vmin->given ? from + 20 : to;
        }
        double span_steps = (to - from) / step;
        heatmap->merge = (uint32_t)fmax(1, ceil(span_steps / heatmap->rows));
        const double shown = (double)heatmap->merge * heatmap->rows, most = heatmap->request.steps - shown;
        double first = vmin->given ? round((from - low) / step) : ceil((to - low) / step) - shown;
        heatmap->first_step = (uint32_t)fmin(fmax(first, 0), fmax(most, 0));
    }
    svi_values_default_number(&run->values, SVI_PARAM_VMIN, low + step * heatmap->first_step);
    svi_values_default_number(&run->values, SVI_PARAM_VMAX,
                              low + step * (heatmap->first_step + (double)heatmap->merge * heatmap->rows));
}

/* Bins of the band that fall into a column; the same rule as in kernels/shares.cl. */
static uint64_t bins_of_column(const struct heatmap *heatmap, uint32_t column)
{
    const uint64_t bins = heatmap->request.bin_count, columns = heatmap->columns;
    return ((column + 1) * bins + columns - 1) / columns - (column * bins + columns - 1) / columns;
}

/* Counts to percent, row by row. */
static bool make_matrix(struct heatmap *heatmap, uint64_t slices, double all, struct svi_error *err)
{
    const size_t cells = (size_t)heatmap->rows * heatmap->columns;
    heatmap->percent = calloc(cells, sizeof *heatmap->percent);
    if (!heatmap->percent)
        return svi_fail_memory(err, cells * sizeof *heatmap->percent);
    double inside = 0;
    heatmap->least_percent = 100;
    for (uint32_t row = 0; row < heatmap->rows; row++)
        for (uint32_t column = 0; column < heatmap->columns; column++) {
            uint64_t hits = 0;
            for (uint32_t i = 0; i < heatmap->merge; i++) {
                uint64_t step = heatmap->first_step + (uint64_t)row * heatmap->merge + i;
                if (step < heatmap->request.steps)
                    hits += heatmap->counts[(step + 1) * heatmap->columns + column];
            }
            if (!hits)
                continue;
            double percent = 100.0 * (double)hits / ((double)slices * (double)bins_of_column(heatmap, column));
            heatmap->percent[(size_t)row * heatmap->columns + column] = (float)percent;
            heatmap->least_percent = fmin(heatmap->least_percent, percent);
            heatmap->most_percent = fmax(heatmap->most_percent, percent);
            inside += (double)hits;
        }
    double under = 0;
    for (int64_t step = -1; step < (int64_t)heatmap->first_step; step++)
        under += hits_of_step(heatmap, step);
    heatmap->under_percent = all > 0 ? 100 * under / all : 0;
    heatmap->over_percent = all > 0 ? 100 * (all - under - inside) / all : 0;
    return true;
}

static bool evaluate(struct heatmap *heatmap, struct svi_error *err)
{
    if (!read_counts(heatmap, err))
        return false;
    const struct svi_analysis *analysis = &heatmap->analysis;
    const uint64_t slices = svi_analysis_frames_seen(analysis);
    const double all = (double)slices * heatmap->request.bin_count;
    double least = INFINITY, most = 0;
    for (uint32_t i = 0; i < analysis->band.bin_count; i++) {
        least = fmin(least, analysis->power.min[analysis->band.first_bin + i]);
        most = fmax(most, analysis->power.max[analysis->band.first_bin + i]);
    }
    heatmap->range = (struct svi_level_range){
        .min_db = svi_scale_db(&analysis->scale, least),
        .max_db = svi_scale_db(&analysis->scale, fmin(most, 1e30)),
        .percentile_1_db = percentile(heatmap, all, 1),
        .percentile_50_db = percentile(heatmap, all, 50),
        .percentile_99_db = percentile(heatmap, all, 99),
    };
    choose_range(heatmap, all);
    return make_matrix(heatmap, slices, all, err);
}

/* Logarithms of percent, highest power first as the picture has it, NAN where nothing was. */
static bool paint(struct heatmap *heatmap, struct svi_error *err)
{
    const size_t columns = heatmap->columns, rows = heatmap->rows;
    const uint8_t *never = svi_colormap_find(heatmap->palette.name)->rgb[0];
    float *values = malloc(rows * columns * sizeof *values);
    if (!values)
        return svi_fail_memory(err, rows * columns * sizeof *values);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++) {
            float percent = heatmap->percent[(rows - 1 - row) * columns + column];
            values[row * columns + column] = percent > 0 ? log10f(percent) : NAN;
        }
    const struct svi_paint paint = {
        .rows = (uint32_t)rows,
        .columns = (uint32_t)columns,
        .low = log10(heatmap->figure.bar.min),
        .high = log10(heatmap->figure.bar.max),
        .colormap = &heatmap->palette,
        .nothing = { never[0], never[1], never[2], 255 },
    };
    bool ok = svi_paint_matrix(&heatmap->pixels, heatmap->run->device, values, &paint, svi_figure_plot_area(heatmap->layout), err);
    free(values);
    return ok;
}

static bool draw_figure(struct heatmap *heatmap, struct svi_error *err)
{
    struct svi_run *run = heatmap->run;
    char more[96];
    heatmap->figure.y.at_start = value(run, SVI_PARAM_VMIN)->number;
    heatmap->figure.y.at_end = value(run, SVI_PARAM_VMAX)->number;
    heatmap->figure.bar.max = fmax(heatmap->most_percent, 1e-12);
    heatmap->figure.bar.min = fmin(heatmap->least_percent, heatmap->figure.bar.max / 10);
    svi_format(more, sizeof more, ", %llu slices, %u levels", (unsigned long long)svi_analysis_frames_seen(&heatmap->analysis),
               heatmap->rows);
    svi_analysis_footer(&heatmap->analysis, more);
    heatmap->figure.footer = run->footer;
    const uint32_t pixels = (uint32_t)svi_figure_plot_area(heatmap->layout).width;
    if (!svi_spectrum_lines_make(&heatmap->lines, &heatmap->analysis, pixels, true, err))
        return false;
    heatmap->figure.lines = heatmap->lines.lines;
    heatmap->figure.line_count = SVI_SPECTRUM_LINES;
    svi_figure_layout_destroy(heatmap->layout);
    heatmap->layout = NULL;
    return svi_figure_layout_create(&heatmap->layout, &heatmap->figure, err) && paint(heatmap, err)
           && svi_figure_draw(&run->canvas, &heatmap->figure, heatmap->layout, heatmap->pixels, err);
}

static void summarize(struct heatmap *heatmap)
{
    struct svi_run *run = heatmap->run;
    const struct svi_band *band = &heatmap->analysis.band;
    const struct svi_figure *figure = &heatmap->figure;
    svi_analysis_summarize(&heatmap->analysis, &heatmap->range, heatmap->analysis.power.max);
    run->image = svi_summary_image(
        run, svi_figure_plot_area(heatmap->layout), svi_summary_axis("frequency", "Hz", band->low_hz, band->high_hz, NULL),
        svi_summary_axis("power", heatmap->analysis.scale.unit, figure->y.at_start, figure->y.at_end, NULL),
        json_pack("{s:s, s:f, s:f, s:s, s:s}", "colormap", heatmap->palette.name, "min", figure->bar.min, "max", figure->bar.max,
                  "unit", "%", "scale", "log"));
    json_object_set_new(run->image, "slices", json_integer((json_int_t)svi_analysis_frames_seen(&heatmap->analysis)));
    json_object_set_new(run->image, "power_bins", json_integer(heatmap->rows));
    json_object_set_new(run->image, "under_percent", json_real(heatmap->under_percent));
    json_object_set_new(run->image, "over_percent", json_real(heatmap->over_percent));
    if (run->request->save_data) {
        run->data = heatmap->percent;
        run->data_rows = heatmap->rows;
        run->data_columns = heatmap->columns;
        heatmap->percent = NULL;
    }
}

static bool begin(struct svi_run *run, struct svi_error *err)
{
    struct heatmap *heatmap = svi_run_state(run, sizeof *heatmap, err);
    uint64_t frames;
    if (!heatmap || !svi_run_whole_frames(run, "heatmap", &frames, err) || !svi_analysis_begin(&heatmap->analysis, run, err))
        return false;
    heatmap->run = run;
    describe_figure(heatmap);
    return svi_figure_layout_create(&heatmap->layout, &heatmap->figure, err)
           && svi_analysis_frames(&heatmap->analysis, 0, frames, err) && prepare_counts(heatmap, err);
}

static bool draw(struct svi_run *run, struct svi_error *err)
{
    struct heatmap *heatmap = run->state;
    if (!svi_analysis_finish(&heatmap->analysis, err) || !evaluate(heatmap, err) || !draw_figure(heatmap, err))
        return false;
    summarize(heatmap);
    return true;
}

static void end(struct svi_run *run)
{
    struct heatmap *heatmap = run->state;
    svi_spectrum_lines_clear(&heatmap->lines);
    svi_level_counts_destroy(heatmap->device_counts);
    svi_figure_layout_destroy(heatmap->layout);
    svi_analysis_end(&heatmap->analysis);
    free(heatmap->counts);
    free(heatmap->percent);
    free(heatmap->pixels);
}

const struct svi_visual svi_heatmap = {
    .name = "heatmap",
    .help = "how often each level is seen at each frequency",
    .alias = "persistence",
    .begin = begin,
    .draw = draw,
    .end = end,
};
