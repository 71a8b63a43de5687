#include "visual/table_figure.h"

#include "base/version.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A cell with one row must stand out from one without: the colors of counts begin here in the map. */
enum { FIRST_COLOR = 40, LISTED_COLUMNS = 12 };

static bool fail_column(const struct svi_table *table, enum svi_param param, const struct svi_value *value, struct svi_error *err)
{
    char list[400] = "", wanted[48];
    for (size_t i = 0, used = 0; i < table->column_count && i < LISTED_COLUMNS; i++, used = strlen(list)) {
        const char *name = table->columns[i].name;
        svi_format(list + used, sizeof list - used, "%s%zu%s%.*s", i ? ", " : "", i + 1, *name ? " " : "",
                   (int)svi_utf8_fit(name, strlen(name) < 24 ? strlen(name) : 24), name);
    }
    if (*value->text)
        svi_format(wanted, sizeof wanted, "\"%s\"", value->text);
    else
        svi_format(wanted, sizeof wanted, "%.0f", value->number);
    return svi_fail(err, SVI_BAD_PARAMETER, "The parameter %s is %s, but the table has %zu column%s: %s%s.", svi_param_key(param),
                    wanted, table->column_count, table->column_count == 1 ? "" : "s", list,
                    table->column_count > LISTED_COLUMNS ? ", …" : "");
}

bool svi_run_column(const struct svi_run *run, enum svi_param param, size_t standard, size_t *column, struct svi_error *err)
{
    const struct svi_value *value = &run->values.at[param];
    const struct svi_table *table = run->table;
    *column = !value->given ? standard : *value->text ? svi_table_find(table, value->text) : (size_t)value->number - 1;
    return !value->given || *column < table->column_count || fail_column(table, param, value, err);
}

void svi_run_column_chosen(struct svi_run *run, enum svi_param param, size_t column)
{
    if (column < run->table->column_count)
        svi_values_default_number(&run->values, param, (double)column + 1);
}

void svi_run_warn_of_decibels(struct svi_run *run, enum svi_aggregate aggregate, size_t column)
{
    char label[SVI_COLUMN_LABEL];
    const char *unit = svi_column_unit(run->table, column);
    if (!unit || strncmp(unit, "dB", 2) != 0 || (aggregate != SVI_AGGREGATE_MEAN && aggregate != SVI_AGGREGATE_SUM))
        return;
    svi_column_label(label, run->table, column);
    svi_warn(&run->warnings, "The %s of \"%s\" is one of decibels as they stand in the table, not of powers.",
             svi_aggregate_name(aggregate), label);
}

void svi_column_label(char into[SVI_COLUMN_LABEL], const struct svi_table *table, size_t column)
{
    if (column == SVI_COLUMN_ROW)
        svi_format(into, SVI_COLUMN_LABEL, "Row");
    else if (*table->columns[column].name)
        svi_format(into, SVI_COLUMN_LABEL, "%s", table->columns[column].name);
    else
        svi_format(into, SVI_COLUMN_LABEL, "Column %zu", column + 1);
}

const char *svi_column_unit(const struct svi_table *table, size_t column)
{
    const char *unit = column < table->column_count ? table->columns[column].unit : "";
    return *unit && strcmp(unit, SVI_UNIT_UTC) != 0 ? unit : NULL;
}

bool svi_table_axis(struct svi_figure_axis *figure, struct svi_grid_axis *axis, char label[SVI_COLUMN_LABEL],
                    const struct svi_run *run, size_t column, enum svi_param scale, uint32_t bins, struct svi_error *err)
{
    const bool log = !strcmp(run->values.at[scale].text, "log");
    svi_column_label(label, run->table, column);
    if (!svi_grid_axis_fit(axis, run->table, column, log, bins))
        return svi_fail(err, SVI_BAD_RECORDING, "The column \"%s\" of %s has no number%s, so there is nothing to draw over it.",
                        label, run->table->name, log ? " above 0" : "");
    *figure = (struct svi_figure_axis){ .label = label,
                                        .unit = svi_column_unit(run->table, column),
                                        .at_start = axis->low,
                                        .at_end = axis->high,
                                        .scale = log ? SVI_EDGE_LOG : SVI_EDGE_LINEAR };
    return true;
}

/* ---- colors ---- */

static bool make_scale(struct svi_table_colors *colors, const struct svi_run *run, const double *values, size_t count,
                       struct svi_error *err)
{
    const char *name = run->values.at[SVI_PARAM_COLOR_SCALE].text;
    float *rounded = malloc(count * sizeof *rounded);
    if (!rounded)
        return svi_fail_memory(err, count * sizeof *rounded);
    bool above = true;
    for (size_t i = 0; i < count; i++) {
        rounded[i] = (float)values[i];
        above &= colors->counts || isnan(values[i]) || (rounded[i] > 0 && isfinite(rounded[i]));
    }
    const bool ok = above ? svi_color_scale_make(&colors->scale, svi_color_scale_kind(name), rounded, count, err)
                          : svi_fail(
                              err, SVI_BAD_PARAMETER,
                              "The parameter colorScale is \"%s\", but some of the numbers to be shown are not above 0. Choose "
                              "linear.",
                              name);
    free(rounded);
    return ok;
}

static bool choose_range(struct svi_table_colors *colors, const struct svi_run *run, const double *values, size_t count,
                         struct svi_error *err)
{
    const struct svi_value *low = &run->values.at[SVI_PARAM_VALUE_MIN], *high = &run->values.at[SVI_PARAM_VALUE_MAX];
    colors->low = INFINITY;
    colors->high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        colors->low = fmin(colors->low, values[i]);
        colors->high = fmax(colors->high, values[i]);
    }
    if (!(colors->low <= colors->high))
        colors->low = colors->high = 0;
    const double pad = colors->low < colors->high ? 0 : colors->low != 0 ? 0.05 * fabs(colors->low) : 0.5;
    colors->low = low->given ? low->number : high->given ? fmin(colors->low, high->number - 1) : colors->low - pad;
    colors->high = high->given ? high->number : low->given ? fmax(colors->high, low->number + 1) : colors->high + pad;
    return colors->low < colors->high
           || svi_fail(err, SVI_BAD_PARAMETER, "The parameter valueMin (%.10g) must be less than valueMax (%.10g).", colors->low,
                       colors->high);
}

bool svi_table_colors_make(struct svi_table_colors *out, const struct svi_run *run, const double *values, size_t count, bool counts,
                           struct svi_error *err)
{
    const struct svi_value *scale = &run->values.at[SVI_PARAM_COLOR_SCALE];
    const bool scaled = counts || (scale->given && strcmp(scale->text, "linear") != 0);
    *out = (struct svi_table_colors){ .counts = counts };
    out->map = svi_colormap_of_counts(svi_colormap_find(run->values.at[SVI_PARAM_COLORMAP].text), counts ? FIRST_COLOR : 0,
                                      out->rgb);
    return scaled ? make_scale(out, run, values, count, err) : choose_range(out, run, values, count, err);
}

void svi_table_colors_clear(struct svi_table_colors *colors)
{
    svi_color_scale_clear(&colors->scale);
}

static bool has_scale(const struct svi_table_colors *colors)
{
    return !(colors->low < colors->high);
}

float svi_table_color_share(const struct svi_table_colors *colors, double value)
{
    if (has_scale(colors))
        return svi_color_scale_share(&colors->scale, (float)value);
    return isnan(value) ? NAN : (float)fmin(fmax((value - colors->low) / (colors->high - colors->low), 0), 1);
}

void svi_table_colors_bar(const struct svi_table_colors *colors, struct svi_figure_bar *bar)
{
    bar->colormap = &colors->map;
    bar->whole = colors->counts;
    if (has_scale(colors)) {
        svi_color_scale_bar(&colors->scale, bar);
        return;
    }
    bar->min = colors->low;
    bar->max = colors->high;
}

/* ---- words ---- */

void svi_table_footer(struct svi_run *run, const char *made, uint64_t missing, uint64_t outside)
{
    char lacks[48] = "", beyond[48] = "";
    if (missing)
        svi_format(lacks, sizeof lacks, ", %" PRIu64 " without a number", missing);
    if (outside)
        svi_format(beyond, sizeof beyond, ", %" PRIu64 " outside", outside);
    svi_format(run->footer, sizeof run->footer, "%s, %zu × %zu · %s%s%s · %s %s", run->table->format, run->table->row_count,
               run->table->column_count, made, lacks, beyond, SVI_PROGRAM_NAME, svi_version);
}

static json_t *about_axis(const struct svi_figure_axis *axis)
{
    json_t *about = svi_summary_axis(axis->label, axis->unit ? axis->unit : "", axis->at_start, axis->at_end, NULL);
    if (axis->scale == SVI_EDGE_LOG)
        json_object_set_new(about, "scale", json_string("log"));
    return about;
}

void svi_table_summarize(struct svi_run *run, const struct svi_figure *figure, struct svi_rect plot,
                         const struct svi_table_colors *colors)
{
    const struct svi_figure_bar *bar = &figure->bar;
    json_t *color = json_null();
    if (colors)
        color = json_pack("{s:s, s:s, s:f, s:f, s:s, s:s}", "quantity", bar->label, "colormap", colors->map.name, "min", bar->min,
                          "max", bar->max, "unit", bar->unit ? bar->unit : "", "scale",
                          has_scale(colors) ? svi_color_scale_name(colors->scale.kind) : "linear");
    run->image = svi_summary_image(run, plot, about_axis(&figure->x), about_axis(&figure->y), color);
}

void svi_table_summarize_rows(struct svi_run *run, uint64_t shown, uint64_t missing, uint64_t outside)
{
    json_object_set_new(run->image, "rows_shown", json_integer((json_int_t)shown));
    json_object_set_new(run->image, "rows_missing", json_integer((json_int_t)missing));
    json_object_set_new(run->image, "rows_outside", json_integer((json_int_t)outside));
}
