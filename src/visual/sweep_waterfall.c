/* sweep_waterfall - a waterfall of spectra that somebody measured before, each where its frequencies and its time put it.
 *
 * Time is true to scale. A row lasts until the next one begins; where that is later than twice the median distance of rows, it
 * lasts for that median, and then there is a gap. A recording of a single moment lasts for its scan time; where that is not stated,
 * nothing is said of how long it took: the axis shows the moment, and no more. */
#include "visual/levels.h"
#include "visual/paint.h"
#include "visual/sweep_analysis.h"
#include "visual/time_axis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows [begin, end). */
struct rows {
    size_t begin, end;
};

struct waterfall {
    struct svi_analysis analysis;
    double *begin_s, *end_s; /* of each row of the recording, from the first */
    struct svi_time_axis time;
    struct rows *of_pixels; /* what falls on each row of pixels */
    uint32_t rows, columns;
    float *level_db; /* [rows][columns], the first moment on top; NAN: nothing was measured */
    struct svi_levels levels;
    struct svi_figure figure;
    struct svi_figure_layout *layout;
    struct svi_plot_pixels pixels;
};

static const struct svi_value *value(const struct svi_run *run, enum svi_param param)
{
    return &run->values.at[param];
}

static bool runs_down(const struct svi_run *run)
{
    return strcmp(value(run, SVI_PARAM_TIME_DIRECTION)->text, "up") != 0;
}

/* ---- time ---- */

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of the distances between moments; `room` has place for them. 0: all rows are of one moment. */
static double median_distance(const double *begin_s, size_t rows, double *room)
{
    size_t count = 0;
    for (size_t i = 1; i < rows; i++)
        if (begin_s[i] > begin_s[i - 1])
            room[count++] = begin_s[i] - begin_s[i - 1];
    qsort(room, count, sizeof *room, by_value);
    return count ? room[count / 2] : 0;
}

static bool find_times(struct waterfall *waterfall, const struct svi_sweeps *sweeps, struct svi_error *err)
{
    const size_t rows = sweeps->row_count;
    double *begin_s = waterfall->begin_s = malloc(rows * sizeof *begin_s);
    double *end_s = waterfall->end_s = malloc(rows * sizeof *end_s);
    double scan_s = 0;
    if (!begin_s || !end_s)
        return svi_fail_memory(err, 2 * rows * sizeof *begin_s);
    for (size_t i = 0; i < rows; i++) {
        begin_s[i] = svi_sweeps_seconds(sweeps, i);
        scan_s = fmax(scan_s, sweeps->rows[i].length_s);
    }
    const double median_s = median_distance(begin_s, rows, end_s);
    for (size_t i = rows; i-- > 0;) {
        const bool same = i + 1 < rows && begin_s[i + 1] <= begin_s[i];
        const bool next = i + 1 < rows && !same && begin_s[i + 1] - begin_s[i] <= 2 * median_s;
        end_s[i] = same ? end_s[i + 1] : next ? begin_s[i + 1] : begin_s[i] + (median_s > 0 ? median_s : scan_s);
    }
    return true;
}

/* Of a moment alone, seconds from the beginning tell nothing: then the clock does, where it is known, unless the other is asked
 * for. */
static void make_time_axis(struct waterfall *waterfall, struct svi_run *run)
{
    const struct svi_analysis *analysis = &waterfall->analysis;
    const double begin_s = waterfall->begin_s[analysis->first_row];
    const double end_s = waterfall->end_s[analysis->first_row + analysis->row_count - 1];
    if (!(end_s > begin_s) && !run->sweeps->zone_unknown)
        svi_values_default_text(&run->values, SVI_PARAM_TIME_AXIS, "utc");
    waterfall->time = (struct svi_time_axis){ .utc = !strcmp(value(run, SVI_PARAM_TIME_AXIS)->text, "utc"),
                                              .begin_s = begin_s,
                                              .end_s = end_s,
                                              .has_moment = true,
                                              .moment = run->sweeps->rows[0].moment };
    waterfall->time.zero_s = waterfall->time.utc ? (double)waterfall->time.moment.attosecond * 1e-18 : 0;
}

/* ---- cells ---- */

/* Of one row of cells, so far. */
struct cells {
    double *power;
    uint32_t *counts;
    enum svi_reduction reduction;
};

static void add_to_cell(const struct cells *cells, size_t k, double power)
{
    if (!cells->counts[k]++)
        cells->power[k] = power;
    else if (cells->reduction == SVI_REDUCE_MEAN)
        cells->power[k] += power;
    else
        cells->power[k] = cells->reduction == SVI_REDUCE_MIN ? fmin(cells->power[k], power) : fmax(cells->power[k], power);
}

/* The cells of a stretch of time in which these rows lie. */
static void fill_row(const struct svi_run *run, const struct waterfall *waterfall, const struct cells *cells, struct rows rows,
                     float *level_db)
{
    const struct svi_analysis *analysis = &waterfall->analysis;
    const struct svi_band *band = &analysis->band;
    const size_t columns = waterfall->columns;
    const double width_hz = (band->high_hz - band->low_hz) / (double)columns;
    memset(cells->counts, 0, columns * sizeof *cells->counts);
    for (size_t r = rows.begin; r < rows.end; r++) {
        const struct svi_sweep *row = &run->sweeps->rows[analysis->first_row + r];
        for (size_t i = 0; i < row->count; i++) {
            if (isnan(row->power[i]))
                continue;
            const struct svi_sweep_cells span = svi_sweep_cells_of_bin(band->low_hz, width_hz, columns, row, i);
            for (size_t k = span.begin; k < span.end; k++)
                add_to_cell(cells, k, (double)row->power[i]);
        }
    }
    for (size_t k = 0; k < columns; k++) {
        const double share = cells->reduction == SVI_REDUCE_MEAN ? cells->counts[k] : 1;
        level_db[k] = cells->counts[k] ? (float)svi_scale_db(&analysis->scale, cells->power[k] / share) : NAN;
    }
}

/* The rows of pixels that a row falls on: all, if there is but one moment; past the last row, none. */
static struct svi_sweep_cells pixels_of_row(const struct waterfall *waterfall, size_t pixels, size_t row)
{
    const double low_s = waterfall->time.begin_s, step_s = (waterfall->time.end_s - low_s) / (double)pixels;
    const size_t of_all = waterfall->analysis.first_row + row;
    if (row == waterfall->analysis.row_count)
        return (struct svi_sweep_cells){ pixels, pixels };
    if (!(step_s > 0))
        return (struct svi_sweep_cells){ 0, pixels };
    return svi_sweep_cells_of(low_s, step_s, pixels, waterfall->begin_s[of_all], waterfall->end_s[of_all]);
}

/* Rows are sorted by begin and by end, so those of a row of pixels follow on each other. */
static void find_rows_of_pixels(struct waterfall *waterfall, size_t pixels)
{
    struct rows here = { 0, 0 };
    struct svi_sweep_cells first = pixels_of_row(waterfall, pixels, 0), next = first;
    for (size_t p = 0; p < pixels; p++) {
        while (next.begin <= p)
            next = pixels_of_row(waterfall, pixels, ++here.end);
        while (here.begin < here.end && first.end <= p)
            first = pixels_of_row(waterfall, pixels, ++here.begin);
        waterfall->of_pixels[p] = here;
    }
}

static bool are_same(const struct rows *a, const struct rows *b)
{
    return a->begin == b->begin && a->end == b->end;
}

/* Rows of pixels follow on each other that show the same. Where there are as many of them everywhere, one row of cells stands for
 * all of them, and each level still counts as often as any other. */
static uint32_t count_rows_of_cells(const struct waterfall *waterfall, uint32_t pixels)
{
    const struct rows *of_pixels = waterfall->of_pixels;
    uint32_t height = 1;
    while (height < pixels && are_same(&of_pixels[height], &of_pixels[0]))
        height++;
    if (pixels % height != 0)
        return pixels;
    for (uint32_t p = height; p < pixels; p++)
        if (are_same(&of_pixels[p], &of_pixels[p - 1]) != (p % height != 0))
            return pixels;
    return pixels / height;
}

static void fill_rows(const struct svi_run *run, const struct waterfall *waterfall, const struct cells *cells, uint32_t pixels)
{
    const size_t columns = waterfall->columns, height = pixels / waterfall->rows;
    for (size_t row = 0; row < waterfall->rows; row++) {
        const struct rows *rows = &waterfall->of_pixels[row * height];
        float *into = waterfall->level_db + row * columns;
        if (row && are_same(rows, rows - height))
            memcpy(into, into - columns, columns * sizeof *into);
        else
            fill_row(run, waterfall, cells, *rows, into);
    }
}

/* Data is left with a row for each row of pixels. */
static bool make_rows(struct svi_run *run, struct waterfall *waterfall, uint32_t pixels, struct svi_error *err)
{
    waterfall->of_pixels = calloc(pixels, sizeof *waterfall->of_pixels);
    if (!waterfall->of_pixels)
        return svi_fail_memory(err, pixels * sizeof *waterfall->of_pixels);
    find_rows_of_pixels(waterfall, pixels);
    waterfall->rows = run->request->save_data ? pixels : count_rows_of_cells(waterfall, pixels);
    return true;
}

static bool make_levels(struct svi_run *run, struct waterfall *waterfall, uint32_t pixels, struct svi_error *err)
{
    const size_t columns = waterfall->columns, count = waterfall->rows * columns;
    struct cells cells = { .power = malloc(columns * sizeof *cells.power),
                           .counts = malloc(columns * sizeof *cells.counts),
                           .reduction = svi_reduction_of(value(run, SVI_PARAM_REDUCTION)->text) };
    waterfall->level_db = malloc(count * sizeof *waterfall->level_db);
    const bool ok = cells.power && cells.counts && waterfall->level_db;
    if (ok)
        fill_rows(run, waterfall, &cells, pixels);
    free(cells.power);
    free(cells.counts);
    return ok || svi_fail_memory(err, count * sizeof *waterfall->level_db);
}

/* ---- figure ---- */

static bool check_parameters(const struct svi_run *run, struct svi_error *err)
{
    const char *reduction = value(run, SVI_PARAM_REDUCTION)->text;
    const enum svi_reduction kind = svi_reduction_of(reduction);
    if (value(run, SVI_PARAM_SLICES)->on)
        return svi_fail(err, SVI_BAD_PARAMETER, "The parameter slices asks for slices of samples, but %s holds power spectra.",
                        run->name);
    return kind == SVI_REDUCE_MAX || kind == SVI_REDUCE_MIN || kind == SVI_REDUCE_MEAN
           || svi_fail(err, SVI_BAD_PARAMETER, "The parameter reduction is %s, but of spectra a pixel shows max, mean or min.",
                       reduction);
}

static void describe_figure(struct svi_run *run, struct waterfall *waterfall)
{
    const struct svi_scale *scale = &waterfall->analysis.scale;
    waterfall->figure = svi_run_figure(run, "Waterfall");
    waterfall->figure.x = svi_analysis_frequency_axis(&waterfall->analysis);
    waterfall->figure.y = svi_time_axis_figure(&waterfall->time, runs_down(run));
    waterfall->figure.bar = svi_run_level_bar(run, scale->label, scale->unit);
}

static bool begin(struct svi_run *run, struct svi_error *err)
{
    struct waterfall *waterfall = svi_run_state(run, sizeof *waterfall, err);
    if (!waterfall || !check_parameters(run, err) || !svi_sweep_analysis_begin(&waterfall->analysis, run, err)
        || !find_times(waterfall, run->sweeps, err))
        return false;
    make_time_axis(waterfall, run);
    describe_figure(run, waterfall);
    return svi_figure_layout_create(&waterfall->layout, &waterfall->figure, err);
}

static void describe_footer(struct svi_run *run, struct waterfall *waterfall, uint32_t pixels)
{
    char more[112], count[48], reduced[48] = "";
    const size_t rows = waterfall->analysis.row_count;
    const double bins = (double)waterfall->analysis.band.bin_count / waterfall->columns;
    if (bins > 1 || rows > pixels)
        svi_format(reduced, sizeof reduced, ", %s of what falls on a pixel", value(run, SVI_PARAM_REDUCTION)->text);
    svi_analysis_count(count, sizeof count, &waterfall->analysis);
    svi_format(more, sizeof more, "%s%s", count, reduced);
    svi_analysis_footer(&waterfall->analysis, more);
    waterfall->figure.footer = run->footer;
}

static void summarize(struct svi_run *run, struct waterfall *waterfall)
{
    const struct svi_levels *levels = &waterfall->levels;
    const struct svi_band *band = &waterfall->analysis.band;
    const struct svi_figure_bar *bar = &waterfall->figure.bar;
    const struct svi_spectrum_power *power = &waterfall->analysis.power;
    const enum svi_reduction reduction = svi_reduction_of(value(run, SVI_PARAM_REDUCTION)->text);
    const struct svi_level_range range = { .min_db = levels->min_db,
                                           .max_db = levels->max_db,
                                           .percentile_1_db = svi_levels_percentile(levels, 1),
                                           .percentile_50_db = svi_levels_percentile(levels, 50),
                                           .percentile_99_db = svi_levels_percentile(levels, 99) };
    svi_analysis_summarize(&waterfall->analysis, &range,
                           reduction == SVI_REDUCE_MEAN  ? power->mean
                           : reduction == SVI_REDUCE_MIN ? power->min
                                                         : power->max);
    run->image = svi_summary_image(
        run, svi_figure_plot_area(waterfall->layout), svi_summary_axis("frequency", "Hz", band->low_hz, band->high_hz, NULL),
        svi_time_axis_summary(&waterfall->time, run, runs_down(run) ? "down" : "up"),
        json_pack("{s:s, s:f, s:f, s:s}", "colormap", bar->colormap->name, "min", bar->min, "max", bar->max, "unit", bar->unit));
    json_object_set_new(run->image, "reduction", json_string(value(run, SVI_PARAM_REDUCTION)->text));
    json_object_set_new(run->image, "spectra", json_integer((json_int_t)waterfall->analysis.row_count));
}

static void keep_data(struct svi_run *run, struct waterfall *waterfall)
{
    if (!run->request->save_data)
        return;
    run->data = waterfall->level_db;
    run->data_rows = waterfall->rows;
    run->data_columns = waterfall->columns;
    waterfall->level_db = NULL;
}

static bool draw(struct svi_run *run, struct svi_error *err)
{
    struct waterfall *waterfall = run->state;
    const struct svi_rect plot = svi_figure_plot_area(waterfall->layout);
    const uint32_t width = (uint32_t)plot.width, pixels = (uint32_t)plot.height, bins = waterfall->analysis.band.bin_count;
    waterfall->columns = width < bins ? width : bins;
    double low_db, high_db;
    if (!make_rows(run, waterfall, pixels, err) || !make_levels(run, waterfall, pixels, err))
        return false;
    svi_levels_measure_matrix(&waterfall->levels, waterfall->level_db, (uint64_t)waterfall->rows * waterfall->columns);
    svi_levels_auto_range(&waterfall->levels, false, &low_db, &high_db);
    svi_run_set_range(run, &waterfall->figure.bar, low_db, high_db);
    const struct svi_paint paint = { .rows = waterfall->rows,
                                     .columns = waterfall->columns,
                                     .upwards = !runs_down(run),
                                     .low = waterfall->figure.bar.min,
                                     .high = waterfall->figure.bar.max,
                                     .colormap = waterfall->figure.bar.colormap };
    describe_footer(run, waterfall, pixels);
    svi_figure_layout_refresh(waterfall->layout, &waterfall->figure);
    if (!svi_paint_matrix(&waterfall->pixels, waterfall->level_db, &paint, plot, err))
        return false;
    svi_run_show(run, &waterfall->figure, waterfall->layout, &waterfall->pixels);
    summarize(run, waterfall);
    keep_data(run, waterfall);
    return true;
}

static void end(struct svi_run *run)
{
    struct waterfall *waterfall = run->state;
    svi_figure_layout_destroy(waterfall->layout);
    svi_analysis_end(&waterfall->analysis);
    free(waterfall->begin_s);
    free(waterfall->end_s);
    free(waterfall->of_pixels);
    free(waterfall->level_db);
    free(waterfall->pixels.rgba);
}

const struct svi_visual svi_sweep_waterfall = { .name = "waterfall", .begin = begin, .draw = draw, .end = end };
