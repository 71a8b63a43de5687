/* table_heatmap - a heatmap of a table: its rows binned over two of its columns, or, of a table without a header, its numbers as a
 * matrix. */
#include "visual/paint.h"
#include "visual/table_figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct heatmap {
    bool matrix;
    size_t x, y, value; /* columns */
    struct svi_grid grid;
    const double *values; /* [rows][columns]: the grid's, or the table's */
    size_t rows, columns;
    char x_label[SVI_COLUMN_LABEL], y_label[SVI_COLUMN_LABEL], bar_label[SVI_COLUMN_LABEL];
    struct svi_table_colors colors;
    struct svi_figure figure;
    struct svi_figure_layout *layout;
    struct svi_plot_pixels pixels;
};

static bool given(const struct svi_run *run, enum svi_param param)
{
    return run->values.at[param].given;
}

/* A table without a header is a matrix, unless columns are asked for. */
static bool is_matrix(const struct svi_run *run)
{
    return !run->table->has_header && !given(run, SVI_PARAM_X_COLUMN) && !given(run, SVI_PARAM_Y_COLUMN)
           && !given(run, SVI_PARAM_VALUE_COLUMN);
}

static bool choose_columns(const struct svi_run *run, struct heatmap *heatmap, struct svi_error *err)
{
    const struct svi_table *table = run->table;
    if (table->column_count < 2)
        return svi_fail(err, SVI_BAD_RECORDING, "A heatmap shows numbers over two columns, but %s has one. Choose a scatterplot.",
                        table->name);
    return svi_run_column(run, SVI_PARAM_X_COLUMN, 0, &heatmap->x, err)
           && svi_run_column(run, SVI_PARAM_Y_COLUMN, 1, &heatmap->y, err)
           && svi_run_column(run, SVI_PARAM_VALUE_COLUMN, table->column_count > 2 ? 2 : SVI_COLUMN_NONE, &heatmap->value, err);
}

/* The mean where there is something to take it of, else a count. */
static bool choose_aggregate(const struct svi_run *run, struct heatmap *heatmap, struct svi_error *err)
{
    const struct svi_value *word = &run->values.at[SVI_PARAM_AGGREGATE];
    heatmap->grid.aggregate = *word->text                         ? svi_aggregate_of(word->text)
                              : heatmap->value == SVI_COLUMN_NONE ? SVI_AGGREGATE_COUNT
                                                                  : SVI_AGGREGATE_MEAN;
    if (heatmap->grid.aggregate == SVI_AGGREGATE_COUNT)
        heatmap->value = SVI_COLUMN_NONE;
    return heatmap->grid.aggregate == SVI_AGGREGATE_COUNT || heatmap->value != SVI_COLUMN_NONE
           || svi_fail(err, SVI_BAD_PARAMETER,
                       "The parameter aggregate is \"%s\", but %s has no third column: name one by valueColumn.", word->text,
                       run->table->name);
}

static void label_bar(const struct svi_run *run, struct heatmap *heatmap)
{
    static const char *const words[] = { [SVI_AGGREGATE_MEAN] = "Mean of ",
                                         [SVI_AGGREGATE_MAX] = "Maximum of ",
                                         [SVI_AGGREGATE_MIN] = "Minimum of ",
                                         [SVI_AGGREGATE_SUM] = "Sum of " };
    struct svi_figure_bar *bar = &heatmap->figure.bar;
    char name[SVI_COLUMN_LABEL];
    bar->label = heatmap->matrix ? "Value" : "Rows";
    if (heatmap->matrix || heatmap->value == SVI_COLUMN_NONE)
        return;
    svi_column_label(name, run->table, heatmap->value);
    svi_format(heatmap->bar_label, sizeof heatmap->bar_label, "%s%s", words[heatmap->grid.aggregate], name);
    bar->label = heatmap->bar_label;
    bar->unit = svi_column_unit(run->table, heatmap->value);
}

static bool bin(struct svi_run *run, struct heatmap *heatmap, struct svi_error *err)
{
    struct svi_grid *grid = &heatmap->grid;
    const struct svi_value *bins = &run->values.at[SVI_PARAM_BINS];
    const uint32_t count = bins->given ? (uint32_t)bins->number : 0;
    if (!choose_columns(run, heatmap, err) || !choose_aggregate(run, heatmap, err)
        || !svi_table_axis(&heatmap->figure.x, &grid->x, heatmap->x_label, run, heatmap->x, SVI_PARAM_X_SCALE, count, err)
        || !svi_table_axis(&heatmap->figure.y, &grid->y, heatmap->y_label, run, heatmap->y, SVI_PARAM_Y_SCALE, count, err)
        || !svi_grid_fill(grid, run->table, heatmap->x, heatmap->y, heatmap->value, err))
        return false;
    heatmap->values = grid->values;
    heatmap->rows = grid->y.bins;
    heatmap->columns = grid->x.bins;
    svi_run_column_chosen(run, SVI_PARAM_X_COLUMN, heatmap->x);
    svi_run_column_chosen(run, SVI_PARAM_Y_COLUMN, heatmap->y);
    svi_run_column_chosen(run, SVI_PARAM_VALUE_COLUMN, heatmap->value);
    svi_values_default_text(&run->values, SVI_PARAM_AGGREGATE, svi_aggregate_name(grid->aggregate));
    svi_run_warn_of_decibels(run, grid->aggregate, heatmap->value);
    return grid->shown
           || svi_fail(err, SVI_BAD_RECORDING, "No row of %s has a number in each of the columns that are to be shown.",
                       run->table->name);
}

/* The first row on top, as in the file. */
static void take_matrix(const struct svi_run *run, struct heatmap *heatmap)
{
    const struct svi_table *table = run->table;
    heatmap->values = table->values;
    heatmap->rows = table->row_count;
    heatmap->columns = table->column_count;
    heatmap->figure.x = (struct svi_figure_axis){ .label = "Column", .at_start = 0.5, .at_end = 0.5 + (double)table->column_count };
    heatmap->figure.y = (struct svi_figure_axis){ .label = "Row", .at_start = 0.5 + (double)table->row_count, .at_end = 0.5 };
}

static void write_footer(struct svi_run *run)
{
    const struct heatmap *heatmap = run->state;
    char made[120];
    if (heatmap->matrix)
        svi_format(made, sizeof made, "matrix");
    else
        svi_format(made, sizeof made, "%s in %zu × %zu bins, %llu rows", svi_aggregate_name(heatmap->grid.aggregate),
                   heatmap->columns, heatmap->rows, (unsigned long long)heatmap->grid.shown);
    svi_table_footer(run, made, heatmap->matrix ? run->table->missing : heatmap->grid.missing, heatmap->grid.outside);
}

static bool begin(struct svi_run *run, struct svi_error *err)
{
    struct heatmap *heatmap = svi_run_state(run, sizeof *heatmap, err);
    if (!heatmap)
        return false;
    heatmap->figure = svi_run_figure(run, "Heatmap");
    heatmap->matrix = is_matrix(run);
    if (heatmap->matrix)
        take_matrix(run, heatmap);
    else if (!bin(run, heatmap, err))
        return false;
    const bool counts = !heatmap->matrix && heatmap->grid.aggregate == SVI_AGGREGATE_COUNT;
    if (!counts)
        svi_values_default_text(&run->values, SVI_PARAM_COLOR_SCALE, svi_color_scale_name(SVI_COLOR_LINEAR));
    if (!svi_table_colors_make(&heatmap->colors, run, heatmap->values, heatmap->rows * heatmap->columns, counts, err))
        return false;
    svi_table_colors_bar(&heatmap->colors, &heatmap->figure.bar);
    label_bar(run, heatmap);
    write_footer(run);
    heatmap->figure.footer = run->footer;
    return svi_figure_layout_create(&heatmap->layout, &heatmap->figure, err);
}

/* The colour of cells without rows: below all others of counts, else the ground of the theme. Missing numbers of a matrix are
 * gaps, which the figure hatches. */
static void set_nothing(const struct heatmap *heatmap, struct svi_paint *paint)
{
    const struct svi_color ground = svi_theme_color(heatmap->figure.theme, SVI_INK_GAP);
    const uint8_t *first = svi_colormap_find(heatmap->colors.map.name)->rgb[0];
    const uint8_t rgb[3] = { heatmap->colors.counts ? first[0] : ground.r, heatmap->colors.counts ? first[1] : ground.g,
                             heatmap->colors.counts ? first[2] : ground.b };
    if (heatmap->matrix)
        return;
    memcpy(paint->nothing, rgb, sizeof rgb);
    paint->nothing[3] = 255;
}

static bool paint(struct svi_run *run, struct svi_error *err)
{
    struct heatmap *heatmap = run->state;
    const size_t rows = heatmap->rows, columns = heatmap->columns;
    float *shares = malloc(rows * columns * sizeof *shares);
    if (!shares)
        return svi_fail_memory(err, rows * columns * sizeof *shares);
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++)
            shares[row * columns + column] = svi_table_color_share(
                &heatmap->colors, heatmap->values[(heatmap->matrix ? row : rows - 1 - row) * columns + column]);
    struct svi_paint how = {
        .rows = (uint32_t)rows, .columns = (uint32_t)columns, .low = 0, .high = 1, .colormap = &heatmap->colors.map
    };
    set_nothing(heatmap, &how);
    const bool ok = svi_paint_matrix(&heatmap->pixels, shares, &how, svi_figure_plot_area(heatmap->layout), err);
    free(shares);
    return ok;
}

static bool keep_data(struct svi_run *run, struct svi_error *err)
{
    const struct heatmap *heatmap = run->state;
    const size_t count = heatmap->rows * heatmap->columns;
    if (!run->request->save_data)
        return true;
    run->data = malloc(count * sizeof *run->data);
    if (!run->data)
        return svi_fail_memory(err, count * sizeof *run->data);
    for (size_t i = 0; i < count; i++)
        run->data[i] = (float)heatmap->values[i];
    run->data_rows = heatmap->rows;
    run->data_columns = heatmap->columns;
    return true;
}

static bool draw(struct svi_run *run, struct svi_error *err)
{
    struct heatmap *heatmap = run->state;
    if (!paint(run, err) || !keep_data(run, err))
        return false;
    svi_run_show(run, &heatmap->figure, heatmap->layout, &heatmap->pixels);
    svi_table_summarize(run, &heatmap->figure, svi_figure_plot_area(heatmap->layout), &heatmap->colors);
    json_object_set_new(run->image, "columns", json_integer((json_int_t)heatmap->columns));
    json_object_set_new(run->image, "rows", json_integer((json_int_t)heatmap->rows));
    if (heatmap->matrix) {
        json_object_set_new(run->image, "missing_cells", json_integer((json_int_t)run->table->missing));
        return true;
    }
    json_object_set_new(run->image, "aggregate", json_string(svi_aggregate_name(heatmap->grid.aggregate)));
    svi_table_summarize_rows(run, heatmap->grid.shown, heatmap->grid.missing, heatmap->grid.outside);
    return true;
}

static void end(struct svi_run *run)
{
    struct heatmap *heatmap = run->state;
    svi_table_colors_clear(&heatmap->colors);
    svi_figure_layout_destroy(heatmap->layout);
    free(heatmap->grid.values);
    free(heatmap->pixels.rgba);
}

const struct svi_visual svi_table_heatmap = { .name = "heatmap", .begin = begin, .draw = draw, .end = end };
