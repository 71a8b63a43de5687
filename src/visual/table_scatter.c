/* table_scatter - a scatterplot of a table: two columns against each other, one against the number of the row where there is but
 * one. Few rows are points, colored by a third column; many are a density, or the mean of the third column. */
#include "visual/dots.h"
#include "visual/paint.h"
#include "visual/table_figure.h"

#include <math.h>
#include <stdlib.h>

/* Up to so many rows are drawn as points. */
enum { MOST_POINTS = 20000 };

/* Room between the outermost points and the frame, of the distance between them. */
static const double padding = 0.03;

struct scatter {
    size_t x, y, value; /* columns */
    bool points;
    struct svi_grid grid; /* of points, the axes alone */
    double *numbers;      /* of points: the third column, NAN where the point is not shown; else the grid's values */
    size_t count;         /* of numbers */
    uint64_t shown, missing, outside;
    char x_label[SVI_COLUMN_LABEL], y_label[SVI_COLUMN_LABEL], bar_label[SVI_COLUMN_LABEL], name[SVI_COLUMN_LABEL];
    struct svi_table_colors colors;
    struct svi_figure figure;
    struct svi_figure_layout *layout;
    struct svi_plot_pixels pixels;
};

static bool choose_columns(const struct svi_run *run, struct scatter *plot, struct svi_error *err)
{
    const bool one = run->table->column_count == 1;
    return svi_run_column(run, SVI_PARAM_X_COLUMN, one ? SVI_COLUMN_ROW : 0, &plot->x, err)
           && svi_run_column(run, SVI_PARAM_Y_COLUMN, one ? 0 : 1, &plot->y, err)
           && svi_run_column(run, SVI_PARAM_VALUE_COLUMN, SVI_COLUMN_NONE, &plot->value, err);
}

static void pad(struct svi_grid_axis *axis)
{
    const double low = axis->low, high = axis->high;
    axis->low = axis->log ? low / pow(high / low, padding) : low - padding * (high - low);
    axis->high = axis->log ? high * pow(high / low, padding) : high + padding * (high - low);
}

static bool set_axes(struct svi_run *run, struct scatter *plot, struct svi_error *err)
{
    if (!svi_table_axis(&plot->figure.x, &plot->grid.x, plot->x_label, run, plot->x, SVI_PARAM_X_SCALE, 1, err)
        || !svi_table_axis(&plot->figure.y, &plot->grid.y, plot->y_label, run, plot->y, SVI_PARAM_Y_SCALE, 1, err))
        return false;
    pad(&plot->grid.x);
    pad(&plot->grid.y);
    plot->figure.x.at_start = plot->grid.x.low;
    plot->figure.x.at_end = plot->grid.x.high;
    plot->figure.y.at_start = plot->grid.y.low;
    plot->figure.y.at_end = plot->grid.y.high;
    plot->figure.grid = true;
    return true;
}

/* The third column of each row that is shown, 0 without one. */
static bool take_points(const struct svi_run *run, struct scatter *plot, struct svi_error *err)
{
    const struct svi_table *table = run->table;
    plot->count = table->row_count;
    plot->numbers = malloc(plot->count * sizeof *plot->numbers);
    if (!plot->numbers)
        return svi_fail_memory(err, plot->count * sizeof *plot->numbers);
    for (size_t row = 0; row < plot->count; row++) {
        const double x = svi_table_number(table, row, plot->x), y = svi_table_number(table, row, plot->y);
        const double number = plot->value == SVI_COLUMN_NONE ? 0 : svi_table_number(table, row, plot->value);
        const bool missing = isnan(x) || isnan(y) || isnan(number);
        const bool placed = !isnan(svi_grid_share(&plot->grid.x, x)) && !isnan(svi_grid_share(&plot->grid.y, y));
        plot->numbers[row] = !missing && placed ? number : NAN;
        plot->missing += missing;
        plot->outside += !missing && !placed;
        plot->shown += !missing && placed;
    }
    return true;
}

/* As fine as pixels, but as coarse as four of them where cells would have less than one row. */
static uint32_t cells_along(const struct svi_run *run, struct svi_rect area, int pixels)
{
    int edge = 1;
    while (edge < 4 && (double)area.width * area.height / (edge * edge) > (double)run->table->row_count)
        edge++;
    const int cells = pixels / edge;
    return (uint32_t)(cells < 1 ? 1 : cells > SVI_GRID_MOST_BINS ? SVI_GRID_MOST_BINS : cells);
}

static bool take_density(const struct svi_run *run, struct scatter *plot, struct svi_error *err)
{
    const struct svi_rect area = svi_figure_plot_area(plot->layout);
    plot->grid.x.bins = cells_along(run, area, area.width);
    plot->grid.y.bins = cells_along(run, area, area.height);
    plot->grid.aggregate = plot->value == SVI_COLUMN_NONE ? SVI_AGGREGATE_COUNT : SVI_AGGREGATE_MEAN;
    if (!svi_grid_fill(&plot->grid, run->table, plot->x, plot->y, plot->value, err))
        return false;
    plot->numbers = plot->grid.values;
    plot->count = (size_t)plot->grid.x.bins * plot->grid.y.bins;
    plot->shown = plot->grid.shown;
    plot->missing = plot->grid.missing;
    plot->outside = plot->grid.outside;
    return true;
}

static bool has_bar(const struct scatter *plot)
{
    return !plot->points || plot->value != SVI_COLUMN_NONE;
}

static void describe_bar(const struct svi_run *run, struct scatter *plot)
{
    struct svi_figure_bar *bar = &plot->figure.bar;
    bar->colormap = svi_colormap_find(run->values.at[SVI_PARAM_COLORMAP].text);
    bar->max = 1;
    bar->label = "Rows";
    if (plot->value == SVI_COLUMN_NONE) {
        bar->widest = "5×10⁶";
        return;
    }
    svi_column_label(plot->name, run->table, plot->value);
    svi_format(plot->bar_label, sizeof plot->bar_label, "%s%s", plot->points ? "" : "Mean of ", plot->name);
    bar->label = plot->bar_label;
    bar->unit = svi_column_unit(run->table, plot->value);
    if (!svi_table_range(run->table, plot->value, false, &bar->min, &bar->max))
        *bar = (struct svi_figure_bar){ .colormap = bar->colormap, .label = bar->label, .unit = bar->unit, .max = 1 };
}

static void write_footer(struct svi_run *run)
{
    const struct scatter *plot = run->state;
    char made[120];
    if (plot->points)
        svi_format(made, sizeof made, "%llu points", (unsigned long long)plot->shown);
    else
        svi_format(made, sizeof made, "%llu rows, %s in %u × %u cells", (unsigned long long)plot->shown,
                   svi_aggregate_name(plot->grid.aggregate), plot->grid.x.bins, plot->grid.y.bins);
    svi_table_footer(run, made, plot->missing, plot->outside);
}

/* The plot's size decides the cells of a density, and they decide the range of colors: until then the bar has that of the column,
 * or room for any count. */
static bool lay_out(struct svi_run *run, struct scatter *plot, struct svi_error *err)
{
    if (has_bar(plot))
        describe_bar(run, plot);
    return svi_figure_layout_create(&plot->layout, &plot->figure, err);
}

static bool begin(struct svi_run *run, struct svi_error *err)
{
    struct scatter *plot = svi_run_state(run, sizeof *plot, err);
    if (!plot)
        return false;
    plot->figure = svi_run_figure(run, "Scatterplot");
    plot->points = run->table->row_count <= MOST_POINTS;
    if (!choose_columns(run, plot, err) || !set_axes(run, plot, err) || !lay_out(run, plot, err)
        || !(plot->points ? take_points(run, plot, err) : take_density(run, plot, err)))
        return false;
    if (!plot->shown)
        return svi_fail(err, SVI_BAD_RECORDING, "No row of %s has a number in each of the columns that are to be shown.",
                        run->table->name);
    svi_run_column_chosen(run, SVI_PARAM_X_COLUMN, plot->x);
    svi_run_column_chosen(run, SVI_PARAM_Y_COLUMN, plot->y);
    if (!has_bar(plot))
        return true;
    const bool counts = !plot->points && plot->grid.aggregate == SVI_AGGREGATE_COUNT;
    if (!counts)
        svi_values_default_text(&run->values, SVI_PARAM_COLOR_SCALE, svi_color_scale_name(SVI_COLOR_LINEAR));
    if (!plot->points)
        svi_run_warn_of_decibels(run, plot->grid.aggregate, plot->value);
    if (!svi_table_colors_make(&plot->colors, run, plot->numbers, plot->count, counts, err))
        return false;
    svi_table_colors_bar(&plot->colors, &plot->figure.bar);
    return true;
}

/* ---- after it ---- */

/* A disc whose rim is as transparent as the share of the pixel that it covers. */
static void draw_disc(uint8_t *rgba, struct svi_rect area, double x, double y, double radius, struct svi_color color)
{
    for (int row = (int)floor(y - radius - 0.5); row <= (int)ceil(y + radius + 0.5); row++)
        for (int column = (int)floor(x - radius - 0.5); column <= (int)ceil(x + radius + 0.5); column++) {
            const double inside = radius + 0.5 - hypot(column + 0.5 - x, row + 0.5 - y);
            const bool on = row >= 0 && column >= 0 && row < area.height && column < area.width;
            if (inside > 0 && on)
                svi_pixel_tint(rgba + 4 * ((size_t)row * (size_t)area.width + (size_t)column), color,
                               (uint8_t)lround(230 * fmin(inside, 1)));
        }
}

/* Many points are small. */
static double radius_px(const struct scatter *plot)
{
    const double radius = plot->shown <= 1000 ? 3 : plot->shown <= 5000 ? 2 : 1.2;
    return fmax(0.6, radius * plot->figure.dpi / SVI_DOTS_PER_INCH);
}

static struct svi_color color_of(const struct scatter *plot, double number)
{
    static const struct svi_color on_light = { 31, 90, 170 }, on_dark = { 120, 180, 255 };
    if (!has_bar(plot))
        return plot->figure.theme == SVI_THEME_DARK ? on_dark : on_light;
    const double share = (double)svi_table_color_share(&plot->colors, number);
    const uint8_t *rgb = plot->colors.map.rgb[(size_t)fmin(floor(256 * share), 255)];
    return (struct svi_color){ rgb[0], rgb[1], rgb[2] };
}

static bool paint_points(struct svi_run *run, struct svi_error *err)
{
    struct scatter *plot = run->state;
    const struct svi_rect area = svi_figure_plot_area(plot->layout);
    const size_t count = (size_t)area.width * (size_t)area.height;
    uint8_t *rgba = malloc(4 * count);
    if (!rgba)
        return svi_fail_memory(err, 4 * count);
    plot->pixels = (struct svi_plot_pixels){ .rgba = rgba, .rows = (uint32_t)area.height };
    svi_pixels_fill(rgba, count, svi_theme_color(plot->figure.theme, SVI_INK_BACKGROUND));
    for (size_t row = 0; row < plot->count; row++)
        if (!isnan(plot->numbers[row]))
            draw_disc(rgba, area, area.width * svi_grid_share(&plot->grid.x, svi_table_number(run->table, row, plot->x)),
                      area.height * (1 - svi_grid_share(&plot->grid.y, svi_table_number(run->table, row, plot->y))),
                      radius_px(plot), color_of(plot, plot->numbers[row]));
    return true;
}

/* Counts as dots that can be seen, means cell by cell. */
static bool paint_density(struct svi_run *run, struct svi_error *err)
{
    struct scatter *plot = run->state;
    const uint32_t rows = plot->grid.y.bins, columns = plot->grid.x.bins;
    const struct svi_rect area = svi_figure_plot_area(plot->layout);
    const uint8_t *first = svi_colormap_find(plot->colors.map.name)->rgb[0];
    const struct svi_color ground = svi_theme_color(plot->figure.theme, SVI_INK_GAP);
    float *values = malloc(plot->count * sizeof *values);
    if (!values)
        return svi_fail_memory(err, plot->count * sizeof *values);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++) {
            const double number = plot->numbers[row * columns + column];
            if (plot->colors.counts)
                values[row * columns + column] = (float)number;
            else
                values[(rows - 1 - row) * columns + column] = svi_table_color_share(&plot->colors, number);
        }
    const struct svi_dots dots = { .counts = values,
                                   .rows = rows,
                                   .columns = columns,
                                   .scale = &plot->colors.scale,
                                   .colors = &plot->colors.map,
                                   .background = { first[0], first[1], first[2] },
                                   .unit = plot->figure.dpi / SVI_DOTS_PER_INCH };
    const struct svi_paint cells = { .rows = rows,
                                     .columns = columns,
                                     .low = 0,
                                     .high = 1,
                                     .colormap = &plot->colors.map,
                                     .nothing = { ground.r, ground.g, ground.b, 255 } };
    const bool ok = plot->colors.counts ? svi_dots_paint(&plot->pixels, &dots, area, err)
                                        : svi_paint_matrix(&plot->pixels, values, &cells, area, err);
    free(values);
    return ok;
}

/* Of points, x, y and the third column of each row; of a density, its cells. */
static bool keep_data(struct svi_run *run, struct svi_error *err)
{
    const struct scatter *plot = run->state;
    const size_t width = plot->value == SVI_COLUMN_NONE ? 2 : 3, rows = plot->points ? plot->count : plot->grid.y.bins;
    const size_t columns = plot->points ? width : plot->grid.x.bins;
    if (!run->request->save_data)
        return true;
    run->data = malloc(rows * columns * sizeof *run->data);
    if (!run->data)
        return svi_fail_memory(err, rows * columns * sizeof *run->data);
    const size_t from[3] = { plot->x, plot->y, plot->value };
    for (size_t i = 0; i < rows * columns; i++)
        run->data[i] = (float)(plot->points ? svi_table_number(run->table, i / columns, from[i % columns]) : plot->numbers[i]);
    run->data_rows = rows;
    run->data_columns = columns;
    return true;
}

static bool draw(struct svi_run *run, struct svi_error *err)
{
    struct scatter *plot = run->state;
    write_footer(run);
    plot->figure.footer = run->footer;
    svi_figure_layout_refresh(plot->layout, &plot->figure);
    if (!(plot->points ? paint_points(run, err) : paint_density(run, err)) || !keep_data(run, err))
        return false;
    svi_run_show(run, &plot->figure, plot->layout, &plot->pixels);
    svi_table_summarize(run, &plot->figure, svi_figure_plot_area(plot->layout), has_bar(plot) ? &plot->colors : NULL);
    json_object_set_new(run->image, "drawn_as", json_string(plot->points ? "points" : "density"));
    svi_table_summarize_rows(run, plot->shown, plot->missing, plot->outside);
    return true;
}

static void end(struct svi_run *run)
{
    struct scatter *plot = run->state;
    svi_table_colors_clear(&plot->colors);
    svi_figure_layout_destroy(plot->layout);
    free(plot->numbers);
    free(plot->pixels.rgba);
}

const struct svi_visual svi_table_scatter = { .name = "scatterplot", .begin = begin, .draw = draw, .end = end };
