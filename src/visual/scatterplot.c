/* scatterplot - the constellation of a recording: how often its samples lie in each cell of the plane of I and Q. Equal units on
 * both axes. Every stored sample counts once, what lies outside is counted apart, and statistics are those of all samples. */
#include "capture/glance.h"
#include "device/density.h"
#include "visual/dots.h"
#include "visual/iq_grid.h"
#include "visual/iq_statistics.h"
#include "visual/picture.h"
#include "visual/scale.h"

#include <math.h>
#include <stdlib.h>

/* Beyond the limits that a first look found there is room for samples so many doublings further out. Where more than this share of
 * all samples lies outside, the picture shows more. */
enum { GRIDS = 7 };
static const double most_outside = 0.005;

/* Room between the farthest usual samples and the frame. */
static const double padding = 1.05;

/* A lone dot must be seen. */
enum { FIRST_COLOR = 72 };

enum { FULL_SCALE_POINTS = 5 };

struct scatterplot {
    struct svi_iq_grid grid;
    uint32_t doublings; /* of the grid that is shown */
    struct svi_density *density;
    struct svi_sample_sums *sums;
    struct svi_density_totals totals;
    struct svi_sample_statistics statistics;
    uint64_t shown, outside; /* samples; those that are not finite are neither */
    float *counts;           /* [rows][columns] */
    uint8_t palette_rgb[256][3];
    struct svi_colormap palette;
    struct svi_color_scale scale;
    double full_scale_x[FULL_SCALE_POINTS], full_scale_y[FULL_SCALE_POINTS];
    struct svi_figure_line full_scale;
    struct svi_figure figure;
    struct svi_figure_layout *layout;
    struct svi_plot_pixels pixels;
};

/* ---- before the pass ---- */

/* What an amplitude is on an axis: itself, or with compat the number as stored. */
static double on_axis(const struct svi_run *run, double amplitude)
{
    const struct svi_datatype *datatype = run->recording->datatype;
    return svi_run_compat(run) ? amplitude * datatype->full_scale + datatype->middle : amplitude;
}

static struct svi_figure_axis axis_of(const struct svi_run *run, const char *label, uint32_t cells)
{
    const struct scatterplot *plot = run->state;
    return (struct svi_figure_axis){
        .label = label,
        .at_start = on_axis(run, svi_iq_grid_edge(&plot->grid, 0, cells, plot->doublings)),
        .at_end = on_axis(run, svi_iq_grid_edge(&plot->grid, cells, cells, plot->doublings)),
    };
}

static void set_axes(struct svi_run *run)
{
    struct scatterplot *plot = run->state;
    const bool compat = svi_run_compat(run);
    plot->figure.x = axis_of(run, compat ? "I, as stored" : "I, full scale 1", plot->grid.columns);
    plot->figure.y = axis_of(run, compat ? "Q, as stored" : "Q, full scale 1", plot->grid.rows);
}

static void describe_figure(struct svi_run *run)
{
    struct scatterplot *plot = run->state;
    plot->palette = svi_colormap_of_counts(svi_colormap_find(run->values.at[SVI_PARAM_COLORMAP].text), FIRST_COLOR,
                                           plot->palette_rgb);
    plot->figure = svi_run_figure(run, "Constellation");
    plot->figure.square = true;
    plot->figure.grid = true;
    plot->figure.bar = (struct svi_figure_bar){
        .label = "Samples", .colormap = &plot->palette, .min = 1, .max = 10, .widest = "5×10⁶", .scale = SVI_EDGE_LOG, .whole = true
    };
}

/* The plot's size decides the cells, the cells decide the axes, and the axes' labels may change the plot's size a little: cells
 * follow once more. */
static bool lay_out(struct svi_run *run, double limit, struct svi_error *err)
{
    struct scatterplot *plot = run->state;
    const struct svi_datatype *datatype = run->recording->datatype;
    struct svi_rect area = { 0, 0, (int)plot->figure.width, (int)plot->figure.height };
    for (int round = 0; round < 2; round++) {
        plot->grid = svi_iq_grid_fit(datatype, limit, run->recording->sample_count, area);
        set_axes(run);
        svi_figure_layout_destroy(plot->layout);
        plot->layout = NULL;
        if (!svi_figure_layout_create(&plot->layout, &plot->figure, err))
            return false;
        area = svi_figure_plot_area(plot->layout);
    }
    plot->grid = svi_iq_grid_fit(datatype, limit, run->recording->sample_count, area);
    return true;
}

static double limit_of(const struct svi_run *run, const struct svi_glance *glance)
{
    const struct svi_value *given = &run->values.at[SVI_PARAM_AMPLITUDE_LIMIT];
    if (given->given)
        return svi_run_compat(run) ? given->number / run->recording->datatype->full_scale : given->number;
    return padding * (glance->usual > 0 ? glance->usual : 1);
}

static bool begin(struct svi_run *run, struct svi_error *err)
{
    const struct svi_recording *recording = run->recording;
    struct scatterplot *plot = svi_run_state(run, sizeof *plot, err);
    if (!plot || !svi_run_check_channel(run, err))
        return false;
    if (recording->datatype->parts != 2)
        return svi_fail(err, SVI_BAD_RECORDING,
                        "A scatterplot shows I and Q of complex samples, but those of %s are real (%s). Choose a periodogram or a "
                        "heatmap.",
                        recording->name, recording->datatype->name);
    const uint32_t channel = (uint32_t)run->values.at[SVI_PARAM_CHANNEL].number;
    struct svi_glance glance;
    describe_figure(run);
    if (!svi_glance(&glance, run->capture, channel, err) || !lay_out(run, limit_of(run, &glance), err))
        return false;
    const struct svi_density_request request = {
        .channel = channel,
        .cells = plot->grid.columns > plot->grid.rows ? plot->grid.columns : plot->grid.rows,
        .grids = run->values.at[SVI_PARAM_AMPLITUDE_LIMIT].given ? 1 : GRIDS,
        .cell_width = plot->grid.cell_width,
    };
    const struct svi_sample_sums_request sums = { .channel = channel, .typical = glance.peak };
    return svi_density_create(&plot->density, run->device, recording, &request, err)
           && svi_plan_take(run->plan, svi_density_taker(plot->density), err)
           && svi_sample_sums_create(&plot->sums, run->device, recording, &sums, err)
           && svi_plan_take(run->plan, svi_sample_sums_taker(plot->sums), err);
}

/* ---- after it ---- */

/* The middle of a grid, as far as the picture shows it; counts[] and shown. */
static bool take_grid(struct scatterplot *plot, uint32_t doublings, struct svi_error *err)
{
    const size_t columns = plot->grid.columns, rows = plot->grid.rows, cells = columns > rows ? columns : rows;
    const size_t left = (cells - columns) / 2, low = (cells - rows) / 2;
    uint64_t *counts;
    if (!svi_density_counts(plot->density, doublings, &counts, err))
        return false;
    plot->doublings = doublings;
    plot->shown = 0;
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++) {
            const uint64_t count = counts[(low + row) * cells + left + column];
            plot->counts[row * columns + column] = (float)count;
            plot->shown += count;
        }
    free(counts);
    return true;
}

/* The narrowest grid that leaves few samples out. */
static bool choose_grid(struct svi_run *run, struct svi_error *err)
{
    struct scatterplot *plot = run->state;
    const size_t bytes = (size_t)plot->grid.columns * plot->grid.rows * sizeof *plot->counts;
    const uint32_t grids = run->values.at[SVI_PARAM_AMPLITUDE_LIMIT].given ? 1 : GRIDS;
    plot->counts = malloc(bytes);
    if (!plot->counts)
        return svi_fail_memory(err, bytes);
    const uint64_t finite = plot->totals.within[grids - 1] + plot->totals.beyond;
    for (uint32_t doublings = 0; doublings < grids; doublings++) {
        if (!take_grid(plot, doublings, err))
            return false;
        plot->outside = finite - plot->shown;
        if ((double)plot->outside <= most_outside * (double)finite)
            break;
    }
    return true;
}

/* Where a number is at the end of its type, if that is in the picture. */
static void mark_full_scale(struct svi_run *run)
{
    struct scatterplot *plot = run->state;
    const double number = plot->grid.low < 0 ? plot->grid.number : 0;
    const double low = on_axis(run, -1 - number / 2), high = on_axis(run, 1 - number / 2);
    if (!(plot->figure.x.at_start < low && plot->figure.y.at_start < low && plot->figure.x.at_end > high))
        return;
    for (size_t i = 0; i < FULL_SCALE_POINTS; i++) {
        plot->full_scale_x[i] = i == 1 || i == 2 ? high : low;
        plot->full_scale_y[i] = i == 2 || i == 3 ? high : low;
    }
    plot->full_scale = (struct svi_figure_line){
        .x = plot->full_scale_x,
        .y = plot->full_scale_y,
        .count = FULL_SCALE_POINTS,
        .color = { 150, 150, 160 },
        .width = 1,
        .name = "Full scale",
    };
    plot->figure.lines = &plot->full_scale;
    plot->figure.line_count = 1;
}

static bool paint(struct svi_run *run, struct svi_error *err)
{
    struct scatterplot *plot = run->state;
    const uint8_t *never = svi_colormap_find(plot->palette.name)->rgb[0];
    const struct svi_dots dots = {
        .counts = plot->counts,
        .rows = plot->grid.rows,
        .columns = plot->grid.columns,
        .scale = &plot->scale,
        .colors = &plot->palette,
        .background = { never[0], never[1], never[2] },
        .unit = plot->figure.dpi / SVI_DOTS_PER_INCH,
    };
    return svi_dots_paint(&plot->pixels, &dots, svi_figure_plot_area(plot->layout), err);
}

static double percent_outside(const struct scatterplot *plot)
{
    return plot->outside ? 100 * (double)plot->outside / (double)(plot->shown + plot->outside) : 0;
}

static void write_footer(struct svi_run *run)
{
    const struct scatterplot *plot = run->state;
    char made[160], outside[48] = "";
    const uint64_t all = plot->shown + plot->outside;
    if (plot->outside)
        svi_format(outside, sizeof outside, ", %.3g %% of them outside", percent_outside(plot));
    svi_format(made, sizeof made, "%llu samples in %u × %u cells%s", (unsigned long long)all, plot->grid.columns, plot->grid.rows,
               outside);
    svi_run_footer(run, made);
}

static bool draw_figure(struct svi_run *run, struct svi_error *err)
{
    struct scatterplot *plot = run->state;
    const enum svi_color_scale_kind kind = svi_color_scale_kind(run->values.at[SVI_PARAM_COLOR_SCALE].text);
    if (!svi_color_scale_make(&plot->scale, kind, plot->counts, (size_t)plot->grid.columns * plot->grid.rows, err))
        return false;
    svi_color_scale_bar(&plot->scale, &plot->figure.bar);
    set_axes(run);
    mark_full_scale(run);
    write_footer(run);
    plot->figure.footer = run->footer;
    if (plot->doublings) {
        svi_figure_layout_destroy(plot->layout);
        plot->layout = NULL;
        if (!svi_figure_layout_create(&plot->layout, &plot->figure, err))
            return false;
    } else {
        svi_figure_layout_refresh(plot->layout, &plot->figure);
    }
    if (!paint(run, err))
        return false;
    svi_run_show(run, &plot->figure, plot->layout, &plot->pixels);
    return true;
}

static void summarize(struct svi_run *run)
{
    const struct scatterplot *plot = run->state;
    const struct svi_figure *figure = &plot->figure;
    const char *unit = svi_run_compat(run) ? "number" : "full scale";
    run->image = svi_summary_image(
        run, svi_figure_plot_area(plot->layout), svi_summary_axis("i", unit, figure->x.at_start, figure->x.at_end, NULL),
        svi_summary_axis("q", unit, figure->y.at_start, figure->y.at_end, NULL),
        json_pack("{s:s, s:f, s:f, s:s, s:s}", "colormap", plot->palette.name, "min", plot->scale.low, "max", plot->scale.high,
                  "unit", "samples", "scale", svi_color_scale_name(plot->scale.kind)));
    json_object_set_new(run->image, "columns", json_integer(plot->grid.columns));
    json_object_set_new(run->image, "rows", json_integer(plot->grid.rows));
    json_object_set_new(run->image, "samples", json_integer((json_int_t)plot->shown));
    json_object_set_new(run->image, "outside_samples", json_integer((json_int_t)plot->outside));
    json_object_set_new(run->image, "outside_percent", json_real(percent_outside(plot)));
}

static bool draw(struct svi_run *run, struct svi_error *err)
{
    struct scatterplot *plot = run->state;
    return svi_sample_sums_read(plot->sums, &plot->statistics, err) && svi_density_finish(plot->density, &plot->totals, err);
}

static bool compose(struct svi_run *run, struct svi_error *err)
{
    struct scatterplot *plot = run->state;
    if (!choose_grid(run, err) || !draw_figure(run, err))
        return false;
    svi_iq_statistics_warn(run, &plot->statistics);
    run->statistics = svi_iq_statistics(&plot->statistics);
    summarize(run);
    if (run->request->save_data) {
        run->data = plot->counts;
        run->data_rows = plot->grid.rows;
        run->data_columns = plot->grid.columns;
        plot->counts = NULL;
    }
    return true;
}

static void end(struct svi_run *run)
{
    struct scatterplot *plot = run->state;
    svi_density_destroy(plot->density);
    svi_sample_sums_destroy(plot->sums);
    svi_color_scale_clear(&plot->scale);
    svi_figure_layout_destroy(plot->layout);
    free(plot->counts);
    free(plot->pixels.rgba);
}

const struct svi_visual svi_scatterplot = {
    .name = "scatterplot",
    .help = "how often I and Q have each pair of values",
    .alias = "constellation",
    .begin = begin,
    .draw = draw,
    .compose = compose,
    .composing = 2,
    .end = end,
    .of_table = &svi_table_scatter,
};
